/* connect/sink_dir_file.c - a file of a folder of results: its names, its way from
 * the first byte to the final name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connect/sink_dir.h"
#include "sys/file.h"

/* ---------------------------------------------------------------- names */

char *riv__dir_path(struct riv_dir_sink *self, const char *name,
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

void riv__dir_time(char text[RIV__DIR_TIME_BYTES], int64_t ms)
{
    const int64_t days = ms / 86400000, rest = ms % 86400000;
    int64_t year;
    unsigned month, day;
    date_of(days, &year, &month, &day);
    snprintf(text, RIV__DIR_TIME_BYTES,
             "%04lld%02u%02uT%02lld%02lld%02lld.%03lldZ", (long long)year,
             month, day, (long long)(rest / 3600000),
             (long long)(rest / 60000 % 60), (long long)(rest / 1000 % 60),
             (long long)(rest % 1000));
}

/* The time of its first batch in UTC, and its number: the same when the batch
 * is run again, and in order. */
static void name_file(struct riv_dir_sink *self, struct riv_dir_file *file)
{
    char time[RIV__DIR_TIME_BYTES];
    riv__dir_time(time, file->opened_ms);
    snprintf(file->name, sizeof file->name, "%s-%06llu.%s", time,
             (unsigned long long)file->number, self->base.format);
    snprintf(file->temporary, sizeof file->temporary, ".%s.%s.part", file->name,
             self->base.owner ? self->base.owner : self->nobody);
}

int riv__dir_sync_names(struct riv_dir_sink *self, struct riv_err *err)
{
    return riv__file_sync_folder(self->base.sys, self->base.uri, err);
}

/* ---------------------------------------------------------------- files */

void riv__dir_file_free(struct riv_dir_sink *self, struct riv_dir_file *file)
{
    if (file->fd >= 0)
        self->base.sys->close(self->base.sys, file->fd);
    riv__sum_free(file->sum);
    free(file);
}

void riv__dir_file_add(struct riv_dir_sink *self, struct riv_dir_file *file)
{
    riv__lock(&self->lock);
    file->next = self->file;
    self->file = file;
    riv__unlock(&self->lock);
}

struct riv_dir_file *riv__dir_file_find(struct riv_dir_sink *self,
                                        uint64_t number)
{
    riv__lock(&self->lock);
    struct riv_dir_file *file = self->file;
    while (file && file->number != number)
        file = file->next;
    riv__unlock(&self->lock);
    return file;
}

void riv__dir_file_drop(struct riv_dir_sink *self, struct riv_dir_file *file)
{
    riv__lock(&self->lock);
    struct riv_dir_file **at = &self->file;
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    riv__unlock(&self->lock);
    riv__dir_file_free(self, file);
}

int riv__dir_file_open(struct riv_dir_sink *self, struct riv_dir_file *file,
                       unsigned flags, struct riv_err *err)
{
    char *path = riv__dir_path(self, file->temporary, err);
    if (!path)
        return RIV_ENOMEM;
    int rc = riv__file_open(
        self->base.sys, path,
        RIV__OPEN_READ | RIV__OPEN_WRITE | RIV__OPEN_NOFOLLOW | flags,
        &file->fd, err);
    free(path);
    return rc;
}

struct riv_dir_file *riv__dir_file_new(struct riv_err *err)
{
    struct riv_dir_file *file = calloc(1, sizeof *file);
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

int riv__dir_make(struct riv_dir_sink *self, struct riv_err *err)
{
    struct riv_sink *sink = &self->base;
    RIV__TRY(riv__file_mkdirs(sink->sys, sink->uri, err));
    return sink->owner ? riv__file_sync_way(sink->sys, sink->uri, err) : 0;
}

/* One of that name that nobody knows of was left by a run that died before its
 * first commit. The folder is made again when somebody has taken it away, as
 * whoever collects complete files may do. */
static int file_make(struct riv_dir_sink *self, struct riv_dir_file *file,
                     struct riv_err *err)
{
    const unsigned how = RIV__OPEN_CREATE | RIV__OPEN_TRUNC;
    const int rc = riv__dir_file_open(self, file, how, err);
    if (rc != RIV_ENOINPUT)
        return rc;
    RIV__TRY(riv__dir_make(self, err));
    return riv__dir_file_open(self, file, how, err);
}

int riv__dir_file_begin(struct riv_dir_sink *self, struct riv_err *err)
{
    struct riv_dir_file *file = riv__dir_file_new(err);
    if (!file)
        return RIV_ENOMEM;
    file->number = ++self->number;
    file->opened_ms = self->base.time_ms;
    file->is_new = true;
    name_file(self, file);
    int rc = file_make(self, file, err);
    if (rc < 0) {
        riv__dir_file_free(self, file);
        return rc;
    }
    riv__dir_file_add(self, file);
    self->open = file;
    return 0;
}

int riv__dir_file_show(struct riv_dir_sink *self, const char *temporary,
                       const char *name, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    char *from = riv__dir_path(self, temporary, err);
    char *to = from ? riv__dir_path(self, name, err) : NULL;
    int rc = to ? sys->rename_new(sys, from, to) : RIV_ENOMEM;
    if (to && rc == -EEXIST)
        rc = riv__err_set(err, RIV_EEXISTS,
                          "%s is there already, and is not ours: move it away",
                          to);
    else if (to && rc < 0)
        rc = riv__err_sys(err, -rc, "rename", from);
    free(from);
    free(to);
    return rc < 0 ? rc : riv__dir_sync_names(self, err);
}

int riv__dir_file_gone(struct riv_dir_file *file, int rc, struct riv_err *err)
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

int riv__dir_file_sync(struct riv_dir_sink *self, struct riv_dir_file *file,
                       struct riv_err *err)
{
    int rc = self->base.sys->sync(self->base.sys, file->fd);
    if (rc < 0)
        return riv__err_sys(err, -rc, "fsync", file->temporary);
    if (file->is_new)
        RIV__TRY(riv__dir_file_gone(file, riv__dir_sync_names(self, err), err));
    file->is_new = false;
    return 0;
}
