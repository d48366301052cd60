/* graph/op_fold.c - nodes that only actions make: folds with a given start, the
 * count and the last value of each key, and what gathers rows in the action's
 * own way. Run by exec/run_fold.c, run_reduce.c, run_gather.c. */
#include <string.h>

#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_fold = { .name = "riv_fold",
                                         .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_aggregate = { .name = "riv_aggregate",
                                              .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_count_by_key = { .name = "riv_count_by_key",
                                                 .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_last_by_key = { .name = "riv_collect_as_map",
                                                .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_gather = { .name = "an action",
                                           .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_pick = { .name = "riv_to_local_iterator",
                                         .role = RIV__ROLE_OP };

const struct riv_kind riv__kind_foreach_partition = {
    .name = "riv_foreach_partition", .role = RIV__ROLE_STEP
};

riv_ds *riv__op_foreach(riv_ds *in, const riv_fn *f, const riv_opt *o,
                        bool of_partitions)
{
    const struct riv_kind *kind =
        of_partitions ? &riv__kind_foreach_partition : &riv__kind_foreach;
    unsigned op = of_partitions ? RIV_OP_FOREACH_PARTITION : RIV_OP_FOREACH;
    if (!riv__ds_usable(in) || riv__check_fn(in, kind->name, f, op) < 0 ||
        riv__check_takes(in, kind->name, f, f->in) < 0)
        return in;
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){
                       .kind = kind, .in = &in, .nin = 1, .fn = f, .opt = o });
    ds->output = true;
    return ds;
}

static int layouts(riv_ds *ds, struct riv_reduce_param *param,
                   const riv_type *key, const riv_type *acc)
{
    struct riv_graph *graph = ds->graph;
    struct riv_err err = { 0 };
    int rc = 0;
    RIV__TRY(graph->err.code);
    if (key)
        rc = riv__layout_make(graph->arena, key, &param->key, &err);
    if (rc == 0)
        rc = riv__layout_make(graph->arena, acc, &param->acc, &err);
    if (rc < 0)
        return riv__graph_fail(graph, rc, "%s: %s", ds->kind->name, err.text);
    ds->param = riv__arena_copy(graph->arena, param, sizeof *param);
    return ds->param ? 0 : riv__graph_fail(graph, RIV_ENOMEM, "no memory");
}

riv_ds *riv__op_fold(riv_ds *in, const void *zero, const riv_fn *f)
{
    const char *name = riv__kind_fold.name;
    if (!riv__ds_usable(in) || riv__check_fn(in, name, f, RIV_OP_REDUCE) < 0 ||
        riv__check_takes(in, name, f, f->in) < 0)
        return in;
    struct riv_reduce_param param = { .zero = zero };
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_fold,
                                            .in = &in,
                                            .nin = 1,
                                            .out = f->out,
                                            .fn = f });
    layouts(ds, &param, NULL, in->layout->type);
    return ds;
}

riv_ds *riv__op_aggregate(riv_ds *in, const void *zero, const riv_fn *f)
{
    const char *name = riv__kind_aggregate.name;
    if (!riv__ds_usable(in) || riv__check_fn(in, name, f, RIV_OP_FOLD) < 0 ||
        riv__check_takes(in, name, f, f->in) < 0)
        return in;
    struct riv_reduce_param param = { .fold = RIV__FOLD_AGGREGATE,
                                      .zero = zero };
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_aggregate,
                                            .in = &in,
                                            .nin = 1,
                                            .out = f->out,
                                            .fn = f });
    layouts(ds, &param, NULL, f->out);
    return ds;
}

riv_ds *riv__op_count_by_key(riv_ds *in)
{
    const char *name = riv__kind_count_by_key.name;
    if (!riv__ds_usable(in) || riv__check_pairs(in, name, NULL) < 0)
        return in;
    const riv_type *key = riv__pair_key(in->layout->type);
    const riv_type *pair =
        riv__type_pair(in->graph->arena, key, &riv__type_i64);
    if (!pair) {
        riv__graph_fail(in->graph, RIV_ENOMEM, "%s: no memory", name);
        return in;
    }
    struct riv_reduce_param param = { .fold = RIV__FOLD_COUNT,
                                      .out_offset = pair->fields[1].offset };
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_count_by_key,
                                            .in = &in,
                                            .nin = 1,
                                            .out = pair });
    layouts(ds, &param, key, &riv__type_i64);
    return ds;
}

/* The later value takes the earlier one's place; t->arg: its size. */
static void keep_last(void *const *acc, const void *val, size_t stride,
                      const uint32_t *sel, size_t n, riv_task *t)
{
    const size_t size = *(const size_t *)t->arg;
    for (size_t i = 0; i < n; i++)
        memcpy(acc[i], (const char *)val + sel[i] * stride, size);
}

/* Do rows of several inputs come without an exchange behind them? */
static bool below_union(const riv_ds *ds)
{
    while (ds->kind->role == RIV__ROLE_STEP && ds->nparent == 1)
        ds = ds->parent[0];
    return ds->kind->role == RIV__ROLE_STEP;
}

riv_ds *riv__op_last_by_key(riv_ds *in)
{
    if (!riv__ds_usable(in) ||
        riv__check_pairs(in, riv__kind_last_by_key.name, NULL) < 0)
        return in;
    if (below_union(in)) /* put in order first: tasks fold rows of all sides */
        in = riv_coalesce(in, RIV__PARTITIONS_MAX, RIV_NO_SHUFFLE);
    if (!riv__ds_usable(in))
        return in;
    const riv_type *pair = in->layout->type;
    const riv_type *val = riv__pair_val(pair);
    const size_t size = val->size;
    const riv_fn fn = { .struct_size = sizeof fn,
                        .op = RIV_OP_REDUCE,
                        .name = "last value",
                        .where = "built in",
                        .in = val,
                        .out = val,
                        .fold = keep_last,
                        .merge = keep_last };
    struct riv_reduce_param param = { .in_offset = pair->fields[1].offset,
                                      .out_offset = pair->fields[1].offset };
    riv_ds *ds = riv__graph_add(
        in->graph,
        &(struct riv_node_spec){ .kind = &riv__kind_last_by_key,
                                 .in = &in,
                                 .nin = 1,
                                 .out = pair,
                                 .fn = &fn,
                                 .opt = RIV_OPT(.arg = RIV_COPY(size)) });
    layouts(ds, &param, riv__pair_key(pair), val);
    return ds;
}
