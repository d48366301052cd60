/* store/open.c - the steps of opening. Each refuses what the steps after it
 * would repair in silence: the directory, the headers by hand, the schema, the
 * tip against the head mark, and only then does SQLite change a file. */
#include "store/open.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/point.h"
#include "store/look.h"
#include "store/schema.h"
#include "sys/file.h"

enum {
    BALLAST_BYTES = 16 << 20,
    LEFT_BYTES = 3 << 20, /* of disk.limit beside the ballast */
    ID_HEX = 2 * RIV__JOURNAL_ID_BYTES,
};

int riv__open_refuse(const char *dir, int rc, const struct riv_err *why,
                     struct riv_err *err)
{
    const char *way_out =
        rc == RIV_ECHECKPOINT
            ? "; put a backup there, or begin anew with "
              "-c state.fresh=yes, which sets the old files aside"
            : "";
    return riv__err_set(err, rc, "state directory %s: %s%s", dir, why->text,
                        way_out);
}

/* ---------------------------------------------------------- small values */

static void put_hex(char *text, const unsigned char *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[p[i] >> 4];
        text[2 * i + 1] = digits[p[i] & 15];
    }
}

static bool get_hex(unsigned char *p, size_t n, riv_str text)
{
    if (text.n != 2 * n)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                                : 16;
        if (digit > 15)
            return false;
        p[i / 2] = (unsigned char)(i % 2 ? p[i / 2] | digit : digit << 4);
    }
    return true;
}

static bool is_text(riv_str s, const char *text)
{
    return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

/* ------------------------------------------------------------ a new one */

static int put_meta(struct riv_db *db, const char *name, const char *value,
                    size_t n, struct riv_err *err)
{
    struct riv_cell cells[RIV__COLUMNS_MAX] = {
        { .s = { name, strlen(name) } },
        { .s = { value, n } },
    };
    return riv__ledger_set(db, RIV__META, cells, err);
}

static int put_metas(struct riv_journal *journal, const char *app,
                     struct riv_err *err)
{
    struct riv_sys *sys = journal->sys;
    struct riv_db *db = &journal->db;
    unsigned char id[RIV__JOURNAL_ID_BYTES], seed[8];
    char hex[ID_HEX], time[32];
    if (sys->random(sys, id, sizeof id) < 0 ||
        sys->random(sys, seed, sizeof seed) < 0)
        return riv__err_set(err, RIV_EIO, "no random bytes to be had");
    memcpy(journal->info.id, id, sizeof id);
    put_hex(hex, id, sizeof id);
    RIV__TRY(put_meta(db, "id", hex, sizeof hex, err));
    put_hex(hex, seed, sizeof seed);
    RIV__TRY(put_meta(db, "hash_seed", hex, 2 * sizeof seed, err));
    int n = snprintf(time, sizeof time, "%lld", (long long)sys->wall_ms(sys));
    RIV__TRY(put_meta(db, "created_ms", time, (size_t)n, err));
    return put_meta(db, "app", app, strlen(app), err);
}

/* A tip before the first commit, so that none is ever missing. */
static int put_first_tip(struct riv_db *db, struct riv_err *err)
{
    struct riv_cell cells[RIV__COLUMNS_MAX] = { { .i = 1 } };
    cells[4].i = 1; /* deltas_from */
    return riv__ledger_set(db, RIV__TIP, cells, err);
}

static int create_db(struct riv_journal *journal,
                     const struct riv_journal_spec *spec, struct riv_err *err)
{
    struct riv_db *db = &journal->db;
    struct riv_db_spec db_spec = {
        .place = &journal->place,
        .is_new = true,
        .page_bytes = spec->page_bytes,
        .wal_bytes_kept = journal->wal_bytes_max,
    };
    RIV__TRY(riv__db_open(db, &db_spec, err));
    RIV__TRY(riv__db_exec(db, "BEGIN EXCLUSIVE", err));
    RIV__TRY(riv__schema_create(db, RIV__JOURNAL_FORMAT, err));
    RIV__TRY(put_metas(journal, spec->app, err));
    RIV__TRY(put_first_tip(db, err));
    RIV__TRY(riv__db_commit(db, err));
    return riv__db_checkpoint(db, "TRUNCATE", err);
}

static int create(struct riv_journal *journal,
                  const struct riv_journal_spec *spec, struct riv_err *err)
{
    struct riv_mark mark = { .is_clean = true };
    int rc = create_db(journal, spec, err);
    riv__db_close(&journal->db);
    if (rc < 0)
        return rc;
    memcpy(mark.id, journal->info.id, sizeof mark.id);
    rc = riv__head_make(&journal->head, &journal->place, &mark, err);
    riv__head_close(&journal->head);
    return rc < 0 ? rc : riv__place_born(&journal->place, err);
}

/* ------------------------------------------------------------ an old one */

struct metas {
    bool has_id, has_seed, has_app;
};

static int take_meta(struct riv_journal *journal, const char *app,
                     const struct riv_cell *cells, struct metas *metas,
                     struct riv_err *err)
{
    riv_str name = cells[0].s, value = cells[1].s;
    unsigned char seed[8] = { 0 };
    char shown[128];
    if (is_text(name, "id"))
        metas->has_id =
            get_hex(journal->info.id, sizeof journal->info.id, value);
    if (is_text(name, "hash_seed")) {
        metas->has_seed = get_hex(seed, sizeof seed, value);
        for (int i = 0; i < 8; i++)
            journal->info.hash_seed = journal->info.hash_seed << 8 | seed[i];
    }
    if (!is_text(name, "app"))
        return 0;
    metas->has_app = true;
    riv__str_show(journal->info.app, sizeof journal->info.app, value);
    if (!app || is_text(value, app))
        return 0;
    riv__str_show(shown, sizeof shown, value);
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "it belongs to the application \"%s\", and this is "
                        "\"%s\"; give each its own directory, or if it is the "
                        "same job its name, -c name=%s",
                        shown, app, shown);
}

