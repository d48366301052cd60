/* api/input.c - datasets that bring records in, and the inputs behind them when
 * a plan runs. */
#include <stdlib.h>
#include <string.h>

#include <rivulet/kafka.h>

#include "api/context.h"
#include "base/str.h"
#include "base/vec.h"
#include "data/rows.h"
#include "graph/ops.h"

enum { RIV__RECORD_BYTES_MAX = 1 << 28 };

/* Gives the source its index, by which ranges name it. The list outlives what
 * is built for one batch. */
static void source_keep(riv *r, riv_ds *ds, const char *name)
{
    if (!riv__ds_usable(ds))
        return;
    if (r->graph.arena != &r->graph.own) {
        riv__graph_fail(&r->graph, RIV_EINVAL,
                        "%s: inputs are made before the start, not for a "
                        "batch; riv_parallelize works there",
                        name);
        return;
    }
    ds->number = (int64_t)r->nsource;
    if (RIV__VEC_ROOM(r->source, r->source_cap, r->nsource + 1) < 0)
        riv__graph_fail(&r->graph, RIV_ENOMEM, "no memory for a source");
    else
        r->source[r->nsource++] = ds;
}

riv_ds *riv_text(riv *r, const char *uri, const riv_opt *o)
{
    struct riv_err err = { 0 };
    const char *rest;
    const struct riv_source_ops *kind = NULL;
    if (!uri || !*uri)
        riv__graph_fail(&r->graph, RIV_EINVAL,
                        "riv_text: no input; give a path, \"-\" for the "
                        "standard input, or a URI");
    else if (!(kind = riv__source_find(riv__source_kinds, r->sys, uri, &rest,
                                       &err)))
        riv__graph_fail(&r->graph, err.code, "riv_text: %s", err.text);
    bool live = kind && !(kind->flags & RIV__SOURCE_FINITE);
    riv_ds *ds = riv__op_text(&r->graph, uri ? uri : "", live, o);
    source_keep(r, ds, "riv_text");
    return ds;
}

riv_ds *riv_kafka(riv *r, const char *uri, const riv_opt *o)
{
    const char *rest;
    const struct riv_source_ops *ops =
        uri ? riv__source_find(riv__source_kinds, r->sys, uri, &rest, NULL)
            : NULL;
    if (!ops || !(ops->flags & RIV__SOURCE_KAFKA))
        riv__graph_fail(&r->graph, RIV_EINVAL,
                        "riv_kafka: \"%s\" is no kafka://HOST:PORT/TOPIC",
                        uri ? uri : "");
    riv_ds *ds = riv__op_read(
        &r->graph, &(struct riv_read_spec){ .kind = &riv__kind_kafka,
                                            .uri = uri ? uri : "",
                                            .type = &riv_type_riv_kafka_record,
                                            .live = true,
                                            .opt = o });
    source_keep(r, ds, "riv_kafka");
    return ds;
}

/* A source of files, in folders too; *live: of those that will appear. */
static bool files_named(riv *r, const struct riv_kind *kind, const char *uri,
                        bool *live)
{
    struct riv_err err = { 0 };
    const char *rest;
    *live = false;
    if (!uri || !*uri) {
        riv__graph_fail(&r->graph, RIV_EINVAL,
                        "%s: no input; give a path, a pattern or a folder",
                        kind->name);
        return false;
    }
    const struct riv_source_ops *ops =
        riv__source_find(riv__source_kinds, r->sys, uri, &rest, &err);
    if (!ops)
        riv__graph_fail(&r->graph, err.code, "%s: %s", kind->name, err.text);
    else if (!(ops->flags & RIV__SOURCE_FILES) || strcmp(rest, "-") == 0)
        riv__graph_fail(&r->graph, RIV_EINVAL,
                        "%s \"%s\": reads files only: a path, a pattern, a "
                        "folder, or dir:FOLDER for those that will appear",
                        kind->name, uri);
    *live = ops && !(ops->flags & RIV__SOURCE_FINITE);
    return r->graph.err.code == 0;
}

