/* exec/task.c - runs one task: the chain of its stage and worker, the parts of
 * the ops it feeds, the pieces of its share one after another. */
#include "exec/task.h"

#include <string.h>

#include "exec/refused.h"
#include "exec/user.h"
#include "exec/watch.h"
#include "graph/ops.h"
#include "obs/board.h"

/* What lies below this frame is dead when a user's function has returned; what
 * lies above belongs to callers and may be pointed to. The driver is whichever
 * thread runs the job: that of an action, another after riv_start. */
void riv__task_stack(struct riv_worker *worker)
{
    const uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    if (here < worker->stack_lo || here >= worker->stack_end) {
        uintptr_t lo = 0, end = 0;
        if (riv__thread_stack(&lo, &end) < 0)
            lo = end = 0;
        worker->stack_lo = lo;
        worker->stack_end = end;
        atomic_store(&worker->now->thread, riv__fault_thread());
        riv__fault_stack();
    }
    worker->stack_hi = worker->stack_lo ? here : 0;
}

static int read_rows(struct riv_chain *chain, const struct riv_range *range)
{
    const size_t size = chain->stage->source->layout->size;
    const char *rows = range->rows;
    for (size_t i = 0; i < range->n && chain->rc == 0 && !chain->full;) {
        size_t n = RIV__MIN(range->n - i, (size_t)RIV__CHUNK_ROWS);
        chain->chunk = rows + i * size;
        chain->chunk_last = rows + (i + n - 1) * size;
        riv__chain_push(chain, chain->chunk, n);
        i += n;
    }
    return chain->rc;
}

static int read_numbers(struct riv_chain *chain, const struct riv_range *range)
{
    const struct riv_numbers_param *param = chain->stage->source->param;
    int64_t *row = (int64_t *)(void *)riv__chain_rows(chain, sizeof *row);
    for (uint64_t i = range->from;
         i < range->until && chain->rc == 0 && !chain->full;) {
        size_t n = (size_t)RIV__MIN(range->until - i, RIV__CHUNK_ROWS);
        for (size_t k = 0; k < n; k++, i++)
            row[k] =
                (int64_t)((uint64_t)param->from + i * (uint64_t)param->step);
        riv__chain_push(chain, row, n);
        if (atomic_load_explicit(&chain->exec->stop, memory_order_relaxed))
            return riv__chain_fail(chain, RIV_ESTOPPED, "stopped");
    }
    return chain->rc;
}

/* By the policy for such files: 0, and the task goes on without the rest of this
 * one, or the failure. It counts as a bad record: the file's path. */
static int leave_out(struct riv_chain *chain, const struct riv_range *range)
{
    struct riv_exec *exec = chain->exec;
    const int64_t policy = chain->unread == RIV__FILE_GONE
                               ? exec->conf->files_missing
                               : exec->conf->files_damaged;
    if (policy == RIV__FILE_FAIL)
        return chain->rc;
    chain->refused_by_ops++;
    if (exec->refused)
        riv__refused_add(chain->refused, chain->stage->source,
                         riv_cstr(range->path), chain->err.text);
    else
        chain->refused->count++;
    if (exec->left_out)
        exec->left_out(exec->owner, chain->err.text);
    chain->rc = chain->err.code = 0;
    chain->unread = RIV__READABLE;
    chain->final = false;
    return 0;
}

static int read_file_piece(struct riv_chain *chain,
                           const struct riv_range *range)
{
    const int rc = chain->stage->source->param ? riv__read_files(chain, range)
                                               : riv__read_file(chain, range);
    return rc < 0 && chain->unread != RIV__READABLE ? leave_out(chain, range)
                                                    : rc;
}

static int read_piece(struct riv_chain *chain, const struct riv_range *range)
{
    chain->place = range->place;
    chain->origin = range->origin;
    chain->origin_at = (struct riv_log_at){ 0 };
    chain->is_sieved = range->has_places && chain->exec->sieve;
    switch (range->kind) {
    case RIV__RANGE_FILE: return read_file_piece(chain, range);
    case RIV__RANGE_BLOCK:
        return riv__read_lines(chain, range->block->bytes + range->from,
                               range->block->bytes + range->until,
                               range->offset);
    case RIV__RANGE_ROWS: return read_rows(chain, range);
    case RIV__RANGE_COUNT: return read_numbers(chain, range);
    }
    return 0;
}

