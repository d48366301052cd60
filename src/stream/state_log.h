/* stream/state_log.h - what a batch changes in the states of one partition, as
 * the bytes that go to the journal: for keys that are integers and states that
 * are written as they lie in memory, which is most programs. An entry is written
 * when its state is stored, while both are in the nearest cache; looked for again
 * at the end of the batch, each would be a miss or two. A key that is changed
 * again overwrites its entry, so a key has one, however often it is changed. Filled
 * by state_change.c, taken by state_bytes.c. @thread worker, one at a time */
#ifndef RIV_STREAM_STATE_LOG_H
#define RIV_STREAM_STATE_LOG_H

#include "base/buf.h"
#include "data/le.h"
#include "stream/segment.h"

struct riv_state_log {
    struct riv_buf bytes; /* room for a segment's head, and entries in the order
                             of their first change */
    uint32_t n;
    uint32_t stride; /* bytes of an entry; 0: such states have no log */
    bool has_gone;   /* an entry says that its key is gone: it is too long */
};

/* An entry: u8 lives, i64 touched, key, state. One that is gone has nothing
 * but the first byte and the key, in its place, until the log is taken. */
enum {
    RIV__LOG_TOUCHED = 1,
    RIV__LOG_KEY = 1 + 8,
    RIV__LOG_STATE = 1 + 8 + 8,
    RIV__LOG_GONE_BYTES = 1 + 8
};

/* Room for so many entries more: 0 or RIV_ENOMEM. */
int riv__state_log_room(struct riv_state_log *log, size_t more) RIV__MUST_USE;

/* The entry at `at` is that of a key that is gone. */
void riv__state_log_gone(struct riv_state_log *log, char *at, uint64_t key);

/* Without entries of one size: where bytes go. The log has no memory for the
 * head: failed. */
struct riv_buf *riv__state_log_end(struct riv_state_log *log);

/* Gives all entries to the segment that `to` ends with; it is empty again. 0 or
 * RIV_ENOMEM. */
int riv__state_log_take(struct riv_state_log *log, struct riv_buf *to)
    RIV__MUST_USE;

static inline char *riv__state_log_at(const struct riv_state_log *log,
                                      uint32_t place)
{
    return log->bytes.p + RIV__SEGMENT_HEAD + (size_t)place * log->stride;
}

/* The place of a key that may be in the log already: `was` is where it was put
 * last, in this batch or an earlier one. The next free place: it is not. */
static inline uint32_t riv__state_log_find(const struct riv_state_log *log,
                                           uint32_t was, uint64_t key)
{
    if (was >= log->n)
        return log->n;
    const char *at = riv__state_log_at(log, was);
    return riv__le_get64(at + RIV__LOG_KEY) == key ? was : log->n;
}

/* Writes the entry of a key that lives to `at`; where the next one begins.
 * `bytes` is a constant where the compiler sees one. */
static inline __attribute__((always_inline)) char *riv__state_log_put(
    char *at, int64_t touched, uint64_t key, const void *val, size_t bytes)
{
    enum { AHEAD = 2048 };
    __builtin_prefetch(at + AHEAD, 1);
    *at = 1;
    riv__le_put64(at + RIV__LOG_TOUCHED, (uint64_t)touched);
    riv__le_put64(at + RIV__LOG_KEY, key);
    memcpy(at + RIV__LOG_STATE, val, bytes);
    return at + RIV__LOG_STATE + bytes;
}

#endif
