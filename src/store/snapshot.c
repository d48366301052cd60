/* store/snapshot.c - tables piece and snapshot: all of an operator's state, in
 * pieces that count once their head row is there; and the dropping of what two
 * complete ones cover. */
#include "store/inside.h"

enum { TIDY_BYTES = 8 << 20, TIDY_ROWS = 256 };

/* The number is kept apart from the rows: what a damaged page hides must not be
 * used again. */
int riv__journal_put_piece(struct riv_journal *journal, uint32_t op,
                           uint64_t snapshot, riv_str bytes,
                           struct riv_err *err)
{
    const int64_t key[2] = { op, (int64_t)snapshot };
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__CHECK(op > 0 && snapshot > 0 && riv__is_number(snapshot), err);
    RIV__TRY(
        riv__ledger_number(&journal->ledger, RIV__PIECE, op, snapshot, err));
    return riv__pieces_put(journal, RIV__PIECE, key, RIV__SQL_PIECE_LAST,
                           (struct riv_parts){ &bytes, 1 }, err);
}

/* Number, bytes and sum of a snapshot's pieces as they are. */
static int sum_pieces(struct riv_journal *journal, uint32_t op,
                      uint64_t snapshot, int64_t ret[3], struct riv_err *err)
{
    sqlite3_stmt *stmt;
    int64_t is[4];
    RIV__TRY(riv__db_sql(&journal->db, RIV__SQL_PIECE_SUMS, &stmt, err));
    sqlite3_bind_int64(stmt, 1, op);
    sqlite3_bind_int64(stmt, 2, (int64_t)snapshot);
    RIV__TRY(riv__db_numbers(&journal->db, stmt, is, 4, err));
    ret[0] = is[0];
    ret[1] = is[1];
    ret[2] = (int64_t)((uint64_t)is[2] + ((uint64_t)is[3] << 32));
    return 0;
}

int riv__journal_put_snapshot(struct riv_journal *journal, uint32_t op,
                              uint64_t snapshot, uint64_t base,
                              struct riv_err *err)
{
    int64_t is[3];
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__CHECK(op > 0 && snapshot > 0 && riv__is_number(snapshot), err);
    RIV__CHECK(base <= journal->tip.batch + 1, err);
    RIV__TRY(sum_pieces(journal, op, snapshot, is, err));
    struct riv_cell cells[RIV__COLUMNS_MAX] = {
        { .i = op },
        { .i = (int64_t)snapshot },
        { .i = (int64_t)base },
        { .i = is[0] },
        { .i = is[1] },
        { .i = is[2] },
    };
    return riv__ledger_put(&journal->ledger, RIV__SNAPSHOT, cells, err);
}

int riv__journal_drop_pieces(struct riv_journal *journal, uint32_t op,
                             uint64_t snapshot, struct riv_err *err)
{
    sqlite3_stmt *stmt;
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__TRY(
        riv__db_sql(&journal->db, RIV__SQL_DROP_SNAPSHOT_PIECES, &stmt, err));
    sqlite3_bind_int64(stmt, 1, op);
    sqlite3_bind_int64(stmt, 2, (int64_t)snapshot);
    int64_t n = riv__ledger_take(&journal->ledger, RIV__PIECE, op, stmt, err);
    return n < 0 ? (int)n : 0;
}

/* The newest complete snapshots of an operator, at most two. */
struct newest {
    uint64_t number[2], base[2], pieces, bytes;
    unsigned n;
};

static int find_newest(struct riv_journal *journal, uint32_t op,
                       struct newest *ret, struct riv_err *err)
{
    struct riv_cursor cursor;
    struct newest newest = { .n = 0 };
    int rc;
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__SNAPSHOT,
                              RIV__SQL_SNAPSHOTS, err));
    sqlite3_bind_int64(cursor.stmt, 1, op);
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        if (newest.n == 2)
            continue;
        if (newest.n == 0) {
            newest.pieces = (uint64_t)cursor.cell[3].i;
            newest.bytes = (uint64_t)cursor.cell[4].i;
        }
        newest.number[newest.n] = (uint64_t)cursor.cell[1].i;
        newest.base[newest.n++] = (uint64_t)cursor.cell[2].i;
    }
    *ret = newest;
    return rc < 0 ? rc : riv__cursor_whole(&cursor, op, err);
}

