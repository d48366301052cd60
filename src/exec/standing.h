/* exec/standing.h - batches whose rows stand in memory for a time: the contract
 * between the ops that keep them and stream/allowance.c, which lets in what will fit.
 * Counted are the rows, not what lies around them. @thread driver, between
 * batches */
#ifndef RIV_EXEC_STANDING_H
#define RIV_EXEC_STANDING_H

#include "exec/op.h"

struct riv_standing_ops {
    /* For how long, from its tick on, a batch's rows stand. */
    int64_t (*reach_ms)(const struct riv_op *op);
    /* The bytes that stand of batches later than `since_ms`. */
    uint64_t (*bytes)(const struct riv_op *op, int64_t since_ms);
};

#endif
