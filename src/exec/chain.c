/* exec/chain.c - the life of fused narrow operators: their kernels and buffers,
 * made once for a stage and worker, and the begin and end of each task. Pushing
 * chunks through them is push.c, what user functions may call is in user.c, what
 * happens to a refused record in bad.c. */
#include "exec/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "data/json_read.h"
#include "exec/push.h"
#include "exec/ready.h"
#include "exec/step.h"
#include "exec/user.h"
#include "graph/ops.h"

enum { CHUNK_ROWS_MIN = 64 };

int riv__chain_unread(struct riv_chain *chain, enum riv_unread why)
{
    chain->unread = why;
    return chain->rc;
}

/* ------------------------------------------------------------- kernels */

/* Groups are rows of riv_group to the chain. */
static int group_rows(const void *rows, size_t n, riv_task *t)
{
    /* the kernel may set a group's flags; the rows are the scan's own */
    union {
        const void *in;
        riv_group *out;
    } cast = { rows };
    return riv__step_of(t)->ds->fn->groups(cast.out, n, t);
}

/* What a group of an update has become: a row of the result, or none. A state
 * that its function refused is what it was (b), if there was one. */
static char *update_row(const riv_ds *ds, const riv_group *group, char *out)
{
    const riv_field *pair = ds->layout->type->fields;
    const bool failed = group->flags & RIV__GROUP_FAILED;
    const void *state = failed ? group->b : group->state;
    if (group->flags & (failed ? RIV_STATE_NEW : RIV_STATE_REMOVE))
        return out;
    memcpy(out + pair[0].offset, group->key, pair[0].length);
    memcpy(out + pair[1].offset, state, pair[1].length);
    return out + ds->layout->size;
}

/* The rows of an update: every key with the state it has now. The function gives
 * none itself; it works on rows as they will be, which follow each other. */
