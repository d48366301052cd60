/* exec/wave.c - waves of tasks: parts of ops for each, the run on all workers,
 * the merge of what they fed. Tasks run in any order on any worker; what they did
 * is put together in the order of tasks, so the result is the same on 1, 2 or 64
 * threads. */
#include "exec/wave.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "exec/memory.h"
#include "exec/share.h"
#include "exec/task.h"
#include "exec/watch.h"
#include "obs/board.h"

/* The next part of an op, its memory kept from earlier use. */
static struct riv_part *part_next(struct riv_op *op)
{
    if (op->npart >= op->part_cap) {
        size_t cap = op->part_cap;
        if (RIV__VEC_ROOM(op->part, op->part_cap, op->npart + 1) < 0)
            return NULL;
        memset(op->part + cap, 0, (op->part_cap - cap) * sizeof *op->part);
    }
    struct riv_part *part = op->part[op->npart];
    if (!part) {
        part = calloc(1, op->ops->part_size);
        if (!part)
            return NULL;
        *part = (struct riv_part){ .op = op };
        op->part[op->npart] = part;
    }
    part->index = op->npart++;
    part->branch = part->side = 0;
    part->sibling = NULL;
    return part;
}

/* The parts of one op for a task: one for each way that leads there. */
static struct riv_part *parts_of_task(struct riv_op *op,
                                      const struct riv_way_list *ways,
                                      uint32_t partition)
{
    struct riv_part *first = NULL;
    for (uint32_t i = riv__op_is_ordered(op) ? ways->n : 1; i-- > 0;) {
        struct riv_part *part = part_next(op);
        if (!part)
            return NULL;
        part->partition = partition;
        part->branch = ways->way[i].branch;
        part->side = ways->way[i].side;
        part->sibling = first;
        first = part;
    }
    return first;
}

static int task_prepare(struct riv_task_run *run, struct riv_part **parts)
{
    const struct riv_stage *stage = run->share->stage;
    run->part = parts;
    for (uint32_t i = 0; i < stage->nfeeds; i++) {
        struct riv_op *op = stage->feeds[i];
        parts[op->index] =
            parts_of_task(op, &stage->ways[i], run->share->partition);
        if (!parts[op->index])
            return RIV_ENOMEM;
    }
    return 0;
}

static void parts_restart(struct riv_op *op)
{
    if (!(op->ops->flags & RIV__OP_KEEPS_PARTS) && !op->holds)
        op->npart = 0;
    op->waves++;
}

static void parts_ready(struct riv_op *op)
{
    if (op->ops->wave_begin)
        op->ops->wave_begin(op);
}

/* The ops that the wave's stages feed, each once. */
static void wave_ops(struct riv_plan *plan, size_t first, size_t n,
                     void (*each)(struct riv_op *op))
{
    for (uint32_t i = 0; i < plan->nop; i++) {
        bool fed = false;
        for (size_t k = first; k < first + n && !fed; k++) {
            const struct riv_stage *stage = plan->share[k].stage;
            for (uint32_t f = 0; f < stage->nfeeds; f++)
                fed |= stage->feeds[f] == plan->op[i];
        }
        if (fed)
            each(plan->op[i]);
    }
}

static int wave_prepare(struct riv_plan *plan, size_t first, size_t n,
                        struct riv_err *err)
{
    int rc = RIV__VEC_ROOM(plan->run, plan->run_cap, n);
    if (rc == 0)
        rc = RIV__VEC_ROOM(plan->parts, plan->parts_cap, n * (plan->nop + 1));
    wave_ops(plan, first, n, parts_restart);
    if (rc == 0)
        memset(plan->parts, 0, n * (plan->nop + 1) * sizeof *plan->parts);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        plan->run[i] = (struct riv_task_run){ .share = &plan->share[first + i],
                                              .attempt = 1 };
        rc = task_prepare(&plan->run[i], plan->parts + i * (plan->nop + 1));
    }
    if (rc < 0)
        return riv__err_set(err, rc, "no memory for %zu tasks", n);
    wave_ops(plan, first, n, parts_ready);
    return 0;
}

static void task_main(void *arg, uint32_t task, unsigned worker)
{
    struct riv_plan *plan = arg;
    riv__task_run(plan, &plan->run[task], &plan->exec->worker[worker]);
}

/* The batch takes over what a task has to say. */
static int letters_collect(struct riv_exec *exec,
                           const struct riv_letters *letters,
                           struct riv_err *err)
{
    if (riv__letters_append(&exec->letters, letters) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for dead letters");
    return riv__letters_limit(exec->conf,
                              exec->letter_bytes + exec->letters.bytes, err);
}

static int refused_collect(struct riv_plan *plan,
                           const struct riv_refused *refused,
                           struct riv_err *err)
{
    struct riv_exec *exec = plan->exec;
    const int64_t most = exec->conf->letters_max;
    exec->nbad += (int64_t)refused->count;
    if (exec->refused)
        riv__refused_tell(exec, refused, &plan->told, &plan->untold);
    if (refused->letters.first)
        RIV__TRY(letters_collect(exec, &refused->letters, err));
    return most == 0 || exec->nbad <= most
               ? 0
               : riv__err_set(err, RIV_ERECORD,
                              "more than %lld bad records (errors.max)",
                              (long long)most);
}

/* Adds up what the tasks did. */
static int wave_collect(struct riv_plan *plan, size_t n, struct riv_err *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct riv_task_run *run = &plan->run[i];
        struct riv_stage *stage = run->share->stage;
        if (stage->source)
            plan->stats.records_in += run->records_in;
        stage->records += run->records_in;
        stage->bytes += run->share->bytes;
        plan->stats.records_bad += run->records_bad;
        plan->stats.records_out += run->records_out;
        plan->stats.bytes += run->share->bytes;
        RIV__TRY(refused_collect(plan, &run->refused, err));
    }
    return 0;
}

