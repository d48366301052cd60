/* connect/watch.h - finds new files in folders, each once by its name: what
 * source_dir.c is made of. Remembers the names that are in the folders now, no
 * others, so the memory is bounded by the folders themselves and by
 * RIV__WATCH_NAMES_MAX. One thread. */
#ifndef RIV_CONNECT_WATCH_H
#define RIV_CONNECT_WATCH_H

#include <stdatomic.h>

#include "connect/paths.h"
#include "sys/sys.h"

enum { RIV__WATCH_NAMES_MAX = 1000 * 1000 };

struct riv_seen;

struct riv_found {
    char *path;
    uint64_t bytes, device, inode;
    int64_t mtime_ns, birth_ns;
    uint64_t number; /* in the order they were read, from 1; for the journal */
};

struct riv_folder {
    char *path;
    struct riv_seen *seen; /* sorted by name */
    size_t n, cap;
    bool present; /* at this scan */
};

struct riv_watch {
    struct riv_sys *sys;
    const char *pattern; /* a folder or a pattern of folders; borrowed */
    bool take_old;       /* what is there at the first scan is new, too */
    bool scanned;        /* once at least */
    struct riv_folder *folder;
    size_t nfolder, folder_cap;
    size_t nnames;           /* remembered, in all folders */
    size_t check;            /* which taken file is looked at again next */
    uint64_t changed;        /* files that changed after they were taken */
    uint64_t unreadable;     /* at the last scan */
    struct riv_found *found; /* by the last scan; sorted by time and name */
    size_t nfound, found_cap;
    /* somebody keeps a list of what was read; set by the driver */
    atomic_bool tells_gone;
    struct riv_paths gone; /* names that were read or old, and left since the
                              last riv__watch_gone_reset */
};

void riv__watch_init(struct riv_watch *watch, struct riv_sys *sys,
                     const char *pattern, bool take_old);
void riv__watch_fini(struct riv_watch *watch);

/* Lists the folders. A file is found when two scans see it with the same size,
 * which is not 0, and the same time: one that is still being written waits.
 * Never: names that begin with a dot or end in .tmp, .part or ._COPYING_,
 * symbolic links, what is no regular file. The files are in watch->found until
 * the next scan, also after an error; their paths may be taken out.
 * RIV_ENOINPUT: no such folder; RIV_EINVAL: too many names. */
int riv__watch_scan(struct riv_watch *watch, struct riv_err *err) RIV__MUST_USE;

/* Before the first scan: a file that an earlier run has read, or found there
 * at its start; one of the same name that is another (by inode and birth) is new. Then
 * riv__watch_recalled. */
void riv__watch_forget(struct riv_watch *watch); /* as if never scanned */
int riv__watch_recall(struct riv_watch *watch, const char *path,
                      const struct riv_found *was, struct riv_err *err)
    RIV__MUST_USE;
void riv__watch_recalled(struct riv_watch *watch);

/* Calls `each` for every file that was there before the start. */
typedef void riv__watch_fn(void *arg, const char *path,
                           const struct riv_found *file);
int riv__watch_each_old(struct riv_watch *watch, riv__watch_fn *each, void *arg,
                        struct riv_err *err) RIV__MUST_USE;
void riv__watch_gone_reset(struct riv_watch *watch);

#endif
