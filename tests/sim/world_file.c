/* sim/world_file.c - files of the simulated world. */
#include "sim/call.h"

#include <errno.h>
#include <string.h>

#include "connect/trail.h"

static int w_open(struct riv_sys *sys, const char *path, unsigned flags)
{
    struct world *w = world_of(sys);
    if (call_enter(w))
        return (int)call_leave(w, "open", path, -EINTR);
    if (rng_one_in(&w->rng, 40 * w->emfile_one_in))
        return (int)call_leave(w, "open", path, -EMFILE);
    const bool hit =
        flags & (RIV__OPEN_CREATE | RIV__OPEN_TRUNC) ? call_changes(w) : false;
    const int rc = disk_open(w->disk, path, flags);
    call_changed(w, hit);
    return (int)call_leave(w, "open", path, rc);
}

static int w_close(struct riv_sys *sys, int fd)
{
    struct world *w = world_of(sys);
    call_enter(w);
    return (int)call_leave_fd(
        w, "close", fd,
        net_is_fd(fd) ? net_close(w->net, fd) : disk_close(w->disk, fd));
}

static int64_t w_read(struct riv_sys *sys, int fd, void *p, size_t n)
{
    struct world *w = world_of(sys);
    int64_t rc =
        call_enter(w) ? -EINTR : disk_read(w->disk, fd, p, call_shorten(w, n));
    return call_leave_fd(w, "read", fd, rc);
}

/* A file that grows is read from its start on, or after a crash from where the
 * last commit stood; what was read in this life is owed when it is stopped. Of its first bytes a sum is made
 * now and then, with reads of no more than RIV__TRAIL_HEAD_BYTES: what such a
 * read sees is not taken. */
static void note_taken(struct world *w, int fd, const char *p, int64_t n,
                       size_t asked, uint64_t at)
{
    struct stream *s = disk_tied(w->disk, fd);
    if (!s || n < 0)
        return;
    s->looked |= at == 0;
    if (asked <= RIV__TRAIL_HEAD_BYTES)
        return;
    s->read_bytes = RIV__MAX(s->read_bytes, at + (uint64_t)n);
    const uint64_t known = s->taken_bytes - RIV__MIN(at, s->taken_bytes);
    if (at <= s->taken_bytes && known < (uint64_t)n)
        stream_take(s, p + known, (size_t)((uint64_t)n - known));
}

static int64_t w_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                       uint64_t at)
{
    struct world *w = world_of(sys);
    int64_t rc = call_enter(w)
                     ? -EINTR
                     : disk_pread(w->disk, fd, p, call_shorten(w, n), at);
    note_taken(w, fd, p, rc, n, at);
    return call_leave_fd(w, "pread", fd, rc);
}

static int64_t w_write(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    struct world *w = world_of(sys);
    int64_t rc =
        call_enter(w) ? -EINTR : disk_write(w->disk, fd, p, call_shorten(w, n));
    return call_leave_fd(w, "write", fd, rc);
}

static int64_t w_pwrite(struct riv_sys *sys, int fd, const void *p, size_t n,
                        uint64_t at)
{
    struct world *w = world_of(sys);
    int64_t rc = -EINTR;
    if (!call_enter(w)) {
        const bool hit = call_changes(w);
        rc = disk_pwrite(w->disk, fd, p, call_amid(w, hit, call_shorten(w, n)),
                         at);
        call_changed(w, hit);
    }
    return call_leave_fd(w, "pwrite", fd, rc);
}

static int w_truncate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    struct world *w = world_of(sys);
    call_enter(w);
    const bool hit = call_changes(w);
    const int rc = disk_truncate(w->disk, fd, bytes);
    call_changed(w, hit);
    return (int)call_leave_fd(w, "truncate", fd, rc);
}

static int w_allocate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    struct world *w = world_of(sys);
    call_enter(w);
    const bool hit = call_changes(w);
    const int rc = disk_allocate(w->disk, fd, bytes);
    call_changed(w, hit);
    return (int)call_leave_fd(w, "allocate", fd, rc);
}

