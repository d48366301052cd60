/* store/journal.c - opening, closing and transactions: the rules of a journal
 * (docs/format.md) in the order in which they must hold. Tables are put and
 * read in the files named after them. */
#include "store/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/point.h"
#include "store/look.h"
#include "store/open.h"
#include "store/schema.h"

/* ---------------------------------------------------------- transactions */

/* Nothing works any more: what happened to the disk is not known. */
static int give_up(struct riv_journal *journal, int code, struct riv_err *err)
{
    const char *why = err ? err->text : "a write failed";
    size_t n = RIV__MIN(strlen(why), sizeof journal->db.why - 1);
    journal->db.final = code;
    memcpy(journal->db.why, why, n);
    journal->db.why[n] = '\0';
    if (err)
        err->code = code;
    return code;
}

/* Before anybody builds on what was committed. */
static int check_place(struct riv_journal *journal, struct riv_err *err)
{
    const int rc = riv__place_is_whole(&journal->place, err);
    return rc < 0 ? give_up(journal, rc, err) : 0;
}

int riv__journal_may_put(struct riv_journal *journal, struct riv_err *err)
{
    RIV__CHECK(journal->db.in_transaction, err);
    return 0;
}

int riv__journal_may_add(struct riv_journal *journal, uint64_t batch,
                         struct riv_err *err)
{
    RIV__CHECK(journal->db.in_transaction, err);
    RIV__CHECK(!journal->changes.has_batch, err);
    RIV__CHECK(batch == journal->tip.batch + 1 && riv__is_number(batch), err);
    return 0;
}

int riv__journal_begin(struct riv_journal *journal, struct riv_err *err)
{
    RIV__CHECK(!journal->db.in_transaction, err);
    journal->db.is_full = false;
    if (journal->disk_bytes_max > 0)
        journal->db.vfs.wal_bytes_max =
            riv__journal_wal_end(journal) + journal->limit_room;
    RIV__TRY(riv__db_run(&journal->db, RIV__SQL_BEGIN, err));
    journal->db.in_transaction = true;
    journal->changes = (struct riv_changes){ 0 };
    return 0;
}

void riv__journal_rollback(struct riv_journal *journal)
{
    riv__db_rollback(&journal->db);
    riv__ledger_forget(&journal->ledger);
    journal->tip = journal->tip_was;
}

static int put_tip(struct riv_journal *journal, struct riv_err *err)
{
    const struct riv_tip *tip = &journal->tip;
    struct riv_cell cells[RIV__COLUMNS_MAX] = {
        { .i = 1 },
        { .i = (int64_t)tip->commits },
        { .i = (int64_t)tip->batch },
        { .i = tip->time_ms },
        { .i = (int64_t)tip->deltas_from },
        { .i = tip->nodes },
        { .i = (int64_t)tip->letters },
    };
    return riv__ledger_set(&journal->db, RIV__TIP, cells, err);
}

static struct riv_mark mark_of(const struct riv_journal *journal, bool is_clean)
{
    struct riv_mark mark = {
        .commits = journal->tip.commits,
        .batch = journal->tip.batch,
        .is_clean = is_clean,
    };
    memcpy(mark.id, journal->info.id, sizeof mark.id);
    return mark;
}

/* Follows each commit without waiting for the disk: it may lag. */
static int write_mark(struct riv_journal *journal, struct riv_err *err)
{
    struct riv_mark mark = mark_of(journal, false);
    RIV_POINT("journal.before_mark");
    int rc = riv__head_write(&journal->head, &mark, err);
    RIV_POINT("journal.after_mark");
    return rc < 0 ? give_up(journal, RIV_EIO, err) : 0;
}

/* Durable: at the start, with a checkpoint, and at the end. */
static int set_mark(struct riv_journal *journal, bool is_clean,
                    struct riv_err *err)
{
    struct riv_mark mark = mark_of(journal, is_clean);
    RIV_POINT("journal.before_mark_sync");
    int rc = riv__head_set(&journal->head, &mark, err);
    RIV_POINT("journal.after_mark_sync");
    return rc < 0 ? give_up(journal, RIV_EIO, err) : 0;
}

/* The tally and the tip are what a lost commit or row shows by. A transaction
 * that changed nothing is none. */
static int commit(struct riv_journal *journal, bool *ret_changed,
                  struct riv_err *err)
{
    int changed = riv__ledger_flush(&journal->ledger, err);
    *ret_changed = changed > 0;
    if (changed <= 0)
        return changed;
    journal->tip.commits++;
    RIV__TRY(put_tip(journal, err));
    RIV__CHECK(!sqlite3_get_autocommit(journal->db.sqlite), err);
    RIV_POINT("journal.before_commit");
    RIV__TRY(riv__db_commit(&journal->db, err));
    RIV_POINT("journal.after_commit");
    return 0;
}

static void set_info(struct riv_journal *journal)
{
    journal->info.is_new = journal->tip.commits == 0;
    journal->info.batch = journal->tip.batch;
    journal->info.time_ms = journal->tip.time_ms;
}

