/* base/num_f64.c - doubles from and to text, exactly and without the locale.
 * Both ways have a short path of a few exact operations, which covers what
 * people and programs usually write, and a long one through libc. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "base/num.h"

enum {
    EXACT_POW_MAX = 22, /* 10^22 is the last power that is a double */
    WORD_DIGITS = 19,   /* decimal digits that fit into 64 bits */
    LONG_DIGITS = 770,  /* more cannot change the nearest double */
    LONG_TEXT = LONG_DIGITS + 32,
    EXPONENT_MAX = 1000000000, /* of a text; beyond: the same result */
    SHORT_DECIMAL = 15         /* digits any double keeps */
};

#define EXACT_WORD_MAX ((uint64_t)1 << 53)

static const double pow10_exact[EXACT_POW_MAX + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
};

/* A number as written: the first 19 digits that count, and the power of ten
 * they are multiplied with. `p` to `end` are all digits and the point. */
struct decimal {
    const char *p, *end;
    uint64_t word;
    size_t count; /* of digits from the first that is not 0 */
    int64_t exponent;
    bool minus, any;
};

static inline unsigned digit_of(char c)
{
    return (unsigned char)c - (unsigned)'0';
}

/* Digits from p on; `scale` is what each adds to the exponent: 0 in front of
 * the point, -1 after it. A digit that the word has no room for adds one. */
static const char *read_digits(struct decimal *dec, const char *p,
                               const char *end, int scale)
{
    for (; p < end && digit_of(*p) <= 9; p++) {
        dec->any = true;
        if (RIV__RARELY(dec->count >= WORD_DIGITS)) {
            dec->count++;
            dec->exponent += 1 + scale;
            continue;
        }
        dec->word = dec->word * 10 + digit_of(*p);
        dec->count += dec->word > 0;
        dec->exponent += scale;
    }
    return p;
}

/* [+-]digits up to the end, saturating. */
static bool read_exponent(const char *p, const char *end, int64_t *ret)
{
    bool minus = p < end && *p == '-';
    int64_t v = 0;
    p += minus || (p < end && *p == '+');
    if (p == end)
        return false;
    for (; p < end; p++) {
        if (digit_of(*p) > 9)
            return false;
        v = RIV__MIN(v * 10 + digit_of(*p), EXPONENT_MAX);
    }
    *ret = minus ? -v : v;
    return true;
}

static bool read_decimal(riv_str s, struct decimal *dec)
{
    const char *p = s.p, *end = s.p + s.n;
    int64_t exponent = 0;
    dec->minus = *p == '-';
    p += *p == '-' || *p == '+';
    dec->p = p;
    p = read_digits(dec, p, end, 0);
    if (p < end && *p == '.')
        p = read_digits(dec, p + 1, end, -1);
    dec->end = p;
    if (!dec->any)
        return false;
    if (p == end)
        return true;
    if ((*p != 'e' && *p != 'E') || !read_exponent(p + 1, end, &exponent))
        return false;
    dec->exponent += exponent;
    return true;
}

/* Word and power are doubles without error, so one multiplication or division
 * rounds once: "How to Read Floating Point Numbers Accurately", PLDI 1990. */
static inline bool read_exact(const struct decimal *dec, double *ret)
{
    if (dec->count > WORD_DIGITS || dec->word > EXACT_WORD_MAX)
        return false;
    if (dec->exponent < -EXACT_POW_MAX || dec->exponent > EXACT_POW_MAX)
        return false;
    double v = (double)dec->word;
    *ret = dec->exponent < 0 ? v / pow10_exact[-dec->exponent]
                             : v * pow10_exact[dec->exponent];
    return true;
}

/* The "C" locale, made once for the process and never freed; glibc hands out
 * a static object for it, so this cannot fail for want of memory. */
static locale_t c_locale(void)
{
    static _Atomic(locale_t) made;
    locale_t locale = atomic_load_explicit(&made, memory_order_acquire);
    if (locale)
        return locale;
    locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    atomic_store_explicit(&made, locale, memory_order_release);
    return locale;
}

/* The digits that count, at most LONG_DIGITS of them, and a 1 for the rest
 * when it is not zero. Returns their number; *ret_cut: those left out. */
