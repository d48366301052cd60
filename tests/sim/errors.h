/* sim/errors.h - one error at one call: the job runs once to count its calls, and
 * again with the n-th call of a kind failing, once or from then on. It may end
 * with an error that says so, or go on; it may not crash, hang, leak, give
 * something wrong, or end well without its result. */
#ifndef RIV_SIM_ERRORS_H
#define RIV_SIM_ERRORS_H

#include "sim/job.h"

struct error_plan {
    enum fail_kind kind;
    int64_t n; /* which call */
    int errnum;
    size_t at_most; /* bytes, instead of an error */
    bool once;
};

/* Draws one of the calls that were counted; false: there was none. */
bool error_draw(struct error_plan *plan, const struct failing *counted,
                struct rng *rng);
void error_set(const struct error_plan *plan, struct failing *f);
void error_say(const struct error_plan *plan, char *dst, size_t room);

#endif
