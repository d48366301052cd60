/* exec/reduce_merge.c - the parts of a wave into the partitions of a result,
 * piece by piece, in the order of tasks. Different partitions are merged by
 * different workers. */
#include <stdlib.h>
#include <string.h>

#include "exec/reduce.h"

enum {
    GROUP = 256
}; /* keys at a time; fewer while a piece is small, so that
                         it stays so */

static int partition_open(struct riv_reduce_op *self,
                          struct riv_reduce_merged *to, struct riv_err *err)
{
    if (to->start)
        return 0;
    riv__rows_init(&to->rows, self->base.ds->layout);
    riv__rows_init(&to->before, self->base.ds->layout);
    to->start = calloc(self->pieces_max + 1, sizeof *to->start);
    return to->start ? 0
                     : riv__err_set(err, RIV_ENOMEM, "no memory for the merge");
}

int riv__reduce_merge_open(struct riv_reduce_op *self, struct riv_err *err)
{
    const struct riv_op *op = &self->base;
    if (!self->merged)
        self->merged = calloc(self->partitions, sizeof *self->merged);
    if (!self->merger)
        self->merger = calloc(op->exec->nworker, sizeof *self->merger);
    if (!self->merged || !self->merger)
        return riv__err_set(err, RIV_ENOMEM, "no memory for the merge");
    for (uint32_t k = 0; k < self->partitions; k++)
        RIV__TRY(partition_open(self, &self->merged[k], err));
    for (unsigned w = 0; w < op->exec->nworker; w++) {
        RIV__TRY(riv__reduce_table_open(&self->merger[w], op->ds, err));
        riv__folder_begin(&self->merger[w].folder, op->time, NULL);
    }
    return 0;
}

static void merged_reset(struct riv_reduce_merged *to, uint32_t pieces)
{
    riv__rows_reset(&to->rows);
    memset(to->start, 0, (pieces + 1) * sizeof *to->start);
}

void riv__reduce_merged_reset(struct riv_reduce_op *self)
{
    for (uint32_t k = 0; self->merged && k < self->partitions; k++)
        if (self->merged[k].start)
            merged_reset(&self->merged[k], self->pieces_max);
}

void riv__reduce_merged_fini(struct riv_reduce_op *self)
{
    for (unsigned w = 0; self->merger && w < self->base.exec->nworker; w++)
        riv__reduce_table_fini(&self->merger[w]);
    free(self->merger);
    for (uint32_t k = 0; self->merged && k < self->partitions; k++) {
        struct riv_reduce_merged *to = &self->merged[k];
        if (!to->start)
            continue;
        riv__rows_fini(&to->rows);
        riv__rows_fini(&to->before);
        free(to->start);
    }
    free(self->merged);
}

/* The rows of a piece that earlier waves have left. */
static int rows_back(const struct riv_reduce_op *self,
                     const struct riv_reduce_merged *from, uint32_t i,
                     struct riv_reduce_table *table, struct riv_keys *keys,
                     struct riv_err *err)
{
    const size_t size = from->before.layout->size;
    size_t at = from->start[i], left = from->start[i + 1] - at;
    for (size_t n; left > 0; left -= n, at += n) {
        n = RIV__MIN(left, (size_t)RIV__REDUCE_ROWS);
        n = RIV__MIN(n, RIV__CHUNK_ROWS - at % RIV__CHUNK_ROWS);
        const char *rows = riv__rows_at(&from->before, at);
        int rc = riv__keys_make(keys, &table->tab, rows, size, n);
        if (rc < 0)
            return riv__reduce_key_failed(&self->base, rc, err);
        RIV__TRY(riv__folder_merge_rows(&table->folder, &table->tab, keys, n,
                                        rows + self->param->out_offset, size,
                                        err));
    }
    return 0;
}

