/* exec/fixture.h - a small context for the tests of this folder: a graph, an
 * exec with so many workers, files in a folder of its own, a sink in memory
 * that can be full, and the rows of any dataset as text. Tests only. */
#ifndef RIV_EXEC_FIXTURE_H
#define RIV_EXEC_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/test.h"
#include "conf/conf.h"
#include "data/text.h"
#include "exec/job.h"
#include "exec/run_rows.h"
#include "graph/ops.h"
#include "io/sink.h"

enum { BENCH_SOURCES = 8 };

struct bench {
    struct riv_conf conf;
    struct riv_graph graph;
    struct riv_exec exec;
    struct riv_sys sys; /* the real one; tests replace functions */
    struct riv_plan *plan;
    struct riv_buf text; /* what was printed, saved, or shown last */
    size_t room;         /* of the sink; then the disk is full */
    struct riv_err err;
    const riv_ds *source[BENCH_SOURCES];
    char path[BENCH_SOURCES][64];
    uint32_t nsource;
    char dir[32];
};

RIV_PAIR(wc, riv_str, int64_t);
RIV_PAIR(pair, int64_t, int64_t);

/* The sink of plain paths: everything goes to exec.write. */
static int bench_sink_open(struct riv_sink *sink, struct riv_err *err)
{
    (void)sink, (void)err;
    return 0;
}

static int bench_sink_write(struct riv_sink *sink, const char *p, size_t n,
                            struct riv_err *err)
{
    return sink->out(sink->out_arg, p, n, err);
}

static void bench_sink_close(struct riv_sink *sink)
{
    (void)sink;
}

static const struct riv_sink_ops bench_sink = { .name = "memory",
                                                .sink_size =
                                                    sizeof(struct riv_sink),
                                                .open = bench_sink_open,
                                                .write = bench_sink_write,
                                                .close = bench_sink_close };
static const struct riv_sink_ops *const bench_sinks[] = { &bench_sink, NULL };

static const struct riv_runner bench_runners[] = {
    { &riv__kind_reduce_by_key, &riv__run_reduce, NULL },
    { &riv__kind_aggregate_by_key, &riv__run_reduce, NULL },
    { &riv__kind_distinct, &riv__run_reduce, NULL },
    { &riv__kind_count_by_value, &riv__run_reduce, NULL },
    { &riv__kind_count, &riv__run_fold, NULL },
    { &riv__kind_reduce, &riv__run_fold, NULL },
    { &riv__kind_group_by_key, &riv__run_group, NULL },
    { &riv__kind_subtract, &riv__run_subtract, NULL },
    { &riv__kind_repartition, &riv__run_repartition, NULL },
    { &riv__kind_collect, &riv__run_collect, NULL },
    { &riv__kind_foreach_rdd, &riv__run_foreach_rdd, NULL },
    { &riv__kind_transform, &riv__run_transform, NULL },
    { &riv__kind_transform_with, &riv__run_transform, NULL },
    { &riv__kind_transform_all, &riv__run_transform, NULL },
    { &riv__kind_print, &riv__run_print, NULL },
    { &riv__kind_save_text, &riv__run_save, NULL },
    { &riv__kind_save_parts, &riv__run_save_parts, NULL },
    { &riv__kind_save_encoded, &riv__run_save_parts, NULL },
    { &riv__kind_save_text_files, &riv__run_save_parts, NULL },
    { &riv__kind_save_encoded_files, &riv__run_save_parts, NULL },
    { NULL, NULL, NULL },
};

static inline int bench_write(void *owner, const char *p, size_t n,
                              struct riv_err *err)
{
    struct bench *b = owner;
    if (b->text.n + n > b->room)
        return riv__err_set(err, RIV_EIO, "the disk is full");
    riv__buf_add(&b->text, p, n);
    return 0;
}

static inline int bench_print(void *owner, char *p, size_t n,
                              struct riv_err *err)
{
    return bench_write(owner, p, n, err);
}

static inline bool bench_reads(const struct riv_plan *plan, const riv_ds *ds)
{
    for (uint32_t i = 0; i < plan->nstage; i++)
        if (plan->stage[i].source == ds)
            return true;
    return false;
}

/* Every text source is a file, read whole. */
static inline int bench_cut(void *owner, struct riv_plan *plan,
                            struct riv_cut *cut, struct riv_err *err)
{
    struct bench *b = owner;
    struct riv_stat stat;
    for (uint32_t i = 0; i < b->nsource; i++) {
        if (!bench_reads(plan, b->source[i]))
            continue;
        int rc = b->sys.stat(&b->sys, b->path[i], &stat);
        if (rc < 0)
            return riv__err_sys(err, -rc, "stat", b->path[i]);
        RIV__TRY(
            riv__cut_add(cut,
                         &(struct riv_range){
                             .kind = RIV__RANGE_FILE,
                             .source = i,
                             .until = stat.bytes,
                             .path = b->path[i],
                             .seen = { stat.bytes, stat.device, stat.inode } },
                         err));
    }
    return 0;
}

