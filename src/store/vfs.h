/* store/vfs.h - SQLite's files through struct riv_sys: what a test does to the
 * table's files happens to the journal too, and the errno that SQLite would
 * drop is kept for the message. Version 1 of the interface: without shared
 * memory, so WAL works with locking_mode=EXCLUSIVE only. One per journal,
 * registered under a name of its own, never the default. @thread owner. */
#ifndef RIV_STORE_VFS_H
#define RIV_STORE_VFS_H

#include <sqlite3.h>

#include "sys/sys.h"

struct riv_rest;

enum { RIV__VFS_PATH_MAX = 512, RIV__VFS_NAME_MAX = 32 };

/* Beside batches the database is synced after so many bytes written: one sync of
 * a whole log cannot pause, and lasts longer than it is from batch to batch. */
enum { RIV__VFS_SYNC_BYTES = 2 << 20 };

/* Which of its files; there are no others: temporary ones stay in memory. */
enum riv_vfs_kind {
    RIV__VFS_DB,
    RIV__VFS_WAL,
    RIV__VFS_ROLLBACK, /* only while a new database becomes a WAL one */
    RIV__VFS_KINDS,
};

struct riv_vfs {
    sqlite3_vfs base; /* first: SQLite hands it back */
    struct riv_sys *sys;
    char name[RIV__VFS_NAME_MAX];
    bool is_read_only;              /* set before opening */
    uint64_t bytes[RIV__VFS_KINDS]; /* length of each file */
    uint64_t wal_bytes_max;         /* the WAL does not grow beyond it, as if
                                        the disk were full; 0: no limit */
    struct riv_rest *rest; /* before reads, writes and syncs; NULL: none */
    uint64_t unsynced;     /* bytes of the database since its last sync */
    struct riv_vfs_fault {
        int sysno; /* positive; 0: nothing has failed */
        const char *call;
        char path[RIV__VFS_PATH_MAX];
    } fault; /* the last one */
};

/* Registers it. RIV_ENOMEM when SQLite cannot. */
int riv__vfs_init(struct riv_vfs *vfs, struct riv_sys *sys, struct riv_err *err)
    RIV__MUST_USE;
/* All its files are closed. One that was never initialised is fine. */
void riv__vfs_fini(struct riv_vfs *vfs);

#endif
