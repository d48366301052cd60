/* cli/record_test.c - lines in all formats, cut into fields. Lines lie at the end
 * of their memory, so that a sanitizer sees what is read beyond. */
#include "record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The first `most` fields, as "[a][b]". */
static const char *cut(enum query_format format, const char *line, int most)
{
    static char text[1024];
    riv_str field[QUERY_FIELDS_MAX];
    size_t bytes = strlen(line), n = 0;
    char *copy = malloc(bytes + 1);
    memcpy(copy + 1, line, bytes);
    const int fields =
        record_cut(format, (riv_str){ copy + 1, bytes }, field, most);
    *text = '\0';
    for (int i = 0; i < fields; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "[" RIV_S "]",
                              RIV_P(field[i]));
    free(copy);
    return text;
}

static void lines_of_a_web_server(void **state)
{
    static const char line[] =
        "192.0.2.1 - ann [12/Mar/2026:13:00:01 +0000] "
        "\"GET /a \\\"b HTTP/1.1\" 200 512 \"the referer\" \"curl \\\"8\"\r";
    (void)state;
    assert_string_equal(
        cut(QUERY_COMBINED, line, 11),
        "[192.0.2.1][-][ann][12/Mar/2026:13:00:01 +0000][GET][/a][\\\"b][200]"
        "[512][the referer][curl \\\"8]");
    assert_string_equal(cut(QUERY_COMBINED, line, 5),
                        "[192.0.2.1][-][ann][12/Mar/2026:13:00:01 +0000][GET]");
    assert_string_equal(cut(QUERY_COMBINED, "h - - [t] \"-\" 400 0", 64),
                        "[h][-][-][t][-][][][400][0]");
    assert_string_equal(
        cut(QUERY_COMBINED, "h - - [t] - 400 0 \"-\" \"-\"", 64),
        "[h][-][-][t][-][][][400][0][-][-]");
    assert_string_equal(cut(QUERY_COMBINED, "h - - [t] \"GET /", 7),
                        "[h][-][-][t][GET][/][]");
    assert_string_equal(cut(QUERY_COMBINED, "h - - [", 7), "[h][-][-]");
    assert_string_equal(cut(QUERY_COMBINED, "", 7), "");
    assert_string_equal(cut(QUERY_COMBINED, "some text that is no log", 7),
                        "[some][text][that]");
    assert_string_equal(cut(QUERY_COMBINED, "a b c [t] GET / x", 7),
                        "[a][b][c][t]");
}

static void columns_with_commas_and_quotes(void **state)
{
    (void)state;
    assert_string_equal(cut(QUERY_CSV, "a,,\"b,\"\"c\",d\r", 64),
                        "[a][][b,\"\"c][d]");
    assert_string_equal(cut(QUERY_CSV, "a,b,", 64), "[a][b][]");
    assert_string_equal(cut(QUERY_CSV, "a,\"b", 64), "[a][b]");
    assert_string_equal(cut(QUERY_CSV, "\"", 64), "[]");
    assert_string_equal(cut(QUERY_CSV, "\"\",\"x\"", 64), "[][x]");
    assert_string_equal(cut(QUERY_CSV, "a,b,c", 2), "[a][b]");
}

static void columns_with_tabs_or_blanks(void **state)
{
    (void)state;
    assert_string_equal(cut(QUERY_TSV, "a\t\tb c", 64), "[a][][b c]");
    assert_string_equal(cut(QUERY_FIELDS, "  a \t b  ", 64), "[a][b]");
    assert_string_equal(cut(QUERY_FIELDS, "   ", 64), "");
    assert_string_equal(cut(QUERY_LINES, " a b\r", 1), "[ a b]");
}

static bool fits(const char *query, const char *line)
{
    struct query q;
    char why[256];
    riv_str field[QUERY_FIELDS_MAX];
    assert_true(query_read(query, &q, why, sizeof why));
    assert_int_equal(record_cut(q.format, riv_cstr(line), field, q.fields),
                     q.fields);
    return record_fits(&q, field);
}

static void conditions_compare_numbers_or_text(void **state)
{
    (void)state;
    assert_true(fits("csv a,b | where a >= 10 and b == x", "10.0,x"));
    assert_false(fits("csv a,b | where a >= 10 and b == x", "9,x"));
    assert_false(fits("csv a,b | where a >= 10 and b == x", "11,y"));
    assert_true(fits("csv a | where a < 10", "9"));
    assert_true(fits("csv a | where a <= 10", "10"));
    assert_false(fits("csv a | where a > 10", "10"));
    assert_true(fits("csv a | where a == 5", "5.0"));
    assert_false(fits("csv a | where a == \"5\"", "5.0"));
    assert_false(fits("csv a | where a < 10", "-"));
    assert_false(fits("csv a | where a == 10", ""));
    assert_true(fits("csv a | where a != 10", "-"));
    assert_true(fits("lines | where line ~ ell and line !~ 7", "hello"));
    assert_false(fits("lines | where line ~ hello!", "hello"));
    assert_true(fits("lines | where line ~ \"\"", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_a_web_server),
        cmocka_unit_test(columns_with_commas_and_quotes),
        cmocka_unit_test(columns_with_tabs_or_blanks),
        cmocka_unit_test(conditions_compare_numbers_or_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
