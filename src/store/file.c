/* store/file.c - table file: what an output has written, under which name, and
 * up to where it counts. */
#include "store/inside.h"

static struct riv_file_row row_of(const struct riv_cell *cells)
{
    return (struct riv_file_row){
        .output = (uint32_t)cells[0].i,
        .number = (uint64_t)cells[1].i,
        .status = (enum riv_file_status)cells[2].i,
        .batch = (uint64_t)cells[3].i,
        .bytes = (uint64_t)cells[4].i,
        .sum = (uint64_t)cells[5].i,
        .opened_ms = cells[6].i,
        .folder = cells[7].s,
        .temporary = cells[8].s,
        .name = cells[9].s,
    };
}

int riv__journal_put_file(struct riv_journal *journal,
                          const struct riv_file_row *row, struct riv_err *err)
{
    struct riv_cell cells[RIV__COLUMNS_MAX] = {
        { .i = row->output },         { .i = (int64_t)row->number },
        { .i = row->status },         { .i = (int64_t)row->batch },
        { .i = (int64_t)row->bytes }, { .i = (int64_t)row->sum },
        { .i = row->opened_ms },      { .s = row->folder },
        { .s = row->temporary },      { .s = row->name },
    };
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__CHECK(row->output > 0 && riv__is_number(row->number), err);
    RIV__CHECK(riv__is_number(row->bytes), err);
    return riv__ledger_replace(&journal->ledger, RIV__FILE, cells, err);
}

int riv__journal_drop_files(struct riv_journal *journal, uint32_t output,
                            uint64_t below, struct riv_err *err)
{
    sqlite3_stmt *stmt;
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__TRY(riv__db_sql(&journal->db, RIV__SQL_DROP_FILES, &stmt, err));
    sqlite3_bind_int64(stmt, 1, output);
    sqlite3_bind_int64(stmt, 2, (int64_t)RIV__MIN(below, INT64_MAX));
    int64_t n =
        riv__ledger_take(&journal->ledger, RIV__FILE, output, stmt, err);
    return n < 0 ? (int)n : 0;
}

int riv__journal_each_file(struct riv_journal *journal, uint32_t output,
                           riv__file_fn *each, void *arg, struct riv_err *err)
{
    struct riv_cursor cursor;
    int rc;
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__FILE,
                              RIV__SQL_FILES, err));
    sqlite3_bind_int64(cursor.stmt, 1, output);
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        struct riv_file_row row = row_of(cursor.cell);
        rc = each(arg, &row, err);
        if (rc < 0)
            break;
    }
    riv__cursor_close(&cursor);
    return rc < 0 ? rc : riv__cursor_whole(&cursor, output, err);
}
