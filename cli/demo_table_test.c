/* cli/demo_table_test.c - the order of the highest rows, and the sums. */
#include "demo_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct demo_table table;

static int clear(void **state)
{
    (void)state;
    demo_table_clear(&table);
    return 0;
}

static void add(const char *text, int64_t total)
{
    demo_table_add(&table, riv_cstr(text), 1, total);
}

static void the_highest_come_first_and_ties_by_name(void **state)
{
    (void)state;
    add("b", 5);
    add("a", 5);
    add("c", 9);
    add("d", 1);
    assert_int_equal(table.rows, 4);
    assert_string_equal(table.row[0].text, "c");
    assert_string_equal(table.row[1].text, "a");
    assert_string_equal(table.row[2].text, "b");
    assert_string_equal(table.row[3].text, "d");
}

static void rows_that_find_no_room_are_summed_up(void **state)
{
    (void)state;
    char text[16];
    for (int i = 0; i < 2 * DEMO_ROWS; i++) {
        snprintf(text, sizeof text, "%d", i);
        add(text, i);
    }
    assert_int_equal(table.rows, DEMO_ROWS);
    assert_int_equal(table.row[0].total, 2 * DEMO_ROWS - 1);
    assert_int_equal(table.row[DEMO_ROWS - 1].total, DEMO_ROWS);
    assert_int_equal(table.distinct, 2 * DEMO_ROWS);
    assert_int_equal(table.batch, 2 * DEMO_ROWS);
    assert_int_equal(table.total, DEMO_ROWS * (2 * DEMO_ROWS - 1));
}

static void a_long_text_is_cut(void **state)
{
    (void)state;
    char text[2 * DEMO_TEXT];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    add(text, 1);
    assert_int_equal(strlen(table.row[0].text), DEMO_TEXT - 1);
}

static void an_empty_text_is_a_row(void **state)
{
    (void)state;
    demo_table_add(&table, (riv_str){ 0 }, 0, 0);
    assert_int_equal(table.rows, 1);
    assert_string_equal(table.row[0].text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_highest_come_first_and_ties_by_name, clear),
        cmocka_unit_test_setup(rows_that_find_no_room_are_summed_up, clear),
        cmocka_unit_test_setup(a_long_text_is_cut, clear),
        cmocka_unit_test_setup(an_empty_text_is_a_row, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