static inline void bench_init(struct bench *b, unsigned threads)
{
    *b = (struct bench){ .sys = *riv__sys_real(), .room = SIZE_MAX };
    snprintf(b->dir, sizeof b->dir, "/tmp/riv-exec-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    riv__conf_init(&b->conf);
    riv__graph_init(&b->graph, b);
    riv__buf_init(&b->text, 0);
    b->exec = (struct riv_exec){ .sys = &b->sys,
                                 .conf = &b->conf.settings,
                                 .graph = &b->graph,
                                 .runners = bench_runners,
                                 .sinks = bench_sinks,
                                 .owner = b,
                                 .write = bench_write,
                                 .print = bench_print,
                                 .cut_finite = bench_cut };
    assert_int_equal(riv__exec_init(&b->exec, threads, &b->err), 0);
}

static inline void bench_fini(struct bench *b)
{
    riv__plan_free(b->plan);
    riv__graph_fini(&b->graph);
    riv__exec_fini(&b->exec);
    riv__buf_fini(&b->text);
    for (uint32_t i = 0; i < b->nsource; i++)
        b->sys.unlink(&b->sys, b->path[i]);
    rmdir(b->dir);
}

/* A dataset of the lines of these bytes, in a file. */
static inline riv_ds *bench_text(struct bench *b, const char *p, size_t n)
{
    uint32_t i = b->nsource++;
    assert_true(i < BENCH_SOURCES);
    snprintf(b->path[i], sizeof b->path[i], "%s/in%u", b->dir, i);
    FILE *f = fopen(b->path[i], "w");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
    riv_ds *ds = riv__op_text(&b->graph, b->path[i], false, NULL);
    ds->number = i;
    b->source[i] = ds;
    return ds;
}

static inline riv_ds *bench_lines(struct bench *b, const char *text)
{
    return bench_text(b, text, strlen(text));
}

/* Rows of the test, borrowed, in so many partitions. */
static inline riv_ds *bench_rows(struct bench *b, const riv_type *type,
                                 const void *rows, size_t n, int parts)
{
    return riv__op_rows(&b->graph, type,
                        &(struct riv_rows_param){ .rows = rows, .n = n },
                        RIV_OPT(.partitions = parts));
}

/* Compiles these nodes and runs them once; the plan stays for the test. */
static inline int bench_run(struct bench *b, const riv_ds *const *list,
                            size_t n)
{
    riv__plan_free(RIV__TAKE(b->plan));
    b->err = (struct riv_err){ 0 };
    if (b->graph.err.code < 0)
        fail_msg("%s", b->graph.err.text);
    RIV__TRY(riv__plan_new(&b->exec, list, n, &b->plan, &b->err));
    RIV__TRY(riv__job_now(b->plan, 0, &b->err));
    return riv__plan_publish(b->plan, &b->err);
}

/* Runs all outputs of the graph. */
static inline int bench_outputs(struct bench *b)
{
    const riv_ds *list[64];
    size_t n = 0;
    for (size_t i = 0; i < b->graph.n; i++)
        if (b->graph.node[i]->output)
            list[n++] = b->graph.node[i];
    return bench_run(b, list, n);
}

static inline riv_ds *bench_collect_of(struct bench *b, riv_ds *ds)
{
    if (b->graph.err.code < 0)
        fail_msg("%s", b->graph.err.text);
    return riv__graph_add(
        &b->graph, &(struct riv_node_spec){
                       .kind = &riv__kind_collect, .in = &ds, .nin = 1 });
}

/* The rows that op k's parts hold, as CSV into b->text. */
static inline void bench_show(struct bench *b, const riv_ds *node)
{
    struct riv_op *op = riv__plan_op(b->plan, node);
    riv__buf_reset(&b->text);
    for (uint32_t i = 0; i < op->npart; i++) {
        const struct riv_rows *rows =
            ((struct riv_rows_part *)op->part[i])->bucket;
        for (size_t k = 0; k < rows->n; k++)
            riv__csv_write(rows->layout, riv__rows_at(rows, k), ',', &b->text);
    }
    riv__buf_char(&b->text, '\0');
}

/* Computes a dataset. 0, or the error in b->err. */
static inline int bench_try(struct bench *b, riv_ds *ds)
{
    const riv_ds *node = bench_collect_of(b, ds);
    RIV__TRY(bench_run(b, &node, 1));
    bench_show(b, node);
    return 0;
}

/* Its rows as CSV, one a line, in the order of partitions; lent until the next
 * call. */
static inline const char *bench_csv(struct bench *b, riv_ds *ds)
{
    if (bench_try(b, ds) < 0)
        fail_msg("%s", b->err.text);
    return b->text.p;
}

static inline int bench_by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The same, the lines sorted. */
static inline const char *bench_sorted(struct bench *b, riv_ds *ds)
{
    struct riv_buf all = { 0 };
    size_t n = 0;
    const char *text = bench_csv(b, ds);
    char **line = calloc(b->text.n + 1, sizeof *line);
    riv__buf_init(&all, 0);
    riv__buf_add(&all, text, b->text.n);
    for (char *p = all.p, *end; (end = strchr(p, '\n')); p = end + 1) {
        *end = '\0';
        line[n++] = p;
    }
    qsort(line, n, sizeof *line, bench_by_bytes);
    riv__buf_reset(&b->text);
    for (size_t i = 0; i < n; i++)
        riv__buf_printf(&b->text, "%s\n", line[i]);
    riv__buf_char(&b->text, '\0');
    riv__buf_fini(&all);
    free(line);
    return b->text.p;
}

/* The job fails with this code, and says this. */
static inline void bench_fails(struct bench *b, riv_ds *ds, int code,
                               const char *says)
{
    int rc = bench_try(b, ds);
    if (rc != code || !strstr(b->err.text, says))
        fail_msg("got %d \"%s\", not %d \"%s\"", rc, b->err.text, code, says);
}

static inline uint64_t bench_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

/* The same body on 1, 2 and 4 workers. */
static const unsigned bench_threads[] = { 1, 2, 4 };

#endif
