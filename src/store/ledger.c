/* store/ledger.c - a row's checksum, rows in and out, and the tallies. Everything
 * that writes a table of the journal goes through here, so that no row can be
 * without a sum and none uncounted. */
#include "store/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/vec.h"
#include "data/le.h"

/* ------------------------------------------------------------- checksum */

static void add_number(XXH3_state_t *state, int64_t i)
{
    unsigned char bytes[8];
    riv__le_put64(bytes, (uint64_t)i);
    XXH3_64bits_update(state, bytes, sizeof bytes);
}

/* The table's name with its NUL; then each column but the sum: its kind as a
 * letter; a whole number as 8 bytes, anything else as its length in 8 bytes and
 * its bytes. */
static uint64_t sum_of(const struct riv_jtable_def *def,
                       const struct riv_cell *cells)
{
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, def->name, strlen(def->name) + 1);
    for (unsigned i = 0; i < def->n; i++) {
        char kind = def->columns[i].kind;
        if (kind == RIV__COLUMN_SUM)
            continue;
        XXH3_64bits_update(&state, &kind, 1);
        if (kind == RIV__COLUMN_INT) {
            add_number(&state, cells[i].i);
            continue;
        }
        add_number(&state, (int64_t)cells[i].s.n);
        XXH3_64bits_update(&state, cells[i].s.p, cells[i].s.n);
    }
    return XXH3_64bits_digest(&state);
}

/* "delta (3, 17, 0)": for messages. */
static void show_row(const struct riv_jtable_def *def,
                     const struct riv_cell *cells, char *text, size_t room)
{
    struct riv_buf buf;
    char shown[64];
    riv__buf_init(&buf, room - 1);
    riv__buf_printf(&buf, "table %s, row (", def->name);
    for (unsigned i = 0; i < def->keys; i++) {
        riv__buf_str(&buf, i ? ", " : "");
        if (def->columns[i].kind == RIV__COLUMN_INT)
            riv__buf_i64(&buf, cells[i].i);
        else
            riv__buf_str(&buf, riv__str_show(shown, sizeof shown, cells[i].s));
    }
    riv__buf_char(&buf, ')');
    memcpy(text, buf.p ? buf.p : "", buf.n);
    text[buf.n] = '\0';
    riv__buf_fini(&buf);
}

/* -------------------------------------------------------------- tallies */

void riv__ledger_init(struct riv_ledger *ledger, struct riv_db *db)
{
    *ledger = (struct riv_ledger){ .db = db };
}

void riv__ledger_fini(struct riv_ledger *ledger)
{
    free(ledger->tallies);
    *ledger = (struct riv_ledger){ 0 };
}

static int compare(const struct riv_tally *tally, enum riv_jtable table,
                   uint32_t node)
{
    if (tally->table != table)
        return tally->table < table ? -1 : 1;
    return tally->node < node ? -1 : tally->node > node;
}

