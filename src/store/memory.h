/* store/memory.h - a world whose files are in memory, for the tests that open a
 * journal some ten thousand times: eight files by their last name, no folders,
 * no rights, locks that hold. Tests only. */
#ifndef RIV_STORE_MEMORY_H
#define RIV_STORE_MEMORY_H

#include <errno.h>
#include <string.h>

#include "sys/sys.h"

enum { MEMORY_FILES = 8, MEMORY_FILE_BYTES = 64 << 10, MEMORY_FDS = 32 };

struct memory_file {
    char name[32]; /* "": free */
    size_t bytes;
    unsigned char p[MEMORY_FILE_BYTES];
};

struct memory {
    struct riv_sys sys; /* give &memory->sys */
    struct memory_file file[MEMORY_FILES];
    int fd[MEMORY_FDS]; /* file + 1; -1: the folder; 0: free */
    uint64_t seed;
    int open_count;
};

static struct memory *memory_of(struct riv_sys *sys)
{
    return sys->self;
}

static const char *memory_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static struct memory_file *memory_find(struct memory *memory, const char *path)
{
    for (int i = 0; i < MEMORY_FILES; i++)
        if (memory->file[i].name[0] &&
            strcmp(memory->file[i].name, memory_name(path)) == 0)
            return &memory->file[i];
    return NULL;
}

static struct memory_file *memory_make(struct memory *memory, const char *path)
{
    for (int i = 0; i < MEMORY_FILES; i++) {
        struct memory_file *file = &memory->file[i];
        if (file->name[0])
            continue;
        strncpy(file->name, memory_name(path), sizeof file->name - 1);
        file->bytes = 0;
        return file;
    }
    return NULL;
}

static bool memory_is_folder(const char *path)
{
    return strcmp(memory_name(path), "state") == 0 ||
           strchr(path, '/') == NULL || path[1] == '\0';
}

static int memory_open(struct riv_sys *sys, const char *path, unsigned flags)
{
    struct memory *memory = memory_of(sys);
    struct memory_file *file = memory_find(memory, path);
    int fd = 1;
    while (fd < MEMORY_FDS && memory->fd[fd])
        fd++;
    if (fd == MEMORY_FDS)
        return -EMFILE;
    if (memory_is_folder(path)) {
        memory->fd[fd] = -1;
        memory->open_count++;
        return fd;
    }
    if (file && (flags & RIV__OPEN_EXCL))
        return -EEXIST;
    if (!file && !(flags & RIV__OPEN_CREATE))
        return -ENOENT;
    file = file ? file : memory_make(memory, path);
    if (!file)
        return -ENOSPC;
    if (flags & RIV__OPEN_TRUNC)
        file->bytes = 0;
    memory->fd[fd] = (int)(file - memory->file) + 1;
    memory->open_count++;
    return fd;
}

static int memory_close(struct riv_sys *sys, int fd)
{
    struct memory *memory = memory_of(sys);
    memory->fd[fd] = 0;
    memory->open_count--;
    return 0;
}

static struct memory_file *memory_at(struct riv_sys *sys, int fd)
{
    return &memory_of(sys)->file[memory_of(sys)->fd[fd] - 1];
}

static int64_t memory_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                            uint64_t at)
{
    struct memory_file *file = memory_at(sys, fd);
    if (at >= file->bytes)
        return 0;
    n = RIV__MIN(n, file->bytes - at);
    memcpy(p, file->p + at, n);
    return (int64_t)n;
}

static int64_t memory_pwrite(struct riv_sys *sys, int fd, const void *p,
                             size_t n, uint64_t at)
{
    struct memory_file *file = memory_at(sys, fd);
    if (at + n > MEMORY_FILE_BYTES)
        return -ENOSPC;
    if (at > file->bytes)
        memset(file->p + file->bytes, 0, at - file->bytes);
    memcpy(file->p + at, p, n);
    file->bytes = RIV__MAX(file->bytes, at + n);
    return (int64_t)n;
}

static int64_t memory_write(struct riv_sys *sys, int fd, const void *p,
                            size_t n)
{
    return memory_pwrite(sys, fd, p, n, memory_at(sys, fd)->bytes);
}

