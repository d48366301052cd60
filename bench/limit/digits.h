/* limit/digits.h - decimal numbers at known places, of up to 16 digits, by
 * multiplications instead of a loop. */
#ifndef LIMIT_DIGITS_H
#define LIMIT_DIGITS_H

#include "key.h"

/* Eight digits by three multiplications. */
LIMIT_INLINE uint64_t limit_eight(uint64_t v)
{
    v = (v & UINT64_C(0x0f0f0f0f0f0f0f0f)) * 2561 >> 8;
    v = (v & UINT64_C(0x00ff00ff00ff00ff)) * 6553601 >> 16;
    return (v & UINT64_C(0x0000ffff0000ffff)) * UINT64_C(42949672960001) >> 32;
}

/* The n digits at p, 1 to 16; 8 bytes from p on are readable. */
LIMIT_INLINE int64_t limit_digits(const char *p, size_t n)
{
    if (n <= 8)
        return (int64_t)limit_eight(limit_load8(p) << (64 - 8 * n));
    const uint64_t high = limit_load8(p) << (128 - 8 * n);
    return (int64_t)(limit_eight(high) * 100000000 +
                     limit_eight(limit_load8(p + n - 8)));
}

#endif
