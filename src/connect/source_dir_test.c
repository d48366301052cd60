/* connect/source_dir_test.c - new files of a folder, each once. The cases IS-nn
 * are those of Spark's file stream that hold here too. */
#include "connect/fixture.h"

/* Two scans: a file must be the same at both. */
static void scan(struct fix *fix)
{
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
}

static void move_in(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "in/%s", name);
    write_file("outside", text);
    assert_int_equal(rename("outside", path), 0);
}

static void begin(struct fix *fix)
{
    assert_int_equal(mkdir("in", 0777), 0);
    fix_open(fix, "dir:in");
}

/* IS-04, IS-21 */
static void files_that_were_there_are_left_alone(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(mkdir("in", 0777), 0);
    move_in("old", "old\n");
    fix_open(fix, "dir:in");
    move_in("new", "new\n");
    scan(fix);
    fix_got(fix, "new\n");
}

/* IS-05 */
static void from_start_takes_those_too(void **state)
{
    struct fix *fix = *state;
    fix->conf.tail_from_start = true;
    assert_int_equal(mkdir("in", 0777), 0);
    move_in("old", "old\n");
    fix_open(fix, "dir:in");
    scan(fix);
    fix_got(fix, "old\n");
}

/* IS-27 */
static void a_file_is_read_once_whatever_becomes_of_it(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in("a", "one\nlast");
    scan(fix);
    assert_int_equal(riv__input_cut(fix->input, &fix->cut, NULL),
                     RIV__READ_MORE);
    assert_int_equal(fix->cut.n, 1);
    assert_string_equal(fix->cut.range[0].path, "in/a");
    assert_int_equal(fix->cut.range[0].until, 8);
    riv__cut_reset(&fix->cut);
    append_file("in/a", "more\n");
    scan(fix);
    fix_got(fix, "");
    assert_non_null(strstr(fix_note(fix), "1 changed after that"));
}

/* IS-22, IS-23: the time of a file says nothing about when it came. */
static void a_file_with_an_odd_time_is_read(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
    const struct timespec future[2] = { { 1LL << 32, 0 }, { 1LL << 32, 0 } };
    write_file("a", "old\n");
    write_file("b", "future\n");
    assert_int_equal(utimensat(AT_FDCWD, "a", old, 0), 0);
    assert_int_equal(utimensat(AT_FDCWD, "b", future, 0), 0);
    assert_int_equal(rename("b", "in/b"), 0);
    assert_int_equal(rename("a", "in/a"), 0);
    scan(fix);
    fix_got(fix, "old\nfuture\n");
}

/* IS-24, IS-25 */
static void hidden_and_unfinished_names_wait_for_their_real_name(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in(".dot", "no\n");
    move_in("x.tmp", "x\n");
    move_in("y.part", "no\n");
    move_in("z._COPYING_", "no\n");
    move_in("_name", "under\n");
    assert_int_equal(mkdir("in/sub", 0777), 0);
    write_file("in/sub/f", "no\n");
    scan(fix);
    fix_got(fix, "under\n");
    assert_int_equal(rename("in/x.tmp", "in/x"), 0);
    scan(fix);
    fix_got(fix, "x\n");
}

/* IS-26 */
static void a_file_that_grows_waits_until_it_rests(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    write_file("in/a", "");
    scan(fix);
    fix_got(fix, "");
    append_file("in/a", "half");
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    append_file("in/a", " whole\n");
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    fix_got(fix, "");
    scan(fix);
    fix_got(fix, "half whole\n");
}

static void links_pipes_and_folders_are_not_opened(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    write_file("secret", "secret\n");
    assert_int_equal(symlink("../secret", "in/link"), 0);
    assert_int_equal(mkfifo("in/fifo", 0666), 0);
    assert_int_equal(mkdir("in/folder", 0777), 0);
    move_in("good", "good\n");
    scan(fix);
    scan(fix);
    fix_got(fix, "good\n");
}

static void a_name_may_hold_any_byte(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in("new\nline \xff%s", "odd\n");
    scan(fix);
    fix_got(fix, "odd\n");
}

static void a_name_that_went_away_may_come_again(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in("a", "one\n");
    scan(fix);
    fix_got(fix, "one\n");
    assert_int_equal(unlink("in/a"), 0);
    scan(fix);
    move_in("a", "two\n");
    scan(fix);
    fix_got(fix, "two\n");
}

/* IS-06 */
static void a_pattern_watches_folders_also_new_ones(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(mkdir("in", 0777), 0);
    assert_int_equal(mkdir("in/a", 0777), 0);
    write_file("in/a/old", "no\n");
    fix_open(fix, "dir:in/*/");
    write_file("in/direct", "no\n");
    write_file("in/a/1", "a1\n");
    scan(fix);
    fix_got(fix, "a1\n");
    assert_int_equal(mkdir("in/b", 0777), 0);
    write_file("in/b/2", "b2\n");
    scan(fix);
    fix_got(fix, "b2\n");
    assert_int_equal(unlink("in/a/1") + unlink("in/a/old") + rmdir("in/a"), 0);
    write_file("in/b/3", "b3\n");
    scan(fix);
    fix_got(fix, "b3\n");
}

static void many_files_come_in_the_order_of_their_time(void **state)
{
    struct fix *fix = *state;
    struct riv_buf want;
    char name[32], text[32];
    begin(fix);
    riv__buf_init(&want, 0);
    for (int i = 0; i < 300; i++) {
        const struct timespec at[2] = { { 1000 + i, 0 }, { 1000 + i, 0 } };
        snprintf(name, sizeof name, "in/%d", 1000 - i);
        snprintf(text, sizeof text, "file %d\n", i);
        write_file(name, text);
        assert_int_equal(utimensat(AT_FDCWD, name, at, 0), 0);
        riv__buf_str(&want, text);
    }
    scan(fix);
    assert_true(fix_cut(fix) >= 0);
    fixture_equal(&fix->text, want.p, want.n);
    riv__buf_fini(&want);
    assert_string_equal(fix_note(fix), "300 files read");
}

static void a_missing_folder_is_an_error_at_the_start(void **state)
{
    struct fix *fix = *state;
    write_file("x", "x\n");
    fix_fails(fix, "dir:none", RIV_ENOINPUT, "create it");
    fix_fails(fix, "dir:", RIV_EINVAL, "dir:FOLDER");
    assert_true(fix_try(fix, "dir:x") < 0);
    assert_null(fix->input);
}

/* A folder that is gone may come back; what was read is remembered. */
static void a_folder_that_goes_away_is_tried_again(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    move_in("a", "a\n");
    scan(fix);
    fix_got(fix, "a\n");
    assert_int_equal(rename("in", "away"), 0);
    assert_int_equal(fix_read(fix), RIV_EUNAVAIL);
    assert_int_equal(rename("away", "in"), 0);
    move_in("b", "b\n");
    scan(fix);
    fix_got(fix, "b\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_that_were_there_are_left_alone),
        TEST(from_start_takes_those_too),
        TEST(a_file_is_read_once_whatever_becomes_of_it),
        TEST(a_file_with_an_odd_time_is_read),
        TEST(hidden_and_unfinished_names_wait_for_their_real_name),
        TEST(a_file_that_grows_waits_until_it_rests),
        TEST(links_pipes_and_folders_are_not_opened),
        TEST(a_name_may_hold_any_byte),
        TEST(a_name_that_went_away_may_come_again),
        TEST(a_pattern_watches_folders_also_new_ones),
        TEST(many_files_come_in_the_order_of_their_time),
        TEST(a_missing_folder_is_an_error_at_the_start),
        TEST(a_folder_that_goes_away_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
