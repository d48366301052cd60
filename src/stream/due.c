/* stream/due.c - slides of several intervals, and whether their next tick is
 * waited for. */
#include "stream/due.h"

#include <stdlib.h>

#include "base/vec.h"

static bool has(const struct riv_due *due, int64_t ms)
{
    for (size_t i = 0; i < due->n; i++)
        if (due->slide[i].ms == ms)
            return true;
    return false;
}

int riv__due_init(struct riv_due *due, const struct riv_plan *plan,
                  struct riv_err *err)
{
    *due = (struct riv_due){ .n = 0 };
    for (uint32_t i = 0; i < plan->nop; i++) {
        const int64_t ms = plan->op[i]->ds->slide_ms;
        if (ms <= plan->exec->conf->interval_ms || has(due, ms))
            continue;
        if (RIV__VEC_ROOM(due->slide, due->cap, due->n + 1) < 0)
            return riv__err_set(err, RIV_ENOMEM, "no memory for windows");
        due->slide[due->n++] =
            (struct riv_slide){ .ms = ms, .unseen = plan->begun };
    }
    return 0;
}

void riv__due_fini(struct riv_due *due)
{
    free(due->slide);
    *due = (struct riv_due){ .n = 0 };
}

void riv__due_ran(struct riv_due *due, int64_t time, bool data)
{
    for (size_t i = 0; i < due->n; i++) {
        struct riv_slide *slide = &due->slide[i];
        slide->unseen = (slide->unseen || data) && time % slide->ms != 0;
    }
}

int64_t riv__due_until(const struct riv_due *due, int64_t next, int64_t latest)
{
    int64_t until = latest;
    for (size_t i = 0; i < due->n; i++) {
        const int64_t ms = due->slide[i].ms;
        if (due->slide[i].unseen)
            until = RIV__MIN(until, (next + ms - 1) / ms * ms);
    }
    return until;
}
