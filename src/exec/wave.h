/* exec/wave.h - the tasks of a plan's shares, as many at once as memory and the
 * limits of ops allow. */
#ifndef RIV_EXEC_WAVE_H
#define RIV_EXEC_WAVE_H

#include "exec/attempt.h"

/* Runs the tasks of all shares; after each wave the keyed ops that it fed have
 * merged, or hold its parts for riv__waves_end. `recompute` is called between
 * waves for kept rows that are lost. 0; RIV_ESTOPPED: the driver was told to stop;
 * or what a task failed with. @thread driver */
int riv__waves_run(struct riv_plan *plan, riv__recompute_fn *recompute,
                   struct riv_err *err) RIV__MUST_USE;
/* No more waves feed the ops of this level: what they hold is merged. @thread
 * driver */
int riv__waves_end(struct riv_plan *plan, uint32_t level, struct riv_err *err)
    RIV__MUST_USE;

#endif
