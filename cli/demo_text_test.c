/* cli/demo_text_test.c - numbers as people read them. */
#include "demo_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char text[DEMO_NUMBER];

static void counts_have_separators(void **state)
{
    (void)state;
    assert_string_equal(text_count(text, 0), "0");
    assert_string_equal(text_count(text, 999), "999");
    assert_string_equal(text_count(text, 1000), "1,000");
    assert_string_equal(text_count(text, -1234567), "-1,234,567");
    assert_string_equal(text_count(text, INT64_MAX),
                        "9,223,372,036,854,775,807");
    assert_string_equal(text_count(text, INT64_MIN),
                        "-9,223,372,036,854,775,808");
}

static void cents_are_money(void **state)
{
    (void)state;
    assert_string_equal(text_cents(text, 5), "0.05");
    assert_string_equal(text_cents(text, 123456), "1,234.56");
}

static void bytes_times_and_parts_have_two_digits_or_more(void **state)
{
    (void)state;
    assert_string_equal(text_bytes(text, 512), "512 B");
    assert_string_equal(text_bytes(text, 9 << 20), "9.0 MiB");
    assert_string_equal(text_bytes(text, 137LL << 20), "137 MiB");
    assert_string_equal(text_time(text, 850), "850 us");
    assert_string_equal(text_time(text, 1500), "1.5 ms");
    assert_string_equal(text_time(text, 12400), "12 ms");
    assert_string_equal(text_time(text, 1000000), "1 s");
    assert_string_equal(text_time(text, 1500000), "1.5 s");
    assert_string_equal(text_percent(text, 0.006), "0.6 %");
    assert_string_equal(text_percent(text, 0.93), "93 %");
}

static void this_process_uses_memory(void **state)
{
    (void)state;
    assert_true(text_memory_now() > 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_separators),
        cmocka_unit_test(cents_are_money),
        cmocka_unit_test(bytes_times_and_parts_have_two_digits_or_more),
        cmocka_unit_test(this_process_uses_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