static int load_metas(struct riv_journal *journal, const char *app,
                      struct riv_err *err)
{
    struct riv_cursor cursor;
    struct metas metas = { false };
    int rc;
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__META,
                              RIV__SQL_ALL_META, err));
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        rc = take_meta(journal, app, cursor.cell, &metas, err);
        if (rc < 0)
            break;
    }
    riv__cursor_close(&cursor);
    if (rc < 0)
        return rc;
    if (metas.has_id && metas.has_seed && metas.has_app)
        return 0;
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "table meta lacks id, hash_seed or app");
}

static int load_tip(struct riv_journal *journal, struct riv_err *err)
{
    struct riv_cursor cursor;
    const struct riv_cell *cell = cursor.cell;
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__TIP,
                              RIV__SQL_ALL_TIPS, err));
    int rc = riv__cursor_next(&cursor, err);
    if (rc > 0)
        journal->tip = (struct riv_tip){
            .commits = (uint64_t)cell[1].i,
            .batch = (uint64_t)cell[2].i,
            .time_ms = cell[3].i,
            .deltas_from = (uint64_t)cell[4].i,
            .nodes = (uint32_t)cell[5].i,
            .letters = (uint64_t)cell[6].i,
        };
    riv__cursor_close(&cursor);
    journal->tip_was = journal->tip;
    if (rc == 0)
        return riv__err_set(err, RIV_ECHECKPOINT, "table tip is empty");
    return rc < 0 ? rc : 0;
}

/* A journal that ends before its mark has lost commits. */
static int compare_mark(const struct riv_journal *journal,
                        const struct riv_look *look, struct riv_err *err)
{
    const struct riv_mark *mark = &journal->head.mark;
    const struct riv_tip *tip = &journal->tip;
    if (memcmp(mark->id, journal->info.id, sizeof mark->id) != 0)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db and head belong to two journals; one "
                            "of them was put there from elsewhere");
    if (tip->commits >= mark->commits && tip->batch >= mark->batch)
        return 0;
    return riv__err_set(
        err, RIV_ECHECKPOINT,
        "the newest commits are lost: journal.db ends with commit %llu (batch "
        "%llu), the head mark knows %llu (batch %llu); %s",
        (unsigned long long)tip->commits, (unsigned long long)tip->batch,
        (unsigned long long)mark->commits, (unsigned long long)mark->batch,
        look->wal_is_damaged   ? "journal.db-wal is damaged"
        : look->wal_bytes == 0 ? "journal.db-wal is missing or empty"
                               : "journal.db-wal is damaged, or one of the "
                                 "files is an older copy");
}

static int quick_check(struct riv_db *db, struct riv_err *err)
{
    char found[160] = "";
    sqlite3_stmt *stmt;
    RIV__TRY(riv__db_sql(db, RIV__SQL_QUICK_CHECK, &stmt, err));
    int rc = riv__db_step(db, stmt, err);
    if (rc > 0) {
        const char *text;
        rc = riv__db_text(db, stmt, 0, &text, err);
        if (rc == 0)
            riv__str_show(found, sizeof found, riv_cstr(text));
    }
    sqlite3_reset(stmt);
    if (rc < 0 || strcmp(found, "ok") == 0)
        return rc < 0 ? rc : 0;
    return riv__err_set(err, RIV_ECHECKPOINT, "journal.db is damaged: %s",
                        found);
}

static int open_files(struct riv_journal *journal,
                      const struct riv_journal_spec *spec, bool is_read_only,
                      struct riv_look *look, struct riv_err *err)
{
    struct riv_db_spec db_spec = {
        .place = &journal->place,
        .is_read_only = is_read_only,
        .wal_bytes_kept = journal->wal_bytes_max,
    };
    RIV__TRY(riv__look(&journal->place, RIV__JOURNAL_FORMAT, look, err));
    RIV__TRY(
        riv__head_open(&journal->head, &journal->place, is_read_only, err));
    RIV__TRY(riv__db_open(&journal->db, &db_spec, err));
    riv__ledger_init(&journal->ledger, &journal->db);
    RIV__TRY(riv__schema_compare(&journal->db, err));
    RIV__TRY(load_metas(journal, spec->app, err));
    RIV__TRY(load_tip(journal, err));
    RIV__TRY(riv__ledger_load(&journal->ledger, err));
    RIV__TRY(compare_mark(journal, look, err));
    journal->info.was_clean =
        journal->head.mark.is_clean &&
        journal->head.mark.commits == journal->tip.commits &&
        look->wal_bytes == 0;
    if (journal->info.was_clean ||
        look->db_bytes > (uint64_t)spec->conf->check_bytes_max)
        return 0;
    return quick_check(&journal->db, err);
}