static size_t copy_digits(const struct decimal *dec, char *dst, size_t *ret_cut)
{
    size_t n = 0, cut = 0;
    bool rest = false;
    for (const char *p = dec->p; p < dec->end; p++) {
        if (*p == '.' || (*p == '0' && n == 0))
            continue;
        if (n < LONG_DIGITS) {
            dst[n++] = *p;
            continue;
        }
        cut++;
        rest |= *p != '0';
    }
    if (rest) {
        dst[n++] = '1';
        cut--;
    }
    *ret_cut = cut;
    return n;
}

/* Through strtod on a text of limited length: digits, "e", exponent. */
static bool read_long(const struct decimal *dec, double *ret)
{
    char text[LONG_TEXT];
    size_t cut = 0, kept = 0;
    size_t n = copy_digits(dec, text, &cut);
    if (n == 0) { /* zero, with an exponent that does not matter */
        *ret = 0;
        return true;
    }
    /* dec->exponent belongs to the first 19 digits, the text has n */
    kept = RIV__MIN(dec->count, WORD_DIGITS);
    int64_t exponent = dec->exponent + (int64_t)kept - (int64_t)n;
    exponent = RIV__MIN(RIV__MAX(exponent, -EXPONENT_MAX), EXPONENT_MAX);
    RIV__ASSERT(cut == 0 || dec->count == n + cut);
    text[n++] = 'e';
    text[n + riv__num_put_i64(text + n, exponent)] = '\0';
    *ret = strtod_l(text, NULL, c_locale());
    return !isinf(*ret);
}

static bool is_name(const char *p, size_t n, const char *name)
{
    if (n != strlen(name))
        return false;
    for (size_t i = 0; i < n; i++)
        if ((p[i] | 0x20) != name[i])
            return false;
    return true;
}

static bool read_name(riv_str s, double *ret)
{
    bool minus = s.p[0] == '-';
    size_t sign = minus || s.p[0] == '+', n = s.n - sign;
    double v = 0;
    if (is_name(s.p + sign, n, "inf") || is_name(s.p + sign, n, "infinity"))
        v = (double)INFINITY;
    else if (is_name(s.p + sign, n, "nan"))
        v = (double)NAN;
    else
        return false;
    *ret = minus ? -v : v;
    return true;
}

bool riv__num_f64(riv_str s, double *ret)
{
    struct decimal dec = { 0 };
    double v = 0;
    if (s.n == 0)
        return false;
    if (!read_decimal(s, &dec))
        return !dec.any && read_name(s, ret);
    if (!read_exact(&dec, &v) && !read_long(&dec, &v))
        return false;
    *ret = dec.minus ? -v : v;
    return true;
}

bool riv__num_is_too_large(riv_str s)
{
    struct decimal dec = { 0 };
    double v;
    return s.n > 0 && read_decimal(s, &dec) && !riv__num_f64(s, &v);
}

/* Digits of a positive number and the power of ten of the first one. */
struct digits {
    char text[RIV__NUM_TEXT];
    int n, exponent;
};

/* d.ddde+xx */
static size_t put_exponent(char *dst, const struct digits *d)
{
    size_t n = 0;
    dst[n++] = d->text[0];
    if (d->n > 1) {
        dst[n++] = '.';
        memcpy(dst + n, d->text + 1, (size_t)d->n - 1);
        n += (size_t)d->n - 1;
    }
    dst[n++] = 'e';
    dst[n++] = d->exponent < 0 ? '-' : '+';
    int e = d->exponent < 0 ? -d->exponent : d->exponent;
    if (e < 10)
        dst[n++] = '0';
    return n + riv__num_put_u64(dst + n, (uint64_t)e);
}

/* Exponents from -4 to 15: at most 22 bytes. */
static size_t put_plain(char *dst, const struct digits *d)
{
    size_t n = 0, front = d->exponent < 0 ? 0 : (size_t)d->exponent + 1;
    size_t count = (size_t)d->n;
    for (size_t i = 0; i < front; i++)
        dst[n++] = i < count ? d->text[i] : '0';
    if (front == 0)
        dst[n++] = '0';
    if (count > front) {
        dst[n++] = '.';
        for (int e = d->exponent + 1; e < 0; e++)
            dst[n++] = '0';
        memcpy(dst + n, d->text + front, count - front);
        n += count - front;
    }
    dst[n] = '\0';
    return n;
}

