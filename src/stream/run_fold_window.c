/* stream/run_fold_window.c - windows that fold: reduce_by_key_and_window and
 * its kin. The operator in front has folded the batch, so that a key comes
 * once; its row is dealt to the partition of its key, and when the batch is
 * whole all partitions slide, on all workers. */
#include <stdlib.h>

#include "exec/kept.h"
#include "exec/standing.h"
#include "graph/partitioner.h"
#include "stream/run_fold_window.h"
#include "stream/runners.h"

static struct riv_fold_window_op *self_of(struct riv_op *op)
{
    return riv__fold_window_op(op);
}

static int window_open(struct riv_op *op, struct riv_err *err)
{
    struct riv_fold_window_op *self = self_of(op);
    self->param = op->ds->param;
    RIV__TRY(riv__window_init(&self->window, op, err));
    self->npart = riv__fold_window_parts(op);
    return riv__fold_window_make(op, self->npart, &self->part, &self->made,
                                 err);
}

static void window_close(struct riv_op *op)
{
    riv__fold_window_drop(self_of(op)->part, self_of(op)->made);
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    const struct riv_fold_window_op *self = self_of(part->op);
    return riv__keyed_open(part, self->param->reduce.key, self->npart, err);
}

struct sliding {
    struct riv_op *op;
    _Atomic int rc;
    struct riv_err *err;
};

static int slide_part(struct riv_op *op, uint32_t k, struct riv_err *err)
{
    struct riv_fold_window *fw = &self_of(op)->part[k];
    if (riv__keyed_runs(op, k, &fw->run, &fw->run_cap) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a window");
    const struct riv_fold_rows rows = {
        .run = fw->run,
        .nrun = op->npart,
        .size = riv__op_in(op)->size,
        .time = op->time,
        .zero = op->plan->zero,
    };
    return riv__fold_window_slide(fw, &rows, err);
}

static void slide(void *arg, uint32_t k, unsigned worker)
{
    struct sliding *s = arg;
    struct riv_err err = { 0 };
    int none = 0;
    (void)worker;
    int rc = slide_part(s->op, k, &err);
    if (rc < 0 && atomic_compare_exchange_strong(&s->rc, &none, rc) && s->err)
        *s->err = err;
}

static int window_end(struct riv_op *op, struct riv_err *err)
{
    struct sliding s = { .op = op, .err = err };
    riv__pool_run(&op->exec->pool, self_of(op)->npart, slide, &s);
    return atomic_load(&s.rc);
}

static uint32_t parts(struct riv_op *op)
{
    const struct riv_fold_window_op *self = self_of(op);
    for (uint32_t k = 0; k < self->npart; k++)
        if (self->part[k].slots.live > 0)
            return self->npart;
    return 0;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    return riv__fold_window_scan(&self_of(op)->part[k], op->ds->layout->size,
                                 chain);
}

static int64_t stands_ms(const struct riv_op *op)
{
    return ((const struct riv_fold_window_op *)op)->window.length_ms;
}

static uint64_t stands(const struct riv_op *op, int64_t since_ms)
{
    const struct riv_fold_window_op *self =
        (const struct riv_fold_window_op *)op;
    uint64_t bytes = 0;
    for (uint32_t k = 0; k < self->npart; k++)
        bytes += riv__fold_window_bytes(&self->part[k], since_ms);
    return bytes;
}

static const struct riv_standing_ops standing = { stands_ms, stands };

const struct riv_op_ops riv__run_fold_window = {
    .op_size = sizeof(struct riv_fold_window_op),
    .part_size = sizeof(struct riv_keyed_part),
    .flags = RIV__OP_KEEPS_PARTS,
    .open = window_open,
    .close = window_close,
    .part_open = part_open,
    .part_close = riv__keyed_close,
    .part_begin = riv__keyed_begin,
    .take = riv__keyed_take,
    .end = window_end,
    .parts = parts,
    .scan = scan,
    .kept = &riv__kept_fold_window,
    .standing = &standing,
};
