/* exec/remember.h - the batches that riv_remember keeps: their rows, partition by
 * partition, for as long as was asked for. @thread driver */
#ifndef RIV_EXEC_REMEMBER_H
#define RIV_EXEC_REMEMBER_H

#include "data/rows.h"
#include "exec/exec.h"

struct riv_batch_kept {
    int64_t time;
    struct riv_rows **part; /* owned, in the order of partitions */
    size_t nparts;
    uint64_t bytes; /* of the rows */
};

struct riv_remembered {
    struct riv_keep keep;         /* must stay first */
    struct riv_batch_kept *batch; /* the oldest first */
    size_t n, cap;
    uint64_t bytes;    /* of all of them */
    int64_t zero;      /* the first batch's time less the interval */
    int64_t slide_ms;  /* batches come at multiples of it */
    int64_t forgotten; /* batches up to this time were there once */
    bool begun;        /* a batch has run */
};

/* What a node keeps, made at first use. */
int riv__remembered_of(struct riv_exec *exec, const riv_ds *ds,
                       struct riv_remembered **ret, struct riv_err *err)
    RIV__MUST_USE;
/* NULL: no batch has run. */
const struct riv_remembered *riv__remembered(const riv_ds *ds);

#endif
