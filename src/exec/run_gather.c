/* exec/run_gather.c - runs the tables of run_gather.h: a cell per task of a
 * wave, merged after the wave on the driver. */
#include "exec/run_gather.h"

#include <stdlib.h>

struct gather_part {
    struct riv_part base;
    void *cell;
};

struct gather_op {
    struct riv_op base;
    uint32_t before; /* tasks of earlier waves */
};

static const struct riv_gather *gather_of(const struct riv_op *op)
{
    return op->ds->param;
}

static int failed(const struct riv_op *op, int rc, struct riv_err *err)
{
    char show[256];
    return rc < 0 ? riv__err_set(err, rc, "%s: no memory for what it gathers",
                                 riv__ds_show(op->ds, show, sizeof show))
                  : 0;
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    const struct riv_gather *g = gather_of(part->op);
    struct gather_part *p = (struct gather_part *)part;
    p->cell = calloc(1, g->ops->bytes);
    int rc = p->cell ? g->ops->init(p->cell, g) : RIV_ENOMEM;
    return failed(part->op, rc, err);
}

static void part_close(struct riv_part *part)
{
    const struct riv_gather *g = gather_of(part->op);
    struct gather_part *p = (struct gather_part *)part;
    if (p->cell && g->ops->fini)
        g->ops->fini(p->cell);
    free(p->cell);
}

static int part_begin(struct riv_part *part, struct riv_err *err)
{
    const struct riv_gather *g = gather_of(part->op);
    (void)err;
    g->ops->reset(((struct gather_part *)part)->cell, g);
    return 0;
}

static int begin(struct riv_op *op, struct riv_err *err)
{
    const struct riv_gather *g = gather_of(op);
    (void)err;
    ((struct gather_op *)op)->before = 0;
    g->ops->reset(g->total, g); /* a job may be run again */
    return 0;
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    (void)side;
    const struct riv_gather *g = gather_of(part->op);
    uint32_t before = ((const struct gather_op *)part->op)->before;
    return failed(part->op,
                  g->ops->take(((struct gather_part *)part)->cell, g,
                               before + part->index, rows, n),
                  err);
}

static int prepare(struct riv_op *op, struct riv_err *err)
{
    const struct riv_gather *g = gather_of(op);
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < op->npart; i++)
        rc = g->ops->merge(g->total, g,
                           ((struct gather_part *)op->part[i])->cell);
    ((struct gather_op *)op)->before += op->npart;
    return failed(op, rc, err);
}

const struct riv_op_ops riv__run_gather = {
    .op_size = sizeof(struct gather_op),
    .part_size = sizeof(struct gather_part),
    .part_open = part_open,
    .part_close = part_close,
    .begin = begin,
    .part_begin = part_begin,
    .take = take,
    .prepare = prepare,
};
