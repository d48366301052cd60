/* support/disk.c - descriptors and what they do to files. What files are made
 * of is disk_inode.c, the names are disk_name.c, the power cut disk_cut.c. */
#include <errno.h>
#include <string.h>

#include "support/disk_parts.h"

enum { FDS_MAX = 1024, PAGES_MANY = 1 << 30 };

struct disk *disk_new(struct heap *heap, int fd_base)
{
    struct disk *disk = heap_take(heap, sizeof *disk);
    disk->heap = heap;
    disk->fd_base = fd_base;
    disk->fds_max = FDS_MAX;
    disk_inode_new(disk, RIV__IS_DIR, 0755); /* the root, number 0 */
    disk_inode_ref(disk, 0);
    return disk;
}

void disk_clock(struct disk *disk, int64_t now_ns)
{
    disk->now_ns = now_ns;
}

void disk_limit(struct disk *disk, uint64_t pages)
{
    disk->pages_max = pages;
}

void disk_limit_fds(struct disk *disk, int n)
{
    disk->fds_max = RIV__MIN(n, FDS_MAX);
}

/* ------------------------------------------------------------ descriptors */

static struct disk_fd *fd_at(struct disk *disk, int fd)
{
    const int at = fd - disk->fd_base;
    if (at < 0 || (size_t)at >= disk->nfd || !disk->fd[at].open)
        return NULL;
    return &disk->fd[at];
}

static struct disk_inode *inode_of(struct disk *disk, const struct disk_fd *fd)
{
    return disk->inode[fd->inode];
}

static int fd_new(struct disk *disk, uint32_t inode, unsigned flags)
{
    size_t at = 0;
    while (at < disk->nfd && disk->fd[at].open)
        at++;
    if (at >= (size_t)disk->fds_max)
        return -EMFILE;
    if (at == disk->nfd) {
        HEAP_ROOM(disk->heap, disk->fd, disk->nfd, disk->fd_cap);
        disk->nfd++;
    }
    disk->fd[at] =
        (struct disk_fd){ .open = true, .inode = inode, .flags = flags };
    disk_inode_ref(disk, inode);
    disk->inode[inode]->opened++;
    return disk->fd_base + (int)at;
}

static int create(struct disk *disk, const struct disk_place *place,
                  unsigned flags)
{
    const unsigned mode = flags & RIV__OPEN_PRIVATE ? 0600 : 0644;
    const uint32_t inode = disk_inode_new(disk, RIV__IS_FILE, mode);
    disk_name_link(disk, place, inode);
    return (int)inode;
}

int disk_open(struct disk *disk, const char *path, unsigned flags)
{
    struct disk_place place;
    RIV__TRY(disk_name_find(disk, path, &place));
    if (!place.there && !(flags & RIV__OPEN_CREATE))
        return -ENOENT;
    if (place.there && (flags & RIV__OPEN_EXCL) && (flags & RIV__OPEN_CREATE))
        return -EEXIST;
    int number = place.there ? (int)place.inode : create(disk, &place, flags);
    struct disk_inode *inode = disk->inode[number];
    if (inode->kind == RIV__IS_DIR && (flags & RIV__OPEN_WRITE))
        return -EISDIR;
    int fd = fd_new(disk, (uint32_t)number, flags);
    if (fd >= 0 && (flags & RIV__OPEN_TRUNC))
        disk_inode_resize(disk, inode, 0);
    return fd;
}

int disk_close(struct disk *disk, int number)
{
    struct disk_fd *fd = fd_at(disk, number);
    if (!fd)
        return -EBADF;
    struct disk_inode *inode = inode_of(disk, fd);
    size_t kept = 0;
    for (size_t i = 0; i < inode->nlock; i++)
        if (inode->lock[i].fd != number)
            inode->lock[kept++] = inode->lock[i];
    inode->nlock = kept;
    fd->open = false;
    inode->opened--;
    disk_inode_unref(disk, fd->inode);
    return 0;
}