static int update_rows(const void *rows, size_t n, riv_task *t)
{
    const riv_ds *ds = riv__step_of(t)->ds;
    const riv_group *group = rows;
    RIV__TRY(group_rows(rows, n, t));
    uint32_t flags = 0;
    for (size_t i = 0; i < n; i++)
        flags |= group[i].flags;
    char *out = t->cur;
    if (RIV__LIKELY(!(flags & (RIV__GROUP_FAILED | RIV_STATE_REMOVE)))) {
        memcpy(out, group->key, n * ds->layout->size);
        t->cur = out + n * ds->layout->size;
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        out = update_row(ds, &group[i], out);
    t->cur = out;
    return 0;
}

static riv_rows_fn *kernel_of(const struct riv_exec *exec, const riv_ds *ds)
{
    for (const struct riv_runner *r = exec->runners; r->kind; r++)
        if (r->kind == ds->kind && r->rows)
            return r->rows;
    if (ds->kind == &riv__kind_decode)
        return riv__step_decode;
    if (ds->kind == &riv__kind_update_state)
        return update_rows;
    if (ds->kind->role == RIV__ROLE_GROUPS)
        return group_rows;
    const struct riv_ready_ops *ready = riv__ready_of(ds->kind);
    if (ready)
        return ready->rows;
    return ds->fn ? ds->fn->rows : NULL;
}

static bool emits_more(const struct riv_kind *kind)
{
    const struct riv_ready_ops *ready = riv__ready_of(kind);
    return ready && ready->emits_more;
}

static bool writes_chunks(const struct riv_kind *kind)
{
    const struct riv_ready_ops *ready = riv__ready_of(kind);
    return ready && ready->by_chunk;
}

static bool kernel_takes_back(const riv_ds *ds)
{
    return ds->kind == &riv__kind_flat_map ||
           ds->kind == &riv__kind_flat_map_values ||
           ds->kind == &riv__kind_map_partitions || emits_more(ds->kind) ||
           ds->kind->role == RIV__ROLE_GROUPS;
}

/* ------------------------------------------------------- making chains */

static int step_init(struct riv_step *step, struct riv_chain *chain,
                     const struct riv_step_def *def)
{
    const riv_ds *ds = def->ds;
    riv__step_bare_init(step, chain, ds);
    step->def = def;
    if (def->ways.n > 1 &&
        !(step->more = calloc(def->ways.n, sizeof *step->more)))
        return RIV_ENOMEM;
    step->rows = kernel_of(chain->exec, ds);
    step->takes_back = kernel_takes_back(ds);
    if (!ds->layout || !step->rows)
        return 0;
    step->row_bytes = ds->layout->size;
    size_t fit = chain->stage->step_bytes / step->row_bytes;
    step->chunk_rows = RIV__MIN(RIV__MAX(fit, (size_t)CHUNK_ROWS_MIN),
                                (size_t)RIV__CHUNK_ROWS);
    step->room_rows =
        step->takes_back ? 2 * step->chunk_rows : step->chunk_rows;
    if (writes_chunks(ds->kind))
        step->room_rows =
            RIV__MAX(step->room_rows, (size_t)RIV__READY_ROWS + 64);
    step->base = malloc(step->room_rows * step->row_bytes);
    return step->base ? 0 : RIV_ENOMEM;
}

static void step_fini(struct riv_step *step)
{
    riv__step_bare_fini(step);
    free(step->base);
}

int riv__chain_new(struct riv_exec *exec, struct riv_stage *stage,
                   struct riv_worker *worker, struct riv_chain **ret,
                   struct riv_err *err)
{
    struct riv_chain *chain = calloc(1, sizeof *chain);
    int rc = chain ? 0 : RIV_ENOMEM;
    if (chain) {
        *chain = (struct riv_chain){ .exec = exec,
                                     .stage = stage,
                                     .worker = worker };
        chain->step = calloc(stage->nstep + 1, sizeof *chain->step);
        rc = chain->step ? riv__push_init(chain) : RIV_ENOMEM;
    }
    for (uint32_t i = 0; rc == 0 && i < stage->nstep; i++)
        rc = step_init(&chain->step[i], chain, &stage->step[i]);
    if (rc < 0) {
        riv__chain_free(chain);
        return riv__err_set(err, rc, "no memory for the buffers of a stage");
    }
    *ret = chain;
    return 0;
}

void riv__chain_free(struct riv_chain *chain)
{
    if (!chain)
        return;
    for (uint32_t i = 0; chain->step && i < chain->stage->nstep; i++)
        if (chain->step[i].chain)
            step_fini(&chain->step[i]);
    free(chain->step);
    free(chain->frame);
    free(chain->counted);
    free(chain->rows);
    free(chain);
}

char *riv__chain_rows(struct riv_chain *chain, size_t row_bytes)
{
    size_t need = row_bytes * RIV__CHUNK_ROWS;
    if (chain->rows_bytes < need) {
        free(chain->rows);
        chain->rows = calloc(1, need);
        chain->rows_bytes = chain->rows ? need : 0;
        if (!chain->rows)
            riv__chain_fail(chain, RIV_ENOMEM, "no memory for %zu bytes", need);
    }
    return chain->rows;
}

/* -------------------------------------------------------- a task's life */

void riv__chain_begin(struct riv_chain *chain, uint32_t partition, int64_t time)
{
    chain->partition = partition;
    chain->branch = 0;
    chain->time = time;
    chain->records_in = chain->long_lines = chain->refused_by_ops = 0;
    chain->lines = chain->end = NULL;
    chain->origin = NULL;
    chain->chunk = NULL;
    chain->ending = false;
    chain->full = chain->final = false;
    chain->unread = RIV__READABLE;
    chain->rc = 0;
    chain->err.code = 0;
    for (uint32_t i = 0; i < chain->stage->nstep; i++) {
        struct riv_step *step = &chain->step[i];
        step->in = step->out = step->bad = 0;
        step->t.time = time;
        riv__push_aim(step);
    }
}

/* The partition that came by one way is over. */
static void local_end(struct riv_local *local)
{
    if (local->used && local->fini)
        local->fini(local->p);
    local->used = false;
    local->fini = NULL;
}

/* A function over whole partitions is told where they end. */
static bool wants_end(const riv_ds *ds)
{
    return ds->kind == &riv__kind_map_partitions ||
           ds->kind == &riv__kind_foreach_partition;
}

/* Each way was a partition of its own. */
static void step_end(struct riv_step *step)
{
    struct riv_chain *chain = step->chain;
    const struct riv_way_list *ways = &step->def->ways;
    for (uint32_t i = 0; i < ways->n; i++) {
        step->way = i;
        chain->branch = ways->way[i].branch;
        if (chain->rc == 0 && wants_end(step->ds) && !step->def->idle)
            riv__push_end(step);
        local_end(riv__step_local(step, i));
    }
}

int riv__chain_end(struct riv_chain *chain)
{
    chain->ending = true;
    for (uint32_t i = 0; i < chain->stage->nstep; i++)
        step_end(&chain->step[i]);
    return chain->rc;
}

void riv__chain_abort(struct riv_chain *chain)
{
    for (uint32_t i = 0; i < chain->stage->nstep; i++)
        for (uint32_t k = 0; k < chain->step[i].def->ways.n; k++)
            local_end(riv__step_local(&chain->step[i], k));
}

void riv__step_bare_init(struct riv_step *step, struct riv_chain *chain,
                         const riv_ds *ds)
{
    *step = (struct riv_step){ .chain = chain, .ds = ds };
    step->t.arg = ds->arg;
    riv__arena_init(&step->arena, 4096);
    riv__arena_init(&step->csv_arena, 1024);
    riv__arena_init(&step->json_arena, 1024);
}

void riv__step_bare_fini(struct riv_step *step)
{
    for (uint32_t i = 0; step->more && i < step->def->ways.n; i++) {
        local_end(&step->more[i]);
        free(step->more[i].p);
    }
    free(step->more);
    local_end(&step->one);
    free(step->one.p);
    riv__json_reader_free(step->json);
    riv__arena_fini(&step->arena);
    riv__arena_fini(&step->csv_arena);
    riv__arena_fini(&step->json_arena);
}
