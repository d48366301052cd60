/* store/spare.c - buffers that nobody needs just now. Whoever takes one makes it
 * as large as his bytes; so all of them become as large as the largest. */
#include "store/spare.h"

void riv__spares_init(struct riv_spares *spares)
{
    *spares = (struct riv_spares){ .n = 0 };
    riv__lock_init(&spares->lock);
}

void riv__spares_fini(struct riv_spares *spares)
{
    for (size_t i = 0; i < spares->n; i++)
        riv__buf_fini(&spares->buf[i]);
    riv__lock_fini(&spares->lock);
}

struct riv_buf riv__spares_take(struct riv_spares *spares)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    riv__lock(&spares->lock);
    if (spares->n > 0) {
        buf = spares->buf[--spares->n];
        spares->bytes -= buf.cap;
    }
    riv__unlock(&spares->lock);
    return buf;
}

void riv__spares_give(struct riv_spares *spares, struct riv_buf *buf)
{
    riv__buf_reset(buf);
    riv__lock(&spares->lock);
    const bool has_room =
        spares->n < RIV__SPARES && buf->cap <= RIV__SPARE_BYTES - spares->bytes;
    if (has_room && buf->cap > 0) {
        spares->buf[spares->n++] = *buf;
        spares->bytes += buf->cap;
        riv__buf_init(buf, 0);
    }
    riv__unlock(&spares->lock);
    riv__buf_fini(buf);
}