int disk_lock(struct disk *disk, int number, uint64_t at, uint64_t n)
{
    struct disk_fd *fd = fd_at(disk, number);
    if (!fd || !(fd->flags & RIV__OPEN_WRITE))
        return -EBADF;
    struct disk_inode *inode = inode_of(disk, fd);
    for (size_t i = 0; i < inode->nlock; i++) {
        const struct disk_lock *lock = &inode->lock[i];
        if (lock->fd != number && lock->at < at + n && at < lock->at + lock->n)
            return -EAGAIN;
    }
    HEAP_ROOM(disk->heap, inode->lock, inode->nlock, inode->lock_cap);
    inode->lock[inode->nlock++] = (struct disk_lock){ number, at, n };
    return 0;
}

/* -------------------------------------------------------- reading, writing */

int64_t disk_pread(struct disk *disk, int number, void *p, size_t n,
                   uint64_t at)
{
    struct disk_fd *fd = fd_at(disk, number);
    if (!fd || !(fd->flags & RIV__OPEN_READ))
        return -EBADF;
    const struct disk_inode *inode = inode_of(disk, fd);
    if (inode->kind == RIV__IS_DIR)
        return -EISDIR;
    if (at >= inode->now.n)
        return 0;
    n = RIV__MIN(n, inode->now.n - (size_t)at);
    disk_bytes_read(&inode->now, (size_t)at, p, n);
    return (int64_t)n;
}

int64_t disk_read(struct disk *disk, int number, void *p, size_t n)
{
    struct disk_fd *fd = fd_at(disk, number);
    int64_t got = disk_pread(disk, number, p, n, fd ? fd->pos : 0);
    if (got > 0)
        fd->pos += (uint64_t)got;
    return got;
}

int64_t disk_pwrite(struct disk *disk, int number, const void *p, size_t n,
                    uint64_t at)
{
    struct disk_fd *fd = fd_at(disk, number);
    if (!fd || !(fd->flags & RIV__OPEN_WRITE))
        return -EBADF;
    return disk_inode_write(disk, inode_of(disk, fd), p, n, at);
}

int64_t disk_write(struct disk *disk, int number, const void *p, size_t n)
{
    struct disk_fd *fd = fd_at(disk, number);
    if (!fd)
        return -EBADF;
    if (fd->flags & RIV__OPEN_APPEND)
        fd->pos = inode_of(disk, fd)->now.n;
    int64_t done = disk_pwrite(disk, number, p, n, fd->pos);
    if (done > 0)
        fd->pos += (uint64_t)done;
    return done;
}

int disk_truncate(struct disk *disk, int number, uint64_t bytes)
{
    struct disk_fd *fd = fd_at(disk, number);
    if (!fd || !(fd->flags & RIV__OPEN_WRITE))
        return -EBADF;
    return disk_inode_resize(disk, inode_of(disk, fd), bytes);
}

int disk_allocate(struct disk *disk, int number, uint64_t bytes)
{
    struct disk_fd *fd = fd_at(disk, number);
    if (!fd || !(fd->flags & RIV__OPEN_WRITE))
        return -EBADF;
    struct disk_inode *inode = inode_of(disk, fd);
    return bytes > inode->now.n ? disk_inode_resize(disk, inode, bytes) : 0;
}

int disk_sync(struct disk *disk, int number)
{
    struct disk_fd *fd = fd_at(disk, number);
    if (!fd)
        return -EBADF;
    struct disk_inode *inode = inode_of(disk, fd);
    if (inode->kind == RIV__IS_DIR)
        disk_name_sync(disk, fd->inode);
    else
        disk_inode_sync(disk, inode);
    return 0;
}

int disk_sync_lose(struct disk *disk, int number, struct rng *rng)
{
    struct disk_fd *fd = fd_at(disk, number);
    if (!fd)
        return -EBADF;
    struct disk_inode *inode = inode_of(disk, fd);
    if (inode->kind != RIV__IS_DIR)
        disk_inode_lose(disk, inode, rng);
    return -EIO;
}

