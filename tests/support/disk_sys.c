/* support/disk_sys.c - the files of a world on a disk in memory. */
#include "support/disk_sys.h"

enum { HEAP_BYTES = 1 << 30, FD_BASE = 1 << 20 };

/* One call of the disk under the lock. */
#define ON_DISK(world, rc, call) \
    do { \
        riv__lock(&(world)->lock); \
        disk_clock((world)->disk, riv__sys_real()->mono_ns(NULL)); \
        (rc) = (call); \
        riv__unlock(&(world)->lock); \
    } while (0)

static struct disk_sys *of(struct riv_sys *sys)
{
    return RIV__CONTAINER(sys->self, struct disk_sys, sys);
}

static int d_open(struct riv_sys *sys, const char *path, unsigned flags)
{
    int rc;
    ON_DISK(of(sys), rc, disk_open(of(sys)->disk, path, flags));
    return rc;
}

static int d_close(struct riv_sys *sys, int fd)
{
    int rc;
    ON_DISK(of(sys), rc, disk_close(of(sys)->disk, fd));
    return rc;
}

static int64_t d_read(struct riv_sys *sys, int fd, void *p, size_t n)
{
    int64_t rc;
    ON_DISK(of(sys), rc, disk_read(of(sys)->disk, fd, p, n));
    return rc;
}

static int64_t d_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                       uint64_t at)
{
    int64_t rc;
    ON_DISK(of(sys), rc, disk_pread(of(sys)->disk, fd, p, n, at));
    return rc;
}

static int64_t d_write(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    int64_t rc;
    ON_DISK(of(sys), rc, disk_write(of(sys)->disk, fd, p, n));
    return rc;
}

static int d_truncate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    int rc;
    ON_DISK(of(sys), rc, disk_truncate(of(sys)->disk, fd, bytes));
    return rc;
}

static int64_t d_pwrite(struct riv_sys *sys, int fd, const void *p, size_t n,
                        uint64_t at)
{
    int64_t rc;
    ON_DISK(of(sys), rc, disk_pwrite(of(sys)->disk, fd, p, n, at));
    return rc;
}

static int d_allocate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    int rc;
    ON_DISK(of(sys), rc, disk_allocate(of(sys)->disk, fd, bytes));
    return rc;
}

static int d_lock(struct riv_sys *sys, int fd, uint64_t at, uint64_t n)
{
    int rc;
    ON_DISK(of(sys), rc, disk_lock(of(sys)->disk, fd, at, n));
    return rc;
}

static int d_sync(struct riv_sys *sys, int fd)
{
    int rc;
    ON_DISK(of(sys), rc, disk_sync(of(sys)->disk, fd));
    return rc;
}

static int d_stat(struct riv_sys *sys, const char *path, struct riv_stat *ret)
{
    int rc;
    ON_DISK(of(sys), rc, disk_stat(of(sys)->disk, path, ret));
    return rc;
}

static int d_fstat(struct riv_sys *sys, int fd, struct riv_stat *ret)
{
    int rc;
    ON_DISK(of(sys), rc, disk_fstat(of(sys)->disk, fd, ret));
    return rc;
}

static int d_rename(struct riv_sys *sys, const char *from, const char *to)
{
    int rc;
    ON_DISK(of(sys), rc, disk_rename(of(sys)->disk, from, to));
    return rc;
}

static int d_rename_new(struct riv_sys *sys, const char *from, const char *to)
{
    int rc;
    ON_DISK(of(sys), rc, disk_rename_new(of(sys)->disk, from, to));
    return rc;
}

static int d_unlink(struct riv_sys *sys, const char *path)
{
    int rc;
    ON_DISK(of(sys), rc, disk_unlink(of(sys)->disk, path));
    return rc;
}

static int d_mkdir(struct riv_sys *sys, const char *path, unsigned mode)
{
    int rc;
    ON_DISK(of(sys), rc, disk_mkdir(of(sys)->disk, path, mode));
    return rc;
}

static int d_space(struct riv_sys *sys, const char *path, struct riv_space *ret)
{
    struct riv_stat st;
    int rc;
    ON_DISK(of(sys), rc, disk_stat(of(sys)->disk, path, &st));
    riv__lock(&of(sys)->lock);
    disk_space(of(sys)->disk, ret);
    riv__unlock(&of(sys)->lock);
    return rc;
}

static int d_list(struct riv_sys *sys, const char *path, riv__list_fn *each,
                  void *arg)
{
    int rc;
    ON_DISK(of(sys), rc, disk_list(of(sys)->disk, path, each, arg));
    return rc;
}

void disk_sys_init(struct disk_sys *world)
{
    world->sys = *riv__sys_real();
    world->sys.name = "disk in memory";
    world->sys.self = &world->sys;
    world->sys.open = d_open;
    world->sys.close = d_close;
    world->sys.read = d_read;
    world->sys.pread = d_pread;
    world->sys.write = d_write;
    world->sys.truncate = d_truncate;
    world->sys.pwrite = d_pwrite;
    world->sys.allocate = d_allocate;
    world->sys.lock = d_lock;
    world->sys.sync = d_sync;
    world->sys.datasync = d_sync;
    world->sys.space = d_space;
    world->sys.stat = d_stat;
    world->sys.fstat = d_fstat;
    world->sys.rename = d_rename;
    world->sys.rename_new = d_rename_new;
    world->sys.unlink = d_unlink;
    world->sys.mkdir = d_mkdir;
    world->sys.list = d_list;
    world->heap = heap_new(HEAP_BYTES);
    world->disk = disk_new(world->heap, FD_BASE);
    riv__lock_init(&world->lock);
}

void disk_sys_fini(struct disk_sys *world)
{
    riv__lock_fini(&world->lock);
    heap_free(world->heap);
}
