/* data/kernels_x86.h - what one level of x86-64 lends to another. For
 * kernels_avx2.c and kernels_avx512.c. */
#ifndef RIV_DATA_KERNELS_X86_H
#define RIV_DATA_KERNELS_X86_H

#include <immintrin.h>
#include <string.h>

#include "data/kernels.h"

bool riv__numbers_avx2(const struct riv_texts *texts, char *to, size_t size);

/* The first of the places in the mask of the bytes at p where the text is, up to
 * `last`; NULL: none. */
static inline const char *riv__kernels_hit(riv_str text, uint64_t mask,
                                           const char *p, const char *last)
{
    for (; mask; mask &= mask - 1) {
        const char *hit = p + __builtin_ctzll(mask);
        if (hit > last)
            return NULL;
        if (memcmp(hit, text.p, text.n) == 0)
            return hit;
    }
    return NULL;
}

#define SSE4 static inline __attribute__((always_inline, target("sse4.1")))

/* The lowest bit of the mask is bit n. Not asked as "count the zeros, compare with
 * n": the compiler would go on with the count, which has to be waited for. */
static inline bool riv__json_first_is(uint64_t mask, uint32_t n)
{
    const uint64_t bit = UINT64_C(1) << n;
    return (mask & (bit | (bit - 1))) == bit;
}

/* The bytes among 16 that are no digits; one at least. */
SSE4 uint64_t riv__json_no_digits(const char *p)
{
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i v = _mm_sub_epi8(x, _mm_set1_epi8('0'));
    const __m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(9)), v);
    return ~(uint64_t)_mm_movemask_epi8(digit);
}

/* n digits are a number for certain, and all of it. */
SSE4 bool riv__json_is_whole(const char *p, uint32_t n)
{
    return n - 1 < 15 && p[n] != '.' && (*p != '0' || n == 1);
}

/* riv__json_number_end: up to 15 digits without a jump for each. */
SSE4 const char *riv__json_digits_end(const char *p, const char *end)
{
    const uint32_t n = (uint32_t)__builtin_ctzll(riv__json_no_digits(p));
    return RIV__RARELY(!riv__json_is_whole(p, n)) ? riv__json_number_end(p, end)
                                                  : p + n;
}

SSE4 bool riv__json_digits_are(const char *p, uint32_t n)
{
    return riv__json_first_is(riv__json_no_digits(p), n) &&
           riv__json_is_whole(p, n);
}

#undef SSE4

#endif
