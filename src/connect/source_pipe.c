/* connect/source_pipe.c - what can only be read once, front to back: FIFOs,
 * standard input behind a pipe, terminals, process substitution. It ends when
 * the last writer has closed its end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connect/paths.h"
#include "connect/sources.h"
#include "io/lines.h"
#include "sys/file.h"

enum { READ_BYTES = 256 * 1024 };

struct pipe_input {
    struct riv_input base;
    struct riv_lines lines;
    char *buf;
    int fd;
    bool is_open, own_fd; /* standard input stays open */
};

static int pipe_open(struct riv_input *input, struct riv_err *err)
{
    struct pipe_input *self = (struct pipe_input *)input;
    struct riv_stat st;
    riv__lines_init(&self->lines, input->conf);
    self->buf = malloc(READ_BYTES);
    if (!self->buf)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a read buffer");
    if (!strcmp(input->rest, "-")) {
        self->is_open = true;
        return 0;
    }
    /* Without waiting for a writer: that is read()'s business. */
    int fd = riv__file_open_plain(input->sys, input->rest,
                                  RIV__OPEN_READ | RIV__OPEN_NONBLOCK);
    if (fd < 0)
        return riv__paths_error(err, -fd, input->rest);
    self->fd = fd;
    self->is_open = self->own_fd = true;
    int rc = input->sys->fstat(input->sys, fd, &st);
    if (rc < 0)
        return riv__paths_error(err, -rc, input->rest);
    if (st.kind == RIV__IS_DIR)
        return riv__err_set(err, RIV_EINVAL,
                            "%s is a folder: dir:%s reads "
                            "the files that will appear in it",
                            input->rest, input->rest);
    return 0;
}

/* Polling first, because standard input may be a descriptor that blocks, and
 * may not be changed: other processes share it. */
static int pipe_read(struct riv_input *input, struct riv_err *err)
{
    struct pipe_input *self = (struct pipe_input *)input;
    struct riv_pollfd poll = { .fd = self->fd, .events = RIV__POLL_IN };
    int rc = riv__input_wait(input, &poll, 1, -1, err);
    if (rc <= 0)
        return rc < 0 ? rc : RIV__READ_IDLE;
    int64_t n = input->sys->read(input->sys, self->fd, self->buf, READ_BYTES);
    if (n == -EAGAIN || n == -EINTR)
        return RIV__READ_IDLE;
    if (n < 0) {
        riv__lines_drop(&self->lines);
        return riv__err_sys(err, (int)-n, "read", input->rest);
    }
    if (n == 0) {
        RIV__TRY(riv__lines_end(&self->lines, &input->feed, err));
        return RIV__READ_END;
    }
    RIV__TRY(riv__lines_take(&self->lines, &input->feed, input->conf, self->buf,
                             (size_t)n, err));
    return RIV__READ_MORE;
}

static void pipe_close(struct riv_input *input)
{
    struct pipe_input *self = (struct pipe_input *)input;
    if (self->is_open && self->own_fd)
        input->sys->close(input->sys, self->fd);
    riv__lines_fini(&self->lines);
    free(self->buf);
}

const struct riv_source_ops riv__source_pipe = {
    .name = "pipe",
    .input_size = sizeof(struct pipe_input),
    .open = pipe_open,
    .read = pipe_read,
    .close = pipe_close,
};
