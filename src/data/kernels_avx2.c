/* data/kernels_avx2.c - loops over text on x86-64 with AVX2: 64 bytes become a
 * mask with a bit for each byte that counts, and counting trailing zeros walks
 * the bits. */
#include <immintrin.h>
#include <string.h>

#include "base/macro.h"
#include "data/kernels.h"
#include "data/kernels_x86.h"

#define LEVEL __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#define LEVEL_INLINE LEVEL static inline __attribute__((always_inline))

enum { AHEAD_BYTES = 4096 };

struct block {
    __m256i lo, hi;
};

LEVEL_INLINE struct block load(const char *p)
{
    return (struct block){
        _mm256_loadu_si256((const __m256i *)(const void *)p),
        _mm256_loadu_si256((const __m256i *)(const void *)(p + 32)),
    };
}

LEVEL_INLINE uint64_t mask_of(__m256i lo, __m256i hi)
{
    return (uint32_t)_mm256_movemask_epi8(lo) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(hi) << 32;
}

LEVEL_INLINE uint64_t equal(struct block b, char c)
{
    const __m256i v = _mm256_set1_epi8(c);
    return mask_of(_mm256_cmpeq_epi8(b.lo, v), _mm256_cmpeq_epi8(b.hi, v));
}

LEVEL_INLINE uint64_t up_to_space(struct block b)
{
    const __m256i space = _mm256_set1_epi8(' ');
    return mask_of(_mm256_cmpeq_epi8(_mm256_max_epu8(b.lo, space), space),
                   _mm256_cmpeq_epi8(_mm256_max_epu8(b.hi, space), space));
}

/* Eight at once, as text has about ten in 64 bytes; what is written too much is
 * overwritten. */
LEVEL_INLINE uint32_t put_bits(uint64_t mask, uint32_t base, uint32_t *at)
{
    const uint32_t n = (uint32_t)_mm_popcnt_u64(mask);
    for (uint32_t i = 0; i < n; i += 8)
        for (uint32_t k = 0; k < 8; k++) {
            at[i + k] = base + (uint32_t)_tzcnt_u64(mask);
            mask = _blsr_u64(mask);
        }
    return n;
}

/* -------------------------------------------------------------- literals */

struct literal {
    riv_str text;
    __m256i first, last;
};

LEVEL_INLINE struct literal literal_of(riv_str text)
{
    return (struct literal){ text, _mm256_set1_epi8(text.p[0]),
                             _mm256_set1_epi8(text.p[text.n - 1]) };
}

/* Where in 32 bytes the first and the last byte of the literal fit: Mula, "SIMD
 * friendly algorithms for substring searching", 2016. */
LEVEL_INLINE __m256i fits(const struct literal *lit, __m256i at, const char *p)
{
    const __m256i end = _mm256_loadu_si256(
        (const __m256i *)(const void *)(p + lit->text.n - 1));
    return _mm256_and_si256(_mm256_cmpeq_epi8(at, lit->first),
                            _mm256_cmpeq_epi8(end, lit->last));
}

LEVEL_INLINE uint64_t sum_of(__m256i bytes)
{
    const __m256i s = _mm256_sad_epu8(bytes, _mm256_setzero_si256());
    return (uint64_t)_mm256_extract_epi64(s, 0) +
           (uint64_t)_mm256_extract_epi64(s, 1) +
           (uint64_t)_mm256_extract_epi64(s, 2) +
           (uint64_t)_mm256_extract_epi64(s, 3);
}

/* Goes through blocks that begin up to `last`, where the literal may begin at
 * the latest; adds the newlines of those without a hit. *p stands at the block
 * of the hit, or behind the last one (NULL). */
LEVEL_INLINE const char *scan(const struct literal *lit, const char **p,
                              const char *last, uint64_t *lines)
{
    enum { BLOCKS = 64 }; /* so that bytes do not overflow */
    const __m256i nl = _mm256_set1_epi8('\n');
    const char *at = *p, *hit = NULL;
    while (at <= last && !hit) {
        __m256i count = _mm256_setzero_si256();
        for (int i = 0; i < BLOCKS && at <= last; i++, at += 64) {
            const struct block b = load(at);
            const __m256i lo = fits(lit, b.lo, at);
            const __m256i hi = fits(lit, b.hi, at + 32);
            const __m256i any = _mm256_or_si256(lo, hi);
            if (RIV__RARELY(!_mm256_testz_si256(any, any)))
                hit = riv__kernels_hit(lit->text, mask_of(lo, hi), at, last);
            if (RIV__RARELY(hit != NULL))
                break;
            __builtin_prefetch(at + AHEAD_BYTES);
            count = _mm256_sub_epi8(count, _mm256_cmpeq_epi8(b.lo, nl));
            count = _mm256_sub_epi8(count, _mm256_cmpeq_epi8(b.hi, nl));
        }
        *lines += sum_of(count);
    }
    *p = at;
    return hit;
}

