/* connect/source_dir.c - "dir:FOLDER": files that appear in a folder (or in
 * folders that match a pattern), each read once, whole, in the first batch
 * after it was found. What is there before the start is left alone, unless
 * tail.from is "start". The thread scans every files.poll; the driver takes
 * what was found. Finding is watch.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "connect/sources.h"
#include "connect/watch.h"

enum { PAUSE_MS_MAX = 10000, PIECES = 16, PIECE_BYTES_MIN = 256 * 1024 };
static const uint64_t PART_MIN = 4096; /* of a file, even where less fits */

struct dir_input {
    struct riv_input base;
    struct riv_watch watch;
    struct riv_lock lock;
    bool has_lock;
    struct riv_found *ready; /* protected by lock */
    size_t nready, ready_cap;
    uint64_t inside; /* bytes of the first of them that batches have. @thread
                        driver */
    struct riv_paths gone; /* have left the folder. Protected by lock */
    uint64_t handed;       /* ever put into `ready`. Protected by lock */
    uint64_t files;        /* found so far */
    /* for the journal. @thread driver */
    struct riv_found *taken; /* by batches since the last stand */
    size_t ntaken, taken_cap;
    uint64_t batch_files;    /* in all batches */
    bool started;            /* what was there at the start is written down */
    struct riv_found *again; /* of a batch that is run again */
    size_t nagain, again_cap;
    bool only_again;       /* the next cut is that batch, */
    uint64_t again_inside; /* which has so much of the last; 0: all of it */
    bool has_more;         /* the last one left files */
};

static int dir_open(struct riv_input *input, struct riv_err *err)
{
    struct dir_input *self = (struct dir_input *)input;
    riv__lock_init(&self->lock);
    self->has_lock = true;
    riv__watch_init(&self->watch, input->sys, input->rest,
                    input->conf->tail_from_start);
    if (!*input->rest)
        return riv__err_set(err, RIV_EINVAL,
                            "the folder is missing: "
                            "dir:FOLDER");
    int rc = riv__watch_scan(&self->watch, err);
    if (rc < 0) {
        if (rc == RIV_ENOINPUT && err)
            return riv__err_prefix(err, "there is no such folder (create it "
                                        "before the start)");
        return rc;
    }
    riv__input_note(input, "watching %zu folders", self->watch.nfolder);
    return 0;
}

/* Hands over what the scan found. All or nothing. */
static int hand_over(struct dir_input *self, struct riv_err *err)
{
    struct riv_watch *watch = &self->watch;
    riv__lock(&self->lock);
    int rc = RIV__VEC_ROOM(self->ready, self->ready_cap,
                           self->nready + watch->nfound);
    for (size_t i = 0; i < watch->nfound && rc == 0; i++) {
        self->ready[self->nready++] = watch->found[i];
        watch->found[i].path = NULL;
        self->handed++;
    }
    for (size_t i = 0; i < watch->gone.n && rc == 0; i++)
        rc = riv__paths_add(&self->gone, "", watch->gone.path[i], err);
    riv__unlock(&self->lock);
    riv__watch_gone_reset(watch);
    if (rc < 0)
        return riv__err_set(err, rc, "no memory for %zu new files",
                            watch->nfound);
    self->files += watch->nfound;
    return 0;
}

static void tell(struct dir_input *self)
{
    const struct riv_watch *watch = &self->watch;
    if (watch->unreadable > 0)
        riv__input_note(&self->base, "%llu files read, %llu cannot be opened",
                        (unsigned long long)self->files,
                        (unsigned long long)watch->unreadable);
    else if (watch->changed > 0)
        riv__input_note(&self->base,
                        "%llu files read, %llu changed after "
                        "that: what was added is not read",
                        (unsigned long long)self->files,
                        (unsigned long long)watch->changed);
    else
        riv__input_note(&self->base, "%llu files read",
                        (unsigned long long)self->files);
}

/* A scan that takes long is followed by a pause ten times as long, within
 * bounds: the process may have slept in it. */
static int dir_read(struct riv_input *input, struct riv_err *err)
{
    struct dir_input *self = (struct dir_input *)input;
    struct riv_sys *sys = input->sys;
    int64_t began = sys->mono_ns(sys);
    struct riv_err why = { .code = 0 };
    int rc = riv__watch_scan(&self->watch, &why);
    RIV__TRY(hand_over(self, err));
    if (rc == RIV_ENOINPUT || rc == RIV_EPERM || rc == RIV_EIO)
        return riv__err_set(err, RIV_EUNAVAIL, "%s", why.text);
    if (rc < 0)
        return riv__err_set(err, rc, "%s", why.text);
    tell(self);
    int64_t took_ms = (sys->mono_ns(sys) - began) / 1000000;
    int64_t pause = RIV__MIN(took_ms, PAUSE_MS_MAX / 10) * 10;
    pause = RIV__MAX(input->conf->poll_ms, pause);
    rc = riv__input_wait(input, NULL, 0, pause, err);
    return rc < 0 ? rc : RIV__READ_IDLE;
}

