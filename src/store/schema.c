/* store/schema.c - the database's own description of itself against ours, text
 * by text. Comes before every other statement: a view or trigger with one of
 * our names would run in our place. */
#include "store/schema.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "store/look.h"

int riv__schema_create(struct riv_db *db, uint32_t format, struct riv_err *err)
{
    char pragma[64];
    struct riv_buf buf;
    int rc = 0;
    db->is_known = true;
    snprintf(pragma, sizeof pragma, "PRAGMA application_id = %d",
             RIV__LOOK_APP_ID);
    RIV__TRY(riv__db_exec(db, pragma, err));
    snprintf(pragma, sizeof pragma, "PRAGMA user_version = %u", format);
    RIV__TRY(riv__db_exec(db, pragma, err));
    riv__buf_init(&buf, RIV__SQL_MAX);
    for (int i = 0; i < RIV__TABLES && rc == 0; i++) {
        riv__buf_reset(&buf);
        riv__jtable_create_sql((enum riv_jtable)i, &buf);
        riv__buf_char(&buf, '\0');
        rc = buf.failed ? riv__err_set(err, RIV_ENOMEM, "out of memory")
                        : riv__db_exec(db, buf.p, err);
    }
    riv__buf_fini(&buf);
    return rc;
}

/* A row of sqlite_schema. */
struct schema_row {
    const char *type, *name, *sql;
};

static int read_row(struct riv_db *db, sqlite3_stmt *stmt,
                    struct schema_row *ret, struct riv_err *err)
{
    RIV__TRY(riv__db_text(db, stmt, 0, &ret->type, err));
    RIV__TRY(riv__db_text(db, stmt, 1, &ret->name, err));
    return riv__db_text(db, stmt, 2, &ret->sql, err);
}

/* The table that the row describes exactly, or -1. */
static int table_of(const struct schema_row *row, struct riv_buf *buf)
{
    for (int i = 0; i < RIV__TABLES; i++) {
        const char *name = riv__jtable_def((enum riv_jtable)i)->name;
        if (strcmp(row->name, name) != 0)
            continue;
        riv__buf_reset(buf);
        riv__jtable_create_sql((enum riv_jtable)i, buf);
        riv__buf_char(buf, '\0');
        return strcmp(row->type, "table") == 0 && !buf->failed &&
                       strcmp(row->sql, buf->p) == 0
                   ? i
                   : -1;
    }
    return -1;
}

static int compare_row(struct riv_db *db, sqlite3_stmt *stmt,
                       struct riv_buf *buf, unsigned *found,
                       struct riv_err *err)
{
    struct schema_row row;
    char name[64];
    RIV__TRY(read_row(db, stmt, &row, err));
    int table = table_of(&row, buf);
    if (buf->failed)
        return riv__err_set(err, RIV_ENOMEM, "out of memory");
    if (table < 0)
        return riv__err_set(
            err, RIV_ECHECKPOINT,
            "journal.db holds \"%s\", which is not as this "
            "release makes it: another program has changed "
            "the database",
            riv__str_show(name, sizeof name, riv_cstr(row.name)));
    *found |= 1U << table;
    return 0;
}

int riv__schema_compare(struct riv_db *db, struct riv_err *err)
{
    sqlite3_stmt *stmt;
    struct riv_buf buf;
    unsigned found = 0;
    int rc;
    RIV__TRY(riv__db_sql(db, RIV__SQL_SCHEMA, &stmt, err));
    riv__buf_init(&buf, RIV__SQL_MAX);
    while ((rc = riv__db_step(db, stmt, err)) > 0) {
        rc = compare_row(db, stmt, &buf, &found, err);
        if (rc < 0)
            break;
    }
    sqlite3_reset(stmt);
    riv__buf_fini(&buf);
    if (rc == 0 && found != (1U << RIV__TABLES) - 1)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db lacks some of its tables");
    db->is_known = rc == 0;
    return rc;
}
