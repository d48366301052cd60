/* limit/out.h - a line of a result, "KEY,COUNT", for the limits that write many:
 * by format a line takes 100 ns, which is a quarter of a word count in batches of
 * 10 ms. */
#ifndef LIMIT_OUT_H
#define LIMIT_OUT_H

#include <stdint.h>
#include <stdio.h>

enum { LIMIT_COUNT_TEXT = 24 }; /* comma, sign, 19 digits, newline */

/* Only this thread writes to `out`. */
static inline void limit_put_count(FILE *out, const char *key, size_t n,
                                   int64_t count)
{
    char text[LIMIT_COUNT_TEXT], *end = text + sizeof text, *p = end;
    uint64_t left = count < 0 ? 0 - (uint64_t)count : (uint64_t)count;
    *--p = '\n';
    do
        *--p = (char)('0' + left % 10);
    while (left /= 10);
    if (count < 0)
        *--p = '-';
    *--p = ',';
    fwrite_unlocked(key, 1, n, out);
    fwrite_unlocked(p, 1, (size_t)(end - p), out);
}

#endif
