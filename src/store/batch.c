/* store/batch.c - tables batch and range: what batches read and how far they
 * came. Numbers have no gaps, and a batch's row holds number and sum of its
 * ranges and of its deltas. */
#include "store/inside.h"

#include <string.h>

/* The columns of table batch, by their place. */
enum {
    NUMBER,
    TIME_MS,
    STATUS,
    RECORDS_IN,
    RECORDS_BAD,
    RECORDS_OUT,
    PROCESSING_US,
    RANGES,
    RANGE_SUMS,
    PIECES,
    PIECE_BYTES,
    PIECE_SUMS,
    SUM,
    BODY,
};

static struct riv_batch_row row_of(const struct riv_cell *cells)
{
    return (struct riv_batch_row){
        .number = (uint64_t)cells[NUMBER].i,
        .time_ms = cells[TIME_MS].i,
        .status = (enum riv_batch_status)cells[STATUS].i,
        .records_in = (uint64_t)cells[RECORDS_IN].i,
        .records_bad = (uint64_t)cells[RECORDS_BAD].i,
        .records_out = (uint64_t)cells[RECORDS_OUT].i,
        .processing_us = cells[PROCESSING_US].i,
        .body = cells[BODY].s,
    };
}

/* Number and sum of the ranges that are there now. */
static int add_ranges(struct riv_journal *journal, uint64_t batch,
                      struct riv_cell *cells, struct riv_err *err)
{
    sqlite3_stmt *stmt;
    int64_t sums[3];
    RIV__TRY(riv__db_sql(&journal->db, RIV__SQL_RANGE_SUMS, &stmt, err));
    sqlite3_bind_int64(stmt, 1, (int64_t)batch);
    RIV__TRY(riv__db_numbers(&journal->db, stmt, sums, 3, err));
    cells[RANGES].i = sums[0];
    cells[RANGE_SUMS].i =
        (int64_t)((uint64_t)sums[1] + ((uint64_t)sums[2] << 32));
    return 0;
}

/* A batch follows the last one that is done; what is done is not put again. */
static int check_order(struct riv_journal *journal,
                       const struct riv_batch_row *row, struct riv_err *err)
{
    RIV__TRY(riv__journal_may_add(journal, row->number, err));
    RIV__CHECK(row->body.n <= RIV__PIECE_BYTES_MAX, err);
    RIV__CHECK(row->time_ms >= journal->tip.time_ms, err);
    RIV__CHECK(
        row->status >= RIV__BATCH_BEGUN && row->status <= RIV__BATCH_PUBLISHED,
        err);
    RIV__CHECK(row->status != RIV__BATCH_BEGUN || journal->changes.pieces == 0,
               err);
    RIV__CHECK(
        journal->changes.pieces == 0 || journal->changes.batch == row->number,
        err);
    return 0;
}

int riv__journal_put_batch(struct riv_journal *journal,
                           const struct riv_batch_row *row, struct riv_err *err)
{
    struct riv_cell cells[RIV__COLUMNS_MAX] = {
        [NUMBER].i = (int64_t)row->number,
        [TIME_MS].i = row->time_ms,
        [STATUS].i = row->status,
        [RECORDS_IN].i = (int64_t)row->records_in,
        [RECORDS_BAD].i = (int64_t)row->records_bad,
        [RECORDS_OUT].i = (int64_t)row->records_out,
        [PROCESSING_US].i = row->processing_us,
        [PIECES].i = (int64_t)journal->changes.pieces,
        [PIECE_BYTES].i = (int64_t)journal->changes.bytes,
        [PIECE_SUMS].i = (int64_t)journal->changes.sums,
        [BODY].s = row->body,
    };
    RIV__TRY(check_order(journal, row, err));
    RIV__TRY(add_ranges(journal, row->number, cells, err));
    RIV__TRY(riv__ledger_replace(&journal->ledger, RIV__BATCH, cells, err));
    if (row->status == RIV__BATCH_BEGUN)
        return 0;
    journal->tip.batch = row->number;
    journal->tip.time_ms = row->time_ms;
    journal->changes.has_batch = true;
    return 0;
}

