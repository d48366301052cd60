/* graph/op_source.c - nodes that bring records in: lines from a URI, rows that
 * the program pushes, rows given when the graph is built. */
#include <stdio.h>
#include <string.h>

#include "graph/ops.h"

const struct riv_kind riv__kind_text = { .name = "riv_text",
                                         .role = RIV__ROLE_SOURCE };
const struct riv_kind riv__kind_records = { .name = "riv_binary_records",
                                            .role = RIV__ROLE_SOURCE };
const struct riv_kind riv__kind_whole = { .name = "riv_whole_text_files",
                                          .role = RIV__ROLE_SOURCE };
const struct riv_kind riv__kind_encoded = { .name = "riv_read_encoded",
                                            .role = RIV__ROLE_SOURCE };
const struct riv_kind riv__kind_kafka = { .name = "riv_kafka",
                                          .role = RIV__ROLE_SOURCE };
const struct riv_kind riv__kind_queue = { .name = "riv_queue",
                                          .role = RIV__ROLE_SOURCE };
const struct riv_kind riv__kind_receive = { .name = "riv_receive",
                                            .role = RIV__ROLE_SOURCE };
const struct riv_kind riv__kind_rows = { .name = "riv_parallelize",
                                         .role = RIV__ROLE_SOURCE };
const struct riv_kind riv__kind_range = { .name = "riv_range",
                                          .role = RIV__ROLE_SOURCE };

riv_ds *riv__op_text(struct riv_graph *graph, const char *uri, bool live,
                     const riv_opt *opt)
{
    riv_ds *ds =
        riv__graph_add(graph, &(struct riv_node_spec){ .kind = &riv__kind_text,
                                                       .out = &riv__type_str,
                                                       .opt = opt });
    ds->live = live;
    if (ds->graph)
        ds->text = riv__arena_strdup(graph->arena, uri);
    return ds;
}

riv_ds *riv__op_read(struct riv_graph *graph, const struct riv_read_spec *spec)
{
    riv_ds *ds = riv__graph_add(
        graph, &(struct riv_node_spec){
                   .kind = spec->kind, .out = spec->type, .opt = spec->opt });
    if (!riv__ds_usable(ds))
        return ds;
    ds->live = spec->live;
    ds->text = riv__arena_strdup(graph->arena, spec->uri);
    ds->param = riv__arena_copy(graph->arena, &spec->param, sizeof spec->param);
    return ds;
}

riv_ds *riv__op_queue(struct riv_graph *graph, const riv_type *type,
                      const riv_opt *opt)
{
    riv_ds *ds = riv__graph_add(
        graph, &(struct riv_node_spec){
                   .kind = &riv__kind_queue, .out = type, .opt = opt });
    ds->live = true;
    return ds;
}

static bool source_fits(struct riv_graph *graph, const riv_source *s)
{
    if (s && s->type && s->open && s->read &&
        s->struct_size >= sizeof(riv_source))
        return true;
    riv__graph_fail(graph, RIV_EINVAL, "riv_receive: %s",
                    !s         ? "no source"
                    : !s->type ? "the source has no type"
                    : s->struct_size < sizeof(riv_source)
                        ? "the source's struct_size is not that of riv_source"
                        : "the source has no open() or no read()");
    return false;
}

/* A source leaves out what it does not want by itself: there is no record yet
 * that could be refused. */
static void only_fails(struct riv_graph *graph, const riv_ds *ds)
{
    if (ds->on_error != RIV_FAIL_JOB)
        riv__graph_fail(graph, RIV_EINVAL,
                        "riv_receive: there is no on_error: its read() leaves "
                        "out what it does not want, or returns riv_fail");
}

static riv_ds *receive_one(struct riv_graph *graph, const riv_source *s,
                           uint32_t partition, const riv_opt *opt)
{
    char uri[RIV__UID_MAX + 16];
    const struct riv_receive_param param = { s, partition };
    riv_ds *ds = riv__graph_add(
        graph, &(struct riv_node_spec){
                   .kind = &riv__kind_receive,
                   .out = source_fits(graph, s) ? s->type : &riv__type_i64,
                   .opt = opt });
    if (!riv__ds_usable(ds))
        return ds;
    only_fails(graph, ds);
    snprintf(uri, sizeof uri, "receive:%s", ds->uid ? ds->uid : "");
    ds->live = true;
    ds->partitions = 0;
    ds->text = riv__arena_strdup(graph->arena, uri);
    ds->param = riv__arena_copy(graph->arena, &param, sizeof param);
    return ds;
}

/* Its partitions are sources of their own, with uids of their own: each is a
 * receiver in Spark's words. The argument is the first one's, and lent to the
 * others. */
uint32_t riv__op_receive(struct riv_graph *graph, const riv_source *s,
                         const riv_opt *given, riv_ds *ret[RIV__RECEIVERS_MAX])
{
    char uid[2 * RIV__UID_MAX];
    riv_opt opt = riv__opt_read(given);
    const char *name = opt.uid;
    const int n = RIV__MAX(opt.partitions, 1);
    if (n > RIV__RECEIVERS_MAX)
        riv__graph_fail(graph, RIV_EINVAL,
                        "riv_receive: %d partitions; each is a thread, at "
                        "most %d are allowed",
                        n, RIV__RECEIVERS_MAX);
    for (int i = 0; i < RIV__MIN(n, (int)RIV__RECEIVERS_MAX); i++) {
        snprintf(uid, sizeof uid, "%.*s-%d", (int)RIV__UID_MAX,
                 name ? name : "", i);
        opt.uid = name && n > 1 ? uid : name;
        ret[i] = receive_one(graph, s, (uint32_t)i, &opt);
        if (!riv__ds_usable(ret[i]))
            return (uint32_t)i + 1;
        if (i > 0)
            ret[i]->arg = ret[0]->arg;
        opt.arg = (riv_capture){ .p = NULL };
    }
    return (uint32_t)RIV__MIN(n, (int)RIV__RECEIVERS_MAX);
}

riv_ds *riv__op_rows(struct riv_graph *graph, const riv_type *type,
                     const struct riv_rows_param *param, const riv_opt *opt)
{
    riv_ds *ds = riv__graph_add(
        graph, &(struct riv_node_spec){
                   .kind = &riv__kind_rows, .out = type, .opt = opt });
    if (ds->graph)
        ds->param = riv__arena_copy(graph->arena, param, sizeof *param);
    return ds;
}

/* How many numbers lie from `from` up to `until`; any two numbers of 64 bits
 * are less than 2^64 apart. */
static uint64_t range_count(int64_t from, int64_t until, int64_t step)
{
    const uint64_t a = (uint64_t)from, b = (uint64_t)until;
    if (step > 0)
        return until > from ? (b - a - 1) / (uint64_t)step + 1 : 0;
    return from > until ? (a - b - 1) / (0 - (uint64_t)step) + 1 : 0;
}

riv_ds *riv__op_range(struct riv_graph *graph, int64_t from, int64_t until,
                      int64_t step, const riv_opt *opt)
{
    if (step == 0)
        riv__graph_fail(graph, RIV_EINVAL,
                        "riv_range: a step of 0 leads nowhere");
    riv_ds *ds =
        riv__graph_add(graph, &(struct riv_node_spec){ .kind = &riv__kind_range,
                                                       .out = &riv__type_i64,
                                                       .opt = opt });
    const struct riv_numbers_param param = {
        .from = from,
        .step = step,
        .n = step == 0 ? 0 : range_count(from, until, step)
    };
    if (riv__ds_usable(ds))
        ds->param = riv__arena_copy(graph->arena, &param, sizeof param);
    return ds;
}
