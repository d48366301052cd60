/* store/table.h - the tables of a journal, described once: from the description
 * come CREATE, INSERT and DELETE, the order of columns in a row's checksum, and
 * what an opened database's schema is compared with. docs/format.md says what
 * the columns mean. */
#ifndef RIV_STORE_TABLE_H
#define RIV_STORE_TABLE_H

#include <stdbool.h>

#include "base/buf.h"

enum riv_jtable {
    RIV__META,     /* what never changes: format, application, ids */
    RIV__TIP,      /* one row: how far the journal has come */
    RIV__TALLY,    /* number and sum of the rows of each table */
    RIV__NODE,     /* sources, operators with state, outputs */
    RIV__BATCH,    /* batches */
    RIV__RANGE,    /* what a batch read of a source */
    RIV__DELTA,    /* what a batch changed in an operator's state */
    RIV__SNAPSHOT, /* complete snapshots */
    RIV__PIECE,    /* their bytes */
    RIV__NOTE,     /* what a source remembers */
    RIV__BLOCK,    /* received bytes */
    RIV__FILE,     /* output files */
    RIV__LETTER,   /* dead letters */
    RIV__OUTBOX,   /* prepared bytes of outputs */
    RIV__COUNTER,  /* counters */
    RIV__TABLES,
};

enum {
    RIV__COLUMNS_MAX = 16,
    RIV__SQL_MAX = 1024,
    RIV__ROW_BYTES_MAX = 18 << 20, /* a dead letter with its texts */
};

/* What a column holds; `sum` is the row's checksum and is not in it. */
enum riv_column_kind {
    RIV__COLUMN_INT = 'i',
    RIV__COLUMN_TEXT = 't',
    RIV__COLUMN_BLOB = 'b',
    RIV__COLUMN_SUM = 's',
};

struct riv_column {
    const char *name;
    char kind;
};

struct riv_jtable_def {
    const char *name;
    unsigned keys; /* the first columns: the primary key */
    unsigned n;    /* columns, the sum included */
    bool by_node;  /* the first column is a node: tallied node by node */
    bool is_long;  /* its rows have long blobs: the key is an index */
    const struct riv_column *columns;
};

const struct riv_jtable_def *riv__jtable_def(enum riv_jtable table);
/* Appends to `buf`: the statement that makes the table; one that inserts a
 * row; one that deletes the row with the key and returns its sum; one that
 * deletes all rows of a node and returns theirs; one that reads all rows by
 * key. */
void riv__jtable_create_sql(enum riv_jtable table, struct riv_buf *buf);
void riv__jtable_put_sql(enum riv_jtable table, const char *verb,
                         struct riv_buf *buf);
void riv__jtable_drop_sql(enum riv_jtable table, struct riv_buf *buf);
void riv__jtable_clear_sql(enum riv_jtable table, struct riv_buf *buf);
void riv__jtable_all_sql(enum riv_jtable table, struct riv_buf *buf);

#endif
