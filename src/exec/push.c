/* exec/push.c - pushing chunks through fused narrow operators. The hot path is
 * feed -> kernel -> hand -> the next step; everything per chunk, nothing per
 * record. What is under way lies on a stack of the chain's own, not on the
 * thread's: programs make chains of a hundred thousand steps. Only a kernel that
 * hands over within a record's chunk (riv_task_flush) goes deeper, and the graph
 * cuts chains of those (RIV__NEST_MAX). */
#include "exec/push.h"

#include <stdlib.h>
#include <string.h>

#include "exec/leave.h"
#include "exec/tap.h"
#include "graph/ops.h"

enum { ARENA_KEEP = 256 * 1024 };

/* Rows on their way. Fed to a step, piece by piece; or handed over along edges,
 * one after another: then they are the output of `step`, whose buffer is free
 * when the last has taken them (NULL: somebody else's). */
struct riv_frame {
    const struct riv_edge *edge; /* NULL: fed */
    uint32_t nedge, at;
    uint32_t branch; /* of the dataset whose rows they are */
    struct riv_step *step;
    const char *rows;
    size_t n;
};

/* A path meets a step once: it is fed, and hands over; so does the input, and a
 * refused record. */
int riv__push_init(struct riv_chain *chain)
{
    chain->frame_cap = 2 * (size_t)chain->stage->nstep + 4;
    chain->frame = malloc(chain->frame_cap * sizeof *chain->frame);
    return chain->frame ? 0 : RIV_ENOMEM;
}

static void frame_add(struct riv_chain *chain, struct riv_frame frame)
{
    RIV__ASSERT(chain->nframe < chain->frame_cap);
    chain->frame[chain->nframe++] = frame;
}

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

/* The rows in the buffer have been taken, or are dropped. */
static void consumed(struct riv_step *step)
{
    step->t.cur = step->base;
    if (step->arena.cur)
        riv__arena_reset(&step->arena, ARENA_KEEP);
}

/* The rows between base and cur begin to be handed over. */
static void hand_begin(struct riv_step *step)
{
    struct riv_chain *chain = step->chain;
    size_t n = step->row_bytes ? (size_t)((char *)step->t.cur - step->base) /
                                     step->row_bytes
                               : 0;
    if (n == 0 || chain->rc != 0 || step_check_stack(step, n) < 0) {
        consumed(step);
        return;
    }
    step->out += n;
    riv__tap_pass(chain, step->ds, step->base, n);
    if (step->def->nnext == 0) { /* only its refused records are wanted */
        consumed(step);
        return;
    }
    frame_add(chain, (struct riv_frame){ .edge = step->def->next,
                                         .nedge = step->def->nnext,
                                         .branch = chain->branch,
                                         .step = step,
                                         .rows = step->base,
                                         .n = n });
}

static void kernel_failed(struct riv_step *step, int rc)
{
    char show[256];
    riv__chain_fail(step->chain, rc < 0 ? rc : RIV_EFATAL,
                    "%s: the function returned %d: %s",
                    riv__ds_show(step->ds, show, sizeof show), rc,
                    step->why[0] ? step->why : "no reason given");
}

