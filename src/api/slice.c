/* api/slice.c - batches of a stream that riv_remember keeps, as an RDD: inside
 * functions over RDDs, and as rows between the steps of a job. */
#include <stdlib.h>

#include "api/action.h"
#include "exec/remember.h"

/* From when on, and until when: both ends floored to when batches come. */
struct span {
    int64_t from, to;
};

static int64_t floored(const struct riv_remembered *kept, int64_t time)
{
    const int64_t since = time - kept->zero;
    const int64_t rest = since % kept->slide_ms;
    return time - (rest < 0 ? rest + kept->slide_ms : rest);
}

static int span_check(riv_ds *in, const char *name,
                      const struct riv_remembered *kept, struct span *span)
{
    struct riv_graph *graph = in->graph;
    span->from = floored(kept, span->from);
    span->to = floored(kept, span->to);
    if (span->from > kept->forgotten || kept->forgotten <= kept->zero ||
        span->from > span->to || span->to <= kept->zero)
        return 0;
    return riv__graph_fail(graph, RIV_EINVAL,
                           "%s: batches up to %lld ms are forgotten, %lld ms "
                           "is asked for; riv_remember them longer",
                           name, (long long)kept->forgotten,
                           (long long)span->from);
}

/* What a dataset keeps, if it can be read now. */
static const struct riv_remembered *kept_of(riv_ds *in, const char *name)
{
    char show[256];
    if (!in->remembered) {
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "%s: the batches of %s are not kept; call riv_remember "
                        "before the start",
                        name, riv__ds_show(in, show, sizeof show));
        return NULL;
    }
    const struct riv_remembered *kept = riv__remembered(in->remembered);
    if (!kept)
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "%s: no batch has run yet; the stream has not started",
                        name);
    return kept;
}

/* The partitions of the batches in order: a dataset of a piece of graph. */
static riv_ds *sliced(riv_ds *in, const char *name, struct span span)
{
    struct riv_graph *graph = in->graph;
    struct riv_rows_param param = { .nparts = 0 };
    const struct riv_remembered *kept = kept_of(in, name);
    size_t n = 0;
    if (!kept || span_check(in, name, kept, &span) < 0)
        return in;
    for (size_t i = 0; i < kept->n; i++)
        n += kept->batch[i].nparts;
    struct riv_rows **part =
        riv__arena_alloc(graph->arena, (n + 1) * sizeof *part);
    if (!part) {
        riv__graph_fail(graph, RIV_ENOMEM, "%s: no memory", name);
        return in;
    }
    param.part = part;
    for (size_t i = 0; i < kept->n; i++) {
        const struct riv_batch_kept *batch = &kept->batch[i];
        const bool inside = batch->time >= span.from && batch->time <= span.to;
        for (size_t k = 0; inside && k < batch->nparts; k++)
            part[param.nparts++] = batch->part[k];
    }
    return riv__op_rows(graph, in->layout->type, &param, NULL);
}

riv_ds *riv_slice(riv_ds *in, int64_t from, int64_t to)
{
    if (!riv__ds_usable(in))
        return in;
    if (in->graph->arena == &in->graph->own) {
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "riv_slice: is for functions over RDDs "
                        "(riv_foreach_rdd, riv_transform); elsewhere "
                        "riv_slice_now gives the rows");
        return in;
    }
    return sliced(in, "riv_slice", (struct span){ from, to });
}

int riv_slice_now(riv_ds *in, int64_t from, int64_t to, riv_result *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin_any(&act, in, out, "riv_slice_now"));
    riv_ds *ds = sliced(in, "riv_slice_now", (struct span){ from, to });
    int rc = act.graph->err.code;
    if (rc == 0)
        rc = riv__action_collect(&act, ds, 0, RIV__WHOLE_ROW, out);
    return riv__action_end(&act, rc);
}
