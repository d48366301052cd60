/* exec/attempt.h - tasks that failed are tried again: each alone, its parts
 * begun anew, those of the others kept. @thread driver */
#ifndef RIV_EXEC_ATTEMPT_H
#define RIV_EXEC_ATTEMPT_H

#include "exec/task.h"

/* Computes what is lost of a kept dataset that a task reads. */
typedef int riv__recompute_fn(struct riv_plan *plan, const riv_ds *kept,
                              struct riv_err *err);

/* The n tasks of the wave in plan->run have run once. Runs again those that
 * failed and may succeed the next time, up to task.attempts times each. 0, or
 * the first failure in the order of tasks that remains: operator, partition and
 * attempt are in its words. */
int riv__attempts_run(struct riv_plan *plan, size_t n,
                      riv__recompute_fn *recompute, struct riv_err *err)
    RIV__MUST_USE;

#endif
