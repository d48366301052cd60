/* exec/attempt.c - which failures are worth another try, and what has to be done
 * before it. A task is a pure function of its share, so a record that is bad, or
 * wrong use, fails again: Spark tries these again as well, four times for
 * nothing. What the world did - a read that failed, a peer that was away, a kept
 * partition that was damaged - may be gone the next time. A function says so by
 * the code it returns. Without a pause: what needs one makes it itself. */
#include "exec/attempt.h"

#include <stdio.h>
#include <string.h>

enum { LOSSES_MAX = 4 }; /* of what one task reads, in a row */

static bool may_pass(int code)
{
    return code == RIV_EIO || code == RIV_EBUSY || code == RIV_ETIMEOUT ||
           code == RIV_EUNAVAIL || code == RIV__ELOST;
}

/* What changes when it is read was changed by the first attempt. */
static bool may_run_again(const struct riv_task_run *run)
{
    const struct riv_op *from = run->share->stage->from;
    return !run->final && may_pass(run->rc) &&
           !(from && (from->ops->flags & RIV__OP_ONCE));
}

static uint32_t attempts_max(const struct riv_plan *plan)
{
    return (uint32_t)plan->exec->conf->attempts;
}

/* A loss is nobody's failure, and does not count as such. In a job that computes
 * what was lost, whoever runs it sees to what is lost further up. */
static bool runs_again(const struct riv_plan *plan,
                       const struct riv_task_run *run)
{
    if (run->rc != RIV__ELOST)
        return may_run_again(run) && run->attempt < attempts_max(plan);
    if (plan->exec->recovers > 0) {
        plan->exec->lost = run->share->stage->from->ds;
        return false;
    }
    return run->attempt < RIV__MAX(attempts_max(plan), (uint32_t)LOSSES_MAX);
}

/* Fills plan->again; none when a task has failed for good. */
static void list_failed(struct riv_plan *plan, size_t n)
{
    plan->nagain = 0;
    for (size_t i = 0; i < n; i++) {
        if (plan->run[i].rc == 0)
            continue;
        if (!runs_again(plan, &plan->run[i])) {
            plan->nagain = 0;
            return;
        }
        plan->again[plan->nagain++] = (uint32_t)i;
    }
}

/* What several tasks miss is computed once. */
static int prepare(struct riv_plan *plan, uint32_t attempt,
                   riv__recompute_fn *recompute, struct riv_err *err)
{
    for (uint32_t i = 0; i < plan->nagain; i++) {
        struct riv_task_run *run = &plan->run[plan->again[i]];
        const struct riv_op *from = run->share->stage->from;
        if (run->rc == RIV__ELOST && !from->ops->ready(plan->exec, from->ds))
            RIV__TRY(recompute(plan, from->ds, err));
        riv__refused_fini(&run->refused);
        *run = (struct riv_task_run){ .share = run->share,
                                      .part = run->part,
                                      .attempt = attempt };
    }
    return 0;
}

static void task_main(void *arg, uint32_t k, unsigned worker)
{
    struct riv_plan *plan = arg;
    riv__task_run(plan, &plan->run[plan->again[k]],
                  &plan->exec->worker[worker]);
}

/* Where it was, behind what it was; for this there is always room. */
static int failed(const struct riv_plan *plan, const struct riv_task_run *run,
                  struct riv_err *err)
{
    char show[160], where[256], tries[48] = "";
    const struct riv_share *share = run->share;
    if (may_run_again(run))
        snprintf(tries, sizeof tries, ", attempt %u of %lld", run->attempt,
                 (long long)plan->exec->conf->attempts);
    int n = snprintf(
        where, sizeof where, " (partition %u of %s%s)", share->partition,
        riv__ds_show(riv__stage_input(share->stage), show, sizeof show), tries);
    const int room = RIV__ERR_TEXT_MAX - 1 - n;
    const int length = (int)strlen(run->err.text);
    return riv__err_set(err, run->rc == RIV__ELOST ? RIV_EIO : run->rc,
                        "%.*s%s%s", length > room ? room - 3 : length,
                        run->err.text, length > room ? "..." : "", where);
}

int riv__attempts_run(struct riv_plan *plan, size_t n,
                      riv__recompute_fn *recompute, struct riv_err *err)
{
    int rc = 0;
    for (uint32_t attempt = 1; rc == 0; attempt++) {
        list_failed(plan, n);
        if (plan->nagain == 0)
            break;
        rc = prepare(plan, attempt + 1, recompute, err);
        if (rc == 0)
            riv__pool_run(&plan->exec->pool, plan->nagain, task_main, plan);
    }
    for (size_t i = 0; rc == 0 && i < n; i++)
        if (plan->run[i].rc < 0)
            rc = failed(plan, &plan->run[i], err);
    return rc;
}
