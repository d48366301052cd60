/* stream/segment.h - the bytes of one partition within a blob of the journal,
 * behind a head that says whose they are; docs/format.md has it. Written by
 * commit.c and snapshot.c, read by loading.c and inspect_state.c. */
#ifndef RIV_STREAM_SEGMENT_H
#define RIV_STREAM_SEGMENT_H

#include "base/buf.h"
#include "base/err.h"

/* What stands before the bytes of one partition in a blob. */
enum { RIV__SEGMENT_HEAD = 4 + 4 + 8 + 8 };
struct riv_segment {
    uint32_t part, of;
    int64_t time_ms;
    riv_str bytes;
};
/* Begins a segment; riv__segment_end with what it returned writes its length,
 * or takes it away when it is empty. */
size_t riv__segment_begin(struct riv_buf *to, uint32_t part, uint32_t of,
                          int64_t time_ms);
void riv__segment_end(struct riv_buf *to, size_t begin, bool keep_empty);
/* Takes the next one off the front. 1, 0: there is none, or RIV_ECHECKPOINT. */
int riv__segment_next(riv_str *rest, struct riv_segment *ret,
                      struct riv_err *err);

/* For whoever has `bytes` bytes of a segment in a buffer of his own, behind room
 * for its head: they come behind what is in `to`. Where that is the head of this
 * segment and nothing else, and they are many, the two buffers change memory
 * instead of a copy; `own` is empty then. */
void riv__segment_swap(struct riv_buf *to, struct riv_buf *own, size_t bytes);

#endif
