/* store/room.c - how much the journal has on the disk, and how much more there is
 * room for: what is free, and what disk.limit leaves. */
#include "store/inside.h"

enum {
    WAL_HEAD = 32, /* SQLite's, both */
    WAL_FRAME_HEAD = 24,
    SPARE_BYTES = 1 << 20, /* of disk.limit, for what must go through */
};

uint64_t riv__journal_wal_end(const struct riv_journal *journal)
{
    const struct riv_db *db = &journal->db;
    return WAL_HEAD + db->wal_bytes +
           db->wal_bytes / db->page_bytes * WAL_FRAME_HEAD;
}

bool riv__journal_is_full(const struct riv_journal *journal)
{
    return journal->db.is_full;
}

uint64_t riv__journal_bytes(struct riv_journal *journal)
{
    const uint64_t *bytes = journal->db.vfs.bytes;
    return bytes[RIV__VFS_DB] + bytes[RIV__VFS_WAL] + RIV__HEAD_BYTES +
           journal->ballast_bytes;
}

static uint64_t above(uint64_t a, uint64_t b)
{
    return a - RIV__MIN(a, b);
}

/* 0 where SQLite does not say: then there seems to be less room. */
static uint64_t pages(struct riv_journal *journal, enum riv_sql sql)
{
    sqlite3_stmt *stmt;
    int64_t n = 0;
    if (riv__db_sql(&journal->db, sql, &stmt, NULL) < 0 ||
        riv__db_numbers(&journal->db, stmt, &n, 1, NULL) < 0)
        return 0;
    return (uint64_t)n * journal->db.page_bytes;
}

/* How many bytes rows may have when the files may grow by `free`. They go into
 * the WAL, what of it is free first, and from there into the database one day,
 * its free pages first; what is there already has to go there as well. */
static uint64_t room_in(struct riv_journal *journal, uint64_t free)
{
    const uint64_t *bytes = journal->db.vfs.bytes;
    const uint64_t in_wal =
        above(bytes[RIV__VFS_WAL], riv__journal_wal_end(journal));
    const uint64_t in_db = pages(journal, RIV__SQL_FREE_PAGES);
    free = above(
        free, above(pages(journal, RIV__SQL_PAGE_COUNT), bytes[RIV__VFS_DB]));
    const uint64_t one = free + RIV__MIN(in_wal, in_db);
    return RIV__MIN(one, (free + in_wal + in_db) / 2);
}

uint64_t riv__journal_room(struct riv_journal *journal)
{
    struct riv_space space;
    struct riv_sys *sys = journal->sys;
    uint64_t room = UINT64_MAX;
    if (journal->db.final || journal->db.in_transaction)
        return 0;
    if (sys->space(sys, journal->place.dir, &space) >= 0)
        room = room_in(journal, space.free_bytes);
    return journal->disk_bytes_max > 0 ? RIV__MIN(room, journal->limit_room)
                                       : room;
}

void riv__journal_set_limit(struct riv_journal *journal)
{
    const uint64_t max = journal->disk_bytes_max;
    if (max == 0 || journal->db.final)
        return;
    journal->limit_room =
        room_in(journal, above(max, riv__journal_bytes(journal) + SPARE_BYTES));
}

void riv__journal_use_spare(struct riv_journal *journal)
{
    struct riv_vfs *vfs = &journal->db.vfs;
    if (journal->disk_bytes_max == 0)
        return;
    vfs->wal_bytes_max = RIV__MAX(
        vfs->wal_bytes_max, RIV__MAX(vfs->bytes[RIV__VFS_WAL], SPARE_BYTES));
}

/* Some file systems free the space when the folder is synced. */
int riv__journal_give_ballast(struct riv_journal *journal, struct riv_err *err)
{
    RIV__TRY(riv__place_unlink(&journal->place, RIV__PLACE_BALLAST, err));
    RIV__TRY(riv__place_sync(&journal->place, err));
    journal->ballast_bytes = 0;
    riv__journal_set_limit(journal);
    return 0;
}
