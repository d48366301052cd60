/* io/receiver.h - the thread of one input: calls read() until the end, tries
 * again with growing pauses after what may pass. Started by io/source.c. */
#ifndef RIV_IO_RECEIVER_H
#define RIV_IO_RECEIVER_H

#include "io/source.h"

/* How the row of failures stands. A row ends with data, or with so much quiet
 * time after a failure that the kind must have been working. */
struct riv_retry {
    int64_t count;    /* failures in a row */
    int64_t last_ns;  /* of the last one */
    int64_t pause_ms; /* after it */
};

/* Takes in a failure. The pause to make in ms, or -1: too many in a row. */
int64_t riv__retry_next(struct riv_retry *retry,
                        const struct riv_settings *conf, int64_t now_ns);

/* The thread's function; arg is the input. */
void riv__receiver_run(void *arg);

#endif
