/* exec/run_hook.c - foreach_rdd and transform, of one dataset or several: the
 * batch's rows are collected, those of each input apart, then the user's
 * function runs on the driver with datasets of them. What it builds is a piece
 * of graph for this batch: it is compiled, run at once and forgotten. Outputs
 * that foreach_rdd's function adds run when it returns. */
#include <stdlib.h>
#include <string.h>

#include "exec/chain.h"
#include "exec/job.h"
#include "exec/run_rows.h"
#include "graph/ops.h"

struct hook_op {
    struct riv_op base;
    struct riv_arena arena; /* the batch's piece of graph */
    struct riv_plan *plan;  /* transform: the piece; its op 0 has the rows */
    struct riv_op *result;
};

static struct hook_op *self_of(struct riv_op *op)
{
    return (struct hook_op *)op;
}

static int hook_open(struct riv_op *op, struct riv_err *err)
{
    (void)err;
    riv__arena_init(&self_of(op)->arena, 4096);
    return 0;
}

static void forget(struct hook_op *self)
{
    riv__plan_free(RIV__TAKE(self->plan));
    self->result = NULL;
    riv__arena_reset(&self->arena, 64 * 1024);
}

static void hook_close(struct riv_op *op)
{
    forget(self_of(op));
    riv__arena_fini(&self_of(op)->arena);
}

static int hook_begin(struct riv_op *op, struct riv_err *err)
{
    (void)err;
    forget(self_of(op));
    return 0;
}

/* A task's rows of the input it comes from. */
struct hook_part {
    struct riv_part base;
    struct riv_rows *rows; /* one store for each input */
};

static struct hook_part *part_of(struct riv_part *part)
{
    return (struct hook_part *)part;
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    const riv_ds *ds = part->op->ds;
    part_of(part)->rows = calloc(ds->nparent, sizeof(struct riv_rows));
    if (!part_of(part)->rows)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a batch's rows");
    for (uint32_t s = 0; s < ds->nparent; s++)
        riv__rows_init(&part_of(part)->rows[s], ds->parent[s]->layout);
    return 0;
}

static void part_close(struct riv_part *part)
{
    struct riv_rows *rows = part_of(part)->rows;
    for (uint32_t s = 0; rows && s < part->op->ds->nparent; s++)
        riv__rows_fini(&rows[s]);
    free(rows);
}