/* Slots of a table into that of a piece. */
static int slots_take(struct riv_reduce_table *table,
                      const struct riv_tally *from,
                      const struct riv_reduce_slots *slots, uint32_t piece,
                      struct riv_keys *keys, struct riv_err *err)
{
    const uint32_t *slot = slots->order + slots->start[piece];
    uint32_t left = slots->start[piece + 1] - slots->start[piece];
    for (uint32_t n; left > 0; left -= n, slot += n) {
        n = RIV__MIN(left, (uint32_t)GROUP);
        RIV__TRY(riv__folder_merge(&table->folder, &table->tab, keys, from,
                                   slot, n, err));
    }
    return 0;
}

static int held_take(struct riv_reduce_table *table,
                     const struct riv_reduce_held *held, uint32_t piece,
                     struct riv_keys *keys, struct riv_err *err)
{
    return slots_take(table, &held->in->tab, &held->slots, piece, keys, err);
}

/* Of each task its keys, then the rows that it put aside, which came later, then
 * those of another attempt. */
static int piece_take(struct riv_reduce_op *self,
                      struct riv_reduce_table *table, uint32_t piece,
                      struct riv_keys *keys, struct riv_err *err)
{
    const struct riv_op *op = &self->base;
    if (self->resumes)
        RIV__TRY(slots_take(table, &self->worker->tab, &self->slots, piece,
                            keys, err));
    for (uint32_t i = 0; i < op->npart; i++) {
        const struct riv_reduce_part *p = (struct riv_reduce_part *)op->part[i];
        RIV__TRY(held_take(table, &p->held[0], piece, keys, err));
        RIV__TRY(riv__reduce_gather(p, piece, table, keys, err));
        if (p->nheld == 2)
            RIV__TRY(held_take(table, &p->held[1], piece, keys, err));
    }
    return 0;
}

/* A piece is whole: its table becomes rows, and is free for the next one. */
static int rows_keep(const struct riv_reduce_op *self,
                     const struct riv_tally *tab, struct riv_rows *rows,
                     struct riv_err *err)
{
    uint32_t slot[RIV__CHUNK_ROWS];
    struct riv_tally_out out = { .stride = rows->layout->size,
                                 .acc_offset = self->param->out_offset };
    size_t n;
    for (uint32_t at = 0; at < tab->nslot; at += (uint32_t)n) {
        out.rows = riv__rows_room(rows, &n);
        if (!out.rows)
            return riv__err_set(err, RIV_ENOMEM, "no memory for the result");
        n = RIV__MIN(n, (size_t)(tab->nslot - at));
        for (uint32_t i = 0; i < n; i++)
            slot[i] = at + i;
        memset(out.rows, 0, n * out.stride); /* also what no field covers */
        RIV__TRY(riv__tally_rows(tab, slot, n, &out, err));
        if (riv__rows_take(rows, out.rows, n) < 0)
            return riv__err_set(err, RIV_ENOMEM, "no memory for the result");
    }
    return 0;
}

/* As many in all pieces as in the first: they differ little in size. */
static void rows_expect(struct riv_reduce_merged *to, size_t n, uint32_t pieces)
{
    riv__rows_expect(&to->rows, pieces > 1 ? (n + n / 8) * pieces : n);
}

int riv__reduce_merge(struct riv_op *op, uint32_t k, struct riv_worker *worker,
                      struct riv_err *err)
{
    struct riv_reduce_op *self = riv__reduce_op(op);
    struct riv_reduce_merged *to = &self->merged[k];
    struct riv_reduce_table *table = &self->merger[worker->index];
    const struct riv_rows before = to->rows;
    to->rows = to->before;
    to->before = before;
    for (uint32_t i = 0; i < self->pieces; i++) {
        riv__tally_reset(&table->tab);
        RIV__TRY(rows_back(self, to, i, table, worker->keys, err));
        RIV__TRY(
            piece_take(self, table, k * self->pieces + i, worker->keys, err));
        if (i == 0)
            rows_expect(to, table->tab.nslot, self->pieces);
        to->start[i] = to->rows.n;
        RIV__TRY(rows_keep(self, &table->tab, &to->rows, err));
    }
    to->start[self->pieces] = to->rows.n;
    riv__rows_reset(&to->before);
    return 0;
}
