/* data/digits.h - up to 16 digits as a number, eight at a time in one word: for text
 * whose fields are cut already. Whatever else numbers may look like: base/num.h. */
#ifndef RIV_DATA_DIGITS_H
#define RIV_DATA_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/key.h"

/* The n digits, 1 to 8, that the word begins with; shifted to its end, then joined
 * to pairs, fours, eight. False: some byte is no digit. */
static inline bool riv__digits_word(uint64_t word, size_t n, uint64_t *ret)
{
    uint64_t v = le64toh(word) ^ UINT64_C(0x3030303030303030);
    v <<= 64 - 8 * n;
    if (((v + UINT64_C(0x7676767676767676)) | v) & UINT64_C(0x8080808080808080))
        return false; /* some byte is above 9 */
    v = v * 10 + (v >> 8);
    v = ((v & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
         ((v >> 16) & UINT64_C(0x000000ff000000ff)) *
             UINT64_C(0x0000271000000001)) >>
        32;
    *ret = (uint32_t)v;
    return true;
}

/* A whole number of 1 to 16 digits behind at most a minus. False: the n bytes at p
 * are none, or a longer one. 16 bytes from p on may be read. */
static inline bool riv__digits(const char *p, size_t n, int64_t *ret)
{
    uint64_t v = 0, high = 0;
    const bool minus = *p == '-';
    p += minus;
    n -= minus;
    if (n - 1 > 15)
        return false;
    if (n > 8 && !riv__digits_word(riv__load8(p), n - 8, &high))
        return false;
    if (!(n > 8 ? riv__digits_word(riv__load8(p + n - 8), 8, &v)
                : riv__digits_word(riv__load8(p), n, &v)))
        return false;
    v += high * 100000000;
    *ret = (int64_t)(minus ? 0 - v : v);
    return true;
}

#endif
