/* store/vfs_test.c - SQLite's system is the table's: its time, its randomness,
 * its files; and nobody else gets it by chance. */
#include "store/vfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "store/rest.h"
#include "sys/clock.h"

static struct riv_err err;

RIV_TEST(each_has_a_name_of_its_own_and_none_is_the_default)
{
    struct riv_vfs a, b;
    sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
    assert_int_equal(riv__vfs_init(&a, riv__sys_real(), &err), 0);
    assert_int_equal(riv__vfs_init(&b, riv__sys_real(), &err), 0);
    assert_string_not_equal(a.name, b.name);
    assert_ptr_equal(sqlite3_vfs_find(a.name), &a.base);
    assert_ptr_equal(sqlite3_vfs_find(NULL), usual);
    riv__vfs_fini(&a);
    riv__vfs_fini(&b);
    riv__vfs_fini(&b);
    assert_null(sqlite3_vfs_find(a.name));
}

static int same_bytes(struct riv_sys *sys, void *p, size_t n)
{
    (void)sys;
    memset(p, 7, n);
    return 0;
}

static int no_bytes(struct riv_sys *sys, void *p, size_t n)
{
    (void)sys, (void)p, (void)n;
    return -EIO;
}

RIV_TEST(time_and_randomness_are_the_tables)
{
    struct riv_manual_clock clock;
    struct riv_vfs vfs;
    char bytes[4] = { 0 };
    double days = 0;
    riv__manual_clock_init(&clock, riv__sys_real(), 0);
    clock.sys.random = same_bytes;
    assert_int_equal(riv__vfs_init(&vfs, &clock.sys, &err), 0);
    assert_int_equal(vfs.base.xRandomness(&vfs.base, 4, bytes), 4);
    assert_memory_equal(bytes, "\7\7\7\7", 4);
    clock.sys.random = no_bytes;
    assert_int_equal(vfs.base.xRandomness(&vfs.base, 4, bytes), 0);
    assert_int_equal(vfs.base.xCurrentTime(&vfs.base, &days), SQLITE_OK);
    assert_true(days == 2440587.5); /* the first day of 1970 */
    riv__manual_clock_advance(&clock, 43200000);
    assert_int_equal(vfs.base.xCurrentTime(&vfs.base, &days), SQLITE_OK);
    assert_true(days == 2440588.0);
    assert_int_equal(vfs.base.xSleep(&vfs.base, 1000000), 1000000);
    riv__vfs_fini(&vfs);
}

static char dir[64], path[128];

static int make(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "%s", "/tmp/riv-vfs-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/a.db", dir);
    return 0;
}

static int drop(void **state)
{
    struct riv_sys *sys = riv__sys_real();
    char wal[160];
    (void)state;
    snprintf(wal, sizeof wal, "%s-wal", path);
    sys->unlink(sys, path);
    sys->unlink(sys, wal);
    return remove(dir);
}

static int run(struct riv_vfs *vfs, int flags, const char *sql)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, vfs->name);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return rc;
}

enum { MAKE = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE };

RIV_TEST(a_database_works_by_wal_only_in_exclusive_mode)
{
    struct riv_vfs vfs;
    assert_int_equal(riv__vfs_init(&vfs, riv__sys_real(), &err), 0);
    assert_int_equal(run(&vfs, MAKE,
                         "PRAGMA locking_mode = EXCLUSIVE;"
                         "PRAGMA journal_mode = WAL; CREATE TABLE t (a);"
                         "INSERT INTO t VALUES (1)"),
                     SQLITE_OK);
    assert_int_equal(run(&vfs, SQLITE_OPEN_READWRITE, "SELECT * FROM t"),
                     SQLITE_CANTOPEN);
    assert_int_equal(run(&vfs, SQLITE_OPEN_READWRITE,
                         "PRAGMA locking_mode = EXCLUSIVE;"
                         "INSERT INTO t VALUES (2)"),
                     SQLITE_OK);
    riv__vfs_fini(&vfs);
}

/* There would be files that nobody looks after. */
RIV_TEST(temporary_and_other_files_are_refused)
{
    struct riv_vfs vfs;
    assert_int_equal(riv__vfs_init(&vfs, riv__sys_real(), &err), 0);
    assert_int_equal(run(&vfs, MAKE,
                         "PRAGMA temp_store = FILE;"
                         "PRAGMA cache_size = 1;"
                         "CREATE TEMP TABLE t AS WITH RECURSIVE n(i) AS "
                         "(SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 99999)"
                         "SELECT i, hex(randomblob(99)) FROM n"),
                     SQLITE_CANTOPEN);
    riv__vfs_fini(&vfs);
}

RIV_TEST(what_only_reads_writes_nothing)
{
    struct riv_vfs vfs;
    assert_int_equal(riv__vfs_init(&vfs, riv__sys_real(), &err), 0);
    assert_int_equal(run(&vfs, MAKE, "CREATE TABLE t (a)"), SQLITE_OK);
    vfs.is_read_only = true;
    assert_int_equal(run(&vfs, SQLITE_OPEN_READONLY, "SELECT * FROM t"),
                     SQLITE_OK);
    assert_int_not_equal(
        run(&vfs, SQLITE_OPEN_READWRITE, "INSERT INTO t VALUES (1)"),
        SQLITE_OK);
    vfs.is_read_only = false;
    assert_int_equal(
        run(&vfs, SQLITE_OPEN_READWRITE, "SELECT 1 / (count(*) = 0) FROM t"),
        SQLITE_OK);
    riv__vfs_fini(&vfs);
}

