/* data/json_shape.h - JSON lines that look like the line before: the bytes
 * between the values are compared, the values are cut out, and nothing else is
 * parsed. What a shape matches is JSON with the same names for certain; whatever
 * is not - another order, an escape, a letter beyond ASCII, an exponent - is left
 * to the parser, which every shape is learned from. Used by json_read.c; the
 * kernels have the loop (riv__json_match). */
#ifndef RIV_DATA_JSON_SHAPE_H
#define RIV_DATA_JSON_SHAPE_H

#include "base/macro.h"
#include "data/json_simd.h"

#include <rivulet.h>

enum {
    RIV__SHAPE_VALUES = 64, /* more, and lines have no shape */
    RIV__SHAPE_BYTES = 2048,
    RIV__SHAPE_PAD = 64, /* readable behind the bytes between values */
    RIV__SHAPE_DIGITS = 18,
    RIV__SHAPE_WAIT = 1023, /* most lines that are not learned from */
    RIV__SHAPE_SETTLE = 64, /* lines after which a guess stays */
    RIV__SHAPE_GUESS = 63,  /* longer values are not guessed */
};

enum riv_json_kind { RIV__JSON_TEXT, RIV__JSON_NUMBER, RIV__JSON_WORD };

/* The bytes in front of a value, and what it must be. */
struct riv_json_part {
    uint32_t at, bytes;
    uint32_t guess; /* of the value's bytes; 0: lines differ in it */
    enum riv_json_kind kind;
};

struct riv_json_shape {
    uint32_t n; /* values; 0: there is no shape */
    uint32_t nwanted;
    uint32_t wait, back_off; /* lines that do not fit until one is learned */
    uint32_t settling;       /* lines until guesses stay as they are */
    struct riv_json_part part[RIV__SHAPE_VALUES + 1]; /* and the line's end */
    struct {
        uint32_t value; /* which */
        const struct riv_simd_node *node;
    } wanted[RIV__SHAPE_VALUES];
    uint32_t used; /* of: */
    char bytes[RIV__SHAPE_BYTES + RIV__SHAPE_PAD];
};

/* The line has been read without a fault by the tree at node[0]; 64 bytes or
 * none may be readable behind it. */
void riv__json_shape_learn(struct riv_json_shape *shape,
                           const struct riv_simd_node *node, riv_str line);

/* One of the first lines of a shape: what it has not guessed is not guessed any
 * more. */
void riv__json_shape_settle(struct riv_json_shape *shape, const riv_str *value);

/* The values that are wanted, into the row; strings point into the line. False:
 * one is not of the range, then the row is half written. */
bool riv__json_shape_put(const struct riv_json_shape *shape,
                         const riv_str *value, char *row);

/* -123, 0.25: what needs no second look; NULL: it is something else. */
static inline const char *riv__json_number_end(const char *p, const char *end)
{
    p += p < end && *p == '-';
    const char *from = p;
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    if (p == from || p - from > RIV__SHAPE_DIGITS ||
        (*from == '0' && (p - from > 1 || from[-1] == '-')))
        return NULL;
    if (p == end || *p != '.')
        return p;
    const char *point = p++;
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p - point > 1 && p - point <= RIV__SHAPE_DIGITS ? p : NULL;
}

static inline const char *riv__json_word_end(const char *p, const char *end)
{
    const size_t left = (size_t)(end - p);
    if (left >= 4 && (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0))
        return p + 4;
    return left >= 5 && memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
}

typedef bool riv_json_same_fn(const char *a, const char *b, size_t n);
typedef const char *riv_json_end_fn(const char *p, const char *end);
typedef bool riv_json_is_fn(const char *p, uint32_t n);

/* How a level of kernels looks at bytes. RIV__SHAPE_PAD bytes are readable behind
 * all of them. */
struct riv_json_looks {
    riv_json_same_fn *same;    /* n bytes that both have */
    riv_json_end_fn *text_end; /* the first quote, backslash, control character
                                   or byte above 127 */
    riv_json_end_fn *number_end; /* as riv__json_number_end */
    riv_json_is_fn *text_is;     /* text_end would be p + n, for certain.. */
    riv_json_is_fn
        *number_is; /* ..and number_end; n is 1 to RIV__SHAPE_GUESS */
};

/* Where a value ends is seen in its bytes, and only then where the next one is
 * looked for: 20 cycles a value in which nothing else is done. Where all lines had
 * the same length it is taken for granted, and what follows runs while the look
 * that confirms it is under way: an event of 7 values, 5 of one length, takes 69 ns
 * in place of 89. */
static inline __attribute__((always_inline)) const char *riv__json_value_end(
    const struct riv_json_part *part, const char *p, const char *end,
    const struct riv_json_looks *looks)
{
    const uint32_t n = part->guess;
    switch (part->kind) {
    case RIV__JSON_TEXT:
        return n > 0 && looks->text_is(p, n) ? p + n : looks->text_end(p, end);
    case RIV__JSON_NUMBER:
        return n > 0 && looks->number_is(p, n) ? p + n
                                               : looks->number_end(p, end);
    default: return riv__json_word_end(p, end);
    }
}

/* Cuts the values out of a line of the shape; false: it has another. Inlined into
 * each level of kernels. */
static inline __attribute__((always_inline)) bool riv__json_match(
    const struct riv_json_shape *shape, const char *p, const char *end,
    riv_str *value, const struct riv_json_looks *looks)
{
    const struct riv_json_part *part = shape->part;
    for (uint32_t i = 0; i < shape->n; i++, part++) {
        if ((size_t)(end - p) < part->bytes ||
            !looks->same(p, shape->bytes + part->at, part->bytes))
            return false;
        p += part->bytes;
        const char *from = p;
        p = riv__json_value_end(part, p, end, looks);
        if (!p || p > end)
            return false;
        value[i] = (riv_str){ from, (size_t)(p - from) };
    }
    return (size_t)(end - p) == part->bytes &&
           looks->same(p, shape->bytes + part->at, part->bytes);
}

#endif