/* For deciding when a snapshot pays: not compared with any checksum. */
static int bytes_above(struct riv_journal *journal, uint32_t op, uint64_t base,
                       uint64_t *ret, struct riv_err *err)
{
    sqlite3_stmt *stmt;
    int64_t n = 0;
    RIV__TRY(riv__db_sql(&journal->db, RIV__SQL_DELTA_BYTES, &stmt, err));
    sqlite3_bind_int64(stmt, 1, op);
    sqlite3_bind_int64(stmt, 2, (int64_t)base);
    RIV__TRY(riv__db_numbers(&journal->db, stmt, &n, 1, err));
    *ret = (uint64_t)n;
    return 0;
}

int riv__journal_find_snapshot(struct riv_journal *journal, uint32_t op,
                               struct riv_snapshot_row *ret,
                               struct riv_err *err)
{
    struct newest newest;
    uint64_t bytes = 0;
    RIV__TRY(find_newest(journal, op, &newest, err));
    RIV__TRY(bytes_above(journal, op, newest.base[0], &bytes, err));
    struct riv_tally pieces =
        riv__ledger_tally(&journal->ledger, RIV__PIECE, op);
    *ret = (struct riv_snapshot_row){
        .op = op,
        .snapshot = newest.number[0],
        .base = newest.base[0],
        .last = RIV__MAX(pieces.last, newest.number[0]),
        .pieces = newest.pieces,
        .bytes = newest.bytes,
        .delta_bytes = bytes,
    };
    return 0;
}

static int refuse_snapshot(const struct riv_cursor *head, uint64_t pieces,
                           struct riv_err *err)
{
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "snapshot %lld of node %lld has %llu pieces, and its "
                        "row speaks of %lld or other ones",
                        (long long)head->cell[1].i, (long long)head->cell[0].i,
                        (unsigned long long)pieces, (long long)head->cell[3].i);
}

static int read_head(struct riv_journal *journal, uint32_t op,
                     uint64_t snapshot, struct riv_cursor *ret,
                     struct riv_err *err)
{
    RIV__TRY(riv__cursor_open(ret, &journal->ledger, RIV__SNAPSHOT,
                              RIV__SQL_ONE_SNAPSHOT, err));
    sqlite3_bind_int64(ret->stmt, 1, op);
    sqlite3_bind_int64(ret->stmt, 2, (int64_t)snapshot);
    int rc = riv__cursor_next(ret, err);
    riv__cursor_close(ret);
    if (rc != 0)
        return rc;
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "table snapshot has no row (%u, %llu) where one must "
                        "be",
                        op, (unsigned long long)snapshot);
}

int riv__snapshot_check(struct riv_journal *journal, uint32_t op,
                        uint64_t snapshot, struct riv_err *err)
{
    struct riv_cursor head;
    int64_t is[3];
    RIV__TRY(sum_pieces(journal, op, snapshot, is, err));
    RIV__TRY(read_head(journal, op, snapshot, &head, err));
    if (head.cell[3].i == is[0] && head.cell[4].i == is[1] &&
        head.cell[5].i == is[2])
        return 0;
    return refuse_snapshot(&head, (uint64_t)is[0], err);
}

/* What is missing is told before the first piece is given; what was read, with
 * every checksum compared, is compared once more. */
int riv__journal_each_piece(struct riv_journal *journal,
                            const struct riv_snapshot_row *row,
                            riv__bytes_fn *each, void *arg, struct riv_err *err)
{
    struct riv_cursor cursor, head;
    if (row->snapshot == 0)
        return 0;
    RIV__TRY(riv__snapshot_check(journal, row->op, row->snapshot, err));
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__PIECE,
                              RIV__SQL_PIECES, err));
    sqlite3_bind_int64(cursor.stmt, 1, row->op);
    sqlite3_bind_int64(cursor.stmt, 2, (int64_t)row->snapshot);
    RIV__TRY(
        riv__pieces_each(journal, &cursor, each, arg, (int64_t)row->base, err));
    RIV__TRY(read_head(journal, row->op, row->snapshot, &head, err));
    if (head.cell[3].i == (int64_t)cursor.n &&
        head.cell[5].i == (int64_t)cursor.sums)
        return 0;
    return refuse_snapshot(&head, cursor.n, err);
}

