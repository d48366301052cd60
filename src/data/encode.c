/* data/encode.c - the one binary form of rows. Writers get exactly the room
 * that riv__encode_bytes asked for; the reader trusts nothing: each length is
 * compared with what is left before it is used. */
#include "data/encode.h"

#include <string.h>

#include "data/hash.h"

static size_t text_bytes(riv_str s)
{
    return RIV__MIN(s.n, (size_t)RIV__ENCODE_STR_MAX);
}

size_t riv__encode_bytes(const struct riv_layout *layout, const void *row)
{
    size_t n = layout->fixed_bytes;
    for (uint32_t i = 0; i < layout->nstr; i++)
        n += text_bytes(
            RIV__LOAD(riv_str, (const char *)row + layout->str_offset[i]));
    return n;
}

static char *put_str(char *dst, riv_str s)
{
    size_t n = text_bytes(s);
    riv__le_put32(dst, (uint32_t)n);
    if (n > 0)
        memcpy(dst + 4, s.p, n);
    return dst + 4 + n;
}

static char *put_word(char *dst, const char *at, uint32_t bytes)
{
    if (bytes == 8)
        riv__le_put64(dst, RIV__LOAD(uint64_t, at));
    else
        riv__le_put32(dst, RIV__LOAD(uint32_t, at));
    return dst + bytes;
}

static char *put_leaf(const struct riv_leaf *leaf, const char *row, char *dst)
{
    const char *at = row + leaf->offset;
    switch (leaf->kind) {
    case RIV_K_BOOL: *dst = *at != 0; return dst + 1;
    case RIV_K_STR: return put_str(dst, RIV__LOAD(riv_str, at));
    case RIV_K_CHARS: memcpy(dst, at, leaf->length); return dst + leaf->length;
    default: return put_word(dst, at, leaf->length);
    }
}

char *riv__encode_row(const struct riv_layout *layout, const void *row,
                      char *dst)
{
    for (uint32_t i = 0; i < layout->nleaf; i++)
        dst = put_leaf(&layout->leaf[i], row, dst);
    return dst;
}

/* Equal floats have two zeros and many NaNs; a key has one of each. */
static char *put_float_key(const struct riv_leaf *leaf, const char *row,
                           char *dst)
{
    const char *at = row + leaf->offset;
    if (leaf->kind == RIV_K_F64) {
        riv__le_put64(dst, riv__hash_f64_bits(RIV__LOAD(double, at)));
        return dst + 8;
    }
    float v = RIV__LOAD(float, at) + 0.0F; /* -0.0 becomes 0.0 */
    uint32_t bits = RIV__LOAD(uint32_t, &v);
    riv__le_put32(dst, v != v ? UINT32_C(0x7fc00000) : bits);
    return dst + 4;
}

char *riv__encode_key(const struct riv_layout *layout, const void *row,
                      char *dst)
{
    for (uint32_t i = 0; i < layout->nleaf; i++) {
        const struct riv_leaf *leaf = &layout->leaf[i];
        if (leaf->kind == RIV_K_F64 || leaf->kind == RIV_K_F32)
            dst = put_float_key(leaf, row, dst);
        else
            dst = put_leaf(leaf, row, dst);
    }
    return dst;
}

static int damaged(struct riv_err *err, const struct riv_leaf *leaf,
                   size_t offset, const char *why)
{
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "damaged row: field %s at byte %zu: %s", leaf->name,
                        offset, why);
}

static void get_word(const char *p, uint32_t bytes, char *at)
{
    if (bytes == 8) {
        uint64_t v = riv__le_get64(p);
        memcpy(at, &v, sizeof v);
    } else {
        uint32_t v = riv__le_get32(p);
        memcpy(at, &v, sizeof v);
    }
}

/* The reason why the leaf cannot be read from n bytes at p, or NULL and the
 * bytes that it took. */
static const char *get_leaf(const struct riv_leaf *leaf, const char *p,
                            size_t n, char *row, size_t *ret_used)
{
    char *at = row + leaf->offset;
    size_t need = leaf->kind == RIV_K_STR ? 4 : leaf->length;
    if (n < need)
        return "the bytes end inside it";
    if (leaf->kind == RIV_K_STR) {
        riv_str s = { p + 4, riv__le_get32(p) };
        if (s.n > n - 4)
            return "its string is longer than what is left";
        memcpy(at, &s, sizeof s);
        need += s.n;
    } else if (leaf->kind == RIV_K_BOOL) {
        if (*p != 0 && *p != 1)
            return "a bool is neither 0 nor 1";
        *at = *p;
    } else if (leaf->kind == RIV_K_CHARS) {
        memcpy(at, p, leaf->length);
    } else {
        get_word(p, leaf->length, at);
    }
    *ret_used = need;
    return NULL;
}

const char *riv__decode_row(const struct riv_layout *layout, const char *p,
                            const char *end, void *row, struct riv_err *err)
{
    const char *start = p;
    for (uint32_t i = 0; i < layout->nleaf; i++) {
        size_t used = 0;
        const char *why =
            get_leaf(&layout->leaf[i], p, (size_t)(end - p), row, &used);
        if (why) {
            (void)damaged(err, &layout->leaf[i], (size_t)(p - start), why);
            return NULL;
        }
        p += used;
    }
    return p;
}
