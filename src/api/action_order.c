/* api/action_order.c - the least and the greatest records: each task keeps the
 * n first of its own, and those are put together. */
#include <stdlib.h>
#include <string.h>

#include "api/action.h"
#include "data/top.h"
#include "graph/ops.h"

struct top_param {
    struct riv_order order;
    size_t most;
};

static int top_init(void *cell, const struct riv_gather *g)
{
    const struct top_param *param = g->param;
    riv__top_init(cell, g->in, &param->order, param->most);
    return 0;
}

static void top_fini(void *cell)
{
    riv__top_fini(cell);
}

static void top_reset(void *cell, const struct riv_gather *g)
{
    (void)g;
    riv__top_reset(cell);
}

static int top_take(void *cell, const struct riv_gather *g, uint64_t part,
                    const void *rows, size_t n)
{
    (void)g, (void)part;
    return riv__top_add(cell, rows, n);
}

/* Sorted first, so that of equal keys the earlier one stays the earlier. */
static int top_merge(void *total, const struct riv_gather *g, void *cell)
{
    struct riv_top *from = cell;
    (void)g;
    RIV__TRY(riv__top_end(from));
    for (size_t i = 0; i < from->run.n; i++)
        RIV__TRY(riv__top_add(total, from->run.ref[i].row, 1));
    return 0;
}

static const struct riv_gather_ops top_ops = {
    .bytes = sizeof(struct riv_top),
    .init = top_init,
    .fini = top_fini,
    .reset = top_reset,
    .take = top_take,
    .merge = top_merge,
};

/* What is compared: the whole record, or the key in front of it. */
struct ordering {
    riv_ds *ds; /* gives the rows */
    const struct riv_layout *key, *row;
    uint32_t offset; /* of the record in a row */
};

static int ordering_make(struct riv_action *act, const riv_fn *by,
                         struct ordering *o)
{
    struct riv_err err = { 0 };
    *o = (struct ordering){ .ds = act->rdd,
                            .key = act->rdd->layout,
                            .row = act->rdd->layout };
    if (!by)
        return 0;
    o->ds = riv__op_by(act->rdd, act->name, by, NULL);
    RIV__TRY(act->graph->err.code);
    const riv_field *field = o->ds->layout->type->fields;
    o->offset = field[1].offset;
    if (riv__layout_make(&act->arena, field[0].type, &o->key, &err) < 0)
        return riv__action_fail(act, err.code, "%s", err.text);
    return 0;
}

/* The n first, as addresses of records in order; *top is to be ended. */
static int top_run(struct riv_action *act, const struct ordering *o, size_t n,
                   bool descending, struct riv_top *top)
{
    struct top_param param = { .most = n };
    riv__order_init(&param.order, o->key, 0, descending);
    riv__top_init(top, o->ds->layout, &param.order, n);
    struct riv_gather g = { .ops = &top_ops, .param = &param, .total = top };
    RIV__TRY(riv__action_gather(act, o->ds, &g));
    return riv__top_end(top) < 0
               ? riv__action_fail(act, RIV_ENOMEM, "no memory for its rows")
               : 0;
}

static int top_result(struct riv_action *act, const struct ordering *o,
                      const struct riv_top *top, riv_result *out)
{
    const char **row = malloc((top->run.n + 1) * sizeof *row);
    if (!row)
        return riv__action_fail(act, RIV_ENOMEM, "no memory for its rows");
    for (size_t i = 0; i < top->run.n; i++)
        row[i] = top->run.ref[i].row + o->offset;
    int rc = riv__action_result(act, o->row, row, top->run.n, out);
    free(row);
    return rc;
}

static int ordered(riv_ds *rdd, size_t n, const riv_fn *by, bool descending,
                   riv_result *out, const char *name)
{
    struct riv_action act;
    struct ordering o;
    struct riv_top top = { 0 };
    RIV__TRY(riv__action_begin(&act, rdd, out, name));
    int rc = ordering_make(&act, by, &o);
    if (rc == 0)
        rc = top_run(&act, &o, n, descending, &top);
    if (rc == 0)
        rc = top_result(&act, &o, &top, out);
    riv__top_fini(&top);
    return riv__action_end(&act, rc);
}

static int extreme(riv_ds *rdd, const riv_fn *by, bool descending, void *out,
                   const char *name)
{
    struct riv_action act;
    struct ordering o;
    struct riv_top top = { 0 };
    RIV__TRY(riv__action_begin(&act, rdd, out, name));
    int rc = ordering_make(&act, by, &o);
    if (rc == 0)
        rc = top_run(&act, &o, 1, descending, &top);
    if (rc == 0)
        rc = top.run.n == 0
                 ? riv__action_fail(&act, RIV_EINVAL,
                                    "the dataset is empty; there is no record "
                                    "to give")
                 : riv__action_row(&act, o.row, top.run.ref[0].row + o.offset,
                                   out);
    riv__top_fini(&top);
    return riv__action_end(&act, rc);
}

int riv_take_ordered(riv_ds *rdd, size_t n, const riv_fn *by, riv_result *out)
{
    return ordered(rdd, n, by, false, out, "riv_take_ordered");
}

int riv_top(riv_ds *rdd, size_t n, const riv_fn *by, riv_result *out)
{
    return ordered(rdd, n, by, true, out, "riv_top");
}

int riv_min(riv_ds *rdd, const riv_fn *by, void *out)
{
    return extreme(rdd, by, false, out, "riv_min");
}

int riv_max(riv_ds *rdd, const riv_fn *by, void *out)
{
    return extreme(rdd, by, true, out, "riv_max");
}
