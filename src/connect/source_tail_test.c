/* connect/source_tail_test.c - a file that grows, is cut short, is replaced.
 * Each read() is a look; no clock is waited for. */
#include "connect/fixture.h"

/* Looks until the input has had time to see a change twice. */
static void look(struct fix *fix)
{
    for (int i = 0; i < 4; i++)
        assert_int_equal(fix_read_all(fix), RIV__READ_IDLE);
}

static void what_is_appended_is_read(void **state)
{
    struct fix *fix = *state;
    write_file("x", "old\n");
    fix_open(fix, "tail:x");
    look(fix);
    fix_got(fix, "");
    append_file("x", "one\ntw");
    look(fix);
    fix_got(fix, "one\n");
    append_file("x", "o\n");
    look(fix);
    fix_got(fix, "two\n");
    assert_string_equal(fix_note(fix), "following x");
}

static void tail_from_start_reads_what_is_there(void **state)
{
    struct fix *fix = *state;
    fix->conf.tail_from_start = true;
    write_file("x", "old\n");
    fix_open(fix, "tail:x");
    look(fix);
    fix_got(fix, "old\n");
}

/* The end at the start may lie within a line; its rest is no line. */
static void a_line_that_had_begun_before_the_start_is_left_out(void **state)
{
    struct fix *fix = *state;
    write_file("x", "old\nbeg");
    fix_open(fix, "tail:x");
    append_file("x", "un\nnew\n");
    look(fix);
    fix_got(fix, "new\n");
}

static void what_came_between_open_and_the_first_look_counts(void **state)
{
    struct fix *fix = *state;
    write_file("x", "old\n");
    fix_open(fix, "tail:x");
    append_file("x", "new\n");
    look(fix);
    fix_got(fix, "new\n");
}

static void a_missing_file_is_waited_for(void **state)
{
    struct fix *fix = *state;
    fix_open(fix, "tail:x");
    look(fix);
    assert_string_equal(fix_note(fix), "waiting for x to appear");
    write_file("x", "first\n");
    look(fix);
    fix_got(fix, "first\n");
    assert_string_equal(fix_note(fix), "following x");
}

static void a_truncated_file_begins_again(void **state)
{
    struct fix *fix = *state;
    write_file("x", "");
    fix_open(fix, "tail:x");
    append_file("x", "a long first line\nhalf");
    look(fix);
    fix_got(fix, "a long first line\n");
    write_file("x", "new\n");
    look(fix);
    fix_got(fix, "new\n");
    assert_non_null(strstr(fix_note(fix), "truncated"));
}

static void a_replaced_file_is_read_to_its_end_first(void **state)
{
    struct fix *fix = *state;
    write_file("x", "");
    fix_open(fix, "tail:x");
    append_file("x", "a\n");
    look(fix);
    assert_int_equal(rename("x", "x.1"), 0);
    append_file("x.1", "b\n");
    look(fix);
    append_file("x.1", "c\nlast");
    write_file("x", "new\n");
    look(fix);
    fix_got(fix, "a\nb\nc\nlast\nnew\n");
    append_file("x", "more\n");
    look(fix);
    fix_got(fix, "more\n");
    assert_string_equal(fix_note(fix), "following x");
}

/* A line may come into the old file after the new one was seen. */
static void the_old_file_is_looked_at_once_more(void **state)
{
    struct fix *fix = *state;
    write_file("x", "");
    fix_open(fix, "tail:x");
    assert_int_equal(rename("x", "x.1"), 0);
    write_file("x", "new\n");
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    append_file("x.1", "old\n");
    look(fix);
    fix_got(fix, "old\nnew\n");
}

/* The writer may go on in the old file until it is told of the new one. */
static void an_empty_new_file_does_not_end_the_old_one(void **state)
{
    struct fix *fix = *state;
    write_file("x", "");
    fix_open(fix, "tail:x");
    assert_int_equal(rename("x", "x.1"), 0);
    write_file("x", "");
    look(fix);
    append_file("x.1", "old\n");
    look(fix);
    append_file("x", "new\n");
    look(fix);
    fix_got(fix, "old\nnew\n");
}

static void rotation_again_and_again_loses_nothing(void **state)
{
    struct fix *fix = *state;
    struct riv_buf want;
    char line[32];
    riv__buf_init(&want, 0);
    write_file("x", "");
    fix_open(fix, "tail:x");
    for (int i = 0; i < 50; i++) {
        snprintf(line, sizeof line, "line %d\n", i);
        riv__buf_str(&want, line);
        append_file("x", line);
        look(fix);
        if (i % 5 == 4)
            assert_int_equal(rename("x", "x.1"), 0);
    }
    assert_true(fix_cut(fix) >= 0);
    fixture_equal(&fix->text, want.p, want.n);
    riv__buf_fini(&want);
}

static void large_pieces_pass_whole(void **state)
{
    struct fix *fix = *state;
    struct riv_buf want;
    riv__buf_init(&want, 0);
    for (int i = 0; i < 40000; i++)
        riv__buf_printf(&want, "line %d of many\n", i);
    riv__buf_char(&want, '\0');
    write_file("x", "");
    fix_open(fix, "tail:x");
    append_file("x", want.p);
    look(fix);
    assert_true(fix_cut(fix) >= 0);
    fixture_equal(&fix->text, want.p, want.n - 1);
    riv__buf_fini(&want);
}

static void what_cannot_be_followed_is_said(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(mkfifo("p", 0666), 0);
    fix_fails(fix, "tail:", RIV_EINVAL, "tail:PATH");
    fix_fails(fix, "tail:.", RIV_EINVAL, "dir:.");
    fix_fails(fix, "tail:p", RIV_EINVAL, "pipe:p");
}

static void a_folder_in_its_place_is_tried_again(void **state)
{
    struct fix *fix = *state;
    fix_open(fix, "tail:x");
    assert_int_equal(mkdir("x", 0777), 0);
    assert_int_equal(fix_read(fix), RIV_EUNAVAIL);
    assert_int_equal(rmdir("x"), 0);
    write_file("x", "a\n");
    look(fix);
    fix_got(fix, "a\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_appended_is_read),
        TEST(tail_from_start_reads_what_is_there),
        TEST(a_line_that_had_begun_before_the_start_is_left_out),
        TEST(what_came_between_open_and_the_first_look_counts),
        TEST(a_missing_file_is_waited_for),
        TEST(a_truncated_file_begins_again),
        TEST(a_replaced_file_is_read_to_its_end_first),
        TEST(the_old_file_is_looked_at_once_more),
        TEST(an_empty_new_file_does_not_end_the_old_one),
        TEST(rotation_again_and_again_loses_nothing),
        TEST(large_pieces_pass_whole),
        TEST(what_cannot_be_followed_is_said),
        TEST(a_folder_in_its_place_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
