/* stream/fold_parts.c - the partitions of an operator's windows: how many, made
 * and dropped. For the operator and for its journal. */
#include <stdlib.h>

#include "graph/partitioner.h"
#include "stream/run_fold_window.h"

uint32_t riv__fold_window_parts(const struct riv_op *op)
{
    const struct riv_window_param *param = op->ds->param;
    const uint32_t asked = riv__op_partitions(op);
    if (!param->keyed)
        return 1;
    return asked ? asked : RIV__PARTITIONS_AUTO;
}

void riv__fold_window_drop(struct riv_fold_window *part, uint32_t made)
{
    for (uint32_t k = 0; k < made; k++)
        riv__fold_window_fini(&part[k]);
    free(part);
}

int riv__fold_window_make(struct riv_op *op, uint32_t n,
                          struct riv_fold_window **ret, uint32_t *ret_made,
                          struct riv_err *err)
{
    struct riv_fold_window_op *self = riv__fold_window_op(op);
    *ret_made = 0;
    *ret = calloc(n, sizeof **ret);
    if (!*ret)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a window");
    while (*ret_made < n) {
        const uint32_t k = (*ret_made)++; /* half a one is freed, too */
        RIV__TRY(riv__fold_window_init(&(*ret)[k], op->ds, &self->window, k, n,
                                       err));
    }
    return 0;
}
