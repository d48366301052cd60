/* io/lines.c - whole lines out of reads of any size. The bytes between the
 * first and the last newline of a read go to the feed in one piece, without a
 * look at single lines: a window of line_max + 1 bytes that holds a newline
 * cannot hold a line that is too long. */
#include "io/lines.h"

#include <string.h>

#include "base/str.h"
#include "data/frame.h"

enum { PART_KEEP_BYTES = 4 * 1024 }; /* of each of many connections */

void riv__lines_init(struct riv_lines *lines, const struct riv_settings *conf)
{
    *lines = (struct riv_lines){ .skipping = false };
    riv__buf_init(&lines->part, (size_t)conf->line_bytes_max + 1);
}

void riv__lines_fini(struct riv_lines *lines)
{
    riv__buf_fini(&lines->part);
}

static void forget_part(struct riv_lines *lines)
{
    size_t max = lines->part.max;
    if (lines->part.cap > PART_KEEP_BYTES) {
        riv__buf_fini(&lines->part);
        riv__buf_init(&lines->part, max);
    }
    riv__buf_reset(&lines->part);
}

/* took: of the stream's next bytes, those that are used up by these lines. */
static int append(struct riv_lines *lines, struct riv_feed *feed, riv_str text,
                  size_t took, struct riv_err *err)
{
    const struct riv_mark at = {
        .offset = lines->offset + took,
        .part = lines->file,
        .inside = lines->skipping,
    };
    int rc = riv__feed_append(feed, text.p, text.n, lines->marks ? &at : NULL);
    if (rc == RIV_ESTOPPED)
        return riv__err_set(err, rc, "the input was stopped");
    if (rc < 0)
        return riv__err_set(err, rc, "no memory for received lines");
    return 0;
}

/* The part with '\n' goes to the feed. */
static int flush_part(struct riv_lines *lines, struct riv_feed *feed,
                      size_t took, struct riv_err *err)
{
    riv__buf_char(&lines->part, '\n');
    if (lines->part.failed)
        return riv__err_set(err, RIV_ENOMEM,
                            "no memory for a line of %zu "
                            "bytes",
                            lines->part.n);
    int rc =
        append(lines, feed, riv__str(lines->part.p, lines->part.n), took, err);
    forget_part(lines);
    return rc;
}

static int keep(struct riv_lines *lines, const char *p, size_t n,
                struct riv_err *err)
{
    riv__buf_add(&lines->part, p, n);
    if (lines->part.failed)
        return riv__err_set(err, RIV_ENOMEM,
                            "no memory for a line of more "
                            "than %zu bytes",
                            lines->part.n);
    return 0;
}

/* The line that begins with the part and goes on at p is over the limit.
 * *ret_took of p are used up. */
static int too_long(struct riv_lines *lines, struct riv_feed *feed,
                    const struct riv_settings *conf, const char *p,
                    size_t *ret_took, struct riv_err *err)
{
    const size_t max = (size_t)conf->line_bytes_max;
    *ret_took = 0;
    if (conf->line_policy == RIV__LINE_FAIL)
        return riv__err_set(err, RIV_ERECORD,
                            "the line at byte %llu is longer "
                            "than %zu bytes: raise input.line_max, or set "
                            "input.long_line to cut or skip",
                            (unsigned long long)(lines->offset - lines->part.n),
                            max);
    lines->long_lines++;
    riv__feed_long_line(feed);
    lines->skipping = true;
    if (conf->line_policy == RIV__LINE_SKIP) {
        forget_part(lines);
        return 0;
    }
    size_t took = max - lines->part.n;
    RIV__TRY(keep(lines, p, took, err));
    *ret_took = took;
    return flush_part(lines, feed, took, err);
}

/* The part, or a line that begins at p, is gone on with. */
static int extend(struct riv_lines *lines, struct riv_feed *feed,
                  const struct riv_settings *conf, riv_str in, size_t *ret_took,
                  struct riv_err *err)
{
    const size_t room = (size_t)conf->line_bytes_max - lines->part.n;
    const char *nl = memchr(in.p, '\n', RIV__MIN(in.n, room + 1));
    if (nl) {
        size_t n = (size_t)(nl - in.p);
        *ret_took = n + 1;
        RIV__TRY(keep(lines, in.p, n, err));
        return flush_part(lines, feed, n + 1, err);
    }
    if (in.n > room)
        return too_long(lines, feed, conf, in.p, ret_took, err);
    *ret_took = in.n;
    return keep(lines, in.p, in.n, err);
}

static size_t skip(struct riv_lines *lines, riv_str in)
{
    const char *nl = memchr(in.p, '\n', in.n);
    if (!nl)
        return in.n;
    lines->skipping = false;
    return (size_t)(nl - in.p) + 1;
}

static int take_some(struct riv_lines *lines, struct riv_feed *feed,
                     const struct riv_settings *conf, riv_str in,
                     size_t *ret_took, struct riv_err *err)
{
    if (lines->skipping) {
        *ret_took = skip(lines, in);
        return 0;
    }
    if (lines->part.n == 0) {
        size_t window = RIV__MIN(in.n, (size_t)conf->line_bytes_max + 1);
        size_t whole = riv__frame_last(in.p, window);
        if (whole > 0) {
            *ret_took = whole;
            return append(lines, feed, riv__str(in.p, whole), whole, err);
        }
    }
    return extend(lines, feed, conf, in, ret_took, err);
}

int riv__lines_take(struct riv_lines *lines, struct riv_feed *feed,
                    const struct riv_settings *conf, const char *p, size_t n,
                    struct riv_err *err)
{
    while (n > 0) {
        size_t took = 0;
        RIV__TRY(take_some(lines, feed, conf, (riv_str){ p, n }, &took, err));
        lines->offset += took;
        p += took;
        n -= took;
    }
    return 0;
}

int riv__lines_end(struct riv_lines *lines, struct riv_feed *feed,
                   struct riv_err *err)
{
    lines->skipping = false;
    return lines->part.n > 0 ? flush_part(lines, feed, 0, err) : 0;
}

void riv__lines_drop(struct riv_lines *lines)
{
    lines->skipping = false;
    forget_part(lines);
}

void riv__lines_at(struct riv_lines *lines, uint32_t part, uint64_t offset)
{
    lines->marks = true;
    lines->file = part;
    lines->offset = offset;
}

void riv__lines_skip(struct riv_lines *lines)
{
    forget_part(lines);
    lines->skipping = true;
}
