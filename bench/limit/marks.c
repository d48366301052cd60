/* limit/marks.c - see marks.h. */
#include "marks.h"

#include "limit.h"

#if LIMIT_X86
#include <immintrin.h>
#endif

enum { AHEAD_BYTES = 4096 };

static uint32_t marks_plain(const char *data, size_t n, char a, char b,
                            uint32_t *at)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        at[count] = i;
        count += data[i] == a || data[i] == b;
    }
    return count;
}

#if LIMIT_X86
LIMIT_AVX2 static inline uint32_t mask_of(const char *p, __m256i a, __m256i b)
{
    const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
    return (uint32_t)_mm256_movemask_epi8(
        _mm256_or_si256(_mm256_cmpeq_epi8(x, a), _mm256_cmpeq_epi8(x, b)));
}

/* Eight at once, as there are seven to ten in 64 bytes; what is written too much
 * is overwritten. */
LIMIT_AVX2 static uint32_t marks_avx2(const char *data, size_t n, char a,
                                      char b, uint32_t *at)
{
    const __m256i first = _mm256_set1_epi8(a), second = _mm256_set1_epi8(b);
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i += 64) {
        uint64_t mask = mask_of(data + i, first, second) |
                        (uint64_t)mask_of(data + i + 32, first, second) << 32;
        if (n - i < 64)
            mask &= (UINT64_C(1) << (n - i)) - 1;
        __builtin_prefetch(data + i + AHEAD_BYTES);
        const uint32_t found = (uint32_t)__builtin_popcountll(mask);
        for (uint32_t k = 0; k < found; k += 8)
            for (uint32_t j = 0; j < 8; j++) {
                at[count + k + j] = i + (uint32_t)_tzcnt_u64(mask);
                mask = _blsr_u64(mask);
            }
        count += found;
    }
    return count;
}
#endif

limit_marks_fn *limit_marks(bool plain)
{
#if LIMIT_X86
    if (!plain && limit_has_avx2())
        return marks_avx2;
#endif
    (void)plain;
    return marks_plain;
}
