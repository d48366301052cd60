/* connect/source_replay.c - "replay:LINES:PATH": a file as a live input, so
 * many lines a batch, whatever the clock says. For tests and for trying a
 * streaming job on a recording. No thread: each cut finds where its lines
 * end. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "connect/paths.h"
#include "connect/sources.h"
#include "sys/file.h"

enum { READ_BYTES = 64 * 1024 };

struct replay_input {
    struct riv_input base;
    const char *path;
    uint64_t lines; /* per batch */
    uint64_t pos;
    uint64_t until; /* where the next cut ends; UINT64_MAX: after its lines */
    struct riv_file_seen seen;
    char *buf;
    int fd;
    bool is_open;
};

static int read_rest(struct replay_input *self, struct riv_err *err)
{
    const char *rest = self->base.rest;
    const char *colon = strchr(rest, ':');
    size_t n = colon ? (size_t)(colon - rest) : 0;
    if (!colon || !riv__num_u64(riv__str(rest, n), &self->lines) ||
        self->lines == 0 || !colon[1])
        return riv__err_set(err, RIV_EINVAL,
                            "that is not LINES:PATH with 1 "
                            "line or more a batch, such as replay:100:x.log");
    self->path = colon + 1;
    return 0;
}

static int replay_open(struct riv_input *input, struct riv_err *err)
{
    struct replay_input *self = (struct replay_input *)input;
    struct riv_stat st;
    RIV__TRY(read_rest(self, err));
    self->until = UINT64_MAX;
    self->buf = malloc(READ_BYTES);
    if (!self->buf)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a read buffer");
    int fd = riv__file_open_plain(input->sys, self->path,
                                  RIV__OPEN_READ | RIV__OPEN_NONBLOCK);
    if (fd < 0)
        return riv__paths_error(err, -fd, self->path);
    self->fd = fd;
    self->is_open = true;
    int rc = input->sys->fstat(input->sys, fd, &st);
    if (rc < 0)
        return riv__paths_error(err, -rc, self->path);
    if (st.kind != RIV__IS_FILE)
        return riv__err_set(err, RIV_EINVAL,
                            "%s is no file: only a file can "
                            "be replayed",
                            self->path);
    self->seen = (struct riv_file_seen){ st.bytes, st.device, st.inode };
    return 0;
}

enum { STRIDE = 128 }; /* newlines in so many bytes fit into a byte */

/* A loop over bytes that the compiler makes wide, as its sum is no wider. */
static inline uint8_t newlines(const char *p)
{
    uint8_t n = 0;
    for (size_t i = 0; i < STRIDE; i++)
        n = (uint8_t)(n + (p[i] == '\n'));
    return n;
}

/* Whole pieces in which the last line sought cannot be: a small part of what
 * looking for each line costs. */
static size_t skip_lines(const char *p, size_t n, uint64_t *left)
{
    enum { PIECE = 4096 };
    size_t at = 0;
    for (; at + PIECE <= n; at += PIECE) {
        uint32_t lines = 0;
        for (size_t i = 0; i < PIECE; i += STRIDE)
            lines += newlines(p + at + i);
        if (lines >= *left)
            break;
        *left -= lines;
    }
    return at;
}

/* The byte after the `left`-th newline in [p, p + n), or n; counts down. */
static size_t after_lines(const char *p, size_t n, uint64_t *left)
{
    const char *at = p + skip_lines(p, n, left), *end = p + n;
    while (*left > 0 && at < end) {
        const char *nl = memchr(at, '\n', (size_t)(end - at));
        if (!nl)
            return n;
        at = nl + 1;
        --*left;
    }
    return (size_t)(at - p);
}

/* Where the next batch ends: after its lines, or with the file. */
static int find_end(struct replay_input *self, uint64_t *ret,
                    struct riv_err *err)
{
    uint64_t at = self->pos, left = self->lines;
    while (left > 0 && at < self->seen.bytes) {
        size_t want =
            (size_t)RIV__MIN((uint64_t)READ_BYTES, self->seen.bytes - at);
        int64_t n = riv__file_pread(self->base.sys, self->fd, self->buf, want,
                                    at, self->path, err);
        if (n < 0)
            return (int)n;
        if (n == 0)
            return riv__err_set(err, RIV_EIO,
                                "%s has %llu bytes; it had %llu at the start. "
                                "A file must not shrink while it is replayed",
                                self->path, (unsigned long long)at,
                                (unsigned long long)self->seen.bytes);
        at += after_lines(self->buf, (size_t)n, &left);
    }
    *ret = at;
    return 0;
}

static int replay_cut(struct riv_input *input, struct riv_cut *cut,
                      struct riv_err *err)
{
    struct replay_input *self = (struct replay_input *)input;
    struct riv_range range = {
        .kind = RIV__RANGE_FILE,
        .source = input->index,
        .from = self->pos,
        .path = self->path,
        .seen = self->seen,
        .offset = self->pos,
    };
    if (atomic_load_explicit(&input->stopping, memory_order_acquire))
        return RIV__READ_END;
    range.until = self->until;
    if (self->until == UINT64_MAX)
        RIV__TRY(find_end(self, &range.until, err));
    self->until = UINT64_MAX;
    if (range.until > range.from)
        RIV__TRY(riv__cut_add(cut, &range, err));
    self->pos = range.until;
    return self->pos < self->seen.bytes ? RIV__READ_MORE : RIV__READ_END;
}

/* ------------------------------------------------------------- for a journal */

static int replay_stand(struct riv_input *input, struct riv_stand *to,
                        struct riv_err *err)
{
    (void)err;
    riv__stand_put(to, "offset", ((struct replay_input *)input)->pos);
    return 0;
}

static int replay_seek(struct riv_input *input, riv_str words,
                       struct riv_err *err)
{
    struct replay_input *self = (struct replay_input *)input;
    if (!riv__stand_get(words, "offset", &self->pos))
        return riv__stand_damaged(words, err);
    if (self->pos > self->seen.bytes)
        return riv__err_set(err, RIV_ENOINPUT,
                            "%s has %llu bytes, but was read up to byte %llu: "
                            "it was cut short meanwhile",
                            self->path, (unsigned long long)self->seen.bytes,
                            (unsigned long long)self->pos);
    return 0;
}

static int replay_reach(struct riv_input *input, riv_str words,
                        struct riv_err *err)
{
    struct replay_input *self = (struct replay_input *)input;
    if (!riv__stand_get(words, "offset", &self->until) ||
        self->until < self->pos)
        return riv__stand_damaged(words, err);
    if (self->until > self->seen.bytes)
        return riv__err_set(err, RIV_ENOINPUT, "%s was cut short meanwhile",
                            self->path);
    return 1;
}

static void replay_close(struct riv_input *input)
{
    struct replay_input *self = (struct replay_input *)input;
    if (self->is_open)
        input->sys->close(input->sys, self->fd);
    free(self->buf);
}

const struct riv_source_ops riv__source_replay = {
    .name = "replay",
    .input_size = sizeof(struct replay_input),
    .flags = RIV__SOURCE_RECORDED,
    .open = replay_open,
    .cut = replay_cut,
    .close = replay_close,
    .stand = replay_stand,
    .seek = replay_seek,
    .reach = replay_reach,
};
