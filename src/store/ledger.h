/* store/ledger.h - every row of the journal, with checksum (rule J8). Each row's `sum` is the XXH3-64
 * of its table's name and all other columns; it is made here and compared here.
 * A tally of each table (of each node's part of it) counts rows and adds up
 * their sums, so that a row which a damaged page hides is missed: SQLite would
 * not notice. @thread owner. */
#ifndef RIV_STORE_LEDGER_H
#define RIV_STORE_LEDGER_H

#include "base/str.h"
#include "store/db.h"

/* One column; `s` for texts and blobs. A cell for `sum` is there and ignored. */
struct riv_cell {
    int64_t i;
    riv_str s;
};

/* What is known of a table's rows; changes of the open transaction too. */
struct riv_tally {
    enum riv_jtable table;
    uint32_t node; /* 0 where the table is tallied as a whole */
    bool is_changed;
    uint64_t rows, sums; /* now; sums modulo 2^64 */
    uint64_t last;       /* of snapshots: the highest number ever */
    uint64_t rows_was, sums_was, last_was; /* as committed */
};

struct riv_ledger {
    struct riv_db *db;
    struct riv_tally *tallies; /* sorted by table and node */
    size_t n, cap;
};

void riv__ledger_init(struct riv_ledger *ledger, struct riv_db *db);
void riv__ledger_fini(struct riv_ledger *ledger);
/* Reads the tallies. RIV_ECHECKPOINT: one of them is damaged. */
int riv__ledger_load(struct riv_ledger *ledger, struct riv_err *err)
    RIV__MUST_USE;
/* Writes those that changed; 1 when there were any. Before COMMIT. */
int riv__ledger_flush(struct riv_ledger *ledger, struct riv_err *err)
    RIV__MUST_USE;
/* After COMMIT, and after ROLLBACK. */
void riv__ledger_keep(struct riv_ledger *ledger);
void riv__ledger_forget(struct riv_ledger *ledger);

/* A new row; the key must not be there. */
int riv__ledger_put(struct riv_ledger *ledger, enum riv_jtable table,
                    const struct riv_cell *cells, struct riv_err *err)
    RIV__MUST_USE;
/* Takes the row with the key of `cells` away: 1, or 0 when there is none. */
int riv__ledger_drop(struct riv_ledger *ledger, enum riv_jtable table,
                     const struct riv_cell *cells, struct riv_err *err)
    RIV__MUST_USE;
/* The one after the other. */
int riv__ledger_replace(struct riv_ledger *ledger, enum riv_jtable table,
                        const struct riv_cell *cells, struct riv_err *err)
    RIV__MUST_USE;
/* Steps a DELETE ... RETURNING sum to its end; the number of rows. */
int64_t riv__ledger_take(struct riv_ledger *ledger, enum riv_jtable table,
                         uint32_t node, sqlite3_stmt *stmt,
                         struct riv_err *err);
/* `number` was used; it is remembered when it is higher than all before. */
int riv__ledger_number(struct riv_ledger *ledger, enum riv_jtable table,
                       uint32_t node, uint64_t number, struct riv_err *err)
    RIV__MUST_USE;
/* All rows of a node in a table. */
int64_t riv__ledger_clear(struct riv_ledger *ledger, enum riv_jtable table,
                          uint32_t node, struct riv_err *err);
/* A row of a table that is not tallied: meta, tip, tally. */
int riv__ledger_set(struct riv_db *db, enum riv_jtable table,
                    const struct riv_cell *cells, struct riv_err *err)
    RIV__MUST_USE;

/* ------------------------------------------------------------- reading */

struct riv_cursor {
    struct riv_ledger *ledger;
    sqlite3_stmt *stmt; /* bind its values, columns from 1 on */
    enum riv_jtable table;
    uint64_t n, sums; /* of the rows read so far */
    struct riv_cell cell[RIV__COLUMNS_MAX];
    uint64_t sum; /* of the row */
};

/* `sql` gives whole rows of the table. */
int riv__cursor_open(struct riv_cursor *cursor, struct riv_ledger *ledger,
                     enum riv_jtable table, enum riv_sql sql,
                     struct riv_err *err) RIV__MUST_USE;
/* 1: a row is in `cell`, its texts lent until the next call; 0: the end.
 * RIV_ECHECKPOINT: its checksum does not fit; one may go on to the next. */
int riv__cursor_next(struct riv_cursor *cursor, struct riv_err *err)
    RIV__MUST_USE;
/* The rows that were read are all there are of the node (table). */
int riv__cursor_whole(const struct riv_cursor *cursor, uint32_t node,
                      struct riv_err *err) RIV__MUST_USE;
/* Ends the reading; needed when it is left early. */
void riv__cursor_close(struct riv_cursor *cursor);

/* What the tally says. */
struct riv_tally riv__ledger_tally(const struct riv_ledger *ledger,
                                   enum riv_jtable table, uint32_t node);

#endif
