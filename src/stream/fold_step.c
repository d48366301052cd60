/* stream/fold_step.c - values folded into accumulators of a window by the user's
 * reducer, or a built-in one. */
#include <string.h>

#include "exec/leave.h"
#include "stream/fold_window.h"

void riv__fold_step_reset(struct riv_fold_window *fw)
{
    if (fw->step.arena.cur)
        riv__arena_reset(&fw->step.arena, 64 * 1024);
}

int riv__fold_one(struct riv_fold_window *fw, riv_fold_fn *fn, void *acc,
                  const void *val, bool first)
{
    const uint32_t zero = 0;
    if (first) {
        memcpy(acc, val, fw->acc->size);
        return riv__slots_adopt(&fw->slots, fw->acc, acc, NULL);
    }
    memcpy(fw->old, acc, fw->acc->size);
    fn(&acc, val, 0, &zero, 1, &fw->step.t);
    int rc = riv__slots_adopt(&fw->slots, fw->acc, acc, fw->old);
    riv__fold_step_reset(fw);
    return rc;
}

void riv__fold_many(struct riv_fold_window *fw, riv_fold_fn *fn,
                    const void *val, size_t stride, size_t n)
{
    if (n == 0)
        return;
    fn(fw->at, val, stride, fw->sel, n, &fw->step.t);
    riv__fold_step_reset(fw);
}
