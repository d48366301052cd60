/* connect/source_dir.c - "dir:FOLDER": files that appear in a folder (or in
 * folders that match a pattern), each read once, whole, in the first batch
 * after it was found. What is there before the start is left alone, unless
 * tail.from is "start". The thread scans every files.poll; the driver takes
 * what was found. Finding is watch.c. */
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "connect/sources.h"
#include "connect/watch.h"

struct dir_input {
    struct riv_input base;
    struct riv_watch watch;
    struct riv_lock lock;
    bool has_lock;
    struct riv_found *ready; /* protected by lock */
    size_t nready, ready_cap;
    uint64_t files; /* found so far */
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
    }
    riv__unlock(&self->lock);
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

/* A scan that takes long is followed by a pause ten times as long. */
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
    int64_t pause = RIV__MAX(input->conf->poll_ms, took_ms * 10);
    rc = riv__input_wait(input, NULL, 0, pause, err);
    return rc < 0 ? rc : RIV__READ_IDLE;
}

static int add_file(struct riv_input *input, struct riv_cut *cut,
                    const struct riv_found *file, struct riv_err *err)
{
    struct riv_range range = {
        .kind = RIV__RANGE_FILE,
        .source = input->index,
        .until = file->bytes,
        .path = riv__arena_strdup(&cut->arena, file->path),
    };
    if (!range.path)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a path");
    return riv__cut_add(cut, &range, err);
}

static int dir_cut(struct riv_input *input, struct riv_cut *cut,
                   struct riv_err *err)
{
    struct dir_input *self = (struct dir_input *)input;
    int rc = 0;
    size_t done = 0;
    riv__lock(&self->lock);
    while (done < self->nready && rc == 0) {
        rc = add_file(input, cut, &self->ready[done], err);
        if (rc == 0)
            free(self->ready[done++].path);
    }
    self->nready -= done;
    if (done > 0 && self->nready > 0)
        memmove(self->ready, self->ready + done,
                self->nready * sizeof *self->ready);
    riv__unlock(&self->lock);
    return rc < 0 ? rc : RIV__READ_MORE;
}

static void dir_close(struct riv_input *input)
{
    struct dir_input *self = (struct dir_input *)input;
    if (!self->has_lock)
        return;
    riv__watch_fini(&self->watch);
    for (size_t i = 0; i < self->nready; i++)
        free(self->ready[i].path);
    free(self->ready);
    riv__lock_fini(&self->lock);
}

const struct riv_source_ops riv__source_dir = {
    .name = "dir",
    .input_size = sizeof(struct dir_input),
    .open = dir_open,
    .read = dir_read,
    .cut = dir_cut,
    .close = dir_close,
};
