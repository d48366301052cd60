/* exec/run_reduce.c - reduce_by_key, aggregate_by_key, distinct,
 * count_by_value. Tasks fold into tables (reduce_part.c). A batch of one task
 * has its table as the result, in one partition; where one worker's table holds
 * everything it is the result, in partitions; else tables are merged
 * (reduce_merge.c). */
#include <stdlib.h>
#include <string.h>

#include "exec/reduce.h"
#include "exec/run_rows.h"
#include "graph/partitioner.h"

enum { PARTS_HELD = 1024 }; /* of waves that are not merged yet */

/* Folds that give the same to the bit in any order. */
static bool is_exact(const struct riv_reduce_param *param)
{
    switch (param->fold) {
    case RIV__FOLD_SUM_I64:
    case RIV__FOLD_MIN_I64:
    case RIV__FOLD_MAX_I64:
    case RIV__FOLD_COUNT:
    case RIV__FOLD_NONE: return true;
    default: return false;
    }
}

/* Of what is folded in an input row: of a set and of a count nothing. */
static uint32_t value_bytes(const struct riv_op *op)
{
    const struct riv_reduce_param *param = op->ds->param;
    if (param->fold == RIV__FOLD_COUNT || param->fold == RIV__FOLD_NONE)
        return 0;
    return riv__op_in(op)->type->fields[1].length;
}

static int reduce_open(struct riv_op *op, struct riv_err *err)
{
    struct riv_reduce_op *self = riv__reduce_op(op);
    const uint32_t asked = riv__op_partitions(op);
    self->param = op->ds->param;
    self->partitions = asked ? asked : RIV__PARTITIONS_AUTO;
    self->pieces = self->pieces_max = 1;
    while (self->partitions * self->pieces_max * 2 <= RIV__REDUCE_FINE)
        self->pieces_max *= 2;
    self->shares = is_exact(self->param);
    op->takes_keys = (self->param->fold == RIV__FOLD_COUNT ||
                      self->param->fold == RIV__FOLD_NONE) &&
                     riv__key_class(self->param->key) == RIV__KEY_STR;
    self->val_bytes = value_bytes(op);
    self->may_scatter = riv__reduce_may_scatter(self);
    self->worker = calloc(op->exec->nworker, sizeof *self->worker);
    return self->worker ? 0
                        : riv__err_set(err, RIV_ENOMEM, "no memory for tables");
}

static void reduce_close(struct riv_op *op)
{
    struct riv_reduce_op *self = riv__reduce_op(op);
    for (unsigned w = 0; self->worker && w < op->exec->nworker; w++)
        riv__reduce_table_fini(&self->worker[w]);
    free(self->worker);
    riv__reduce_merged_fini(self);
    riv__reduce_slots_fini(&self->slots);
}

static int reduce_begin(struct riv_op *op, struct riv_err *err)
{
    struct riv_reduce_op *self = riv__reduce_op(op);
    (void)err;
    self->filling++;
    self->wave++;
    self->only = NULL;
    riv__reduce_merged_reset(self);
    return 0;
}

/* Of the shares known so far that feed the op. */
static uint64_t input_bytes(const struct riv_op *op)
{
    const struct riv_plan *plan = op->plan;
    uint64_t bytes = 0;
    for (size_t i = 0; i < plan->nshare; i++)
        for (uint32_t f = 0; f < plan->share[i].stage->nfeeds; f++)
            if (plan->share[i].stage->feeds[f] == op)
                bytes += plan->share[i].bytes;
    return bytes;
}

/* A wave's tables have been merged when the next one comes; what is the only
 * one, or held, goes on. */
static void wave_begin(struct riv_op *op)
{
    struct riv_reduce_op *self = riv__reduce_op(op);
    self->wave++;
    if (!self->only && !op->holds)
        self->filling++;
    if (op->waves == 1)
        self->pieces =
            input_bytes(op) < RIV__REDUCE_LARGE ? 1 : self->pieces_max;
}

/* A merge goes over all keys that the batch has so far. While the tables of the
 * workers lie in the cache that can wait: the next wave finds most of its keys
 * there. Parts know which keys they brought, so the result is the same. Each
 * worker then holds keys that the result holds once, so not under memory.limit. */
static bool holds(struct riv_op *op)
{
    const struct riv_reduce_op *self = riv__reduce_op(op);
    if (!self->shares || op->exec->nworker == 1 || riv__reduce_is_direct(op) ||
        op->npart > PARTS_HELD || op->exec->conf->memory_bytes_max > 0)
        return false;
    for (unsigned w = 0; w < op->exec->nworker; w++) {
        const struct riv_reduce_table *table = &self->worker[w];
        if (table->open && table->filling == self->filling &&
            (table->scatters || table->tab.nslot > RIV__REDUCE_CACHED))
            return false;
    }
    return true;
}

static uint32_t merges(struct riv_op *op)
{
    const struct riv_reduce_op *self = riv__reduce_op(op);
    return self->only ? 0 : self->partitions;
}

