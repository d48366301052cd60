/* stream/segment.c - the bytes of a partition within a blob, and what says whose
 * they are. */
#include "stream/segment.h"

#include <string.h>

#include "base/macro.h"
#include "data/le.h"

/* Below, a copy costs less than a buffer of one's own. */
enum { SWAP_BYTES = 2048 };

size_t riv__segment_begin(struct riv_buf *to, uint32_t part, uint32_t of,
                          int64_t time_ms)
{
    char head[RIV__SEGMENT_HEAD] = { 0 };
    riv__le_put32(head, part);
    riv__le_put32(head + 4, of);
    riv__le_put64(head + 8, (uint64_t)time_ms);
    riv__buf_add(to, head, sizeof head);
    return to->n;
}

void riv__segment_end(struct riv_buf *to, size_t begin, bool keep_empty)
{
    if (to->failed)
        return;
    if (to->n == begin && !keep_empty)
        to->n -= RIV__SEGMENT_HEAD;
    else
        riv__le_put64(to->p + begin - 8, to->n - begin);
}

int riv__segment_next(riv_str *rest, struct riv_segment *ret,
                      struct riv_err *err)
{
    if (rest->n == 0)
        return 0;
    if (rest->n >= RIV__SEGMENT_HEAD) {
        const uint64_t n = riv__le_get64(rest->p + 16);
        *ret = (struct riv_segment){
            .part = riv__le_get32(rest->p),
            .of = riv__le_get32(rest->p + 4),
            .time_ms = (int64_t)riv__le_get64(rest->p + 8),
            .bytes = { rest->p + RIV__SEGMENT_HEAD, (size_t)n },
        };
        if (n <= rest->n - RIV__SEGMENT_HEAD && ret->of > 0 &&
            ret->part < ret->of) {
            rest->p += RIV__SEGMENT_HEAD + n;
            rest->n -= RIV__SEGMENT_HEAD + (size_t)n;
            return 1;
        }
    }
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "a piece of state is damaged: it ends too early");
}
void riv__segment_swap(struct riv_buf *to, struct riv_buf *own, size_t bytes)
{
    const struct riv_buf was = *to;
    const size_t n = RIV__SEGMENT_HEAD + bytes;
    if (to->n != RIV__SEGMENT_HEAD || bytes < SWAP_BYTES) {
        riv__buf_add(to, own->p + RIV__SEGMENT_HEAD, bytes);
        return;
    }
    memcpy(own->p, to->p, RIV__SEGMENT_HEAD);
    *to = *own;
    to->n = n;
    *own = was;
    riv__buf_reset(own);
    if (own->cap < n) /* at once, instead of by halves */
        (void)riv__buf_room(own, n);
}
