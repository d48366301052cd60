/* connect/sink_file.c - text into a file, or to the program's output ("-"). A
 * finite run writes beside the target and renames at its end: a reader never
 * sees a part of it, and a failed run leaves the old file. A stream appends
 * batch by batch: at least once. Directories of rolled files, exactly once, are
 * another sink's work. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "connect/sinks.h"
#include "sys/file.h"

struct file_sink {
    struct riv_sink base;
    int fd; /* -1: closed; not used for "-" */
    bool std;
    char *temporary; /* finite: where it is written */
};

static int temporary_name(struct file_sink *self, struct riv_err *err)
{
    const char *uri = self->base.uri;
    const char *slash = strrchr(uri, '/');
    size_t dir = slash ? (size_t)(slash - uri) + 1 : 0;
    uint32_t number = 0;
    struct riv_buf name;
    self->base.sys->random(self->base.sys, &number, sizeof number);
    riv__buf_init(&name, 8192);
    riv__buf_add(&name, uri, dir);
    riv__buf_printf(&name, ".%s.%08x.part", uri + dir, number);
    riv__buf_char(&name, '\0');
    if (name.failed) {
        riv__buf_fini(&name);
        return riv__err_set(err, RIV_EINVAL, "the path is too long");
    }
    self->temporary = name.p; /* heap memory of the buffer, now ours */
    return 0;
}

static int refuse_directory(struct file_sink *self, struct riv_err *err)
{
    struct riv_stat stat;
    if (self->base.sys->stat(self->base.sys, self->base.uri, &stat) == 0 &&
        stat.kind == RIV__IS_DIR)
        return riv__err_set(err, RIV_EINVAL,
                            "is a directory; name a file in it");
    return 0;
}

static int file_open(struct riv_sink *sink, struct riv_err *err)
{
    struct file_sink *self = (struct file_sink *)sink;
    self->fd = -1;
    self->std = strcmp(sink->uri, "-") == 0;
    if (self->std)
        return 0;
    RIV__TRY(refuse_directory(self, err));
    if (sink->live)
        return riv__file_open(
            sink->sys, sink->uri,
            RIV__OPEN_WRITE | RIV__OPEN_CREATE | RIV__OPEN_APPEND, &self->fd,
            err);
    RIV__TRY(temporary_name(self, err));
    return riv__file_open(sink->sys, self->temporary,
                          RIV__OPEN_WRITE | RIV__OPEN_CREATE | RIV__OPEN_EXCL,
                          &self->fd, err);
}

static int file_write(struct riv_sink *sink, const char *p, size_t n,
                      struct riv_err *err)
{
    struct file_sink *self = (struct file_sink *)sink;
    if (self->std)
        return sink->out(sink->out_arg, p, n, err);
    return riv__file_write(sink->sys, self->fd, p, n, sink->uri, err);
}

static int file_publish(struct riv_sink *sink, struct riv_err *err)
{
    struct file_sink *self = (struct file_sink *)sink;
    struct riv_sys *sys = sink->sys;
    if (!self->temporary)
        return 0;
    int rc = sys->sync(sys, self->fd);
    if (rc < 0)
        return riv__err_sys(err, -rc, "fsync", self->temporary);
    sys->close(sys, self->fd);
    self->fd = -1;
    rc = sys->rename(sys, self->temporary, sink->uri);
    if (rc < 0)
        return riv__err_sys(err, -rc, "rename", self->temporary);
    free(RIV__TAKE(self->temporary));
    return 0;
}

static void file_close(struct riv_sink *sink)
{
    struct file_sink *self = (struct file_sink *)sink;
    if (self->fd >= 0)
        sink->sys->close(sink->sys, self->fd);
    if (self->temporary)
        sink->sys->unlink(sink->sys, self->temporary);
    free(self->temporary);
}

static const struct riv_sink_ops sink_file = {
    .name = "file",
    .sink_size = sizeof(struct file_sink),
    .open = file_open,
    .write = file_write,
    .publish = file_publish,
    .close = file_close,
};

const struct riv_sink_ops *const riv__sinks[] = { &sink_file, NULL };