/* Which table has everything; NULL: several have, or some rows are in none. */
static struct riv_reduce_table *only_table(const struct riv_reduce_op *self)
{
    const struct riv_op *op = &self->base;
    bool one = op->exec->nworker == 1 && (op->waves == 1 || self->only);
    if (riv__reduce_is_direct(op))
        return ((struct riv_reduce_part *)op->part[0])->to;
    for (uint32_t i = 0; i < op->npart; i++)
        one &= ((struct riv_reduce_part *)op->part[i])->to == self->worker;
    return one && !self->worker->scatters ? self->worker : NULL;
}

/* One worker's table is not the result after all: what was left undone. */
static int parts_sort(struct riv_reduce_op *self, struct riv_err *err)
{
    const struct riv_op *op = &self->base;
    uint32_t before = UINT32_MAX;
    for (uint32_t i = 0; i < op->npart; i++) {
        struct riv_reduce_part *p = (struct riv_reduce_part *)op->part[i];
        if (p->held[0].in != self->worker)
            continue;
        before = RIV__MIN(before, p->held[0].first);
        RIV__TRY(riv__reduce_part_sort(p, err));
    }
    if (!self->resumes)
        return 0;
    before = RIV__MIN(before, self->worker->tab.nslot);
    return riv__reduce_sort(self, &self->worker->tab, 0, before, &self->slots,
                            err);
}

static int prepare(struct riv_op *op, struct riv_err *err)
{
    struct riv_reduce_op *self = riv__reduce_op(op);
    self->resumes = self->only != NULL;
    self->only = only_table(self);
    if (self->only)
        return 0;
    if (op->exec->nworker == 1)
        RIV__TRY(parts_sort(self, err));
    return riv__reduce_merge_open(self, err);
}

static int reduce_end(struct riv_op *op, struct riv_err *err)
{
    struct riv_reduce_op *self = riv__reduce_op(op);
    if (!self->only || riv__reduce_is_direct(op))
        return 0;
    return riv__reduce_sort(self, &self->only->tab, 0, self->only->tab.nslot,
                            &self->slots, err);
}

/* -------------------------------------------------------------- the result */

static uint32_t parts(struct riv_op *op)
{
    const struct riv_reduce_op *self = riv__reduce_op(op);
    if (op->waves == 0)
        return 0;
    if (riv__reduce_is_direct(op))
        return self->only->tab.nslot > 0;
    return self->partitions;
}

/* Slots of the table that is the result, as rows of the output type; slot NULL:
 * 0 to n - 1. */
static int scan_slots(struct riv_op *op, const uint32_t *slot, uint32_t n,
                      struct riv_chain *chain)
{
    const struct riv_reduce_op *self = riv__reduce_op(op);
    const size_t size = op->ds->layout->size;
    const struct riv_tally_out out = {
        .rows = riv__chain_rows(chain, size),
        .stride = size,
        .acc_offset = self->param->out_offset,
    };
    uint32_t all[RIV__CHUNK_ROWS];
    for (uint32_t at = 0, m; at < n && chain->rc == 0 && !chain->full;
         at += m) {
        struct riv_err err = { 0 };
        m = RIV__MIN(n - at, (uint32_t)RIV__CHUNK_ROWS);
        for (uint32_t i = 0; !slot && i < m; i++)
            all[i] = at + i;
        int rc = riv__tally_rows(&self->only->tab, slot ? slot + at : all, m,
                                 &out, &err);
        if (rc < 0)
            return riv__chain_fail(chain, rc, "%s", err.text);
        riv__chain_push(chain, out.rows, m);
    }
    return chain->rc;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    const struct riv_reduce_op *self = riv__reduce_op(op);
    if (!self->only)
        return riv__rows_scan(&self->merged[k].rows, chain);
    if (riv__reduce_is_direct(op))
        return scan_slots(op, NULL, self->only->tab.nslot, chain);
    const uint32_t *start = self->slots.start + k * self->pieces;
    return scan_slots(op, self->slots.order + start[0],
                      start[self->pieces] - start[0], chain);
}

const struct riv_op_ops riv__run_reduce = {
    .op_size = sizeof(struct riv_reduce_op),
    .part_size = sizeof(struct riv_reduce_part),
    .flags = RIV__OP_COMBINES,
    .open = reduce_open,
    .close = reduce_close,
    .part_open = riv__reduce_part_open,
    .part_close = riv__reduce_part_close,
    .begin = reduce_begin,
    .wave_begin = wave_begin,
    .part_begin = riv__reduce_part_begin,
    .take = riv__reduce_take,
    .take_text = riv__reduce_take_text,
    .part_end = riv__reduce_part_end,
    .holds = holds,
    .prepare = prepare,
    .merges = merges,
    .merge = riv__reduce_merge,
    .end = reduce_end,
    .parts = parts,
    .scan = scan,
};
