/* connect/sink_dir.c - "FOLDER/": a stream as files that are completed by size
 * and by time. A file is written under a name with a dot in front and gets its
 * own when it is complete, so a reader sees whole files only, none empty, in
 * the order of their names.
 *
 * With a journal each batch is in the files exactly once: its bytes are synced
 * before it is committed, and a run that finds more in a file than was
 * committed cuts that off. Without one files are completed in the same way, but
 * what a dead process had open is lost. */
#include "connect/sink_dir.h"

#include <stdio.h>
#include <stdlib.h>

#include "sys/file.h"

static int dir_open(struct riv_sink *sink, struct riv_err *err)
{
    struct riv_dir_sink *self = riv__dir_of(sink);
    struct riv_stat st;
    uint32_t random = 0;
    riv__lock_init(&self->lock);
    self->has_lock = true;
    if (!sink->owner)
        (void)sink->sys->random(sink->sys, &random, sizeof random);
    snprintf(self->nobody, sizeof self->nobody, "%08x", random);
    RIV__TRY(riv__dir_make(self, err));
    int rc = sink->sys->stat(sink->sys, sink->uri, &st);
    if (rc < 0)
        return riv__err_sys(err, -rc, "stat", sink->uri);
    if (st.kind != RIV__IS_DIR)
        return riv__err_set(err, RIV_EINVAL, "is no folder");
    sink->device = st.device;
    sink->inode = st.inode;
    return 0;
}

static int dir_write(struct riv_sink *sink, const char *p, size_t n,
                     struct riv_err *err)
{
    struct riv_dir_sink *self = riv__dir_of(sink);
    if (!self->open)
        RIV__TRY(riv__dir_file_begin(self, err));
    struct riv_dir_file *file = self->open;
    RIV__TRY(riv__file_write(sink->sys, file->fd, p, n, file->temporary, err));
    riv__sum_add(file->sum, p, n);
    file->bytes += n;
    file->written = true;
    return 0;
}

static bool is_due(const struct riv_dir_sink *self)
{
    const struct riv_settings *conf = self->base.conf;
    const struct riv_dir_file *file = self->open;
    return file->bytes >= (uint64_t)conf->roll_bytes ||
           self->base.time_ms - file->opened_ms >= conf->roll_ms;
}

/* Without a journal: complete, and shown at once. */
static int file_end(struct riv_dir_sink *self, struct riv_err *err)
{
    struct riv_dir_file *file = RIV__TAKE(self->open);
    RIV__TRY(riv__dir_file_sync(self, file, err));
    RIV__TRY(riv__dir_file_gone(
        file, riv__dir_file_show(self, file->temporary, file->name, err), err));
    riv__dir_file_drop(self, file);
    return 0;
}

static int dir_batch(struct riv_sink *sink, struct riv_err *err)
{
    struct riv_dir_sink *self = riv__dir_of(sink);
    if (sink->owner || !self->open || !is_due(self))
        return 0;
    return file_end(self, err);
}

static int dir_publish(struct riv_sink *sink, struct riv_err *err)
{
    struct riv_dir_sink *self = riv__dir_of(sink);
    return sink->owner || !self->open ? 0 : file_end(self, err);
}

static void dir_close(struct riv_sink *sink)
{
    struct riv_dir_sink *self = riv__dir_of(sink);
    while (self->file) {
        struct riv_dir_file *file = self->file;
        char *path =
            sink->owner ? NULL : riv__dir_path(self, file->temporary, NULL);
        if (path)
            sink->sys->unlink(sink->sys, path);
        free(path);
        riv__dir_file_drop(self, file);
    }
    if (self->has_lock)
        riv__lock_fini(&self->lock);
}

/* --------------------------------------------------------- with a journal */

static int put_row(struct riv_dir_sink *self, uint32_t output,
                   enum riv_file_status status, struct riv_commit *commit,
                   struct riv_err *err)
{
    struct riv_dir_file *file = self->open;
    const struct riv_file_row row = {
        .output = output,
        .number = file->number,
        .status = status,
        .batch = commit->batch.number,
        .temporary = riv_cstr(file->temporary),
        .name = riv_cstr(file->name),
        .folder = riv_cstr(self->base.uri),
        .bytes = file->bytes,
        .sum = riv__sum_value(file->sum),
        .opened_ms = file->opened_ms,
    };
    file->written = false;
    if (status == RIV__FILE_CLOSED) {
        commit->publishes = true;
        self->open = NULL;
    }
    return riv__commit_file(commit, &row) < 0
               ? riv__err_set(err, RIV_ENOMEM, "no memory for a file")
               : 0;
}

static int dir_commit(struct riv_sink *sink, uint32_t output,
                      struct riv_commit *commit, struct riv_err *err)
{
    struct riv_dir_sink *self = riv__dir_of(sink);
    if (!self->open)
        return 0;
    const bool due = is_due(self);
    if (!due && !self->open->written)
        return 0;
    return put_row(self, output, due ? RIV__FILE_CLOSED : RIV__FILE_OPEN,
                   commit, err);
}

static int dir_complete(struct riv_sink *sink, uint32_t output,
                        struct riv_commit *commit, struct riv_err *err)
{
    struct riv_dir_sink *self = riv__dir_of(sink);
    return self->open ? put_row(self, output, RIV__FILE_CLOSED, commit, err)
                      : 0;
}

static int unknown(const struct riv_file_row *row, struct riv_err *err)
{
    return riv__err_set(err, RIV_EFATAL, "file %llu is not open",
                        (unsigned long long)row->number);
}

static int dir_sync(struct riv_sink *sink, const struct riv_file_row *row,
                    struct riv_err *err)
{
    struct riv_dir_file *file =
        riv__dir_file_find(riv__dir_of(sink), row->number);
    return file ? riv__dir_file_sync(riv__dir_of(sink), file, err)
                : unknown(row, err);
}

static int dir_show(struct riv_sink *sink, const struct riv_file_row *row,
                    struct riv_err *err)
{
    struct riv_dir_sink *self = riv__dir_of(sink);
    struct riv_dir_file *file = riv__dir_file_find(self, row->number);
    if (!file)
        return unknown(row, err);
    RIV__TRY(riv__dir_file_gone(
        file, riv__dir_file_show(self, file->temporary, file->name, err), err));
    riv__dir_file_drop(self, file);
    return 0;
}

const struct riv_sink_ops riv__sink_dir = {
    .name = "dir",
    .sink_size = sizeof(struct riv_dir_sink),
    .open = dir_open,
    .write = dir_write,
    .batch = dir_batch,
    .publish = dir_publish,
    .close = dir_close,
    .commit = dir_commit,
    .complete = dir_complete,
    .sync = dir_sync,
    .show = dir_show,
    .resume = riv__dir_resume,
};
