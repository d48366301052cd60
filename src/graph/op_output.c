/* graph/op_output.c - what a job is run for: print, a function per batch. What
 * writes files is in op_save.c. */
#include "graph/ops.h"

const struct riv_kind riv__kind_print = { .name = "riv_print",
                                          .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_foreach_rdd = { .name = "riv_foreach_rdd",
                                                .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_collect = { .name = "an action",
                                            .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_table = { .name = "riv_table_new",
                                          .role = RIV__ROLE_OP };

static riv_ds *output(riv_ds *in, const struct riv_kind *kind, const riv_opt *o)
{
    riv_ds *ds = riv__graph_add(
        in->graph,
        &(struct riv_node_spec){ .kind = kind, .in = &in, .nin = 1, .opt = o });
    ds->output = true;
    return ds;
}

void riv_print(riv_ds *in, int64_t first_n)
{
    if (riv__ds_usable(in))
        output(in, &riv__kind_print, NULL)->number = first_n;
}

void riv_foreach_rdd(riv_ds *in, riv_rdd_fn *f, const riv_opt *o)
{
    if (riv__ds_usable(in) && !f)
        riv__graph_fail(in->graph, RIV_EINVAL, "riv_foreach_rdd: no function");
    if (!riv__ds_usable(in)) {
        riv__graph_refuse(in, o);
        return;
    }
    riv_ds *ds = output(in, &riv__kind_foreach_rdd, o);
    const struct riv_hook_param param = { .each = f };
    if (riv__ds_usable(ds))
        ds->param = riv__arena_copy(ds->graph->arena, &param, sizeof param);
}
