/* exec/job.c - a batch: its waves, level by level, and the ends of its ops and
 * outputs; and jobs in the middle of one, for kept rows that are lost. */
#include "exec/job.h"

#include <stdlib.h>

#include "exec/cache.h"
#include "exec/memory.h"
#include "exec/share.h"
#include "exec/tap.h"
#include "exec/watch.h"
#include "exec/wave.h"
#include "obs/board.h"

enum { RECOMPUTES_MAX = 4 }; /* of a kept dataset that is lost each time */

/* An RDD is read in every batch, also where what it meets has none. */
static void steps_idle(struct riv_plan *plan)
{
    for (uint32_t i = 0; i < plan->nstage; i++)
        for (uint32_t k = 0; k < plan->stage[i].nstep; k++) {
            struct riv_step_def *def = &plan->stage[i].step[k];
            def->idle = !riv__plan_due(plan, def->ds);
        }
}

/* An op has a batch when everything it is made of has one. */
static bool op_due(const struct riv_plan *plan, const struct riv_op *op)
{
    for (uint32_t k = 0; k < op->ds->nparent; k++)
        if (!riv__plan_due(plan, op->ds->parent[k]))
            return false;
    return true;
}

static void tap_between(const struct riv_plan *plan)
{
    if (plan->exec->nested == 0 && riv__tap_is_armed(plan->exec))
        riv__tap_between(plan->exec);
}

int riv__job_begin(struct riv_plan *plan, int64_t time, struct riv_err *err)
{
    tap_between(plan);
    plan->time = time;
    if (!plan->begun)
        plan->zero = time - plan->exec->conf->interval_ms;
    plan->begun = true;
    plan->early = false;
    plan->told = plan->untold = 0;
    plan->stats = (struct riv_job_stats){ 0 };
    for (uint32_t i = 0; i < plan->nstage; i++)
        plan->stage[i].records = plan->stage[i].bytes = 0;
    for (uint32_t i = 0; i < plan->nstage; i++)
        plan->partitions[i] = 0;
    steps_idle(plan);
    for (uint32_t i = 0; i < plan->nop; i++) {
        struct riv_op *op = plan->op[i];
        op->time = time;
        op->npart = 0;
        op->waves = 0;
        op->direct = op->holds = false;
        op->rows_in = 0;
        if (op->ops->begin)
            RIV__TRY(op->ops->begin(op, err));
    }
    return 0;
}

/* ------------------------------------------------- kept rows that are lost */

/* A job of its own in the middle of this one: what is lost of a kept dataset,
 * and nothing else. An error and exec->lost: something that it is made of is lost,
 * too. */
static int recompute_one(struct riv_exec *exec, const riv_ds *kept,
                         int64_t time, struct riv_err *err)
{
    struct riv_plan *plan = NULL;
    exec->lost = NULL;
    exec->nested++;
    exec->recovers++;
    int rc = riv__plan_new(exec, &kept, 1, &plan, err);
    if (rc == 0)
        rc = riv__job_now(plan, time, err);
    riv__plan_free(plan);
    exec->recovers--;
    exec->nested--;
    return rc;
}

/* The last of a list first: it is what those before it are made of. A list and
 * no recursion, since programs make lineages of any length. */
static int recompute_list(struct riv_exec *exec, const riv_ds **list,
                          int64_t time, struct riv_err *err)
{
    const size_t nodes = exec->graph->n;
    size_t n = 1, tries = 0;
    while (n > 0) {
        int rc = recompute_one(exec, list[n - 1], time, err);
        const bool deeper = rc < 0 && exec->lost && n <= nodes;
        if (rc < 0 && (!deeper || ++tries > RECOMPUTES_MAX * nodes))
            return rc;
        if (deeper)
            list[n++] = exec->lost;
        else
            n--;
    }
    return 0;
}

static int recompute(struct riv_plan *plan, const riv_ds *kept,
                     struct riv_err *err)
{
    struct riv_exec *exec = plan->exec;
    const riv_ds **list = calloc(exec->graph->n + 2, sizeof *list);
    if (!list)
        return riv__err_set(err, RIV_ENOMEM, "no memory for what was lost");
    list[0] = kept;
    int rc = recompute_list(exec, list, plan->time, err);
    free(list);
    return rc;
}

/* An op that one task feeds in the whole batch needs no exchange: its result is
 * that task's own table. Known only at the last feed. */
static void ops_direct(struct riv_plan *plan, uint32_t level)
{
    for (uint32_t i = 0; i < plan->nop; i++) {
        struct riv_op *op = plan->op[i];
        size_t tasks = 0;
        for (size_t k = 0; k < plan->nshare; k++) {
            const struct riv_stage *stage = plan->share[k].stage;
            for (uint32_t f = 0; f < stage->nfeeds; f++)
                tasks += stage->feeds[f] == op;
        }
        if (op->level == level)
            op->direct = op->one_level && op->waves == 0 && tasks == 1;
    }
}

static int by_branch(const void *a, const void *b)
{
    const struct riv_part *const *l = a, *const *r = b;
    if ((*l)->branch != (*r)->branch)
        return (*l)->branch < (*r)->branch ? -1 : 1;
    return (*l)->index < (*r)->index ? -1 : 1;
}

/* What became of an output, for those who look. began_ns below 0: it has no
 * function whose time would say something. */
