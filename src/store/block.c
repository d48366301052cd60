/* store/block.c - table block: bytes of sources that cannot give them again,
 * durable before the peer hears of it. One source's blocks are one range
 * without gaps. */
#include "store/inside.h"

/* Where the next block must begin, when there is one; else anywhere. */
static int check_place(struct riv_journal *journal, uint32_t source,
                       uint64_t from, struct riv_err *err)
{
    struct riv_db *db = &journal->db;
    sqlite3_stmt *stmt;
    int64_t end = 0;
    RIV__TRY(riv__db_sql(db, RIV__SQL_BLOCK_LAST, &stmt, err));
    sqlite3_bind_int64(stmt, 1, source);
    RIV__TRY(riv__db_numbers(db, stmt, &end, 1, err));
    RIV__CHECK(end == 0 || (uint64_t)end == from, err);
    return 0;
}

int riv__journal_put_block(struct riv_journal *journal, uint32_t source,
                           uint64_t from, riv_str bytes, struct riv_err *err)
{
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__CHECK(source > 0 && riv__is_number(from), err);
    RIV__CHECK(bytes.n <= INT64_MAX - from, err);
    RIV__TRY(check_place(journal, source, from, err));
    while (bytes.n > 0) {
        size_t n = RIV__MIN(bytes.n, RIV__PIECE_BYTES_MAX);
        struct riv_cell cells[RIV__COLUMNS_MAX] = {
            { .i = source }, { .i = (int64_t)from },        { .i = (int64_t)n },
            { .i = 0 },      { .s = riv__str(bytes.p, n) },
        };
        RIV__TRY(riv__ledger_put(&journal->ledger, RIV__BLOCK, cells, err));
        bytes = riv__str(bytes.p + n, bytes.n - n);
        from += n;
    }
    return 0;
}

int riv__journal_drop_blocks(struct riv_journal *journal, uint32_t source,
                             uint64_t until, struct riv_err *err)
{
    sqlite3_stmt *stmt;
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__CHECK(riv__is_number(until), err);
    RIV__TRY(riv__db_sql(&journal->db, RIV__SQL_DROP_BLOCKS, &stmt, err));
    sqlite3_bind_int64(stmt, 1, source);
    sqlite3_bind_int64(stmt, 2, (int64_t)until);
    int64_t n =
        riv__ledger_take(&journal->ledger, RIV__BLOCK, source, stmt, err);
    return n < 0 ? (int)n : 0;
}

int riv__journal_each_block(struct riv_journal *journal, uint32_t source,
                            riv__block_fn *each, void *arg, struct riv_err *err)
{
    struct riv_cursor cursor;
    uint64_t next = 0;
    int rc;
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__BLOCK,
                              RIV__SQL_BLOCKS, err));
    sqlite3_bind_int64(cursor.stmt, 1, source);
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        uint64_t from = (uint64_t)cursor.cell[1].i;
        riv_str bytes = cursor.cell[4].s;
        if (cursor.n > 1 && from != next)
            rc = riv__err_set(err, RIV_ECHECKPOINT,
                              "table block has bytes from %llu on where %llu "
                              "must follow",
                              (unsigned long long)from,
                              (unsigned long long)next);
        else
            rc = each(arg, from, bytes, err);
        if (rc < 0)
            break;
        next = from + bytes.n;
    }
    riv__cursor_close(&cursor);
    return rc < 0 ? rc : riv__cursor_whole(&cursor, source, err);
}
