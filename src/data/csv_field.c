/* data/csv_field.c - one field as its bytes lie between two marks, by its kind: what
 * most fields are, and false for csv.h to see to the others. */
#include "data/csv_field.h"

#include <string.h>

#include "base/num.h"
#include "data/digits.h"

static inline bool whole_number(const char *p, size_t n, int64_t *ret)
{
    return RIV__LIKELY(n > 0 && riv__digits(p, n, ret)) ||
           riv__num_i64((riv_str){ p, n }, ret);
}

static bool put_int(const struct riv_leaf *leaf, const char *p, size_t n,
                    char *at)
{
    int64_t v = 0;
    if (!whole_number(p, n, &v)) /* of u64 the upper half is left to csv.h */
        return false;
    if ((leaf->kind == RIV_K_I32 && (v < INT32_MIN || v > INT32_MAX)) ||
        (leaf->kind == RIV_K_U32 && (v < 0 || v > UINT32_MAX)) ||
        (leaf->kind == RIV_K_U64 && (v < 0 || *p == '-')) ||
        (leaf->kind == RIV_K_U32 && *p == '-'))
        return false;
    if (leaf->length == sizeof v)
        memcpy(at, &v, sizeof v);
    else
        memcpy(at, &(int32_t){ (int32_t)v }, sizeof(int32_t));
    return true;
}

static bool put_chars(const struct riv_leaf *leaf, const char *p, size_t n,
                      char *at)
{
    size_t nuls = 0;
    if (n > leaf->length)
        return false;
    for (size_t i = 0; i < leaf->length; i++) {
        at[i] = i < n ? p[i] : '\0';
        nuls += !at[i];
    }
    return nuls == leaf->length - n; /* the field has none of its own */
}

static bool put_f64(const char *p, size_t n, char *at)
{
    double v;
    if (!riv__num_f64((riv_str){ p, n }, &v))
        return false;
    memcpy(at, &v, sizeof v);
    return true;
}

bool riv__csv_put(const struct riv_leaf *leaf, const char *p, size_t n,
                  char *row)
{
    char *at = row + leaf->offset;
    int64_t v;
    switch (leaf->kind) {
    case RIV_K_STR: {
        const riv_str s = { p, n };
        memcpy(at, &s, sizeof s);
        return true;
    }
    case RIV_K_I64:
        if (!whole_number(p, n, &v))
            return false;
        memcpy(at, &v, sizeof v);
        return true;
    case RIV_K_I32:
    case RIV_K_U32:
    case RIV_K_U64: return put_int(leaf, p, n, at);
    case RIV_K_CHARS: return put_chars(leaf, p, n, at);
    case RIV_K_F64: return put_f64(p, n, at);
    default: return false;
    }
}
