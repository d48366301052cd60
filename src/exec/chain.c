/* exec/chain.c - pushing chunks through fused narrow operators. The hot path is
 * step_take -> kernel -> step_flush -> the next step; everything per chunk,
 * nothing per record. What user functions may call is in user.c, what happens
 * to a refused record in bad.c. */
#include "exec/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "data/text.h"
#include "exec/leave.h"
#include "exec/user.h"
#include "graph/ops.h"

enum {
    CHUNK_BYTES = 48 * 1024, /* output buffer of a step: half of an L2 stays */
    CHUNK_ROWS_MIN = 64,
    ARENA_KEEP = 256 * 1024,
};

int riv__chain_fail(struct riv_chain *chain, int code, const char *fmt, ...)
{
    if (chain->rc == 0) {
        va_list ap;
        va_start(ap, fmt);
        riv__err_vset(&chain->err, code, fmt, ap);
        va_end(ap);
        chain->rc = code;
    }
    return chain->rc;
}

/* ------------------------------------------------------------- kernels */

/* The engine's own kernel: one CSV line to one row. */
static int decode_rows(const void *rows, size_t n, riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    const riv_str *line = rows;
    char *out = t->cur;
    struct riv_err err = { 0 };
    for (size_t i = 0; i < n; i++) {
        int rc = riv__csv_read(step->ds->layout, line[i], ',', out,
                               &step->arena, &err);
        if (RIV__LIKELY(rc == 0)) {
            out += step->row_bytes;
            continue;
        }
        rc = riv_fail(t, "%s", err.text);
        rc = riv_task_bad(t, &line[i], rc);
        if (rc != 0)
            return rc;
    }
    t->cur = out;
    return 0;
}

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

/* The rows of an update: every key with the state it has now. The function gives
 * none itself; a state that it refused is what it was (b; NULL: none). */
static int update_rows(const void *rows, size_t n, riv_task *t)
{
    const riv_ds *ds = riv__step_of(t)->ds;
    const riv_field *pair = ds->layout->type->fields;
    const riv_group *group = rows;
    RIV__TRY(group_rows(rows, n, t));
    char *out = t->cur;
    for (size_t i = 0; i < n; i++) {
        const bool failed = group[i].flags & RIV__GROUP_FAILED;
        const void *state = failed ? group[i].b : group[i].state;
        if (!state || (!failed && group[i].flags & RIV_STATE_REMOVE))
            continue;
        memcpy(out + pair[0].offset, group[i].key, pair[0].length);
        memcpy(out + pair[1].offset, state, pair[1].length);
        out += ds->layout->size;
    }
    t->cur = out;
    return 0;
}

static riv_rows_fn *kernel_of(const struct riv_exec *exec, const riv_ds *ds)
{
    for (const struct riv_runner *r = exec->runners; r->kind; r++)
        if (r->kind == ds->kind && r->rows)
            return r->rows;
    if (ds->kind == &riv__kind_decode)
        return decode_rows;
    if (ds->kind == &riv__kind_update_state)
        return update_rows;
    if (ds->kind->role == RIV__ROLE_GROUPS)
        return group_rows;
    return ds->fn ? ds->fn->rows : NULL;
}

static bool kernel_takes_back(const riv_ds *ds)
{
    return ds->kind == &riv__kind_flat_map ||
           ds->kind == &riv__kind_flat_map_values ||
           ds->kind == &riv__kind_map_partitions ||
           ds->kind->role == RIV__ROLE_GROUPS;
}

/* ------------------------------------------------------- making chains */

