/* exec/reduce_merge.c - the parts of a wave into the partitions of a result,
 * piece by piece, in the order of tasks. Different partitions are merged by
 * different workers. */
#include <stdlib.h>

#include "exec/reduce.h"

enum {
    GROUP = 256
}; /* keys at a time; fewer while a piece is small, so that
                         it stays so */

static uint32_t acc_bytes(const struct riv_reduce_param *param)
{
    return param->acc ? param->acc->size : 0;
}

static int partition_open(struct riv_reduce_op *self,
                          struct riv_reduce_merged *to, struct riv_err *err)
{
    if (to->open)
        return 0;
    to->piece = calloc(self->pieces_max, sizeof *to->piece);
    if (!to->piece)
        return riv__err_set(err, RIV_ENOMEM, "no memory for the merge");
    for (uint32_t i = 0; i < self->pieces_max; i++)
        riv__tally_init(&to->piece[i], self->param->key,
                        acc_bytes(self->param));
    to->open = true;
    if (riv__folder_init(&to->folder, self->base.ds) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for the merge");
    return 0;
}

int riv__reduce_merge_open(struct riv_reduce_op *self, struct riv_err *err)
{
    if (!self->merged)
        self->merged = calloc(self->partitions, sizeof *self->merged);
    if (!self->merged)
        return riv__err_set(err, RIV_ENOMEM, "no memory for the merge");
    for (uint32_t k = 0; k < self->partitions; k++) {
        RIV__TRY(partition_open(self, &self->merged[k], err));
        riv__folder_begin(&self->merged[k].folder, self->base.time, NULL);
    }
    return 0;
}

void riv__reduce_merged_reset(struct riv_reduce_op *self)
{
    for (uint32_t k = 0; self->merged && k < self->partitions; k++)
        for (uint32_t i = 0; self->merged[k].open && i < self->pieces_max; i++)
            riv__tally_reset(&self->merged[k].piece[i]);
}

void riv__reduce_merged_fini(struct riv_reduce_op *self)
{
    for (uint32_t k = 0; self->merged && k < self->partitions; k++) {
        struct riv_reduce_merged *to = &self->merged[k];
        if (!to->open)
            continue;
        for (uint32_t i = 0; i < self->pieces_max; i++)
            riv__tally_fini(&to->piece[i]);
        free(to->piece);
        riv__folder_fini(&to->folder);
    }
    free(self->merged);
}

/* Slots of a table into a piece. */
static int slots_take(struct riv_reduce_merged *to, struct riv_tally *tab,
                      const struct riv_tally *from,
                      const struct riv_reduce_slots *slots, uint32_t piece,
                      struct riv_keys *keys, struct riv_err *err)
{
    const uint32_t *slot = slots->order + slots->start[piece];
    uint32_t left = slots->start[piece + 1] - slots->start[piece];
    for (uint32_t n; left > 0; left -= n, slot += n) {
        n = RIV__MIN(left, (uint32_t)GROUP);
        RIV__TRY(riv__folder_merge(&to->folder, tab, keys, from, slot, n, err));
    }
    return 0;
}

static int held_take(struct riv_reduce_merged *to, struct riv_tally *tab,
                     const struct riv_reduce_held *held, uint32_t piece,
                     struct riv_keys *keys, struct riv_err *err)
{
    return slots_take(to, tab, &held->in->tab, &held->slots, piece, keys, err);
}

/* Of each task its keys, then the rows that it put aside, which came later, then
 * those of another attempt. */
static int piece_take(struct riv_reduce_op *self, struct riv_reduce_merged *to,
                      struct riv_tally *tab, uint32_t piece,
                      struct riv_keys *keys, struct riv_err *err)
{
    const struct riv_op *op = &self->base;
    if (self->resumes)
        RIV__TRY(slots_take(to, tab, &self->worker->tab, &self->slots, piece,
                            keys, err));
    for (uint32_t i = 0; i < op->npart; i++) {
        const struct riv_reduce_part *p = (struct riv_reduce_part *)op->part[i];
        RIV__TRY(held_take(to, tab, &p->held[0], piece, keys, err));
        RIV__TRY(riv__reduce_gather(p, piece, &to->folder, tab, keys, err));
        if (p->nheld == 2)
            RIV__TRY(held_take(to, tab, &p->held[1], piece, keys, err));
    }
    return 0;
}

int riv__reduce_merge(struct riv_op *op, uint32_t k, struct riv_keys *keys,
                      struct riv_err *err)
{
    struct riv_reduce_op *self = riv__reduce_op(op);
    struct riv_reduce_merged *to = &self->merged[k];
    for (uint32_t i = 0; i < self->pieces; i++) {
        if (i > 0 && to->piece[i].nslot == 0) /* they differ little in size */
            riv__tally_expect(&to->piece[i], to->piece[i - 1].nslot);
        RIV__TRY(piece_take(self, to, &to->piece[i], k * self->pieces + i, keys,
                            err));
    }
    return 0;
}
