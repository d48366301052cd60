/* store/letter.c - table letter: records that were refused, with their bytes
 * and the reason. */
#include "store/inside.h"

static struct riv_letter_row row_of(const struct riv_cell *cells)
{
    return (struct riv_letter_row){
        .id = (uint64_t)cells[0].i,
        .batch = (uint64_t)cells[1].i,
        .time_ms = cells[2].i,
        .op = cells[3].s,
        .source = cells[4].s,
        .offset = cells[5].i,
        .reason = cells[6].s,
        .raw_bytes = (uint64_t)cells[7].i,
        .raw = cells[9].s,
    };
}

int riv__journal_put_letter(struct riv_journal *journal,
                            const struct riv_letter_row *row,
                            struct riv_err *err)
{
    struct riv_cell cells[RIV__COLUMNS_MAX] = {
        { .i = (int64_t)journal->tip.letters + 1 },
        { .i = (int64_t)row->batch },
        { .i = row->time_ms },
        { .s = riv__str(row->op.p, RIV__MIN(row->op.n, RIV__LETTER_TEXT_MAX)) },
        { .s = riv__str(row->source.p,
                        RIV__MIN(row->source.n, RIV__LETTER_TEXT_MAX)) },
        { .i = row->offset },
        { .s = riv__str(row->reason.p,
                        RIV__MIN(row->reason.n, RIV__LETTER_TEXT_MAX)) },
        { .i = (int64_t)row->raw.n },
        { .i = 0 },
        { .s = riv__str(row->raw.p,
                        RIV__MIN(row->raw.n, RIV__LETTER_BYTES_MAX)) },
    };
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__CHECK(riv__is_number(journal->tip.letters + 1), err);
    RIV__TRY(riv__ledger_put(&journal->ledger, RIV__LETTER, cells, err));
    journal->tip.letters++;
    return 0;
}

int riv__journal_drop_letters(struct riv_journal *journal, uint64_t upto_id,
                              struct riv_err *err)
{
    sqlite3_stmt *stmt;
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__TRY(riv__db_sql(&journal->db, RIV__SQL_DROP_LETTERS, &stmt, err));
    sqlite3_bind_int64(stmt, 1, (int64_t)RIV__MIN(upto_id, INT64_MAX));
    int64_t n = riv__ledger_take(&journal->ledger, RIV__LETTER, 0, stmt, err);
    return n < 0 ? (int)n : 0;
}

int riv__journal_drop_letter(struct riv_journal *journal, uint64_t id,
                             struct riv_err *err)
{
    struct riv_cell key[RIV__COLUMNS_MAX] = { { .i = (int64_t)id } };
    RIV__TRY(riv__journal_may_put(journal, err));
    int rc = riv__ledger_drop(&journal->ledger, RIV__LETTER, key, err);
    RIV__CHECK(rc != 0, err); /* a letter that nobody has */
    return rc < 0 ? rc : 0;
}

/* Whether all are there is known only of the whole table. */
int riv__journal_each_letter(struct riv_journal *journal, uint64_t from_id,
                             riv__letter_fn *each, void *arg,
                             struct riv_err *err)
{
    struct riv_cursor cursor;
    int rc;
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__LETTER,
                              RIV__SQL_LETTERS, err));
    sqlite3_bind_int64(cursor.stmt, 1, (int64_t)RIV__MIN(from_id, INT64_MAX));
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        struct riv_letter_row row = row_of(cursor.cell);
        rc = each(arg, &row, err);
        if (rc < 0)
            break;
    }
    riv__cursor_close(&cursor);
    if (rc < 0 || from_id > 1)
        return rc < 0 ? rc : 0;
    return riv__cursor_whole(&cursor, 0, err);
}
