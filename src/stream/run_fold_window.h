/* stream/run_fold_window.h - the op of windows that fold, for the two files
 * that know it: run_fold_window.c runs it, kept_fold_window.c writes down and
 * restores what it keeps. */
#ifndef RIV_STREAM_RUN_FOLD_WINDOW_H
#define RIV_STREAM_RUN_FOLD_WINDOW_H

#include "stream/fold_window.h"

struct riv_fold_window_op {
    struct riv_op base;
    const struct riv_window_param *param;
    struct riv_window window;
    struct riv_fold_window *part;
    uint32_t made, npart; /* made: those that are to be freed */
};

static inline struct riv_fold_window_op *riv__fold_window_op(struct riv_op *op)
{
    return (struct riv_fold_window_op *)op;
}

/* How many partitions the program and the settings want. */
uint32_t riv__fold_window_parts(const struct riv_op *op);

/* n empty partitions in a new array; *ret_made of them are to be freed, also
 * after an error. */
int riv__fold_window_make(struct riv_op *op, uint32_t n,
                          struct riv_fold_window **ret, uint32_t *ret_made,
                          struct riv_err *err) RIV__MUST_USE;
void riv__fold_window_drop(struct riv_fold_window *part, uint32_t made);

#endif
