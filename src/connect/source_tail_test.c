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
    assert_string_equal(fix_note(fix),
                        "following x from its end on (tail.from)");
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

static void the_lag_is_what_no_batch_has_of_the_file(void **state)
{
    struct fix *fix = *state;
    write_file("x", "old\n");
    fix_open(fix, "tail:x");
    fix_stands(fix, "4 of 4;");
    append_file("x", "one\n");
    fix_stands(fix, "4 of 8;"); /* not even read */
    look(fix);
    fix_stands(fix, "4 of 8;");
    fix_got(fix, "one\n");
    fix_stands(fix, "8 of 8;");
    assert_int_equal(rename("x", "x.1"), 0);
    fix_stands(fix, "8 of -1;"); /* another file may take the name */
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

static int interruptions;

static int open_interrupted(struct riv_sys *sys, const char *path,
                            unsigned flags)
{
    return interruptions-- > 0 ? -EINTR
                               : riv__sys_real()->open(sys, path, flags);
}

/* A signal while the file is opened is no fault of the file. */
static void an_interrupted_open_is_tried_again(void **state)
{
    struct fix *fix = *state;
    fix->clock.sys.open = open_interrupted;
    fix->conf.tail_from_start = true;
    write_file("x", "one\n");
    interruptions = 2;
    fix_open(fix, "tail:x");
    look(fix);
    fix_got(fix, "one\n");
    rename("x", "x.1");
    write_file("x", "two\n");
    interruptions = 2;
    look(fix);
    fix_got(fix, "two\n");
    assert_true(interruptions < 0);
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

/* A shell's habit: it would wait for ever, and not say why. */
static void a_pattern_is_said_to_be_none(void **state)
{
    struct fix *fix = *state;
    fix_open(fix, "tail:*.log");
    look(fix);
    assert_string_equal(fix_note(fix), "waiting for *.log to appear: that is "
                                       "one name here, no pattern");
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

/* ------------------------------------------ going on after a restart */

static void another_run_goes_on_at_the_byte(void **state)
{
    struct fix *fix = *state;
    write_file("x", "old\n");
    fix_open(fix, "tail:x");
    append_file("x", "one\ntwo\nthr");
    look(fix);
    fix_got(fix, "one\ntwo\n");
    (void)fix_stand(fix);
    append_file("x", "ee\nfour\n");
    look(fix); /* received, but not in the batch */
    assert_int_equal(fix_seek(fix, "tail:x"), 0);
    look(fix);
    fix_got(fix, "three\nfour\n");
    fix_again(fix, "tail:x");
    append_file("x", "five\n");
    look(fix);
    fix_got(fix, "five\n");
}

/* The first start decides where to begin, not the second. */
static void another_run_goes_on_before_the_first_batch(void **state)
{
    struct fix *fix = *state;
    write_file("x", "old\nbeg");
    fix_open(fix, "tail:x");
    (void)fix_stand(fix);
    append_file("x", "un\nnew\n");
    assert_int_equal(fix_seek(fix, "tail:x"), 0);
    look(fix);
    fix_got(fix, "new\n");
}

static void a_file_that_appeared_meanwhile_is_read_whole(void **state)
{
    struct fix *fix = *state;
    fix_open(fix, "tail:x");
    look(fix);
    fix_got(fix, "");
    (void)fix_stand(fix);
    write_file("x", "one\n");
    assert_int_equal(fix_seek(fix, "tail:x"), 0);
    look(fix);
    fix_got(fix, "one\n");
}

/* A batch had it in its hands, though nothing of it: it is known by then. */
static void a_file_without_a_whole_line_is_found_when_it_was_rotated(
    void **state)
{
    struct fix *fix = *state;
    fix_open(fix, "tail:x");
    look(fix);
    write_file("x", "ha");
    look(fix);
    fix_got(fix, "");
    (void)fix_stand(fix);
    append_file("x", "lf\n");
    assert_int_equal(rename("x", "x.1"), 0);
    write_file("x", "two\n");
    assert_int_equal(fix_seek(fix, "tail:x"), 0);
    look(fix);
    fix_got(fix, "half\ntwo\n");
}

/* It ends before the first byte of the file that appeared. */
static void a_batch_without_a_byte_of_a_new_file_is_run_again(void **state)
{
    struct fix *fix = *state;
    fix_open(fix, "tail:x");
    write_file("x", "ha");
    look(fix);
    assert_int_equal(riv__input_reach(fix->input, fix_stand(fix), &fix->err),
                     1);
    append_file("x", "lf\n");
    look(fix);
    fix_got(fix, "");
    fix_got(fix, "half\n");
}

/* A run that has read the only line of the file, and ends there. */
static void first_run(struct fix *fix)
{
    fix->conf.tail_from_start = true;
    write_file("x", "one\n");
    fix_open(fix, "tail:x");
    look(fix);
    fix_got(fix, "one\n");
    (void)fix_stand(fix);
}

static void a_file_that_was_rotated_meanwhile_is_read_to_its_end(void **state)
{
    struct fix *fix = *state;
    first_run(fix);
    append_file("x", "two\nhalf");
    assert_int_equal(rename("x", "x.1"), 0);
    write_file("x", "three\n");
    assert_int_equal(fix_seek(fix, "tail:x"), 0);
    look(fix);
    fix_got(fix, "two\nhalf\nthree\n");
    fix_again(fix, "tail:x");
    append_file("x", "four\n");
    look(fix);
    fix_got(fix, "four\n");
}

static void set_time(const char *path, int64_t seconds)
{
    const struct timespec times[2] = { { .tv_sec = seconds },
                                       { .tv_sec = seconds } };
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void files_between_two_runs_are_read_in_their_order(void **state)
{
    struct fix *fix = *state;
    first_run(fix);
    append_file("x", "two\n");
    assert_int_equal(rename("x", "x.3"), 0);
    write_file("x.2", "three\n");
    write_file("x.1", "four\n");
    write_file("x.0", "long ago\n");
    write_file("x", "five\n");
    set_time("x.0", 1000);
    set_time("x.3", 2000);
    set_time("x.2", 3000);
    set_time("x.1", 4000);
    assert_int_equal(fix_seek(fix, "tail:x"), 0);
    look(fix);
    fix_got(fix, "two\nthree\nfour\nfive\n");
}

/* A cut between the files of the way is a place like any other. */
static void another_run_may_stop_on_the_way(void **state)
{
    struct fix *fix = *state;
    first_run(fix);
    assert_int_equal(rename("x", "x.1"), 0);
    set_time("x.1", 2000);
    append_file("x.1", "two\n");
    write_file("x", "three\n");
    assert_int_equal(fix_seek(fix, "tail:x"), 0);
    assert_int_equal(fix_read(fix), RIV__READ_MORE);
    fix_got(fix, "two\n");
    fix_again(fix, "tail:x");
    look(fix);
    fix_got(fix, "three\n");
}

static void a_lost_file_is_said_and_not_passed_over(void **state)
{
    struct fix *fix = *state;
    first_run(fix);
    write_file("x", "");
    fix_lost(fix, "tail:x", "-c source.reset=tail:x");
    write_file("x", "other\nlines\n");
    fix_lost(fix, "tail:x", "neither x nor beside it, or was cut");
    assert_int_equal(unlink("x"), 0);
    fix_lost(fix, "tail:x", "neither x nor beside it");
}

enum { LONG_BYTES = 300000, LEFT_BYTES = 200000 };

/* Reads a long file, whose beginning stays what it is, so that it is known. */
static void read_long(struct fix *fix)
{
    char *text = malloc(LONG_BYTES + 1);
    assert_non_null(text);
    memset(text, '\n', LONG_BYTES);
    text[LONG_BYTES] = '\0';
    append_file("x", text);
    look(fix);
    fix_got(fix, text);
    free(text);
}

static void a_file_that_was_cut_short_meanwhile_is_said(void **state)
{
    struct fix *fix = *state;
    fix->conf.tail_from_start = true;
    write_file("x", "");
    fix_open(fix, "tail:x");
    read_long(fix);
    (void)fix_stand(fix);
    assert_int_equal(truncate("x", LEFT_BYTES), 0);
    fix_lost(fix, "tail:x", "it was cut short meanwhile");
}

/* Waiting for its lines would be for ever. */
static void a_batch_whose_lines_are_gone_is_said(void **state)
{
    struct fix *fix = *state;
    char until[256];
    fix->conf.tail_from_start = true;
    write_file("x", "\n");
    fix_open(fix, "tail:x");
    look(fix);
    fix_got(fix, "\n");
    const riv_str words = fix_stand(fix);
    char *from = strndup(words.p, words.n);
    read_long(fix);
    const riv_str end = fix_stand(fix);
    snprintf(until, sizeof until, "%.*s", (int)end.n, end.p);
    assert_int_equal(truncate("x", LEFT_BYTES), 0);
    riv__buf_reset(&fix->stand.words);
    riv__buf_str(&fix->stand.words, from);
    free(from);
    assert_int_equal(fix_seek(fix, "tail:x"), 0);
    look(fix);
    assert_int_equal(riv__input_reach(fix->input, riv_cstr(until), &fix->err),
                     RIV_ENOINPUT);
    assert_non_null(strstr(fix->err.text, "no longer there"));
}

static int64_t longest_ns, last_ns;

static int pause_noted(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                       struct riv_wake *wake, int64_t until_ns)
{
    (void)fds, (void)n, (void)wake;
    last_ns = until_ns - sys->mono_ns(sys);
    longest_ns = RIV__MAX(longest_ns, last_ns);
    return 0;
}

/* Looks become rare, but no rarer than files.poll; with data they are not. */
static void pauses_between_looks_grow_up_to_their_bound(void **state)
{
    struct fix *fix = *state;
    write_file("x", "");
    fix_open(fix, "tail:x");
    fix->input->wait_ms = -1;
    fix->clock.sys.poll = pause_noted;
    for (int i = 0; i < 40; i++)
        assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    assert_int_equal(longest_ns, fix->conf.poll_ms * INT64_C(1000000));
    append_file("x", "a\n");
    assert_int_equal(fix_read_all(fix), RIV__READ_IDLE);
    assert_int_equal(last_ns, 1000000);
}

static int opens;

static int open_few(struct riv_sys *sys, const char *path, unsigned flags)
{
    return opens-- > 0 ? riv__sys_real()->open(sys, path, flags) : -EMFILE;
}

/* It said that the file was gone, and how to lose what came after it. */
static void a_file_that_cannot_be_looked_at_is_not_lost(void **state)
{
    struct fix *fix = *state;
    first_run(fix);
    assert_int_equal(rename("x", "x.1"), 0);
    write_file("x", "two\n");
    fix->clock.sys.open = open_few;
    for (int n = 1; n <= 4; n++) { /* the first is that of a new input */
        opens = n;
        assert_int_equal(fix_seek(fix, "tail:x"), n < 4 ? RIV_ENOMEM : 0);
        if (n < 4 && !strstr(fix->err.text, "Too many open files"))
            fail_msg("%s", fix->err.text);
    }
    opens = 10;
    look(fix);
    fix_got(fix, "two\n");
}

static void a_compressed_file_between_is_said(void **state)
{
    struct fix *fix = *state;
    first_run(fix);
    assert_int_equal(rename("x", "x.2"), 0);
    write_file("x.1.gz", "packed");
    write_file("x", "two\n");
    set_time("x.2", 1000);
    fix_lost(fix, "tail:x", "x.1.gz came between and is compressed");
}

static void the_rest_of_a_long_line_stays_left_out(void **state)
{
    struct fix *fix = *state;
    fix->conf.tail_from_start = true;
    fix->conf.line_policy = RIV__LINE_CUT;
    write_file("x", "0123456789012345678901234567890123456789"
                    "012345678901234567890123456789");
    fix_open(fix, "tail:x");
    look(fix);
    fix_got(fix, "0123456789012345678901234567890123456789"
                 "012345678901234567890123\n");
    fix_again(fix, "tail:x");
    append_file("x", "the rest\nnext\n");
    look(fix);
    fix_got(fix, "next\n");
}

static void words_that_are_damaged_are_refused(void **state)
{
    struct fix *fix = *state;
    write_file("x", "one\n");
    fix_open(fix, "tail:x");
    assert_int_equal(
        riv__input_seek(fix->input, riv_cstr("offset=1"), &fix->err),
        RIV_ECHECKPOINT);
    assert_non_null(strstr(fix->err.text, "damaged"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_appended_is_read),
        TEST(tail_from_start_reads_what_is_there),
        TEST(the_lag_is_what_no_batch_has_of_the_file),
        TEST(a_line_that_had_begun_before_the_start_is_left_out),
        TEST(what_came_between_open_and_the_first_look_counts),
        TEST(an_interrupted_open_is_tried_again),
        TEST(a_missing_file_is_waited_for),
        TEST(a_pattern_is_said_to_be_none),
        TEST(a_truncated_file_begins_again),
        TEST(a_replaced_file_is_read_to_its_end_first),
        TEST(the_old_file_is_looked_at_once_more),
        TEST(an_empty_new_file_does_not_end_the_old_one),
        TEST(rotation_again_and_again_loses_nothing),
        TEST(large_pieces_pass_whole),
        TEST(what_cannot_be_followed_is_said),
        TEST(a_folder_in_its_place_is_tried_again),
        TEST(another_run_goes_on_at_the_byte),
        TEST(another_run_goes_on_before_the_first_batch),
        TEST(a_file_that_appeared_meanwhile_is_read_whole),
        TEST(a_file_without_a_whole_line_is_found_when_it_was_rotated),
        TEST(a_batch_without_a_byte_of_a_new_file_is_run_again),
        TEST(a_file_that_was_rotated_meanwhile_is_read_to_its_end),
        TEST(files_between_two_runs_are_read_in_their_order),
        TEST(another_run_may_stop_on_the_way),
        TEST(a_lost_file_is_said_and_not_passed_over),
        TEST(a_file_that_was_cut_short_meanwhile_is_said),
        TEST(a_batch_whose_lines_are_gone_is_said),
        TEST(pauses_between_looks_grow_up_to_their_bound),
        TEST(a_file_that_cannot_be_looked_at_is_not_lost),
        TEST(a_compressed_file_between_is_said),
        TEST(the_rest_of_a_long_line_stays_left_out),
        TEST(words_that_are_damaged_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
