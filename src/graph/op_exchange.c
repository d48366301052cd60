/* graph/op_exchange.c - operators that move rows between partitions and keep
 * them all: repartition, group_by_key. Run by exec/run_rows.c, run_group.c. */
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_repartition = { .name = "riv_repartition",
                                                .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_group_by_key = {
    .name = "riv_group_by_key",
    .role = RIV__ROLE_GROUPS,
    .parts = RIV__PARTS_GROUPED,
    .traits = RIV__BY_KEY,
};

riv_ds *riv_repartition(riv_ds *in, int partitions)
{
    if (!riv__ds_usable(in))
        return in;
    if (partitions < 1) {
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "riv_repartition: %d partitions; at least 1 is needed",
                        partitions);
        return in;
    }
    return riv__graph_add(
        in->graph,
        &(struct riv_node_spec){ .kind = &riv__kind_repartition,
                                 .in = &in,
                                 .nin = 1,
                                 .out = in->layout->type,
                                 .opt = RIV_OPT(.partitions = partitions) });
}

riv_ds *riv_group_by_key(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    const char *name = riv__kind_group_by_key.name;
    if (!riv__ds_usable(in) || riv__check_fn(in, name, f, RIV_OP_GROUP) < 0 ||
        riv__check_pairs(in, name, f) < 0 ||
        riv__check_takes(in, name, f, f->in) < 0)
        return riv__graph_refuse(in, o);
    return riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_group_by_key,
                                            .in = &in,
                                            .nin = 1,
                                            .out = f->out,
                                            .fn = f,
                                            .opt = o });
}