static riv_ds *read_files(riv *r, struct riv_read_spec spec)
{
    if (files_named(r, spec.kind, spec.uri, &spec.live) && !spec.type)
        riv__graph_fail(&r->graph, RIV_EINVAL,
                        "%s: no record type; pass &riv_type_NAME, which "
                        "RIV_STRUCT makes",
                        spec.kind->name);
    spec.uri = spec.uri ? spec.uri : "";
    spec.type = spec.type ? spec.type : &riv__type_str;
    riv_ds *ds = riv__op_read(&r->graph, &spec);
    source_keep(r, ds, spec.kind->name);
    return ds;
}

riv_ds *riv_whole_text_files(riv *r, const char *uri, const riv_opt *o)
{
    const riv_type *pair =
        riv__type_pair(r->graph.arena, &riv__type_str, &riv__type_str);
    if (!pair)
        riv__graph_fail(&r->graph, RIV_ENOMEM, "no memory for the graph");
    return read_files(
        r, (struct riv_read_spec){ .kind = &riv__kind_whole,
                                   .uri = uri,
                                   .type = pair,
                                   .param = { .how = RIV__READ_WHOLE },
                                   .opt = o });
}

riv_ds *riv_binary_records(riv *r, const char *uri, size_t length,
                           const riv_opt *o)
{
    if (length == 0 || length > RIV__RECORD_BYTES_MAX)
        riv__graph_fail(&r->graph, RIV_EINVAL,
                        "riv_binary_records: records of %zu bytes; 1 to %d are "
                        "allowed",
                        length, RIV__RECORD_BYTES_MAX);
    return read_files(
        r, (struct riv_read_spec){
               .kind = &riv__kind_records,
               .uri = uri,
               .type = &riv__type_str,
               .param = { .how = RIV__READ_RECORDS, .length = length },
               .opt = o });
}

riv_ds *riv_read_encoded(riv *r, const char *uri, const riv_type *type,
                         const riv_opt *o)
{
    return read_files(
        r, (struct riv_read_spec){ .kind = &riv__kind_encoded,
                                   .uri = uri,
                                   .type = type,
                                   .param = { .how = RIV__READ_ENCODED },
                                   .opt = o });
}

riv_ds *riv_parallelize(riv *r, const riv_type *type, const void *rows,
                        size_t n, const riv_opt *o)
{
    struct riv_rows_param param = { .rows = rows, .n = n };
    if (!type || (n > 0 && !rows))
        riv__graph_fail(&r->graph, RIV_EINVAL, "riv_parallelize: no %s",
                        type ? "rows" : "type");
    riv_ds *ds =
        riv__op_rows(&r->graph, type ? type : &riv__type_i64, &param, o);
    if (!riv__ds_usable(ds))
        return ds;
    struct riv_rows_param *own = riv__arena_alloc(r->graph.arena, sizeof *own);
    char *copy = riv__arena_alloc(r->graph.arena, n * ds->layout->size + 1);
    if (!own || !copy) {
        riv__graph_fail(&r->graph, RIV_ENOMEM, "riv_parallelize: no memory");
        return ds;
    }
    if (n > 0)
        memcpy(copy, rows, n * ds->layout->size);
    if (riv__rows_own(ds->layout, copy, n, r->graph.arena) < 0)
        riv__graph_fail(&r->graph, RIV_ENOMEM, "riv_parallelize: no memory");
    *own = (struct riv_rows_param){ .rows = copy, .n = n };
    ds->param = own;
    return ds;
}

riv_ds *riv_range(riv *r, int64_t from, int64_t until, int64_t step,
                  const riv_opt *o)
{
    return riv__op_range(&r->graph, from, until, step, o);
}

riv_ds *riv_empty(riv *r, const riv_type *type)
{
    static struct riv_rows *const none[1];
    const struct riv_rows_param param = { .part = none };
    if (!type)
        riv__graph_fail(&r->graph, RIV_EINVAL, "riv_empty: no type");
    return riv__op_rows(&r->graph, type ? type : &riv__type_i64, &param, NULL);
}

