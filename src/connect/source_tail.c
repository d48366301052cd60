/* connect/source_tail.c - "tail:PATH": the lines that are appended to a file,
 * through rotation and truncation. Works by name: a file that was moved away is
 * read to its end while another takes its place. What lived and went between
 * two looks (files.poll), or was truncated and grew beyond where we stood, is
 * not noticed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "connect/paths.h"
#include "connect/sources.h"
#include "connect/trail.h"
#include "io/lines.h"
#include "sys/file.h"

enum { READ_BYTES = 256 * 1024, PAUSE_MS_MIN = 1 };

struct tail_input {
    struct riv_input base;
    struct riv_lines lines;
    char *buf;
    int fd;
    bool is_open;
    bool replaced; /* another file has the name; one look more at the old */
    uint64_t pos;
    int64_t pause_ms;         /* short while data flows */
    struct riv_paths behind;  /* files that come before the path: an earlier
                                 run has not read them, the last is the path */
    size_t at;                /* of these, the open one */
    struct riv_trail_file is; /* the open one */
    struct riv_lock lock;
    bool has_lock;
    struct riv_trail_file *trail; /* that may hold a cut. @locks lock */
    size_t ntrail, trail_cap;
    /* For people: how far the open file was read, and which it is. */
    _Atomic uint64_t seen_pos, seen_inode;
};

/* The path that is open, or the next to be. */
static const char *path_of(const struct tail_input *self)
{
    return self->at < self->behind.n ? self->behind.path[self->at]
                                     : self->base.rest;
}

static bool catches_up(const struct tail_input *self)
{
    return self->at + 1 < self->behind.n;
}

static int no_file(struct riv_err *err, const char *path, int kind)
{
    if (kind == RIV__IS_DIR)
        return riv__err_set(err, RIV_EINVAL,
                            "%s is a folder: dir:%s reads the "
                            "files that will appear in it",
                            path, path);
    return riv__err_set(err, RIV_EINVAL,
                        "%s is no file: pipe:%s reads it as "
                        "a stream",
                        path, path);
}

/* The driver may ask at any time which file a cut ended in. */
static int trail_add(struct tail_input *self, struct riv_err *err)
{
    riv__lock(&self->lock);
    int rc = RIV__VEC_ROOM(self->trail, self->trail_cap, self->ntrail + 1);
    if (rc == 0)
        self->trail[self->ntrail++] = self->is;
    riv__unlock(&self->lock);
    return rc < 0 ? riv__err_set(err, rc, "no memory for a file") : 0;
}

/* A file with few bytes is known better when there are more. */
static int trail_learn(struct tail_input *self, struct riv_err *err)
{
    if (self->is.head_bytes == RIV__TRAIL_HEAD_BYTES ||
        self->is.head_bytes >= self->pos)
        return 0;
    RIV__TRY(riv__trail_look(self->base.sys, self->fd, path_of(self), &self->is,
                             err));
    riv__lock(&self->lock);
    if (self->ntrail > 0)
        self->trail[self->ntrail - 1] = self->is;
    riv__unlock(&self->lock);
    return 0;
}

/* The open file is read from byte `pos` on, as a file of its own. */
static int begin_at(struct tail_input *self, uint64_t pos, struct riv_err *err)
{
    self->is.number++;
    RIV__TRY(riv__trail_look(self->base.sys, self->fd, path_of(self), &self->is,
                             err));
    RIV__TRY(trail_add(self, err));
    self->pos = pos;
    riv__lines_at(&self->lines, self->is.number, pos);
    atomic_store(&self->seen_pos, pos);
    atomic_store(&self->seen_inode, self->is.inode);
    return 0;
}

/* 1: open, at its start. 0: there is no such file (yet). */
static int open_path(struct tail_input *self, uint64_t *ret_bytes,
                     struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    const char *path = path_of(self);
    struct riv_stat st;
    int fd =
        riv__file_open_plain(sys, path, RIV__OPEN_READ | RIV__OPEN_NONBLOCK);
    if (fd == -ENOENT)
        return 0;
    if (fd < 0)
        return riv__paths_error(err, -fd, path);
    int rc = sys->fstat(sys, fd, &st);
    if (rc < 0)
        rc = riv__paths_error(err, -rc, path);
    else if (st.kind != RIV__IS_FILE)
        rc = no_file(err, path, st.kind);
    if (rc < 0) {
        sys->close(sys, fd);
        return rc;
    }
    self->fd = fd;
    self->is_open = true;
    self->replaced = false;
    *ret_bytes = st.bytes;
    RIV__TRY(begin_at(self, 0, err));
    return 1;
}