static void output_tell(const struct riv_op *op, int64_t began_ns, int rc,
                        const struct riv_err *err)
{
    struct riv_exec *exec = op->exec;
    if (!exec->board || !op->ds->output)
        return;
    const uint32_t output = riv__board_find(exec->board, op->ds->id);
    int64_t us = 0;
    if (began_ns >= 0)
        us = (exec->sys->mono_ns(exec->sys) - began_ns) / 1000;
    if (rc < 0)
        riv__board_output_failed(exec->board, output, us, err ? err->text : "");
    else
        riv__board_output(exec->board, output, (int64_t)op->rows_in, us);
}

/* Functions that build on an RDD run here, on the driver. */
static int op_end(struct riv_op *op, struct riv_err *err)
{
    struct riv_sys *sys = op->exec->sys;
    const bool is_timed =
        op->ds->output && riv__board_has_jobs(op->exec->board);
    const int64_t began_ns = is_timed ? sys->mono_ns(sys) : -1;
    struct riv_now *now = op->exec->worker[0].now;
    riv__now_begin(now, 0);
    riv__now_op(now, op->ds);
    int rc = op->ops->end ? op->ops->end(op, err) : 0;
    riv__now_end(now);
    output_tell(op, began_ns, rc, err);
    return rc;
}

static int end_one(struct riv_plan *plan, struct riv_op *op,
                   struct riv_err *err)
{
    if (!op_due(plan, op))
        return 0;
    if (riv__op_is_ordered(op) && op->branches > 1 && op->npart > 1)
        qsort(op->part, op->npart, sizeof *op->part, by_branch);
    if (op->ops->end || op->ds->output)
        RIV__TRY(op_end(op, err));
    if (op->ds->output)
        plan->stats.records_out += op->rows_in;
    return 0;
}

static bool is_late(const struct riv_op *op)
{
    return (op->ops->flags & RIV__OP_LATE) != 0;
}

static int ops_end(struct riv_plan *plan, uint32_t level, struct riv_err *err)
{
    for (uint32_t i = 0; i < plan->nop; i++)
        if (plan->op[i]->level == level && !is_late(plan->op[i]))
            RIV__TRY(end_one(plan, plan->op[i], err));
    return 0;
}

/* In the order in which the program made them, whatever their levels are: ops
 * stand in that of their nodes. */
static int outputs_end(struct riv_plan *plan, struct riv_err *err)
{
    for (uint32_t i = 0; i < plan->nop; i++)
        if (is_late(plan->op[i]))
            RIV__TRY(end_one(plan, plan->op[i], err));
    return 0;
}

/* Lines that were over the limit never became records; files are counted by the
 * tasks that read them. */
static void long_lines_count(struct riv_plan *plan, const struct riv_cut *cut)
{
    if (cut)
        plan->stats.records_bad += cut->long_lines;
}

int riv__job_feed(struct riv_plan *plan, const struct riv_cut *cut,
                  struct riv_err *err)
{
    plan->early = true;
    long_lines_count(plan, cut);
    RIV__TRY(riv__share_sources(plan, cut, false, err));
    return riv__waves_run(plan, recompute, err);
}

static int levels_run(struct riv_plan *plan, const struct riv_cut *cut,
                      struct riv_err *err)
{
    long_lines_count(plan, cut);
    RIV__TRY(riv__share_sources(plan, cut, true, err));
    for (uint32_t level = 0;; level++) {
        ops_direct(plan, level);
        RIV__TRY(riv__waves_run(plan, recompute, err));
        RIV__TRY(riv__waves_end(plan, level, err));
        RIV__TRY(ops_end(plan, level, err));
        RIV__TRY(riv__memory_check(plan->exec, err));
        if (level + 1 >= plan->nlevel)
            break;
        RIV__TRY(riv__share_level(plan, level + 1, err));
    }
    return outputs_end(plan, err);
}

int riv__job_finish(struct riv_plan *plan, const struct riv_cut *cut,
                    struct riv_err *err)
{
    int rc = levels_run(plan, cut, err);
    tap_between(plan);
    riv__board_stages(plan->exec->board, plan->nstage, rc < 0);
    RIV__TRY(rc);
    if (plan->untold > 0)
        plan->exec->untold(plan->exec->owner, plan->untold);
    if (plan->exec->nested == 0)
        riv__cache_trim(plan->exec);
    return 0;
}

int riv__job_open(struct riv_plan *plan, struct riv_cut *cut,
                  struct riv_err *err)
{
    struct riv_exec *exec = plan->exec;
    RIV__TRY(exec->cut_finite(exec->owner, plan, cut, err));
    return riv__plan_start(plan, err);
}

static int run_now(struct riv_plan *plan, int64_t time, struct riv_err *err)
{
    struct riv_cut cut;
    riv__cut_init(&cut);
    int rc = riv__job_open(plan, &cut, err);
    if (rc == 0)
        rc = riv__job_begin(plan, time, err);
    if (rc == 0)
        rc = riv__job_finish(plan, &cut, err);
    riv__cut_fini(&cut);
    return rc;
}

/* An action in the function of an output is shown as a job of its own. */
int riv__job_now(struct riv_plan *plan, int64_t time, struct riv_err *err)
{
    struct riv_exec *exec = plan->exec;
    struct riv_err why = { .code = 0 };
    if (!exec->board || !exec->hook || exec->recovers > 0)
        return run_now(plan, time, err);
    const int64_t began_ns = exec->sys->mono_ns(exec->sys);
    riv__board_job(exec->board, riv__board_find(exec->board, exec->hook->id));
    const int rc = run_now(plan, time, &why);
    riv__board_job_end(exec->board,
                       (exec->sys->mono_ns(exec->sys) - began_ns) / 1000, rc,
                       why.text);
    return rc < 0 && why.code < 0 ? riv__err_set(err, rc, "%s", why.text) : rc;
}
