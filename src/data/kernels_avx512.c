/* data/kernels_avx512.c - loops over text on x86-64 with AVX-512: a compare of
 * 64 bytes gives the mask at once, and the positions of its bits are numbers
 * pressed together (VBMI2) instead of walked. */
#include <immintrin.h>
#include <string.h>

#include "base/macro.h"
#include "data/kernels.h"
#include "data/kernels_x86.h"

#define AVX512 \
    __attribute__(( \
        target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt")))
#define AVX512_INLINE AVX512 static inline __attribute__((always_inline))

enum { AHEAD_BYTES = 4096 };

static const _Alignas(64) unsigned char numbers[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
    48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

AVX512_INLINE __m512i load(const char *p)
{
    return _mm512_loadu_si512((const void *)p);
}

AVX512_INLINE uint64_t equal(__m512i b, char c)
{
    return _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8(c));
}

AVX512_INLINE uint64_t first_bits(uint64_t mask, uint32_t n)
{
    return n >= 64 ? mask : _bzhi_u64(mask, n);
}

/* Sixteen at once; what is written too much is overwritten. */
AVX512_INLINE uint32_t put_bits(uint64_t mask, uint32_t base, uint32_t *at)
{
    const uint32_t n = (uint32_t)_mm_popcnt_u64(mask);
    __m512i pressed =
        _mm512_maskz_compress_epi8(mask, _mm512_load_si512(numbers));
    for (uint32_t i = 0; i < n; i += 16) {
        __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(pressed));
        wide = _mm512_add_epi32(wide, _mm512_set1_epi32((int)base));
        _mm512_storeu_si512((void *)(at + i), wide);
        pressed = _mm512_shuffle_i64x2(pressed, pressed, 0x39);
    }
    return n;
}

AVX512 static uint32_t blanks(const char *p, uint32_t n, uint32_t *at,
                              uint64_t *lines)
{
    uint32_t count = 0;
    uint64_t newlines = 0;
    for (uint32_t i = 0; i < n; i += 64) {
        const __m512i b = load(p + i);
        const uint64_t blank = _mm512_cmple_epu8_mask(b, _mm512_set1_epi8(' '));
        __builtin_prefetch(p + i + AHEAD_BYTES);
        newlines += (uint64_t)_mm_popcnt_u64(first_bits(equal(b, '\n'), n - i));
        count += put_bits(first_bits(blank, n - i), i, at + count);
    }
    *lines += newlines;
    return count;
}

AVX512 static uint32_t marks(const char *p, uint32_t n, char a, char b,
                             uint32_t *at)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i += 64) {
        const __m512i x = load(p + i);
        const uint64_t mask = equal(x, a) | equal(x, b);
        __builtin_prefetch(p + i + AHEAD_BYTES);
        count += put_bits(first_bits(mask, n - i), i, at + count);
    }
    return count;
}

AVX512 static uint32_t csv(const char *p, uint32_t n, char sep, uint32_t *at,
                           bool *quotes)
{
    uint32_t count = 0;
    uint64_t quote = 0;
    for (uint32_t i = 0; i < n; i += 64) {
        const __m512i x = load(p + i);
        const uint64_t mask = equal(x, sep) | equal(x, '\n');
        __builtin_prefetch(p + i + AHEAD_BYTES);
        quote |= first_bits(equal(x, '"'), n - i);
        count += put_bits(first_bits(mask, n - i), i, at + count);
    }
    *quotes = quote != 0;
    return count;
}

/* -------------------------------------------------------------- literals */

struct literal {
    riv_str text;
    __m512i first, last;
};

AVX512_INLINE struct literal literal_of(riv_str text)
{
    return (struct literal){ text, _mm512_set1_epi8(text.p[0]),
                             _mm512_set1_epi8(text.p[text.n - 1]) };
}

/* Where in 64 bytes the first and the last byte of the literal fit: Mula, "SIMD
 * friendly algorithms for substring searching", 2016. */
AVX512_INLINE uint64_t fits(const struct literal *lit, __m512i at,
                            const char *p)
{
    return _mm512_mask_cmpeq_epi8_mask(_mm512_cmpeq_epi8_mask(at, lit->first),
                                       load(p + lit->text.n - 1), lit->last);
}

/* The first of the places in the mask where the literal is, up to `last`. */
AVX512_INLINE const char *hit_in(const struct literal *lit, uint64_t mask,
                                 const char *p, const char *last)
{
    for (; mask; mask = _blsr_u64(mask)) {
        const char *hit = p + _tzcnt_u64(mask);
        if (hit > last)
            return NULL;
        if (memcmp(hit, lit->text.p, lit->text.n) == 0)
            return hit;
    }
    return NULL;
}

