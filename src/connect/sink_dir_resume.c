/* connect/sink_dir_resume.c - a folder of results as another run left it: what was
 * promised is finished, what was not is cut off, what does not fit is refused. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "connect/sink_dir.h"
#include "sys/file.h"

enum { READ_BYTES = 256 * 1024 };

static int damaged(const struct riv_file_row *row, const char *why,
                   struct riv_err *err)
{
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "file %.*s, or its beginning %.*s: %s",
                        (int)row->name.n, row->name.p, (int)row->temporary.n,
                        row->temporary.p, why);
}

static void copy_name(char *to, size_t room, riv_str name)
{
    const size_t n = RIV__MIN(name.n, room - 1);
    memcpy(to, name.p, n);
    to[n] = '\0';
}

/* The sum of the first row->bytes bytes. 1: it is the row's, 0: it is not, or
 * there are fewer. */
static int sum_is(struct riv_dir_sink *self, int fd, const char *name,
                  const struct riv_file_row *row, struct riv_sum *sum,
                  struct riv_err *err)
{
    char *buf = malloc(READ_BYTES);
    uint64_t at = 0;
    int64_t n = buf ? 1 : RIV_ENOMEM;
    riv__sum_reset(sum);
    while (n > 0 && at < row->bytes) {
        const size_t want =
            (size_t)RIV__MIN((uint64_t)READ_BYTES, row->bytes - at);
        n = riv__file_pread(self->base.sys, fd, buf, want, at, name, err);
        if (n > 0)
            riv__sum_add(sum, buf, (size_t)n);
        at += n > 0 ? (uint64_t)n : 0;
    }
    free(buf);
    if (n < 0)
        return n == RIV_ENOMEM
                   ? riv__err_set(err, RIV_ENOMEM, "no memory to check a file")
                   : (int)n;
    return at == row->bytes && riv__sum_value(sum) == row->sum;
}

/* Opens what may be there under a name. 1: there, 0: not. */
static int look(struct riv_dir_sink *self, const char *name, int *ret_fd,
                struct riv_stat *st, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    char *path = riv__dir_path(self, name, err);
    if (!path)
        return RIV_ENOMEM;
    int fd =
        riv__file_open_plain(sys, path, RIV__OPEN_READ | RIV__OPEN_NOFOLLOW);
    free(path);
    if (fd == -ENOENT)
        return 0;
    if (fd < 0)
        return riv__err_sys(err, -fd, "open", name);
    int rc = sys->fstat(sys, fd, st);
    if (rc < 0) {
        sys->close(sys, fd);
        return riv__err_sys(err, -rc, "fstat", name);
    }
    *ret_fd = fd;
    return 1;
}

/* Is the whole file under this name what the row says? 1, 0; 2: there is
 * none. */
static int whole_is(struct riv_dir_sink *self, const char *name,
                    const struct riv_file_row *row, struct riv_err *err)
{
    struct riv_stat st;
    int fd = -1, rc = look(self, name, &fd, &st, err);
    if (rc <= 0)
        return rc < 0 ? rc : 2;
    struct riv_sum *sum = riv__sum_new();
    rc = st.bytes != row->bytes ? 0
         : sum                  ? sum_is(self, fd, name, row, sum, err)
                                : RIV_ENOMEM;
    riv__sum_free(sum);
    self->base.sys->close(self->base.sys, fd);
    return rc;
}

/* It was complete: perhaps it has its name already. */
static int resume_closed(struct riv_dir_sink *self, struct riv_file_row *row,
                         struct riv_err *err)
{
    char temporary[RIV__DIR_HIDDEN_BYTES], name[RIV__DIR_NAME_BYTES];
    copy_name(temporary, sizeof temporary, row->temporary);
    copy_name(name, sizeof name, row->name);
    const int before = whole_is(self, temporary, row, err);
    const int after = before < 0 ? before : whole_is(self, name, row, err);
    if (after < 0)
        return after;
    if (before == 2 && after == 2)
        return damaged(row, "neither is there", err);
    if (before + after != 3)
        return damaged(
            row, "there are both, or not the bytes that were written", err);
    RIV__TRY(before == 1 ? riv__dir_file_show(self, temporary, name, err)
                         : riv__dir_sync_names(self, err));
    row->status = RIV__FILE_SHOWN;
    return 0;
}

