/* data/key.c - classes of keys, and numbers as words. */
#include "data/key.h"

#include "data/hash.h"

const _Alignas(32) unsigned char riv__key_ones[2 * RIV__KEY_SHORT] = {
    255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255,
};

enum riv_key_class riv__key_class(const struct riv_layout *key)
{
    if (key->nleaf != 1)
        return RIV__KEY_ENCODED;
    switch (key->leaf->kind) {
    case RIV_K_STR: return RIV__KEY_STR;
    case RIV_K_I64:
    case RIV_K_U64: return RIV__KEY_I64;
    case RIV_K_I32: return RIV__KEY_I32;
    case RIV_K_U32: return RIV__KEY_U32;
    case RIV_K_BOOL: return RIV__KEY_BOOL;
    case RIV_K_F64: return RIV__KEY_F64;
    case RIV_K_F32: return RIV__KEY_F32;
    default: return RIV__KEY_CHARS;
    }
}

uint64_t riv__key_number(enum riv_key_class class, const char *at)
{
    switch (class) {
    case RIV__KEY_BOOL: return *at != 0;
    case RIV__KEY_I32: return (uint64_t)(int64_t)RIV__LOAD(int32_t, at);
    case RIV__KEY_U32: return RIV__LOAD(uint32_t, at);
    case RIV__KEY_F64: return riv__hash_f64_bits(RIV__LOAD(double, at));
    case RIV__KEY_F32: return riv__hash_f64_bits((double)RIV__LOAD(float, at));
    default: return riv__load8(at);
    }
}

void riv__key_number_put(enum riv_key_class class, uint64_t v, char *at)
{
    uint32_t word = (uint32_t)v;
    double d;
    float f;
    switch (class) {
    case RIV__KEY_BOOL: *at = v != 0; break;
    case RIV__KEY_I32:
    case RIV__KEY_U32: memcpy(at, &word, sizeof word); break;
    case RIV__KEY_F32:
        memcpy(&d, &v, sizeof d);
        f = (float)d;
        memcpy(at, &f, sizeof f);
        break;
    default: memcpy(at, &v, sizeof v);
    }
}
