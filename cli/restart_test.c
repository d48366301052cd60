/* cli/restart_test.c - when a worker is started again, and when that is enough. */
#include "restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "say.h"

static struct restart restart;

static int start(void **state)
{
    (void)state;
    restart_init(&restart, 5);
    return 0;
}

static struct restart_step crash(int64_t at_ms)
{
    return restart_after(
        &restart, &(struct restart_end){ .goes_on = true, .at_ms = at_ms });
}

static struct restart_step ended(int code, int64_t at_ms)
{
    return restart_after(&restart, &(struct restart_end){ .finished = true,
                                                          .goes_on = true,
                                                          .code = code,
                                                          .at_ms = at_ms });
}

static void pauses_double_and_the_sixth_crash_in_a_minute_is_the_last(
    void **state)
{
    (void)state;
    static const int64_t pauses[] = { 100, 200, 400, 800, 1600 };
    for (int i = 0; i < 5; i++) {
        const struct restart_step step = crash(i * 1000);
        assert_true(step.again);
        assert_int_equal(step.pause_ms, pauses[i]);
    }
    const struct restart_step last = crash(59999);
    assert_false(last.again);
    assert_true(last.too_often);
    assert_int_equal(last.code, EXIT_PROGRAM);
}

static void crashes_that_are_far_apart_go_on_for_ever(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 3000; i++)
        assert_true(crash(i * 12001).again);
}

static void the_pause_has_a_limit(void **state)
{
    (void)state;
    int64_t longest = 0;
    for (int64_t i = 0; i < 50; i++) {
        const struct restart_step step = crash(i * 15000);
        longest = step.pause_ms > longest ? step.pause_ms : longest;
    }
    assert_int_equal(longest, RESTART_PAUSE_MAX_MS);
}

static void a_quiet_minute_shortens_the_pause_again(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        (void)crash(i);
    assert_int_equal(crash(60010).pause_ms, RESTART_PAUSE_MIN_MS);
}

static void a_failed_disk_gets_one_more_chance(void **state)
{
    (void)state;
    assert_true(ended(EXIT_IO, 0).again);
    const struct restart_step second = ended(EXIT_IO, 59999);
    assert_false(second.again);
    assert_int_equal(second.code, EXIT_IO);
    assert_true(ended(EXIT_IO, 60000).again);
}

static void no_memory_counts_as_a_crash(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_true(ended(EXIT_SYSTEM, i).again);
    const struct restart_step last = ended(EXIT_SYSTEM, 5);
    assert_true(last.too_often);
    assert_int_equal(last.code, EXIT_SYSTEM);
}

static void any_other_end_is_final(void **state)
{
    (void)state;
    static const int codes[] = { EXIT_FINE,    EXIT_USAGE,   EXIT_STATE,
                                 EXIT_NOINPUT, EXIT_UNAVAIL, EXIT_PROGRAM,
                                 EXIT_BUSY,    EXIT_AGAIN,   EXIT_PERM,
                                 EXIT_GRAPH };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const struct restart_step step = ended(codes[i], 0);
        assert_false(step.again);
        assert_int_equal(step.code, codes[i]);
    }
}

static void nothing_is_started_again_that_was_to_stop(void **state)
{
    (void)state;
    const struct restart_step step = restart_after(
        &restart, &(struct restart_end){ .goes_on = true, .asked = true });
    assert_false(step.again);
    assert_int_equal(step.code, EXIT_AGAIN);
}

static void what_cannot_go_on_is_not_started_again(void **state)
{
    (void)state;
    const struct restart_step step =
        restart_after(&restart, &(struct restart_end){ .goes_on = false });
    assert_false(step.again);
    assert_false(step.too_often);
    assert_int_equal(step.code, EXIT_PROGRAM);
}

#define TEST(f) cmocka_unit_test_setup(f, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pauses_double_and_the_sixth_crash_in_a_minute_is_the_last),
        TEST(crashes_that_are_far_apart_go_on_for_ever),
        TEST(the_pause_has_a_limit),
        TEST(a_quiet_minute_shortens_the_pause_again),
        TEST(a_failed_disk_gets_one_more_chance),
        TEST(no_memory_counts_as_a_crash),
        TEST(any_other_end_is_final),
        TEST(nothing_is_started_again_that_was_to_stop),
        TEST(what_cannot_go_on_is_not_started_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
