/* stream/due.h - ticks that a late generator must not pass over. What waits is
 * one batch, and missed ticks are merged; but a window that slides by several
 * intervals shows its records at certain ticks only, and those that were merged
 * over would take the records of the batch before with them: a tumbling window
 * has them once. So the clock stops at the next tick of each such window that
 * has records nobody has seen. That is one batch for each slide at most, however
 * long the pause was. Of the generator; times count from the plan's zero. */
#ifndef RIV_STREAM_DUE_H
#define RIV_STREAM_DUE_H

#include "exec/plan.h"

struct riv_due {
    struct riv_slide {
        int64_t ms;
        bool unseen; /* a batch has come since it was due, or may have: in
                        another run */
    } * slide;       /* of several intervals, each once */
    size_t n, cap;
};

/* Takes the slides from the plan. */
int riv__due_init(struct riv_due *due, const struct riv_plan *plan,
                  struct riv_err *err) RIV__MUST_USE;
void riv__due_fini(struct riv_due *due);

/* A batch has run; data: it may have brought something into a window. */
void riv__due_ran(struct riv_due *due, int64_t time, bool data);
/* The clock may go from `next` to `latest`, or only to what is returned. */
int64_t riv__due_until(const struct riv_due *due, int64_t next, int64_t latest);

#endif
