/* base/buf.c - the growing text buffer. Sinks and reports append without
 * looking and ask buf->failed once at the end. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum { FIRST_BYTES = 256 };

void riv__buf_init(struct riv_buf *buf, size_t max)
{
    *buf = (struct riv_buf){ .max = max ? max : SIZE_MAX / 2 };
}

void riv__buf_fini(struct riv_buf *buf)
{
    free(buf->p);
    *buf = (struct riv_buf){ .max = buf->max };
}

void riv__buf_reset(struct riv_buf *buf)
{
    buf->n = 0;
    buf->failed = 0;
}

static char *fail(struct riv_buf *buf)
{
    buf->failed = RIV_ENOMEM;
    return NULL;
}

char *riv__buf_grow(struct riv_buf *buf, size_t n)
{
    size_t max = buf->max ? buf->max : SIZE_MAX / 2; /* also when only zeroed */
    if (buf->failed || n > max || buf->n > max - n)
        return fail(buf);
    size_t need = buf->n + n;
    size_t cap = RIV__MAX(buf->cap, FIRST_BYTES);
    while (cap < need)
        cap = cap > max / 2 ? need : cap * 2;
    cap = RIV__MAX(need, RIV__MIN(cap, max));
    char *p = realloc(buf->p, RIV__MAX(cap, 1));
    if (!p)
        return fail(buf);
    buf->p = p;
    buf->cap = cap;
    return p + buf->n;
}

void riv__buf_add(struct riv_buf *buf, const void *p, size_t n)
{
    char *dst = riv__buf_room(buf, n);
    if (!dst || n == 0)
        return;
    memcpy(dst, p, n);
    buf->n += n;
}

void riv__buf_str(struct riv_buf *buf, const char *s)
{
    riv__buf_add(buf, s, strlen(s));
}

/* A number is built aside, because a buffer that is nearly full may have room
 * for it and not for the longest one. */
void riv__buf_i64(struct riv_buf *buf, int64_t v)
{
    char text[RIV__NUM_TEXT];
    riv__buf_add(buf, text, riv__num_put_i64(text, v));
}

void riv__buf_u64(struct riv_buf *buf, uint64_t v)
{
    char text[RIV__NUM_TEXT];
    riv__buf_add(buf, text, riv__num_put_u64(text, v));
}

void riv__buf_f64(struct riv_buf *buf, double v)
{
    char text[RIV__NUM_TEXT];
    riv__buf_add(buf, text, riv__num_put_f64(text, v));
}

/* The text is measured first. vsnprintf writes a NUL after it, for which a
 * buffer filled to its last byte has no room: hence the one byte more, and a
 * buffer whose limit is exactly reached counts as full. */
void riv__buf_printf(struct riv_buf *buf, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *dst = n < 0 ? fail(buf) : riv__buf_room(buf, (size_t)n + 1);
    if (dst) {
        vsnprintf(dst, (size_t)n + 1, fmt, again);
        buf->n += (size_t)n;
    }
    va_end(again);
    va_end(ap);
}
