/* data/pieces.c - records in a run of bytes. Lengths come from outside: each is
 * compared with what is left before it is used. */
#include "data/pieces.h"

#include <string.h>

enum { LENGTH_BYTES = 4, VARINT_BYTES_MAX = 5, VARINT_BITS = 7 };

const char *const riv__pieces_name[RIV__PIECES_KINDS] = { "message", "lines",
                                                          "length32",
                                                          "varint" };

static void drop(riv_str *rest, size_t n)
{
    *rest = (riv_str){ rest->p + n, rest->n - n };
}

static int next_line(riv_str *rest, riv_str *ret)
{
    const char *end = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
    *ret = (riv_str){ rest->p, end ? (size_t)(end - rest->p) : rest->n };
    drop(rest, end ? ret->n + 1 : rest->n);
    return 1;
}

/* The length in front, and how many bytes it takes; 0: it is not whole. */
static size_t length_of(enum riv_pieces how, riv_str from, uint64_t *ret)
{
    const unsigned char *p = (const unsigned char *)from.p;
    *ret = 0;
    if (how == RIV__PIECES_LENGTH32) {
        if (from.n < LENGTH_BYTES)
            return 0;
        for (int i = 0; i < LENGTH_BYTES; i++)
            *ret = *ret << 8 | p[i];
        return LENGTH_BYTES;
    }
    for (size_t i = 0; i < from.n && i < VARINT_BYTES_MAX; i++) {
        *ret |= (uint64_t)(p[i] & 0x7f) << (VARINT_BITS * i);
        if (p[i] < 0x80)
            return i + 1;
    }
    return 0;
}

int riv__pieces_next(enum riv_pieces how, riv_str *rest, riv_str *ret)
{
    uint64_t length;
    if (how == RIV__PIECES_LINES)
        return next_line(rest, ret);
    if (how == RIV__PIECES_WHOLE) {
        *ret = *rest;
        drop(rest, rest->n);
        return 1;
    }
    if (rest->n == 0)
        return 0;
    const size_t head = length_of(how, *rest, &length);
    if (head == 0 || length > rest->n - head)
        return -1;
    *ret = (riv_str){ rest->p + head, (size_t)length };
    drop(rest, head + ret->n);
    return 1;
}

int64_t riv__pieces_count(enum riv_pieces how, riv_str all)
{
    riv_str piece;
    int64_t n = 0;
    int rc;
    if (how == RIV__PIECES_WHOLE)
        return 1;
    do {
        rc = riv__pieces_next(how, &all, &piece);
        n += rc > 0;
    } while (rc > 0 && all.n > 0 && n <= RIV__PIECES_MAX);
    return rc < 0 || n > RIV__PIECES_MAX ? -1 : n;
}
