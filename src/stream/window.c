/* stream/window.c - length and slide of a window against the batch interval. */
#include "stream/window.h"

#include "base/num.h"
#include "graph/ops.h"

int riv__window_init(struct riv_window *window, const struct riv_op *op,
                     struct riv_err *err)
{
    const struct riv_window_param *param = op->ds->param;
    const int64_t interval_ms = op->exec->conf->interval_ms;
    const int64_t step_ms = RIV__MAX(op->ds->parent[0]->slide_ms, interval_ms);
    char show[256], nearest[RIV__NUM_NEAREST];
    *window = (struct riv_window){
        .length_ms = param->length_ms,
        .slide_ms = RIV__MAX(op->ds->slide_ms, step_ms),
        .step_ms = step_ms,
    };
    if (window->length_ms % step_ms == 0 && window->slide_ms % step_ms == 0)
        return 0;
    return riv__err_set(
        err, RIV_EINVAL,
        "%s: a length of %lld ms, a slide of %lld ms: both "
        "must be multiples of %lld ms, the batch interval; make "
        "the length %s ms",
        riv__ds_show(op->ds, show, sizeof show), (long long)window->length_ms,
        (long long)window->slide_ms, (long long)step_ms,
        riv__num_nearest(nearest, window->length_ms, step_ms));
}
