/* data/frame_avx2.c - lines out of bytes on x86-64 with AVX2: 64 bytes become
 * a mask with a bit for each newline, and counting trailing zeros walks the
 * bits. Picked by the build for x86-64, used when the machine has AVX2. */
#include "data/frame.h"

#include <immintrin.h>

/* May read up to 63 bytes past the end of the input (frame.h grants 64). */
__attribute__((target("avx2,bmi"))) static inline uint64_t newlines(
    const char *at)
{
    const __m256i nl = _mm256_set1_epi8('\n');
    __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)at);
    __m256i y = _mm256_loadu_si256((const __m256i *)(const void *)(at + 32));
    uint32_t lo = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, nl));
    uint32_t hi = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(y, nl));
    return (uint64_t)hi << 32 | lo;
}

/* While 64 more rows and 64 more bytes are within all bounds, only the mask
 * decides; the tail looks at each row. */
__attribute__((target("avx2,bmi"))) static size_t lines(const char **p,
                                                        const char *end,
                                                        riv_str *rows,
                                                        size_t max)
{
    const char *line = *p, *at = *p;
    size_t n = 0, room = (size_t)(end - at);
    const char *stop = at + RIV__MIN(room, (size_t)RIV__CHUNK_BYTES);
    for (; stop - at >= 64 && n + 64 <= max; at += 64) {
        for (uint64_t mask = newlines(at); mask; mask &= mask - 1) {
            const char *nl = at + __builtin_ctzll(mask);
            rows[n++] = (riv_str){ line, (size_t)(nl - line) };
            line = nl + 1;
        }
    }
    for (; at < end && line < stop && n < max; at += 64) {
        uint64_t mask = newlines(at);
        if (end - at < 64)
            mask &= ((uint64_t)1 << (end - at)) - 1;
        for (; mask && line < stop && n < max; mask &= mask - 1) {
            const char *nl = at + __builtin_ctzll(mask);
            rows[n++] = (riv_str){ line, (size_t)(nl - line) };
            line = nl + 1;
        }
    }
    *p = line;
    return n;
}

size_t (*riv__frame_fast(void))(const char **p, const char *end, riv_str *rows,
                                size_t max)
{
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi"))
        return NULL;
    return lines;
}
