/* data/kernels_avx2.c - loops over text on x86-64 with AVX2: 64 bytes become a
 * mask with a bit for each byte that counts, and counting trailing zeros walks
 * the bits. */
#include <immintrin.h>
#include <string.h>

#include "base/macro.h"
#include "data/kernels.h"
#include "data/kernels_x86.h"

#define AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#define AVX2_INLINE AVX2 static inline __attribute__((always_inline))

enum { AHEAD_BYTES = 4096 };

struct block {
    __m256i lo, hi;
};

AVX2_INLINE struct block load(const char *p)
{
    return (struct block){
        _mm256_loadu_si256((const __m256i *)(const void *)p),
        _mm256_loadu_si256((const __m256i *)(const void *)(p + 32)),
    };
}

AVX2_INLINE uint64_t mask_of(__m256i lo, __m256i hi)
{
    return (uint32_t)_mm256_movemask_epi8(lo) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(hi) << 32;
}

AVX2_INLINE uint64_t equal(struct block b, char c)
{
    const __m256i v = _mm256_set1_epi8(c);
    return mask_of(_mm256_cmpeq_epi8(b.lo, v), _mm256_cmpeq_epi8(b.hi, v));
}

AVX2_INLINE uint64_t up_to_space(struct block b)
{
    const __m256i space = _mm256_set1_epi8(' ');
    return mask_of(_mm256_cmpeq_epi8(_mm256_max_epu8(b.lo, space), space),
                   _mm256_cmpeq_epi8(_mm256_max_epu8(b.hi, space), space));
}

/* Of the last block only the first n bits count. */
AVX2_INLINE uint64_t first_bits(uint64_t mask, uint32_t n)
{
    return n >= 64 ? mask : _bzhi_u64(mask, n);
}

/* Eight at once, as text has about ten in 64 bytes; what is written too much is
 * overwritten. */
AVX2_INLINE uint32_t put_bits(uint64_t mask, uint32_t base, uint32_t *at)
{
    const uint32_t n = (uint32_t)_mm_popcnt_u64(mask);
    for (uint32_t i = 0; i < n; i += 8)
        for (uint32_t k = 0; k < 8; k++) {
            at[i + k] = base + (uint32_t)_tzcnt_u64(mask);
            mask = _blsr_u64(mask);
        }
    return n;
}

AVX2 static uint32_t blanks(const char *p, uint32_t n, uint32_t *at,
                            uint64_t *lines)
{
    uint32_t count = 0;
    uint64_t newlines = 0;
    for (uint32_t i = 0; i < n; i += 64) {
        const struct block b = load(p + i);
        const uint64_t nl = first_bits(equal(b, '\n'), n - i);
        __builtin_prefetch(p + i + AHEAD_BYTES);
        newlines += (uint64_t)_mm_popcnt_u64(nl);
        count += put_bits(first_bits(up_to_space(b), n - i), i, at + count);
    }
    *lines += newlines;
    return count;
}

AVX2 static uint32_t marks(const char *p, uint32_t n, char a, char b,
                           uint32_t *at)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i += 64) {
        const struct block x = load(p + i);
        const uint64_t mask = equal(x, a) | equal(x, b);
        __builtin_prefetch(p + i + AHEAD_BYTES);
        count += put_bits(first_bits(mask, n - i), i, at + count);
    }
    return count;
}

AVX2 static uint32_t csv(const char *p, uint32_t n, char sep, uint32_t *at,
                         bool *quotes)
{
    uint32_t count = 0;
    uint64_t quote = 0;
    for (uint32_t i = 0; i < n; i += 64) {
        const struct block x = load(p + i);
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
    __m256i first, last;
};

AVX2_INLINE struct literal literal_of(riv_str text)
{
    return (struct literal){ text, _mm256_set1_epi8(text.p[0]),
                             _mm256_set1_epi8(text.p[text.n - 1]) };
}

/* Where in 32 bytes the first and the last byte of the literal fit: Mula, "SIMD
 * friendly algorithms for substring searching", 2016. */
AVX2_INLINE __m256i fits(const struct literal *lit, __m256i at, const char *p)
{
    const __m256i end = _mm256_loadu_si256(
        (const __m256i *)(const void *)(p + lit->text.n - 1));
    return _mm256_and_si256(_mm256_cmpeq_epi8(at, lit->first),
                            _mm256_cmpeq_epi8(end, lit->last));
}

/* The first of the places in the mask where the literal is, up to `last`. */
AVX2_INLINE const char *hit_in(const struct literal *lit, uint64_t mask,
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

AVX2_INLINE uint64_t sum_of(__m256i bytes)
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
AVX2_INLINE const char *scan(const struct literal *lit, const char **p,
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
                hit = hit_in(lit, mask_of(lo, hi), at, last);
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

AVX2 static const char *find(const char *p, const char *end, riv_str literal)
{
    uint64_t lines = 0;
    if (literal.n > (size_t)(end - p))
        return end;
    const struct literal lit = literal_of(literal);
    const char *hit = scan(&lit, &p, end - literal.n, &lines);
    return hit ? hit : end;
}

AVX2 static uint64_t newlines(const char *p, const char *end)
{
    uint64_t n = 0;
    for (; p < end; p += 64)
        n += (uint64_t)_mm_popcnt_u64(
            first_bits(equal(load(p), '\n'), (uint32_t)RIV__MIN(end - p, 64)));
    return n;
}

AVX2 static size_t contains(const char **p, const char *end, riv_str literal,
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
AVX2_INLINE bool field_of(const char *line, const char *nl, char sep,
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

AVX2 static size_t fields(const char **p, const char *end, char sep, uint32_t n,
                          riv_str *row, size_t max, uint64_t *lines)
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

/* -------------------------------------------------------------------- JSON */

AVX2_INLINE bool json_same(const char *a, const char *b, size_t n)
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

AVX2_INLINE const char *json_text(const char *p, const char *end)
{
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i slash = _mm256_set1_epi8('\\');
    const __m256i space = _mm256_set1_epi8(' ');
    for (; p < end; p += 32) {
        const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
        const __m256i odd = _mm256_or_si256(
            _mm256_or_si256(_mm256_cmpeq_epi8(x, quote),
                            _mm256_cmpeq_epi8(x, slash)),
            _mm256_cmpgt_epi8(space, x)); /* signed: above 127, too */
        const uint32_t mask = (uint32_t)_mm256_movemask_epi8(odd);
        if (mask)
            return p + _tzcnt_u32(mask);
    }
    return p;
}

AVX2 bool riv__json_avx2(const struct riv_json_shape *shape, const char *p,
                         const char *end, riv_str *value)
{
    return riv__json_match(shape, p, end, value, json_same, json_text);
}

static const struct riv_kernels avx2 = {
    .cpu = RIV__CPU_AVX2,
    .blanks = blanks,
    .marks = marks,
    .csv = csv,
    .find = find,
    .json = riv__json_avx2,
    .contains = contains,
    .fields = fields,
};

const struct riv_kernels *const riv__kernels_avx2 = &avx2;
