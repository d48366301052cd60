/* stream/state_log.c - the log of changed states: its memory, keys that are gone,
 * and how it is taken. What is done for every state that is stored is inline, in
 * the header. */
#include "stream/state_log.h"

#include <string.h>

int riv__state_log_room(struct riv_state_log *log, size_t more)
{
    const size_t bytes = RIV__SEGMENT_HEAD + (log->n + more) * log->stride;
    return riv__buf_room(&log->bytes, bytes) ? 0 : RIV_ENOMEM;
}

void riv__state_log_gone(struct riv_state_log *log, char *at, uint64_t key)
{
    *at = 0;
    riv__le_put64(at + RIV__LOG_KEY, key);
    log->has_gone = true;
}

/* Entries of what is gone become as short as they are written. */
static size_t close_up(struct riv_state_log *log)
{
    char *const first = riv__state_log_at(log, 0), *to = first;
    for (uint32_t i = 0; i < log->n; i++) {
        const char *at = riv__state_log_at(log, i);
        if (*at) {
            memmove(to, at, log->stride);
            to += log->stride;
            continue;
        }
        const uint64_t key = riv__le_get64(at + RIV__LOG_KEY);
        *to = 0;
        riv__le_put64(to + 1, key);
        to += RIV__LOG_GONE_BYTES;
    }
    return (size_t)(to - first);
}

struct riv_buf *riv__state_log_end(struct riv_state_log *log)
{
    if (log->bytes.n == 0 && riv__buf_room(&log->bytes, RIV__SEGMENT_HEAD))
        log->bytes.n = RIV__SEGMENT_HEAD;
    return &log->bytes;
}

static size_t bytes_of(struct riv_state_log *log)
{
    if (log->stride == 0)
        return log->bytes.n > 0 ? log->bytes.n - RIV__SEGMENT_HEAD : 0;
    return log->has_gone ? close_up(log) : (size_t)log->n * log->stride;
}

int riv__state_log_take(struct riv_state_log *log, struct riv_buf *to)
{
    const size_t bytes = bytes_of(log);
    if (bytes > 0)
        riv__segment_swap(to, &log->bytes, bytes);
    riv__buf_reset(&log->bytes);
    log->n = 0;
    log->has_gone = false;
    return to->failed;
}