static void step_kernel(struct riv_step *step, const void *rows, size_t n)
{
    int rc = riv__leave_rows(step, rows, n);
    if (RIV__RARELY(rc != 0) && step->chain->rc == 0)
        kernel_failed(step, rc);
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

static int op_take(struct riv_chain *chain, const struct riv_edge *edge,
                   const void *rows, size_t n)
{
    struct riv_part *part = chain->part[edge->to];
    chain->op_branch = chain->branch + edge->branch;
    while (part->sibling && part->branch != chain->op_branch)
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

/* Rows go along the next edge: into an op, or they are fed to a step. */
static void hand(struct riv_chain *chain, struct riv_frame *f)
{
    if (f->at == f->nedge) {
        chain->nframe--;
        if (f->step)
            consumed(f->step);
        return;
    }
    const struct riv_edge *edge = &f->edge[f->at++];
    chain->branch = f->branch;
    if (edge->to_op) {
        op_take(chain, edge, f->rows, f->n);
        return;
    }
    struct riv_step *step = &chain->step[edge->to];
    if (RIV__RARELY(step->def->idle))
        return;
    step->in += f->n;
    frame_add(chain, (struct riv_frame){ .branch = f->branch + edge->branch,
                                         .step = step,
                                         .rows = f->rows,
                                         .n = f->n });
}

/* A union, riv_bad: rows pass. */
static void pass(struct riv_chain *chain, struct riv_frame *f)
{
    struct riv_step *step = f->step;
    step->out += f->n;
    riv__tap_pass(chain, step->ds, f->rows, f->n);
    if (step->def->nnext == 0) {
        chain->nframe--;
        return;
    }
    *f = (struct riv_frame){ .edge = step->def->next,
                             .nedge = step->def->nnext,
                             .branch = f->branch,
                             .rows = f->rows,
                             .n = f->n };
}

/* The step takes as many rows as its buffer has room for. */
static void feed(struct riv_chain *chain, struct riv_frame *f)
{
    struct riv_step *step = f->step;
    if (!step->rows) {
        pass(chain, f);
        return;
    }
    const uint32_t branch = f->branch;
    const char *rows = f->rows;
    size_t n = step->row_bytes ? RIV__MIN(f->n, step->chunk_rows) : f->n;
    chain->branch = branch;
    if (RIV__RARELY(step->def->ways.n > 1))
        step->way = way_of(step->def, branch);
    f->n -= n;
    if (f->n > 0)
        f->rows += n * step_in_bytes(step);
    else
        chain->nframe--; /* what follows may lie in its place */
    step_kernel(step, rows, n);
    chain->branch = branch;
    hand_begin(step);
}

/* After a failure nothing moves: what is under way is dropped. */
static void drop(struct riv_chain *chain, struct riv_frame *f)
{
    if (f->edge && f->step)
        consumed(f->step);
    chain->nframe--;
}

/* Until the stack is as low as it was. */
static int run(struct riv_chain *chain, size_t low)
{
    while (chain->nframe > low) {
        struct riv_frame *f = &chain->frame[chain->nframe - 1];
        if (RIV__RARELY(chain->rc != 0))
            drop(chain, f);
        else if (f->edge)
            hand(chain, f);
        else
            feed(chain, f);
    }
    return chain->rc;
}

int riv__chain_follow(struct riv_chain *chain, const struct riv_edge *edge,
                      uint32_t nedge, const void *rows, size_t n)
{
    const uint32_t branch = chain->branch;
    const size_t low = chain->nframe;
    if (nedge == 0 || chain->rc != 0)
        return chain->rc;
    frame_add(chain, (struct riv_frame){ .edge = edge,
                                         .nedge = nedge,
                                         .branch = branch,
                                         .rows = rows,
                                         .n = n });
    run(chain, low);
    chain->branch = branch;
    return chain->rc;
}

int riv__chain_push(struct riv_chain *chain, const void *rows, size_t n)
{
    chain->records_in += n;
    riv__tap_pass(chain, riv__stage_input(chain->stage), rows, n);
    return riv__chain_follow(chain, chain->stage->root, chain->stage->nroot,
                             rows, n);
}

void riv__push_aim(struct riv_step *step)
{
    step->t.cur = step->base;
    step->t.mark = step->base;
    step->t.end = step->base + step->room_rows * step->row_bytes;
    step->t.soft = step->base + step->chunk_rows * step->row_bytes;
}

void riv_task_flush(riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    struct riv_chain *chain = step->chain;
    const uint32_t branch = chain->branch;
    const size_t low = chain->nframe;
    hand_begin(step);
    run(chain, low);
    chain->branch = branch;
}

void riv__push_end(struct riv_step *step)
{
    step_kernel(step, NULL, 0);
    riv_task_flush(&step->t);
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
        riv_task_flush(t);
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
    riv__push_aim(step);
    step->t.cur = base + used;
    step->t.mark = base + mark;
}
