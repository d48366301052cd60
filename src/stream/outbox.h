/* stream/outbox.h - what an earlier run had promised to send and perhaps has not:
 * the outboxes of its last batches. Recovery, before the first batch. @thread
 * driver */
#ifndef RIV_STREAM_OUTBOX_H
#define RIV_STREAM_OUTBOX_H

#include "stream/durable.h"

/* Sends what waits for an output, and takes it out of the journal. sink NULL:
 * the output is no longer part of the job; `uri` says where it went. Killed at
 * any point and called again it sends nothing twice: the sink knows. */
int riv__outbox_finish(struct riv_durable *durable, uint32_t output,
                       struct riv_sink *sink, riv_str uri, struct riv_err *err)
    RIV__MUST_USE;

#endif
