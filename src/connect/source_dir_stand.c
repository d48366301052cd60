/* connect/source_dir_stand.c - which files of a folder were read, and by which
 * batch: in notes for the journal, by name and for as long as they are in the folder,
 * and out of them. For source_dir.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "connect/source_dir.h"

enum { NOTE_BYTES = 192 };

static void remember(void *arg, const char *path, const struct riv_found *file)
{
    struct riv_stand *to = arg;
    char value[NOTE_BYTES];
    const int n = snprintf(
        value, sizeof value,
        "bytes=%llu device=%llu inode=%llu mtime=%llu birth=%llu number=%llu",
        (unsigned long long)file->bytes, (unsigned long long)file->device,
        (unsigned long long)file->inode, (unsigned long long)file->mtime_ns,
        (unsigned long long)file->birth_ns, (unsigned long long)file->number);
    riv__stand_note(to, riv_cstr(path), riv__str(value, (size_t)n));
}

/* A file that is not read to its end yet: the next one in the count. */
static void remember_part(struct riv_source_dir *self, struct riv_stand *to)
{
    riv__lock(&self->lock);
    struct riv_found file = self->ready[0];
    file.number = self->batch_files + 1;
    remember(to, file.path, &file);
    riv__unlock(&self->lock);
}

static void forget(struct riv_source_dir *self, struct riv_stand *to)
{
    riv__lock(&self->lock);
    for (size_t i = 0; i < self->gone.n; i++)
        riv__stand_drop(to, riv_cstr(self->gone.path[i]));
    riv__paths_fini(&self->gone);
    riv__unlock(&self->lock);
}

/* The first one is before the start: what is there then is not to be read by a
 * later run either. A name that left and came back is dropped, then noted. */
int riv__source_dir_stand(struct riv_input *input, struct riv_stand *to,
                          struct riv_err *err)
{
    struct riv_source_dir *self = (struct riv_source_dir *)input;
    riv__stand_put(to, "files", self->batch_files);
    if (self->inside > 0)
        riv__stand_put(to, "inside", self->inside);
    forget(self, to);
    if (!self->started)
        RIV__TRY(riv__watch_each_old(&self->watch, remember, to, err));
    self->started = true;
    self->watch.tells_gone = true;
    for (size_t i = 0; i < self->ntaken; i++) {
        remember(to, self->taken[i].path, &self->taken[i]);
        free(self->taken[i].path);
    }
    self->ntaken = 0;
    if (self->inside > 0)
        remember_part(self, to);
    return 0;
}

static bool read_note(riv_str value, struct riv_found *ret)
{
    uint64_t mtime, birth;
    *ret = (struct riv_found){ .path = NULL };
    if (!riv__stand_get(value, "bytes", &ret->bytes) ||
        !riv__stand_get(value, "device", &ret->device) ||
        !riv__stand_get(value, "inode", &ret->inode) ||
        !riv__stand_get(value, "mtime", &mtime) ||
        !riv__stand_get(value, "birth", &birth) ||
        !riv__stand_get(value, "number", &ret->number))
        return false;
    ret->mtime_ns = (int64_t)mtime;
    ret->birth_ns = (int64_t)birth;
    return true;
}

/* It was read, perhaps in a batch that is to be run again: seek() knows. */
static int keep_note(struct riv_source_dir *self, char *path,
                     struct riv_found was, struct riv_err *err)
{
    RIV__TRY(riv__watch_recall(&self->watch, path, &was, err));
    if (RIV__VEC_ROOM(self->again, self->again_cap, self->nagain + 1) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu names",
                            self->nagain);
    was.path = strdup(path);
    self->again[self->nagain++] = was;
    return was.path ? 0 : riv__err_set(err, RIV_ENOMEM, "no memory for a path");
}

int riv__source_dir_recall(struct riv_input *input, riv_str key, riv_str value,
                           struct riv_err *err)
{
    struct riv_source_dir *self = (struct riv_source_dir *)input;
    struct riv_found was;
    if (!read_note(value, &was))
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "what is known of \"%.*s\" is damaged",
                            (int)RIV__MIN(key.n, (size_t)200), key.p);
    if (!self->started)
        riv__watch_forget(&self->watch);
    self->started = true;
    char *path = strndup(key.p, key.n);
    int rc = path ? keep_note(self, path, was, err)
                  : riv__err_set(err, RIV_ENOMEM, "no memory for a path");
    free(path);
    return rc;
}

static int by_number(const void *a, const void *b)
{
    const struct riv_found *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Of all that were read, those of a batch after this place. */
static void keep_after(struct riv_source_dir *self, uint64_t files)
{
    size_t n = 0;
    for (size_t i = 0; i < self->nagain; i++) {
        if (self->again[i].number > files)
            self->again[n++] = self->again[i];
        else
            free(self->again[i].path);
    }
    self->nagain = n;
    if (n > 1)
        qsort(self->again, n, sizeof *self->again, by_number);
}

/* Of a file that is not read to its end; 0: there is none. */
static uint64_t inside_of(riv_str words)
{
    uint64_t inside = 0;
    (void)riv__stand_get(words, "inside", &inside);
    return inside;
}

int riv__source_dir_seek(struct riv_input *input, riv_str words,
                         struct riv_err *err)
{
    struct riv_source_dir *self = (struct riv_source_dir *)input;
    if (!riv__stand_get(words, "files", &self->batch_files))
        return riv__stand_damaged(words, err);
    self->inside = inside_of(words);
    if (!self->started)
        riv__watch_forget(&self->watch);
    self->started = true;
    riv__watch_recalled(&self->watch);
    keep_after(self, self->batch_files);
    if (self->inside > 0 &&
        (self->nagain == 0 || self->again[0].number != self->batch_files + 1 ||
         self->again[0].bytes <= self->inside))
        return riv__err_set(err, RIV_ENOINPUT,
                            "the file that was read up to byte %llu is gone: "
                            "begin anew with -c source.reset=%s and lose the "
                            "rest of it",
                            (unsigned long long)self->inside, self->base.uri);
    return 0;
}

int riv__source_dir_reach(struct riv_input *input, riv_str words,
                          struct riv_err *err)
{
    struct riv_source_dir *self = (struct riv_source_dir *)input;
    uint64_t files;
    if (!riv__stand_get(words, "files", &files))
        return riv__stand_damaged(words, err);
    self->again_inside = inside_of(words);
    if (files + (self->again_inside > 0) != self->batch_files + self->nagain)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "a batch had begun with %llu files, and the names "
                            "of %zu are known",
                            (unsigned long long)(files - self->batch_files),
                            self->nagain);
    self->only_again = true;
    return 1;
}
