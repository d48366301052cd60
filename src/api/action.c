/* api/action.c - what all actions share, and those that give rows as they are:
 * one more output is added to the graph, compiled and run at once, and
 * forgotten. The others are in action_*.c. */
#include "api/action.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/table.h"
#include "exec/job.h"
#include "exec/run_rows.h"
#include "graph/ops.h"

/* A task would wait for itself; several may say so at once. And a context that
 * was stopped computes nothing any more. */
static int time_refused(riv *r, const char *name)
{
    const char *why = NULL;
    riv__lock(&r->lock);
    if (r->life == RIV__ENDED && r->stop_asked != 0)
        why = "the job was stopped";
    if (atomic_load(&r->exec.pool.runs))
        why = "called by a function that a task runs; actions are for the "
              "program itself and for riv_foreach_rdd";
    int rc =
        why ? riv__graph_fail(&r->graph, RIV_EINVAL, "%s: %s", name, why) : 0;
    riv__unlock(&r->lock);
    return rc;
}

static int action_refused(riv_ds *rdd, const void *out, const char *name)
{
    if (!rdd || !rdd->graph)
        return RIV_EINVAL;
    RIV__TRY(time_refused(rdd->graph->owner, name));
    RIV__TRY(rdd->graph->err.code);
    if (!out)
        return riv__graph_fail(rdd->graph, RIV_EINVAL,
                               "%s: no place for its result is given", name);
    return riv__context_ready(rdd->graph->owner);
}

int riv__action_begin_any(struct riv_action *act, riv_ds *ds, const void *out,
                          const char *name)
{
    RIV__TRY(action_refused(ds, out, name));
    struct riv_graph *graph = ds->graph;
    *act = (struct riv_action){ .name = name,
                                .rdd = ds,
                                .graph = graph,
                                .was = graph->arena,
                                .frozen = graph->frozen };
    riv__arena_init(&act->arena, 1024);
    act->mark = riv__graph_mark(graph, &act->arena);
    return 0;
}

int riv__action_begin(struct riv_action *act, riv_ds *rdd, const void *out,
                      const char *name)
{
    char show[256];
    RIV__TRY(action_refused(rdd, out, name));
    if (rdd->live)
        return riv__graph_fail(rdd->graph, RIV_EINVAL,
                               "%s: %s is a stream; use it inside "
                               "riv_foreach_rdd, on the dataset of a batch",
                               name, riv__ds_show(rdd, show, sizeof show));
    return riv__action_begin_any(act, rdd, out, name);
}

int riv__action_end(struct riv_action *act, int rc)
{
    riv__graph_release(act->graph, act->mark);
    act->graph->arena = act->was;
    act->graph->frozen = act->frozen;
    riv__arena_fini(&act->arena);
    return rc;
}