/* With what beginners wonder about: a pattern, and lines that do not come. */
static void note(struct tail_input *self, bool is_there, bool skips)
{
    const char *path = path_of(self);
    if (is_there)
        riv__input_note(&self->base, "following %s%s", path,
                        skips ? " from its end on (tail.from)" : "");
    else
        riv__input_note(&self->base, "waiting for %s to appear%s", path,
                        riv__paths_is_pattern(path)
                            ? ": that is one name here, no pattern"
                            : "");
}

/* To the end; the rest of a line that has begun there is left out. */
static int skip_to_end(struct tail_input *self, uint64_t bytes,
                       struct riv_err *err)
{
    char before = '\n';
    if (bytes > 0 && riv__file_pread(self->base.sys, self->fd, &before, 1,
                                     bytes - 1, self->base.rest, err) < 0)
        return RIV_EIO;
    self->pos = bytes;
    atomic_store(&self->seen_pos, bytes);
    riv__lines_at(&self->lines, self->is.number, bytes);
    if (before != '\n')
        riv__lines_skip(&self->lines);
    return 0;
}

static int tail_open(struct riv_input *input, struct riv_err *err)
{
    struct tail_input *self = (struct tail_input *)input;
    uint64_t bytes = 0;
    riv__lines_init(&self->lines, input->conf);
    riv__lock_init(&self->lock);
    self->has_lock = true;
    self->pause_ms = PAUSE_MS_MIN;
    if (!*input->rest)
        return riv__err_set(err, RIV_EINVAL, "the path is missing: tail:PATH");
    self->buf = malloc(READ_BYTES);
    if (!self->buf)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a read buffer");
    int rc = open_path(self, &bytes, err);
    if (rc < 0)
        return rc;
    const bool skips = rc == 1 && !input->conf->tail_from_start;
    note(self, rc == 1, skips && bytes > 0);
    if (skips)
        RIV__TRY(skip_to_end(self, bytes, err));
    input->feed.cut = (struct riv_mark){ .offset = self->pos,
                                         .part = self->is.number,
                                         .inside = self->lines.skipping };
    return 0;
}

static void leave(struct tail_input *self)
{
    if (self->is_open)
        self->base.sys->close(self->base.sys, self->fd);
    self->is_open = false;
}

/* What keeps a file from being opened or looked at now may pass: a rotation
 * sets rights in steps. */
static int later(int rc, struct riv_err *err)
{
    if (rc == RIV_ENOMEM)
        return rc;
    if (err)
        err->code = RIV_EUNAVAIL;
    return RIV_EUNAVAIL;
}

static int rest(struct tail_input *self, struct riv_err *err)
{
    int rc = riv__input_wait(&self->base, NULL, 0, self->pause_ms, err);
    self->pause_ms = RIV__MIN(self->pause_ms * 2, self->base.conf->poll_ms);
    return rc < 0 ? rc : RIV__READ_IDLE;
}

static int begin_again(struct tail_input *self, struct riv_err *err)
{
    riv__lines_drop(&self->lines);
    RIV__TRY(begin_at(self, 0, err));
    riv__input_note(&self->base, "%s was truncated, read again from its start",
                    self->base.rest);
    return RIV__READ_MORE;
}

/* The old file has nothing more and the new one has: a last line without '\n'
 * counts. */
static int change_over(struct tail_input *self, struct riv_err *err)
{
    RIV__TRY(riv__lines_end(&self->lines, &self->base.feed, err));
    leave(self);
    self->at += catches_up(self);
    riv__input_note(&self->base, "%s was replaced, reading the new one",
                    self->base.rest);
    return RIV__READ_MORE;
}

/* At the end of the open file: more to come, truncated, or replaced? */
static int at_end(struct tail_input *self, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    const char *path = self->base.rest;
    struct riv_stat mine, now;
    int rc = sys->fstat(sys, self->fd, &mine);
    if (rc < 0)
        return later(riv__paths_error(err, -rc, path), err);
    if (mine.bytes < self->pos)
        return begin_again(self, err);
    if (catches_up(self))
        return change_over(self, err);
    rc = sys->stat(sys, path, &now);
    if (rc == -ENOENT)
        return rest(self, err);
    if (rc < 0)
        return later(riv__paths_error(err, -rc, path), err);
    bool same = now.inode == self->is.inode && now.device == self->is.device;
    if (same || now.kind != RIV__IS_FILE || now.bytes == 0)
        return rest(self, err);
    if (self->replaced)
        return change_over(self, err);
    self->replaced = true;
    return rest(self, err);
}