riv_ds *riv_queue(riv *r, const riv_type *type, const riv_opt *o)
{
    struct riv_err err = { 0 };
    if (!type)
        riv__graph_fail(&r->graph, RIV_EINVAL, "riv_queue: no type");
    riv_ds *ds = riv__op_queue(&r->graph, type ? type : &riv__type_i64, o);
    ds->number = -1; /* none, until all is well */
    source_keep(r, ds, "riv_queue");
    if (!riv__ds_usable(ds))
        return ds;
    size_t at = (size_t)ds->number, had = r->queue_cap;
    int rc = RIV__VEC_ROOM(r->queue, r->queue_cap, at + 1);
    if (rc == 0 && r->queue_cap > had)
        memset(r->queue + had, 0, (r->queue_cap - had) * sizeof *r->queue);
    if (rc == 0)
        rc = riv__queue_new(ds->layout, (size_t)r->conf.settings.buffer_bytes,
                            RIV__QUEUE_ALL, &r->queue[at], &err);
    if (rc < 0)
        riv__graph_fail(&r->graph, rc, "riv_queue: %s",
                        err.code ? err.text : "no memory");
    return ds;
}

riv_ds *riv_receive(riv *r, const riv_source *s, const riv_opt *o)
{
    riv_ds *part[RIV__RECEIVERS_MAX];
    const uint32_t n = riv__op_receive(&r->graph, s, o, part);
    for (uint32_t i = 0; i < n; i++)
        source_keep(r, part[i], "riv_receive");
    return n == 1 || !riv__ds_usable(part[n - 1])
               ? part[n - 1]
               : riv__op_union(&r->graph, part, n);
}

int riv_push(riv_ds *queue, const void *rows, size_t n)
{
    if (!queue || queue->kind != &riv__kind_queue || (n > 0 && !rows))
        return RIV_EINVAL;
    riv *r = queue->graph->owner;
    const size_t at = (size_t)queue->number;
    if (queue->number < 0 || at >= r->queue_cap || !r->queue[at])
        return RIV_EINVAL;
    return riv__queue_push(r->queue[at], rows, n);
}

/* --------------------------------------------------------------- of plans */

static bool reads(const struct riv_plan *plan, const riv_ds *source)
{
    for (uint32_t i = 0; i < plan->nstage; i++)
        if (plan->stage[i].source == source)
            return true;
    return false;
}

size_t riv__inputs_list(const riv *r, const struct riv_plan *plan,
                        const riv_ds **list)
{
    size_t n = 0;
    for (size_t i = 0; i < r->nsource; i++)
        if (r->source[i]->live && reads(plan, r->source[i]))
            list[n++] = r->source[i];
    return n;
}

/* Where the input of a source is kept; NULL: no memory. */
static struct riv_input **place(riv *r, size_t index)
{
    size_t had = r->input_cap;
    if (index >= had) {
        if (RIV__VEC_ROOM(r->input, r->input_cap, index + 1) < 0)
            return NULL;
        memset(r->input + had, 0, (r->input_cap - had) * sizeof *r->input);
    }
    return &r->input[index];
}

/* The program that reads a file whose name says that it is compressed. */
static const char *unpacker(const char *path)
{
    static const char *const tool[][2] = { { ".gz", "zcat" },
                                           { ".zst", "zstdcat" },
                                           { ".xz", "xzcat" },
                                           { ".bz2", "bzcat" } };
    for (size_t i = 0; *path && i < RIV__LEN(tool); i++)
        if (riv__str_ends(riv_cstr(path + 1), tool[i][0]))
            return tool[i][1];
    return NULL;
}

/* Its bytes are no lines. Once for an input, whatever it has of such files. */
static void compressed_tell(riv *r, const riv_ds *ds, const struct riv_cut *cut,
                            size_t first)
{
    for (size_t i = first; ds->kind == &riv__kind_text && i < cut->n; i++) {
        const char *path = cut->range[i].path;
        const char *tool = path ? unpacker(path) : NULL;
        if (!tool)
            continue;
        riv__context_log(r, RIV_LOG_WARN,
                         "input %s: %s seems to be compressed, and is read as "
                         "it is; %s FILE | rivulet run JOB - reads what is in "
                         "it",
                         ds->text, path, tool);
        return;
    }
}

static int cut_one(riv *r, const riv_ds *ds, struct riv_cut *cut,
                   struct riv_err *err)
{
    struct riv_input **at = place(r, (size_t)ds->number);
    if (!at)
        return riv__err_set(err, RIV_ENOMEM, "no memory for an input");
    const size_t first = cut->n;
    const bool is_new = *at == NULL;
    riv__input_free(*at);
    *at = NULL;
    RIV__TRY(riv__input_new(riv__source_kinds, r->sys, r->exec.conf, NULL,
                            ds->text, (uint32_t)ds->number, at, err));
    RIV__TRY(riv__input_cut(*at, cut, err));
    if (is_new)
        compressed_tell(r, ds, cut, first);
    return 0;
}

