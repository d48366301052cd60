/* graph/op_sort.c - order: sort_by_key, sort_by, ranges of keys, and the steps
 * that put a key in front of a record and take it away again. Run by
 * exec/run_part.c and exec/step_key.c. */
#include <string.h>

#include "data/rows.h"
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_sort_by_key = {
    .name = "riv_sort_by_key",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_MOVED,
};
const struct riv_kind riv__kind_part_range = {
    .name = "riv_partition_by_range",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_MOVED,
};
const struct riv_kind riv__kind_by = { .name = "sort key",
                                       .role = RIV__ROLE_STEP };
const struct riv_kind riv__kind_unkey = { .name = "without its key",
                                          .role = RIV__ROLE_STEP };
const struct riv_kind riv__kind_filter_by_range = {
    .name = "riv_filter_by_range",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_KEPT,
};

static int order_check(struct riv_graph *graph, const char *name, int order)
{
    if (order == RIV_ASCENDING || order == RIV_DESCENDING)
        return 0;
    return riv__graph_fail(graph, RIV_EINVAL,
                           "%s: order %d is neither RIV_ASCENDING nor "
                           "RIV_DESCENDING",
                           name, order);
}

riv_ds *riv__op_keyed_rows(riv_ds *in, const struct riv_kind *kind,
                           struct riv_sort_param param, const riv_opt *o)
{
    struct riv_graph *graph = in->graph;
    struct riv_err err = { 0 };
    const riv_type *pair = in->layout->type;
    riv_ds *ds = riv__graph_add(
        graph, &(struct riv_node_spec){
                   .kind = kind, .in = &in, .nin = 1, .out = pair, .opt = o });
    if (!riv__ds_usable(ds))
        return ds;
    if (riv__layout_make(graph->arena, riv__pair_key(pair), &param.key, &err) <
        0)
        riv__graph_fail(graph, err.code, "%s: %s", kind->name, err.text);
    ds->param = riv__arena_copy(graph->arena, &param, sizeof param);
    if (!ds->param)
        riv__graph_fail(graph, RIV_ENOMEM, "%s: no memory", kind->name);
    return ds;
}

riv_ds *riv_sort_by_key(riv_ds *in, int order, const riv_opt *o)
{
    const char *name = riv__kind_sort_by_key.name;
    if (!riv__ds_usable(in) || order_check(in->graph, name, order) < 0 ||
        riv__check_pairs(in, name, NULL) < 0)
        return in;
    return riv__op_keyed_rows(
        in, &riv__kind_sort_by_key,
        (struct riv_sort_param){ .ranges = true,
                                 .sorted = true,
                                 .descending = order == RIV_DESCENDING },
        o);
}

riv_ds *riv_partition_by_range(riv_ds *in, int order, const riv_opt *o)
{
    const char *name = riv__kind_part_range.name;
    if (!riv__ds_usable(in) || order_check(in->graph, name, order) < 0 ||
        riv__check_pairs(in, name, NULL) < 0)
        return in;
    return riv__op_keyed_rows(
        in, &riv__kind_part_range,
        (struct riv_sort_param){ .ranges = true,
                                 .sorted = true,
                                 .descending = order == RIV_DESCENDING },
        o);
}

riv_ds *riv__op_by(riv_ds *in, const char *builder, const riv_fn *f,
                   const riv_opt *o)
{
    if (!riv__ds_usable(in) || riv__check_fn(in, builder, f, RIV_OP_MAP) < 0 ||
        riv__check_takes(in, builder, f, f->in) < 0)
        return in;
    const riv_type *pair =
        riv__type_pair(in->graph->arena, f->out, in->layout->type);
    if (!pair) {
        riv__graph_fail(in->graph, RIV_ENOMEM, "%s: no memory", builder);
        return in;
    }
    return riv__graph_add(in->graph,
                          &(struct riv_node_spec){ .kind = &riv__kind_by,
                                                   .in = &in,
                                                   .nin = 1,
                                                   .out = pair,
                                                   .fn = f,
                                                   .opt = o });
}

riv_ds *riv__op_unkey(riv_ds *in)
{
    if (!riv__ds_usable(in))
        return in;
    return riv__graph_add(
        in->graph,
        &(struct riv_node_spec){ .kind = &riv__kind_unkey,
                                 .in = &in,
                                 .nin = 1,
                                 .out = riv__pair_val(in->layout->type) });
}

/* The key function has .arg and .on_error, the exchange .partitions and .uid. */
riv_ds *riv_sort_by(riv_ds *in, const riv_fn *f, int order, const riv_opt *o)
{
    const char *name = "riv_sort_by";
    if (!riv__ds_usable(in) || order_check(in->graph, name, order) < 0)
        return in;
    riv_opt of_key = { .struct_size = sizeof of_key };
    riv_opt of_sort = of_key;
    if (o) {
        memcpy(&of_key, o, RIV__MIN(o->struct_size, sizeof of_key));
        of_sort.uid = of_key.uid;
        of_sort.partitions = of_key.partitions;
        of_key.uid = NULL;
        of_key.partitions = 0;
    }
    of_key.struct_size = sizeof of_key;
    riv_ds *keyed = riv__op_by(in, name, f, &of_key);
    if (!riv__ds_usable(keyed))
        return in;
    return riv__op_unkey(riv_sort_by_key(keyed, order, &of_sort));
}

/* A copy of one key, strings included; NULL: no memory. */
static const void *key_keep(struct riv_graph *graph,
                            const struct riv_layout *key, const void *p)
{
    void *copy = riv__arena_copy(graph->arena, p, key->size);
    if (copy && riv__rows_own(key, copy, 1, graph->arena) < 0)
        return NULL;
    return copy;
}

riv_ds *riv_filter_by_range(riv_ds *in, const void *lower, const void *upper)
{
    const char *name = riv__kind_filter_by_range.name;
    struct riv_range_param param;
    struct riv_err err = { 0 };
    if (!riv__ds_usable(in) || riv__check_pairs(in, name, NULL) < 0)
        return in;
    struct riv_graph *graph = in->graph;
    if (!lower || !upper) {
        riv__graph_fail(graph, RIV_EINVAL, "%s: no %s key", name,
                        lower ? "upper" : "lower");
        return in;
    }
    riv_ds *ds = riv__graph_add(
        graph, &(struct riv_node_spec){ .kind = &riv__kind_filter_by_range,
                                        .in = &in,
                                        .nin = 1,
                                        .out = in->layout->type });
    if (!riv__ds_usable(ds))
        return ds;
    if (riv__layout_make(graph->arena, riv__pair_key(in->layout->type),
                         &param.key, &err) < 0) {
        riv__graph_fail(graph, err.code, "%s: %s", name, err.text);
        return ds;
    }
    param.lower = key_keep(graph, param.key, lower);
    param.upper = key_keep(graph, param.key, upper);
    ds->param = riv__arena_copy(graph->arena, &param, sizeof param);
    if (!param.lower || !param.upper || !ds->param)
        riv__graph_fail(graph, RIV_ENOMEM, "%s: no memory", name);
    return ds;
}
