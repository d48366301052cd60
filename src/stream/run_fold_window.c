/* stream/run_fold_window.c - windows that fold: reduce_by_key_and_window and
 * its kin. The operator in front has folded the batch, so that a key comes
 * once; its row is dealt to the partition of its key, and when the batch is
 * whole all partitions slide, on all workers. */
#include <stdlib.h>

#include "stream/fold_window.h"
#include "stream/keyed.h"
#include "stream/runners.h"

/* Measured: see the README beside this file. Results do not depend on the
 * number of threads, so neither does this. */
enum { PARTITIONS_AUTO = 16 };

struct fold_window_op {
    struct riv_op base;
    const struct riv_window_param *param;
    struct riv_window window;
    struct riv_fold_window *part;
    uint32_t made, npart;
};

static struct fold_window_op *self_of(struct riv_op *op)
{
    return (struct fold_window_op *)op;
}

static int window_open(struct riv_op *op, struct riv_err *err)
{
    struct fold_window_op *self = self_of(op);
    const uint32_t asked = riv__op_partitions(op);
    self->param = op->ds->param;
    RIV__TRY(riv__window_init(&self->window, op, err));
    self->npart = !self->param->keyed ? 1 : asked ? asked : PARTITIONS_AUTO;
    self->part = calloc(self->npart, sizeof *self->part);
    if (!self->part)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a window");
    while (self->made < self->npart) {
        const uint32_t k = self->made++; /* close() takes half a one */
        RIV__TRY(riv__fold_window_init(&self->part[k], op->ds, &self->window, k,
                                       self->npart, err));
    }
    return 0;
}

static void window_close(struct riv_op *op)
{
    struct fold_window_op *self = self_of(op);
    for (uint32_t k = 0; k < self->made; k++)
        riv__fold_window_fini(&self->part[k]);
    free(self->part);
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    const struct fold_window_op *self = self_of(part->op);
    return riv__keyed_open(part, self->param->reduce.key, self->npart, err);
}

struct sliding {
    struct riv_op *op;
    _Atomic int rc;
    struct riv_err *err;
};

static void slide(void *arg, uint32_t k, unsigned worker)
{
    struct sliding *s = arg;
    struct riv_err err = { 0 };
    int none = 0;
    (void)worker;
    int rc = riv__fold_window_slide(&self_of(s->op)->part[k], s->op, &err);
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
    const struct fold_window_op *self = self_of(op);
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

const struct riv_op_ops riv__run_fold_window = {
    .op_size = sizeof(struct fold_window_op),
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
};