/* Bytes [from, until) of it: what begins there. */
static int add_file(struct riv_input *input, struct riv_cut *cut,
                    const struct riv_found *file, uint64_t from, uint64_t until,
                    struct riv_err *err)
{
    struct riv_range range = {
        .kind = RIV__RANGE_FILE,
        .source = input->index,
        .from = from,
        .until = until,
        .path = riv__arena_strdup(&cut->arena, file->path),
        .seen = { file->bytes, file->device, file->inode },
    };
    if (!range.path)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a path");
    return riv__cut_add(cut, &range, err);
}

/* A stand will name it, if there is a journal. */
static void take_over(struct dir_input *self, const struct riv_found *file)
{
    self->batch_files++;
    if (!self->started) {
        free(file->path);
        return;
    }
    self->taken[self->ntaken] = *file;
    self->taken[self->ntaken++].number = self->batch_files;
}

/* A file of which earlier batches have a part: before all others. Takes it. */
static int go_on_with(struct dir_input *self, struct riv_found *file,
                      struct riv_err *err)
{
    riv__lock(&self->lock);
    const int rc =
        RIV__VEC_ROOM(self->ready, self->ready_cap, self->nready + 1);
    if (rc == 0) {
        memmove(self->ready + 1, self->ready,
                self->nready * sizeof *self->ready);
        self->ready[0] = *file;
        file->path = NULL;
        self->nready++;
        self->handed++;
    }
    riv__unlock(&self->lock);
    return rc < 0 ? riv__err_set(err, rc, "no memory for a file") : 0;
}

/* The files of a batch that had begun, and no others; the journal has their
 * names already. */
static int cut_again(struct dir_input *self, struct riv_cut *cut,
                     struct riv_err *err)
{
    int rc = 0;
    self->only_again = false;
    for (size_t i = 0; i < self->nagain; i++) {
        struct riv_found *file = &self->again[i];
        const bool is_part = self->again_inside > 0 && i == self->nagain - 1;
        const uint64_t until = is_part ? self->again_inside : file->bytes;
        if (rc == 0)
            rc = add_file(&self->base, cut, file, self->inside, until, err);
        self->inside = is_part ? until : 0;
        if (rc == 0 && is_part)
            rc = go_on_with(self, file, err);
        free(file->path);
        self->batch_files += !is_part;
    }
    self->nagain = 0;
    return rc < 0 ? rc : RIV__READ_MORE;
}

/* The last run ended within a file, and no batch is run again. */
static int cut_rest(struct dir_input *self, struct riv_err *err)
{
    if (self->nagain == 0)
        return 0;
    const int rc = go_on_with(self, &self->again[0], err);
    for (size_t i = 0; i < self->nagain; i++)
        free(self->again[i].path);
    self->nagain = 0;
    return rc;
}

/* How much a cut takes under memory.limit; then one looks how much memory there
 * is. */
static uint64_t piece_bytes(const struct riv_settings *conf)
{
    const uint64_t limit = (uint64_t)conf->memory_bytes_max;
    return limit > 0 ? RIV__MAX(limit / PIECES, (uint64_t)PIECE_BYTES_MIN)
                     : UINT64_MAX;
}

/* How much of the next file belongs to a cut that has `bytes` already: all of it,
 * or nothing; of one that fits into no cut, a part. @locks self->lock */
static uint64_t fitting(const struct dir_input *self, size_t at, uint64_t bytes)
{
    const uint64_t most = RIV__MIN(riv__rate_left(&self->base.rate),
                                   piece_bytes(self->base.conf) - bytes);
    const uint64_t left = self->ready[at].bytes - (at == 0 ? self->inside : 0);
    if (left <= most)
        return left;
    return bytes == 0 && most > 0 ? RIV__MIN(left, RIV__MAX(most, PART_MIN))
                                  : 0;
}

static size_t dir_waiting(struct riv_input *input)
{
    struct dir_input *self = (struct dir_input *)input;
    size_t bytes = 0;
    riv__lock(&self->lock);
    for (size_t i = 0; i < self->nready; i++)
        bytes += self->ready[i].bytes;
    bytes -= self->nready > 0 ? self->inside : 0;
    riv__unlock(&self->lock);
    return bytes;
}

static bool dir_presses(struct riv_input *input)
{
    return ((struct dir_input *)input)->has_more;
}

/* The next piece of what is ready. 1: of this file there is no more. @locks
 * self->lock */
static int cut_piece(struct dir_input *self, size_t at, uint64_t bytes,
                     struct riv_cut *cut, struct riv_err *err)
{
    const struct riv_found *file = &self->ready[at];
    const uint64_t from = at == 0 ? self->inside : 0;
    RIV__TRY(add_file(&self->base, cut, file, from, from + bytes, err));
    riv__rate_took(&self->base.rate, bytes);
    self->inside = from + bytes < file->bytes ? from + bytes : 0;
    if (self->inside > 0)
        return 0;
    take_over(self, file);
    return 1;
}

