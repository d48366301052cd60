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

/* NULL and "" are alike here: neither is a statement. */
static bool is_text(sqlite3_stmt *stmt, int column, const char *text, size_t n)
{
    const char *is = (const char *)sqlite3_column_text(stmt, column);
    return is && (size_t)sqlite3_column_bytes(stmt, column) == n &&
           memcmp(is, text, n) == 0;
}

/* The table that the row of sqlite_schema describes exactly, or -1. */
static int table_of(sqlite3_stmt *stmt, struct riv_buf *buf)
{
    if (!is_text(stmt, 0, "table", 5))
        return -1;
    for (int i = 0; i < RIV__TABLES; i++) {
        const char *name = riv__jtable_def((enum riv_jtable)i)->name;
        if (!is_text(stmt, 1, name, strlen(name)))
            continue;
        riv__buf_reset(buf);
        riv__jtable_create_sql((enum riv_jtable)i, buf);
        return !buf->failed && is_text(stmt, 2, buf->p, buf->n) ? i : -1;
    }
    return -1;
}

static int compare_row(sqlite3_stmt *stmt, struct riv_buf *buf, unsigned *found,
                       struct riv_err *err)
{
    int table = table_of(stmt, buf);
    if (buf->failed)
        return riv__err_set(err, RIV_ENOMEM, "out of memory");
    if (table < 0) {
        char name[64];
        const char *is = (const char *)sqlite3_column_text(stmt, 1);
        riv__str_show(name, sizeof name, riv__str(is, is ? strlen(is) : 0));
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db holds \"%s\", which is not as this "
                            "release makes it: another program has changed "
                            "the database",
                            name);
    }
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
        rc = compare_row(stmt, &buf, &found, err);
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
