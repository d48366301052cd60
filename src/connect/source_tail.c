/* connect/source_tail.c - "tail:PATH": the lines that are appended to a file,
 * through rotation and truncation. Works by name: a file that was moved away is
 * read to its end while another takes its place. What lived and went between
 * two looks (files.poll), or was truncated and grew beyond where we stood, is
 * not noticed. */
#include <errno.h>
#include <stdlib.h>

#include "connect/paths.h"
#include "connect/sources.h"
#include "io/lines.h"
#include "sys/file.h"

enum { READ_BYTES = 256 * 1024, PAUSE_MS_MIN = 1 };

struct tail_input {
    struct riv_input base;
    struct riv_lines lines;
    char *buf;
    int fd;
    bool is_open;
    bool replaced; /* another file has the name; one look more at the old */
    uint64_t inode, device, pos;
    int64_t pause_ms; /* short while data flows */
};

static int no_file(struct riv_err *err, const char *path, int kind)
{
    if (kind == RIV__IS_DIR)
        return riv__err_set(err, RIV_EINVAL,
                            "%s is a folder: dir:%s reads the "
                            "files that will appear in it",
                            path, path);
    return riv__err_set(err, RIV_EINVAL,
                        "%s is no file: pipe:%s reads it as "
                        "a stream",
                        path, path);
}

/* 1: open, at its start. 0: there is no such file (yet). */
static int open_path(struct tail_input *self, uint64_t *ret_bytes,
                     struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    const char *path = self->base.rest;
    struct riv_stat st;
    int fd = sys->open(sys, path, RIV__OPEN_READ | RIV__OPEN_NONBLOCK);
    if (fd == -ENOENT)
        return 0;
    if (fd < 0)
        return riv__paths_error(err, -fd, path);
    int rc = sys->fstat(sys, fd, &st);
    if (rc < 0)
        rc = riv__paths_error(err, -rc, path);
    else if (st.kind != RIV__IS_FILE)
        rc = no_file(err, path, st.kind);
    if (rc < 0) {
        sys->close(sys, fd);
        return rc;
    }
    self->fd = fd;
    self->is_open = true;
    self->replaced = false;
    self->inode = st.inode;
    self->device = st.device;
    self->pos = 0;
    *ret_bytes = st.bytes;
    return 1;
}

/* To the end; the rest of a line that has begun there is left out. */
static int skip_to_end(struct tail_input *self, uint64_t bytes,
                       struct riv_err *err)
{
    char before = '\n';
    if (bytes > 0 && riv__file_pread(self->base.sys, self->fd, &before, 1,
                                     bytes - 1, self->base.rest, err) < 0)
        return RIV_EIO;
    self->pos = bytes;
    if (before != '\n')
        riv__lines_skip(&self->lines);
    return 0;
}

static int tail_open(struct riv_input *input, struct riv_err *err)
{
    struct tail_input *self = (struct tail_input *)input;
    uint64_t bytes = 0;
    riv__lines_init(&self->lines, input->conf);
    self->pause_ms = PAUSE_MS_MIN;
    if (!*input->rest)
        return riv__err_set(err, RIV_EINVAL, "the path is missing: tail:PATH");
    self->buf = malloc(READ_BYTES);
    if (!self->buf)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a read buffer");
    int rc = open_path(self, &bytes, err);
    if (rc < 0)
        return rc;
    riv__input_note(input,
                    rc == 0 ? "waiting for %s to appear" : "following %s",
                    input->rest);
    return rc == 0 || input->conf->tail_from_start
               ? 0
               : skip_to_end(self, bytes, err);
}

static void leave(struct tail_input *self)
{
    if (self->is_open)
        self->base.sys->close(self->base.sys, self->fd);
    self->is_open = false;
}

/* What keeps a file from being opened or looked at now may pass: a rotation
 * sets rights in steps. */
static int later(int rc, struct riv_err *err)
{
    if (rc == RIV_ENOMEM)
        return rc;
    if (err)
        err->code = RIV_EUNAVAIL;
    return RIV_EUNAVAIL;
}

static int rest(struct tail_input *self, struct riv_err *err)
{
    int rc = riv__input_wait(&self->base, NULL, 0, self->pause_ms, err);
    self->pause_ms = RIV__MIN(self->pause_ms * 2, self->base.conf->poll_ms);
    return rc < 0 ? rc : RIV__READ_IDLE;
}

static int begin_again(struct tail_input *self)
{
    riv__lines_drop(&self->lines);
    self->pos = 0;
    riv__input_note(&self->base, "%s was truncated, read again from its start",
                    self->base.rest);
    return RIV__READ_MORE;
}

/* The old file has nothing more and the new one has: a last line without '\n'
 * counts. */
static int change_over(struct tail_input *self, struct riv_err *err)
{
    RIV__TRY(riv__lines_end(&self->lines, &self->base.feed, err));
    leave(self);
    riv__input_note(&self->base, "%s was replaced, reading the new one",
                    self->base.rest);
    return RIV__READ_MORE;
}

/* At the end of the open file: more to come, truncated, or replaced? */
static int at_end(struct tail_input *self, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    const char *path = self->base.rest;
    struct riv_stat mine, now;
    int rc = sys->fstat(sys, self->fd, &mine);
    if (rc < 0)
        return later(riv__paths_error(err, -rc, path), err);
    if (mine.bytes < self->pos)
        return begin_again(self);
    rc = sys->stat(sys, path, &now);
    if (rc == -ENOENT)
        return rest(self, err);
    if (rc < 0)
        return later(riv__paths_error(err, -rc, path), err);
    bool same = now.inode == self->inode && now.device == self->device;
    if (same || now.kind != RIV__IS_FILE || now.bytes == 0)
        return rest(self, err);
    if (self->replaced)
        return change_over(self, err);
    self->replaced = true;
    return rest(self, err);
}

/* A file that appears while we wait, or takes the place of another, is read
 * from its start. */
static int appear(struct tail_input *self, struct riv_err *err)
{
    uint64_t bytes;
    int rc = open_path(self, &bytes, err);
    if (rc < 0)
        return later(rc, err);
    if (rc == 0)
        return rest(self, err);
    riv__input_note(&self->base, "following %s", self->base.rest);
    return RIV__READ_MORE;
}

static int tail_read(struct riv_input *input, struct riv_err *err)
{
    struct tail_input *self = (struct tail_input *)input;
    if (!self->is_open)
        return appear(self, err);
    int64_t n = riv__file_pread(input->sys, self->fd, self->buf, READ_BYTES,
                                self->pos, input->rest, err);
    if (n < 0)
        return (int)n;
    if (n == 0)
        return at_end(self, err);
    self->pos += (uint64_t)n;
    self->replaced = false;
    self->pause_ms = PAUSE_MS_MIN;
    RIV__TRY(riv__lines_take(&self->lines, &input->feed, input->conf, self->buf,
                             (size_t)n, err));
    return RIV__READ_MORE;
}

static void tail_close(struct riv_input *input)
{
    struct tail_input *self = (struct tail_input *)input;
    leave(self);
    riv__lines_fini(&self->lines);
    free(self->buf);
}

const struct riv_source_ops riv__source_tail = {
    .name = "tail",
    .input_size = sizeof(struct tail_input),
    .open = tail_open,
    .read = tail_read,
    .close = tail_close,
};
