/* conf/prop_test.c - the rows of the table, and what follows from them. */
#include "conf/prop.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "conf/settings.h"

static const struct riv_prop *row(const char *name)
{
    const struct riv_prop *prop = riv__prop_find(riv_cstr(name));
    assert_non_null(prop);
    return prop;
}

static const char *nearest(const char *typed)
{
    const struct riv_prop *prop = riv__prop_nearest(riv_cstr(typed));
    return prop ? prop->name : "none";
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < riv__prop_count; i++) {
        const struct riv_prop *prop = &riv__props[i];
        assert_true(strlen(prop->text) > 20);
        assert_int_equal(prop->text[strlen(prop->text) - 1], '.');
        assert_non_null(prop->fallback);
        assert_true(prop->min <= prop->max);
        assert_true(prop->offset + prop->member_bytes <=
                    sizeof(struct riv_settings));
        assert_int_equal(prop->words != NULL, prop->kind == RIV__PROP_WORD);
    }
}

static void no_two_rows_share_a_name_a_variable_or_a_member(void **state)
{
    (void)state;
    char a[RIV__PROP_ENV_MAX], b[RIV__PROP_ENV_MAX];
    for (size_t i = 0; i < riv__prop_count; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(riv__props[i].name, riv__props[k].name);
            assert_int_not_equal(riv__props[i].offset, riv__props[k].offset);
            assert_string_not_equal(riv__prop_env(&riv__props[i], a),
                                    riv__prop_env(&riv__props[k], b));
        }
    }
}

static void every_member_of_the_struct_has_a_row(void **state)
{
    (void)state;
    unsigned char covered[sizeof(struct riv_settings)] = { 0 };
    for (size_t i = 0; i < riv__prop_count; i++)
        memset(covered + riv__props[i].offset, 1, riv__props[i].member_bytes);
    memset(covered + offsetof(struct riv_settings, kafka), 1,
           sizeof((struct riv_settings *)0)->kafka + sizeof(size_t));
    size_t bare = 0; /* padding behind a bool is at most 7 bytes each */
    for (size_t i = 0; i < sizeof covered; i++) {
        bare = covered[i] ? 0 : bare + 1;
        assert_true(bare < 8);
    }
}

static void the_variable_is_the_name_in_capitals(void **state)
{
    (void)state;
    char env[RIV__PROP_ENV_MAX];
    assert_string_equal(riv__prop_env(row("batch.interval"), env),
                        "RIVULET_BATCH_INTERVAL");
    assert_string_equal(riv__prop_env(row("task.bytes_max"), env),
                        "RIVULET_TASK_BYTES_MAX");
}

static void a_typo_finds_the_name_that_was_meant(void **state)
{
    (void)state;
    assert_string_equal(nearest("batch.intervall"), "batch.interval");
    assert_string_equal(nearest("Batch_Interval"), "batch.interval");
    assert_string_equal(nearest("interval"), "batch.interval");
    assert_string_equal(nearest("thread"), "threads");
    assert_string_equal(nearest("line_max"), "input.line_max");
    assert_string_equal(nearest("task.byte_max"), "task.bytes_max");
}

static void a_strange_name_finds_none(void **state)
{
    (void)state;
    assert_string_equal(nearest("kafka.brokers"), "none");
    assert_string_equal(nearest(""), "none");
    assert_string_equal(nearest("x"), "none");
    assert_string_equal(nearest("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                        "none");
}

static void a_range_reads_like_values_do(void **state)
{
    (void)state;
    char text[128];
    assert_string_equal(
        riv__prop_range(row("batch.interval"), text, sizeof text),
        "1ms to 24h");
    assert_string_equal(riv__prop_range(row("task.bytes"), text, sizeof text),
                        "64K to 1G");
    assert_string_equal(
        riv__prop_range(row("input.long_line"), text, sizeof text),
        "fail, cut or skip");
    assert_string_equal(riv__prop_range(row("errors.max"), text, sizeof text),
                        "0 or more");
}

static void a_value_is_shown_in_the_largest_unit_that_divides_it(void **state)
{
    (void)state;
    char text[128];
    const struct riv_prop *interval = row("batch.interval");
    assert_string_equal(riv__prop_value(interval, 1500, text, sizeof text),
                        "1500ms");
    assert_string_equal(riv__prop_value(interval, 120000, text, sizeof text),
                        "2m");
    assert_string_equal(
        riv__prop_value(row("task.bytes"), 3 << 20, text, sizeof text), "3M");
    assert_string_equal(riv__prop_value(row("log.level"), 1, text, sizeof text),
                        "warning");
}

static void a_short_room_cuts_the_text(void **state)
{
    (void)state;
    char text[6];
    assert_string_equal(
        riv__prop_range(row("input.long_line"), text, sizeof text), "fail,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(no_two_rows_share_a_name_a_variable_or_a_member),
        cmocka_unit_test(every_member_of_the_struct_has_a_row),
        cmocka_unit_test(the_variable_is_the_name_in_capitals),
        cmocka_unit_test(a_typo_finds_the_name_that_was_meant),
        cmocka_unit_test(a_strange_name_finds_none),
        cmocka_unit_test(a_range_reads_like_values_do),
        cmocka_unit_test(a_value_is_shown_in_the_largest_unit_that_divides_it),
        cmocka_unit_test(a_short_room_cuts_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
