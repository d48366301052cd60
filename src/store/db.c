/* store/db.c - one SQLite connection. No setting is believed before it is read
 * back: SQLite answers a wish that it cannot fulfil with the old value, and no
 * error. */
#include "store/db.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* ------------------------------------------------------------- failures */

/* SQLite's first byte is the class; what follows says where it happened. */
static int code_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM: return RIV_ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return RIV_EBUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return RIV_ECHECKPOINT;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY: return RIV_EIO;
    case SQLITE_TOOBIG: return RIV_EINVAL;
    default: return RIV_EFATAL;
    }
}

static bool is_final(int code)
{
    return code == SQLITE_IOERR_NOMEM ? false
                                      : (code & 0xff) == SQLITE_IOERR ||
                                            code_of(code) == RIV_ECHECKPOINT;
}

static bool is_of_files(int code)
{
    int class = code & 0xff;
    return class == SQLITE_IOERR || class == SQLITE_FULL ||
           class == SQLITE_CANTOPEN;
}

/* "write DIR/journal.db-wal: No space left on device", or SQLite's words. */
static void describe(struct riv_db *db, int code, char *text, size_t room)
{
    struct riv_err why = { 0 };
    if (db->vfs.fault.sysno && is_of_files(code)) {
        riv__err_sys(&why, db->vfs.fault.sysno, db->vfs.fault.call,
                     db->vfs.fault.path);
        snprintf(text, room, "%s", why.text);
    } else {
        const char *words =
            db->sqlite ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(code);
        char shown[256]; /* they may quote what a damaged file says */
        riv__str_show(shown, sizeof shown, riv_cstr(words));
        snprintf(text, room, "journal.db: %s (SQLite %d)", shown, code);
    }
}

int riv__db_fail(struct riv_db *db, int code, struct riv_err *err)
{
    char text[RIV__ERR_TEXT_MAX];
    int ours = code == SQLITE_IOERR_NOMEM ? RIV_ENOMEM : code_of(code);
    if (ours == RIV_EFATAL && !db->is_known)
        ours = RIV_ECHECKPOINT; /* our SQL is right, so the file is wrong */
    describe(db, code, text, sizeof text);
    db->is_full = (code & 0xff) == SQLITE_FULL;
    if (db->in_transaction)
        db->failed = ours;
    if (is_final(code) && !db->is_read_only) {
        db->final = ours;
        memcpy(db->why, text, sizeof text);
    }
    return riv__err_set(err, ours, "%s", text);
}

/* After a failure SQLite may have rolled back by itself; what came then would
 * be committed row by row. */
static int check_usable(struct riv_db *db, struct riv_err *err)
{
    if (db->final)
        return riv__err_set(err, db->final, "%s", db->why);
    if (db->failed)
        return riv__err_set(err, db->failed,
                            "the transaction failed before; roll it back");
    return 0;
}

/* Whatever way of SQLite's passes over a call that failed, now or in a later
 * version, is closed here. */
int riv__db_overlooked(struct riv_db *db, struct riv_err *err)
{
    if (db->vfs.fault.sysno == 0)
        return 0;
    return riv__db_fail(db, SQLITE_IOERR, err);
}

/* ----------------------------------------------------------- statements */

static int prepare(struct riv_db *db, const char *sql, unsigned flags,
                   sqlite3_stmt **ret, struct riv_err *err)
{
    int rc = sqlite3_prepare_v3(db->sqlite, sql, -1, flags, ret, NULL);
    return rc == SQLITE_OK ? 0 : riv__db_fail(db, rc, err);
}

static int make_ready(sqlite3_stmt *stmt, struct riv_err *err)
{
    if (sqlite3_stmt_busy(stmt))
        return riv__err_set(err, RIV_EFATAL,
                            "the journal is being read by the same statement");
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return 0;
}

static const char *const sql_texts[RIV__SQL_COUNT] = {
#define SQL_TEXT(name, text) text,
    RIV__SQLS(SQL_TEXT)
#undef SQL_TEXT
};

int riv__db_sql(struct riv_db *db, enum riv_sql sql, sqlite3_stmt **ret,
                struct riv_err *err)
{
    RIV__TRY(check_usable(db, err));
    if (!db->kept[sql])
        RIV__TRY(prepare(db, sql_texts[sql], SQLITE_PREPARE_PERSISTENT,
                         &db->kept[sql], err));
    *ret = db->kept[sql];
    return make_ready(*ret, err);
}

