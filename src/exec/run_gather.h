/* exec/run_gather.h - what folds the rows of an action: each task into a cell
 * of its own, the cells into the action's total, in the order of tasks. The
 * actions of api/ bring a table of functions; no row is kept that the cell does
 * not keep. */
#ifndef RIV_EXEC_RUN_GATHER_H
#define RIV_EXEC_RUN_GATHER_H

#include "exec/op.h"

struct riv_gather;

struct riv_gather_ops {
    size_t bytes; /* of a cell; zeroed before init */
    int (*init)(void *cell, const struct riv_gather *g);
    void (*fini)(void *cell); /* NULL: nothing to do */
    void (*reset)(void *cell, const struct riv_gather *g); /* empty again */
    /* n rows of one partition; the numbers ascend in the order of the dataset,
     * and are the same whenever the job is run. @thread worker */
    int (*take)(void *cell, const struct riv_gather *g, uint64_t part,
                const void *rows, size_t n);
    /* Adds what one partition gathered, in their order; may empty it. @thread
     * driver */
    int (*merge)(void *total, const struct riv_gather *g, void *cell);
};

struct riv_gather { /* ds->param */
    const struct riv_gather_ops *ops;
    const struct riv_layout *in;
    const void *param; /* the action's own */
    void *total;       /* a cell that the action owns */
};

#endif
