/* store/db.h - the connection to the journal's database: opened with every
 * setting read back (rule J2), statements prepared once and kept, and SQLite's
 * codes turned into ours (rule J6). Knows no table. @thread owner. */
#ifndef RIV_STORE_DB_H
#define RIV_STORE_DB_H

#include "store/place.h"
#include "store/sql.h"
#include "store/table.h"
#include "store/vfs.h"

enum {
    RIV__PAGE_BYTES = 16384, /* of a new database; README.md has the figures */
    RIV__CACHE_BYTES = 8 << 20,
};

/* Statements that are made of a table's description. */
enum riv_db_verb {
    RIV__DB_PUT,     /* INSERT */
    RIV__DB_REPLACE, /* INSERT OR REPLACE */
    RIV__DB_DROP,    /* DELETE the row with a key, RETURNING sum */
    RIV__DB_CLEAR,   /* DELETE the rows of a node, RETURNING sum */
    RIV__DB_ALL,     /* SELECT all rows, sorted by key */
    RIV__DB_VERBS,
};

struct riv_db_spec {
    const struct riv_place *place;
    bool is_new;
    bool is_read_only;
    uint32_t page_bytes;     /* of a new one; 0: RIV__PAGE_BYTES */
    uint64_t wal_bytes_kept; /* a longer WAL is cut when it starts over */
};

struct riv_db {
    sqlite3 *sqlite;
    struct riv_vfs vfs;
    bool is_read_only;
    bool is_known; /* its schema has been compared, or is being made */
    uint64_t page_bytes;
    uint64_t wal_bytes;  /* of it that are not yet in the database */
    bool is_full;        /* the last failure was a full disk */
    bool in_transaction; /* from begin to commit or rollback, as our caller
                            sees it; SQLite may have rolled back by itself */
    int failed;          /* the open transaction can only be rolled back */
    int final;           /* RIV_EIO, RIV_ECHECKPOINT: nothing works any more */
    char why[RIV__ERR_TEXT_MAX]; /* the final failure in words */
    sqlite3_stmt *kept[RIV__SQL_COUNT];
    sqlite3_stmt *verbs[RIV__DB_VERBS][RIV__TABLES];
};

/* Opens and takes SQLite's lock too; a new one is still without tables.
 * RIV_EBUSY: another program has it open. riv__db_close also after a failure. */
int riv__db_open(struct riv_db *db, const struct riv_db_spec *spec,
                 struct riv_err *err) RIV__MUST_USE;
/* Without a checkpoint: what is in the WAL stays there. */
void riv__db_close(struct riv_db *db);

/* A kept statement, reset and without values; lent. Not while somebody still
 * steps through it: RIV_EFATAL. */
int riv__db_sql(struct riv_db *db, enum riv_sql sql, sqlite3_stmt **ret,
                struct riv_err *err) RIV__MUST_USE;
int riv__db_verb(struct riv_db *db, enum riv_jtable table,
                 enum riv_db_verb verb, sqlite3_stmt **ret, struct riv_err *err)
    RIV__MUST_USE;
/* 1: a row; 0: the end, the statement is reset; or an error, likewise. */
int riv__db_step(struct riv_db *db, sqlite3_stmt *stmt, struct riv_err *err)
    RIV__MUST_USE;
/* Runs a kept statement without values and rows. */
int riv__db_run(struct riv_db *db, enum riv_sql sql, struct riv_err *err)
    RIV__MUST_USE;
/* COMMIT; an error also when SQLite has overlooked one. */
int riv__db_commit(struct riv_db *db, struct riv_err *err) RIV__MUST_USE;
/* A call of its files has failed since, and SQLite has said nothing. */
int riv__db_overlooked(struct riv_db *db, struct riv_err *err) RIV__MUST_USE;
/* Runs text once, without rows. */
int riv__db_exec(struct riv_db *db, const char *sql, struct riv_err *err)
    RIV__MUST_USE;
/* A column of the row as text, lent until the next step; "" for NULL, which is
 * also what SQLite says when it has no memory: that is an error here. */
int riv__db_text(struct riv_db *db, sqlite3_stmt *stmt, int column,
                 const char **ret, struct riv_err *err) RIV__MUST_USE;
/* The whole numbers of the first row of a statement; 0 where there is none or
 * NULL. Resets the statement. */
int riv__db_numbers(struct riv_db *db, sqlite3_stmt *stmt, int64_t *ret, int n,
                    struct riv_err *err) RIV__MUST_USE;
/* Moves the WAL into the database; `mode` is PASSIVE or TRUNCATE. RIV_EIO
 * unless everything was moved. */
int riv__db_checkpoint(struct riv_db *db, const char *mode, struct riv_err *err)
    RIV__MUST_USE;
/* What became of it: SQLite's code as ours, remembered when it is final. */
int riv__db_fail(struct riv_db *db, int code, struct riv_err *err);
/* Ends an open transaction, if there is one. */
void riv__db_rollback(struct riv_db *db);

#endif
