/* base/num.c - whole numbers, sizes, durations and truth values from and to
 * text. Whole numbers are hot: readers and sinks of text spend their time
 * here. Doubles are in num_f64.c. */
#include "base/num.h"

#include <endian.h>
#include <string.h>

#include "base/macro.h"

/* Eight ASCII digits at p, or false. In one 64-bit word: pairs, then fours,
 * then all eight are joined by multiplications. */
static inline bool eight_digits(const char *p, uint64_t *ret)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    v = le64toh(v); /* the first digit is the lowest byte */
    uint64_t above = v + 0x4646464646464646U; /* sets a high bit above '9' */
    v -= 0x3030303030303030U;                 /* and this one below '0' */
    if ((v | above) & 0x8080808080808080U)
        return false;
    v = (v * 10 + (v >> 8)) & 0x00ff00ff00ff00ffU;
    v = (v * 100 + (v >> 16)) & 0x0000ffff0000ffffU;
    *ret = (v * 10000 + (v >> 32)) & 0xffffffffU;
    return true;
}

/* Digits only, at least one. Up to 19 of them cannot overflow. */
static bool read_digits(const char *p, size_t n, uint64_t *ret)
{
    uint64_t v = 0, eight = 0;
    size_t i = 0;
    if (n == 0)
        return false;
    for (; n - i >= 8 && i < 16 && eight_digits(p + i, &eight); i += 8)
        v = v * 100000000 + eight;
    for (; i < n; i++) {
        unsigned digit = (unsigned char)p[i] - (unsigned)'0';
        if (digit > 9)
            return false;
        if (RIV__RARELY(i >= 19) && (__builtin_mul_overflow(v, 10, &v) ||
                                     __builtin_add_overflow(v, digit, &v)))
            return false;
        if (RIV__LIKELY(i < 19))
            v = v * 10 + digit;
    }
    *ret = v;
    return true;
}

bool riv__num_u64(riv_str s, uint64_t *ret)
{
    size_t sign = s.n > 0 && s.p[0] == '+';
    return read_digits(s.p + sign, s.n - sign, ret);
}

