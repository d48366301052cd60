/* exec/run_gather.c - runs the tables of run_gather.h: a cell per task of a
 * wave, merged after the wave on the driver. Where unions lead to the action,
 * each branch has a cell of its own, and these are merged at the end. */
#include "exec/run_gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

struct gather_part {
    struct riv_part base;
    void *cell;
};

struct branch_cell {
    uint32_t branch;
    void *cell;
};

struct gather_op {
    struct riv_op base;
    struct branch_cell
        *branch; /* in their order; none: all go into the total */
    size_t nbranch, branch_cap;
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

static void branches_free(struct gather_op *self)
{
    const struct riv_gather *g = gather_of(&self->base);
    for (size_t i = 0; i < self->nbranch; i++) {
        if (g->ops->fini)
            g->ops->fini(self->branch[i].cell);
        free(self->branch[i].cell);
    }
    self->nbranch = 0;
}

static void gather_close(struct riv_op *op)
{
    branches_free((struct gather_op *)op);
    free(((struct gather_op *)op)->branch);
}

static int begin(struct riv_op *op, struct riv_err *err)
{
    const struct riv_gather *g = gather_of(op);
    (void)err;
    branches_free((struct gather_op *)op);
    g->ops->reset(g->total, g); /* a job may be run again */
    return 0;
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    (void)side;
    const struct riv_gather *g = gather_of(part->op);
    const uint64_t id = (uint64_t)part->branch << 32 | part->partition;
    return failed(
        part->op,
        g->ops->take(((struct gather_part *)part)->cell, g, id, rows, n), err);
}

/* The cell of a branch, made when it is met first; NULL: no memory. */
static void *branch_cell(struct gather_op *self, uint32_t branch)
{
    const struct riv_gather *g = gather_of(&self->base);
    size_t at = 0;
    while (at < self->nbranch && self->branch[at].branch < branch)
        at++;
    if (at < self->nbranch && self->branch[at].branch == branch)
        return self->branch[at].cell;
    if (RIV__VEC_ROOM(self->branch, self->branch_cap, self->nbranch + 1) < 0)
        return NULL;
    void *cell = calloc(1, g->ops->bytes);
    if (!cell || g->ops->init(cell, g) < 0) {
        free(cell);
        return NULL;
    }
    memmove(self->branch + at + 1, self->branch + at,
            (self->nbranch++ - at) * sizeof *self->branch);
    self->branch[at] = (struct branch_cell){ branch, cell };
    return cell;
}

static int prepare(struct riv_op *op, struct riv_err *err)
{
    struct gather_op *self = (struct gather_op *)op;
    const struct riv_gather *g = gather_of(op);
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < op->npart; i++) {
        void *total = g->total;
        if (op->branches > 1)
            total = branch_cell(self, op->part[i]->branch);
        rc = total ? g->ops->merge(total, g,
                                   ((struct gather_part *)op->part[i])->cell)
                   : RIV_ENOMEM;
    }
    return failed(op, rc, err);
}

static int end(struct riv_op *op, struct riv_err *err)
{
    struct gather_op *self = (struct gather_op *)op;
    const struct riv_gather *g = gather_of(op);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < self->nbranch; i++)
        rc = g->ops->merge(g->total, g, self->branch[i].cell);
    return failed(op, rc, err);
}

const struct riv_op_ops riv__run_gather = {
    .op_size = sizeof(struct gather_op),
    .part_size = sizeof(struct gather_part),
    .flags = RIV__OP_ORDERED,
    .close = gather_close,
    .part_open = part_open,
    .part_close = part_close,
    .begin = begin,
    .part_begin = part_begin,
    .take = take,
    .prepare = prepare,
    .end = end,
};
