/* gen.h - what the kinds of generated data share: the buffer that whole lines
 * go into, and how text and numbers are put there. Of gen.c, which writes the
 * buffer out, and gen_nexmark.c. */
#ifndef BENCH_GEN_H
#define BENCH_GEN_H

#include <string.h>

#include "draw.h"

enum { OUT_BYTES = 1 << 20, LINE_MAX_BYTES = 4096 };

struct out {
    char *at, *start;
    uint64_t left; /* bytes of SIZE not yet written */
};

struct gen {
    struct draw draw;
    struct out out;
    uint32_t keys;
    double s; /* of the zipf law of integer keys; 0: uniform */
};

/* A line was written from out->at up to `end`: keeps it if it fits into SIZE.
 * Returns whether there is room for more. */
int out_line(struct out *out, char *end);

static inline char *put(char *to, const char *s)
{
    size_t n = strlen(s);
    memcpy(to, s, n);
    return to + n;
}

static inline char *put_u64(char *to, uint64_t v)
{
    char digit[20];
    int at = 20;
    do
        digit[--at] = (char)('0' + v % 10);
    while (v /= 10);
    memcpy(to, digit + at, (size_t)(20 - at));
    return to + 20 - at;
}

void gen_nexmark(struct gen *gen);

#endif
