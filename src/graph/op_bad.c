/* graph/op_bad.c - riv_bad: the records that an operator refused, as a dataset.
 * Run by exec/bad.c. */
#include "graph/ops.h"

const struct riv_kind riv__kind_bad = { .name = "riv_bad",
                                        .role = RIV__ROLE_STEP };

static bool can_refuse(const riv_ds *of)
{
    const enum riv_role role = of->kind->role;
    if (role == RIV__ROLE_STEP)
        return of->kind != &riv__kind_union && of->kind != &riv__kind_bad;
    return role == RIV__ROLE_GROUPS ||
           riv__kind_has(of->kind, RIV__KEY_LIMITED);
}

riv_ds *riv_bad(riv_ds *of)
{
    char show[256];
    if (!riv__ds_usable(of))
        return of;
    if (of->kind == &riv__kind_reduce_by_key_and_window ||
        of->kind == &riv__kind_count_by_value_and_window)
        of = of->parent[0]; /* folds the batch, and has its policy */
    if (!can_refuse(of))
        riv__graph_fail(of->graph, RIV_EINVAL,
                        "riv_bad: %s cannot refuse records",
                        riv__ds_show(of, show, sizeof show));
    else if (of->on_error != RIV_DEAD_LETTER)
        riv__graph_fail(of->graph, RIV_EINVAL,
                        "riv_bad: %s %s; give it .on_error = RIV_DEAD_LETTER",
                        riv__ds_show(of, show, sizeof show),
                        of->on_error == RIV_SKIP
                            ? "skips bad records"
                            : "fails the job at its first bad record");
    return riv__graph_add(
        of->graph, &(struct riv_node_spec){ .kind = &riv__kind_bad,
                                            .in = &of,
                                            .nin = 1,
                                            .out = &riv_type_riv_bad_record });
}
