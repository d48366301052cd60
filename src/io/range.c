/* io/range.c - the list of ranges of one batch. Sources add to it, exec splits
 * it into shares; the memory stays from batch to batch. */
#include "io/range.h"

#include <stdlib.h>

#include "base/vec.h"

enum { PATHS_FIRST_BYTES = 4096, PATHS_KEEP_BYTES = 64 * 1024 };

void riv__cut_init(struct riv_cut *cut)
{
    *cut = (struct riv_cut){ .range = NULL };
    riv__arena_init(&cut->arena, PATHS_FIRST_BYTES);
}

void riv__cut_reset(struct riv_cut *cut)
{
    for (size_t i = 0; i < cut->n; i++)
        riv__block_unref(cut->range[i].block);
    cut->n = 0;
    cut->bytes = 0;
    cut->long_lines = 0;
    riv__arena_reset(&cut->arena, PATHS_KEEP_BYTES);
}

void riv__cut_fini(struct riv_cut *cut)
{
    riv__cut_reset(cut);
    free(cut->range);
    riv__arena_fini(&cut->arena);
    *cut = (struct riv_cut){ .range = NULL };
}

int riv__cut_add(struct riv_cut *cut, const struct riv_range *range,
                 struct riv_err *err)
{
    RIV__ASSERT(range->from <= range->until);
    if (RIV__VEC_ROOM(cut->range, cut->cap, cut->n + 1) < 0) {
        riv__block_unref(range->block);
        return riv__err_set(err, RIV_ENOMEM,
                            "no memory for the list of a batch's inputs (%zu)",
                            cut->n);
    }
    cut->range[cut->n++] = *range;
    cut->bytes += range->until - range->from;
    return 0;
}