/* A file that appears while we wait, or takes the place of another, is read
 * from its start. */
static int appear(struct tail_input *self, struct riv_err *err)
{
    uint64_t bytes;
    int rc = open_path(self, &bytes, err);
    if (rc < 0)
        return later(rc, err);
    if (rc == 0)
        return rest(self, err);
    riv__input_note(&self->base, "following %s", self->base.rest);
    return RIV__READ_MORE;
}

static int tail_read(struct riv_input *input, struct riv_err *err)
{
    struct tail_input *self = (struct tail_input *)input;
    if (!self->is_open)
        return appear(self, err);
    int64_t n = riv__file_pread(input->sys, self->fd, self->buf, READ_BYTES,
                                self->pos, input->rest, err);
    if (n < 0)
        return (int)n;
    if (n == 0)
        return at_end(self, err);
    self->pos += (uint64_t)n;
    atomic_store(&self->seen_pos, self->pos);
    RIV__TRY(trail_learn(self, err));
    self->replaced = false;
    self->pause_ms = PAUSE_MS_MIN;
    RIV__TRY(riv__lines_take(&self->lines, &input->feed, input->conf, self->buf,
                             (size_t)n, err));
    return RIV__READ_MORE;
}

/* ------------------------------------------------------------- for a journal */

/* The file that the cut ended in; those before it are done with. Of number 0, in
 * none: before the first that has appeared since. False: none has. */
static bool trail_at(struct tail_input *self, uint32_t number,
                     struct riv_trail_file *ret)
{
    size_t i = 0;
    riv__lock(&self->lock);
    while (i < self->ntrail && self->trail[i].number < number)
        i++;
    const bool there = i < self->ntrail;
    if (there)
        *ret = self->trail[i];
    self->ntrail -= i;
    if (i > 0)
        memmove(self->trail, self->trail + i,
                self->ntrail * sizeof *self->trail);
    riv__unlock(&self->lock);
    return there;
}

static int tail_stand(struct riv_input *input, struct riv_stand *to,
                      struct riv_err *err)
{
    struct tail_input *self = (struct tail_input *)input;
    const struct riv_mark *mark = &input->feed.cut;
    struct riv_trail_file file;
    (void)err;
    if (!trail_at(self, mark->part, &file)) {
        riv__stand_put(to, "file", 0);
        return 0;
    }
    riv__stand_put(to, "offset", mark->offset);
    if (mark->inside)
        riv__stand_put(to, "inside", 1);
    riv__trail_put(to, &file);
    return 0;
}

/* Opens the file an earlier run stood in, which is the first of those behind,
 * at that place. */
static int go_to(struct tail_input *self, riv_str words, uint64_t offset,
                 struct riv_err *err)
{
    uint64_t bytes = 0, inside = 0;
    const int rc = open_path(self, &bytes, err);
    if (rc < 0)
        return rc;
    if (rc == 0 || bytes < offset)
        return riv__err_set(err, RIV_ENOINPUT,
                            "%s has %llu bytes, but was read up to byte %llu: "
                            "it was cut short meanwhile",
                            path_of(self), (unsigned long long)bytes,
                            (unsigned long long)offset);
    self->pos = offset;
    atomic_store(&self->seen_pos, offset);
    riv__lines_at(&self->lines, self->is.number, offset);
    if (riv__stand_get(words, "inside", &inside) && inside)
        riv__lines_skip(&self->lines);
    self->base.feed.cut = (struct riv_mark){ .offset = offset,
                                             .part = self->is.number,
                                             .inside = inside != 0 };
    return 0;
}

static int tail_seek(struct riv_input *input, riv_str words,
                     struct riv_err *err)
{
    struct tail_input *self = (struct tail_input *)input;
    struct riv_trail_file was;
    uint64_t offset, none;
    leave(self);
    riv__lines_drop(&self->lines);
    if (riv__stand_get(words, "file", &none)) {
        input->feed.cut = (struct riv_mark){ .part = 0 };
        return 0; /* whatever is there now came after that */
    }
    if (!riv__stand_get(words, "offset", &offset) ||
        !riv__trail_get(words, &was))
        return riv__stand_damaged(words, err);
    RIV__TRY(
        riv__trail_find(input->sys, input->rest, &was, &self->behind, err));
    self->at = 0;
    if (self->behind.n == 0)
        return riv__err_set(err, RIV_ENOINPUT,
                            "the file that was read up to byte %llu (inode "
                            "%llu) is neither %s nor beside it, or was cut: "
                            "put it back there, or begin anew with -c "
                            "source.reset=%s and lose what came after that",
                            (unsigned long long)offset,
                            (unsigned long long)was.inode, input->rest,
                            input->uri);
    return go_to(self, words, offset, err);
}

