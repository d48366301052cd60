/* data/kernels_avx512.c - loops over text on x86-64 with AVX-512: a compare of
 * 64 bytes gives the mask at once, and the positions of its bits are numbers
 * pressed together (VBMI2) instead of walked. */
#include <immintrin.h>
#include <string.h>

#include "base/macro.h"
#include "data/kernels.h"
#include "data/kernels_x86.h"

#define LEVEL \
    __attribute__(( \
        target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt")))
#define LEVEL_INLINE LEVEL static inline __attribute__((always_inline))

enum { AHEAD_BYTES = 4096 };

static const _Alignas(64) unsigned char numbers[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
    48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
};

struct block {
    __m512i all;
};

LEVEL_INLINE struct block load(const char *p)
{
    return (struct block){ _mm512_loadu_si512((const void *)p) };
}

LEVEL_INLINE uint64_t equal(struct block b, char c)
{
    return _mm512_cmpeq_epi8_mask(b.all, _mm512_set1_epi8(c));
}

LEVEL_INLINE uint64_t up_to_space(struct block b)
{
    return _mm512_cmple_epu8_mask(b.all, _mm512_set1_epi8(' '));
}

/* Sixteen at once; what is written too much is overwritten. */
LEVEL_INLINE uint32_t put_bits(uint64_t mask, uint32_t base, uint32_t *at)
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

/* -------------------------------------------------------------- literals */

struct literal {
    riv_str text;
    __m512i first, last;
};

LEVEL_INLINE struct literal literal_of(riv_str text)
{
    return (struct literal){ text, _mm512_set1_epi8(text.p[0]),
                             _mm512_set1_epi8(text.p[text.n - 1]) };
}

/* Where in 64 bytes the first and the last byte of the literal fit: Mula, "SIMD
 * friendly algorithms for substring searching", 2016. */
LEVEL_INLINE uint64_t fits(const struct literal *lit, struct block at,
                           const char *p)
{
    return _mm512_mask_cmpeq_epi8_mask(
        _mm512_cmpeq_epi8_mask(at.all, lit->first),
        load(p + lit->text.n - 1).all, lit->last);
}

/* Goes through blocks that begin up to `last`, where the literal may begin at
 * the latest; adds the newlines of those without a hit. *p stands at the block
 * of the hit, or behind the last one (NULL). */
LEVEL_INLINE const char *scan(const struct literal *lit, const char **p,
                              const char *last, uint64_t *lines)
{
    const char *at = *p, *hit = NULL;
    uint64_t count = 0;
    for (; at <= last; at += 64) {
        const struct block b = load(at);
        const uint64_t mask = fits(lit, b, at);
        if (RIV__RARELY(mask != 0))
            hit = riv__kernels_hit(lit->text, mask, at, last);
        if (RIV__RARELY(hit != NULL))
            break;
        __builtin_prefetch(at + AHEAD_BYTES);
        count += (uint64_t)_mm_popcnt_u64(equal(b, '\n'));
    }
    *lines += count;
    *p = at;
    return hit;
}

/* -------------------------------------------------------------------- JSON */

LEVEL_INLINE bool json_same(const char *a, const char *b, size_t n)
{
    for (; n > 64; a += 64, b += 64, n -= 64)
        if (_mm512_cmpneq_epi8_mask(load(a).all, load(b).all))
            return false;
    const uint64_t differ = _mm512_cmpneq_epi8_mask(load(a).all, load(b).all);
    return _bzhi_u64(differ, (uint32_t)n) == 0;
}

enum { JSON_BYTES = 64 };

/* Those of JSON_BYTES at which a text may end. */
LEVEL_INLINE uint64_t json_odd(const char *p)
{
    const struct block b = load(p);
    return equal(b, '"') | equal(b, '\\') |
           _mm512_cmplt_epi8_mask(b.all, _mm512_set1_epi8(' ')); /* signed:
                                                             above 127, too */
}

LEVEL_INLINE bool json_text_is(const char *p, uint32_t n)
{
    return riv__json_first_is(json_odd(p), n);
}

#include "data/kernels_text.h"

static const struct riv_kernels avx512 = {
    .cpu = RIV__CPU_AVX512,
    .blanks = blanks,
    .marks = marks,
    .csv = csv,
    .numbers = riv__numbers_avx2,
    .find = find,
    .json = json,
    .contains = contains,
    .fields = fields,
};

const struct riv_kernels *const riv__kernels_avx512 = &avx512;
