/* io/lines.h - from reads of any size to whole lines in a feed: keeps the
 * unfinished line of one stream (a connection, a file, a pipe) between reads,
 * and holds lines to the limit. One per stream; memory at most the line limit
 * and a byte, between lines at most 4 KiB. */
#ifndef RIV_IO_LINES_H
#define RIV_IO_LINES_H

#include "base/buf.h"
#include "conf/settings.h"
#include "io/feed.h"

struct riv_lines {
    struct riv_buf part; /* the unfinished line */
    bool skipping;       /* up to the next '\n' nothing is taken */
    uint64_t offset;     /* in the stream, of the next byte to take */
    uint32_t file;       /* which of the source's files the stream is */
    bool marks;          /* the source can go back: tell the feed where */
    uint64_t long_lines; /* cut or left out, counted */
};

void riv__lines_init(struct riv_lines *lines, const struct riv_settings *conf);
void riv__lines_fini(struct riv_lines *lines);

/* Takes n bytes as read; appends what is complete to the feed (may wait).
 * A line over the limit: by conf->line_policy an error that names the source
 * offset and the setting (RIV_ERECORD), cut at the limit, or left out;
 * counted. Bytes pass unchanged. RIV_ESTOPPED, RIV_ENOMEM: from the feed. */
int riv__lines_take(struct riv_lines *lines, struct riv_feed *feed,
                    const struct riv_settings *conf, const char *p, size_t n,
                    struct riv_err *err) RIV__MUST_USE;

/* The stream ended cleanly: a last line without '\n' counts. */
int riv__lines_end(struct riv_lines *lines, struct riv_feed *feed,
                   struct riv_err *err) RIV__MUST_USE;
/* The stream broke, or starts anew: the unfinished line is dropped. */
void riv__lines_drop(struct riv_lines *lines);
/* The stream is file `part` of the source from byte `offset` on; from here
 * the feed knows where in it its lines end. */
void riv__lines_at(struct riv_lines *lines, uint32_t part, uint64_t offset);
/* The stream begins in the middle of a line, which is left out. */
void riv__lines_skip(struct riv_lines *lines);

/* A line has begun and has not ended: kept, or being left out. */
static inline bool riv__lines_begun(const struct riv_lines *lines)
{
    return lines->part.n > 0 || lines->skipping;
}
/* The memory that it takes. */
static inline size_t riv__lines_bytes(const struct riv_lines *lines)
{
    return lines->part.cap;
}

#endif