static int step_init(struct riv_step *step, struct riv_chain *chain,
                     const struct riv_step_def *def)
{
    const riv_ds *ds = def->ds;
    riv__step_bare_init(step, chain, ds);
    step->def = def;
    if (def->ways.n > 1)
        step->local = calloc(def->ways.n, sizeof *step->local);
    if (!step->local)
        return RIV_ENOMEM;
    step->rows = kernel_of(chain->exec, ds);
    step->takes_back = kernel_takes_back(ds);
    if (!ds->layout || !step->rows)
        return 0;
    step->row_bytes = ds->layout->size;
    size_t fit = CHUNK_BYTES / step->row_bytes;
    step->chunk_rows = RIV__MIN(RIV__MAX(fit, (size_t)CHUNK_ROWS_MIN),
                                (size_t)RIV__CHUNK_ROWS);
    step->room_rows =
        step->takes_back ? 2 * step->chunk_rows : step->chunk_rows;
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
        rc = chain->step ? 0 : RIV_ENOMEM;
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

/* ------------------------------------------------------------- pushing */

/* A row that points into the worker's stack would dangle: a local array was
 * emitted. Found here, at the first chunk, instead of as garbage later. */
static int step_check_stack(struct riv_step *step, size_t n)
{
    const struct riv_layout *layout = step->ds->layout;
    const struct riv_worker *worker = step->chain->worker;
    const uintptr_t lo = worker->stack_lo;
    const uintptr_t size = worker->stack_hi - lo;
    uintptr_t hits = 0;
    for (uint32_t s = 0; s < layout->nstr; s++) {
        const char *at = step->base + layout->str_offset[s];
        for (size_t i = 0; i < n; i++, at += step->row_bytes) {
            uintptr_t p;
            memcpy(&p, at, sizeof p);
            hits |= (uintptr_t)(p - lo < size);
        }
        if (hits == 0)
            continue;
        char show[256];
        const char *field = "";
        for (uint32_t k = 0; k < layout->nleaf; k++)
            if (layout->leaf[k].offset == layout->str_offset[s])
                field = layout->leaf[k].name;
        return riv__chain_fail(
            step->chain, RIV_EFATAL,
            "%s: field \"%s\" of an output record points into the worker's "
            "stack (a local array?); use riv_dup, riv_fmt or riv_alloc",
            riv__ds_show(step->ds, show, sizeof show), field);
    }
    return 0;
}

/* Hands the rows between base and cur to the takers. */
static int step_flush(struct riv_step *step)
{
    struct riv_chain *chain = step->chain;
    size_t n = step->row_bytes ? (size_t)((char *)step->t.cur - step->base) /
                                     step->row_bytes
                               : 0;
    if (n > 0 && chain->rc == 0) {
        step->out += n;
        if (step_check_stack(step, n) == 0)
            riv__chain_follow(chain, step->def->next, step->def->nnext,
                              step->base, n);
    }
    step->t.cur = step->base;
    if (step->arena.cur)
        riv__arena_reset(&step->arena, ARENA_KEEP);
    return chain->rc;
}

static void step_aim(struct riv_step *step)
{
    step->t.cur = step->base;
    step->t.mark = step->base;
    step->t.end = step->base + step->room_rows * step->row_bytes;
    step->t.soft = step->base + step->chunk_rows * step->row_bytes;
}

static int step_kernel(struct riv_step *step, const void *rows, size_t n)
{
    int rc = riv__leave_rows(step, rows, n);
    if (RIV__RARELY(rc != 0) && step->chain->rc == 0) {
        char show[256];
        riv__chain_fail(step->chain, rc < 0 ? rc : RIV_EFATAL,
                        "%s: the function returned %d: %s",
                        riv__ds_show(step->ds, show, sizeof show), rc,
                        step->why[0] ? step->why : "no reason given");
    }
    return step_flush(step);
}

static size_t step_in_bytes(const struct riv_step *step)
{
    if (step->ds->kind->role == RIV__ROLE_GROUPS)
        return sizeof(riv_group);
    return step->ds->parent[0]->layout->size;
}

/* Which of the step's ways ends in this branch of its dataset. */
static uint32_t way_of(const struct riv_step_def *def, uint32_t branch)
{
    uint32_t lo = 0, hi = def->ways.n;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (def->ways.way[mid].branch <= branch)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static int step_take(struct riv_step *step, const void *rows, size_t n)
{
    step->in += n;
    if (RIV__RARELY(step->def->ways.n > 1))
        step->way = way_of(step->def, step->chain->branch);
    if (!step->rows) { /* union, riv_bad: rows pass */
        step->out += n;
        return riv__chain_follow(step->chain, step->def->next, step->def->nnext,
                                 rows, n);
    }
    size_t most = step->row_bytes ? step->chunk_rows : n;
    if (n <= most)
        return step_kernel(step, rows, n);
    const char *at = rows;
    for (size_t stride = step_in_bytes(step); n > 0;) {
        size_t m = RIV__MIN(n, most);
        RIV__TRY(step_kernel(step, at, m));
        at += m * stride;
        n -= m;
    }
    return 0;
}

static int op_take(struct riv_chain *chain, const struct riv_edge *edge,
                   const void *rows, size_t n)
{
    struct riv_part *part = chain->part[edge->to];
    while (part->sibling && part->branch != chain->branch + edge->branch)
        part = part->sibling;
    const struct riv_op_ops *ops = part->op->ops;
    struct riv_err err = { 0 };
    int rc = ops->take(part, edge->side, rows, n, &err);
    if (RIV__RARELY(rc < 0))
        return riv__chain_fail(chain, rc, "%s", err.text);
    if (ops->full && chain->stage->nfeeds == 1 && chain->stage->ways[0].n == 1)
        chain->full = ops->full(part);
    return 0;
}

int riv__chain_follow(struct riv_chain *chain, const struct riv_edge *edge,
                      uint32_t nedge, const void *rows, size_t n)
{
    for (uint32_t i = 0; i < nedge && chain->rc == 0; i++) {
        if (edge[i].to_op) {
            op_take(chain, &edge[i], rows, n);
            continue;
        }
        chain->branch += edge[i].branch;
        step_take(&chain->step[edge[i].to], rows, n);
        chain->branch -= edge[i].branch;
    }
    return chain->rc;
}

int riv__chain_push(struct riv_chain *chain, const void *rows, size_t n)
{
    chain->records_in += n;
    return riv__chain_follow(chain, chain->stage->root, chain->stage->nroot,
                             rows, n);
}

/* -------------------------------------------------------- a task's life */

void riv__chain_begin(struct riv_chain *chain, uint32_t partition, int64_t time)
{
    chain->partition = partition;
    chain->branch = 0;
    chain->time = time;
    chain->records_in = chain->long_lines = 0;
    chain->lines = chain->end = NULL;
    chain->full = false;
    chain->rc = 0;
    chain->err.code = 0;
    for (uint32_t i = 0; i < chain->stage->nstep; i++) {
        struct riv_step *step = &chain->step[i];
        step->in = step->out = step->bad = 0;
        step->t.time = time;
        step_aim(step);
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
        if (chain->rc == 0 && wants_end(step->ds))
            step_kernel(step, NULL, 0);
        local_end(&step->local[i]);
    }
}

int riv__chain_end(struct riv_chain *chain)
{
    for (uint32_t i = 0; i < chain->stage->nstep; i++)
        step_end(&chain->step[i]);
    return chain->rc;
}

void riv__chain_abort(struct riv_chain *chain)
{
    for (uint32_t i = 0; i < chain->stage->nstep; i++)
        for (uint32_t k = 0; k < chain->step[i].def->ways.n; k++)
            local_end(&chain->step[i].local[k]);
}

void riv__step_bare_init(struct riv_step *step, struct riv_chain *chain,
                         const riv_ds *ds)
{
    *step = (struct riv_step){ .chain = chain, .ds = ds };
    step->local = &step->one;
    step->t.arg = ds->arg;
    riv__arena_init(&step->arena, 4096);
    riv__arena_init(&step->csv_arena, 1024);
}

void riv__step_bare_fini(struct riv_step *step)
{
    const uint32_t n = step->def ? RIV__MAX(step->def->ways.n, 1u) : 1;
    for (uint32_t i = 0; step->local && i < n; i++) {
        local_end(&step->local[i]);
        free(step->local[i].p);
    }
    if (step->local != &step->one)
        free(step->local);
    riv__arena_fini(&step->arena);
    riv__arena_fini(&step->csv_arena);
}

/* ---------------------------------- what the macros call (rivulet.h) */

void riv_task_flush(riv_task *t)
{
    step_flush(riv__step_of(t));
}

/* The buffer is full in the middle of a record. Under a policy that may take
 * the record back, everything since mark must stay: the buffer grows, up to a
 * limit. When a bad record fails the job anyway, what is there can go on. */
void riv_task_grow(riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    struct riv_chain *chain = step->chain;
    const uintptr_t was = (uintptr_t)step->base;
    size_t used = (uintptr_t)step->t.cur - was;
    size_t mark = (uintptr_t)step->t.mark - was;
    size_t limit = (size_t)chain->exec->conf->emit_bytes_max;
    if (step->ds->on_error == RIV_FAIL_JOB) {
        /* memory of riv_alloc may still be used by this record's later rows */
        struct riv_arena keep = step->arena;
        step->arena = (struct riv_arena){ 0 };
        step_flush(step);
        step->arena = keep;
        step->t.mark = step->t.cur;
        return;
    }
    size_t want = 2 * step->room_rows * step->row_bytes;
    char *base = want <= limit ? malloc(want) : NULL;
    if (!base) {
        char show[256];
        riv__chain_fail(chain, RIV_EFATAL,
                        "%s: one record emitted more than %zu bytes; raise "
                        "record.emit_max",
                        riv__ds_show(step->ds, show, sizeof show), used);
        riv__leave_now(step);
    }
    memcpy(base, step->base, used);
    free(step->base);
    step->base = base;
    step->room_rows *= 2;
    step_aim(step);
    step->t.cur = base + used;
    step->t.mark = base + mark;
}