/* --------------------------------------------------------------- tidying */

/* The last key of the oldest rows up to `upto` that are some MiB together; key
 * {0, 0}: there are none. */
static int oldest_keys(struct riv_journal *journal, enum riv_sql keys,
                       uint32_t op, uint64_t upto, int64_t ret[2], bool *more,
                       struct riv_err *err)
{
    sqlite3_stmt *stmt;
    int64_t bytes = 0, n = 0;
    int rc;
    ret[0] = ret[1] = 0;
    RIV__TRY(riv__db_sql(&journal->db, keys, &stmt, err));
    sqlite3_bind_int64(stmt, 1, op);
    sqlite3_bind_int64(stmt, 2, (int64_t)upto);
    while ((rc = riv__db_step(&journal->db, stmt, err)) > 0) {
        if (n == TIDY_ROWS || bytes >= TIDY_BYTES)
            break;
        ret[0] = sqlite3_column_int64(stmt, 0);
        ret[1] = sqlite3_column_int64(stmt, 1);
        bytes += sqlite3_column_int64(stmt, 2);
        n++;
    }
    sqlite3_reset(stmt);
    *more |= rc > 0;
    return rc < 0 ? rc : 0;
}

static int drop_oldest(struct riv_journal *journal, enum riv_jtable table,
                       uint32_t op, const int64_t upto[2], struct riv_err *err)
{
    sqlite3_stmt *stmt;
    if (upto[0] == 0)
        return 0;
    RIV__TRY(riv__db_sql(
        &journal->db,
        table == RIV__DELTA ? RIV__SQL_DROP_DELTAS : RIV__SQL_DROP_PIECES,
        &stmt, err));
    sqlite3_bind_int64(stmt, 1, op);
    sqlite3_bind_int64(stmt, 2, upto[0]);
    sqlite3_bind_int64(stmt, 3, upto[1]);
    int64_t n = riv__ledger_take(&journal->ledger, table, op, stmt, err);
    return n < 0 ? (int)n : 0;
}

/* Head rows first, so that no head is ever without its pieces. */
static int drop_heads(struct riv_journal *journal, uint32_t op, uint64_t below,
                      struct riv_err *err)
{
    sqlite3_stmt *stmt;
    RIV__TRY(riv__db_sql(&journal->db, RIV__SQL_DROP_SNAPSHOTS, &stmt, err));
    sqlite3_bind_int64(stmt, 1, op);
    sqlite3_bind_int64(stmt, 2, (int64_t)below);
    int64_t n =
        riv__ledger_take(&journal->ledger, RIV__SNAPSHOT, op, stmt, err);
    return n < 0 ? (int)n : 0;
}

int riv__journal_tidy(struct riv_journal *journal, uint32_t op, bool *ret_more,
                      struct riv_err *err)
{
    struct newest newest;
    int64_t pieces[2], deltas[2];
    bool more = false;
    RIV__TRY(riv__journal_may_put(journal, err));
    riv__journal_use_spare(journal);
    RIV__TRY(find_newest(journal, op, &newest, err));
    *ret_more = false;
    if (newest.n < 2)
        return 0;
    RIV__TRY(drop_heads(journal, op, newest.number[1], err));
    RIV__TRY(oldest_keys(journal, RIV__SQL_PIECE_KEYS, op, newest.number[1] - 1,
                         pieces, &more, err));
    RIV__TRY(drop_oldest(journal, RIV__PIECE, op, pieces, err));
    RIV__TRY(oldest_keys(journal, RIV__SQL_DELTA_KEYS, op, newest.base[1],
                         deltas, &more, err));
    RIV__TRY(drop_oldest(journal, RIV__DELTA, op, deltas, err));
    if (deltas[0] > 0)
        journal->tip.deltas_from =
            RIV__MAX(journal->tip.deltas_from, (uint64_t)deltas[0] + 1);
    *ret_more = more;
    return 0;
}
