/* store/vfs.c - the functions behind an sqlite3_vfs whose system is a struct
 * riv_sys. What SQLite's own does for every case (temporary files, shared
 * memory, processes that share a file) is missing on purpose: a journal has one
 * owner and two files. */
#include "store/vfs.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "store/rest.h"
#include "sys/file.h"

enum { LOCK_AT = 0x40000000, LOCK_BYTES = 512, SECTOR_BYTES = 4096 };

/* The name is SQLite's and stays until the file is closed. */
struct vfs_file {
    sqlite3_file base;
    struct riv_vfs *vfs;
    int fd; /* -1: there is no such file, and it reads as an empty one */
    enum riv_vfs_kind kind;
    const char *path;
    bool is_locked;
    bool sync_name; /* its entry in the folder may not be durable yet */
};

static struct vfs_file *file_of(sqlite3_file *file)
{
    return (struct vfs_file *)file;
}

static struct riv_vfs *vfs_of(sqlite3_vfs *base)
{
    return (struct riv_vfs *)base;
}

/* Keeps errno, call and path, which SQLite has no room for. */
static int note_fault(struct riv_vfs *vfs, int64_t rc, const char *call,
                      const char *path, int code)
{
    vfs->fault.sysno = (int)-rc;
    vfs->fault.call = call;
    snprintf(vfs->fault.path, sizeof vfs->fault.path, "%s", path);
    return code;
}

static int fault(struct vfs_file *self, int64_t rc, const char *call, int code)
{
    return note_fault(self->vfs, rc, call, self->path, code);
}

static void take_rest(struct riv_vfs *vfs)
{
    if (vfs->rest)
        riv__rest_take(vfs->rest);
}

/* ------------------------------------------------------------- a file */

static int file_close(sqlite3_file *file)
{
    struct vfs_file *self = file_of(file);
    struct riv_sys *sys = self->vfs->sys;
    int rc = self->fd < 0 ? 0 : sys->close(sys, self->fd);
    self->fd = -1;
    return rc < 0 ? fault(self, rc, "close", SQLITE_IOERR_CLOSE) : SQLITE_OK;
}

