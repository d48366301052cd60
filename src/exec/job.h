/* exec/job.h - runs a plan for one batch: begin, any number of feeds, finish.
 * Every phase is waves of tasks; after a wave the keyed ops merge. */
#ifndef RIV_EXEC_JOB_H
#define RIV_EXEC_JOB_H

#include "exec/plan.h"

/* time: of the batch, in ms; 0 for a job over finite inputs. */
int riv__job_begin(struct riv_plan *plan, int64_t time, struct riv_err *err)
    RIV__MUST_USE;
/* Runs the tasks of this part of the batch's input now; may be called often.
 * The cut may be released when it returns. */
int riv__job_feed(struct riv_plan *plan, const struct riv_cut *cut,
                  struct riv_err *err) RIV__MUST_USE;
/* The last part of the input (cut may be NULL), then all later levels. */
int riv__job_finish(struct riv_plan *plan, const struct riv_cut *cut,
                    struct riv_err *err) RIV__MUST_USE;

/* Before a run over finite inputs: their ranges into the cut, outputs made. */
int riv__job_open(struct riv_plan *plan, struct riv_cut *cut,
                  struct riv_err *err) RIV__MUST_USE;
/* A whole run over finite inputs: actions, pieces of a batch. */
int riv__job_now(struct riv_plan *plan, int64_t time, struct riv_err *err)
    RIV__MUST_USE;

#endif
