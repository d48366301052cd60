/* support/disk.h - files in memory, twice: as every process sees them, and as
 * they are on the platter. What is written is on its way until a sync; a power
 * cut leaves any state that a real one could leave, torn writes and lost names
 * included. For the simulator and for unit tests (disk_sys.h makes a world of
 * it). One thread at a time; nothing here fails by chance: who wants faults
 * asks for them. Functions return 0 or more, or a negative errno, as those of
 * sys/sys.h do.
 *
 * The model is the strictest that POSIX allows: a file's sync makes its bytes
 * durable but not its name, a folder's sync the names in it but no bytes. After
 * a sync that failed the bytes can still be read, count as clean, and reach the
 * platter only if they are written once more, by whole pages: what Linux does
 * ("Can Applications Recover from fsync Failures?", USENIX ATC 2020). */
#ifndef RIV_SUPPORT_DISK_H
#define RIV_SUPPORT_DISK_H

#include "support/heap.h"
#include "support/rng.h"
#include "sys/sys.h"

enum { DISK_PAGE = 4096 };

struct disk;

/* fd_base: the number of the first descriptor. */
struct disk *disk_new(struct heap *heap, int fd_base);

/* The time of changes from now on, for mtime. */
void disk_clock(struct disk *disk, int64_t now_ns);
/* Pages that files may take in all; 0: no limit. More is -ENOSPC. */
void disk_limit(struct disk *disk, uint64_t pages);
/* Descriptors open at once; more is -EMFILE. */
void disk_limit_fds(struct disk *disk, int n);

int disk_open(struct disk *disk, const char *path, unsigned flags);
int disk_close(struct disk *disk, int fd);
int64_t disk_read(struct disk *disk, int fd, void *p, size_t n);
int64_t disk_pread(struct disk *disk, int fd, void *p, size_t n, uint64_t at);
int64_t disk_write(struct disk *disk, int fd, const void *p, size_t n);
int64_t disk_pwrite(struct disk *disk, int fd, const void *p, size_t n,
                    uint64_t at);
int disk_truncate(struct disk *disk, int fd, uint64_t bytes);
/* Longer, with pages of its own, if it was shorter. */
int disk_allocate(struct disk *disk, int fd, uint64_t bytes);
int disk_sync(struct disk *disk, int fd);
/* A sync that fails: any part of what was on its way has reached the platter,
 * the rest never will. Returns -EIO. */
int disk_sync_lose(struct disk *disk, int fd, struct rng *rng);
/* One that is under way: any part of it is done, all of it still is to do. */
int disk_sync_part(struct disk *disk, int fd, struct rng *rng);
int disk_stat(struct disk *disk, const char *path, struct riv_stat *ret);
int disk_fstat(struct disk *disk, int fd, struct riv_stat *ret);
int disk_rename(struct disk *disk, const char *from, const char *to);
int disk_rename_new(struct disk *disk, const char *from, const char *to);
int disk_unlink(struct disk *disk, const char *path);
int disk_mkdir(struct disk *disk, const char *path, unsigned mode);
int disk_list(struct disk *disk, const char *path, riv__list_fn *each,
              void *arg);
int disk_lock(struct disk *disk, int fd, uint64_t at, uint64_t n);
void disk_space(const struct disk *disk, struct riv_space *ret);

/* The process ended: descriptors and locks are gone, the files stay as they
 * were seen, and what was on its way still is. */
void disk_kill(struct disk *disk);

enum disk_cut {
    DISK_CUT_ALL,     /* everything had reached the platter */
    DISK_CUT_NOTHING, /* only what was synced */
    DISK_CUT_SIZES,   /* names and sizes, but no bytes */
    DISK_CUT_DATA,    /* bytes, but neither names nor sizes */
    DISK_CUT_PREFIX,  /* up to a moment, the last write torn */
    DISK_CUT_RANDOM,  /* any of it, any write torn at any byte */
    DISK_CUTS
};

/* The power went: disk_kill, and of what was on its way only some is there. */
void disk_cut(struct disk *disk, enum disk_cut how, struct rng *rng);
/* All that was on its way arrives. */
void disk_settle(struct disk *disk);
/* Or what is in a folder and below. */
void disk_settle_folder(struct disk *disk, const char *path);
/* Writes and steps on names that are on their way. */
size_t disk_pending(const struct disk *disk);

/* For tests: a file's bytes as processes see them, lent until the next change;
 * NULL: there is no such file. */
const char *disk_look(struct disk *disk, const char *path, size_t *ret_n);
/* Descriptors that have the file open. */
unsigned disk_opened(struct disk *disk, const char *path);
/* And of all files. */
unsigned disk_open_fds(const struct disk *disk);
/* What a test ties to a file, by its name and by a descriptor; NULL: nothing. */
void disk_tie(struct disk *disk, const char *path, void *tie);
void *disk_tied(struct disk *disk, int fd);
/* Writes a whole file, settled. */
void disk_put(struct disk *disk, const char *path, const void *p, size_t n);
/* Flips one bit of a file, on the platter too. */
void disk_rot(struct disk *disk, const char *path, uint64_t bit);
/* Equal for equal folders and files. */
uint64_t disk_hash(struct disk *disk);

#endif
