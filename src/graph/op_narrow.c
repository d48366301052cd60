/* graph/op_narrow.c - operators that need only the row at hand: one role, many
 * constructors. How they run: exec/chain.c. */
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_map = {
    .name = "riv_map",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_COUNTED,
    .traits = RIV__ONE_TO_ONE,
};
const struct riv_kind riv__kind_flat_map = {
    .name = "riv_flat_map",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_COUNTED,
    .traits = RIV__NESTS,
};
const struct riv_kind riv__kind_filter = {
    .name = "riv_filter",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_KEPT,
    .traits = RIV__ONE_TO_ONE,
};
const struct riv_kind riv__kind_map_values = {
    .name = "riv_map_values",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_KEPT,
    .traits = RIV__ONE_TO_ONE,
};
const struct riv_kind riv__kind_flat_map_values = {
    .name = "riv_flat_map_values",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_KEPT,
    .traits = RIV__NESTS,
};
const struct riv_kind riv__kind_map_partitions = {
    .name = "riv_map_partitions",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_COUNTED,
    .traits = RIV__NESTS,
};
const struct riv_kind riv__kind_union = {
    .name = "riv_union",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_SUMMED,
};
const struct riv_kind riv__kind_foreach = { .name = "riv_foreach",
                                            .role = RIV__ROLE_STEP };

/* The common case: a user's function over the rows of one dataset. */
static riv_ds *narrow(riv_ds *in, const struct riv_kind *kind, unsigned op,
                      const riv_fn *fn, const riv_opt *opt)
{
    if (!riv__ds_usable(in))
        return riv__graph_refuse(in, opt);
    if (riv__check_fn(in, kind->name, fn, op) < 0 ||
        riv__check_takes(in, kind->name, fn, fn->in) < 0)
        return riv__graph_refuse(in, opt);
    return riv__graph_add(in->graph, &(struct riv_node_spec){ .kind = kind,
                                                              .in = &in,
                                                              .nin = 1,
                                                              .out = fn->out,
                                                              .fn = fn,
                                                              .opt = opt });
}

riv_ds *riv_map(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    return narrow(in, &riv__kind_map, RIV_OP_MAP, f, o);
}

riv_ds *riv_flat_map(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    return narrow(in, &riv__kind_flat_map, RIV_OP_FLAT_MAP, f, o);
}

riv_ds *riv_filter(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    return narrow(in, &riv__kind_filter, RIV_OP_FILTER, f, o);
}

riv_ds *riv_map_values(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    return narrow(in, &riv__kind_map_values, RIV_OP_MAP_VALUES, f, o);
}

riv_ds *riv_flat_map_values(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    return narrow(in, &riv__kind_flat_map_values, RIV_OP_FLAT_MAP_VALUES, f, o);
}

riv_ds *riv_map_partitions(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    return narrow(in, &riv__kind_map_partitions, RIV_OP_MAP_PARTITIONS, f, o);
}

void riv_foreach(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    riv_ds *ds = narrow(in, &riv__kind_foreach, RIV_OP_FOREACH, f, o);
    if (ds != in)
        ds->output = true;
}

riv_ds *riv__op_union(struct riv_graph *graph, riv_ds *const *in, uint32_t n)
{
    char first[160], other[160];
    for (uint32_t i = 0; i < n; i++) {
        if (!in[i])
            riv__graph_fail(graph, RIV_EINVAL,
                            "riv_union: its input number %u is NULL", i + 1);
        else if (in[i]->graph != graph)
            riv__graph_fail(graph, RIV_EINVAL,
                            "riv_union: its input belongs to another context");
        if (graph->err.code != 0)
            return in[0];
        if (!riv__type_equal(in[0]->layout->type, in[i]->layout->type)) {
            riv__graph_fail(
                graph, RIV_ETYPE, "riv_union: its inputs differ: %s and %s",
                riv__type_show(in[0]->layout->type, first, sizeof first),
                riv__type_show(in[i]->layout->type, other, sizeof other));
            return in[0];
        }
    }
    return riv__graph_add(
        graph, &(struct riv_node_spec){ .kind = &riv__kind_union,
                                        .in = in,
                                        .nin = n,
                                        .out = in[0]->layout->type });
}

riv_ds *riv_union(riv_ds *a, riv_ds *b)
{
    riv_ds *const in[2] = { a, b };
    if (!riv__ds_usable(a))
        return a;
    if (!b)
        riv__graph_fail(a->graph, RIV_EINVAL, "riv_union: no right side");
    return riv__op_union(a->graph, in, 2);
}

const riv_type *riv_ds_type(const riv_ds *ds)
{
    return ds && ds->layout ? ds->layout->type : NULL;
}