int riv__inputs_finite(void *owner, struct riv_plan *plan, struct riv_cut *cut,
                       struct riv_err *err)
{
    riv *r = owner;
    for (size_t i = 0; i < r->nsource; i++) {
        const riv_ds *ds = r->source[i];
        if (!ds->live && reads(plan, ds))
            RIV__TRY(cut_one(r, ds, cut, err));
    }
    return 0;
}

static int live_one(riv *r, struct riv_generator *gen, const riv_ds *ds,
                    struct riv_input **ret, struct riv_err *err)
{
    bool queue = ds->kind == &riv__kind_queue;
    RIV__TRY(riv__input_new(riv__source_kinds, r->sys, &r->conf.settings,
                            &gen->wake, queue ? "queue:" : ds->text,
                            (uint32_t)ds->number, ret, err));
    if (ds->kind == &riv__kind_kafka)
        (*ret)->type = ds->layout->type;
    if (queue)
        riv__queue_tie(r->queue[ds->number], *ret);
    if (ds->kind == &riv__kind_receive)
        RIV__TRY(riv__receive_tie(*ret, &r->exec, ds, err));
    return 0;
}

/* It may have been meant to be read: what is pushed there goes nowhere. */
static void unread_tell(riv *r, const riv_ds *ds)
{
    char show[256];
    if (ds->live)
        riv__context_log(r, RIV_LOG_WARN,
                         "%s is read by no output: its records are left alone",
                         riv__ds_show(ds, show, sizeof show));
}

/* Opens all live inputs first, so that a wrong one is said before any has
 * taken data and before an output is made. */
int riv__inputs_open(riv *r, struct riv_generator *gen, struct riv_plan *plan,
                     struct riv_err *err)
{
    gen->input =
        riv__arena_zalloc(&r->own, (r->nsource + 1) * sizeof *gen->input);
    gen->source =
        riv__arena_zalloc(&r->own, (r->nsource + 1) * sizeof *gen->source);
    gen->info =
        riv__arena_zalloc(&r->own, (r->nsource + 1) * sizeof *gen->info);
    if (!gen->input || !gen->source || !gen->info)
        return riv__err_set(err, RIV_ENOMEM, "no memory for inputs");
    for (size_t i = 0; i < r->nsource; i++) {
        const riv_ds *ds = r->source[i];
        if (!reads(plan, ds)) {
            unread_tell(r, ds);
            continue;
        }
        if (!ds->live) {
            gen->finite = true;
            continue;
        }
        struct riv_input **at = place(r, i);
        if (!at)
            return riv__err_set(err, RIV_ENOMEM, "no memory for inputs");
        RIV__TRY(live_one(r, gen, ds, at, err));
        gen->source[gen->ninput] = ds;
        gen->input[gen->ninput++] = *at;
    }
    return riv__plan_start(plan, err);
}

int riv__inputs_start(struct riv_generator *gen, struct riv_err *err)
{
    for (size_t i = 0; i < gen->ninput; i++)
        RIV__TRY(riv__input_start(gen->input[i], err));
    return 0;
}

void riv__inputs_free(riv *r)
{
    for (size_t i = 0; i < r->input_cap; i++)
        riv__input_free(r->input[i]);
    for (size_t i = 0; i < r->queue_cap; i++)
        riv__queue_free(r->queue[i]);
    free(r->input);
    free(r->queue);
    free(r->source);
}

riv_ds *riv_union_all(riv *r, riv_ds *const *list, size_t n)
{
    static struct riv_ds none; /* for a builder that must give something */
    if (!list || n == 0 || n > RIV__NODES_MAX) {
        riv__graph_fail(&r->graph, RIV_EINVAL,
                        "riv_union_all: a list of %zu datasets; at least 1 is "
                        "needed",
                        list ? n : 0);
        return &none;
    }
    return riv__op_union(&r->graph, list, (uint32_t)n);
}

riv_ds *riv_transform_all(riv *r, riv_ds *const *list, size_t n,
                          riv_transform_all_fn *f, const riv_type *out,
                          const riv_opt *o)
{
    return riv__op_transform_all(&r->graph, list, n, f, out, o);
}
