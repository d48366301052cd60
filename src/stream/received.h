/* stream/received.h - lines of sources that cannot give them again, on their
 * way into the journal and, after a restart, back into the feeds. */
#ifndef RIV_STREAM_RECEIVED_H
#define RIV_STREAM_RECEIVED_H

#include "stream/durable.h"

/* What the storage thread looks for; group_ms is 0 when the job has no such
 * source. */
struct riv_intake riv__received_intake(struct riv_durable *durable);

/* Puts back what the journal has of an input behind where it stands, and
 * collects from there on. Before the input starts. @thread driver */
int riv__received_restore(struct riv_durable *durable,
                          struct riv_durable_input *in, struct riv_err *err)
    RIV__MUST_USE;

#endif