static void verb_sql(enum riv_jtable table, enum riv_db_verb verb,
                     struct riv_buf *buf)
{
    switch (verb) {
    case RIV__DB_PUT: riv__jtable_put_sql(table, "INSERT", buf); break;
    case RIV__DB_REPLACE:
        riv__jtable_put_sql(table, "INSERT OR REPLACE", buf);
        break;
    case RIV__DB_DROP: riv__jtable_drop_sql(table, buf); break;
    case RIV__DB_CLEAR: riv__jtable_clear_sql(table, buf); break;
    case RIV__DB_ALL: riv__jtable_all_sql(table, buf); break;
    case RIV__DB_VERBS: break;
    }
    riv__buf_char(buf, '\0');
}

static int prepare_verb(struct riv_db *db, enum riv_jtable table,
                        enum riv_db_verb verb, sqlite3_stmt **ret,
                        struct riv_err *err)
{
    struct riv_buf buf;
    riv__buf_init(&buf, RIV__SQL_MAX);
    verb_sql(table, verb, &buf);
    int rc = buf.failed
                 ? riv__err_set(err, RIV_ENOMEM, "out of memory")
                 : prepare(db, buf.p, SQLITE_PREPARE_PERSISTENT, ret, err);
    riv__buf_fini(&buf);
    return rc;
}

int riv__db_verb(struct riv_db *db, enum riv_jtable table,
                 enum riv_db_verb verb, sqlite3_stmt **ret, struct riv_err *err)
{
    sqlite3_stmt **kept = &db->verbs[verb][table];
    RIV__TRY(check_usable(db, err));
    if (!*kept)
        RIV__TRY(prepare_verb(db, table, verb, kept, err));
    *ret = *kept;
    return make_ready(*ret, err);
}

int riv__db_step(struct riv_db *db, sqlite3_stmt *stmt, struct riv_err *err)
{
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        return 1;
    if (rc != SQLITE_DONE) /* before the reset, which forgets the words */
        rc = riv__db_fail(db, rc, err);
    else
        rc = 0;
    sqlite3_reset(stmt);
    return rc;
}

int riv__db_run(struct riv_db *db, enum riv_sql sql, struct riv_err *err)
{
    sqlite3_stmt *stmt;
    RIV__TRY(riv__db_sql(db, sql, &stmt, err));
    return riv__db_step(db, stmt, err);
}

int riv__db_commit(struct riv_db *db, struct riv_err *err)
{
    db->vfs.fault.sysno = 0;
    RIV__TRY(riv__db_run(db, RIV__SQL_COMMIT, err));
    return riv__db_overlooked(db, err);
}

int riv__db_exec(struct riv_db *db, const char *sql, struct riv_err *err)
{
    RIV__TRY(check_usable(db, err));
    int rc = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : riv__db_fail(db, rc, err);
}

int riv__db_text(struct riv_db *db, sqlite3_stmt *stmt, int column,
                 const char **ret, struct riv_err *err)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    if (!text && sqlite3_errcode(db->sqlite) == SQLITE_NOMEM)
        return riv__db_fail(db, SQLITE_NOMEM, err);
    *ret = text ? text : "";
    return 0;
}

int riv__db_numbers(struct riv_db *db, sqlite3_stmt *stmt, int64_t *ret, int n,
                    struct riv_err *err)
{
    int rc = riv__db_step(db, stmt, err);
    if (rc < 0)
        return rc;
    for (int i = 0; i < n; i++)
        ret[i] = rc == 1 ? sqlite3_column_int64(stmt, i) : 0;
    sqlite3_reset(stmt);
    return 0;
}

void riv__db_rollback(struct riv_db *db)
{
    if (db->sqlite && !sqlite3_get_autocommit(db->sqlite))
        (void)sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
    db->failed = 0;
    db->in_transaction = false;
}

/* ------------------------------------------------------------- settings */

