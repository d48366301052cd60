/* Totals of words in a SQLite database, exactly once: the token of each batch
 * is in the database, in the same transaction as what the batch adds, so a
 * batch that runs again finds that it has been there.
 *
 *   rivulet run --state state examples/sqlite_sink.c INPUT totals.db
 *
 * on tail:FILE or replay:LINES:FILE; kill it whenever you like and start it
 * again, then look: sqlite3 totals.db 'SELECT * FROM total ORDER BY n'. The
 * command brings SQLite along; a program of its own needs -lsqlite3. */
#include <rivulet.h>
#include <sqlite3.h>

RIV_PAIR(total, riv_str, int64_t);

RIV_FLAT_MAP(split, riv_str, riv_str);
static int split(const riv_str *line, split_out *out, riv_task *t)
{
    (void)t;
    riv_str rest = *line, word;
    while (riv_cut(&rest, ' ', &word))
        if (word.n > 0)
            riv_emit(out, word);
    return 0;
}

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS total (word TEXT PRIMARY KEY, n INTEGER);"
    "CREATE TABLE IF NOT EXISTS written (app TEXT, output TEXT, part INTEGER,"
    " batch INTEGER, PRIMARY KEY (app, output, part))";
static const char mark[] = /* changes a row only for a batch that is new */
    "INSERT INTO written VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
    " SET batch = excluded.batch WHERE batch < excluded.batch";
static const char add[] = "INSERT INTO total VALUES (?, ?) ON CONFLICT DO"
                          " UPDATE SET n = n + excluded.n";

/* Runs a statement with a few values: texts first, then numbers. */
static int run(sqlite3 *db, const char *sql, const riv_str *text, int ntext,
               const int64_t *number, int nnumber)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return -1;
    for (int i = 0; i < ntext; i++)
        sqlite3_bind_text(stmt, i + 1, text[i].p, (int)text[i].n,
                          SQLITE_TRANSIENT);
    for (int i = 0; i < nnumber; i++)
        sqlite3_bind_int64(stmt, ntext + i + 1, number[i]);
    const int rc = sqlite3_step(stmt);
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? sqlite3_changes(db) : -1;
}

/* One transaction: the token and the rows, or neither. */
static int write_batch(sqlite3 *db, const riv_token *token,
                       const riv_result *rows)
{
    const riv_str who[] = { token->app, token->output };
    const int64_t which[] = { token->partition, (int64_t)token->batch };
    int rc = run(db, mark, who, 2, which, 2);
    for (size_t i = 0; rc > 0 && i < rows->n; i++) {
        const total *row = &((const total *)rows->rows)[i];
        rc = run(db, add, &row->key, 1, &row->val, 1);
    }
    return rc;
}

/* Takes the counts of a batch to the database whose path is the argument. */
static int save(riv *r, riv_ds *counts, int64_t time, const void *arg)
{
    sqlite3 *db = NULL;
    riv_token token = RIV_TOKEN;
    riv_result rows = { .struct_size = sizeof rows };
    (void)time;
    int rc = riv_batch_token(r, &token);
    if (rc != 0 || (rc = riv_collect(counts, &rows)) != 0)
        return rc;
    rc = sqlite3_open(*(const char *const *)arg, &db) == SQLITE_OK &&
                 sqlite3_busy_timeout(db, 10000) == SQLITE_OK &&
                 sqlite3_exec(db, tables, NULL, NULL, NULL) == SQLITE_OK &&
                 run(db, "BEGIN IMMEDIATE", NULL, 0, NULL, 0) >= 0 &&
                 write_batch(db, &token, &rows) >= 0 &&
                 run(db, "COMMIT", NULL, 0, NULL, 0) >= 0
             ? 0
             : riv_invalid(r, "%s: %s", *(const char *const *)arg,
                           sqlite3_errmsg(db));
    sqlite3_close(db); /* rolls back what was not committed */
    riv_result_free(&rows);
    return rc;
}

RIV_JOB(r, argc, argv)
{
    if (argc < 3)
        return riv_invalid(r, "usage: sqlite_sink.c INPUT DATABASE");
    const char *path = argv[2];
    riv_ds *lines = riv_text(r, argv[1], RIV_OPT(.uid = "lines"));
    riv_ds *counts =
        riv_count_by_value(riv_flat_map(lines, split_fn, NULL), NULL);
    riv_foreach_rdd(counts, save,
                    RIV_OPT(.uid = "totals", .arg = RIV_COPY(path)));
    return 0;
}
