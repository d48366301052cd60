/* graph/op_part.c - which partition a record is in: partition_by, the sorted
 * form of it, coalesce. Run by exec/run_part.c and exec/run_coalesce.c. */
#include "graph/check.h"
#include "graph/ops.h"
#include "graph/partitioner.h"

const struct riv_kind riv__kind_partition_by = {
    .name = "riv_partition_by",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_PLACED,
    .traits = RIV__BY_KEY,
};
const struct riv_kind riv__kind_part_sort = {
    .name = "riv_repartition_and_sort_within_partitions",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_PLACED,
};
const struct riv_kind riv__kind_coalesce = { .name = "riv_coalesce",
                                             .role = RIV__ROLE_OP };

riv_ds *riv_partition_by(riv_ds *in,
                         uint32_t (*part)(const void *key, uint32_t n,
                                          const void *arg),
                         const riv_opt *o)
{
    if (!riv__ds_usable(in) ||
        riv__check_pairs(in, riv__kind_partition_by.name, NULL) < 0)
        return in;
    const riv_opt opt = riv__opt_read(o);
    if (!part && !opt.uid && riv__is_partitioned(in, opt.partitions))
        return in;
    return riv__op_keyed_rows(in, &riv__kind_partition_by,
                              (struct riv_sort_param){ .part = part }, o);
}

riv_ds *riv_repartition_and_sort_within_partitions(
    riv_ds *in, uint32_t (*part)(const void *key, uint32_t n, const void *arg),
    const riv_opt *o)
{
    if (!riv__ds_usable(in) ||
        riv__check_pairs(in, riv__kind_part_sort.name, NULL) < 0)
        return in;
    return riv__op_keyed_rows(
        in, &riv__kind_part_sort,
        (struct riv_sort_param){ .part = part, .sorted = true }, o);
}

riv_ds *riv_coalesce(riv_ds *in, int partitions, int how)
{
    const char *name = riv__kind_coalesce.name;
    if (!riv__ds_usable(in))
        return in;
    if (partitions < 1 || (how != RIV_NO_SHUFFLE && how != RIV_SHUFFLE)) {
        riv__graph_fail(in->graph, RIV_EINVAL,
                        partitions < 1
                            ? "%s: %d partitions; at least 1 is needed"
                            : "%s: %d partitions, but neither RIV_NO_SHUFFLE "
                              "nor RIV_SHUFFLE",
                        name, partitions);
        return in;
    }
    if (how == RIV_SHUFFLE)
        return riv_repartition(in, partitions);
    return riv__graph_add(
        in->graph,
        &(struct riv_node_spec){ .kind = &riv__kind_coalesce,
                                 .in = &in,
                                 .nin = 1,
                                 .out = in->layout->type,
                                 .opt = RIV_OPT(.partitions = partitions) });
}