bool riv__num_i64(riv_str s, int64_t *ret)
{
    bool minus = s.n > 0 && s.p[0] == '-';
    size_t sign = minus || (s.n > 0 && s.p[0] == '+');
    uint64_t v = 0;
    if (!read_digits(s.p + sign, s.n - sign, &v))
        return false;
    if (v > (uint64_t)INT64_MAX + minus)
        return false;
    *ret = (int64_t)(minus ? 0 - v : v);
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* word: in lower case */
static bool is_word(riv_str s, const char *word)
{
    if (s.n != strlen(word))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (lower(s.p[i]) != word[i])
            return false;
    return true;
}

bool riv__num_bool(riv_str s, bool *ret)
{
    static const struct {
        const char *no, *yes;
    } words[] = {
        { "false", "true" }, { "no", "yes" }, { "off", "on" }, { "0", "1" }
    };
    for (size_t i = 0; i < RIV__LEN(words); i++) {
        bool yes = is_word(s, words[i].yes);
        if (yes || is_word(s, words[i].no)) {
            *ret = yes;
            return true;
        }
    }
    return false;
}

/* A number with at most six decimals and the unit after it, as it was written:
 * whole + millionths / 10^6. */
struct quantity {
    uint64_t whole, millionths;
    riv_str unit;
};

static size_t digits_at(riv_str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
        n++;
    return n;
}

static bool read_quantity(riv_str s, struct quantity *ret)
{
    size_t n = digits_at(s, 0), decimals = 0, at = n;
    uint64_t part = 0;
    if (!read_digits(s.p, n, &ret->whole))
        return false;
    if (at < s.n && s.p[at] == '.') {
        decimals = digits_at(s, ++at);
        if (decimals > 6 || !read_digits(s.p + at, decimals, &part))
            return false;
        at += decimals;
    }
    for (; decimals < 6; decimals++)
        part *= 10;
    ret->millionths = part;
    ret->unit = (riv_str){ s.p + at, s.n - at };
    return true;
}

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit *find_unit(const struct unit *units, size_t n,
                                    riv_str name)
{
    for (size_t i = 0; i < n; i++)
        if (is_word(name, units[i].name))
            return &units[i];
    return NULL;
}

/* The quantity in the smallest unit, rounded down; *ret_rest: what was
 * dropped, in millionths. */
static bool scale(const struct quantity *q, const struct unit *unit,
                  int64_t *ret, uint64_t *ret_rest)
{
    uint64_t part = q->millionths * unit->factor; /* below 10^6 * 2^40 */
    uint64_t sum = 0;
    if (__builtin_mul_overflow(q->whole, unit->factor, &sum) ||
        __builtin_add_overflow(sum, part / 1000000, &sum) || sum > INT64_MAX)
        return false;
    *ret = (int64_t)sum;
    *ret_rest = part % 1000000;
    return true;
}

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define TIB ((uint64_t)1 << 40)

bool riv__num_size(riv_str s, int64_t *ret)
{
    static const struct unit units[] = {
        { "", 1 },      { "b", 1 },     { "k", KIB },   { "kb", KIB },
        { "kib", KIB }, { "m", MIB },   { "mb", MIB },  { "mib", MIB },
        { "g", GIB },   { "gb", GIB },  { "gib", GIB }, { "t", TIB },
        { "tb", TIB },  { "tib", TIB },
    };
    struct quantity q = { 0 };
    uint64_t rest = 0;
    if (!read_quantity(s, &q))
        return false;
    const struct unit *unit = find_unit(units, RIV__LEN(units), q.unit);
    return unit && scale(&q, unit, ret, &rest);
}

bool riv__num_duration_ms(riv_str s, int64_t *ret)
{
    static const struct unit units[] = {
        { "", 1 },        { "ms", 1 },      { "s", 1000 },     { "m", 60000 },
        { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 },
    };
    struct quantity q = { 0 };
    int64_t ms = 0;
    uint64_t rest = 0;
    if (!read_quantity(s, &q))
        return false;
    const struct unit *unit = find_unit(units, RIV__LEN(units), q.unit);
    if (!unit || !scale(&q, unit, &ms, &rest) || rest > 0)
        return false;
    *ret = ms;
    return true;
}

/* Of a number below 10^8. */
static size_t count_digits(uint32_t v)
{
    static const uint32_t tens[] = { 0,      10,      100,      1000,     10000,
                                     100000, 1000000, 10000000, 100000000 };
    /* 1233 / 4096 is the logarithm of 2 to the base of ten, near enough */
    const size_t bits = 32 - (size_t)__builtin_clz(v | 1);
    const size_t n = bits * 1233 >> 12;
    return n + (v >= tens[n]);
}

/* Eight digits of a number below 10^8, the first in the lowest byte: halves, then
 * pairs, then digits are parted in one word, by multiplications whose errors are
 * too small to be seen. */
static uint64_t text_of_eight(uint32_t v)
{
    const uint64_t halves = v / 10000 | (uint64_t)(v % 10000) << 32;
    const uint64_t hundreds =
        (halves * 10486 >> 20) & UINT64_C(0x0000007f0000007f);
    const uint64_t pairs = hundreds | (halves - 100 * hundreds) << 16;
    const uint64_t tens = (pairs * 103 >> 10) & UINT64_C(0x000f000f000f000f);
    return (tens | (pairs - 10 * tens) << 8) | UINT64_C(0x3030303030303030);
}

/* The last n of the eight digits of v, 1 to 8; eight bytes are written. */
static void put_digits(char *dst, uint32_t v, size_t n)
{
    const uint64_t text = htole64(text_of_eight(v) >> (8 * (8 - n)));
    memcpy(dst, &text, sizeof text);
}

/* What stands in front of the last eight digits is written first; at most twice. */
size_t riv__num_put_u64(char *dst, uint64_t v)
{
    enum { EIGHT = 100000000 };
    size_t n = 8;
    if (v < EIGHT) {
        n = count_digits((uint32_t)v);
        put_digits(dst, (uint32_t)v, n);
    } else {
        const size_t first = riv__num_put_u64(dst, v / EIGHT);
        put_digits(dst + first, (uint32_t)(v % EIGHT), 8);
        n += first;
    }
    dst[n] = '\0';
    return n;
}

size_t riv__num_put_i64(char *dst, int64_t v)
{
    if (v >= 0)
        return riv__num_put_u64(dst, (uint64_t)v);
    dst[0] = '-';
    return 1 + riv__num_put_u64(dst + 1, 0 - (uint64_t)v);
}

/* v / factor with three digits, without zeros at the end, then the unit. */
static size_t put_scaled(char *dst, uint64_t v, uint64_t factor,
                         const char *name)
{
    uint64_t whole = v / factor;
    unsigned decimals = whole < 10 ? 2 : whole < 100 ? 1 : 0;
    unsigned ten = decimals == 2 ? 100 : decimals == 1 ? 10 : 1;
    size_t n = riv__num_put_u64(dst, whole);
    uint64_t part = v % factor * ten / factor;
    if (decimals > 0 && part > 0) {
        dst[n++] = '.';
        for (ten /= 10; ten > 0 && part > 0; part %= ten, ten /= 10)
            dst[n++] = (char)('0' + part / ten);
    }
    dst[n++] = ' ';
    memcpy(dst + n, name, strlen(name) + 1);
    return n + strlen(name);
}

/* The largest unit that v reaches. */
static size_t put_unit(char *dst, uint64_t v, const struct unit *units,
                       size_t n)
{
    size_t i = 0;
    while (i + 1 < n && v >= units[i + 1].factor)
        i++;
    return put_scaled(dst, v, units[i].factor, units[i].name);
}

size_t riv__num_put_size(char *dst, uint64_t bytes)
{
    static const struct unit units[] = {
        { "B", 1 },     { "KiB", KIB }, { "MiB", MIB },
        { "GiB", GIB }, { "TiB", TIB },
    };
    return put_unit(dst, bytes, units, RIV__LEN(units));
}

size_t riv__num_put_duration(char *dst, int64_t us)
{
    static const struct unit units[] = {
        { "us", 1 },         { "ms", 1000 },       { "s", 1000000 },
        { "min", 60000000 }, { "h", 3600000000U }, { "d", 86400000000U },
    };
    size_t sign = us < 0;
    dst[0] = '-';
    return sign + put_unit(dst + sign, us < 0 ? 0 - (uint64_t)us : (uint64_t)us,
                           units, RIV__LEN(units));
}

char *riv__num_nearest(char *dst, int64_t v, int64_t step)
{
    static const char between[] = " or ";
    const int64_t below = v / step * step;
    size_t n = 0;
    if (below > 0)
        n = riv__num_put_i64(dst, below);
    if (below == v || below > INT64_MAX - step)
        return dst;
    if (below > 0) {
        memcpy(dst + n, between, sizeof between);
        n += sizeof between - 1;
    }
    riv__num_put_i64(dst + n, below + step);
    return dst;
}