/* It goes on behind what was committed; the rest is cut off. */
static int resume_open(struct riv_dir_sink *self,
                       const struct riv_file_row *row, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    struct riv_stat st;
    struct riv_dir_file *file = riv__dir_file_new(err);
    if (!file)
        return RIV_ENOMEM;
    copy_name(file->temporary, sizeof file->temporary, row->temporary);
    copy_name(file->name, sizeof file->name, row->name);
    file->number = row->number;
    file->opened_ms = row->opened_ms;
    file->bytes = row->bytes;
    int rc = riv__dir_file_open(self, file, RIV__OPEN_APPEND, err);
    if (rc == RIV_ENOINPUT)
        rc = damaged(row, "it is not there", err);
    if (rc == 0) {
        rc = sys->fstat(sys, file->fd, &st);
        rc = rc < 0 ? riv__err_sys(err, -rc, "fstat", file->temporary) : 0;
    }
    if (rc == 0) {
        rc = sum_is(self, file->fd, file->temporary, row, file->sum, err);
        rc = rc == 0
                 ? damaged(row, "it has not the bytes that were written", err)
                 : RIV__MIN(rc, 0);
    }
    if (rc == 0 && st.bytes > row->bytes) {
        rc = sys->truncate(sys, file->fd, row->bytes);
        rc = rc < 0 ? riv__err_sys(err, -rc, "ftruncate", file->temporary) : 0;
    }
    if (rc < 0) {
        riv__dir_file_free(self, file);
        return rc;
    }
    riv__dir_file_add(self, file);
    self->open = file;
    return 0;
}

/* Beginnings that bear our name and that the journal knows nothing of: of
 * batches that were never committed. */
static int remove_unknown(struct riv_dir_sink *self, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    char **names = NULL, end[RIV__DIR_NAME_BYTES];
    size_t n = 0;
    snprintf(end, sizeof end, ".%s.part", self->base.owner);
    int rc = riv__file_list(sys, self->base.uri, &names, &n, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (names[i][0] != '.' || !riv__str_ends(riv_cstr(names[i]), end) ||
            (self->open && strcmp(self->open->temporary, names[i]) == 0))
            continue;
        char *path = riv__dir_path(self, names[i], err);
        rc = path ? sys->unlink(sys, path) : RIV_ENOMEM;
        if (path && rc < 0)
            rc = riv__err_sys(err, -rc, "unlink", path);
        free(path);
    }
    free(names);
    return rc;
}

/* 0: it is no name of a file of ours that began after `time`. */
static uint64_t later_number(const char *name, const char *time)
{
    const size_t n = strlen(time);
    uint64_t number = 0;
    for (size_t i = 0; i < n; i++)
        if (!name[i] ||
            (time[i] >= '0' && time[i] <= '9' ? name[i] < '0' || name[i] > '9'
                                              : name[i] != time[i]))
            return 0;
    if (name[n] != '-' || strncmp(name, time, n) <= 0)
        return 0;
    const size_t digits = strspn(name + n + 1, "0123456789");
    const bool is_number =
        digits >= 6 && name[n + 1 + digits] == '.' &&
        riv__num_u64((riv_str){ name + n + 1, digits }, &number);
    return is_number ? number : 0;
}

/* What was shown after the last batch that the journal knows would be written
 * once more. Its numbers are not given again: with output.reset that is what
 * happens. */
static int check_later(struct riv_dir_sink *self, struct riv_err *err)
{
    char **names = NULL, time[RIV__DIR_TIME_BYTES];
    size_t n = 0;
    riv__dir_time(time, self->base.time_ms);
    int rc = riv__file_list(self->base.sys, self->base.uri, &names, &n, err);
    const uint64_t known = self->number;
    for (size_t i = 0; rc >= 0 && i < n; i++) {
        const uint64_t number = later_number(names[i], time);
        if (number <= known)
            continue;
        self->number = RIV__MAX(self->number, number);
        rc = riv__err_set(err, RIV_ECHECKPOINT,
                          "%s is later than all that the state directory knows "
                          "(file %llu, batch of %s): that is an older copy, or "
                          "another job writes into this folder",
                          names[i], (unsigned long long)known, time);
    }
    free(names);
    return rc;
}

int riv__dir_resume(struct riv_sink *sink, struct riv_file_row *row,
                    struct riv_err *err)
{
    struct riv_dir_sink *self = riv__dir_of(sink);
    if (!row) {
        const bool may_be_later =
            self->base.time_ms < INT64_MAX && !self->was_elsewhere;
        RIV__TRY(may_be_later ? check_later(self, err) : 0);
        return remove_unknown(self, err);
    }
    self->was_elsewhere = !riv_eq(row->folder, riv_cstr(sink->uri));
    if (row->temporary.n >= RIV__DIR_HIDDEN_BYTES ||
        row->name.n >= RIV__DIR_NAME_BYTES)
        return damaged(row, "its name is too long", err);
    self->number = RIV__MAX(self->number, row->number);
    if (row->status == RIV__FILE_CLOSED)
        return resume_closed(self, row, err);
    return row->status == RIV__FILE_OPEN ? resume_open(self, row, err) : 0;
}