/* Goes through blocks that begin up to `last`, where the literal may begin at
 * the latest; adds the newlines of those without a hit. *p stands at the block
 * of the hit, or behind the last one (NULL). */
AVX512_INLINE const char *scan(const struct literal *lit, const char **p,
                               const char *last, uint64_t *lines)
{
    const char *at = *p, *hit = NULL;
    uint64_t count = 0;
    for (; at <= last; at += 64) {
        const __m512i b = load(at);
        const uint64_t mask = fits(lit, b, at);
        if (RIV__RARELY(mask != 0))
            hit = hit_in(lit, mask, at, last);
        if (RIV__RARELY(hit != NULL))
            break;
        __builtin_prefetch(at + AHEAD_BYTES);
        count += (uint64_t)_mm_popcnt_u64(equal(b, '\n'));
    }
    *lines += count;
    *p = at;
    return hit;
}

AVX512 static const char *find(const char *p, const char *end, riv_str literal)
{
    uint64_t lines = 0;
    if (literal.n > (size_t)(end - p))
        return end;
    const struct literal lit = literal_of(literal);
    const char *hit = scan(&lit, &p, end - literal.n, &lines);
    return hit ? hit : end;
}

AVX512 static uint64_t newlines(const char *p, const char *end)
{
    uint64_t n = 0;
    for (; p < end; p += 64)
        n += (uint64_t)_mm_popcnt_u64(
            first_bits(equal(load(p), '\n'), (uint32_t)RIV__MIN(end - p, 64)));
    return n;
}

AVX512 static size_t contains(const char **p, const char *end, riv_str literal,
                              riv_str *row, size_t max, uint64_t *lines)
{
    const struct literal lit = literal_of(literal);
    const char *line = *p, *at = *p;
    size_t n = 0;
    while (n < max && literal.n <= (size_t)(end - line)) {
        const char *hit = scan(&lit, &at, end - literal.n, lines);
        if (!hit)
            break;
        const char *from = memrchr(line, '\n', (size_t)(hit - line));
        const char *nl = memchr(hit, '\n', (size_t)(end - hit));
        from = from ? from + 1 : line;
        row[n++] = (riv_str){ from, (size_t)(nl - from) };
        line = nl + 1;
        *lines += newlines(at, line);
        at = line;
    }
    if (n == max) {
        *p = line;
        return n;
    }
    if (at < end)
        *lines += newlines(at, end);
    else if (at > end) /* the last block was counted beyond the end */
        *lines -= newlines(end, at);
    *p = end;
    return n;
}

/* ---------------------------------------------------------------- fields */

/* By the masks of 64 bytes from the line's begin and from the field's; what
 * they do not reach is looked for byte by byte. */
AVX512_INLINE bool field_of(const char *line, const char *nl, char sep,
                            uint32_t n, riv_str *field)
{
    const char *p = line;
    if (n > 1) {
        const uint64_t before =
            _pdep_u64(UINT64_C(1) << ((n - 2) & 63), equal(load(p), sep));
        if (RIV__RARELY(before == 0 || n > 65))
            return riv__kernels_field(line, nl, sep, n, field);
        p += _tzcnt_u64(before) + 1;
    }
    if (RIV__RARELY(p > nl))
        return false;
    const uint64_t after = equal(load(p), sep);
    const char *stop = p + _tzcnt_u64(after);
    if (RIV__RARELY(after == 0 && nl - p > 64))
        return riv__kernels_field(line, nl, sep, n, field);
    stop = stop < nl ? stop : nl;
    *field = (riv_str){ p, (size_t)(stop - p) };
    return true;
}

AVX512 static size_t fields(const char **p, const char *end, char sep,
                            uint32_t n, riv_str *row, size_t max,
                            uint64_t *lines)
{
    const char *line = *p;
    size_t found = 0;
    for (const char *at = line; at < end && found + 64 <= max; at += 64) {
        uint64_t mask =
            first_bits(equal(load(at), '\n'), (uint32_t)RIV__MIN(end - at, 64));
        *lines += (uint64_t)_mm_popcnt_u64(mask);
        for (; mask; mask = _blsr_u64(mask)) {
            const char *nl = at + _tzcnt_u64(mask);
            found += field_of(line, nl, sep, n, &row[found]);
            line = nl + 1;
        }
    }
    *p = line;
    return found;
}

static const struct riv_kernels avx512 = {
    .cpu = RIV__CPU_AVX512,
    .blanks = blanks,
    .marks = marks,
    .csv = csv,
    .find = find,
    .json = riv__json_avx2,
    .contains = contains,
    .fields = fields,
};

const struct riv_kernels *const riv__kernels_avx512 = &avx512;
