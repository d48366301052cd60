/* exec/leave.h - calling a user's function so that it can be left in its middle:
 * riv_alloc never returns NULL, so without memory it does not return at all. The
 * function's frames are dropped, the engine's are not: the call below returns an
 * error like any other. @thread worker */
#ifndef RIV_EXEC_LEAVE_H
#define RIV_EXEC_LEAVE_H

#include "exec/chain.h"

/* The kernel of a step; what it returned, or the chain's error. */
int riv__leave_rows(struct riv_step *step, const void *rows, size_t n)
    RIV__MUST_USE;

/* A reducer. 0 or RIV_ENOMEM: then accumulators may be half folded. */
int riv__leave_fold(struct riv_step *step, riv_fold_fn *fn, void *const *acc,
                    const void *val, size_t stride, const uint32_t *sel,
                    size_t n) RIV__MUST_USE;

/* Any call within which functions run on a step without rows. What it returned,
 * or RIV_ENOMEM; what it holds must be owned by somebody else. */
int riv__leave_call(struct riv_step *step, int (*call)(void *arg), void *arg)
    RIV__MUST_USE;

/* Leaves the function that runs on this step; the chain has its error. */
_Noreturn void riv__leave_now(struct riv_step *step);

#endif
