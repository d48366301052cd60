/* exec/ways.h - the ways that rows take from a stage's input through unions,
 * and what follows from them for a step: which branch of its dataset a row
 * belongs to, and the number of the partition. Made with the plan; numbered
 * anew whenever shares were given out. @thread driver */
#ifndef RIV_EXEC_WAYS_H
#define RIV_EXEC_WAYS_H

#include "exec/plan.h"

/* While a plan is made, by node id: what is needed, and how many branches it
 * has. */
struct riv_ways {
    const struct riv_graph *graph;
    const bool *needed;
    uint32_t *branches;
};

/* Fills ways->branches. */
int riv__ways_count(struct riv_ways *ways, struct riv_err *err) RIV__MUST_USE;

/* Branches of the parents before parent k of ds. */
uint32_t riv__ways_before(const struct riv_ways *ways, const riv_ds *ds,
                          uint32_t k);

/* The ways to the steps and ops of a stage whose edges are there. RIV_ENOMEM,
 * or RIV_EINVAL: more than RIV__WAYS_MAX in the plan. */
int riv__ways_stage(struct riv_plan *plan, struct riv_stage *stage,
                    const struct riv_ways *ways) RIV__MUST_USE;

/* All stages have their ways: what numbering needs. 0 or RIV_ENOMEM. */
int riv__ways_plan(struct riv_plan *plan, const struct riv_ways *ways)
    RIV__MUST_USE;

/* Shares were given out: the numbers of partitions below unions. */
void riv__ways_number(struct riv_plan *plan);

#endif
