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
    assert_int_equal(q.folds, 1);
    assert_int_equal(q.fold[0].kind, QUERY_COUNT);
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
    assert_int_equal(q.fold[0].field, 2);
    assert_int_equal(q.key[0], 3);
    assert_int_equal(q.fields, 4);
    assert_true(q.total);
    reads("fields|max $12");
    assert_int_equal(q.fold[0].field, 11);
    assert_int_equal(q.keys, 0);
    reads("csv a | where a>=1 and $2==/b?c=d,e!|count");
    assert_int_equal(q.conditions, 2);
    assert_true(riv_eq(q.condition[1].text, riv_cstr("/b?c=d,e!")));
    reads("tsv a b | where a = x and b !~ 7 and a != \"5\"");
    assert_int_equal(q.condition[0].relation, QUERY_EQUAL);
    assert_int_equal(q.condition[1].relation, QUERY_LACKS);
    assert_false(q.condition[1].is_number);
    assert_false(q.condition[2].is_number);
    assert_int_equal(q.folds, 0);
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

static void fields_of_json_are_those_that_are_named(void **state)
{
    (void)state;
    reads("json | where user.name == \"x y\" and \"by\" > 3 "
          "| count, sum sum by user.name, \"count\"");
    assert_int_equal(q.format, QUERY_JSON);
    assert_int_equal(q.names, 4);
    assert_string_equal(q.name[0], "user.name");
    assert_string_equal(q.name[1], "by");
    assert_string_equal(q.name[2], "sum");
    assert_int_equal(q.fold[1].field, 2);
    assert_int_equal(q.key[0], 0);
    assert_int_equal(q.key[1], 3);
}

static void several_folds_stand_in_one_stage(void **state)
{
    char name[QUERY_FOLD_NAME_MAX];
    (void)state;
    reads("csv path,ms|count sum ms, avg $3,min ms, max ms by path");
    assert_int_equal(q.folds, 5);
    assert_int_equal(q.keys, 1);
    assert_int_equal(q.fold[0].field, -1);
    assert_int_equal(q.fold[2].kind, QUERY_AVG);
    assert_int_equal(q.fold[2].field, 2);
    assert_string_equal(query_fold_name(&q, 0, name, sizeof name), "count");
    assert_string_equal(query_fold_name(&q, 2, name, sizeof name), "avg_$3");
    assert_string_equal(query_fold_name(&q, 4, name, sizeof name), "max_ms");
    reads("csv path,ms|sum ms");
    assert_string_equal(query_fold_name(&q, 0, name, sizeof name), "sum");
}

static char identity[128 + 1];

static void has_identity(const char *query, const char *want)
{
    reads(query);
    assert_string_equal(query_identity(&q, identity, sizeof identity), want);
}

/* What counts otherwise has another; what is shown otherwise has the same. */
static void the_name_of_a_state_says_what_is_counted(void **state)
{
    static const char *const others[] = {
        "tsv a,b | where a == x | count by b",
        "csv a,b | where b == x | count by b",
        "csv a,b | where a != x | count by b",
        "csv a,b | where a == y | count by b",
        "csv a,b | where a == \"x.\" | count by b",
        "csv a,b | where a == \"x_\" | count by b",
        "csv a,b | where a == \"5\" | count by b",
        "csv a,b | where a == 5 | count by b",
        "csv a,b | where a == 5.0 | count by b",
        "csv a,b | where a == x and a == x | count by b",
        "csv a,b | where a == x | sum a by b",
        "csv a,b | where a == x | count, sum a by b",
        "csv a,b | where a == x | count by b, a",
        "csv a,b | count by b",
    };
    static char seen[sizeof others / sizeof *others][sizeof identity];
    (void)state;
    has_identity("combined | where status >= 500 | window 1m | count by path "
                 "| top 3",
                 "combined.where.status.ge.500.count.by.path");
    has_identity("csv a,b | where a == x | count by b | total",
                 "csv.where.1.eq.x.count.by.2");
    has_identity("csv c,d|where $1=\"x\"|count by $2|json",
                 "csv.where.1.eq.x.count.by.2");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        reads(others[i]);
        query_identity(&q, seen[i], sizeof seen[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(seen[i], seen[k]);
        assert_string_not_equal(seen[i], identity);
    }
}

static void a_long_name_of_a_state_ends_with_a_hash(void **state)
{
    char text[512], first[sizeof identity];
    (void)state;
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, "lines | where line ~ %0*d%d | count", 200,
                 0, i);
        reads(text);
        query_identity(&q, identity, sizeof identity);
        assert_int_equal(strlen(identity), 128);
        assert_true(i == 0 || strcmp(identity, first) != 0);
        memcpy(first, identity, sizeof first);
    }
}

static void wrong_queries_are_told_with_the_way_out(void **state)
{
    static const char *const wrong[][2] = {
        { "", "there are combined, csv, tsv, fields, json, words, lines" },
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
        { "combined | count, count", "count is there twice" },
        { "combined | sum bytes, sum $9", "sum bytes is there twice" },
        { "csv | count, sum $1, sum $2, sum $3, sum $4, sum $5",
          "more than 5 of count, sum" },
        { "combined | count by path, sum bytes",
          "sum stands behind \"by\", which comes last" },
        { "json | count by path, sum bytes", "which comes last" },
        { "json | sum by path", "\"by\" is no field" },
        { "json | sum", "\"the end\" is no field" },
        { "json | where == 5", "\"==\" is no field" },
        { "json a | count", "\"a\" stands where | or the end" },
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
        cmocka_unit_test(fields_of_json_are_those_that_are_named),
        cmocka_unit_test(several_folds_stand_in_one_stage),
        cmocka_unit_test(the_name_of_a_state_says_what_is_counted),
        cmocka_unit_test(a_long_name_of_a_state_ends_with_a_hash),
        cmocka_unit_test(wrong_queries_are_told_with_the_way_out),
        cmocka_unit_test(what_is_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
