/* data/radix.c - a radix sort from the least byte up ("LSD"; Knuth, The Art of
 * Computer Programming 3, 5.2.5). All bytes are counted in one pass; a byte that
 * is the same in all prefixes is left out, which most are: times, sums and short
 * keys have few. */
#include "data/radix.h"

#include <string.h>

enum { DIGITS = 8, VALUES = 256 };

static inline size_t digit_of(const struct riv_ref *ref, size_t d)
{
    return ref->prefix >> (8 * d) & (VALUES - 1);
}

static void count(const struct riv_ref *ref, size_t n, size_t (*counts)[VALUES])
{
    memset(counts, 0, DIGITS * sizeof *counts);
    for (size_t i = 0; i < n; i++)
        for (size_t d = 0; d < DIGITS; d++)
            counts[d][digit_of(&ref[i], d)]++;
}

/* Counts become the places where each value begins. */
static void places(size_t *counts)
{
    size_t at = 0;
    for (size_t v = 0; v < VALUES; v++) {
        const size_t n = counts[v];
        counts[v] = at;
        at += n;
    }
}

void riv__radix_sort(struct riv_ref *ref, size_t n, struct riv_ref *spare)
{
    size_t counts[DIGITS][VALUES];
    struct riv_ref *from = ref, *to = spare;
    if (n == 0)
        return;
    count(ref, n, counts);
    for (size_t d = 0; d < DIGITS; d++) {
        if (counts[d][digit_of(from, d)] == n)
            continue;
        places(counts[d]);
        for (size_t i = 0; i < n; i++)
            to[counts[d][digit_of(&from[i], d)]++] = from[i];
        struct riv_ref *was = from;
        from = to;
        to = was;
    }
    if (from != ref)
        memcpy(ref, from, n * sizeof *ref);
}
