/* exec/kept.h - what an op keeps from batch to batch, as bytes for the journal:
 * the contract between the ops that have such state and stream/commit.c,
 * snapshot.c and loading.c, the only callers. Bytes are self-describing down to
 * the layouts, which stand beside them as schemas (data/schema.h);
 * docs/format.md has the encodings.
 *
 * A batch's delta, per partition, goes into the journal with the batch. A
 * snapshot is pieces that are taken at different batches. Recovery loads the
 * pieces, then what deltas they do not contain, in the order of batches. */
#ifndef RIV_EXEC_KEPT_H
#define RIV_EXEC_KEPT_H

#include "base/buf.h"
#include "data/convert.h"
#include "exec/op.h"

enum {
    RIV__KEPT_DELTAS_ONLY = 1, /* deltas of the last `reach_ms` are all of it */
    RIV__KEPT_REPLAYS = 2, /* load_delta() does again what the batch did, so it
                              wants every batch, also those without bytes */
};

/* Where bytes come from when they are loaded. */
struct riv_kept_from {
    uint32_t part, of; /* the partition that wrote them, of so many */
    int64_t time;      /* of the batch */
    const struct riv_convert *val; /* its type had other fields; NULL: it is
                                      what it was */
};

struct riv_kept_ops {
    unsigned flags; /* RIV__KEPT_* */
    /* The layouts of key and value; NULL: there is none. */
    void (*layouts)(const riv_ds *ds, const struct riv_layout **ret_key,
                    const struct riv_layout **ret_val);
    uint32_t (*parts)(struct riv_op *op);
    /* With DELTAS_ONLY: how far back. */
    int64_t (*reach_ms)(struct riv_op *op);
    /* Appends what the batch that has just run changed in partition k; nothing
     * if it changed nothing. `to` ends with the head of a segment; it may have
     * other memory afterwards (stream/segment.h). @thread driver */
    int (*delta)(struct riv_op *op, uint32_t k, struct riv_buf *to,
                 struct riv_err *err);
    /* Appends the next piece of partition k: from *at (0 at first), which it
     * moves. Returns 1: there is more, 0: that was the last. Batches may run
     * between two calls. @thread driver, between batches */
    int (*piece)(struct riv_op *op, uint32_t k, uint64_t *at,
                 struct riv_buf *to, struct riv_err *err);
    /* About how many bytes a snapshot has. */
    uint64_t (*bytes)(struct riv_op *op);
    /* Keys that are alive in it, for people; a sum over partitions. NULL: it has
     * none. @thread driver, between batches */
    uint64_t (*keys)(struct riv_op *op);
    /* Recovery, before the first batch. Pieces of a snapshot, in order; then
     * deltas; `bytes` may be damaged although their sums agree: that is an
     * error, never a crash. @thread driver */
    int (*load_piece)(struct riv_op *op, const struct riv_kept_from *from,
                      riv_str bytes, struct riv_err *err);
    int (*load_delta)(struct riv_op *op, const struct riv_kept_from *from,
                      riv_str bytes, struct riv_err *err);
    /* All of it is there; `time` is that of the last batch. */
    int (*loaded)(struct riv_op *op, int64_t time, struct riv_err *err);
};

extern const struct riv_kept_ops riv__kept_state, riv__kept_window,
    riv__kept_fold_window;

#endif
