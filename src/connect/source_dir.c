/* connect/source_dir.c - "dir:FOLDER": files that appear in a folder (or in
 * folders that match a pattern), each read once, whole, in the first batch
 * after it was found. What is there before the start is left alone, unless
 * tail.from is "start". The thread scans every files.poll; the driver takes
 * what was found. Finding is watch.c, remembering for a journal
 * source_dir_stand.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "connect/source_dir.h"
#include "connect/sources.h"

enum { PAUSE_MS_MAX = 10000, PIECES = 16, PIECE_BYTES_MIN = 256 * 1024 };
static const uint64_t PART_MIN = 4096; /* of a file, even where less fits */

static int dir_open(struct riv_input *input, struct riv_err *err)
{
    struct riv_source_dir *self = (struct riv_source_dir *)input;
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
static int hand_over(struct riv_source_dir *self, struct riv_err *err)
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

static void tell(struct riv_source_dir *self)
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
    struct riv_source_dir *self = (struct riv_source_dir *)input;
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
static void take_over(struct riv_source_dir *self, const struct riv_found *file)
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
static int go_on_with(struct riv_source_dir *self, struct riv_found *file,
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
        self->had = self->inside;
    }
    riv__unlock(&self->lock);
    return rc < 0 ? riv__err_set(err, rc, "no memory for a file") : 0;
}

/* The files of a batch that had begun, and no others; the journal has their
 * names already. */
static int cut_again(struct riv_source_dir *self, struct riv_cut *cut,
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
static int cut_rest(struct riv_source_dir *self, struct riv_err *err)
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
static uint64_t fitting(const struct riv_source_dir *self, size_t at,
                        uint64_t bytes)
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
    struct riv_source_dir *self = (struct riv_source_dir *)input;
    size_t bytes = 0;
    riv__lock(&self->lock);
    for (size_t i = 0; i < self->nready; i++)
        bytes += self->ready[i].bytes;
    bytes -= self->had;
    riv__unlock(&self->lock);
    return bytes;
}

static bool dir_presses(struct riv_input *input)
{
    return ((struct riv_source_dir *)input)->has_more;
}

/* The next piece of what is ready. 1: of this file there is no more. @locks
 * self->lock */
static int cut_piece(struct riv_source_dir *self, size_t at, uint64_t bytes,
                     struct riv_cut *cut, struct riv_err *err)
{
    const struct riv_found *file = &self->ready[at];
    const uint64_t from = at == 0 ? self->inside : 0;
    RIV__TRY(add_file(&self->base, cut, file, from, from + bytes, err));
    riv__rate_took(&self->base.rate, bytes);
    self->inside = from + bytes < file->bytes ? from + bytes : 0;
    self->had = self->inside;
    if (self->inside > 0)
        return 0;
    take_over(self, file);
    return 1;
}

static int dir_cut(struct riv_input *input, struct riv_cut *cut,
                   struct riv_err *err)
{
    struct riv_source_dir *self = (struct riv_source_dir *)input;
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

/* Files, in batches and found. */
static void dir_parts(struct riv_input *input, riv__part_fn *each, void *arg)
{
    struct riv_source_dir *self = (struct riv_source_dir *)input;
    struct riv_input_part part = { .name = "" };
    riv__lock(&self->lock);
    part.end = (int64_t)self->handed;
    part.position = part.end - (int64_t)self->nready;
    riv__unlock(&self->lock);
    each(arg, &part);
}

static void dir_close(struct riv_input *input)
{
    struct riv_source_dir *self = (struct riv_source_dir *)input;
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
    .input_size = sizeof(struct riv_source_dir),
    .flags = RIV__SOURCE_FILES | RIV__SOURCE_WHOLE,
    .open = dir_open,
    .read = dir_read,
    .cut = dir_cut,
    .waiting = dir_waiting,
    .presses = dir_presses,
    .close = dir_close,
    .stand = riv__source_dir_stand,
    .recall = riv__source_dir_recall,
    .seek = riv__source_dir_seek,
    .reach = riv__source_dir_reach,
    .parts = dir_parts,
    .unit = "files",
};
