/* api/action.c - actions: one more output is added to the graph, compiled and
 * run at once, and forgotten. */
#include <stdlib.h>
#include <string.h>

#include "api/context.h"
#include "exec/job.h"
#include "exec/run_rows.h"
#include "graph/ops.h"

static int action_refused(riv_ds *rdd, const char *name)
{
    char show[256];
    if (!rdd || !rdd->graph)
        return RIV_EINVAL;
    if (rdd->graph->err.code < 0)
        return rdd->graph->err.code;
    if (rdd->live)
        return riv__graph_fail(rdd->graph, RIV_EINVAL,
                               "%s: %s is a stream; use it inside "
                               "riv_foreach_rdd, on the dataset of a batch",
                               name, riv__ds_show(rdd, show, sizeof show));
    return riv__context_ready(rdd->graph->owner);
}

/* Runs `ds` now with a collecting op below it; on success the plan lives, and
 * its op holds the rows. */
static int run_collect(riv_ds *ds, size_t most, struct riv_arena *arena,
                       struct riv_plan **ret, struct riv_op **ret_op)
{
    struct riv_graph *graph = ds->graph;
    riv *r = graph->owner;
    struct riv_err err = { 0 };
    struct riv_plan *plan = NULL;
    struct riv_arena *was = graph->arena;
    bool frozen = graph->frozen;
    size_t mark = riv__graph_mark(graph, arena);
    riv_ds *node = riv__graph_add(
        graph, &(struct riv_node_spec){
                   .kind = &riv__kind_collect, .in = &ds, .nin = 1 });
    const riv_ds *output = node;
    int rc = graph->err.code;
    if (rc == 0) {
        node->number = (int64_t)most;
        rc = riv__plan_new(&r->exec, &output, 1, &plan, &err);
    }
    if (rc == 0)
        rc = riv__job_now(plan, 0, &err);
    for (int i = 1; rc == RIV_EUNAVAIL && i < RIV__ATTEMPTS; i++) {
        riv__plan_free(RIV__TAKE(plan)); /* kept rows were lost: with parents */
        rc = riv__plan_new(&r->exec, &output, 1, &plan, &err);
        if (rc == 0)
            rc = riv__job_now(plan, 0, &err);
    }
    riv__graph_release(graph, mark);
    graph->arena = was;
    graph->frozen = frozen;
    if (rc < 0) {
        riv__plan_free(plan);
        return riv__graph_fail(graph, rc, "%s", err.text);
    }
    *ret = plan;
    *ret_op = riv__plan_op(plan, output);
    return 0;
}

/* One allocation: the rows, then the bytes of their strings. */
struct result_memory {
    struct riv_arena strings;
    max_align_t rows[];
};

static int result_make(struct riv_op *op, size_t most, riv_result *out)
{
    const struct riv_layout *layout = riv__op_in(op);
    size_t n = 0;
    for (uint32_t i = 0; i < op->npart; i++)
        n += ((struct riv_rows_part *)op->part[i])->bucket[0].n;
    if (most > 0)
        n = RIV__MIN(n, most);
    struct result_memory *memory =
        malloc(sizeof *memory + n * layout->size + 1);
    if (!memory)
        return RIV_ENOMEM;
    riv__arena_init(&memory->strings, 4096);
    char *at = (char *)memory->rows;
    size_t left = n;
    for (uint32_t i = 0; i < op->npart; i++) {
        const struct riv_rows *rows =
            ((struct riv_rows_part *)op->part[i])->bucket;
        for (size_t k = 0; k < rows->npiece && left > 0; k++) {
            size_t m;
            const void *chunk = riv__rows_chunk(rows, k, &m);
            m = RIV__MIN(m, left);
            memcpy(at, chunk, m * layout->size);
            at += m * layout->size;
            left -= m;
        }
    }
    if (riv__rows_own(layout, memory->rows, n, &memory->strings) < 0) {
        riv__arena_fini(&memory->strings);
        free(memory);
        return RIV_ENOMEM;
    }
    *out = (riv_result){ .struct_size = sizeof *out,
                         .type = layout->type,
                         .rows = memory->rows,
                         .n = n,
                         .priv = memory };
    return 0;
}

static int collect(riv_ds *rdd, size_t most, riv_result *out, const char *name)
{
    struct riv_plan *plan;
    struct riv_op *op;
    struct riv_arena arena;
    RIV__TRY(action_refused(rdd, name));
    riv__arena_init(&arena, 1024);
    int rc = run_collect(rdd, most, &arena, &plan, &op);
    if (rc == 0) {
        rc = result_make(op, most, out);
        if (rc < 0)
            riv__graph_fail(rdd->graph, rc, "%s: no memory for the rows", name);
        riv__plan_free(plan);
    }
    riv__arena_fini(&arena);
    return rc;
}

int riv_collect(riv_ds *rdd, riv_result *out)
{
    return collect(rdd, 0, out, "riv_collect");
}

int riv_take(riv_ds *rdd, size_t n, riv_result *out)
{
    if (n > 0)
        return collect(rdd, n, out, "riv_take");
    RIV__TRY(action_refused(rdd, "riv_take"));
    *out =
        (riv_result){ .struct_size = sizeof *out, .type = rdd->layout->type };
    return 0;
}

void riv_result_free(riv_result *res)
{
    struct result_memory *memory = res ? res->priv : NULL;
    if (!memory)
        return;
    riv__arena_fini(&memory->strings);
    free(memory);
    *res = (riv_result){ .struct_size = sizeof *res };
}

/* A dataset of one row, built on rdd for this action alone, then collected. */
static int one_row(riv_ds *rdd, const riv_fn *f, riv_result *out,
                   const char *name)
{
    struct riv_arena arena;
    RIV__TRY(action_refused(rdd, name));
    struct riv_graph *graph = rdd->graph;
    struct riv_arena *was = graph->arena;
    bool frozen = graph->frozen;
    riv__arena_init(&arena, 1024);
    size_t mark = riv__graph_mark(graph, &arena);
    riv_ds *made = f ? riv_reduce(rdd, f, NULL) : riv_count(rdd);
    int rc = graph->err.code;
    if (rc == 0)
        rc = collect(made, 0, out, name);
    riv__graph_release(graph, mark);
    graph->arena = was;
    graph->frozen = frozen;
    riv__arena_fini(&arena);
    return rc;
}

int riv_count_now(riv_ds *rdd, int64_t *n)
{
    riv_result result = { 0 };
    RIV__TRY(one_row(rdd, NULL, &result, "riv_count_now"));
    *n = result.n == 1 ? *(const int64_t *)result.rows : 0;
    riv_result_free(&result);
    return 0;
}

int riv_reduce_now(riv_ds *rdd, const riv_fn *f, void *out)
{
    riv_result result = { 0 };
    if (!f && rdd && rdd->graph)
        return riv__graph_fail(rdd->graph, RIV_EINVAL,
                               "riv_reduce_now: no function");
    RIV__TRY(one_row(rdd, f, &result, "riv_reduce_now"));
    riv *r = rdd->graph->owner;
    int rc = 0;
    if (result.n == 0) {
        rc =
            riv__graph_fail(rdd->graph, RIV_EINVAL,
                            "riv_reduce_now(%s): no record to reduce", f->name);
    } else {
        memcpy(out, result.rows, rdd->layout->size);
        rc = riv__rows_own(rdd->layout, out, 1, &r->own);
    }
    riv_result_free(&result);
    return rc;
}