/* The place where it is, or would be. */
static size_t find(const struct riv_ledger *ledger, enum riv_jtable table,
                   uint32_t node)
{
    size_t low = 0, high = ledger->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (compare(&ledger->tallies[mid], table, node) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct riv_tally *tally_of(struct riv_ledger *ledger,
                                  enum riv_jtable table, uint32_t node)
{
    size_t at = find(ledger, table, node);
    if (at < ledger->n && compare(&ledger->tallies[at], table, node) == 0)
        return &ledger->tallies[at];
    if (RIV__VEC_ROOM(ledger->tallies, ledger->cap, ledger->n + 1) < 0)
        return NULL;
    memmove(ledger->tallies + at + 1, ledger->tallies + at,
            (ledger->n - at) * sizeof *ledger->tallies);
    ledger->n++;
    ledger->tallies[at] = (struct riv_tally){ .table = table, .node = node };
    return &ledger->tallies[at];
}

struct riv_tally riv__ledger_tally(const struct riv_ledger *ledger,
                                   enum riv_jtable table, uint32_t node)
{
    size_t at = find(ledger, table, node);
    if (at < ledger->n && compare(&ledger->tallies[at], table, node) == 0)
        return ledger->tallies[at];
    return (struct riv_tally){ .table = table, .node = node };
}

static int table_named(riv_str name)
{
    for (int i = 0; i < RIV__TABLES; i++) {
        const char *is = riv__jtable_def((enum riv_jtable)i)->name;
        if (strlen(is) == name.n && memcmp(is, name.p, name.n) == 0)
            return i;
    }
    return -1;
}

static int load_one(struct riv_ledger *ledger, const struct riv_cell *cells,
                    struct riv_err *err)
{
    int table = table_named(cells[0].s);
    if (table < 0 || cells[1].i < 0 || cells[1].i > UINT32_MAX)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "table tally speaks of a table that is none");
    struct riv_tally *tally =
        tally_of(ledger, (enum riv_jtable)table, (uint32_t)cells[1].i);
    if (!tally)
        return riv__err_set(err, RIV_ENOMEM, "out of memory");
    tally->rows = tally->rows_was = (uint64_t)cells[2].i;
    tally->sums = tally->sums_was = (uint64_t)cells[3].i;
    tally->last = tally->last_was = (uint64_t)cells[4].i;
    return 0;
}

int riv__ledger_load(struct riv_ledger *ledger, struct riv_err *err)
{
    struct riv_cursor cursor;
    int rc;
    ledger->n = 0;
    RIV__TRY(riv__cursor_open(&cursor, ledger, RIV__TALLY, RIV__SQL_ALL_TALLIES,
                              err));
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        rc = load_one(ledger, cursor.cell, err);
        if (rc < 0)
            break;
    }
    riv__cursor_close(&cursor);
    return rc;
}

static int flush_one(struct riv_ledger *ledger, const struct riv_tally *tally,
                     struct riv_err *err)
{
    const char *name = riv__jtable_def(tally->table)->name;
    struct riv_cell cells[RIV__COLUMNS_MAX] = {
        { .s = { name, strlen(name) } }, { .i = tally->node },
        { .i = (int64_t)tally->rows },   { .i = (int64_t)tally->sums },
        { .i = (int64_t)tally->last },
    };
    return riv__ledger_set(ledger->db, RIV__TALLY, cells, err);
}

int riv__ledger_flush(struct riv_ledger *ledger, struct riv_err *err)
{
    int changed = 0;
    for (size_t i = 0; i < ledger->n; i++) {
        if (!ledger->tallies[i].is_changed)
            continue;
        changed = 1;
        RIV__TRY(flush_one(ledger, &ledger->tallies[i], err));
    }
    return changed;
}

void riv__ledger_keep(struct riv_ledger *ledger)
{
    for (size_t i = 0; i < ledger->n; i++) {
        struct riv_tally *tally = &ledger->tallies[i];
        tally->rows_was = tally->rows;
        tally->sums_was = tally->sums;
        tally->last_was = tally->last;
        tally->is_changed = false;
    }
}

void riv__ledger_forget(struct riv_ledger *ledger)
{
    for (size_t i = 0; i < ledger->n; i++) {
        struct riv_tally *tally = &ledger->tallies[i];
        tally->rows = tally->rows_was;
        tally->sums = tally->sums_was;
        tally->last = tally->last_was;
        tally->is_changed = false;
    }
}

/* -------------------------------------------------------------- writing */

static int bind(struct riv_db *db, sqlite3_stmt *stmt, int at, char kind,
                const struct riv_cell *cell, struct riv_err *err)
{
    static const char nothing[1];
    const char *p = cell->s.p ? cell->s.p : nothing; /* NULL would be NULL */
    int rc;
    if (kind == RIV__COLUMN_TEXT)
        rc = sqlite3_bind_text64(stmt, at, p, cell->s.n, SQLITE_STATIC,
                                 SQLITE_UTF8);
    else if (kind == RIV__COLUMN_BLOB)
        rc = sqlite3_bind_blob64(stmt, at, p, cell->s.n, SQLITE_STATIC);
    else
        rc = sqlite3_bind_int64(stmt, at, cell->i);
    return rc == SQLITE_OK ? 0 : riv__db_fail(db, rc, err);
}

