/* limit/fields.h - the seventh field of a line and its hash, for paths.c and
 * window_paths.h. Per line one mask of 64 bytes for the sixth space and one for
 * the field's end; line ends by a mask over all bytes; where a mask does not
 * reach, the line is walked byte by byte. */
#ifndef LIMIT_FIELDS_H
#define LIMIT_FIELDS_H

#include "key.h"
#include "limit.h"

#if LIMIT_X86
#include <immintrin.h>
#endif

enum { FIELD = 7 };

struct field { /* of one line */
    const char *p;
    size_t n;
    uint32_t hash;
};

/* By at most 32 bytes, the first and the last 16; the rest is compared only. */
LIMIT_INLINE uint32_t path_hash(const char *p, size_t n)
{
    size_t m = n < 16 ? n : 16;
    const unsigned char *ones = limit_ones + LIMIT_SHORT - m;
    uint64_t mask[2] = { limit_load8(ones), limit_load8(ones + 8) };
    const char *q = p + n - m;
    uint64_t h =
        limit_mix(limit_load8(p) & mask[0], (limit_load8(p + 8) & mask[1]) + n);
    uint64_t k =
        limit_mix(limit_load8(q) & mask[0], limit_load8(q + 8) & mask[1]);
    return (uint32_t)(h * 31 + k);
}

/* Byte by byte: the field of the line at p, and where the next line begins. */
static inline const char *field_plain(const char *p, const char *stop,
                                      struct field *field)
{
    const char *end = memchr(p, '\n', (size_t)(stop - p));
    end = end ? end : stop;
    for (int i = 1; i < FIELD && p; i++) {
        p = memchr(p, ' ', (size_t)(end - p));
        p = p ? p + 1 : NULL;
    }
    *field = (struct field){ NULL, 0, 0 };
    if (p && p < end) {
        const char *e = memchr(p, ' ', (size_t)(end - p));
        *field = (struct field){ p, (size_t)((e ? e : end) - p), 0 };
        field->hash = path_hash(p, field->n);
    }
    return end + 1;
}

#if LIMIT_X86
LIMIT_AVX2 LIMIT_INLINE uint64_t equal(const char *p, char c)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    a = _mm256_cmpeq_epi8(a, _mm256_set1_epi8(c));
    b = _mm256_cmpeq_epi8(b, _mm256_set1_epi8(c));
    return (uint32_t)_mm256_movemask_epi8(a) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

/* Ends of lines in n bytes; most blocks of 64 have none or one. */
LIMIT_AVX2 static inline uint32_t mark_lines(const char *p, size_t n,
                                             uint32_t *end)
{
    uint32_t count = 0;
    for (uint32_t at = 0; at < n; at += 64) {
        uint64_t mask = equal(p + at, '\n');
        if (LIMIT_RARE(n - at < 64))
            mask &= (UINT64_C(1) << (n - at)) - 1;
        end[count] = at + (uint32_t)_tzcnt_u64(mask);
        count += mask != 0;
        for (mask = _blsr_u64(mask); LIMIT_RARE(mask); mask = _blsr_u64(mask))
            end[count++] = at + (uint32_t)_tzcnt_u64(mask);
    }
    return count;
}

LIMIT_AVX2 LIMIT_INLINE void field_avx2(const char *p, const char *end,
                                        struct field *field)
{
    uint64_t sixth = _pdep_u64(UINT64_C(1) << (FIELD - 2), equal(p, ' '));
    const char *b = p + _tzcnt_u64(sixth) + 1;
    uint64_t space = equal(b, ' ');
    const char *e = b + _tzcnt_u64(space);
    if (LIMIT_RARE(!sixth || !space || e > end || e == b)) {
        field_plain(p, end, field); /* few fields, or the masks end early */
        return;
    }
    *field =
        (struct field){ b, (size_t)(e - b), path_hash(b, (size_t)(e - b)) };
}

#endif

#endif
