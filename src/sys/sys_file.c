/* sys/sys_file.c - files and folders of the real world: each function is one
 * system call that returns a negative errno. Messages and retries are made in
 * file.c. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sys/real.h"

static int result(int rc)
{
    return rc < 0 ? -errno : rc;
}

static int64_t result_n(ssize_t n)
{
    return n < 0 ? -errno : n;
}

static int open_mode(unsigned flags)
{
    if ((flags & RIV__OPEN_READ) && (flags & RIV__OPEN_WRITE))
        return O_RDWR;
    if (flags & RIV__OPEN_WRITE)
        return O_WRONLY;
    return flags & RIV__OPEN_READ ? O_RDONLY : -1;
}

int riv__real_open(struct riv_sys *sys, const char *path, unsigned flags)
{
    static const struct {
        unsigned flag;
        int mode;
    } more[] = {
        { RIV__OPEN_CREATE, O_CREAT },      { RIV__OPEN_TRUNC, O_TRUNC },
        { RIV__OPEN_APPEND, O_APPEND },     { RIV__OPEN_EXCL, O_EXCL },
        { RIV__OPEN_NOFOLLOW, O_NOFOLLOW }, { RIV__OPEN_NONBLOCK, O_NONBLOCK },
    };
    int mode = open_mode(flags);
    mode_t permissions = flags & RIV__OPEN_PRIVATE ? 0600 : 0666;
    (void)sys;
    if (mode < 0)
        return -EINVAL;
    for (size_t i = 0; i < RIV__LEN(more); i++)
        if (flags & more[i].flag)
            mode |= more[i].mode;
    return result(open(path, mode | O_CLOEXEC | O_NOCTTY, permissions));
}

/* Linux has closed the descriptor also when it says EINTR. */
int riv__real_close(struct riv_sys *sys, int fd)
{
    (void)sys;
    int rc = result(close(fd));
    return rc == -EINTR ? 0 : rc;
}

int64_t riv__real_read(struct riv_sys *sys, int fd, void *p, size_t n)
{
    (void)sys;
    return result_n(read(fd, p, n));
}

int64_t riv__real_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                        uint64_t at)
{
    (void)sys;
    if (at > INT64_MAX)
        return -EINVAL;
    return result_n(pread(fd, p, n, (off_t)at));
}

int64_t riv__real_write(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    (void)sys;
    return result_n(write(fd, p, n));
}

int64_t riv__real_pwrite(struct riv_sys *sys, int fd, const void *p, size_t n,
                         uint64_t at)
{
    (void)sys;
    if (at > INT64_MAX)
        return -EFBIG;
    return result_n(pwrite(fd, p, n, (off_t)at));
}

int riv__real_truncate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    (void)sys;
    if (bytes > INT64_MAX)
        return -EFBIG;
    return result(ftruncate(fd, (off_t)bytes));
}

/* Not posix_fallocate, which where the file system cannot do it writes into
 * every block by itself. */
int riv__real_allocate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    (void)sys;
    if (bytes > INT64_MAX)
        return -EFBIG;
    return result(fallocate(fd, 0, 0, (off_t)bytes));
}

int riv__real_sync(struct riv_sys *sys, int fd)
{
    (void)sys;
    return result(fsync(fd));
}

int riv__real_datasync(struct riv_sys *sys, int fd)
{
    (void)sys;
    return result(fdatasync(fd));
}

/* A lock of the open file description, not of the process: it holds against
 * other descriptors of the same process, and is not lost when one of them is
 * closed. Processes that lock the old way (the sqlite3 shell) respect it. */
int riv__real_lock(struct riv_sys *sys, int fd, uint64_t at, uint64_t n)
{
    (void)sys;
    if (at > INT64_MAX || n > INT64_MAX - at)
        return -EINVAL;
    struct flock lock = {
        .l_type = F_WRLCK,
        .l_whence = SEEK_SET,
        .l_start = (off_t)at,
        .l_len = (off_t)n,
    };
    int rc = result(fcntl(fd, F_OFD_SETLK, &lock));
    return rc == -EACCES ? -EAGAIN : rc;
}

static int kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG: return RIV__IS_FILE;
    case S_IFDIR: return RIV__IS_DIR;
    case S_IFIFO: return RIV__IS_PIPE;
    case S_IFSOCK: return RIV__IS_SOCKET;
    case S_IFCHR: return RIV__IS_CHAR;
    default: return RIV__IS_OTHER;
    }
}