/* ------------------------------------------------------------ the ballast */

/* Where space cannot be allocated it is written. */
static int fill(struct riv_sys *sys, int fd)
{
    static const char zeros[65536];
    int rc = sys->allocate(sys, fd, BALLAST_BYTES);
    if (rc != -EOPNOTSUPP)
        return rc;
    for (uint64_t at = 0; at < BALLAST_BYTES;) {
        int64_t n = sys->pwrite(sys, fd, zeros, sizeof zeros, at);
        if (n < 0 && n != -EINTR)
            return (int)n;
        at += n > 0 ? (uint64_t)n : 0;
    }
    return 0;
}

/* What the disk, or disk.limit, has left would be gone with it. `bytes`: those
 * it has already. */
static bool is_too_much(const struct riv_journal *journal, int64_t bytes)
{
    struct riv_space space;
    struct riv_sys *sys = journal->sys;
    if (journal->disk_bytes_max > 0 &&
        journal->db.vfs.bytes[RIV__VFS_DB] + BALLAST_BYTES + LEFT_BYTES >
            journal->disk_bytes_max)
        return true;
    return bytes <= 0 && sys->space(sys, journal->place.dir, &space) >= 0 &&
           space.free_bytes < BALLAST_BYTES + LEFT_BYTES;
}

/* Space to write down a stop on a full disk. A disk that is full already, or
 * disk.limit, does not have it; the journal works without. */
static int take_ballast(struct riv_journal *journal, struct riv_err *err)
{
    struct riv_sys *sys = journal->sys;
    int64_t bytes;
    RIV__TRY(riv__place_stat(&journal->place, RIV__PLACE_BALLAST, &bytes, err));
    if (is_too_much(journal, bytes))
        return bytes >= 0
                   ? riv__place_unlink(&journal->place, RIV__PLACE_BALLAST, err)
                   : 0;
    int fd = riv__place_fd(&journal->place, RIV__PLACE_BALLAST,
                           RIV__OPEN_WRITE | RIV__OPEN_CREATE, err);
    if (fd < 0)
        return fd;
    int rc = fill(sys, fd);
    sys->close(sys, fd);
    if (rc == -ENOSPC || rc == -EDQUOT)
        return riv__place_unlink(&journal->place, RIV__PLACE_BALLAST, err);
    if (rc < 0)
        return riv__err_sys(err, -rc, "allocate",
                            journal->place.path[RIV__PLACE_BALLAST]);
    journal->ballast_bytes = BALLAST_BYTES;
    return 0;
}

/* ------------------------------------------------------------ all of it */

static int open_place(struct riv_journal *journal,
                      const struct riv_journal_spec *spec, bool is_read_only,
                      bool *ret_is_new, struct riv_err *err)
{
    struct riv_place_spec place = {
        .sys = spec->sys,
        .dir = spec->dir,
        .fresh = spec->fresh,
        .on_network = spec->conf->state_on_network,
        .is_read_only = is_read_only,
    };
    journal->sys = spec->sys;
    journal->place.lock_fd = journal->head.fd = -1;
    journal->disk_bytes_max = (uint64_t)spec->conf->disk_bytes_max;
    journal->wal_bytes_max = (uint64_t)spec->conf->wal_bytes_max;
    riv__buf_init(&journal->join, 0);
    return riv__place_open(&journal->place, &place, ret_is_new, err);
}

/* What perhaps only the page cache holds, after a sync that failed, is written
 * once more and synced before anybody builds on it. */
static int settle(struct riv_journal *journal, struct riv_err *err)
{
    RIV_POINT("journal.before_settle");
    RIV__TRY(riv__db_checkpoint(&journal->db, "TRUNCATE", err));
    RIV__TRY(riv__head_settle(&journal->head, err));
    RIV_POINT("journal.after_settle");
    RIV__TRY(take_ballast(journal, err));
    riv__journal_set_limit(journal);
    return 0;
}

int riv__open_all(struct riv_journal *journal,
                  const struct riv_journal_spec *spec, struct riv_err *err)
{
    struct riv_look look;
    bool is_new = false;
    RIV__TRY(open_place(journal, spec, false, &is_new, err));
    if (is_new)
        RIV__TRY(create(journal, spec, err));
    RIV__TRY(open_files(journal, spec, false, &look, err));
    return settle(journal, err);
}

int riv__open_to_read(struct riv_journal *journal,
                      const struct riv_journal_spec *spec, struct riv_err *err)
{
    struct riv_look look;
    bool is_new = false;
    RIV__TRY(open_place(journal, spec, true, &is_new, err));
    return open_files(journal, spec, true, &look, err);
}
