/* store/db_test.c - the connection is shut against what a database that was made
 * to hurt could ask of it: each thing that is switched off or limited is tried.
 * Files are in memory. */
#include "store/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "support/disk_sys.h"

static struct world {
    struct disk_sys disk;
    struct riv_place place;
    struct riv_db db;
    struct riv_err err;
    char sql[65536], why[512];
} * world;

static int make(void **state)
{
    (void)state;
    world = calloc(1, sizeof *world);
    assert_non_null(world);
    disk_sys_init(&world->disk);
    world->place = (struct riv_place){ .sys = &world->disk.sys };
    snprintf(world->place.path[RIV__PLACE_DB], RIV__PLACE_PATH_MAX, "/db");
    const struct riv_db_spec spec = { .place = &world->place, .is_new = true };
    if (riv__db_open(&world->db, &spec, &world->err) < 0)
        fail_msg("%s", world->err.text);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    riv__db_close(&world->db);
    disk_sys_fini(&world->disk);
    free(world);
    return 0;
}

static int run(const char *sql)
{
    char *words = NULL;
    const int rc = sqlite3_exec(world->db.sqlite, sql, NULL, NULL, &words);
    snprintf(world->why, sizeof world->why, "%s", words ? words : "");
    sqlite3_free(words);
    return rc;
}

static void works(const char *sql)
{
    if (run(sql) != SQLITE_OK)
        fail_msg("\"%.100s\": %s", sql, world->why);
}

static void fails(const char *sql, const char *words)
{
    if (run(sql) == SQLITE_OK)
        fail_msg("\"%.100s\" works", sql);
    if (!strstr(world->why, words))
        fail_msg("\"%.100s\": \"%s\" is not in \"%s\"", sql, words, world->why);
}

/* `head`, n times `what` with `between`, `tail`. */
static const char *many(const char *head, int n, const char *what,
                        const char *between, const char *tail)
{
    size_t at = (size_t)snprintf(world->sql, sizeof world->sql, "%s", head);
    for (int i = 0; i < n; i++)
        at += (size_t)snprintf(world->sql + at, sizeof world->sql - at, "%s%s",
                               i ? between : "", what);
    snprintf(world->sql + at, sizeof world->sql - at, "%s", tail);
    return world->sql;
}

/* The last number of each that works, and the first that does not. */
static void statements_have_limits(void **state)
{
    static const struct {
        const char *head, *what, *between, *tail;
        int most;
        const char *words;
    } rows[] = {
        { "SELECT ", "1", ",", "", 32, "too many columns" },
        { "SELECT ", "1", " UNION ALL SELECT ", "", 3, "too many terms" },
        { "SELECT ", "1", "+", "", 20, "too large (maximum depth 20)" },
        { "SELECT coalesce(", "1", ",", ")", 8, "too many arguments" },
        { "SELECT 'a' LIKE '", "a", "", "'", 50, "pattern too complex" },
        { "SELECT '", "x", "", "'", 16384 - 9, "too big" },
    };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(rows); i++) {
        works(many(rows[i].head, rows[i].most, rows[i].what, rows[i].between,
                   rows[i].tail));
        fails(many(rows[i].head, rows[i].most + 1, rows[i].what,
                   rows[i].between, rows[i].tail),
              rows[i].words);
    }
    works("SELECT ?32 IS NULL");
    fails("SELECT ?33 IS NULL", "variable number must be between ?1 and ?32");
}

static void a_row_has_the_length_of_the_longest_that_we_write(void **state)
{
    char sql[64];
    (void)state;
    snprintf(sql, sizeof sql, "SELECT length(zeroblob(%d))",
             RIV__ROW_BYTES_MAX);
    works(sql);
    snprintf(sql, sizeof sql, "SELECT length(zeroblob(%d))",
             RIV__ROW_BYTES_MAX + 1);
    fails(sql, "too big");
}

static void no_other_file_is_reached(void **state)
{
    (void)state;
    fails("ATTACH '/other' AS other", "too many attached databases - max 0");
    fails("SELECT load_extension('x')", "not authorized");
    fails("VACUUM INTO '/copy'", "");
}

static void what_a_schema_hides_is_not_run(void **state)
{
    (void)state;
    works("CREATE TABLE a (n INTEGER)");
    works("CREATE TABLE b (n INTEGER NOT NULL CHECK (n > 0))");
    works("CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO b VALUES (-1); "
          "END");
    works("INSERT INTO a VALUES (1)"); /* with it: a CHECK would fail */
    works("CREATE VIEW v AS SELECT n FROM a");
    fails("SELECT n FROM v", "access to view \"v\" prohibited");
    works("PRAGMA writable_schema = ON");
    fails("DELETE FROM sqlite_schema", "may not be modified");
    fails("SELECT \"no such column\"", "no such column");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(statements_have_limits),
        TEST(a_row_has_the_length_of_the_longest_that_we_write),
        TEST(no_other_file_is_reached),
        TEST(what_a_schema_hides_is_not_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
