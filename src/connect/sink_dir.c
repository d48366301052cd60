/* connect/sink_dir.c - "FOLDER/": a stream as files that are completed by size
 * and by time. A file is written under a name with a dot in front and gets its
 * own when it is complete, so a reader sees whole files only, none empty, in
 * the order of their names.
 *
 * With a journal each batch is in the files exactly once: its bytes are synced
 * before it is committed, and a run that finds more in a file than was
 * committed cuts that off. Without one files are completed in the same way, but
 * what a dead process had open is lost. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "connect/sinks.h"
#include "data/sum.h"
#include "sys/file.h"
#include "sys/thread.h"

enum {
    TIME_BYTES = 64,
    NAME_BYTES = 128,
    HIDDEN_BYTES = 192,
    READ_BYTES = 256 * 1024
};

struct dir_file {
    struct dir_file *next;
    uint64_t number;
    int fd;
    char temporary[HIDDEN_BYTES], name[NAME_BYTES]; /* within the folder */
    uint64_t bytes;
    int64_t opened_ms;
    struct riv_sum *sum;
    bool
        is_new; /* its name in the folder is not durable yet. @thread storage */
    bool written; /* since the last commit */
};

struct dir_sink {
    struct riv_sink base;
    struct dir_file *open; /* is written to. @thread driver */
    uint64_t number;       /* of the newest file */
    bool was_elsewhere;    /* an earlier run wrote into another folder */
    char nobody[9];        /* in temporary names, without a journal */
    struct riv_lock lock;
    bool has_lock;
    struct dir_file *file; /* all that have no final name. @locks lock */
};

static struct dir_sink *self_of(struct riv_sink *sink)
{
    return (struct dir_sink *)sink;
}

/* ---------------------------------------------------------------- names */

static char *path_of(struct dir_sink *self, const char *name,
                     struct riv_err *err)
{
    const size_t n = strlen(self->base.uri), k = strlen(name);
    char *path = malloc(n + k + 1);
    if (!path) {
        riv__err_set(err, RIV_ENOMEM, "no memory for a path");
        return NULL;
    }
    memcpy(path, self->base.uri, n);
    memcpy(path + n, name, k + 1);
    return path;
}

/* Days since 1970 to a date: "chrono-Compatible Low-Level Date Algorithms",
 * Howard Hinnant, 2013. */
static void date_of(int64_t days, int64_t *ret_year, unsigned *ret_month,
                    unsigned *ret_day)
{
    days += 719468;
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const unsigned doe = (unsigned)(days - era * 146097);
    const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const unsigned mp = (5 * doy + 2) / 153;
    *ret_day = doy - (153 * mp + 2) / 5 + 1;
    *ret_month = mp < 10 ? mp + 3 : mp - 9;
    *ret_year = (int64_t)yoe + era * 400 + (*ret_month <= 2);
}

static void show_time(char text[TIME_BYTES], int64_t ms)
{
    const int64_t days = ms / 86400000, rest = ms % 86400000;
    int64_t year;
    unsigned month, day;
    date_of(days, &year, &month, &day);
    snprintf(text, TIME_BYTES, "%04lld%02u%02uT%02lld%02lld%02lld.%03lldZ",
             (long long)year, month, day, (long long)(rest / 3600000),
             (long long)(rest / 60000 % 60), (long long)(rest / 1000 % 60),
             (long long)(rest % 1000));
}

/* The time of its first batch in UTC, and its number: the same when the batch
 * is run again, and in order. */
