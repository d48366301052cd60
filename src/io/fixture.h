/* io/fixture.h - what the tests of io and connect share: settings with small
 * limits, a feed that nobody drains, the text of a cut. Tests only. */
#ifndef RIV_IO_FIXTURE_H
#define RIV_IO_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "conf/settings.h"
#include "io/feed.h"
#include "io/range.h"
#include "sys/file.h"

enum { FIXTURE_LINE_MAX = 64 };

static inline struct riv_settings fixture_conf(void)
{
    return (struct riv_settings){
        .buffer_bytes = 1 << 20,
        .kafka_buffer_bytes = 1 << 20,
        .line_bytes_max = FIXTURE_LINE_MAX,
        .line_policy = RIV__LINE_FAIL,
        .connections_max = 8,
        .retry_ms_min = 100,
        .retry_ms_max = 1000,
        .poll_ms = 50,
    };
}

/* Adds the bytes of a FILE range, as exec would read them. */
static inline void fixture_read(struct riv_buf *buf,
                                const struct riv_range *range)
{
    struct riv_sys *sys = riv__sys_real();
    int fd = sys->open(sys, range->path, RIV__OPEN_READ);
    assert_true(fd >= 0);
    size_t n = (size_t)(range->until - range->from);
    char *p = riv__buf_room(buf, n);
    assert_int_equal(
        riv__file_pread(sys, fd, p, n, range->from, range->path, NULL), n);
    buf->n += n;
    sys->close(sys, fd);
}

/* The text of all BLOCK and FILE ranges, appended. */
static inline void fixture_add_text(struct riv_buf *buf,
                                    const struct riv_cut *cut)
{
    for (size_t i = 0; i < cut->n; i++) {
        const struct riv_range *range = &cut->range[i];
        if (range->kind == RIV__RANGE_BLOCK)
            riv__buf_add(buf, range->block->bytes + range->from,
                         (size_t)(range->until - range->from));
        else
            fixture_read(buf, range);
    }
}

static inline void fixture_equal(const struct riv_buf *buf, const char *text,
                                 size_t n)
{
    if (n == buf->n && (n == 0 || memcmp(buf->p, text, n) == 0))
        return;
    fail_msg("got %zu bytes \"%.*s\", not %zu \"%.*s\"", buf->n,
             (int)RIV__MIN(buf->n, 300), buf->p ? buf->p : "", n,
             (int)RIV__MIN(n, 300), text);
}

/* Everything that waits in the feed, compared with a text. */
static inline void fixture_feed_has(struct riv_feed *feed, const char *text,
                                    size_t n)
{
    struct riv_cut cut;
    struct riv_buf buf;
    size_t held = 0;
    riv__cut_init(&cut);
    riv__buf_init(&buf, 0);
    assert_int_equal(riv__feed_cut(feed, 0, 0, &cut, &held, NULL), 0);
    fixture_add_text(&buf, &cut);
    riv__cut_reset(&cut);
    riv__feed_release(feed, held);
    fixture_equal(&buf, text, n);
    riv__buf_fini(&buf);
    riv__cut_fini(&cut);
}

#endif
