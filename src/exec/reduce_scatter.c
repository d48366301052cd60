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
    KEYS_DISTINCT = 1 << 17, /* from here on it counts whether keys repeat */
    ARENA_FIRST = 4 << 20,
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
    return keys > RIV__REDUCE_CACHED ||
           (keys > KEYS_DISTINCT && 4 * keys > 3 * to->rows);
}

/* The first task of a wave that needs blocks takes back those of the last one. */
static void blocks_begin(struct riv_reduce_table *to, uint64_t wave)
{
    if (to->blocks_wave == wave)
        return;
    if (to->blocks_wave == 0)
        riv__arena_init(&to->blocks, ARENA_FIRST);
    riv__arena_reset(&to->blocks, SIZE_MAX);
    to->blocks_wave = wave;
}

int riv__reduce_scatter_begin(struct riv_reduce_part *part, struct riv_err *err)
{
    const struct riv_reduce_op *self = riv__reduce_op(part->base.op);
    const uint32_t pieces = self->partitions * self->pieces;
    if (!part->aside)
        part->aside =
            calloc(self->partitions * self->pieces_max, sizeof *part->aside);
    if (!part->aside)
        return riv__err_set(err, RIV_ENOMEM, "no memory for rows");
    memset(part->aside, 0, pieces * sizeof *part->aside);
    blocks_begin(part->to, self->wave);
    part->scatters = true;
    return 0;
}

static __attribute__((noinline)) int block_add(struct riv_reduce_part *part,
                                               struct riv_reduce_aside *aside,
                                               size_t rec_bytes)
{
    const size_t most = sizeof((struct riv_reduce_block *)0)->rec / rec_bytes;
    struct riv_reduce_block *block =
        riv__arena_alloc(&part->to->blocks, sizeof *block);
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
    aside->end = block->rec + most * rec_bytes;
    return 0;
}

/* Where in a row the key and the value are, and what number the key is. */
struct place {
    size_t key, val, val_bytes, rec_bytes;
    enum riv_key_class class;
};

/* What does not change in the loop is in registers: every write may be to
 * `part`, as far as the compiler knows. */
static inline __attribute__((always_inline)) int scatter(
    struct riv_reduce_part *part, const char *row, size_t stride, size_t n,
    struct place in)
{
    const struct riv_reduce_op *self = riv__reduce_op(part->base.op);
    const uint32_t pieces = self->partitions * self->pieces;
    struct riv_reduce_aside *const asides = part->aside;
    for (size_t i = 0; i < n; i++, row += stride) {
        const uint64_t v = in.class == RIV__KEY_I64
                               ? riv__load8(row + in.key)
                               : riv__key_number(in.class, row + in.key);
        const uint64_t hash = riv__hash_words(v, 0, sizeof v);
        struct riv_reduce_aside *aside = &asides[riv__hash_part(hash, pieces)];
        if (RIV__RARELY(aside->to == aside->end))
            RIV__TRY(block_add(part, aside, in.rec_bytes));
        char *to = aside->to;
        memcpy(to, &v, sizeof v);
        memcpy(to + sizeof v, row + in.val, in.val_bytes);
        aside->to = to + in.rec_bytes;
    }
    return 0;
}

int riv__reduce_scatter(struct riv_reduce_part *part, const char *row,
                        size_t stride, size_t n)
{
    const struct riv_reduce_op *self = riv__reduce_op(part->base.op);
    struct place in = { .key = part->to->tab.key_offset,
                        .val = self->param->in_offset,
                        .val_bytes = self->val_bytes,
                        .class = part->to->tab.class };
    in.rec_bytes = sizeof(uint64_t) + RIV__ALIGN_UP(in.val_bytes, 8);
    part->rec_bytes = in.rec_bytes;
    if (in.val_bytes != sizeof(uint64_t) || in.class != RIV__KEY_I64)
        return scatter(part, row, stride, n, in);
    in.class = RIV__KEY_I64; /* sums of one word: constants for the compiler */
    in.val_bytes = sizeof(uint64_t);
    in.rec_bytes = 2 * sizeof(uint64_t);
    return scatter(part, row, stride, n, in);
}

/* The machine itself looks no further ahead than a page, which a block is. */
static void ask_ahead(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i += RIV__CACHE_LINE)
        __builtin_prefetch(p + i);
}

int riv__reduce_gather(const struct riv_reduce_part *part, uint32_t piece,
                       struct riv_reduce_table *table, struct riv_keys *keys,
                       struct riv_err *err)
{
    const size_t rec_bytes = part->rec_bytes;
    const struct riv_reduce_aside *aside = &part->aside[piece];
    if (!part->scatters)
        return 0;
    for (struct riv_reduce_block *b = aside->first; b; b = b->next) {
        const char *rec = b->rec;
        size_t left =
            b == aside->last ? (size_t)(aside->to - rec) / rec_bytes : b->n;
        for (size_t n; left > 0; left -= n, rec += n * rec_bytes) {
            n = RIV__MIN(left, (size_t)RIV__REDUCE_ROWS);
            if (b->next)
                ask_ahead(b->next->rec + (rec - b->rec), n * rec_bytes);
            int rc = riv__keys_numbers(keys, &table->tab, rec, rec_bytes, n);
            if (rc < 0)
                return riv__reduce_key_failed(part->base.op, rc, err);
            RIV__TRY(riv__folder_rows(&table->folder, &table->tab, keys, n,
                                      rec + sizeof(uint64_t), rec_bytes, err));
        }
    }
    return 0;
}