static int part_begin(struct riv_part *part, struct riv_chain *chain,
                      struct riv_err *err)
{
    const struct riv_op_ops *ops = part->op->ops;
    int rc = 0;
    part->chain = chain;
    if (!part->open) {
        part->open = true;
        rc = ops->part_open ? ops->part_open(part, err) : 0;
    }
    if (rc == 0 && ops->part_begin)
        rc = ops->part_begin(part, err);
    return rc < 0 && err->code == 0
               ? riv__err_set(err, rc, "no memory for a task's rows")
               : rc;
}

static int parts_begin(struct riv_chain *chain)
{
    struct riv_err err = { 0 };
    for (uint32_t i = 0; i < chain->stage->nfeeds; i++) {
        struct riv_op *op = chain->stage->feeds[i];
        struct riv_part *part = chain->part[op->index];
        for (; part; part = part->sibling)
            if (part_begin(part, chain, &err) < 0)
                return riv__chain_fail(chain, err.code, "%s", err.text);
    }
    return 0;
}

/* Of a task that did not fail. */
static int parts_end(struct riv_chain *chain)
{
    struct riv_err err = { 0 };
    for (uint32_t i = 0; i < chain->stage->nfeeds; i++) {
        struct riv_op *op = chain->stage->feeds[i];
        struct riv_part *part = chain->part[op->index];
        for (; part && op->ops->part_end; part = part->sibling) {
            int rc = op->ops->part_end(part, &err);
            if (rc < 0) {
                chain->final = true; /* some of it may have been shown */
                return riv__chain_fail(chain, rc, "%s", err.text);
            }
        }
    }
    return 0;
}

static int share_read(struct riv_plan *plan, struct riv_chain *chain,
                      const struct riv_share *share)
{
    struct riv_stage *stage = share->stage;
    if (stage->from)
        return stage->from->ops->scan(stage->from, share->partition, chain);
    for (uint32_t i = 0; i < share->n && !chain->full; i++)
        RIV__TRY(read_piece(chain, &plan->piece[share->first + i]));
    return chain->rc;
}

static void result_take(struct riv_task_run *run, struct riv_chain *chain)
{
    run->rc = chain->rc;
    run->final = chain->final;
    if (chain->rc < 0)
        run->err = chain->err;
    run->records_in = chain->records_in;
    run->records_bad = chain->long_lines + chain->refused_by_ops;
    run->records_out = 0;
    for (uint32_t i = 0; i < chain->stage->nstep; i++) {
        run->records_bad += chain->step[i].bad;
        if (!chain->step[i].ds->output)
            continue;
        run->records_out += chain->step[i].in;
        if (chain->rc == 0)
            riv__board_rows(chain->exec->board, chain->step[i].ds->id,
                            (int64_t)chain->step[i].in);
    }
}

void riv__task_run(struct riv_plan *plan, struct riv_task_run *run,
                   struct riv_worker *worker)
{
    const struct riv_share *share = run->share;
    struct riv_stage *stage = share->stage;
    struct riv_chain **slot = &stage->chain[worker->index];
    if (!*slot) {
        run->rc = riv__chain_new(plan->exec, stage, worker, slot, &run->err);
        if (run->rc < 0)
            return;
    }
    struct riv_chain *chain = *slot;
    riv__task_stack(worker);
    riv__now_begin(worker->now, share->partition);
    chain->part = run->part;
    chain->refused = &run->refused;
    chain->source = stage->source ? stage->source->text : NULL;
    chain->offset = 0;
    chain->early = plan->early;
    riv__chain_begin(chain, share->partition, plan->time);
    if (parts_begin(chain) == 0 && share_read(plan, chain, share) == 0)
        riv__chain_end(chain);
    else
        riv__chain_abort(chain);
    if (chain->rc == 0)
        parts_end(chain);
    riv__counted_end(chain, chain->rc == 0);
    result_take(run, chain);
    riv__now_end(worker->now);
}