int disk_sync_part(struct disk *disk, int number, struct rng *rng)
{
    struct disk_fd *fd = fd_at(disk, number);
    if (!fd)
        return -EBADF;
    struct disk_inode *inode = inode_of(disk, fd);
    if (inode->kind != RIV__IS_DIR)
        disk_inode_sync_part(disk, inode, rng);
    return 0;
}

int disk_fstat(struct disk *disk, int number, struct riv_stat *ret)
{
    struct disk_fd *fd = fd_at(disk, number);
    if (!fd)
        return -EBADF;
    disk_inode_stat(disk, fd->inode, ret);
    return 0;
}

int disk_stat(struct disk *disk, const char *path, struct riv_stat *ret)
{
    struct disk_place place;
    RIV__TRY(disk_name_find(disk, path, &place));
    if (!place.there)
        return -ENOENT;
    disk_inode_stat(disk, place.inode, ret);
    return 0;
}

void disk_space(const struct disk *disk, struct riv_space *ret)
{
    const uint64_t all = disk->pages_max ? disk->pages_max : PAGES_MANY;
    *ret = (struct riv_space){
        .free_bytes = (all - RIV__MIN(disk->pages, all)) * DISK_PAGE,
        .total_bytes = all * DISK_PAGE,
    };
}

void disk_kill(struct disk *disk)
{
    for (size_t i = 0; i < disk->nfd; i++)
        if (disk->fd[i].open)
            disk_close(disk, disk->fd_base + (int)i);
}

/* -------------------------------------------------------------- for tests */

static struct disk_inode *look(struct disk *disk, const char *path)
{
    struct disk_place place;
    if (disk_name_find(disk, path, &place) < 0 || !place.there)
        return NULL;
    return disk->inode[place.inode];
}

const char *disk_look(struct disk *disk, const char *path, size_t *ret_n)
{
    struct disk_inode *inode = look(disk, path);
    if (!inode)
        return NULL;
    disk_bytes_need(disk->heap, &inode->now, inode->now.n);
    *ret_n = inode->now.n;
    return inode->kind == RIV__IS_DIR ? NULL
           : inode->now.n > 0         ? inode->now.p
                                      : "";
}

unsigned disk_opened(struct disk *disk, const char *path)
{
    const struct disk_inode *inode = look(disk, path);
    return inode ? inode->opened : 0;
}

unsigned disk_open_fds(const struct disk *disk)
{
    unsigned n = 0;
    for (size_t i = 0; i < disk->nfd; i++)
        n += disk->fd[i].open;
    return n;
}

void disk_tie(struct disk *disk, const char *path, void *tie)
{
    struct disk_inode *inode = look(disk, path);
    if (inode)
        inode->tie = tie;
}

void *disk_tied(struct disk *disk, int fd)
{
    const struct disk_fd *self = fd_at(disk, fd);
    return self ? inode_of(disk, self)->tie : NULL;
}

void disk_put(struct disk *disk, const char *path, const void *p, size_t n)
{
    int fd = disk_open(disk, path,
                       RIV__OPEN_WRITE | RIV__OPEN_CREATE | RIV__OPEN_TRUNC);
    if (fd < 0 || disk_write(disk, fd, p, n) != (int64_t)n)
        __builtin_trap();
    disk_close(disk, fd);
    disk_settle(disk);
}

void disk_rot(struct disk *disk, const char *path, uint64_t bit)
{
    struct disk_inode *inode = look(disk, path);
    if (!inode)
        return;
    const char mask = (char)(1 << (bit % 8));
    disk_bytes_need(disk->heap, &inode->now, inode->now.n);
    disk_bytes_need(disk->heap, &inode->kept, inode->kept.n);
    if (bit / 8 < inode->now.n)
        inode->now.p[bit / 8] ^= mask;
    if (bit / 8 < inode->kept.n)
        inode->kept.p[bit / 8] ^= mask;
}
