/* data/kernels_text.h - the loops over text that are the same at all levels of
 * x86-64. A level defines, and then includes this file:
 *   LEVEL, LEVEL_INLINE  what it says in front of its functions
 *   struct block         64 bytes; load, equal and up_to_space of it
 *   put_bits             the numbers of the bits of a mask
 *   struct literal       literal_of and scan, which looks for one
 * Without a level there is nothing in it. Included by kernels_avx2.c and
 * kernels_avx512.c, which so have the same loops over other registers. */
#if !defined RIV_DATA_KERNELS_TEXT_H && defined LEVEL
#define RIV_DATA_KERNELS_TEXT_H

#include <immintrin.h>
#include <string.h>

#include "base/macro.h"
#include "data/kernels.h"
#include "data/kernels_x86.h"

/* Of the last block only the first n bits count. */
LEVEL_INLINE uint64_t first_bits(uint64_t mask, uint32_t n)
{
    return n >= 64 ? mask : _bzhi_u64(mask, n);
}

LEVEL static uint32_t blanks(const char *p, uint32_t n, uint32_t *at,
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

LEVEL static uint32_t marks(const char *p, uint32_t n, char a, char b,
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

LEVEL static uint32_t csv(const char *p, uint32_t n, char sep, uint32_t *at,
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

LEVEL static const char *find(const char *p, const char *end, riv_str literal)
{
    uint64_t lines = 0;
    if (literal.n > (size_t)(end - p))
        return end;
    const struct literal lit = literal_of(literal);
    const char *hit = scan(&lit, &p, end - literal.n, &lines);
    return hit ? hit : end;
}

LEVEL static uint64_t newlines(const char *p, const char *end)
{
    uint64_t n = 0;
    for (; p < end; p += 64)
        n += (uint64_t)_mm_popcnt_u64(
            first_bits(equal(load(p), '\n'), (uint32_t)RIV__MIN(end - p, 64)));
    return n;
}

LEVEL static size_t contains(const char **p, const char *end, riv_str literal,
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
LEVEL_INLINE bool field_of(const char *line, const char *nl, char sep,
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

LEVEL static size_t fields(const char **p, const char *end, char sep,
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

/* -------------------------------------------------------------------- JSON */

LEVEL_INLINE const char *json_text(const char *p, const char *end)
{
    for (; p < end; p += JSON_BYTES) {
        const uint64_t mask = json_odd(p);
        if (mask)
            return p + _tzcnt_u64(mask);
    }
    return p;
}

LEVEL static bool json(const struct riv_json_shape *shape, const char *p,
                       const char *end, riv_str *value)
{
    static const struct riv_json_looks looks = {
        json_same,
        json_text,
        riv__json_digits_end,
        json_text_is,
        riv__json_digits_are,
    };
    return riv__json_match(shape, p, end, value, &looks);
}

#endif