static size_t put_digits(char *dst, const struct digits *d)
{
    if (d->exponent < -4 || d->exponent > 15)
        return put_exponent(dst, d);
    return put_plain(dst, d);
}

static void trim_zeros(struct digits *d)
{
    while (d->n > 1 && d->text[d->n - 1] == '0')
        d->n--;
}

/* v is word / 10^k with a word of at most 15 digits: the smallest such k gives
 * the shortest text. The division is the one that reading does, so equality
 * proves that it reads back. For numbers from 0.0001 to 10^15. */
static bool find_short(double v, struct digits *d)
{
    for (int k = 0; k <= SHORT_DECIMAL + 4; k++) {
        double scaled = v * pow10_exact[k];
        if (scaled >= 1e15)
            return false;
        uint64_t word = (uint64_t)(scaled + 0.5);
        if ((double)word / pow10_exact[k] != v)
            continue;
        d->n = (int)riv__num_put_u64(d->text, word);
        d->exponent = d->n - 1 - k;
        trim_zeros(d);
        return true;
    }
    return false;
}

static bool reads_back(const struct digits *d, double v)
{
    char text[RIV__NUM_TEXT];
    double again = 0;
    riv_str s = { text, put_exponent(text, d) };
    return riv__num_f64(s, &again) && again == v;
}

/* v rounded to n digits. Only digits are taken from what printf writes: the
 * point between them depends on the locale. */
static void round_digits(double v, int n, struct digits *d)
{
    char text[RIV__NUM_TEXT + 16];
    snprintf(text, sizeof text, "%.*e", n - 1, v);
    const char *p = text;
    for (d->n = 0; d->n < n; p++)
        if (digit_of(*p) <= 9)
            d->text[d->n++] = *p;
    d->exponent = (int)strtol(strchr(p, 'e') + 1, NULL, 10);
}

/* One more in the last place; the carry leaves zeros, for trimming. */
static void add_one(struct digits *d)
{
    int i = d->n - 1;
    while (i >= 0 && d->text[i] == '9')
        d->text[i--] = '0';
    if (i >= 0) {
        d->text[i]++;
        return;
    }
    d->text[0] = '1';
    d->exponent++;
}

/* Powers of two have a neighbour below at half the distance: there the nearest
 * decimal may miss where the next one above hits. */
static bool is_power_of_two(double v)
{
    int exponent = 0;
    return frexp(v, &exponent) == 0.5;
}

static bool find_long(double v, int n, struct digits *d)
{
    round_digits(v, n, d);
    if (reads_back(d, v))
        return true;
    if (!is_power_of_two(v))
        return false;
    add_one(d);
    return reads_back(d, v);
}

static bool in_short_range(double v)
{
    return v >= 1e-4 && v < 1e15;
}

/* Tries more and more digits; 17 always do. Numbers below DBL_MIN have fewer
 * than 15 digits that count. */
static void find_shortest(double v, struct digits *d)
{
    bool short_range = in_short_range(v);
    if (short_range && find_short(v, d))
        return;
    int n = v < DBL_MIN ? 1 : short_range ? SHORT_DECIMAL + 1 : SHORT_DECIMAL;
    while (n < DBL_DECIMAL_DIG && !find_long(v, n, d))
        n++;
    if (n == DBL_DECIMAL_DIG)
        round_digits(v, n, d);
    trim_zeros(d);
}

static size_t put_text(char *dst, const char *text)
{
    size_t n = strlen(text);
    memcpy(dst, text, n + 1);
    return n;
}

size_t riv__num_put_f64(char *dst, double v)
{
    struct digits d;
    size_t sign = signbit(v) && !isnan(v);
    if (isnan(v))
        return put_text(dst, "nan");
    if (sign)
        *dst++ = '-';
    v = fabs(v);
    if (isinf(v))
        return sign + put_text(dst, "inf");
    if (v < 1e15 && v == (double)(uint64_t)v)
        return sign + riv__num_put_u64(dst, (uint64_t)v);
    find_shortest(v, &d);
    return sign + put_digits(dst, &d);
}
