/* store/check_test.c - fsck: what it says of a journal, in words; that it waits
 * for nobody and stops at nothing. That it agrees with the opening, whatever is
 * damaged, and changes no byte, is in damage_test.c. */
#include "store/check.h"

#include <sqlite3.h>

#include "store/content.h"
#include "store/fixture.h"

static char said[4096];

static void say(void *arg, const char *text)
{
    size_t n = strlen(said);
    (void)arg;
    snprintf(said + n, sizeof said - n, "%s\n", text);
}

static int check(void)
{
    static char dir[128];
    struct riv_check_spec spec = {
        .sys = &shop.sys,
        .conf = &shop.conf.settings,
        .dir = dir,
        .report = say,
    };
    snprintf(dir, sizeof dir, "%s/state", shop.dir);
    said[0] = '\0';
    shop.err = (struct riv_err){ 0 };
    return riv__check_dir(&spec, &shop.err);
}

static void fill(void)
{
    shop_open();
    assert_fine(content_put_nodes(shop.journal, &shop.err));
    for (uint64_t i = 1; i <= 2; i++) {
        assert_fine(content_put_batch(shop.journal, i, &shop.err));
        assert_fine(content_put_rest(shop.journal, i, &shop.err));
    }
}

/* As somebody with the shell; the sums are not ours then. */
static void by_shell(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(in_state("journal.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

RIV_TEST(a_whole_journal_has_no_findings)
{
    fill();
    shop_close();
    assert_int_equal(check(), 0);
    shop_open();
    assert_fine(content_put_batch(shop.journal, 3, &shop.err));
    shop_kill();
    assert_int_equal(check(), 0);
    assert_string_equal(said, "");
}

RIV_TEST(a_running_job_is_left_alone)
{
    fill();
    assert_int_equal(check(), RIV_EBUSY);
    assert_non_null(strstr(shop.err.text, "in use by another process"));
}

RIV_TEST(where_there_is_no_journal_that_is_said)
{
    assert_int_equal(check(), RIV_ENOINPUT);
    assert_int_equal(mkdir(in_state(""), 0700), 0);
    assert_int_equal(check(), RIV_ENOINPUT);
    assert_non_null(strstr(shop.err.text, "there is no journal"));
    assert_int_equal(rmdir(in_state("")), 0);
}

RIV_TEST(every_finding_is_told_with_its_row)
{
    fill();
    shop_close();
    by_shell("UPDATE delta SET bytes = x'00' WHERE batch = 2;"
             "DELETE FROM note; UPDATE counter SET value = 9;"
             "DELETE FROM range WHERE batch = 1; DELETE FROM piece;"
             "UPDATE letter SET reason = 'x' WHERE id = 1");
    assert_in_range(check(), 6, 50);
    assert_non_null(strstr(said, "table delta, row (2, 2, 1)"));
    assert_non_null(strstr(said, "table note: 0 rows, tallied 1"));
    assert_non_null(strstr(said, "table counter, row (bad)"));
    assert_non_null(strstr(said, "batch 1 has 0 ranges"));
    assert_non_null(strstr(said, "snapshot 2 of node 2 has 0 pieces"));
    assert_non_null(strstr(said, "table letter, row (1)"));
}

/* One after the other, of a table each; not what fsck says, but what a start
 * does: read in spite of it they would be state that is gone in silence. */
static const char *const emptied[] = {
    "node", "batch", "range", "delta",  "piece",  "snapshot",
    "note", "block", "file",  "outbox", "letter", "counter"
};

RIV_TEST(a_start_misses_rows_of_any_table_that_are_gone)
{
    struct riv_buf text;
    char sql[64];
    riv__buf_init(&text, 0);
    fill();
    shop_close();
    copy_file("journal.db", "whole");
    copy_file("head", "whole.head");
    for (size_t i = 0; i < RIV__LEN(emptied); i++) {
        copy_file("whole", "journal.db");
        copy_file("whole.head", "head");
        snprintf(sql, sizeof sql, "DELETE FROM %s", emptied[i]);
        by_shell(sql);
        int rc = shop_try();
        if (rc == 0)
            rc = content_read(shop.journal, &text, &shop.err);
        if (rc != RIV_ECHECKPOINT)
            fail_msg("%s: %d %s", emptied[i], rc, shop.err.text);
        shop_kill();
    }
    riv__buf_fini(&text);
}

RIV_TEST(what_keeps_it_from_opening_is_a_finding)
{
    fill();
    shop_kill();
    cut("journal.db-wal", 100);
    assert_int_equal(check(), 1);
    assert_non_null(strstr(said, "the newest commits are lost"));
    assert_int_equal(unlink(in_state("head")), 0);
    assert_int_equal(check(), 1);
    assert_non_null(strstr(said, "head mark (the file head) is missing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(a_whole_journal_has_no_findings),
        IN_SHOP(a_running_job_is_left_alone),
        IN_SHOP(where_there_is_no_journal_that_is_said),
        IN_SHOP(every_finding_is_told_with_its_row),
        IN_SHOP(a_start_misses_rows_of_any_table_that_are_gone),
        IN_SHOP(what_keeps_it_from_opening_is_a_finding),
    };
    return RIV_RUN(tests);
}