int riv__journal_commit(struct riv_journal *journal, struct riv_err *err)
{
    bool changed = false;
    RIV__CHECK(journal->db.in_transaction, err);
    int rc = journal->changes.pieces > 0 && !journal->changes.has_batch
                 ? riv__err_set(err, RIV_EFATAL, "deltas without their batch")
                 : commit(journal, &changed, err);
    if (rc < 0 || !changed) {
        riv__journal_rollback(journal);
        return rc;
    }
    journal->db.in_transaction = false;
    riv__ledger_keep(&journal->ledger);
    journal->tip_was = journal->tip;
    set_info(journal);
    riv__journal_set_limit(journal);
    RIV__TRY(check_place(journal, err));
    return write_mark(journal, err);
}

int riv__journal_end(struct riv_journal *journal, int rc, struct riv_err *err)
{
    if (rc == 0)
        rc = riv__journal_commit(journal, err);
    if (rc < 0)
        riv__journal_rollback(journal);
    return rc;
}

/* ---------------------------------------------------- SQLite's own log */

void riv__journal_set_rest(struct riv_journal *journal, struct riv_rest *rest)
{
    journal->db.vfs.rest = rest;
}

int riv__journal_checkpoint(struct riv_journal *journal, struct riv_err *err)
{
    return journal->db.wal_bytes < journal->wal_bytes_max
               ? 0
               : riv__journal_move_wal(journal, err);
}

/* On a full disk the WAL stays as it is, and nothing is lost. */
int riv__journal_move_wal(struct riv_journal *journal, struct riv_err *err)
{
    struct riv_db *db = &journal->db;
    RIV__CHECK(!db->in_transaction, err);
    if (db->wal_bytes == 0)
        return 0;
    db->is_full = false;
    RIV_POINT("journal.before_checkpoint");
    int rc = riv__db_checkpoint(db, "PASSIVE", err);
    RIV_POINT("journal.after_checkpoint");
    if (rc < 0)
        return db->is_full ? 0 : rc;
    db->wal_bytes = 0;
    riv__journal_set_limit(journal);
    return set_mark(journal, false, err);
}

/* ------------------------------------------------------- open and close */

int riv__journal_open(const struct riv_journal_spec *spec,
                      struct riv_journal **ret, struct riv_err *err)
{
    struct riv_err why = { 0 };
    struct riv_journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return riv__err_set(err, RIV_ENOMEM, "state: out of memory");
    int rc = riv__open_all(journal, spec, &why);
    if (rc == 0)
        rc = set_mark(journal, false, &why);
    if (rc == 0)
        rc = check_place(journal, &why);
    if (rc == 0) {
        set_info(journal);
        *ret = journal;
        return 0;
    }
    riv__journal_abandon(journal);
    return riv__open_refuse(spec->dir, rc, &why, err);
}

int riv__journal_open_to_read(const struct riv_journal_spec *spec,
                              struct riv_journal **ret, struct riv_err *err)
{
    struct riv_err why = { 0 };
    struct riv_journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return riv__err_set(err, RIV_ENOMEM, "state: out of memory");
    int rc = riv__open_to_read(journal, spec, &why);
    if (rc == 0) {
        set_info(journal);
        *ret = journal;
        return 0;
    }
    riv__journal_abandon(journal);
    return riv__open_refuse(spec->dir, rc, &why, err);
}

const struct riv_journal_info *riv__journal_info(
    const struct riv_journal *journal)
{
    return &journal->info;
}

/* On a full disk with what the ballast leaves. 0: the WAL is empty, 1: it could
 * not be; what is in it is durable, and the next opening's to move. */
static int empty_wal(struct riv_journal *journal, struct riv_err *err)
{
    struct riv_db *db = &journal->db;
    db->is_full = false;
    int rc = riv__db_checkpoint(db, "TRUNCATE", err);
    if (rc < 0 && db->is_full && journal->ballast_bytes > 0) {
        RIV__TRY(riv__journal_give_ballast(journal, err));
        db->is_full = false;
        rc = riv__db_checkpoint(db, "TRUNCATE", err);
    }
    return rc < 0 && db->is_full ? 1 : rc;
}

/* Every commit is in the database and synced before the mark says so. */
static int close_clean(struct riv_journal *journal, struct riv_err *err)
{
    RIV__CHECK(!journal->db.in_transaction, err);
    RIV_POINT("journal.before_close");
    const int rc = empty_wal(journal, err);
    if (rc != 0)
        return RIV__MIN(rc, 0);
    RIV__TRY(check_place(journal, err));
    RIV__TRY(set_mark(journal, true, err));
    RIV_POINT("journal.after_close");
    return 0;
}

int riv__journal_close(struct riv_journal *journal, struct riv_err *err)
{
    int rc = close_clean(journal, err);
    riv__journal_abandon(journal);
    return rc;
}

void riv__journal_abandon(struct riv_journal *journal)
{
    if (!journal)
        return;
    riv__journal_rollback(journal);
    riv__db_close(&journal->db);
    riv__head_close(&journal->head);
    riv__ledger_fini(&journal->ledger);
    riv__buf_fini(&journal->join);
    riv__place_close(&journal->place);
    free(journal);
}
