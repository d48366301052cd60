/* graph/fixture.h - types and functions for the tests of this folder, and what
 * a graph's error must be. Tests only. */
#ifndef RIV_GRAPH_FIXTURE_H
#define RIV_GRAPH_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "graph/ops.h"

/* What kernels call is exec's, a floor above. Nothing runs here. */
void riv_task_grow(riv_task *t)
{
    (void)t;
}

void riv_task_flush(riv_task *t)
{
    (void)t;
}

int riv_task_bad(riv_task *t, const void *row, int rc)
{
    (void)t, (void)row;
    return rc;
}

RIV_PAIR(wc, riv_str, int64_t);
RIV_PAIR(wf, riv_str, double);
typedef struct {
    riv_str sensor;
    double temp;
} reading;
RIV_STRUCT(reading, sensor, temp);

RIV_MAP(to_reading, riv_str, reading);
static int to_reading(const riv_str *in, reading *out, riv_task *t)
{
    (void)t;
    *out = (reading){ *in, 1 };
    return 0;
}

RIV_FILTER(hot, reading);
static int hot(const reading *in, riv_task *t)
{
    (void)t;
    return in->temp > 30;
}

RIV_FLAT_MAP(split, riv_str, wc);
static int split(const riv_str *in, split_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, (wc){ *in, 1 });
    return 0;
}

RIV_MAP_VALUES(half, wc, wf);
static int half(const riv_str *key, const int64_t *v, double *out, riv_task *t)
{
    (void)key, (void)t;
    *out = (double)*v / 2;
    return 0;
}

RIV_MAP_PARTITIONS(few, wc, wc);
static int few(const wc *rows, size_t n, few_out *out, riv_task *t)
{
    (void)t;
    if (n > 0)
        riv_emit(out, rows[0]);
    return 0;
}

RIV_FOREACH(look, wc);
static int look(const wc *in, riv_task *t)
{
    (void)in, (void)t;
    return 0;
}

RIV_REDUCE(longest, riv_str);
static void longest(riv_str *acc, const riv_str *v, riv_task *t)
{
    (void)t;
    *acc = v->n > acc->n ? *v : *acc;
}

RIV_AGGREGATE(mean, wc, wf);
static void mean(double *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc += (double)*v;
}
static void mean_merge(double *acc, const double *other, riv_task *t)
{
    (void)t;
    *acc += *other;
}

RIV_GROUP(all, wc, wc);
static int all(const riv_str *key, const int64_t *v, size_t n, all_out *out,
               riv_task *t)
{
    (void)t, (void)v;
    riv_emit(out, (wc){ *key, (int64_t)n });
    return 0;
}

/* The first error of a graph, all of its words. */
static inline void error_is(struct riv_graph *graph, int code,
                            const char *words)
{
    if (graph->err.code != code || strcmp(graph->err.text, words) != 0)
        fail_msg("got %d \"%s\", not %d \"%s\"", graph->err.code,
                 graph->err.text, code, words);
}

static inline void error_has(struct riv_graph *graph, int code,
                             const char *words)
{
    if (graph->err.code != code || !strstr(graph->err.text, words))
        fail_msg("got %d \"%s\", not %d with \"%s\"", graph->err.code,
                 graph->err.text, code, words);
}

static inline riv_ds *text_of(struct riv_graph *graph)
{
    return riv__op_text(graph, "in.txt", false, NULL);
}

#endif
