/* cli/query_test.c - queries as they are read, and what is said of wrong ones. */
#include "query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct query q;
static char why[512];

static void reads(const char *text)
{
    if (!query_read(text, &q, why, sizeof why))
        fail_msg("%s: %s", text, why);
}

static void fields_of_a_web_server_have_names(void **state)
{
    (void)state;
    reads("combined | where status >= 500 and path ~ \"/a b\" "
          "| window 1m every 10s | count by path, method | top 10 | json");
    assert_int_equal(q.format, QUERY_COMBINED);
    assert_int_equal(q.conditions, 2);
    assert_int_equal(q.condition[0].field, 7);
    assert_int_equal(q.condition[0].relation, QUERY_AT_LEAST);
    assert_true(q.condition[0].is_number);
    assert_true(q.condition[0].number == 500);
    assert_int_equal(q.condition[1].relation, QUERY_CONTAINS);
    assert_true(riv_eq(q.condition[1].text, riv_cstr("/a b")));
    assert_int_equal(q.window_ms, 60000);
    assert_int_equal(q.slide_ms, 10000);
    assert_int_equal(q.fold, QUERY_COUNT);
    assert_int_equal(q.keys, 2);
    assert_int_equal(q.key[0], 5);
    assert_int_equal(q.key[1], 4);
    assert_int_equal(q.fields, 8);
    assert_int_equal(q.top, 10);
    assert_int_equal(q.show, QUERY_AS_JSON);
}

static void columns_have_names_and_numbers(void **state)
{
    (void)state;
    reads("csv card,ts,cents|sum cents by $4|total|csv");
    assert_int_equal(q.names, 3);
    assert_string_equal(q.name[2], "cents");
    assert_int_equal(q.value, 2);
    assert_int_equal(q.key[0], 3);
    assert_int_equal(q.fields, 4);
    assert_true(q.total);
    reads("fields|max $12");
    assert_int_equal(q.value, 11);
    assert_int_equal(q.keys, 0);
    reads("csv a | where a>=1 and $2==/b?c=d,e!|count");
    assert_int_equal(q.conditions, 2);
    assert_true(riv_eq(q.condition[1].text, riv_cstr("/b?c=d,e!")));
    reads("tsv a b | where a = x and b !~ 7 and a != \"5\"");
    assert_int_equal(q.condition[0].relation, QUERY_EQUAL);
    assert_int_equal(q.condition[1].relation, QUERY_LACKS);
    assert_false(q.condition[1].is_number);
    assert_false(q.condition[2].is_number);
    assert_int_equal(q.fold, QUERY_NO_FOLD);
}

static void a_window_without_every_follows_itself(void **state)
{
    (void)state;
    reads("words | count by word | window 500ms");
    assert_int_equal(q.window_ms, 500);
    assert_int_equal(q.slide_ms, 500);
    reads("words");
    assert_int_equal(q.fields, 1);
}

static void wrong_queries_are_told_with_the_way_out(void **state)
{
    static const char *const wrong[][2] = {
        { "", "there are combined, csv, tsv, fields, words, lines" },
        { "combinde | count", "did you mean \"combined\"?" },
        { "combined count", "\"count\" stands where | or the end was" },
        { "combined | cuont",
          "\"cuont\" is no stage; did you mean \"count\"?" },
        { "combined | ", "\"the end\" is no stage; there are where, window" },
        { "combined | count by stauts", "did you mean \"status\"?" },
        { "combined | count by", "\"the end\" is no field; there are client" },
        { "combined | where status => 5", "a condition has no value" },
        { "combined | where status is 5", "\"is\" is no comparison" },
        { "combined | where status > high", "\"high\" is none" },
        { "combined | where status >", "a condition has no value" },
        { "combined | where path == \"x", "the quote before x is not closed" },
        { "combined | count | sum bytes", "there is a count already" },
        { "combined | sum | top 3", "\"|\" is no field" },
        { "combined | count | top many", "write top 10" },
        { "combined | count | top 0", "write top 10" },
        { "combined | count | window 5", "write 500ms, 10s, 1m, 1h" },
        { "combined | count | window 1m every", "is no length of time" },
        { "combined | count | window 1m | total", "not both" },
        { "combined | top 5", "there is none" },
        { "lines | json", "leave json away" },
        { "csv a | count by $65", "is no field" },
        { "csv a | count by $0", "is no field" },
        { "words | count by $2", "is no field; there are word" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (query_read(wrong[i][0], &q, why, sizeof why))
            fail_msg("%s: was read", wrong[i][0]);
        if (!strstr(why, wrong[i][1]))
            fail_msg("%s: \"%s\" has no \"%s\"", wrong[i][0], why, wrong[i][1]);
    }
}

/* Any number of anything: refused, never written beyond its place. */
static void what_is_too_much_is_refused(void **state)
{
    static const char *const parts[][3] = {
        { "csv ", "a,", "|count" },
        { "csv a | where ", "a == 1 and ", "a == 1" },
        { "csv a | count by ", "a ", "" },
        { "csv ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "" },
    };
    static char text[4096];
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = (size_t)snprintf(text, sizeof text, "%s", parts[i][0]);
        for (int k = 0; k < 70 && n < sizeof text - 100; k++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s", parts[i][1]);
        snprintf(text + n, sizeof text - n, "%s", parts[i][2]);
        assert_false(query_read(text, &q, why, sizeof why));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_a_web_server_have_names),
        cmocka_unit_test(columns_have_names_and_numbers),
        cmocka_unit_test(a_window_without_every_follows_itself),
        cmocka_unit_test(wrong_queries_are_told_with_the_way_out),
        cmocka_unit_test(what_is_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