static int memory_truncate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    struct memory_file *file = memory_at(sys, fd);
    if (bytes > MEMORY_FILE_BYTES)
        return -ENOSPC;
    if (bytes > file->bytes)
        memset(file->p + file->bytes, 0, bytes - file->bytes);
    file->bytes = bytes;
    return 0;
}

/* The ballast is larger than anything here. */
static int memory_allocate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    (void)sys, (void)fd, (void)bytes;
    return 0;
}

static int memory_sync(struct riv_sys *sys, int fd)
{
    (void)sys, (void)fd;
    return 0;
}

static int memory_lock(struct riv_sys *sys, int fd, uint64_t at, uint64_t n)
{
    struct memory *memory = memory_of(sys);
    (void)at, (void)n;
    for (int i = 1; i < MEMORY_FDS; i++)
        if (i != fd && memory->fd[i] == memory->fd[fd])
            return -EAGAIN;
    return 0;
}

static int memory_stat(struct riv_sys *sys, const char *path,
                       struct riv_stat *ret)
{
    struct memory_file *file = memory_find(memory_of(sys), path);
    *ret = (struct riv_stat){ .is_own = true, .mode = 0600 };
    if (memory_is_folder(path)) {
        ret->kind = RIV__IS_DIR;
        return 0;
    }
    if (!file)
        return -ENOENT;
    ret->kind = RIV__IS_FILE;
    ret->bytes = file->bytes;
    return 0;
}

static int memory_fstat(struct riv_sys *sys, int fd, struct riv_stat *ret)
{
    *ret = (struct riv_stat){ .kind = RIV__IS_FILE,
                              .bytes = memory_at(sys, fd)->bytes };
    return 0;
}

static int memory_unlink(struct riv_sys *sys, const char *path)
{
    struct memory_file *file = memory_find(memory_of(sys), path);
    if (!file)
        return -ENOENT;
    file->name[0] = '\0';
    return 0;
}

static int memory_mkdir(struct riv_sys *sys, const char *path, unsigned mode)
{
    (void)sys, (void)path, (void)mode;
    return -EEXIST;
}

static int memory_space(struct riv_sys *sys, const char *path,
                        struct riv_space *ret)
{
    (void)sys, (void)path;
    *ret = (struct riv_space){ .free_bytes = UINT64_C(1) << 40,
                               .total_bytes = UINT64_C(1) << 41 };
    return 0;
}

static int memory_random(struct riv_sys *sys, void *p, size_t n)
{
    struct memory *memory = memory_of(sys);
    for (size_t i = 0; i < n; i++) {
        memory->seed = memory->seed * UINT64_C(6364136223846793005) + 1;
        ((unsigned char *)p)[i] = (unsigned char)(memory->seed >> 56);
    }
    return 0;
}

/* The files of one world into another, as far as they are used. */
static void memory_copy(struct memory *to, const struct memory *from)
{
    for (int i = 0; i < MEMORY_FILES; i++) {
        struct memory_file *file = &to->file[i];
        memcpy(file->name, from->file[i].name, sizeof file->name);
        file->bytes = file->name[0] ? from->file[i].bytes : 0;
        memcpy(file->p, from->file[i].p, file->bytes);
    }
}

static bool memory_is_same(const struct memory *a, const struct memory *b)
{
    for (int i = 0; i < MEMORY_FILES; i++) {
        const struct memory_file *f = &a->file[i], *g = &b->file[i];
        if (strcmp(f->name, g->name) != 0)
            return false;
        if (f->name[0] &&
            (f->bytes != g->bytes || memcmp(f->p, g->p, f->bytes) != 0))
            return false;
    }
    return true;
}

static void memory_init(struct memory *memory)
{
    memory->sys = *riv__sys_real();
    memory->sys.self = memory;
    memory->sys.open = memory_open;
    memory->sys.close = memory_close;
    memory->sys.pread = memory_pread;
    memory->sys.write = memory_write;
    memory->sys.pwrite = memory_pwrite;
    memory->sys.truncate = memory_truncate;
    memory->sys.allocate = memory_allocate;
    memory->sys.sync = memory->sys.datasync = memory_sync;
    memory->sys.lock = memory_lock;
    memory->sys.stat = memory_stat;
    memory->sys.fstat = memory_fstat;
    memory->sys.unlink = memory_unlink;
    memory->sys.mkdir = memory_mkdir;
    memory->sys.space = memory_space;
    memory->sys.random = memory_random;
}

#endif
