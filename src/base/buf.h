/* base/buf.h - a growing text or byte buffer with a named maximum. Sinks write
 * rows into it, messages and reports are built in it. */
#ifndef RIV_BASE_BUF_H
#define RIV_BASE_BUF_H

#include <rivulet.h>

#include "base/macro.h"

struct riv_buf {
    char *p;
    size_t n, cap, max; /* used, room, limit; max 0: SIZE_MAX / 2 */
    int failed;         /* RIV_ENOMEM once it could not grow; sticky */
};

void riv__buf_init(struct riv_buf *buf, size_t max);
void riv__buf_fini(struct riv_buf *buf);
/* Empty and not failed; keeps the memory. */
void riv__buf_reset(struct riv_buf *buf);

char *riv__buf_grow(struct riv_buf *buf, size_t n); /* for room, below */

/* Room for n more bytes at the returned place (then add to buf->n), or NULL:
 * full or failed before, and buf->failed is set. The place is not NULL for
 * n 0. */
static inline char *riv__buf_room(struct riv_buf *buf, size_t n)
{
    if (RIV__RARELY(buf->failed || !buf->p || n > buf->cap - buf->n))
        return riv__buf_grow(buf, n);
    return buf->p + buf->n;
}

/* Appending: a full buffer sets buf->failed and takes nothing more, so what is
 * in it is a prefix of what was added; check once. No NUL at the end. */
void riv__buf_add(struct riv_buf *buf, const void *p, size_t n);
void riv__buf_str(struct riv_buf *buf, const char *s);
static inline void riv__buf_char(struct riv_buf *buf, char c)
{
    char *dst = riv__buf_room(buf, 1);
    if (RIV__LIKELY(dst != NULL)) {
        *dst = c;
        buf->n++;
    }
}
void riv__buf_i64(struct riv_buf *buf, int64_t v);
void riv__buf_u64(struct riv_buf *buf, uint64_t v);
void riv__buf_f64(struct riv_buf *buf, double v); /* shortest that reads back */
void riv__buf_printf(struct riv_buf *buf, const char *fmt, ...)
    RIV__FORMAT(2, 3);

#endif