static void name_file(struct dir_sink *self, struct dir_file *file)
{
    char time[TIME_BYTES];
    show_time(time, file->opened_ms);
    snprintf(file->name, sizeof file->name, "%s-%06llu.%s", time,
             (unsigned long long)file->number, self->base.format);
    snprintf(file->temporary, sizeof file->temporary, ".%s.%s.part", file->name,
             self->base.owner ? self->base.owner : self->nobody);
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

static int sync_folder(struct dir_sink *self, struct riv_err *err)
{
    return riv__file_sync_folder(self->base.sys, self->base.uri, err);
}

/* ---------------------------------------------------------------- files */

static void file_free(struct dir_sink *self, struct dir_file *file)
{
    if (file->fd >= 0)
        self->base.sys->close(self->base.sys, file->fd);
    riv__sum_free(file->sum);
    free(file);
}

static void file_add(struct dir_sink *self, struct dir_file *file)
{
    riv__lock(&self->lock);
    file->next = self->file;
    self->file = file;
    riv__unlock(&self->lock);
}

static struct dir_file *file_find(struct dir_sink *self, uint64_t number)
{
    riv__lock(&self->lock);
    struct dir_file *file = self->file;
    while (file && file->number != number)
        file = file->next;
    riv__unlock(&self->lock);
    return file;
}

static void file_drop(struct dir_sink *self, struct dir_file *file)
{
    riv__lock(&self->lock);
    struct dir_file **at = &self->file;
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    riv__unlock(&self->lock);
    file_free(self, file);
}

static int file_open(struct dir_sink *self, struct dir_file *file,
                     unsigned flags, struct riv_err *err)
{
    char *path = path_of(self, file->temporary, err);
    if (!path)
        return RIV_ENOMEM;
    int rc = riv__file_open(
        self->base.sys, path,
        RIV__OPEN_READ | RIV__OPEN_WRITE | RIV__OPEN_NOFOLLOW | flags,
        &file->fd, err);
    free(path);
    return rc;
}

static struct dir_file *file_new(struct riv_err *err)
{
    struct dir_file *file = calloc(1, sizeof *file);
    if (file) {
        file->fd = -1;
        file->sum = riv__sum_new();
    }
    if (file && file->sum)
        return file;
    free(file);
    riv__err_set(err, RIV_ENOMEM, "no memory for a file");
    return NULL;
}

/* The folder, durable with a journal: else a power cut takes it, files and
 * all. */
static int make_folder(struct dir_sink *self, struct riv_err *err)
{
    struct riv_sink *sink = &self->base;
    RIV__TRY(riv__file_mkdirs(sink->sys, sink->uri, err));
    return sink->owner ? riv__file_sync_way(sink->sys, sink->uri, err) : 0;
}

/* One of that name that nobody knows of was left by a run that died before its
 * first commit. The folder is made again when somebody has taken it away, as
 * whoever collects complete files may do. */
static int file_make(struct dir_sink *self, struct dir_file *file,
                     struct riv_err *err)
{
    const unsigned how = RIV__OPEN_CREATE | RIV__OPEN_TRUNC;
    const int rc = file_open(self, file, how, err);
    if (rc != RIV_ENOINPUT)
        return rc;
    RIV__TRY(make_folder(self, err));
    return file_open(self, file, how, err);
}

static int file_begin(struct dir_sink *self, struct riv_err *err)
{
    struct dir_file *file = file_new(err);
    if (!file)
        return RIV_ENOMEM;
    file->number = ++self->number;
    file->opened_ms = self->base.time_ms;
    file->is_new = true;
    name_file(self, file);
    int rc = file_make(self, file, err);
    if (rc < 0) {
        file_free(self, file);
        return rc;
    }
    file_add(self, file);
    self->open = file;
    return 0;
}

/* A file that lines were promised in has lost its name: the next start says
 * what can be done, so this is an error of the disk and no missing input. */
static int is_gone(struct dir_file *file, int rc, struct riv_err *err)
{
    if (rc != RIV_ENOINPUT)
        return rc;
    riv__err_prefix(err,
                    "%s was deleted or moved away, or its folder, before it "
                    "was complete",
                    file->temporary);
    if (err)
        err->code = RIV_EIO;
    return RIV_EIO;
}

/* Under its final name, for everybody; durable. */
static int file_show(struct dir_sink *self, const char *temporary,
                     const char *name, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    char *from = path_of(self, temporary, err);
    char *to = from ? path_of(self, name, err) : NULL;
    int rc = to ? sys->rename_new(sys, from, to) : RIV_ENOMEM;
    if (to && rc == -EEXIST)
        rc = riv__err_set(err, RIV_EEXISTS,
                          "%s is there already, and is not ours: move it away",
                          to);
    else if (to && rc < 0)
        rc = riv__err_sys(err, -rc, "rename", from);
    free(from);
    free(to);
    return rc < 0 ? rc : sync_folder(self, err);
}

/* ----------------------------------------------------------- the contract */

static int dir_open(struct riv_sink *sink, struct riv_err *err)
{
    struct dir_sink *self = self_of(sink);
    struct riv_stat st;
    uint32_t random = 0;
    riv__lock_init(&self->lock);
    self->has_lock = true;
    if (!sink->owner)
        (void)sink->sys->random(sink->sys, &random, sizeof random);
    snprintf(self->nobody, sizeof self->nobody, "%08x", random);
    RIV__TRY(make_folder(self, err));
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
    struct dir_sink *self = self_of(sink);
    if (!self->open)
        RIV__TRY(file_begin(self, err));
    struct dir_file *file = self->open;
    RIV__TRY(riv__file_write(sink->sys, file->fd, p, n, file->temporary, err));
    riv__sum_add(file->sum, p, n);
    file->bytes += n;
    file->written = true;
    return 0;
}

static bool is_due(const struct dir_sink *self)
{
    const struct riv_settings *conf = self->base.conf;
    const struct dir_file *file = self->open;
    return file->bytes >= (uint64_t)conf->roll_bytes ||
           self->base.time_ms - file->opened_ms >= conf->roll_ms;
}

static int file_sync(struct dir_sink *self, struct dir_file *file,
                     struct riv_err *err)
{
    int rc = self->base.sys->sync(self->base.sys, file->fd);
    if (rc < 0)
        return riv__err_sys(err, -rc, "fsync", file->temporary);
    if (file->is_new)
        RIV__TRY(is_gone(file, sync_folder(self, err), err));
    file->is_new = false;
    return 0;
}

/* Without a journal: complete, and shown at once. */
static int file_end(struct dir_sink *self, struct riv_err *err)
{
    struct dir_file *file = RIV__TAKE(self->open);
    RIV__TRY(file_sync(self, file, err));
    RIV__TRY(
        is_gone(file, file_show(self, file->temporary, file->name, err), err));
    file_drop(self, file);
    return 0;
}

static int dir_batch(struct riv_sink *sink, struct riv_err *err)
{
    struct dir_sink *self = self_of(sink);
    if (sink->owner || !self->open || !is_due(self))
        return 0;
    return file_end(self, err);
}

static int dir_publish(struct riv_sink *sink, struct riv_err *err)
{
    struct dir_sink *self = self_of(sink);
    return sink->owner || !self->open ? 0 : file_end(self, err);
}

static void dir_close(struct riv_sink *sink)
{
    struct dir_sink *self = self_of(sink);
    while (self->file) {
        struct dir_file *file = self->file;
        char *path = sink->owner ? NULL : path_of(self, file->temporary, NULL);
        if (path)
            sink->sys->unlink(sink->sys, path);
        free(path);
        file_drop(self, file);
    }
    if (self->has_lock)
        riv__lock_fini(&self->lock);
}

/* --------------------------------------------------------- with a journal */

static int put_row(struct dir_sink *self, uint32_t output,
                   enum riv_file_status status, struct riv_commit *commit,
                   struct riv_err *err)
{
    struct dir_file *file = self->open;
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
    struct dir_sink *self = self_of(sink);
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
    struct dir_sink *self = self_of(sink);
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
    struct dir_file *file = file_find(self_of(sink), row->number);
    return file ? file_sync(self_of(sink), file, err) : unknown(row, err);
}

static int dir_show(struct riv_sink *sink, const struct riv_file_row *row,
                    struct riv_err *err)
{
    struct dir_sink *self = self_of(sink);
    struct dir_file *file = file_find(self, row->number);
    if (!file)
        return unknown(row, err);
    RIV__TRY(
        is_gone(file, file_show(self, file->temporary, file->name, err), err));
    file_drop(self, file);
    return 0;
}

/* ------------------------------------------------------- after another run */

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
static int sum_is(struct dir_sink *self, int fd, const char *name,
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
static int look(struct dir_sink *self, const char *name, int *ret_fd,
                struct riv_stat *st, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    char *path = path_of(self, name, err);
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
static int whole_is(struct dir_sink *self, const char *name,
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
static int resume_closed(struct dir_sink *self, struct riv_file_row *row,
                         struct riv_err *err)
{
    char temporary[HIDDEN_BYTES], name[NAME_BYTES];
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
    RIV__TRY(before == 1 ? file_show(self, temporary, name, err)
                         : sync_folder(self, err));
    row->status = RIV__FILE_SHOWN;
    return 0;
}

/* It goes on behind what was committed; the rest is cut off. */
static int resume_open(struct dir_sink *self, const struct riv_file_row *row,
                       struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    struct riv_stat st;
    struct dir_file *file = file_new(err);
    if (!file)
        return RIV_ENOMEM;
    copy_name(file->temporary, sizeof file->temporary, row->temporary);
    copy_name(file->name, sizeof file->name, row->name);
    file->number = row->number;
    file->opened_ms = row->opened_ms;
    file->bytes = row->bytes;
    int rc = file_open(self, file, RIV__OPEN_APPEND, err);
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
        file_free(self, file);
        return rc;
    }
    file_add(self, file);
    self->open = file;
    return 0;
}

static bool ends_with(const char *name, const char *end)
{
    const size_t n = strlen(name), k = strlen(end);
    return n >= k && strcmp(name + n - k, end) == 0;
}

/* Beginnings that bear our name and that the journal knows nothing of: of
 * batches that were never committed. */
static int remove_unknown(struct dir_sink *self, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    char **names = NULL, end[NAME_BYTES];
    size_t n = 0;
    snprintf(end, sizeof end, ".%s.part", self->base.owner);
    int rc = riv__file_list(sys, self->base.uri, &names, &n, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (names[i][0] != '.' || !ends_with(names[i], end) ||
            (self->open && strcmp(self->open->temporary, names[i]) == 0))
            continue;
        char *path = path_of(self, names[i], err);
        rc = path ? sys->unlink(sys, path) : RIV_ENOMEM;
        if (path && rc < 0)
            rc = riv__err_sys(err, -rc, "unlink", path);
        free(path);
    }
    free(names);
    return rc;
}

/* What was shown after the last batch that the journal knows would be written
 * once more. Its numbers are not given again: with output.reset that is what
 * happens. */
static int check_later(struct dir_sink *self, struct riv_err *err)
{
    char **names = NULL, time[TIME_BYTES];
    size_t n = 0;
    show_time(time, self->base.time_ms);
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

static int dir_resume(struct riv_sink *sink, struct riv_file_row *row,
                      struct riv_err *err)
{
    struct dir_sink *self = self_of(sink);
    if (!row) {
        const bool may_be_later =
            self->base.time_ms < INT64_MAX && !self->was_elsewhere;
        RIV__TRY(may_be_later ? check_later(self, err) : 0);
        return remove_unknown(self, err);
    }
    self->was_elsewhere = !riv_eq(row->folder, riv_cstr(sink->uri));
    if (row->temporary.n >= HIDDEN_BYTES || row->name.n >= NAME_BYTES)
        return damaged(row, "its name is too long", err);
    self->number = RIV__MAX(self->number, row->number);
    if (row->status == RIV__FILE_CLOSED)
        return resume_closed(self, row, err);
    return row->status == RIV__FILE_OPEN ? resume_open(self, row, err) : 0;
}

const struct riv_sink_ops riv__sink_dir = {
    .name = "dir",
    .sink_size = sizeof(struct dir_sink),
    .open = dir_open,
    .write = dir_write,
    .batch = dir_batch,
    .publish = dir_publish,
    .close = dir_close,
    .commit = dir_commit,
    .complete = dir_complete,
    .sync = dir_sync,
    .show = dir_show,
    .resume = dir_resume,
};
