/* sys/file.c - what callers do with files: whole writes, whole reads, sorted
 * folders, with errors that name call, path and reason. Knows only the table,
 * so it works on any world. */
#include "sys/file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 64 * 1024, LIST_BYTES_MAX = 256 * 1024 * 1024 };

static int fail(struct riv_err *err, int64_t rc, const char *call,
                const char *path)
{
    return riv__err_sys(err, (int)-rc, call, path);
}

/* Opening may take time: a pipe's other end is waited for. */
int riv__file_open_plain(struct riv_sys *sys, const char *path, unsigned flags)
{
    int fd = -EINTR;
    while (fd == -EINTR)
        fd = sys->open(sys, path, flags);
    return fd;
}

int riv__file_open(struct riv_sys *sys, const char *path, unsigned flags,
                   int *ret_fd, struct riv_err *err)
{
    int fd = riv__file_open_plain(sys, path, flags);
    if (fd < 0)
        return fail(err, fd, "open", path);
    *ret_fd = fd;
    return 0;
}

static int wait_writable(struct riv_sys *sys, int fd)
{
    struct riv_pollfd out = { .fd = fd, .events = RIV__POLL_OUT };
    return sys->poll(sys, &out, 1, NULL, INT64_MAX);
}

int riv__file_write(struct riv_sys *sys, int fd, const void *p, size_t n,
                    const char *path, struct riv_err *err)
{
    const char *at = p;
    while (n > 0) {
        int64_t rc = sys->write(sys, fd, at, n);
        if (rc == -EAGAIN)
            rc = wait_writable(sys, fd) < 0 ? -EAGAIN : -EINTR;
        if (rc == -EINTR)
            continue;
        if (rc < 0)
            return fail(err, rc, "write", path);
        if (rc == 0) /* would go on for ever */
            return fail(err, -EIO, "write", path);
        at += rc;
        n -= (size_t)rc;
    }
    return 0;
}

static int64_t read_some(struct riv_sys *sys, int fd, void *p, size_t n)
{
    int64_t rc = -EINTR;
    while (rc == -EINTR)
        rc = sys->read(sys, fd, p, n);
    return rc;
}

/* Reads on into buf; at its maximum one byte more tells whether the file ends
 * there. 0 at the end, 1 when there may be more. */
static int read_more(struct riv_sys *sys, int fd, const char *path,
                     struct riv_buf *buf, struct riv_err *err)
{
    char probe;
    size_t left = buf->max - buf->n, n = RIV__MIN(left, READ_BYTES);
    char *dst = left > 0 ? riv__buf_room(buf, n) : &probe;
    if (!dst)
        return riv__err_set(err, RIV_ENOMEM, "read %s: out of memory", path);
    int64_t rc = read_some(sys, fd, dst, left > 0 ? n : 1);
    if (rc < 0)
        return fail(err, rc, "read", path);
    if (rc == 0)
        return 0;
    if (left == 0)
        return riv__err_set(err, RIV_EINVAL,
                            "read %s: longer than the %zu bytes allowed", path,
                            buf->max);
    buf->n += (size_t)rc;
    return 1;
}

int riv__file_read_all(struct riv_sys *sys, const char *path,
                       struct riv_buf *buf, struct riv_err *err)
{
    int fd = -1, rc = 1;
    riv__buf_reset(buf);
    RIV__TRY(riv__file_open(sys, path, RIV__OPEN_READ, &fd, err));
    while (rc > 0)
        rc = read_more(sys, fd, path, buf, err);
    sys->close(sys, fd);
    return rc;
}

int64_t riv__file_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                        uint64_t at, const char *path, struct riv_err *err)
{
    size_t got = 0;
    while (got < n) {
        int64_t rc = sys->pread(sys, fd, (char *)p + got, n - got, at + got);
        if (rc == -EINTR)
            continue;
        if (rc < 0)
            return fail(err, rc, "read", path);
        if (rc == 0)
            break;
        got += (size_t)rc;
    }
    return (int64_t)got;
}

/* Names with their NULs, one after the other. */
struct names {
    struct riv_buf text;
    size_t n;
};

