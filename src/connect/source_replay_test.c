/* connect/source_replay_test.c - a recording, so many lines a batch. */
#include "connect/fixture.h"

static void each_batch_has_its_lines(void **state)
{
    struct fix *fix = *state;
    write_file("x", "1\n2\n\n4\n5");
    fix_open(fix, "replay:2:x");
    assert_null(fix->input->ops->read);
    assert_int_equal(fix_cut(fix), RIV__READ_MORE);
    fixture_equal(&fix->text, "1\n2\n", 4);
    riv__buf_reset(&fix->text);
    fix_got(fix, "\n4\n");
    assert_int_equal(fix_cut(fix), RIV__READ_END);
    fixture_equal(&fix->text, "5", 1);
}

static void the_last_full_batch_is_the_end(void **state)
{
    struct fix *fix = *state;
    write_file("x", "1\n2\n");
    fix_open(fix, "replay:1:x");
    assert_int_equal(fix_cut(fix), RIV__READ_MORE);
    assert_int_equal(fix_cut(fix), RIV__READ_END);
    assert_int_equal(fix_cut(fix), RIV__READ_END);
    fixture_equal(&fix->text, "1\n2\n", 4);
}

static void an_empty_file_ends_at_once(void **state)
{
    struct fix *fix = *state;
    write_file("x", "");
    fix_open(fix, "replay:1:x");
    assert_int_equal(fix_cut(fix), RIV__READ_END);
}

/* Batches whose lines cross the borders of reads. */
static void every_number_of_lines_gives_the_same_text(void **state)
{
    struct fix *fix = *state;
    struct riv_buf want;
    riv__buf_init(&want, 0);
    for (int i = 0; i < 60000; i++)
        riv__buf_printf(&want, "line %d\n", i);
    riv__buf_char(&want, '\0');
    write_file("x", want.p);
    static const char *const uri[] = { "replay:997:x", "replay:30000:x",
                                       "replay:59999:x", "replay:60000:x",
                                       "replay:1000000:x" };
    for (size_t i = 0; i < RIV__LEN(uri); i++) {
        fix_open(fix, uri[i]);
        while (fix_cut(fix) == RIV__READ_MORE)
            ;
        fixture_equal(&fix->text, want.p, want.n - 1);
        riv__buf_reset(&fix->text);
        riv__input_free(RIV__TAKE(fix->input));
    }
    riv__buf_fini(&want);
}

static void a_stopped_replay_ends(void **state)
{
    struct fix *fix = *state;
    write_file("x", "1\n2\n3\n");
    fix_open(fix, "replay:1:x");
    assert_int_equal(fix_cut(fix), RIV__READ_MORE);
    riv__input_stop(fix->input);
    assert_int_equal(fix_cut(fix), RIV__READ_END);
    fixture_equal(&fix->text, "1\n", 2);
}

/* It ended the input, as if all had been read. */
static void a_replayed_file_that_shrinks_is_an_error(void **state)
{
    struct fix *fix = *state;
    write_file("x", "1\n2\n3\n4\n5\n6\n");
    fix_open(fix, "replay:2:x");
    assert_int_equal(riv__input_cut(fix->input, &fix->cut, NULL),
                     RIV__READ_MORE);
    range_is_of(&fix->cut.range[0], "x");
    assert_int_equal(truncate("x", 6), 0);
    assert_int_equal(riv__input_cut(fix->input, &fix->cut, &fix->err), RIV_EIO);
    assert_non_null(strstr(fix->err.text, "x has 6 bytes; it had 12"));
}

static void wrong_uris_are_refused_with_an_example(void **state)
{
    struct fix *fix = *state;
    write_file("x", "1\n");
    fix_fails(fix, "replay:x", RIV_EINVAL, "replay:100:x.log");
    fix_fails(fix, "replay:0:x", RIV_EINVAL, "LINES:PATH");
    fix_fails(fix, "replay:-1:x", RIV_EINVAL, "LINES:PATH");
    fix_fails(fix, "replay:5:", RIV_EINVAL, "LINES:PATH");
    fix_fails(fix, "replay:5:none", RIV_ENOINPUT, "check the path");
    fix_fails(fix, "replay:5:.", RIV_EINVAL, "is no file");
}

static void another_run_goes_on_behind_the_cut(void **state)
{
    struct fix *fix = *state;
    write_file("x", "1\n2\n3\n4\n5\n");
    fix_open(fix, "replay:2:x");
    fix_got(fix, "1\n2\n");
    fix_again(fix, "replay:2:x");
    fix_got(fix, "3\n4\n");
    (void)fix_stand(fix);
    write_file("x", "1\n");
    fix_lost(fix, "replay:2:x", "cut short");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_batch_has_its_lines),
        TEST(the_last_full_batch_is_the_end),
        TEST(an_empty_file_ends_at_once),
        TEST(every_number_of_lines_gives_the_same_text),
        TEST(a_stopped_replay_ends),
        TEST(a_replayed_file_that_shrinks_is_an_error),
        TEST(wrong_uris_are_refused_with_an_example),
        TEST(another_run_goes_on_behind_the_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
