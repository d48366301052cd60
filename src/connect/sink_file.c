/* connect/sink_file.c - text into a file, or to the program's output ("-"). A
 * finite run writes beside the target and renames at its end: a reader never
 * sees a part of it, and a failed run leaves the old file. A link is followed, as
 * by a shell: the file it names is written, and the link stays. A stream appends
 * batch by batch: at least once. Directories of rolled files, exactly once, are
 * another sink's work. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "connect/sinks.h"
#include "sys/file.h"

enum { PATH_BYTES = 4096, LINKS_MAX = 40 }; /* as many as Linux follows */

struct file_sink {
    struct riv_sink base;
    char *target; /* what the path names, when links have been followed */
    int fd;       /* -1: closed; not used for "-" */
    bool std;
    char *temporary; /* finite: where it is written */
};

/* Where a link at `path` leads to, in its place; NULL: the path is too long. */
static char *follow_link(char *path, const char *link)
{
    const char *slash = strrchr(path, '/');
    const size_t dir = slash && link[0] != '/' ? (size_t)(slash - path) + 1 : 0;
    struct riv_buf to;
    riv__buf_init(&to, 2 * PATH_BYTES);
    riv__buf_add(&to, path, dir);
    riv__buf_str(&to, link);
    riv__buf_char(&to, '\0');
    free(path);
    if (!to.failed)
        return to.p; /* heap memory of the buffer, now ours */
    riv__buf_fini(&to);
    return NULL;
}

/* A rename would put a file in the place of the link. */
static int find_target(struct file_sink *self, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    char link[PATH_BYTES];
    self->target = strdup(self->base.uri);
    for (int n = 0; self->target; n++) {
        const int rc = sys->read_link(sys, self->target, link, sizeof link);
        if (rc < 0)
            return 0; /* no link; what is wrong with it shows when it is made */
        if (n == LINKS_MAX)
            return riv__err_set(err, RIV_EINVAL,
                                "more than %d links lead on from it",
                                LINKS_MAX);
        self->target = follow_link(self->target, link);
    }
    return riv__err_set(err, RIV_EINVAL, "the path is too long");
}

static int temporary_name(struct file_sink *self, struct riv_err *err)
{
    const char *uri = self->target;
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

/* What stands at the path: a directory is refused; a device or pipe is written
 * through, because a rename would replace it. */
static int look(struct file_sink *self, bool *through, struct riv_err *err)
{
    struct riv_stat stat;
    *through = self->base.live;
    if (self->base.sys->stat(self->base.sys, self->base.uri, &stat) < 0)
        return 0;
    if (stat.kind == RIV__IS_DIR)
        return riv__err_set(err, RIV_EINVAL,
                            "is a directory; name a file in it");
    *through |= stat.kind != RIV__IS_FILE;
    if (*through)
        self->base.had_bytes = stat.bytes;
    return 0;
}

/* The temporary name means nothing to whoever reads the message. */
static int open_failed(struct file_sink *self, int rc, struct riv_err *err)
{
    const char *uri = self->target;
    const char *slash = strrchr(uri, '/');
    const char *dir = slash ? uri : ".";
    const int n = slash > uri ? (int)(slash - uri) : 1; /* "/" too */
    struct riv_err why;
    int code = riv__err_sys(&why, -rc, "", NULL);
    if (code == RIV_ENOINPUT)
        return riv__err_set(err, code,
                            "cannot be made: there is no folder %.*s", n, dir);
    if (code == RIV_EPERM)
        return riv__err_set(err, code,
                            "cannot be made: no permission to write in %.*s", n,
                            dir);
    return riv__err_set(err, code, "cannot be made in %.*s%s", n, dir,
                        why.text);
}

/* The target's, with a slash at its end, or ".". False: it is too long. */
static bool folder_of(const struct file_sink *self, char dir[PATH_BYTES])
{
    const char *slash = strrchr(self->target, '/');
    const char *from = slash ? self->target : ".";
    const size_t n = slash ? (size_t)(slash - self->target) + 1 : 1;
    if (n >= PATH_BYTES)
        return false;
    memcpy(dir, from, n);
    dir[n] = '\0';
    return true;
}

/* So that no other output takes the same name at its end. */
static void note_place(struct file_sink *self)
{
    struct riv_sink *sink = &self->base;
    const char *slash = strrchr(self->target, '/');
    struct riv_stat stat;
    char dir[PATH_BYTES];
    if (!folder_of(self, dir) || sink->sys->stat(sink->sys, dir, &stat) < 0)
        return;
    sink->device = stat.device;
    sink->inode = stat.inode;
    sink->name = slash ? slash + 1 : self->target;
}

static int file_open(struct riv_sink *sink, struct riv_err *err)
{
    struct file_sink *self = (struct file_sink *)sink;
    unsigned flags = RIV__OPEN_WRITE | RIV__OPEN_CREATE;
    bool through;
    self->fd = -1;
    self->std = strcmp(sink->uri, "-") == 0;
    if (self->std)
        return 0;
    RIV__TRY(look(self, &through, err));
    RIV__TRY(find_target(self, err));
    if (!through)
        RIV__TRY(temporary_name(self, err));
    const char *path = through ? sink->uri : self->temporary;
    self->fd = riv__file_open_plain(
        sink->sys, path, flags | (through ? RIV__OPEN_APPEND : RIV__OPEN_EXCL));
    if (self->fd >= 0 && !through)
        note_place(self);
    if (self->fd >= 0)
        return 0;
    free(RIV__TAKE(self->temporary)); /* nothing of it exists */
    return open_failed(self, self->fd, err);
}

static int file_write(struct riv_sink *sink, const char *p, size_t n,
                      struct riv_err *err)
{
    struct file_sink *self = (struct file_sink *)sink;
    if (self->std)
        return sink->out(sink->out_arg, p, n, err);
    return riv__file_write(sink->sys, self->fd, p, n, sink->uri, err);
}

/* Where the folder may not be read its entries cannot be synced; the name is there
 * all the same. */
static int sync_name(const struct file_sink *self, struct riv_err *err)
{
    char dir[PATH_BYTES];
    if (!folder_of(self, dir))
        return 0;
    const int rc = riv__file_sync_folder(self->base.sys, dir, err);
    return rc == RIV_EPERM ? 0 : rc;
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
    rc = sys->rename(sys, self->temporary, self->target);
    if (rc < 0)
        return riv__err_sys(err, -rc, "rename", self->temporary);
    free(RIV__TAKE(self->temporary));
    return sync_name(self, err);
}

static void file_close(struct riv_sink *sink)
{
    struct file_sink *self = (struct file_sink *)sink;
    if (self->fd >= 0)
        sink->sys->close(sink->sys, self->fd);
    if (self->temporary)
        sink->sys->unlink(sink->sys, self->temporary);
    free(self->temporary);
    free(self->target);
}

const struct riv_sink_ops riv__sink_file = {
    .name = "file",
    .sink_size = sizeof(struct file_sink),
    .open = file_open,
    .write = file_write,
    .publish = file_publish,
    .close = file_close,
};