static int dir_cut(struct riv_input *input, struct riv_cut *cut,
                   struct riv_err *err)
{
    struct dir_input *self = (struct dir_input *)input;
    size_t done = 0;
    if (self->only_again)
        return cut_again(self, cut, err);
    RIV__TRY(cut_rest(self, err));
    riv__lock(&self->lock);
    int rc = RIV__VEC_ROOM(self->taken, self->taken_cap,
                           self->ntaken + self->nready);
    uint64_t bytes = 0, n;
    while (rc >= 0 && done < self->nready &&
           (n = fitting(self, done, bytes)) > 0) {
        rc = cut_piece(self, done, n, cut, err);
        bytes += n;
        if (rc <= 0)
            break;
        done++;
    }
    self->nready -= done;
    self->has_more = self->nready > 0;
    if (done > 0 && self->nready > 0)
        memmove(self->ready, self->ready + done,
                self->nready * sizeof *self->ready);
    riv__unlock(&self->lock);
    return rc < 0 ? rc : RIV__READ_MORE;
}

/* ------------------------------------------------------------- for a journal
 * What was read is remembered by name, for as long as it is in the folder. */

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
static void remember_part(struct dir_input *self, struct riv_stand *to)
{
    riv__lock(&self->lock);
    struct riv_found file = self->ready[0];
    file.number = self->batch_files + 1;
    remember(to, file.path, &file);
    riv__unlock(&self->lock);
}

static void forget(struct dir_input *self, struct riv_stand *to)
{
    riv__lock(&self->lock);
    for (size_t i = 0; i < self->gone.n; i++)
        riv__stand_drop(to, riv_cstr(self->gone.path[i]));
    riv__paths_fini(&self->gone);
    riv__unlock(&self->lock);
}

/* The first one is before the start: what is there then is not to be read by a
 * later run either. A name that left and came back is dropped, then noted. */
static int dir_stand(struct riv_input *input, struct riv_stand *to,
                     struct riv_err *err)
{
    struct dir_input *self = (struct dir_input *)input;
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
static int keep_note(struct dir_input *self, char *path, struct riv_found was,
                     struct riv_err *err)
{
    RIV__TRY(riv__watch_recall(&self->watch, path, &was, err));
    if (RIV__VEC_ROOM(self->again, self->again_cap, self->nagain + 1) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for %zu names",
                            self->nagain);
    was.path = strdup(path);
    self->again[self->nagain++] = was;
    return was.path ? 0 : riv__err_set(err, RIV_ENOMEM, "no memory for a path");
}

static int dir_recall(struct riv_input *input, riv_str key, riv_str value,
                      struct riv_err *err)
{
    struct dir_input *self = (struct dir_input *)input;
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
static void keep_after(struct dir_input *self, uint64_t files)
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

static int dir_seek(struct riv_input *input, riv_str words, struct riv_err *err)
{
    struct dir_input *self = (struct dir_input *)input;
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

static int dir_reach(struct riv_input *input, riv_str words,
                     struct riv_err *err)
{
    struct dir_input *self = (struct dir_input *)input;
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

/* Files, in batches and found. */
static void dir_parts(struct riv_input *input, riv__part_fn *each, void *arg)
{
    struct dir_input *self = (struct dir_input *)input;
    struct riv_input_part part = { .name = "" };
    riv__lock(&self->lock);
    part.end = (int64_t)self->handed;
    part.position = part.end - (int64_t)self->nready;
    riv__unlock(&self->lock);
    each(arg, &part);
}

static void dir_close(struct riv_input *input)
{
    struct dir_input *self = (struct dir_input *)input;
    if (!self->has_lock)
        return;
    riv__watch_fini(&self->watch);
    for (size_t i = 0; i < self->nready; i++)
        free(self->ready[i].path);
    for (size_t i = 0; i < self->ntaken; i++)
        free(self->taken[i].path);
    for (size_t i = 0; i < self->nagain; i++)
        free(self->again[i].path);
    free(self->ready);
    free(self->taken);
    free(self->again);
    riv__paths_fini(&self->gone);
    riv__lock_fini(&self->lock);
}

const struct riv_source_ops riv__source_dir = {
    .name = "dir",
    .input_size = sizeof(struct dir_input),
    .flags = RIV__SOURCE_FILES | RIV__SOURCE_WHOLE,
    .open = dir_open,
    .read = dir_read,
    .cut = dir_cut,
    .waiting = dir_waiting,
    .presses = dir_presses,
    .close = dir_close,
    .stand = dir_stand,
    .recall = dir_recall,
    .seek = dir_seek,
    .reach = dir_reach,
    .parts = dir_parts,
    .unit = "files",
};