static int64_t no_room(struct riv_sys *sys, int fd, const void *p, size_t n,
                       uint64_t at)
{
    (void)sys, (void)fd, (void)p, (void)n, (void)at;
    return -EDQUOT;
}

RIV_TEST(the_errno_that_sqlite_drops_is_kept)
{
    struct riv_vfs vfs;
    struct riv_sys sys = *riv__sys_real();
    assert_int_equal(riv__vfs_init(&vfs, &sys, &err), 0);
    sys.pwrite = no_room;
    assert_int_equal(run(&vfs, MAKE, "CREATE TABLE t (a)"), SQLITE_FULL);
    assert_int_equal(vfs.fault.sysno, EDQUOT);
    assert_string_equal(vfs.fault.call, "write");
    assert_non_null(strstr(vfs.fault.path, "/a.db"));
    assert_int_equal(vfs.base.xGetLastError(&vfs.base, 0, NULL), EDQUOT);
    riv__vfs_fini(&vfs);
}

/* ---------------------------------------------- beside a batch */

/* What the calls of a system that is watched were like. */
static struct beside {
    struct riv_rest rest;
    const struct riv_vfs *vfs;
    unsigned reads, writes, syncs, hasty; /* hasty: did not rest before it */
    unsigned fails_at;                    /* the sync that fails; 0: none */
    uint64_t unsynced;                    /* the most of the database */
} beside;

/* Before each call the rest that is left must have been taken. */
static void look(unsigned *count)
{
    *count += 1;
    beside.hasty += beside.rest.left_ns > 0;
    beside.rest.left_ns = 1;
    if (beside.vfs->unsynced > beside.unsynced)
        beside.unsynced = beside.vfs->unsynced;
}

static int64_t read_beside(struct riv_sys *sys, int fd, void *p, size_t n,
                           uint64_t at)
{
    (void)sys;
    look(&beside.reads);
    return riv__sys_real()->pread(riv__sys_real(), fd, p, n, at);
}

static int64_t write_beside(struct riv_sys *sys, int fd, const void *p,
                            size_t n, uint64_t at)
{
    (void)sys;
    look(&beside.writes);
    return riv__sys_real()->pwrite(riv__sys_real(), fd, p, n, at);
}

static int sync_beside(struct riv_sys *sys, int fd)
{
    (void)sys;
    look(&beside.syncs);
    if (beside.syncs == beside.fails_at)
        return -EIO;
    return riv__sys_real()->datasync(riv__sys_real(), fd);
}

/* A database of 8 MiB is written and moved out of its log while a batch is at
 * work that does not end. Returns SQLite's answer. */
static int move_beside(unsigned fails_at, bool rests)
{
    struct riv_sys sys = *riv__sys_real();
    struct riv_vfs vfs;
    beside = (struct beside){ .vfs = &vfs, .fails_at = fails_at };
    sys.pread = read_beside;
    sys.pwrite = write_beside;
    sys.datasync = sync_beside;
    assert_int_equal(riv__vfs_init(&vfs, &sys, &err), 0);
    riv__rest_init(&beside.rest, riv__sys_real());
    (void)riv__rest_work(&beside.rest, true);
    beside.rest.left_ns = 1;
    vfs.rest = rests ? &beside.rest : NULL;
    const int rc = run(&vfs, MAKE,
                       "PRAGMA locking_mode = EXCLUSIVE;"
                       "PRAGMA journal_mode = WAL;"
                       "PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a);"
                       "INSERT INTO t VALUES (zeroblob(8388608));"
                       "PRAGMA wal_checkpoint(TRUNCATE)");
    riv__rest_fini(&beside.rest);
    riv__vfs_fini(&vfs);
    return rc;
}

RIV_TEST(before_each_read_write_and_sync_it_waits_for_the_batch)
{
    assert_int_equal(move_beside(0, true), SQLITE_OK);
    assert_true(beside.reads > 0 && beside.writes > 0 && beside.syncs > 0);
    assert_int_equal(beside.hasty, 0);
}

RIV_TEST(beside_batches_the_database_is_synced_part_by_part)
{
    assert_int_equal(move_beside(0, false), SQLITE_OK);
    const unsigned usual = beside.syncs;
    assert_int_equal(drop(NULL), 0);
    assert_int_equal(make(NULL), 0);
    assert_int_equal(move_beside(0, true), SQLITE_OK);
    assert_int_equal(beside.syncs, usual + 8388608 / RIV__VFS_SYNC_BYTES);
    assert_true(beside.unsynced <= RIV__VFS_SYNC_BYTES);
}

/* Each sync of a part counts as much as the last one. */
RIV_TEST(when_the_sync_of_a_part_fails_the_move_has_failed)
{
    assert_int_equal(move_beside(0, true), SQLITE_OK);
    const unsigned syncs = beside.syncs;
    for (unsigned i = 1; i <= syncs; i++) {
        assert_int_equal(drop(NULL), 0);
        assert_int_equal(make(NULL), 0);
        assert_int_not_equal(move_beside(i, true), SQLITE_OK);
    }
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(each_has_a_name_of_its_own_and_none_is_the_default),
        RIV_CASE(time_and_randomness_are_the_tables),
        IN_DIR(a_database_works_by_wal_only_in_exclusive_mode),
        IN_DIR(temporary_and_other_files_are_refused),
        IN_DIR(what_only_reads_writes_nothing),
        IN_DIR(the_errno_that_sqlite_drops_is_kept),
        IN_DIR(before_each_read_write_and_sync_it_waits_for_the_batch),
        IN_DIR(beside_batches_the_database_is_synced_part_by_part),
        IN_DIR(when_the_sync_of_a_part_fails_the_move_has_failed),
    };
    return RIV_RUN(tests);
}
