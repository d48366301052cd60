/* stream/check.h - what a start would make of a state directory, told without
 * starting: the journal is opened to read, the program compared with it by the
 * same code that recovery uses. `rivulet check JOB --state DIR`. */
#ifndef RIV_STREAM_CHECK_H
#define RIV_STREAM_CHECK_H

#include "exec/plan.h"

struct riv_state_check {
    const struct riv_plan *plan; /* of the live outputs; nothing is open */
    const riv_ds *const *source; /* its live inputs */
    size_t nsource;
    riv_write_fn *write; /* gets lines */
    void *arg;
};

/* 0: a start goes on, or begins where there is nothing. Else what it would
 * return, with its words; the lines have been written all the same when the
 * journal could be read. RIV_EBUSY: a job is running there. @thread driver */
int riv__state_check(const struct riv_state_check *check, struct riv_err *err)
    RIV__MUST_USE;

#endif
