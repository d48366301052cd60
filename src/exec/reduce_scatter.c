/* exec/reduce_scatter.c - a task that stops folding: when there are so many keys
 * that the table has left the cache, or hardly any comes twice, rows are put
 * aside by piece, as number and value, and folded when the piece is merged,
 * which then stays in the cache. Two plain writes instead of a miss. Only for
 * keys that are numbers and values without strings. */
#include <stdlib.h>
#include <string.h>

#include "exec/reduce.h"

enum {
    BLOCK_BYTES = 4096,
    KEYS_CACHED = 1 << 18,   /* more are looked for in memory */
    KEYS_DISTINCT = 1 << 17, /* from here on it counts whether keys repeat */
    ARENA_FIRST = 4 << 20,
    AHEAD_LINES = 8, /* of the next block: the machine looks no further than a
                        page */
};

struct riv_reduce_block {
    struct riv_reduce_block *next;
    uint64_t n;
    char rec[BLOCK_BYTES - 16];
};

bool riv__reduce_may_scatter(const struct riv_reduce_op *self)
{
    const struct riv_op *op = &self->base;
    const struct riv_layout *in = riv__op_in(op);
    return self->pieces_max > 1 && in->nstr == 0 &&
           riv__key_class_is_number(riv__key_class(self->param->key)) &&
           self->val_bytes <= BLOCK_BYTES / 64;
}

bool riv__reduce_is_worth(const struct riv_reduce_table *to)
{
    const uint64_t keys = to->tab.nslot;
    return keys > KEYS_CACHED ||
           (keys > KEYS_DISTINCT && 4 * keys > 3 * to->rows);
}

int riv__reduce_scatter_begin(struct riv_reduce_part *part, struct riv_err *err)
{
    const struct riv_reduce_op *self = riv__reduce_op(part->base.op);
    const uint32_t pieces = self->partitions * self->pieces;
    if (!part->aside) {
        part->aside =
            calloc(self->partitions * self->pieces_max, sizeof *part->aside);
        riv__arena_init(&part->blocks, ARENA_FIRST);
    }
    if (!part->aside)
        return riv__err_set(err, RIV_ENOMEM, "no memory for rows");
    memset(part->aside, 0, pieces * sizeof *part->aside);
    riv__arena_reset(&part->blocks, SIZE_MAX);
    part->scatters = true;
    return 0;
}

void riv__reduce_scatter_fini(struct riv_reduce_part *part)
{
    if (!part->aside)
        return;
    free(part->aside);
    riv__arena_fini(&part->blocks);
}

static __attribute__((noinline)) int block_add(struct riv_reduce_part *part,
                                               struct riv_reduce_aside *aside,
                                               size_t most)
{
    struct riv_reduce_block *block =
        riv__arena_alloc(&part->blocks, sizeof *block);
    if (!block)
        return RIV_ENOMEM;
    block->next = NULL;
    block->n = most;
    if (aside->last)
        aside->last->next = block;
    else
        aside->first = block;
    aside->last = block;
    aside->to = block->rec;
    aside->end = block->rec + most * part->rec_bytes;
    return 0;
}

/* `val_bytes` is a constant where the compiler sees one: sums of one word. */
static inline __attribute__((always_inline)) int scatter(
    struct riv_reduce_part *part, const char *row, size_t stride, size_t n,
    size_t val_bytes)
{
    const struct riv_reduce_op *self = riv__reduce_op(part->base.op);
    const struct riv_tally *tab = &part->to->tab;
    const uint32_t pieces = self->partitions * self->pieces;
    const size_t rec_bytes = sizeof(uint64_t) + RIV__ALIGN_UP(val_bytes, 8);
    const size_t most = sizeof((struct riv_reduce_block *)0)->rec / rec_bytes;
    for (size_t i = 0; i < n; i++, row += stride) {
        const char *key = row + tab->key_offset;
        const uint64_t v = tab->class == RIV__KEY_I64
                               ? riv__load8(key)
                               : riv__key_number(tab->class, key);
        const uint64_t hash = riv__hash_words(v, 0, sizeof v);
        struct riv_reduce_aside *aside =
            &part->aside[riv__hash_part(hash, pieces)];
        if (RIV__RARELY(aside->to == aside->end))
            RIV__TRY(block_add(part, aside, most));
        memcpy(aside->to, &v, sizeof v);
        memcpy(aside->to + sizeof v, row + self->param->in_offset, val_bytes);
        aside->to += rec_bytes;
    }
    return 0;
}

int riv__reduce_scatter(struct riv_reduce_part *part, const char *row,
                        size_t stride, size_t n)
{
    const size_t val_bytes = riv__reduce_op(part->base.op)->val_bytes;
    part->rec_bytes = sizeof(uint64_t) + RIV__ALIGN_UP(val_bytes, 8);
    if (val_bytes == sizeof(uint64_t))
        return scatter(part, row, stride, n, sizeof(uint64_t));
    return scatter(part, row, stride, n, val_bytes);
}

int riv__reduce_gather(const struct riv_reduce_part *part, uint32_t piece,
                       struct riv_folder *folder, struct riv_tally *tab,
                       struct riv_keys *keys, struct riv_err *err)
{
    const size_t rec_bytes = part->rec_bytes;
    const struct riv_reduce_aside *aside = &part->aside[piece];
    if (!part->scatters)
        return 0;
    for (struct riv_reduce_block *b = aside->first; b; b = b->next) {
        const char *rec = b->rec;
        size_t left =
            b == aside->last ? (size_t)(aside->to - rec) / rec_bytes : b->n;
        for (int i = 0; b->next && i < AHEAD_LINES; i++)
            __builtin_prefetch((const char *)b->next + i * 64);
        for (size_t n; left > 0; left -= n, rec += n * rec_bytes) {
            n = RIV__MIN(left, (size_t)RIV__REDUCE_ROWS);
            int rc = riv__keys_numbers(keys, tab, rec, rec_bytes, n);
            if (rc < 0)
                return riv__reduce_key_failed(part->base.op, rc, err);
            RIV__TRY(riv__folder_rows(folder, tab, keys, n,
                                      rec + sizeof(uint64_t), rec_bytes, err));
        }
    }
    return 0;
}