/* Gives the row's sum too. The values are the caller's and are let go. */
static int put(struct riv_db *db, enum riv_jtable table, enum riv_db_verb verb,
               const struct riv_cell *cells, uint64_t *ret_sum,
               struct riv_err *err)
{
    const struct riv_jtable_def *def = riv__jtable_def(table);
    uint64_t sum = sum_of(def, cells);
    sqlite3_stmt *stmt;
    RIV__TRY(riv__db_verb(db, table, verb, &stmt, err));
    for (unsigned i = 0; i < def->n; i++) {
        char kind = def->columns[i].kind;
        struct riv_cell own = { .i = (int64_t)sum };
        const struct riv_cell *cell =
            kind == RIV__COLUMN_SUM ? &own : &cells[i];
        RIV__TRY(bind(db, stmt, (int)i + 1, kind, cell, err));
    }
    int rc = riv__db_step(db, stmt, err);
    sqlite3_clear_bindings(stmt);
    *ret_sum = sum;
    return rc;
}

int riv__ledger_set(struct riv_db *db, enum riv_jtable table,
                    const struct riv_cell *cells, struct riv_err *err)
{
    uint64_t sum;
    return put(db, table, RIV__DB_REPLACE, cells, &sum, err);
}

static uint32_t node_of(enum riv_jtable table, const struct riv_cell *cells)
{
    return riv__jtable_def(table)->by_node ? (uint32_t)cells[0].i : 0;
}

static int no_memory(struct riv_ledger *ledger, struct riv_err *err)
{
    ledger->db->failed = RIV_ENOMEM;
    return riv__err_set(err, RIV_ENOMEM, "out of memory");
}

int riv__ledger_number(struct riv_ledger *ledger, enum riv_jtable table,
                       uint32_t node, uint64_t number, struct riv_err *err)
{
    struct riv_tally *tally = tally_of(ledger, table, node);
    if (!tally)
        return no_memory(ledger, err);
    tally->last = RIV__MAX(tally->last, number);
    tally->is_changed = true;
    return 0;
}

static int count(struct riv_ledger *ledger, enum riv_jtable table,
                 uint32_t node, int64_t n, uint64_t sum, struct riv_err *err)
{
    struct riv_tally *tally = tally_of(ledger, table, node);
    if (!tally)
        return no_memory(ledger, err);
    tally->rows += (uint64_t)n;
    tally->sums += sum;
    tally->is_changed = true;
    return 0;
}

int riv__ledger_put(struct riv_ledger *ledger, enum riv_jtable table,
                    const struct riv_cell *cells, struct riv_err *err)
{
    uint64_t sum;
    RIV__TRY(put(ledger->db, table, RIV__DB_PUT, cells, &sum, err));
    return count(ledger, table, node_of(table, cells), 1, sum, err);
}

int64_t riv__ledger_take(struct riv_ledger *ledger, enum riv_jtable table,
                         uint32_t node, sqlite3_stmt *stmt, struct riv_err *err)
{
    int64_t n = 0;
    uint64_t sums = 0;
    int rc;
    while ((rc = riv__db_step(ledger->db, stmt, err)) > 0) {
        sums += (uint64_t)sqlite3_column_int64(stmt, 0);
        n++;
    }
    sqlite3_clear_bindings(stmt);
    if (rc < 0 || n == 0)
        return rc;
    RIV__TRY(count(ledger, table, node, -n, 0 - sums, err));
    return n;
}

int64_t riv__ledger_clear(struct riv_ledger *ledger, enum riv_jtable table,
                          uint32_t node, struct riv_err *err)
{
    sqlite3_stmt *stmt;
    RIV__TRY(riv__db_verb(ledger->db, table, RIV__DB_CLEAR, &stmt, err));
    sqlite3_bind_int64(stmt, 1, node);
    return riv__ledger_take(ledger, table, node, stmt, err);
}

int riv__ledger_drop(struct riv_ledger *ledger, enum riv_jtable table,
                     const struct riv_cell *cells, struct riv_err *err)
{
    const struct riv_jtable_def *def = riv__jtable_def(table);
    sqlite3_stmt *stmt;
    RIV__TRY(riv__db_verb(ledger->db, table, RIV__DB_DROP, &stmt, err));
    for (unsigned i = 0; i < def->keys; i++)
        RIV__TRY(bind(ledger->db, stmt, (int)i + 1, def->columns[i].kind,
                      &cells[i], err));
    return (int)riv__ledger_take(ledger, table, node_of(table, cells), stmt,
                                 err);
}