int riv__journal_put_range(struct riv_journal *journal,
                           const struct riv_range_row *row, struct riv_err *err)
{
    struct riv_cell cells[RIV__COLUMNS_MAX] = {
        { .i = (int64_t)row->batch },
        { .i = row->source },
        { .i = (int64_t)row->records },
        { .i = (int64_t)row->bytes },
        { .i = 0 },
        { .s = row->from },
        { .s = row->until },
    };
    RIV__TRY(riv__journal_may_add(journal, row->batch, err));
    RIV__CHECK(row->from.n <= RIV__POSITION_BYTES_MAX, err);
    RIV__CHECK(row->until.n <= RIV__POSITION_BYTES_MAX, err);
    return riv__ledger_replace(&journal->ledger, RIV__RANGE, cells, err);
}

/* Who asks knows it from a tally, or put it himself. */
static int refuse_missing(uint64_t batch, struct riv_err *err)
{
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "table batch has no row %llu where one must be",
                        (unsigned long long)batch);
}

/* The row is read, compared with its checksum, and put with the new status. Its
 * body lies in SQLite's memory until the cursor is closed. */
int riv__journal_set_published(struct riv_journal *journal, uint64_t batch,
                               struct riv_err *err)
{
    struct riv_cursor cursor;
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__BATCH,
                              RIV__SQL_ONE_BATCH, err));
    sqlite3_bind_int64(cursor.stmt, 1, (int64_t)batch);
    int rc = riv__cursor_next(&cursor, err);
    if (rc <= 0) {
        riv__cursor_close(&cursor);
        return rc < 0 ? rc : refuse_missing(batch, err);
    }
    riv_str body = cursor.cell[BODY].s;
    riv__buf_reset(&journal->join);
    riv__buf_add(&journal->join, body.p, body.n);
    riv__cursor_close(&cursor);
    if (journal->join.failed)
        return riv__err_set(err, RIV_ENOMEM, "out of memory");
    cursor.cell[BODY].s = riv__str(journal->join.p, body.n);
    RIV__CHECK(cursor.cell[STATUS].i == RIV__BATCH_DONE, err);
    cursor.cell[STATUS].i = RIV__BATCH_PUBLISHED;
    return riv__ledger_replace(&journal->ledger, RIV__BATCH, cursor.cell, err);
}

/* -------------------------------------------------------------- pruning */

struct oldest {
    struct riv_journal *journal;
    uint64_t batch;
};

static int take_oldest(void *arg, const struct riv_node_row *row,
                       struct riv_err *err)
{
    struct oldest *oldest = arg;
    struct riv_db *db = &oldest->journal->db;
    sqlite3_stmt *stmt;
    int64_t batch = 0;
    if (row->role != RIV__NODE_STATE)
        return 0;
    RIV__TRY(riv__db_sql(db, RIV__SQL_DELTA_OLDEST, &stmt, err));
    sqlite3_bind_int64(stmt, 1, row->id);
    RIV__TRY(riv__db_numbers(db, stmt, &batch, 1, err));
    if (batch > 0)
        oldest->batch = RIV__MIN(oldest->batch, (uint64_t)batch);
    return 0;
}

static int64_t drop_below(struct riv_journal *journal, enum riv_jtable table,
                          enum riv_sql sql, uint64_t below, struct riv_err *err)
{
    sqlite3_stmt *stmt;
    RIV__TRY(riv__db_sql(&journal->db, sql, &stmt, err));
    sqlite3_bind_int64(stmt, 1, (int64_t)below);
    return riv__ledger_take(&journal->ledger, table, 0, stmt, err);
}

