/* cli/demo_count_test.c - totals by text, and the order of the highest. */
#include "demo_count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct counts counts;

static int open_counts(void **state)
{
    (void)state;
    counts_init(&counts);
    counts_next_batch(&counts);
    return 0;
}

static int close_counts(void **state)
{
    (void)state;
    counts_fini(&counts);
    return 0;
}

static void add(const char *text, int64_t n)
{
    assert_true(counts_add(&counts, riv_cstr(text), n));
}

static void the_highest_come_first_and_ties_by_name(void **state)
{
    (void)state;
    struct demo_row row[3];
    add("b", 5);
    add("a", 5);
    add("c", 9);
    add("d", 1);
    assert_int_equal(counts_top(&counts, row, 3), 3);
    assert_string_equal(row[0].text, "c");
    assert_string_equal(row[1].text, "a");
    assert_string_equal(row[2].text, "b");
}

static void a_batch_starts_at_zero_and_totals_go_on(void **state)
{
    (void)state;
    struct demo_row row[2];
    add("a", 5);
    add("b", 3);
    counts_next_batch(&counts);
    add("a", 2);
    assert_int_equal(counts_top(&counts, row, 2), 2);
    assert_int_equal(row[0].batch, 2);
    assert_int_equal(row[0].total, 7);
    assert_int_equal(row[1].batch, 0);
    assert_int_equal(row[1].total, 3);
    assert_int_equal(counts.batch, 2);
    assert_int_equal(counts.total, 10);
}

static void thousands_of_texts_are_told_apart(void **state)
{
    (void)state;
    char text[32];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 20000; i++) {
            snprintf(text, sizeof text, "text-%d", i);
            add(text, i);
        }
    }
    struct demo_row row[2];
    assert_int_equal(counts.n, 20000);
    assert_int_equal(counts_top(&counts, row, 2), 2);
    assert_string_equal(row[0].text, "text-19999");
    assert_int_equal(row[0].total, 2 * 19999);
}

static void long_texts_are_kept_as_far_as_they_are_shown(void **state)
{
    (void)state;
    char a[200], b[200];
    struct demo_row row[2];
    memset(a, 'x', sizeof a);
    memcpy(b, a, sizeof b);
    b[199] = 'y'; /* differs behind what is kept */
    assert_true(counts_add(&counts, (riv_str){ a, sizeof a }, 1));
    assert_true(counts_add(&counts, (riv_str){ b, sizeof b }, 2));
    assert_int_equal(counts_top(&counts, row, 2), 2);
    assert_int_equal(strlen(row[0].text), DEMO_TEXT - 1);
}

static void an_empty_text_is_one_too(void **state)
{
    (void)state;
    struct demo_row row[1];
    assert_true(counts_add(&counts, (riv_str){ NULL, 0 }, 4));
    assert_int_equal(counts_top(&counts, row, 1), 1);
    assert_string_equal(row[0].text, "");
}

static void beyond_the_limit_only_the_sum_grows(void **state)
{
    (void)state;
    char text[32];
    for (int i = 0; i < COUNTS_MAX + 10; i++) {
        snprintf(text, sizeof text, "%d", i);
        assert_true(counts_add(&counts, riv_cstr(text), 1));
    }
    assert_int_equal(counts.n, COUNTS_MAX);
    assert_int_equal(counts.total, COUNTS_MAX + 10);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_counts, close_counts)
    const struct CMUnitTest tests[] = {
        T(the_highest_come_first_and_ties_by_name),
        T(a_batch_starts_at_zero_and_totals_go_on),
        T(thousands_of_texts_are_told_apart),
        T(long_texts_are_kept_as_far_as_they_are_shown),
        T(an_empty_text_is_one_too),
        T(beyond_the_limit_only_the_sum_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
