/* exec/share.h - cuts the input of a level into shares, by bytes. A share is
 * data: running it again gives the same result. Sizes do not depend on the
 * number of threads, so results do not either. @thread driver */
#ifndef RIV_EXEC_SHARE_H
#define RIV_EXEC_SHARE_H

#include "exec/plan.h"

/* Fills plan->share with the shares of all stages that read sources (from the
 * cut, and from rows given by the program when `rows` is set), or, at a level
 * above 0, with the partitions of the ops those stages read. */
int riv__share_sources(struct riv_plan *plan, const struct riv_cut *cut,
                       bool rows, struct riv_err *err) RIV__MUST_USE;
int riv__share_level(struct riv_plan *plan, uint32_t level, struct riv_err *err)
    RIV__MUST_USE;

#endif