static void wave_forget(struct riv_plan *plan, size_t n)
{
    for (size_t i = 0; i < n; i++)
        riv__refused_fini(&plan->run[i].refused);
}

struct merging {
    struct riv_op *op;
    _Atomic int rc;
    struct riv_err *err;
};

static void merge_main(void *arg, uint32_t k, unsigned worker)
{
    struct merging *m = arg;
    struct riv_err err = { 0 };
    struct riv_worker *w = &m->op->exec->worker[worker];
    riv__now_begin(w->now, k);
    riv__now_op(w->now, m->op->ds);
    int rc = m->op->ops->merge(m->op, k, w, &err);
    riv__now_end(w->now);
    int none = 0;
    if (rc < 0 && atomic_compare_exchange_strong(&m->rc, &none, rc) && m->err)
        *m->err = err;
}

static int op_merge(struct riv_op *op, struct riv_err *err)
{
    if (op->ops->prepare)
        RIV__TRY(op->ops->prepare(op, err));
    if (!op->ops->merges)
        return 0;
    struct merging m = { .op = op, .err = err };
    riv__pool_run(&op->exec->pool, op->ops->merges(op), merge_main, &m);
    return atomic_load(&m.rc);
}

static int wave_merge(struct riv_plan *plan, size_t n, struct riv_err *err)
{
    for (uint32_t i = 0; i < plan->nop; i++) {
        struct riv_op *op = plan->op[i];
        bool fed = false;
        for (size_t k = 0; k < n && !fed; k++)
            fed = plan->run[k].part[op->index] != NULL;
        if (!fed)
            continue;
        op->holds = op->ops->holds && op->ops->holds(op);
        if (!op->holds)
            RIV__TRY(op_merge(op, err));
    }
    return 0;
}

int riv__waves_end(struct riv_plan *plan, uint32_t level, struct riv_err *err)
{
    for (uint32_t i = 0; i < plan->nop; i++) {
        struct riv_op *op = plan->op[i];
        if (op->level != level || !op->holds)
            continue;
        op->holds = false;
        RIV__TRY(op_merge(op, err));
    }
    return 0;
}

/* After all their attempts. */
static uint32_t tasks_failed(const struct riv_plan *plan, size_t n)
{
    uint32_t failed = 0;
    for (size_t i = 0; i < n; i++)
        failed += plan->run[i].rc < 0;
    return failed;
}

static int wave_run(struct riv_plan *plan, size_t first, size_t n,
                    riv__recompute_fn *recompute, struct riv_err *err)
{
    RIV__TRY(wave_prepare(plan, first, n, err));
    riv__pool_run(&plan->exec->pool, (uint32_t)n, task_main, plan);
    plan->wave_percent = riv__memory_percent(plan->exec);
    int rc = riv__attempts_run(plan, n, recompute, err);
    riv__board_tasks(plan->exec->board, (uint32_t)n, tasks_failed(plan, n));
    if (rc == 0)
        rc = wave_collect(plan, n, err);
    wave_forget(plan, n);
    return rc < 0 ? rc : wave_merge(plan, n, err);
}

/* The op with a limit that this share feeds alone; NULL: there is none. */
static const struct riv_op *limited_op(const struct riv_share *share)
{
    const struct riv_stage *stage = share->stage;
    return stage->nfeeds == 1 && stage->feeds[0]->limited ? stage->feeds[0]
                                                          : NULL;
}

/* Tasks of the next wave, at most `most`: one where that may be all that is
 * needed; 0: the share need not run. */
static size_t wave_tasks(const struct riv_plan *plan, size_t at, size_t most)
{
    const struct riv_op *op = limited_op(&plan->share[at]);
    size_t n = 1;
    if (op)
        return op->npart == 0 || !op->ops->full(op->part[op->npart - 1]);
    uint64_t bytes = plan->share[at].bytes;
    while (n < most && at + n < plan->nshare &&
           !limited_op(&plan->share[at + n])) {
        bytes += plan->share[at + n].bytes;
        const bool small = plan->share[at].bytes > 0 && bytes < RIV__WAVE_BYTES;
        if (n >= (small ? RIV__WAVE_TASKS_MAX : RIV__WAVE_TASKS))
            break;
        n++;
    }
    return n;
}

/* How many tasks the next wave may have. Under memory.limit the first one has as
 * many as there are workers, because nobody knows how much more memory rows take
 * than their bytes; then twice as many while waves leave three quarters free, and
 * fewer when one takes half: of what was taken when its tasks had run. */
static size_t wave_most(const struct riv_plan *plan, size_t last)
{
    const struct riv_exec *exec = plan->exec;
    if (exec->conf->memory_bytes_max == 0)
        return RIV__WAVE_TASKS_MAX;
    if (last == 0 || plan->wave_percent > 50)
        return exec->nworker;
    return plan->wave_percent > 25
               ? last
               : RIV__MIN(2 * last, (size_t)RIV__WAVE_TASKS_MAX);
}

int riv__waves_run(struct riv_plan *plan, riv__recompute_fn *recompute,
                   struct riv_err *err)
{
    size_t most = wave_most(plan, 0);
    for (size_t at = 0; at < plan->nshare;) {
        size_t n = wave_tasks(plan, at, most);
        if (atomic_load(&plan->exec->stop))
            return riv__err_set(err, RIV_ESTOPPED, "stopped");
        if (n > 0)
            RIV__TRY(wave_run(plan, at, n, recompute, err));
        RIV__TRY(riv__memory_check(plan->exec, err));
        at += RIV__MAX(n, (size_t)1);
        most = wave_most(plan, most);
    }
    return 0;
}
