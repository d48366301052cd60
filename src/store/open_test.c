/* store/open_test.c - what opening refuses of the files themselves, and that it
 * leaves what it refuses as it is: rules J1, J2, J9 and J10. Whose they are, and
 * what lies beside them, is in place_test.c. */
#include <sqlite3.h>

#include "data/le.h"
#include "store/fixture.h"

/* SQL by SQLite's own file system, as the shell would run it. */
static void by_shell(const char *sql)
{
    sqlite3 *db;
    char *words = NULL;
    assert_int_equal(sqlite3_open(in_state("journal.db"), &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &words) != SQLITE_OK)
        fail_msg("%s: %s", sql, words);
    sqlite3_close(db);
}

static int64_t number_by_shell(const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_open(in_state("journal.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return n;
}

/* ------------------------------------------- J1: a look before SQLite's */

RIV_TEST(a_database_cut_to_nothing_is_not_a_new_one)
{
    make_closed();
    for (long bytes = 1; bytes >= 0; bytes--) {
        cut("journal.db", bytes);
        assert_refused(RIV_ECHECKPOINT, "journal.db was cut");
        assert_int_equal(file_bytes("journal.db"), bytes);
    }
}

RIV_TEST(a_missing_database_is_not_a_new_one)
{
    make_killed();
    assert_int_equal(unlink(in_state("journal.db")), 0);
    assert_refused(RIV_ECHECKPOINT, "journal.db is missing");
    assert_int_equal(unlink(in_state("journal.db-wal")), 0);
    assert_refused(RIV_ECHECKPOINT, "journal.db is missing");
    assert_int_equal(unlink(in_state("head")), 0);
    assert_refused(RIV_ECHECKPOINT, "are missing");
    assert_true(file_bytes("ballast") > 0);
}

RIV_TEST(a_database_of_something_else_is_refused)
{
    make_closed();
    by_shell("PRAGMA application_id = 77");
    assert_refused(RIV_ECHECKPOINT, "no journal of Rivulet");
    flip("journal.db", 3, 0xff);
    assert_refused(RIV_ECHECKPOINT, "no SQLite database");
}

RIV_TEST(a_newer_format_is_refused)
{
    make_closed();
    by_shell("PRAGMA user_version = 2");
    assert_refused(RIV_ECHECKPOINT, "has format 2");
    by_shell("PRAGMA user_version = 0");
    assert_refused(RIV_ECHECKPOINT, "no format version");
}

RIV_TEST(a_cut_database_is_refused)
{
    make_closed();
    cut("journal.db", file_bytes("journal.db") - 4096);
    assert_refused(RIV_ECHECKPOINT, "journal.db was cut");
}

RIV_TEST(a_rollback_journal_is_another_programs)
{
    make_closed();
    copy_file("journal.db", "journal.db-journal");
    assert_refused(RIV_ECHECKPOINT, "another program");
}

/* SQLite would delete it, and with it what could still be saved. */
RIV_TEST(a_log_with_a_damaged_header_is_refused_and_kept)
{
    make_killed();
    long bytes = file_bytes("journal.db-wal");
    flip("journal.db-wal", 20, 1);
    assert_refused(RIV_ECHECKPOINT, "journal.db-wal is damaged");
    assert_int_equal(file_bytes("journal.db-wal"), bytes);
    flip("journal.db-wal", 20, 1);
    shop_open();
    assert_int_equal(riv__journal_info(shop.journal)->batch, 5);
}

/* A power cut while SQLite starts the log over; what it held is in the
 * database. */
RIV_TEST(a_torn_header_of_a_log_that_held_nothing_does_no_harm)
{
    make_closed();
    FILE *file = fopen(in_state("journal.db-wal"), "w");
    assert_non_null(file);
    fputs("torn", file);
    fclose(file);
    shop_open();
    assert_int_equal(riv__journal_info(shop.journal)->batch, 5);
    assert_false(riv__journal_info(shop.journal)->was_clean);
}

/* --------------------------------------------------------- J2: settings */

RIV_TEST(every_setting_is_as_it_must_be)
{
    make_closed();
    assert_int_equal(number_by_shell("PRAGMA page_size"), 4096);
    assert_int_equal(number_by_shell("PRAGMA auto_vacuum"), 0);
    assert_int_equal(number_by_shell("PRAGMA application_id"), 0x5249564a);
    assert_int_equal(number_by_shell("PRAGMA user_version"), 1);
    assert_int_equal(number_by_shell("SELECT count(*) FROM tip"), 1);
}

RIV_TEST(another_application_is_refused)
{
    struct riv_journal_spec spec = shop_spec();
    make_closed();
    spec.app = "fraud";
    assert_int_equal(riv__journal_open(&spec, &shop.journal, &shop.err),
                     RIV_ECHECKPOINT);
    assert_non_null(strstr(shop.err.text, "belongs to the application "
                                          "\"words\", and this is \"fraud\""));
}

RIV_TEST(a_changed_schema_is_refused)
{
    make_closed();
    by_shell("CREATE TRIGGER t AFTER INSERT ON batch BEGIN "
             "DELETE FROM batch; END");
    assert_refused(RIV_ECHECKPOINT, "\"t\"");
    by_shell("DROP TRIGGER t; CREATE INDEX i ON batch (time_ms)");
    assert_refused(RIV_ECHECKPOINT, "\"i\"");
    by_shell("DROP INDEX i; DROP TABLE outbox");
    assert_refused(RIV_ECHECKPOINT, "lacks some of its tables");
    by_shell("CREATE VIEW outbox AS SELECT * FROM delta");
    assert_refused(RIV_ECHECKPOINT, "\"outbox\"");
}

/* ------------------------------------------------------ J9: the head mark */

RIV_TEST(a_missing_log_is_missed)
{
    make_killed();
    assert_int_equal(unlink(in_state("journal.db-wal")), 0);
    assert_refused(RIV_ECHECKPOINT, "the newest commits are lost");
    assert_refused(RIV_ECHECKPOINT, "missing or empty");
}

RIV_TEST(a_flipped_bit_in_the_log_is_missed)
{
    make_killed();
    flip("journal.db-wal", file_bytes("journal.db-wal") / 2, 4);
    assert_refused(RIV_ECHECKPOINT, "the newest commits are lost");
}

/* Not only batches: a commit of a note alone is missed as well. */
RIV_TEST(any_lost_commit_is_missed)
{
    make_closed();
    shop_open();
    copy_file("journal.db-wal", "wal-before");
    begin();
    assert_fine(riv__journal_put_note(shop.journal, 1, riv_cstr("k"),
                                      riv_cstr("v"), &shop.err));
    commit();
    shop_kill();
    copy_file("wal-before", "journal.db-wal");
    assert_refused(RIV_ECHECKPOINT, "the newest commits are lost");
}

RIV_TEST(an_older_database_is_missed)
{
    make_closed();
    copy_file("journal.db", "older");
    shop_open();
    assert_fine(put_batch(6, 1, riv_cstr("x")));
    shop_close();
    copy_file("older", "journal.db");
    assert_refused(RIV_ECHECKPOINT, "the newest commits are lost");
}

RIV_TEST(a_missing_or_ruined_head_mark_is_damage)
{
    make_closed();
    copy_file("head", "head-before");
    assert_int_equal(unlink(in_state("head")), 0);
    assert_refused(RIV_ECHECKPOINT, "head mark (the file head) is missing");
    copy_file("head-before", "head");
    cut("head", 0);
    assert_refused(RIV_ECHECKPOINT, "head mark (the file head) is damaged");
    copy_file("head-before", "head");
    for (long at = 30; at < 4096; at += 1024)
        flip("head", at, 1);
    assert_refused(RIV_ECHECKPOINT, "none of its slots is valid");
}

RIV_TEST(one_slot_of_the_head_mark_is_enough)
{
    make_closed();
    for (long at = 30; at < 4096; at += 1024) {
        copy_file("head", "head-before");
        flip("head", at, 1);
        shop_open();
        assert_int_equal(riv__journal_info(shop.journal)->batch, 5);
        shop_kill();
        copy_file("head-before", "head");
    }
}

RIV_TEST(the_head_mark_of_another_journal_is_refused)
{
    make_closed();
    copy_file("head", "../head");
    remove_tree(in_state(""), 2);
    make_closed();
    copy_file("../head", "head");
    assert_refused(RIV_ECHECKPOINT, "belong to two journals");
    unlink(in_state("../head"));
}

/* It lags when power fails: it is not synced with each commit. */
RIV_TEST(a_head_mark_that_lags_does_no_harm)
{
    make_closed();
    copy_file("head", "head-before");
    shop_open();
    assert_fine(put_batch(6, 1, riv_cstr("x")));
    shop_kill();
    copy_file("head-before", "head");
    shop_open();
    assert_int_equal(riv__journal_info(shop.journal)->batch, 6);
    assert_false(riv__journal_info(shop.journal)->was_clean);
}

static uint64_t sequence_of(int slot)
{
    unsigned char p[8];
    const int fd = open(in_state("head"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, p, sizeof p, slot * 1024 + 24), sizeof p);
    close(fd);
    return riv__le_get64(p);
}

/* The one that counted once more, before the other is written over. */
RIV_TEST(both_synced_marks_are_written_anew_at_the_start)
{
    make_killed();
    const uint64_t was = RIV__MAX(sequence_of(2), sequence_of(3));
    shop_open();
    assert_true(sequence_of(2) > was);
    assert_true(sequence_of(3) > was);
}

/* ---------------------------------------------------- J10: quick_check */

/* The page of a table that is not in the log: what it says it is, is wrong. */
RIV_TEST(a_broken_structure_is_found_after_a_crash)
{
    make_closed();
    long page = (long)number_by_shell(
        "SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'");
    shop_open();
    assert_fine(put_batch(6, 1, riv_cstr("x")));
    shop_kill();
    flip("journal.db", (page - 1) * 4096, 0x01);
    assert_refused(RIV_ECHECKPOINT, "journal.db is damaged");
    shop.conf.settings.check_bytes_max = 0;
    shop_open();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(a_database_cut_to_nothing_is_not_a_new_one),
        IN_SHOP(a_missing_database_is_not_a_new_one),
        IN_SHOP(a_database_of_something_else_is_refused),
        IN_SHOP(a_newer_format_is_refused),
        IN_SHOP(a_cut_database_is_refused),
        IN_SHOP(a_rollback_journal_is_another_programs),
        IN_SHOP(a_log_with_a_damaged_header_is_refused_and_kept),
        IN_SHOP(a_torn_header_of_a_log_that_held_nothing_does_no_harm),
        IN_SHOP(every_setting_is_as_it_must_be),
        IN_SHOP(another_application_is_refused),
        IN_SHOP(a_changed_schema_is_refused),
        IN_SHOP(a_missing_log_is_missed),
        IN_SHOP(a_flipped_bit_in_the_log_is_missed),
        IN_SHOP(any_lost_commit_is_missed),
        IN_SHOP(an_older_database_is_missed),
        IN_SHOP(a_missing_or_ruined_head_mark_is_damage),
        IN_SHOP(one_slot_of_the_head_mark_is_enough),
        IN_SHOP(the_head_mark_of_another_journal_is_refused),
        IN_SHOP(a_head_mark_that_lags_does_no_harm),
        IN_SHOP(both_synced_marks_are_written_anew_at_the_start),
        IN_SHOP(a_broken_structure_is_found_after_a_crash),
    };
    return RIV_RUN(tests);
}
