/* stream/leftover.h - files that an earlier program had begun and that nobody
 * goes on with: its output is gone, or writes into another folder now. What was
 * committed of them is promised, so they are completed and shown. Recovery,
 * before the first batch. @thread driver */
#ifndef RIV_STREAM_LEFTOVER_H
#define RIV_STREAM_LEFTOVER_H

#include "stream/durable.h"

/* Completes one file; row->status is SHOWN afterwards, in the journal too.
 * Killed at any point and called again it goes on where it was. */
int riv__leftover_finish(struct riv_durable *durable, struct riv_file_row *row,
                         struct riv_err *err) RIV__MUST_USE;

/* What is true of a file now, in a transaction of its own. */
int riv__leftover_put(struct riv_journal *journal,
                      const struct riv_file_row *row, struct riv_err *err)
    RIV__MUST_USE;

/* A sink of its own for what an output of an earlier program had begun; returns
 * it owned: riv__sink_free. */
int riv__leftover_sink(struct riv_durable *durable, riv_str uri,
                       struct riv_sink **ret, struct riv_err *err)
    RIV__MUST_USE;

#endif
