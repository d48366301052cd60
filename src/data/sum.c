/* data/sum.c - the library's streaming form behind a type of our own, so that
 * only this file and the hash know its header. */
#include "data/sum.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct riv_sum {
    XXH3_state_t *state; /* wants 64-byte alignment: made by the library */
};

void riv__sum_reset(struct riv_sum *sum)
{
    XXH3_64bits_reset(sum->state);
}

struct riv_sum *riv__sum_new(void)
{
    struct riv_sum *sum = malloc(sizeof *sum);
    if (!sum)
        return NULL;
    sum->state = XXH3_createState();
    if (!sum->state) {
        free(sum);
        return NULL;
    }
    riv__sum_reset(sum);
    return sum;
}

void riv__sum_free(struct riv_sum *sum)
{
    if (!sum)
        return;
    XXH3_freeState(sum->state);
    free(sum);
}

void riv__sum_add(struct riv_sum *sum, const void *p, size_t n)
{
    if (n > 0)
        XXH3_64bits_update(sum->state, p, n);
}

uint64_t riv__sum_value(const struct riv_sum *sum)
{
    return XXH3_64bits_digest(sum->state);
}

uint64_t riv__sum_of(const void *p, size_t n)
{
    return XXH3_64bits(p, n);
}