static int add_name(void *arg, const char *name)
{
    struct names *names = arg;
    riv__buf_add(&names->text, name, strlen(name) + 1);
    names->n++;
    return names->text.failed;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Pointers and names in one allocation; NULL: no memory. */
static char **names_sorted(const struct names *names)
{
    size_t head = (names->n + 1) * sizeof(char *);
    char **list = malloc(head + names->text.n);
    if (!list)
        return NULL;
    char *at = (char *)list + head;
    if (names->text.n > 0)
        memcpy(at, names->text.p, names->text.n);
    for (size_t i = 0; i < names->n; i++) {
        list[i] = at;
        at += strlen(at) + 1;
    }
    list[names->n] = NULL;
    qsort(list, names->n, sizeof *list, by_bytes);
    return list;
}

int riv__file_list(struct riv_sys *sys, const char *path, char ***ret,
                   size_t *ret_n, struct riv_err *err)
{
    struct names names = { .n = 0 };
    riv__buf_init(&names.text, LIST_BYTES_MAX);
    int rc = sys->list(sys, path, add_name, &names);
    char **list = rc == 0 ? names_sorted(&names) : NULL;
    bool full = names.text.failed || (rc == 0 && !list);
    riv__buf_fini(&names.text);
    if (full)
        return riv__err_set(err, RIV_ENOMEM, "list %s: out of memory", path);
    if (rc < 0)
        return fail(err, rc, "list", path);
    *ret = list;
    *ret_n = names.n;
    return 0;
}

bool riv__file_exists(struct riv_sys *sys, const char *path)
{
    struct riv_stat st;
    return sys->stat(sys, path, &st) >= 0;
}

/* An existing folder is fine, whatever the system says first: EEXIST, EROFS,
 * EACCES. A file of that name is not. */
static int make_one(struct riv_sys *sys, const char *path)
{
    struct riv_stat st;
    int rc = sys->mkdir(sys, path, RIV__MODE_PUBLIC);
    if (rc >= 0)
        return 0;
    const int seen = sys->stat(sys, path, &st);
    if (seen < 0)
        return rc == -EEXIST ? seen : rc; /* what is there cannot be seen */
    return st.kind == RIV__IS_DIR ? 0 : -ENOTDIR;
}

int riv__file_mkdirs(struct riv_sys *sys, const char *path, struct riv_err *err)
{
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof part)
        return fail(err, n ? -ENAMETOOLONG : -ENOENT, "mkdir", path);
    for (size_t i = 1; i <= n; i++) {
        if (i < n && path[i] != '/')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        int rc = make_one(sys, part);
        if (rc < 0)
            return fail(err, rc, "mkdir", part);
    }
    return 0;
}

/* 0 or a negative errno; a file system that cannot sync folders says EINVAL. */
static int sync_one(struct riv_sys *sys, const char *path)
{
    int fd = riv__file_open_plain(sys, path, RIV__OPEN_READ);
    if (fd < 0)
        return fd;
    int rc = sys->sync(sys, fd);
    sys->close(sys, fd);
    return rc == -EINVAL ? 0 : rc;
}

int riv__file_sync_folder(struct riv_sys *sys, const char *path,
                          struct riv_err *err)
{
    int rc = sync_one(sys, path);
    return rc < 0 ? fail(err, rc, "sync", path) : 0;
}

int riv__file_sync_way(struct riv_sys *sys, const char *path,
                       struct riv_err *err)
{
    char part[PATH_MAX];
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    if (n >= sizeof part)
        return fail(err, -ENAMETOOLONG, "sync", path);
    memcpy(part, path, n);
    for (part[n] = '\0'; n > 0; part[n] = '\0') {
        while (n > 0 && part[n - 1] != '/')
            n--;
        part[n] = '\0';
        const char *folder = n > 0 ? part : ".";
        int rc = sync_one(sys, folder);
        if (rc < 0 && rc != -EACCES && rc != -EPERM)
            return fail(err, rc, "sync", folder);
        while (n > 0 && part[n - 1] == '/')
            n--;
    }
    return 0;
}
