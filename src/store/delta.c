/* store/delta.c - table delta: what batches changed in operators' states. Their
 * number and sums stand in the batches' rows too. */
#include "store/inside.h"

int riv__journal_put_parts(struct riv_journal *journal, uint64_t batch,
                           uint32_t op, struct riv_parts parts,
                           struct riv_err *err)
{
    struct riv_changes *changes = &journal->changes;
    const int64_t key[2] = { op, (int64_t)batch };
    RIV__TRY(riv__journal_may_add(journal, batch, err));
    RIV__CHECK(op > 0, err);
    struct riv_tally was = riv__ledger_tally(&journal->ledger, RIV__DELTA, op);
    RIV__TRY(riv__pieces_put(journal, RIV__DELTA, key, RIV__SQL_DELTA_LAST,
                             parts, err));
    struct riv_tally is = riv__ledger_tally(&journal->ledger, RIV__DELTA, op);
    changes->batch = batch;
    changes->pieces += is.rows - was.rows;
    changes->sums += is.sums - was.sums;
    for (size_t i = 0; i < parts.n; i++)
        changes->bytes += parts.part[i].n;
    return 0;
}

int riv__journal_put_delta(struct riv_journal *journal, uint64_t batch,
                           uint32_t op, riv_str bytes, struct riv_err *err)
{
    return riv__journal_put_parts(journal, batch, op,
                                  (struct riv_parts){ &bytes, 1 }, err);
}

/* Sums of deltas by batch, as they are, beside those in the batches' rows. */
struct delta_sums {
    struct riv_journal *journal;
    sqlite3_stmt *stmt;                  /* DELTA_SUMS; on the row of `batch` */
    uint64_t batch, pieces, bytes, sums; /* batch 0: no more */
};

static int next_sums(struct delta_sums *is, struct riv_err *err)
{
    is->batch = 0;
    int rc = riv__db_step(&is->journal->db, is->stmt, err);
    if (rc <= 0)
        return rc;
    is->batch = (uint64_t)sqlite3_column_int64(is->stmt, 0);
    is->pieces = (uint64_t)sqlite3_column_int64(is->stmt, 1);
    is->bytes = (uint64_t)sqlite3_column_int64(is->stmt, 2);
    is->sums = (uint64_t)sqlite3_column_int64(is->stmt, 3) +
               ((uint64_t)sqlite3_column_int64(is->stmt, 4) << 32);
    return 0;
}

/* The cell of a batch's row; batches whose deltas are partly dropped, or
 * pruned, say nothing. */
static int compare_sums(struct delta_sums *is, const struct riv_cell *cells,
                        struct riv_err *err)
{
    uint64_t number = (uint64_t)cells[0].i;
    uint64_t pieces = 0, bytes = 0, sums = 0;
    while (is->batch > 0 && is->batch < number)
        RIV__TRY(next_sums(is, err));
    if (is->batch == number) {
        pieces = is->pieces;
        bytes = is->bytes;
        sums = is->sums;
    }
    if (number < is->journal->tip.deltas_from ||
        (pieces == (uint64_t)cells[9].i && bytes == (uint64_t)cells[10].i &&
         sums == (uint64_t)cells[11].i))
        return 0;
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "batch %llu has %llu pieces of state with %llu bytes; "
                        "its row speaks of %lld with %lld, or other ones",
                        (unsigned long long)number, (unsigned long long)pieces,
                        (unsigned long long)bytes, (long long)cells[9].i,
                        (long long)cells[10].i);
}

int riv__deltas_check(struct riv_journal *journal, struct riv_err *err)
{
    struct delta_sums is = { .journal = journal };
    struct riv_cursor cursor = { .stmt = NULL };
    if (journal->deltas_are_checked)
        return 0;
    RIV__TRY(riv__db_sql(&journal->db, RIV__SQL_DELTA_SUMS, &is.stmt, err));
    int rc = next_sums(&is, err);
    if (rc == 0)
        rc = riv__cursor_open(&cursor, &journal->ledger, RIV__BATCH,
                              RIV__SQL_ALL_BATCHES, err);
    while (rc >= 0 && (rc = riv__cursor_next(&cursor, err)) > 0)
        rc = compare_sums(&is, cursor.cell, err);
    sqlite3_reset(is.stmt);
    if (rc < 0) {
        riv__cursor_close(&cursor);
        return rc;
    }
    journal->deltas_are_checked = true;
    return 0;
}

/* That none is hidden is seen by the tally, which counts the older ones too. Of
 * them only keys and sums are read, so a key that is damaged must not pass for
 * an older one's: SQLite gives such a row when the pages' order is broken. */
static int check_all_there(struct riv_journal *journal, uint32_t op,
                           uint64_t base, const struct riv_cursor *read,
                           struct riv_err *err)
{
    struct riv_cursor all = *read;
    sqlite3_stmt *stmt;
    int rc;
    RIV__TRY(riv__db_sql(&journal->db, RIV__SQL_DELTAS_UPTO, &stmt, err));
    sqlite3_bind_int64(stmt, 1, op);
    sqlite3_bind_int64(stmt, 2, (int64_t)base);
    while ((rc = riv__db_step(&journal->db, stmt, err)) > 0) {
        if (sqlite3_column_int64(stmt, 0) != op ||
            sqlite3_column_int64(stmt, 1) > (int64_t)base)
            continue;
        all.n++;
        all.sums += (uint64_t)sqlite3_column_int64(stmt, 2);
    }
    return rc < 0 ? rc : riv__cursor_whole(&all, op, err);
}

int riv__journal_each_delta(struct riv_journal *journal, uint32_t op,
                            uint64_t base, riv__bytes_fn *each, void *arg,
                            struct riv_err *err)
{
    struct riv_cursor cursor;
    RIV__CHECK(riv__is_number(base), err);
    RIV__TRY(riv__deltas_check(journal, err));
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__DELTA,
                              RIV__SQL_DELTAS_ABOVE, err));
    sqlite3_bind_int64(cursor.stmt, 1, op);
    sqlite3_bind_int64(cursor.stmt, 2, (int64_t)base);
    RIV__TRY(riv__pieces_each(journal, &cursor, each, arg, -1, err));
    return check_all_there(journal, op, base, &cursor, err);
}