/* -------------------------------------------------------------------- JSON */

LEVEL_INLINE bool json_same(const char *a, const char *b, size_t n)
{
    for (;; a += 32, b += 32, n -= 32) {
        const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)a);
        const __m256i y = _mm256_loadu_si256((const __m256i *)(const void *)b);
        const uint32_t differ =
            ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, y));
        if (n <= 32)
            return _bzhi_u64(differ, (uint32_t)n) == 0;
        if (differ)
            return false;
    }
}

enum { JSON_BYTES = 32 };

/* Those of JSON_BYTES at which a text may end. */
LEVEL_INLINE uint32_t json_odd(const char *p)
{
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i slash = _mm256_set1_epi8('\\');
    const __m256i space = _mm256_set1_epi8(' ');
    const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
    const __m256i odd = _mm256_or_si256(
        _mm256_or_si256(_mm256_cmpeq_epi8(x, quote),
                        _mm256_cmpeq_epi8(x, slash)),
        _mm256_cmpgt_epi8(space, x)); /* signed: above 127, too */
    return (uint32_t)_mm256_movemask_epi8(odd);
}

LEVEL_INLINE bool json_text_is(const char *p, uint32_t n)
{
    const uint64_t mask = json_odd(p) | (uint64_t)json_odd(p + 32) << 32;
    return riv__json_first_is(mask, n);
}

#include "data/kernels_text.h"

/* ----------------------------------------------------------------- numbers */

/* The 16 bytes from n on bring the first n of a vector to its end, behind zeros; n
 * up to 16, and whatever up to 31. */
static const unsigned char to_end[48] = {
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0x80, 0x80, 0x80, 0x80, 0x80, 0,    1,    2,    3,    4,    5,
    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,
};

LEVEL_INLINE __m128i load16(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

/* The value of 16 digits, each a byte from 0 to 9: joined to pairs, fours,
 * eights. */
LEVEL_INLINE uint64_t joined(__m128i digits)
{
    const __m128i tens = _mm_set1_epi16(0x010a);
    const __m128i hundreds = _mm_set1_epi32(0x00010064);
    const __m128i thousands = _mm_set1_epi32(0x00012710);
    const __m128i pairs = _mm_maddubs_epi16(digits, tens);
    const __m128i fours = _mm_madd_epi16(pairs, hundreds);
    const __m128i eights =
        _mm_madd_epi16(_mm_packus_epi32(fours, fours), thousands);
    const uint64_t both = (uint64_t)_mm_cvtsi128_si64(eights);
    return (uint32_t)both * UINT64_C(100000000) + (both >> 32);
}

LEVEL bool riv__numbers_avx2(const struct riv_texts *texts, char *to,
                             size_t size)
{
    const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);
    const uint32_t *mark = texts->mark;
    __m128i odd = _mm_setzero_si128();
    bool fits = true;
    for (uint32_t i = 0; i < texts->n; i++, to += size, mark += texts->step) {
        const uint32_t begin = mark[-1] + 1;
        const uint64_t minus = texts->p[begin] == '-';
        const char *p = texts->p + begin + minus;
        const uint64_t n = mark[0] - begin - minus;
        fits &= n - 1 < 16;
        const __m128i digits = _mm_shuffle_epi8(_mm_sub_epi8(load16(p), zero),
                                                load16(to_end + (n & 31)));
        odd = _mm_or_si128(odd, _mm_subs_epu8(digits, nine));
        const uint64_t v = (joined(digits) ^ (0 - minus)) + minus;
        memcpy(to, &v, sizeof v);
    }
    return fits && _mm_testz_si128(odd, odd);
}

static const struct riv_kernels avx2 = {
    .cpu = RIV__CPU_AVX2,
    .blanks = blanks,
    .marks = marks,
    .csv = csv,
    .numbers = riv__numbers_avx2,
    .find = find,
    .json = json,
    .contains = contains,
    .fields = fields,
};

const struct riv_kernels *const riv__kernels_avx2 = &avx2;