/* Rows whose deltas are still there stay, for they hold their sums. */
int riv__journal_prune(struct riv_journal *journal, uint64_t before,
                       struct riv_err *err)
{
    struct oldest oldest = { journal, RIV__MIN(before, journal->tip.batch) };
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__TRY(riv__journal_each_node(journal, take_oldest, &oldest, err));
    int64_t n = drop_below(journal, RIV__RANGE, RIV__SQL_DROP_RANGES,
                           oldest.batch, err);
    if (n >= 0)
        n = drop_below(journal, RIV__BATCH, RIV__SQL_DROP_BATCHES, oldest.batch,
                       err);
    return n < 0 ? (int)n : 0;
}

/* -------------------------------------------------------------- reading */

static int refuse_gap(uint64_t number, uint64_t expected, struct riv_err *err)
{
    return riv__err_set(
        err, RIV_ECHECKPOINT, "table batch has number %llu where %llu must be",
        (unsigned long long)number, (unsigned long long)expected);
}

/* The last row is the last batch done, or the one after it that was begun. */
static int check_last(const struct riv_journal *journal, uint64_t last,
                      enum riv_batch_status status, struct riv_err *err)
{
    uint64_t expected =
        journal->tip.batch + (last > 0 && status == RIV__BATCH_BEGUN ? 1 : 0);
    return last == expected ? 0 : refuse_gap(last, expected, err);
}

int riv__journal_each_batch(struct riv_journal *journal, uint64_t from,
                            riv__batch_fn *each, void *arg, struct riv_err *err)
{
    struct riv_cursor cursor;
    struct riv_batch_row row = { 0 };
    int rc;
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__BATCH,
                              RIV__SQL_ALL_BATCHES, err));
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        uint64_t before = row.number;
        row = row_of(cursor.cell);
        if (before > 0 && row.number != before + 1)
            rc = refuse_gap(row.number, before + 1, err);
        else if (row.number >= from)
            rc = each(arg, &row, err);
        if (rc < 0)
            break;
    }
    riv__cursor_close(&cursor);
    RIV__TRY(rc);
    RIV__TRY(riv__cursor_whole(&cursor, 0, err));
    return check_last(journal, row.number, row.status, err);
}

/* What the batch's row says of its ranges: number and sum. */
static int ranges_of(struct riv_journal *journal, uint64_t batch,
                     struct riv_cursor *ret, struct riv_err *err)
{
    RIV__TRY(riv__cursor_open(ret, &journal->ledger, RIV__BATCH,
                              RIV__SQL_ONE_BATCH, err));
    sqlite3_bind_int64(ret->stmt, 1, (int64_t)batch);
    int rc = riv__cursor_next(ret, err);
    riv__cursor_close(ret);
    if (rc == 0)
        return refuse_missing(batch, err);
    return rc;
}

static struct riv_range_row range_of(const struct riv_cell *cells)
{
    return (struct riv_range_row){
        .batch = (uint64_t)cells[0].i,
        .source = (uint32_t)cells[1].i,
        .records = (uint64_t)cells[2].i,
        .bytes = (uint64_t)cells[3].i,
        .from = cells[5].s,
        .until = cells[6].s,
    };
}

int riv__journal_each_range(struct riv_journal *journal, uint64_t batch,
                            riv__range_fn *each, void *arg, struct riv_err *err)
{
    struct riv_cursor head, cursor;
    int rc;
    RIV__TRY(ranges_of(journal, batch, &head, err));
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__RANGE,
                              RIV__SQL_RANGES, err));
    sqlite3_bind_int64(cursor.stmt, 1, (int64_t)batch);
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        struct riv_range_row row = range_of(cursor.cell);
        rc = each(arg, &row, err);
        if (rc < 0)
            break;
    }
    riv__cursor_close(&cursor);
    RIV__TRY(rc);
    if (cursor.n == (uint64_t)head.cell[RANGES].i &&
        cursor.sums == (uint64_t)head.cell[RANGE_SUMS].i)
        return 0;
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "batch %llu has %llu ranges, and its row speaks of "
                        "%lld or other ones",
                        (unsigned long long)batch, (unsigned long long)cursor.n,
                        (long long)head.cell[RANGES].i);
}
