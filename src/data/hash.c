/* data/hash.c - hash, equality and order of rows, leaf by leaf. The loops of
 * tables have their own short cuts for plain keys (data/table.c); these are
 * the general forms and the definition that the short cuts are tested by. */
#include "data/hash.h"

#define XXH_INLINE_ALL
#include <string.h>
#include <xxhash.h>

uint64_t riv__hash_bytes(const void *p, size_t n)
{
    return n <= 16 ? riv__hash_short(p, n) : XXH3_64bits(p, n);
}

uint64_t riv__hash_f64_bits(double v)
{
    uint64_t bits;
    if (v != v)
        return UINT64_C(0x7ff8000000000000);
    v += 0.0; /* -0.0 + 0.0 is 0.0 in the default rounding */
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static uint64_t leaf_hash(const struct riv_leaf *leaf, const char *row)
{
    const char *at = row + leaf->offset;
    switch (leaf->kind) {
    case RIV_K_I64:
    case RIV_K_U64: return riv__hash_i64(RIV__LOAD(int64_t, at));
    case RIV_K_I32: return riv__hash_i64(RIV__LOAD(int32_t, at));
    case RIV_K_U32: return riv__hash_i64(RIV__LOAD(uint32_t, at));
    case RIV_K_F64:
        return riv__hash_words(riv__hash_f64_bits(RIV__LOAD(double, at)), 0, 8);
    case RIV_K_F32:
        return riv__hash_words(riv__hash_f64_bits((double)RIV__LOAD(float, at)),
                               0, 8);
    case RIV_K_BOOL: return riv__hash_i64(*at != 0);
    case RIV_K_STR: {
        riv_str s = RIV__LOAD(riv_str, at);
        return riv__hash_bytes(s.p, s.n);
    }
    default: return riv__hash_bytes(at, leaf->length);
    }
}

uint64_t riv__hash_row(const struct riv_layout *layout, const void *row)
{
    if (layout->nleaf == 1)
        return leaf_hash(layout->leaf, row);
    uint64_t h = 0;
    for (uint32_t i = 0; i < layout->nleaf; i++)
        h = riv__hash_mix(h, leaf_hash(&layout->leaf[i], row));
    return h;
}

#define ORDER(x, y) (((x) > (y)) - ((x) < (y)))

static int order_f64(double x, double y)
{
    if (x != x || y != y)
        return (x != x) - (y != y);
    return ORDER(x, y);
}

static int order_str(riv_str x, riv_str y)
{
    size_t n = RIV__MIN(x.n, y.n);
    int rc = n ? memcmp(x.p, y.p, n) : 0;
    return rc ? ORDER(rc, 0) : ORDER(x.n, y.n);
}

static int leaf_order(const struct riv_leaf *leaf, const char *a, const char *b)
{
    a += leaf->offset;
    b += leaf->offset;
    switch (leaf->kind) {
    case RIV_K_I64: return ORDER(RIV__LOAD(int64_t, a), RIV__LOAD(int64_t, b));
    case RIV_K_U64:
        return ORDER(RIV__LOAD(uint64_t, a), RIV__LOAD(uint64_t, b));
    case RIV_K_I32: return ORDER(RIV__LOAD(int32_t, a), RIV__LOAD(int32_t, b));
    case RIV_K_U32:
        return ORDER(RIV__LOAD(uint32_t, a), RIV__LOAD(uint32_t, b));
    case RIV_K_F64:
        return order_f64(RIV__LOAD(double, a), RIV__LOAD(double, b));
    case RIV_K_F32:
        return order_f64((double)RIV__LOAD(float, a),
                         (double)RIV__LOAD(float, b));
    case RIV_K_BOOL: return (*a != 0) - (*b != 0);
    case RIV_K_STR:
        return order_str(RIV__LOAD(riv_str, a), RIV__LOAD(riv_str, b));
    default: {
        int rc = memcmp(a, b, leaf->length);
        return ORDER(rc, 0);
    }
    }
}

int riv__row_compare(const struct riv_layout *layout, const void *a,
                     const void *b)
{
    for (uint32_t i = 0; i < layout->nleaf; i++) {
        int rc = leaf_order(&layout->leaf[i], a, b);
        if (rc)
            return rc;
    }
    return 0;
}

/* Strings of different length are told apart without a look at their bytes;
 * other leaves are as cheap to order as to compare. */
bool riv__row_equal(const struct riv_layout *layout, const void *a,
                    const void *b)
{
    for (uint32_t i = 0; i < layout->nstr; i++) {
        size_t at = layout->str_offset[i] + offsetof(riv_str, n);
        if (RIV__LOAD(size_t, (const char *)a + at) !=
            RIV__LOAD(size_t, (const char *)b + at))
            return false;
    }
    return riv__row_compare(layout, a, b) == 0;
}
