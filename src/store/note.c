/* store/note.c - tables note and counter: small rows by key, replaced when they
 * are put again. */
#include "store/inside.h"

static int check_source(struct riv_journal *journal, uint32_t source,
                        struct riv_err *err)
{
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__CHECK(source > 0, err);
    return 0;
}

int riv__journal_put_note(struct riv_journal *journal, uint32_t source,
                          riv_str key, riv_str value, struct riv_err *err)
{
    struct riv_cell cells[RIV__COLUMNS_MAX] = { { .i = source } };
    RIV__TRY(check_source(journal, source, err));
    RIV__CHECK(key.n + value.n <= RIV__PIECE_BYTES_MAX, err);
    cells[1].s = key;
    cells[3].s = value;
    return riv__ledger_replace(&journal->ledger, RIV__NOTE, cells, err);
}

int riv__journal_drop_note(struct riv_journal *journal, uint32_t source,
                           riv_str key, struct riv_err *err)
{
    struct riv_cell cells[RIV__COLUMNS_MAX] = { { .i = source } };
    RIV__TRY(check_source(journal, source, err));
    cells[1].s = key;
    int rc = riv__ledger_drop(&journal->ledger, RIV__NOTE, cells, err);
    return rc < 0 ? rc : 0;
}

int riv__journal_each_note(struct riv_journal *journal, uint32_t source,
                           riv__note_fn *each, void *arg, struct riv_err *err)
{
    struct riv_cursor cursor;
    int rc;
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__NOTE,
                              RIV__SQL_NOTES, err));
    sqlite3_bind_int64(cursor.stmt, 1, source);
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        rc = each(arg, cursor.cell[1].s, cursor.cell[3].s, err);
        if (rc < 0)
            break;
    }
    riv__cursor_close(&cursor);
    return rc < 0 ? rc : riv__cursor_whole(&cursor, source, err);
}

int riv__journal_put_counter(struct riv_journal *journal, riv_str name,
                             int64_t value, struct riv_err *err)
{
    struct riv_cell cells[RIV__COLUMNS_MAX] = { { .s = name }, { .i = value } };
    RIV__TRY(riv__journal_may_put(journal, err));
    return riv__ledger_replace(&journal->ledger, RIV__COUNTER, cells, err);
}

int riv__journal_each_counter(struct riv_journal *journal,
                              riv__counter_fn *each, void *arg,
                              struct riv_err *err)
{
    struct riv_cursor cursor;
    int rc;
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__COUNTER,
                              RIV__SQL_COUNTERS, err));
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        rc = each(arg, cursor.cell[0].s, cursor.cell[1].i, err);
        if (rc < 0)
            break;
    }
    riv__cursor_close(&cursor);
    return rc < 0 ? rc : riv__cursor_whole(&cursor, 0, err);
}