int riv__action_fail(struct riv_action *act, int code, const char *fmt, ...)
{
    char text[RIV__ERR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return riv__graph_fail(act->graph, code, "%s: %s", act->name, text);
}

int riv__action_run(struct riv_action *act, riv_ds *output_ds,
                    struct riv_plan **ret)
{
    riv *r = act->graph->owner;
    struct riv_err err = { 0 };
    struct riv_plan *plan = NULL;
    const riv_ds *output = output_ds;
    RIV__TRY(act->graph->err.code);
    int rc = riv__tables_load(r, &err);
    if (rc == 0)
        rc = riv__plan_new(&r->exec, &output, 1, &plan, &err);
    if (rc == 0)
        rc = riv__job_now(plan, 0, &err);
    if (rc < 0) {
        riv__plan_free(plan);
        return riv__graph_fail(act->graph, rc, "%s", err.text);
    }
    *ret = plan;
    return 0;
}

int riv__action_gather(struct riv_action *act, riv_ds *ds, struct riv_gather *g)
{
    struct riv_plan *plan = NULL;
    RIV__TRY(act->graph->err.code);
    g->in = ds->layout;
    riv_ds *node = riv__graph_add(
        act->graph, &(struct riv_node_spec){
                        .kind = &riv__kind_gather, .in = &ds, .nin = 1 });
    node->param = g;
    RIV__TRY(riv__action_run(act, node, &plan));
    riv__plan_free(plan);
    return 0;
}

/* One allocation: the rows, then the bytes of their strings. */
struct result_memory {
    struct riv_arena strings;
    max_align_t rows[];
};

static struct result_memory *result_new(size_t n, size_t size)
{
    struct result_memory *memory = NULL;
    size_t bytes;
    if (!__builtin_mul_overflow(n, size, &bytes) && bytes < SIZE_MAX / 2)
        memory = malloc(sizeof *memory + bytes + 1);
    if (memory)
        riv__arena_init(&memory->strings, 4096);
    return memory;
}

static int result_done(struct result_memory *memory,
                       const struct riv_layout *layout, size_t n,
                       riv_result *out)
{
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

static int no_memory(struct riv_action *act, int rc)
{
    return rc < 0 ? riv__action_fail(act, rc, "no memory for the rows") : 0;
}

int riv__action_result(struct riv_action *act, const struct riv_layout *layout,
                       const char *const *row, size_t n, riv_result *out)
{
    struct result_memory *memory = result_new(n, layout->size);
    if (!memory)
        return no_memory(act, RIV_ENOMEM);
    char *to = (char *)memory->rows;
    for (size_t i = 0; i < n; i++, to += layout->size)
        memcpy(to, row[i], layout->size);
    return no_memory(act, result_done(memory, layout, n, out));
}

int riv__action_row(struct riv_action *act, const struct riv_layout *layout,
                    const void *row, void *out)
{
    memcpy(out, row, layout->size);
    return no_memory(act, riv__rows_own(layout, out, 1, act->was));
}

/* `size` bytes at `offset` of the rows of every part, in order. */
static int result_make(struct riv_op *op, size_t most, uint32_t offset,
                       const struct riv_layout *layout, riv_result *out)
{
    const size_t stride = riv__op_in(op)->size;
    size_t n = 0;
    for (uint32_t i = 0; i < op->npart; i++)
        n += ((struct riv_rows_part *)op->part[i])->bucket[0].n;
    if (most > 0)
        n = RIV__MIN(n, most);
    struct result_memory *memory = result_new(n, layout->size);
    if (!memory)
        return RIV_ENOMEM;
    char *to = (char *)memory->rows;
    size_t left = n;
    for (uint32_t i = 0; i < op->npart; i++) {
        const struct riv_rows *rows =
            ((struct riv_rows_part *)op->part[i])->bucket;
        for (size_t k = 0; k < rows->npiece && left > 0; k++) {
            size_t m;
            const char *at = riv__rows_chunk(rows, k, &m);
            m = RIV__MIN(m, left);
            left -= m;
            for (size_t j = 0; j < m; j++, to += layout->size)
                memcpy(to, at + j * stride + offset, layout->size);
        }
    }
    return result_done(memory, layout, n, out);
}

/* A pair type that was made for the action lives with its result. */
static int result_own_type(riv_result *out)
{
    struct result_memory *memory = out->priv;
    const riv_field *field = out->type->fields;
    out->type = riv__type_pair(&memory->strings, field[0].type, field[1].type);
    if (out->type)
        return 0;
    riv_result_free(out);
    return RIV_ENOMEM;
}

/* Runs an output that keeps rows, and gives them. */
static int take_rows(struct riv_action *act, riv_ds *node, size_t most,
                     uint32_t offset, const struct riv_layout *layout,
                     riv_result *out)
{
    struct riv_plan *plan;
    RIV__TRY(riv__action_run(act, node, &plan));
    int rc = result_make(riv__plan_op(plan, node), most, offset, layout, out);
    riv__plan_free(plan);
    return rc == RIV_ENOMEM ? no_memory(act, rc) : rc;
}

int riv__action_collect(struct riv_action *act, riv_ds *ds, size_t most,
                        int field, riv_result *out)
{
    struct riv_err err = { 0 };
    const struct riv_layout *layout = ds->layout;
    uint32_t offset = 0;
    RIV__TRY(act->graph->err.code);
    if (field == RIV__ONLY_VALUE) {
        offset = layout->type->fields[1].offset;
        if (riv__layout_make(&act->arena, layout->type->fields[1].type, &layout,
                             &err) < 0)
            return riv__action_fail(act, err.code, "%s", err.text);
    }
    riv_ds *node = riv__graph_add(
        act->graph, &(struct riv_node_spec){
                        .kind = &riv__kind_collect, .in = &ds, .nin = 1 });
    node->number = (int64_t)RIV__MIN(most, (size_t)INT64_MAX);
    int rc = take_rows(act, node, most, offset, layout, out);
    if (rc == 0 && field == RIV__MADE_PAIR)
        rc = no_memory(act, result_own_type(out));
    return rc;
}

int riv__action_pick(struct riv_action *act, riv_ds *ds, struct riv_pick *pick,
                     riv_result *out)
{
    riv_ds *node = riv__graph_add(
        act->graph, &(struct riv_node_spec){
                        .kind = &riv__kind_pick, .in = &ds, .nin = 1 });
    node->param = pick;
    return take_rows(act, node, 0, 0, ds->layout, out);
}

int riv_collect(riv_ds *rdd, riv_result *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, "riv_collect"));
    return riv__action_end(
        &act, riv__action_collect(&act, rdd, 0, RIV__WHOLE_ROW, out));
}

int riv_take(riv_ds *rdd, size_t n, riv_result *out)
{
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, out, "riv_take"));
    int rc = 0;
    if (n > 0)
        rc = riv__action_collect(&act, rdd, n, RIV__WHOLE_ROW, out);
    else
        *out = (riv_result){ .struct_size = sizeof *out,
                             .type = rdd->layout->type };
    return riv__action_end(&act, rc);
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

int riv_count_now(riv_ds *rdd, int64_t *n)
{
    riv_result result = { 0 };
    struct riv_action act;
    RIV__TRY(riv__action_begin(&act, rdd, n, "riv_count_now"));
    int rc =
        riv__action_collect(&act, riv_count(rdd), 0, RIV__WHOLE_ROW, &result);
    if (rc == 0)
        *n = result.n == 1 ? *(const int64_t *)result.rows : 0;
    riv_result_free(&result);
    return riv__action_end(&act, rc);
}
