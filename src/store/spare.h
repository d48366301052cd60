/* store/spare.h - the memory of blobs between two messages: a heap of buffers
 * for all of about one size, last in, first out. How many messages are on their
 * way changes with what the disk does, and memory from the system costs a page
 * fault for each 4 KiB, in the middle of a batch. Kept are RIV__SPARE_BYTES at
 * most, in RIV__SPARES buffers: those of 16 partitions in 16 messages, twice.
 * @thread any */
#ifndef RIV_STORE_SPARE_H
#define RIV_STORE_SPARE_H

#include "base/buf.h"
#include "sys/thread.h"

enum { RIV__SPARES = 512, RIV__SPARE_BYTES = 24 << 20 };

struct riv_spares {
    struct riv_lock lock;
    /* protected by lock */
    struct riv_buf buf[RIV__SPARES];
    size_t n;
    size_t bytes; /* of all their memory */
};

void riv__spares_init(struct riv_spares *spares);
void riv__spares_fini(struct riv_spares *spares);

/* An empty buffer: the one that was given last, or a new one without memory. */
struct riv_buf riv__spares_take(struct riv_spares *spares);

/* Takes the buffer's memory, or frees it where there is enough. */
void riv__spares_give(struct riv_spares *spares, struct riv_buf *buf);

#endif