static int64_t ns_of(const struct statx_timestamp *time)
{
    return time->tv_sec * 1000000000 + time->tv_nsec;
}

/* statx, because it alone tells when a file was made. */
static int look(int fd, const char *path, int flags, struct riv_stat *ret)
{
    struct statx st;
    if (statx(fd, path, flags, STATX_BASIC_STATS | STATX_BTIME, &st) < 0)
        return -errno;
    *ret = (struct riv_stat){
        .kind = kind_of(st.stx_mode),
        .bytes = st.stx_size,
        .inode = st.stx_ino,
        .device = makedev(st.stx_dev_major, st.stx_dev_minor),
        .mtime_ns = ns_of(&st.stx_mtime),
        .birth_ns = st.stx_mask & STATX_BTIME ? ns_of(&st.stx_btime) : 0,
        .mode = st.stx_mode & 07777,
        .is_own = st.stx_uid == geteuid(),
    };
    return 0;
}

int riv__real_stat(struct riv_sys *sys, const char *path, struct riv_stat *ret)
{
    (void)sys;
    return look(AT_FDCWD, path, 0, ret);
}

int riv__real_fstat(struct riv_sys *sys, int fd, struct riv_stat *ret)
{
    (void)sys;
    return look(fd, "", AT_EMPTY_PATH, ret);
}

int riv__real_rename(struct riv_sys *sys, const char *from, const char *to)
{
    (void)sys;
    return result(rename(from, to));
}

/* File systems that cannot do it in one step (some FUSE, old NFS) get a link
 * and an unlink. */
int riv__real_rename_new(struct riv_sys *sys, const char *from, const char *to)
{
    (void)sys;
    int rc = result(renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE));
    if (rc != -EINVAL && rc != -ENOSYS)
        return rc;
    rc = result(link(from, to));
    return rc < 0 ? rc : result(unlink(from));
}

int riv__real_unlink(struct riv_sys *sys, const char *path)
{
    (void)sys;
    return result(unlink(path));
}

int riv__real_read_link(struct riv_sys *sys, const char *path, char *to,
                        size_t room)
{
    (void)sys;
    const ssize_t n = readlink(path, to, room);
    if (n < 0)
        return -errno;
    if ((size_t)n == room)
        return -ENAMETOOLONG;
    to[n] = '\0';
    return 0;
}

int riv__real_mkdir(struct riv_sys *sys, const char *path, unsigned mode)
{
    (void)sys;
    return result(mkdir(path, (mode_t)mode));
}

/* Of FUSE one cannot tell; it counts as local. The last four are not in the
 * kernel's header: 9P, Lustre, GFS2, BeeGFS. */
static bool is_remote(unsigned long type)
{
    static const unsigned long remote[] = {
        NFS_SUPER_MAGIC,   SMB_SUPER_MAGIC,  CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC,
        AFS_SUPER_MAGIC,   CODA_SUPER_MAGIC, NCP_SUPER_MAGIC,  CEPH_SUPER_MAGIC,
        OCFS2_SUPER_MAGIC, 0x01021997,       0x0bd00bd0,       0x01161970,
        0x19830326,
    };
    for (size_t i = 0; i < RIV__LEN(remote); i++)
        if ((uint32_t)type == remote[i])
            return true;
    return false;
}

int riv__real_space(struct riv_sys *sys, const char *path,
                    struct riv_space *ret)
{
    struct statfs fs;
    (void)sys;
    if (statfs(path, &fs) < 0)
        return -errno;
    uint64_t block_bytes = (uint64_t)fs.f_bsize;
    *ret = (struct riv_space){
        .free_bytes = (uint64_t)fs.f_bavail * block_bytes,
        .total_bytes = (uint64_t)fs.f_blocks * block_bytes,
        .is_remote = is_remote((unsigned long)fs.f_type),
    };
    return 0;
}

int riv__real_rmdir(struct riv_sys *sys, const char *path)
{
    (void)sys;
    return result(rmdir(path));
}

static bool is_self_or_parent(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* readdir tells its end from a fault only by errno. */
int riv__real_list(struct riv_sys *sys, const char *path, riv__list_fn *each,
                   void *arg)
{
    DIR *dir = opendir(path);
    int rc = 0;
    (void)sys;
    if (!dir)
        return -errno;
    while (rc == 0) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            rc = -errno;
            break;
        }
        if (!is_self_or_parent(entry->d_name))
            rc = each(arg, entry->d_name);
    }
    closedir(dir);
    return rc;
}