static int part_begin(struct riv_part *part, struct riv_err *err)
{
    (void)err;
    for (uint32_t s = 0; s < part->op->ds->nparent; s++)
        riv__rows_reset(&part_of(part)->rows[s]);
    return 0;
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    if (riv__rows_append(&part_of(part)->rows[side], rows, n) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a batch's rows");
    return 0;
}

/* What was collected of an input, as a dataset of the piece of graph. */
static riv_ds *batch_rdd(struct riv_op *op, uint32_t side)
{
    struct riv_rows **list =
        riv__arena_alloc(&self_of(op)->arena, (op->npart + 1) * sizeof *list);
    struct riv_rows_param param = { .part = list };
    for (uint32_t i = 0; list && i < op->npart; i++)
        if (op->part[i]->side == side)
            list[param.nparts++] = &part_of(op->part[i])->rows[side];
    if (!list)
        riv__graph_fail(op->exec->graph, RIV_ENOMEM, "no memory for a batch");
    return riv__op_rows(op->exec->graph, op->ds->parent[side]->layout->type,
                        &param, NULL);
}

static int graph_failed(struct riv_op *op, struct riv_err *err)
{
    struct riv_graph *graph = op->exec->graph;
    if (graph->err.code < 0 && err)
        *err = graph->err;
    return graph->err.code;
}

/* Outputs that the function made beside what it returned. */
static int run_outputs(struct riv_op *op, size_t mark, struct riv_err *err)
{
    struct riv_graph *graph = op->exec->graph;
    struct riv_plan *plan = NULL;
    const riv_ds **list = riv__arena_alloc(
        &self_of(op)->arena, (graph->n - mark + 1) * sizeof *list);
    size_t n = 0;
    if (!list)
        return riv__err_set(err, RIV_ENOMEM, "no memory for outputs");
    for (size_t i = mark; i < graph->n; i++)
        if (graph->node[i]->output)
            list[n++] = graph->node[i];
    if (n == 0)
        return 0;
    int rc = riv__plan_new(op->exec, list, n, &plan, err);
    if (rc == 0)
        rc = riv__job_now(plan, op->time, err);
    if (rc == 0)
        rc = riv__plan_publish(plan, err);
    riv__plan_free(plan);
    return rc;
}

static int each_run(struct riv_op *op, size_t mark, struct riv_err *err)
{
    const struct riv_hook_param *param = op->ds->param;
    riv_ds *rdd = batch_rdd(op, 0);
    RIV__TRY(graph_failed(op, err));
    const riv_ds *outer = op->exec->hook;
    op->exec->hook = op->ds;
    int rc = param->each(op->exec->owner, rdd, op->time, op->ds->arg);
    op->exec->hook = outer;
    RIV__TRY(graph_failed(op, err));
    if (rc != 0)
        return riv__err_set(err, rc < 0 ? rc : RIV_EFATAL,
                            "riv_foreach_rdd: its function returned %d at "
                            "time %lld ms",
                            rc, (long long)op->time);
    return run_outputs(op, mark, err);
}

/* Does the function's result have the type that was promised? */
static int transform_check(struct riv_op *op, const riv_ds *made,
                           struct riv_err *err)
{
    char want[160], have[160];
    const char *name = op->ds->kind->name;
    RIV__TRY(graph_failed(op, err));
    if (!made || !made->layout)
        return riv__err_set(err, RIV_EINVAL,
                            "%s: its function returned no dataset", name);
    if (!riv__type_equal(made->layout->type, op->ds->layout->type))
        return riv__err_set(
            err, RIV_ETYPE,
            "%s: promised %s, but its function returned a dataset of %s", name,
            riv__type_show(op->ds->layout->type, want, sizeof want),
            riv__type_show(made->layout->type, have, sizeof have));
    return 0;
}

/* The user's function, with the RDDs of all inputs. */
static riv_ds *transform_call(struct riv_op *op)
{
    const struct riv_hook_param *param = op->ds->param;
    const uint32_t n = op->ds->nparent;
    riv_ds *rdd[RIV__TRANSFORM_MAX];
    for (uint32_t s = 0; s < n; s++)
        rdd[s] = batch_rdd(op, s);
    if (op->exec->graph->err.code < 0)
        return NULL;
    if (param->all)
        return param->all(rdd, n, op->time, op->ds->arg);
    return param->with ? param->with(rdd[0], rdd[1], op->time, op->ds->arg)
                       : param->transform(rdd[0], op->time, op->ds->arg);
}

static int transform_run(struct riv_op *op, size_t mark, struct riv_err *err)
{
    struct hook_op *self = self_of(op);
    riv_ds *made = transform_call(op);
    RIV__TRY(transform_check(op, made, err));
    const riv_ds *collect =
        riv__graph_add(op->exec->graph,
                       &(struct riv_node_spec){
                           .kind = &riv__kind_collect, .in = &made, .nin = 1 });
    RIV__TRY(graph_failed(op, err));
    (void)mark;
    RIV__TRY(riv__plan_new(op->exec, &collect, 1, &self->plan, err));
    RIV__TRY(riv__job_now(self->plan, op->time, err));
    self->result = riv__plan_op(self->plan, collect);
    return 0;
}

static int hook_run(struct riv_op *op, struct riv_err *err,
                    int (*run)(struct riv_op *, size_t, struct riv_err *))
{
    struct riv_graph *graph = op->exec->graph;
    struct riv_arena *was = graph->arena;
    bool frozen = graph->frozen;
    size_t mark = riv__graph_mark(graph, &self_of(op)->arena);
    op->exec->nested++;
    int rc = run(op, mark, err);
    op->exec->nested--;
    riv__graph_release(graph, mark);
    graph->arena = was; /* hooks may stand inside hooks */
    graph->frozen = frozen;
    return rc;
}

static int each_end(struct riv_op *op, struct riv_err *err)
{
    for (uint32_t i = 0; i < op->npart; i++)
        op->rows_in += part_of(op->part[i])->rows[0].n;
    return hook_run(op, err, each_run);
}

static int transform_end(struct riv_op *op, struct riv_err *err)
{
    return hook_run(op, err, transform_run);
}

static uint32_t parts(struct riv_op *op)
{
    return self_of(op)->result ? self_of(op)->result->npart : 0;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    struct riv_rows_part *p =
        (struct riv_rows_part *)self_of(op)->result->part[k];
    return riv__rows_scan(&p->bucket[0], chain);
}

const struct riv_op_ops riv__run_foreach_rdd = {
    .op_size = sizeof(struct hook_op),
    .part_size = sizeof(struct hook_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED | RIV__OP_LATE,
    .open = hook_open,
    .close = hook_close,
    .begin = hook_begin,
    .part_open = part_open,
    .part_close = part_close,
    .part_begin = part_begin,
    .take = take,
    .end = each_end,
};

const struct riv_op_ops riv__run_transform = {
    .op_size = sizeof(struct hook_op),
    .part_size = sizeof(struct hook_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED,
    .open = hook_open,
    .close = hook_close,
    .begin = hook_begin,
    .part_open = part_open,
    .part_close = part_close,
    .part_begin = part_begin,
    .take = take,
    .end = transform_end,
    .parts = parts,
    .scan = scan,
};
