/* graph/op_remember.c - batches of a stream that are kept for a time, for
 * riv_slice. The node that keeps them is an output of its own, so that nothing
 * behind the dataset changes. exec/run_remember.c keeps, api/slice.c reads. */
#include "graph/ops.h"

const struct riv_kind riv__kind_remember = {
    .name = "riv_remember",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_KEPT,
};

static int remember_check(riv_ds *in, int64_t duration_ms)
{
    char show[256];
    if (!in->live)
        return riv__graph_fail(in->graph, RIV_EINVAL,
                               "riv_remember: %s is no stream; riv_persist "
                               "keeps an RDD",
                               riv__ds_show(in, show, sizeof show));
    if (duration_ms <= 0)
        return riv__graph_fail(in->graph, RIV_EINVAL,
                               "riv_remember: %lld ms; above 0 is needed",
                               (long long)duration_ms);
    return 0;
}

riv_ds *riv_remember(riv_ds *in, int64_t duration_ms)
{
    if (!riv__ds_usable(in) || remember_check(in, duration_ms) < 0)
        return in;
    if (in->remembered) { /* raises, never lowers */
        in->remembered->number = RIV__MAX(in->remembered->number, duration_ms);
        return in;
    }
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){
                       .kind = &riv__kind_remember, .in = &in, .nin = 1 });
    if (!riv__ds_usable(ds))
        return in;
    ds->output = true;
    ds->number = duration_ms;
    ds->cell = riv__arena_zalloc(in->graph->arena, sizeof *ds->cell);
    if (!ds->cell)
        riv__graph_fail(in->graph, RIV_ENOMEM, "no memory for the graph");
    in->remembered = ds;
    return in;
}