int riv__ledger_replace(struct riv_ledger *ledger, enum riv_jtable table,
                        const struct riv_cell *cells, struct riv_err *err)
{
    RIV__TRY(riv__ledger_drop(ledger, table, cells, err));
    return riv__ledger_put(ledger, table, cells, err);
}

/* -------------------------------------------------------------- reading */

int riv__cursor_open(struct riv_cursor *cursor, struct riv_ledger *ledger,
                     enum riv_jtable table, enum riv_sql sql,
                     struct riv_err *err)
{
    cursor->ledger = ledger;
    cursor->table = table;
    cursor->n = cursor->sums = 0;
    return riv__db_sql(ledger->db, sql, &cursor->stmt, err);
}

static int kind_at(sqlite3_stmt *stmt, int at)
{
    switch (sqlite3_column_type(stmt, at)) {
    case SQLITE_INTEGER: return RIV__COLUMN_INT;
    case SQLITE_TEXT: return RIV__COLUMN_TEXT;
    case SQLITE_BLOB: return RIV__COLUMN_BLOB;
    default: return 0;
    }
}

/* False: a column is not of its kind. */
static bool take_cells(struct riv_cursor *cursor,
                       const struct riv_jtable_def *def)
{
    sqlite3_stmt *stmt = cursor->stmt;
    for (unsigned i = 0; i < def->n; i++)
        cursor->cell[i] = (struct riv_cell){ .i = 0 };
    for (unsigned i = 0; i < def->n; i++) {
        int at = (int)i;
        char kind = def->columns[i].kind;
        if (kind_at(stmt, at) != (kind == RIV__COLUMN_SUM ? 'i' : kind))
            return false;
        if (kind == RIV__COLUMN_SUM)
            cursor->sum = (uint64_t)sqlite3_column_int64(stmt, at);
        else if (kind == RIV__COLUMN_INT)
            cursor->cell[i].i = sqlite3_column_int64(stmt, at);
        else
            cursor->cell[i].s.p = sqlite3_column_blob(stmt, at);
        if (kind == RIV__COLUMN_TEXT || kind == RIV__COLUMN_BLOB)
            cursor->cell[i].s.n = (size_t)sqlite3_column_bytes(stmt, at);
    }
    return true;
}

static int refuse(const struct riv_cursor *cursor, const char *what,
                  struct riv_err *err)
{
    char text[160];
    show_row(riv__jtable_def(cursor->table), cursor->cell, text, sizeof text);
    return riv__err_set(err, RIV_ECHECKPOINT, "%s: %s", text, what);
}

int riv__cursor_next(struct riv_cursor *cursor, struct riv_err *err)
{
    const struct riv_jtable_def *def = riv__jtable_def(cursor->table);
    int rc = riv__db_step(cursor->ledger->db, cursor->stmt, err);
    if (rc <= 0)
        return rc;
    if (!take_cells(cursor, def))
        return refuse(cursor, "a column is not what it must be", err);
    if (sum_of(def, cursor->cell) != cursor->sum)
        return refuse(cursor, "its checksum does not fit", err);
    cursor->n++;
    cursor->sums += cursor->sum;
    return 1;
}

int riv__cursor_whole(const struct riv_cursor *cursor, uint32_t node,
                      struct riv_err *err)
{
    struct riv_tally tally =
        riv__ledger_tally(cursor->ledger, cursor->table, node);
    if (tally.rows == cursor->n && tally.sums == cursor->sums)
        return 0;
    return riv__err_set(
        err, RIV_ECHECKPOINT, "table %s%s has %llu rows, and its tally %llu%s",
        riv__jtable_def(cursor->table)->name, node ? " of a node" : "",
        (unsigned long long)cursor->n, (unsigned long long)tally.rows,
        tally.rows == cursor->n ? "; their sums differ" : "");
}

void riv__cursor_close(struct riv_cursor *cursor)
{
    if (cursor->stmt)
        sqlite3_reset(cursor->stmt);
}
