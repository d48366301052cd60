/* data/number.c - numbers and bools of a row as text. Reading is in csv.c,
 * which does it in the same pass as finding the end of the field. */
#include "data/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "1.5e+00" whatever the locale's decimal point is. */
static riv_str exp_text(char *dst, size_t room, int digits, double v)
{
    char text[64];
    int n = snprintf(text, sizeof text, "%.*e", digits, v);
    size_t to = 0;
    const char *at = text;
    for (bool point = false; at < text + n && to + 2 < room; at++) {
        bool numeric = *at != '\0' && strchr("0123456789+-e", *at);
        if (numeric)
            dst[to++] = *at;
        else if (!point)
            dst[to++] = '.', point = true;
    }
    return (riv_str){ dst, to };
}

/* The fewest digits that read back as the same float. As a double, 0.1F would
 * be written with seventeen. */
static size_t put_f32(char *dst, float v)
{
    for (int digits = 5; digits <= 8 && isfinite(v); digits++) {
        char text[64];
        double near;
        riv_str s = exp_text(text, sizeof text, digits, (double)v);
        if (riv__num_f64(s, &near) && (float)near == v)
            return riv__num_put_f64(dst, near);
    }
    return riv__num_put_f64(dst, (double)v);
}

static size_t put_bool(char *dst, bool v)
{
    memcpy(dst, v ? "true" : "false", 6 - (size_t)v);
    return 5 - (size_t)v;
}

size_t riv__number_put(uint32_t kind, const void *at, char *dst)
{
    switch (kind) {
    case RIV_K_I64: return riv__num_put_i64(dst, RIV__LOAD(int64_t, at));
    case RIV_K_I32: return riv__num_put_i64(dst, RIV__LOAD(int32_t, at));
    case RIV_K_U64: return riv__num_put_u64(dst, RIV__LOAD(uint64_t, at));
    case RIV_K_U32: return riv__num_put_u64(dst, RIV__LOAD(uint32_t, at));
    case RIV_K_F64: return riv__num_put_f64(dst, RIV__LOAD(double, at));
    case RIV_K_F32: return put_f32(dst, RIV__LOAD(float, at));
    default:
        RIV__ASSERT(kind == RIV_K_BOOL);
        return put_bool(dst, *(const char *)at != 0);
    }
}

bool riv__number_finite(uint32_t kind, const void *at)
{
    if (kind == RIV_K_F64)
        return isfinite(RIV__LOAD(double, at)) != 0;
    return kind != RIV_K_F32 || isfinite(RIV__LOAD(float, at)) != 0;
}