static int w_sync(struct riv_sys *sys, int fd)
{
    struct world *w = world_of(sys);
    call_enter(w);
    const bool hit = call_changes(w);
    const int rc = hit && w->crash.when == CRASH_AMID
                       ? disk_sync_part(w->disk, fd, &w->rng)
                       : disk_sync(w->disk, fd);
    call_changed(w, hit);
    return (int)call_leave_fd(w, "sync", fd, rc);
}

static int w_lock(struct riv_sys *sys, int fd, uint64_t at, uint64_t n)
{
    struct world *w = world_of(sys);
    call_enter(w);
    return (int)call_leave_fd(w, "lock", fd, disk_lock(w->disk, fd, at, n));
}

static int w_stat(struct riv_sys *sys, const char *path, struct riv_stat *ret)
{
    struct world *w = world_of(sys);
    call_enter(w);
    return (int)call_leave(w, "stat", path, disk_stat(w->disk, path, ret));
}

static int w_fstat(struct riv_sys *sys, int fd, struct riv_stat *ret)
{
    struct world *w = world_of(sys);
    call_enter(w);
    return (int)call_leave_fd(w, "fstat", fd, disk_fstat(w->disk, fd, ret));
}

static int w_rename(struct riv_sys *sys, const char *from, const char *to)
{
    struct world *w = world_of(sys);
    call_enter(w);
    const bool hit = call_changes(w);
    const int rc = disk_rename(w->disk, from, to);
    call_changed(w, hit);
    return (int)call_leave(w, "rename", to, rc);
}

static int w_rename_new(struct riv_sys *sys, const char *from, const char *to)
{
    struct world *w = world_of(sys);
    call_enter(w);
    const bool hit = call_changes(w);
    const int rc = disk_rename_new(w->disk, from, to);
    call_changed(w, hit);
    return (int)call_leave(w, "rename_new", to, rc);
}

/* This world has no links. */
static int w_read_link(struct riv_sys *sys, const char *path, char *to,
                       size_t room)
{
    (void)sys, (void)path, (void)to, (void)room;
    return -EINVAL;
}

static int w_unlink(struct riv_sys *sys, const char *path)
{
    struct world *w = world_of(sys);
    call_enter(w);
    const bool hit = call_changes(w);
    const int rc = disk_unlink(w->disk, path);
    call_changed(w, hit);
    return (int)call_leave(w, "unlink", path, rc);
}

static int w_mkdir(struct riv_sys *sys, const char *path, unsigned mode)
{
    struct world *w = world_of(sys);
    call_enter(w);
    const bool hit = call_changes(w);
    const int rc = disk_mkdir(w->disk, path, mode);
    call_changed(w, hit);
    return (int)call_leave(w, "mkdir", path, rc);
}

static int w_space(struct riv_sys *sys, const char *path, struct riv_space *ret)
{
    struct world *w = world_of(sys);
    struct riv_stat st;
    call_enter(w);
    int rc = disk_stat(w->disk, path, &st);
    if (rc == 0)
        disk_space(w->disk, ret);
    return (int)call_leave(w, "space", path, rc);
}

static int w_list(struct riv_sys *sys, const char *path, riv__list_fn *each,
                  void *arg)
{
    struct world *w = world_of(sys);
    call_enter(w);
    return (int)call_leave(w, "list", path,
                           disk_list(w->disk, path, each, arg));
}

void world_files(struct riv_sys *sys)
{
    sys->open = w_open;
    sys->close = w_close;
    sys->read = w_read;
    sys->pread = w_pread;
    sys->write = w_write;
    sys->pwrite = w_pwrite;
    sys->truncate = w_truncate;
    sys->allocate = w_allocate;
    sys->sync = w_sync;
    sys->datasync = w_sync;
    sys->lock = w_lock;
    sys->stat = w_stat;
    sys->fstat = w_fstat;
    sys->rename = w_rename;
    sys->rename_new = w_rename_new;
    sys->unlink = w_unlink;
    sys->read_link = w_read_link;
    sys->mkdir = w_mkdir;
    sys->space = w_space;
    sys->list = w_list;
}
