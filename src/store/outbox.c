/* store/outbox.c - table outbox: bytes that are sent after their batch is
 * committed, until they are out. */
#include "store/inside.h"

int riv__journal_put_outbox(struct riv_journal *journal, uint32_t output,
                            uint64_t batch, riv_str bytes, struct riv_err *err)
{
    const int64_t key[2] = { output, (int64_t)batch };
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__CHECK(output > 0 && riv__is_number(batch), err);
    return riv__pieces_put(journal, RIV__OUTBOX, key, RIV__SQL_OUTBOX_LAST,
                           (struct riv_parts){ &bytes, 1 }, err);
}

int riv__journal_drop_outbox(struct riv_journal *journal, uint32_t output,
                             uint64_t upto_batch, struct riv_err *err)
{
    sqlite3_stmt *stmt;
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__TRY(riv__db_sql(&journal->db, RIV__SQL_DROP_OUTBOXES, &stmt, err));
    sqlite3_bind_int64(stmt, 1, output);
    sqlite3_bind_int64(stmt, 2, (int64_t)RIV__MIN(upto_batch, INT64_MAX));
    int64_t n =
        riv__ledger_take(&journal->ledger, RIV__OUTBOX, output, stmt, err);
    return n < 0 ? (int)n : 0;
}

int riv__journal_each_outbox(struct riv_journal *journal, uint32_t output,
                             riv__bytes_fn *each, void *arg,
                             struct riv_err *err)
{
    struct riv_cursor cursor;
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__OUTBOX,
                              RIV__SQL_OUTBOXES, err));
    sqlite3_bind_int64(cursor.stmt, 1, output);
    RIV__TRY(riv__pieces_each(journal, &cursor, each, arg, -1, err));
    return riv__cursor_whole(&cursor, output, err);
}
