/* store/pieces.c - blobs in rows of at most 1 MiB, for the tables delta, piece
 * and outbox, which have the same columns. What was put at once comes back at
 * once: each of its rows but the last says that there is more. */
#include "store/inside.h"

/* The columns, by their place. */
enum { NODE, SECOND, PIECE, MORE, SUM, BYTES };

/* The number after the highest one of a key. */
static int next_piece(struct riv_journal *journal, enum riv_sql last,
                      const int64_t key[2], int64_t *ret, struct riv_err *err)
{
    struct riv_db *db = &journal->db;
    sqlite3_stmt *stmt;
    RIV__TRY(riv__db_sql(db, last, &stmt, err));
    sqlite3_bind_int64(stmt, 1, key[0]);
    sqlite3_bind_int64(stmt, 2, key[1]);
    RIV__TRY(riv__db_numbers(db, stmt, ret, 1, err));
    *ret += 1; /* they count from 1 on, for max() of none is taken as 0 */
    return 0;
}

/* What is left of parts: some of the first, and `n` behind it. */
struct rest {
    riv_str first;
    const riv_str *next;
    size_t n;
};

static void skip_empty(struct rest *rest)
{
    for (; rest->first.n == 0 && rest->n > 0; rest->n--)
        rest->first = *rest->next++;
}

/* Takes up to `room` bytes that lie together. */
static riv_str take(struct rest *rest, size_t room)
{
    const riv_str s = { rest->first.p, RIV__MIN(rest->first.n, room) };
    if (s.n > 0)
        rest->first = riv__str(s.p + s.n, rest->first.n - s.n);
    skip_empty(rest);
    return s;
}

/* The bytes of the next row, copied only where they lie in several places. */
static int next_row(struct riv_journal *journal, struct rest *rest,
                    riv_str *ret, struct riv_err *err)
{
    struct riv_buf *join = &journal->join;
    *ret = take(rest, RIV__PIECE_BYTES_MAX);
    if (rest->first.n == 0 || ret->n == RIV__PIECE_BYTES_MAX)
        return 0;
    riv__buf_reset(join);
    riv__buf_add(join, ret->p, ret->n);
    while (rest->first.n > 0 && join->n < RIV__PIECE_BYTES_MAX) {
        const riv_str s = take(rest, RIV__PIECE_BYTES_MAX - join->n);
        riv__buf_add(join, s.p, s.n);
    }
    if (join->failed)
        return riv__err_set(err, RIV_ENOMEM, "out of memory");
    *ret = riv__str(join->p, join->n);
    return 0;
}

int riv__pieces_put(struct riv_journal *journal, enum riv_jtable table,
                    const int64_t key[2], enum riv_sql last,
                    struct riv_parts parts, struct riv_err *err)
{
    struct rest rest = { .next = parts.part, .n = parts.n };
    int64_t piece = 0;
    RIV__TRY(next_piece(journal, last, key, &piece, err));
    skip_empty(&rest);
    do {
        struct riv_cell cells[RIV__COLUMNS_MAX] = {
            [NODE].i = key[0],
            [SECOND].i = key[1],
            [PIECE].i = piece++,
        };
        RIV__TRY(next_row(journal, &rest, &cells[BYTES].s, err));
        cells[MORE].i = rest.first.n > 0;
        RIV__TRY(riv__ledger_put(&journal->ledger, table, cells, err));
    } while (rest.first.n > 0);
    return 0;
}

static int refuse_piece(const struct riv_cursor *cursor, struct riv_err *err)
{
    return riv__err_set(
        err, RIV_ECHECKPOINT,
        "table %s, node %lld: piece %lld of %lld does not "
        "follow the one before",
        riv__jtable_def(cursor->table)->name, (long long)cursor->cell[NODE].i,
        (long long)cursor->cell[PIECE].i, (long long)cursor->cell[SECOND].i);
}

/* The rows after the first of what was put at once. */
static int join_rest(struct riv_journal *journal, struct riv_cursor *cursor,
                     riv_str *ret, struct riv_err *err)
{
    int64_t second = cursor->cell[SECOND].i, piece = cursor->cell[PIECE].i;
    struct riv_buf *join = &journal->join;
    riv__buf_reset(join);
    riv__buf_add(join, ret->p, ret->n);
    while (cursor->cell[MORE].i) {
        int rc = riv__cursor_next(cursor, err);
        if (rc < 0)
            return rc;
        const struct riv_cell *cell = cursor->cell;
        if (rc == 0 || cell[SECOND].i != second || cell[PIECE].i != ++piece)
            return refuse_piece(cursor, err);
        riv__buf_add(join, cell[BYTES].s.p, cell[BYTES].s.n);
    }
    if (join->failed)
        return riv__err_set(err, RIV_ENOMEM, "out of memory");
    *ret = riv__str(join->p, join->n);
    return 1;
}

/* 1: *ret is what was put at once, in the row itself or in `join`. */
static int next_whole(struct riv_journal *journal, struct riv_cursor *cursor,
                      int64_t *ret_second, riv_str *ret, struct riv_err *err)
{
    int rc = riv__cursor_next(cursor, err);
    if (rc <= 0)
        return rc;
    *ret_second = cursor->cell[SECOND].i;
    *ret = cursor->cell[BYTES].s;
    return cursor->cell[MORE].i ? join_rest(journal, cursor, ret, err) : 1;
}

int riv__pieces_each(struct riv_journal *journal, struct riv_cursor *cursor,
                     riv__bytes_fn *each, void *arg, int64_t base,
                     struct riv_err *err)
{
    int64_t second;
    riv_str bytes;
    int rc;
    while ((rc = next_whole(journal, cursor, &second, &bytes, err)) > 0) {
        rc = each(arg, (uint64_t)(base >= 0 ? base : second), bytes, err);
        if (rc < 0)
            break;
    }
    riv__cursor_close(cursor);
    return rc;
}