static int set_switches(struct riv_db *db, struct riv_err *err)
{
    static const struct {
        int what, value;
    } switches[] = {
        { SQLITE_DBCONFIG_DEFENSIVE, 1 },
        { SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 },
        { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
        { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
        { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
        { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
        { SQLITE_DBCONFIG_DQS_DML, 0 },
        { SQLITE_DBCONFIG_DQS_DDL, 0 },
        { SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1 },
    };
    for (size_t i = 0; i < RIV__LEN(switches); i++) {
        int is = -1;
        int rc = sqlite3_db_config(db->sqlite, switches[i].what,
                                   switches[i].value, &is);
        if (rc != SQLITE_OK)
            return riv__db_fail(db, rc, err);
        RIV__CHECK(is == switches[i].value, err);
    }
    return 0;
}

/* What the journal needs, and no more: a schema made to hurt finds little. The
 * longest row is a dead letter. */
static void set_limits(struct riv_db *db)
{
    static const struct {
        int what, value;
    } limits[] = {
        { SQLITE_LIMIT_LENGTH, RIV__ROW_BYTES_MAX },
        { SQLITE_LIMIT_SQL_LENGTH, 16384 },
        { SQLITE_LIMIT_COLUMN, 32 },
        { SQLITE_LIMIT_EXPR_DEPTH, 20 },
        { SQLITE_LIMIT_COMPOUND_SELECT, 3 },
        { SQLITE_LIMIT_VDBE_OP, 25000 },
        { SQLITE_LIMIT_FUNCTION_ARG, 8 },
        { SQLITE_LIMIT_ATTACHED, 0 },
        { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50 },
        { SQLITE_LIMIT_VARIABLE_NUMBER, 32 },
        { SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
        { SQLITE_LIMIT_WORKER_THREADS, 0 },
    };
    for (size_t i = 0; i < RIV__LEN(limits); i++)
        sqlite3_limit(db->sqlite, limits[i].what, limits[i].value);
}

/* Sets, unless `ask` is NULL reads back, and compares with the answer. Steps to
 * the end: a change of the journal's mode answers first and is written then. */
static int pragma(struct riv_db *db, const char *set, const char *ask,
                  const char *answer, struct riv_err *err)
{
    char is[32] = "";
    if (ask)
        RIV__TRY(riv__db_exec(db, set, err));
    sqlite3_stmt *stmt = NULL;
    RIV__TRY(prepare(db, ask ? ask : set, 0, &stmt, err));
    int rc = riv__db_step(db, stmt, err);
    const char *text = "";
    bool has_row = rc == 1;
    if (has_row)
        rc = riv__db_text(db, stmt, 0, &text, err);
    if (rc == 0)
        snprintf(is, sizeof is, "%s", text);
    for (bool more = has_row && rc == 0; more; more = rc == 1)
        rc = riv__db_step(db, stmt, err);
    sqlite3_finalize(stmt);
    if (rc < 0)
        return rc;
    if (strcmp(is, answer) == 0)
        return 0;
    return riv__err_set(err, RIV_EFATAL,
                        "SQLite answered \"%s\" to \"%s\"; the journal needs "
                        "\"%s\"",
                        is, set, answer);
}

/* In this order: the page's size before the first table, the lock's mode
 * before the first access, so that WAL works without shared memory. */
static int set_pragmas(struct riv_db *db, const struct riv_db_spec *spec,
                       struct riv_err *err)
{
    static const struct {
        const char *set, *ask, *answer;
    } rows[] = {
        { "PRAGMA locking_mode = EXCLUSIVE", NULL, "exclusive" },
        { "PRAGMA cell_size_check = ON", "PRAGMA cell_size_check", "1" },
        { "PRAGMA trusted_schema = OFF", "PRAGMA trusted_schema", "0" },
        { "PRAGMA mmap_size = 0", NULL, "" }, /* our files cannot be mapped */
        { "PRAGMA temp_store = MEMORY", "PRAGMA temp_store", "2" },
        { "PRAGMA wal_autocheckpoint = 0", NULL, "0" },
        { "PRAGMA secure_delete = OFF", NULL, "0" },
        { "PRAGMA journal_mode = WAL", NULL, "wal" },
        { "PRAGMA synchronous = FULL", "PRAGMA synchronous", "2" },
    };
    char set[64], answer[32];
    if (spec->is_new) {
        unsigned bytes = spec->page_bytes ? spec->page_bytes : RIV__PAGE_BYTES;
        snprintf(set, sizeof set, "PRAGMA page_size = %u", bytes);
        snprintf(answer, sizeof answer, "%u", bytes);
        RIV__TRY(pragma(db, set, "PRAGMA page_size", answer, err));
        RIV__TRY(pragma(db, "PRAGMA auto_vacuum = NONE", "PRAGMA auto_vacuum",
                        "0", err));
    }
    for (size_t i = 0; i < RIV__LEN(rows); i++)
        RIV__TRY(pragma(db, rows[i].set, rows[i].ask, rows[i].answer, err));
    snprintf(set, sizeof set, "PRAGMA cache_size = -%d",
             RIV__CACHE_BYTES / 1024);
    RIV__TRY(pragma(db, set, "PRAGMA cache_size", strchr(set, '-'), err));
    snprintf(answer, sizeof answer, "%llu",
             (unsigned long long)spec->wal_bytes_kept);
    snprintf(set, sizeof set, "PRAGMA journal_size_limit = %s", answer);
    return pragma(db, set, NULL, answer, err);
}

/* ------------------------------------------------------- open and close */

/* SQLite takes its lock at the first access; this is it. What only reads holds
 * no lock, and must not ask to write. */
static int take_lock(struct riv_db *db, struct riv_err *err)
{
    if (db->is_read_only)
        return riv__db_exec(db, "PRAGMA query_only = ON", err);
    RIV__TRY(riv__db_exec(db, "BEGIN EXCLUSIVE", err));
    return riv__db_exec(db, "ROLLBACK", err);
}

/* SQLite calls it after each commit in the WAL with the number of pages in it.
 * The file's length says less: it starts over without getting shorter. */
static int note_wal(void *arg, sqlite3 *sqlite, const char *name, int pages)
{
    struct riv_db *db = arg;
    (void)sqlite, (void)name;
    db->wal_bytes = (uint64_t)pages * db->page_bytes;
    return SQLITE_OK;
}

static int busy(int rc, struct riv_err *err)
{
    if (rc != RIV_EBUSY)
        return rc;
    return riv__err_set(err, RIV_EBUSY,
                        "another program (sqlite3?) has journal.db open");
}

static int ask_page_bytes(struct riv_db *db, struct riv_err *err)
{
    int64_t bytes = 0;
    sqlite3_stmt *stmt = NULL;
    RIV__TRY(prepare(db, "PRAGMA page_size", 0, &stmt, err));
    int rc = riv__db_numbers(db, stmt, &bytes, 1, err);
    sqlite3_finalize(stmt);
    db->page_bytes = (uint64_t)bytes;
    return rc;
}

int riv__db_open(struct riv_db *db, const struct riv_db_spec *spec,
                 struct riv_err *err)
{
    int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
        (spec->is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
        (spec->is_new ? SQLITE_OPEN_CREATE : 0);
    *db = (struct riv_db){ .is_read_only = spec->is_read_only };
    RIV__TRY(riv__vfs_init(&db->vfs, spec->place->sys, err));
    db->vfs.is_read_only = spec->is_read_only;
    int rc = sqlite3_open_v2(spec->place->path[RIV__PLACE_DB], &db->sqlite,
                             flags, db->vfs.name);
    if (rc != SQLITE_OK)
        return riv__db_fail(db, rc, err);
    RIV__TRY(set_switches(db, err));
    set_limits(db);
    rc = set_pragmas(db, spec, err);
    if (rc == 0)
        rc = take_lock(db, err);
    if (rc < 0)
        return busy(rc, err);
    sqlite3_wal_hook(db->sqlite, note_wal, db);
    RIV__TRY(ask_page_bytes(db, err));
    return riv__db_overlooked(db, err);
}

static void finalize(sqlite3_stmt **stmts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sqlite3_finalize(stmts[i]);
        stmts[i] = NULL;
    }
}

void riv__db_close(struct riv_db *db)
{
    finalize(db->kept, RIV__LEN(db->kept));
    for (int verb = 0; verb < RIV__DB_VERBS; verb++)
        finalize(db->verbs[verb], RIV__TABLES);
    if (db->sqlite)
        (void)sqlite3_close(db->sqlite); /* no statement is left: it closes */
    db->sqlite = NULL;
    riv__vfs_fini(&db->vfs);
}

int riv__db_checkpoint(struct riv_db *db, const char *mode, struct riv_err *err)
{
    char sql[64];
    int64_t row[3]; /* busy, frames in the WAL, frames moved */
    RIV__TRY(check_usable(db, err));
    snprintf(sql, sizeof sql, "PRAGMA wal_checkpoint(%s)", mode);
    sqlite3_stmt *stmt = NULL;
    db->vfs.fault.sysno = 0;
    RIV__TRY(prepare(db, sql, 0, &stmt, err));
    int rc = riv__db_numbers(db, stmt, row, 3, err);
    sqlite3_finalize(stmt);
    if (rc < 0)
        return rc;
    RIV__TRY(riv__db_overlooked(db, err));
    if (row[0] == 0 && row[1] == row[2])
        return 0;
    return riv__err_set(err, RIV_EIO,
                        "checkpoint: %lld of %lld frames of the WAL were moved "
                        "into journal.db",
                        (long long)row[2], (long long)row[1]);
}