/* Bytes beyond the end are zeros, and said to be missing. */
static int file_read(sqlite3_file *file, void *p, int n, sqlite3_int64 at)
{
    struct vfs_file *self = file_of(file);
    struct riv_sys *sys = self->vfs->sys;
    size_t got = 0, want = (size_t)n;
    take_rest(self->vfs);
    while (got < want && self->fd >= 0) {
        int64_t rc = sys->pread(sys, self->fd, (char *)p + got, want - got,
                                (uint64_t)at + got);
        if (rc == -EINTR)
            continue;
        if (rc < 0)
            return fault(self, rc, "read", SQLITE_IOERR_READ);
        if (rc == 0)
            break;
        got += (size_t)rc;
    }
    memset((char *)p + got, 0, want - got);
    return got < want ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

/* A quota is a full disk to whoever waits for room. */
static int write_code(int64_t rc)
{
    return rc == -ENOSPC || rc == -EDQUOT ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int write_all(struct vfs_file *self, const char *p, size_t n,
                     uint64_t at)
{
    struct riv_sys *sys = self->vfs->sys;
    while (n > 0) {
        int64_t rc = sys->pwrite(sys, self->fd, p, n, at);
        if (rc == -EINTR)
            continue;
        if (rc == 0) /* would go on for ever */
            rc = -EIO;
        if (rc < 0)
            return fault(self, rc, "write", write_code(rc));
        p += rc;
        n -= (size_t)rc;
        at += (uint64_t)rc;
    }
    return SQLITE_OK;
}

static int sync_folder(struct riv_vfs *vfs, const char *path)
{
    char folder[RIV__VFS_PATH_MAX];
    struct riv_sys *sys = vfs->sys;
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1,
             slash ? path : ".");
    int fd =
        riv__file_open_plain(sys, folder[0] ? folder : "/", RIV__OPEN_READ);
    if (fd < 0)
        return note_fault(vfs, fd, "open", folder, SQLITE_IOERR_DIR_FSYNC);
    int rc = sys->sync(sys, fd);
    sys->close(sys, fd);
    if (rc < 0)
        return note_fault(vfs, rc, "sync", folder, SQLITE_IOERR_DIR_FSYNC);
    return SQLITE_OK;
}

/* Not tried again, whatever the reason: after a failed sync the kernel may
 * call pages clean that the disk has never seen. */
static int file_sync(sqlite3_file *file, int flags)
{
    struct vfs_file *self = file_of(file);
    struct riv_sys *sys = self->vfs->sys;
    (void)flags;
    if (self->fd < 0)
        return SQLITE_OK;
    take_rest(self->vfs);
    int rc = sys->datasync(sys, self->fd);
    if (rc < 0)
        return fault(self, rc, "sync", SQLITE_IOERR_FSYNC);
    if (self->sync_name && sync_folder(self->vfs, self->path) != SQLITE_OK)
        return SQLITE_IOERR_DIR_FSYNC;
    self->sync_name = false;
    if (self->kind == RIV__VFS_DB)
        self->vfs->unsynced = 0;
    return SQLITE_OK;
}

/* A part of a long move is on the disk before more of it is written. */
static int sync_some(struct vfs_file *self, uint64_t n)
{
    struct riv_vfs *vfs = self->vfs;
    if (self->kind != RIV__VFS_DB || !vfs->rest)
        return SQLITE_OK;
    vfs->unsynced += n;
    return vfs->unsynced < RIV__VFS_SYNC_BYTES ? SQLITE_OK
                                               : file_sync(&self->base, 0);
}

static int file_write(sqlite3_file *file, const void *p, int n,
                      sqlite3_int64 at)
{
    struct vfs_file *self = file_of(file);
    struct riv_vfs *vfs = self->vfs;
    uint64_t end = (uint64_t)at + (uint64_t)n;
    if (vfs->is_read_only)
        return SQLITE_READONLY;
    if (self->kind == RIV__VFS_WAL && vfs->wal_bytes_max > 0 &&
        end > vfs->wal_bytes_max)
        return fault(self, -EDQUOT, "disk.limit: write", SQLITE_FULL);
    take_rest(vfs);
    int rc = write_all(self, p, (size_t)n, (uint64_t)at);
    if (rc == SQLITE_OK && end > vfs->bytes[self->kind])
        vfs->bytes[self->kind] = end;
    return rc == SQLITE_OK ? sync_some(self, (uint64_t)n) : rc;
}

/* The WAL is cut when all of it is in the database. SQLite does not sync that,
 * for frames that come back after a power cut say what the database says; but
 * not when a failed sync has lost some of them: the older ones, coming back
 * alone, would turn pages of the database back. */
static int file_truncate(sqlite3_file *file, sqlite3_int64 bytes)
{
    struct vfs_file *self = file_of(file);
    struct riv_sys *sys = self->vfs->sys;
    if (self->vfs->is_read_only)
        return SQLITE_READONLY;
    take_rest(self->vfs);
    int rc = sys->truncate(sys, self->fd, (uint64_t)bytes);
    if (rc < 0)
        return fault(self, rc, "truncate", SQLITE_IOERR_TRUNCATE);
    self->vfs->bytes[self->kind] = (uint64_t)bytes;
    rc = self->kind == RIV__VFS_WAL ? sys->datasync(sys, self->fd) : 0;
    return rc < 0 ? fault(self, rc, "sync", SQLITE_IOERR_FSYNC) : SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    struct vfs_file *self = file_of(file);
    struct riv_sys *sys = self->vfs->sys;
    struct riv_stat st = { .bytes = 0 };
    int rc = self->fd < 0 ? 0 : sys->fstat(sys, self->fd, &st);
    if (rc < 0)
        return fault(self, rc, "stat", SQLITE_IOERR_FSTAT);
    *ret = (sqlite3_int64)st.bytes;
    return SQLITE_OK;
}

/* Every level is the highest: the bytes that other SQLites lock to read and to
 * write are ours until the file is closed, so a shell finds it locked. */
static int file_lock(sqlite3_file *file, int level)
{
    struct vfs_file *self = file_of(file);
    struct riv_sys *sys = self->vfs->sys;
    (void)level;
    if (self->is_locked || self->vfs->is_read_only)
        return SQLITE_OK;
    int rc = sys->lock(sys, self->fd, LOCK_AT, LOCK_BYTES);
    if (rc == -EAGAIN)
        return fault(self, rc, "lock", SQLITE_BUSY);
    if (rc < 0)
        return fault(self, rc, "lock", SQLITE_IOERR_LOCK);
    self->is_locked = true;
    return SQLITE_OK;
}

static int file_unlock(sqlite3_file *file, int level)
{
    (void)file, (void)level;
    return SQLITE_OK;
}

static int file_reserved(sqlite3_file *file, int *ret)
{
    (void)file;
    *ret = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int what, void *arg)
{
    (void)file, (void)what, (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file)
{
    (void)file;
    return SECTOR_BYTES;
}

/* What is beside the bytes of a write stays as it is when the power fails in
 * it, as SQLite's own says of every disk: else it would fill up each commit to
 * a sector. */
static int file_traits(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods vfs_io = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
};

/* --------------------------------------------------------- the system */

static int kind_of(int flags)
{
    if (flags & SQLITE_OPEN_MAIN_DB)
        return RIV__VFS_DB;
    if (flags & SQLITE_OPEN_WAL)
        return RIV__VFS_WAL;
    return flags & SQLITE_OPEN_MAIN_JOURNAL ? RIV__VFS_ROLLBACK : -1;
}

/* SQLite says CREATE for the WAL also when nothing may be written. That a file
 * is there does not say that its entry in the folder is durable: whoever made
 * it may have been killed before he synced. */
static int open_or_make(struct vfs_file *self, int flags)
{
    struct riv_vfs *vfs = self->vfs;
    unsigned how = RIV__OPEN_READ | RIV__OPEN_NOFOLLOW;
    if (!vfs->is_read_only)
        how |= RIV__OPEN_WRITE;
    int fd = riv__file_open_plain(vfs->sys, self->path, how);
    if (fd != -ENOENT || vfs->is_read_only || !(flags & SQLITE_OPEN_CREATE))
        return fd;
    return riv__file_open_plain(
        vfs->sys, self->path,
        how | RIV__OPEN_CREATE | RIV__OPEN_EXCL | RIV__OPEN_PRIVATE);
}

static int vfs_open(sqlite3_vfs *base, const char *path, sqlite3_file *file,
                    int flags, int *ret_flags)
{
    struct riv_vfs *vfs = vfs_of(base);
    struct vfs_file *self = file_of(file);
    sqlite3_int64 bytes = 0;
    int kind = kind_of(flags);
    *self = (struct vfs_file){ .vfs = vfs,
                               .fd = -1,
                               .path = path,
                               .sync_name = flags & SQLITE_OPEN_CREATE };
    if (!path || kind < 0)
        return SQLITE_CANTOPEN;
    self->kind = (enum riv_vfs_kind)kind;
    self->fd = open_or_make(self, flags);
    bool is_none = self->fd == -ENOENT && vfs->is_read_only &&
                   kind == RIV__VFS_WAL; /* it need not be there to be read */
    if (self->fd < 0 && !is_none)
        return fault(self, self->fd, "open", SQLITE_CANTOPEN);
    int rc = file_size(file, &bytes);
    if (rc != SQLITE_OK) {
        (void)file_close(file);
        return rc;
    }
    vfs->bytes[kind] = (uint64_t)bytes;
    self->base.pMethods = &vfs_io;
    if (ret_flags)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *base, const char *path, int sync)
{
    struct riv_vfs *vfs = vfs_of(base);
    if (vfs->is_read_only)
        return SQLITE_READONLY;
    int rc = vfs->sys->unlink(vfs->sys, path);
    if (rc == -ENOENT)
        return SQLITE_IOERR_DELETE_NOENT;
    if (rc < 0)
        return note_fault(vfs, rc, "unlink", path, SQLITE_IOERR_DELETE);
    return sync ? sync_folder(vfs, path) : SQLITE_OK;
}

/* An empty file counts as none, as SQLite's own has it: what a crash leaves
 * between making and writing a journal. */
static int vfs_access(sqlite3_vfs *base, const char *path, int flags, int *ret)
{
    struct riv_vfs *vfs = vfs_of(base);
    struct riv_stat st;
    int rc = vfs->sys->stat(vfs->sys, path, &st);
    if (rc < 0 && rc != -ENOENT)
        return note_fault(vfs, rc, "stat", path, SQLITE_IOERR_ACCESS);
    *ret = rc >= 0 && (flags != SQLITE_ACCESS_EXISTS || st.bytes > 0);
    return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *base, const char *path, int room,
                         char *ret)
{
    (void)base;
    int n = snprintf(ret, (size_t)room, "%s", path);
    return n < 0 || n >= room ? SQLITE_CANTOPEN : SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *base, int n, char *ret)
{
    struct riv_sys *sys = vfs_of(base)->sys;
    return sys->random(sys, ret, (size_t)n) < 0 ? 0 : n;
}

static int vfs_sleep(sqlite3_vfs *base, int us)
{
    struct riv_sys *sys = vfs_of(base)->sys;
    int64_t until = sys->mono_ns(sys) + (int64_t)us * 1000;
    return sys->poll(sys, NULL, 0, NULL, until) < 0 ? 0 : us;
}

/* Days since noon in Greenwich on November 24, 4714 B.C. */
static int vfs_time(sqlite3_vfs *base, double *ret)
{
    struct riv_sys *sys = vfs_of(base)->sys;
    *ret = 2440587.5 + (double)sys->wall_ms(sys) / 86400000.0;
    return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *base, int room, char *ret)
{
    (void)room, (void)ret;
    return vfs_of(base)->fault.sysno;
}

/* Numbers, not addresses: a run must be the same each time. */
static unsigned next_number(void)
{
    static atomic_uint made;
    return atomic_fetch_add(&made, 1) + 1;
}

int riv__vfs_init(struct riv_vfs *vfs, struct riv_sys *sys, struct riv_err *err)
{
    *vfs = (struct riv_vfs){
        .sys = sys,
        .base = {
            .iVersion = 1,
            .szOsFile = sizeof(struct vfs_file),
            .mxPathname = RIV__VFS_PATH_MAX,
            .xOpen = vfs_open,
            .xDelete = vfs_delete,
            .xAccess = vfs_access,
            .xFullPathname = vfs_full_path,
            .xRandomness = vfs_random,
            .xSleep = vfs_sleep,
            .xCurrentTime = vfs_time,
            .xGetLastError = vfs_last_error,
        },
    };
    snprintf(vfs->name, sizeof vfs->name, "rivulet-%u", next_number());
    vfs->base.zName = vfs->name;
    if (sqlite3_vfs_register(&vfs->base, 0) == SQLITE_OK)
        return 0;
    vfs->base.zName = NULL;
    return riv__err_set(err, RIV_ENOMEM, "SQLite: out of memory");
}

void riv__vfs_fini(struct riv_vfs *vfs)
{
    if (vfs->base.zName)
        sqlite3_vfs_unregister(&vfs->base);
    vfs->base.zName = NULL;
}