/* The number of a file on the trail, or 0: it has not come to it. */
static uint32_t trail_number(struct tail_input *self,
                             const struct riv_trail_file *file)
{
    uint32_t number = 0;
    riv__lock(&self->lock);
    for (size_t i = 0; i < self->ntrail; i++)
        if (riv__trail_is(&self->trail[i], file))
            number = self->trail[i].number;
    riv__unlock(&self->lock);
    return number;
}

/* Is what was read there still there? */
static int check_reach(struct tail_input *self,
                       const struct riv_trail_file *file, uint64_t offset,
                       struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    struct riv_paths paths;
    struct riv_stat st = { .bytes = 0 };
    RIV__TRY(riv__trail_find(sys, self->base.rest, file, &paths, err));
    int rc = paths.n > 0 ? sys->stat(sys, paths.path[0], &st) : -ENOENT;
    const bool is_known = rc == 0 || rc == -ENOENT;
    if (!is_known)
        rc = riv__paths_error(err, -rc, paths.path[0]);
    riv__paths_fini(&paths);
    if (!is_known)
        return rc;
    if (rc == 0 && st.bytes >= offset)
        return 0;
    return riv__err_set(err, RIV_ENOINPUT,
                        "a batch had begun with a file (inode %llu) up to byte "
                        "%llu, which is no longer there: begin anew with -c "
                        "source.reset=%s",
                        (unsigned long long)file->inode,
                        (unsigned long long)offset, self->base.uri);
}

static int tail_reach(struct riv_input *input, riv_str words,
                      struct riv_err *err)
{
    struct tail_input *self = (struct tail_input *)input;
    struct riv_mark at = { .part = 0 };
    struct riv_trail_file file;
    uint64_t none, inside = 0;
    if (riv__stand_get(words, "file", &none))
        return riv__input_reach_feed(input, &input->feed.cut);
    if (!riv__stand_get(words, "offset", &at.offset) ||
        !riv__trail_get(words, &file))
        return riv__stand_damaged(words, err);
    (void)riv__stand_get(words, "inside", &inside);
    at.inside = inside != 0;
    RIV__TRY(check_reach(self, &file, at.offset, err));
    at.part = trail_number(self, &file);
    if (at.part == 0)
        return 0;
    if (at.offset == 0 && input->feed.cut.part == 0)
        at = input->feed.cut; /* no file yet: before the first byte of this */
    return riv__input_reach_feed(input, &at);
}

/* The file's length now, if the name still is the open file's. What was read and
 * waits in the feed is in no batch yet; a line that has begun counts as read. */
static void tail_parts(struct riv_input *input, riv__part_fn *each, void *arg)
{
    struct tail_input *self = (struct tail_input *)input;
    const uint64_t pos = atomic_load(&self->seen_pos);
    const uint64_t waiting = riv__feed_waiting(&input->feed);
    struct riv_input_part part = { .name = "", .end = -1 };
    struct riv_stat st;
    if (input->sys->stat(input->sys, input->rest, &st) == 0 &&
        st.inode == atomic_load(&self->seen_inode) && st.bytes >= pos)
        part.end = (int64_t)st.bytes;
    part.position = (int64_t)(pos - RIV__MIN(pos, waiting));
    each(arg, &part);
}

static void tail_close(struct riv_input *input)
{
    struct tail_input *self = (struct tail_input *)input;
    leave(self);
    if (self->has_lock)
        riv__lock_fini(&self->lock);
    riv__paths_fini(&self->behind);
    free(self->trail);
    riv__lines_fini(&self->lines);
    free(self->buf);
}

const struct riv_source_ops riv__source_tail = {
    .name = "tail",
    .input_size = sizeof(struct tail_input),
    .open = tail_open,
    .read = tail_read,
    .close = tail_close,
    .stand = tail_stand,
    .seek = tail_seek,
    .reach = tail_reach,
    .parts = tail_parts,
    .unit = "bytes",
};
