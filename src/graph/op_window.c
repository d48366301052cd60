/* graph/op_window.c - windows over a stream: all records (riv_window), or their
 * folds, kept up to date pane by pane. Those that fold are a fold per batch, a
 * window over its results, and where asked a filter. Run by stream/run_window.c
 * and stream/run_fold_window.c. */
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_window = { "riv_window", RIV__ROLE_OP };

/* "riv_window: its input (riv_map(f, x.c:7)) ...", or 0 when all is well. */
static int window_check(riv_ds *in, const char *name, int64_t length_ms,
                        int64_t slide_ms)
{
    char show[256];
    struct riv_graph *graph = in->graph;
    const int64_t step_ms = in->slide_ms;
    if (!in->live)
        return riv__graph_fail(
            graph, RIV_EINVAL,
            "%s: its input (%s) is an RDD; windows are over streams: inputs "
            "such as tail:, dir:, replay:, riv_queue",
            name, riv__ds_show(in, show, sizeof show));
    if (length_ms <= 0 || slide_ms < 0)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "%s: a length of %lld ms, a slide of %lld ms; "
                               "they are multiples of the batch interval",
                               name, (long long)length_ms, (long long)slide_ms);
    if (step_ms > 0 && (length_ms % step_ms != 0 || slide_ms % step_ms != 0))
        return riv__graph_fail(
            graph, RIV_EINVAL,
            "%s: a length of %lld ms, a slide of %lld ms: both must be "
            "multiples of %lld ms, by which its input (%s) slides",
            name, (long long)length_ms, (long long)slide_ms, (long long)step_ms,
            riv__ds_show(in, show, sizeof show));
    return 0;
}

/* Length and slide of a new node; slide_ms 0: as its input. */
static void window_keep(riv_ds *ds, struct riv_window_param param,
                        int64_t slide_ms)
{
    if (!riv__ds_usable(ds))
        return;
    if (slide_ms > 0)
        ds->slide_ms = slide_ms;
    ds->param = riv__arena_copy(ds->graph->arena, &param, sizeof param);
    if (!ds->param)
        riv__graph_fail(ds->graph, RIV_ENOMEM, "no memory for the graph");
}

riv_ds *riv_window(riv_ds *in, int64_t length_ms, int64_t slide_ms)
{
    if (!riv__ds_usable(in) ||
        window_check(in, riv__kind_window.name, length_ms, slide_ms) < 0)
        return in;
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_window,
                                            .in = &in,
                                            .nin = 1,
                                            .out = in->layout->type });
    window_keep(ds, (struct riv_window_param){ .length_ms = length_ms },
                slide_ms);
    return ds;
}
