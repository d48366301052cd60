/* cli/json_cut_test.c - lines of JSON cut into fields. Lines lie at the end of
 * their memory, so that a sanitizer sees what is read beyond. */
#include "json_cut.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char text[4096];

/* Fields a, b.c and d as "[1][x][]"; "-" for one that is missing; or what is wrong
 * with the line. */
static const char *cut(const char *line, size_t bytes)
{
    static struct query q = { .name = { "a", "b.c", "d" }, .names = 3 };
    riv_str field[QUERY_FIELDS_MAX];
    struct json_cut got;
    char *copy = malloc(bytes + 1), plain[1024];
    size_t n = 0;
    memcpy(copy, line, bytes);
    const int rc = json_cut(&q, (riv_str){ copy, bytes }, field, &got);
    *text = '\0';
    for (int i = 0; i < 3 && rc >= 0; i++) {
        riv_str s = (got.there >> i & 1) ? field[i] : (riv_str){ "-", 1 };
        assert_true(s.n < sizeof plain);
        if (got.escaped >> i & 1)
            s = json_plain(s, plain);
        n += (size_t)snprintf(text + n, sizeof text - n, "[" RIV_S "]",
                              RIV_P(s));
        assert_true(rc != i || !(got.there >> i & 1));
    }
    free(copy);
    return rc < 0 ? got.why : text;
}

static void is(const char *line, const char *want)
{
    const char *have = cut(line, strlen(line));
    if (strcmp(have, want) != 0)
        fail_msg("%s: %s is not %s", line, have, want);
}

static void fields_are_found_by_their_names(void **state)
{
    (void)state;
    is("{\"a\":1,\"b\":{\"c\":\"x y\"},\"d\":true}", "[1][x y][true]");
    is(" { \"d\" : null , \"e\":[1,{\"a\":5},[]], \"b\" : {\"x\":{},\"c\": -1.5e+3 "
       ", \"y\":0} , \"a\" : \"\" } \r",
       "[][-1.5e+3][]");
    is("{\"a\":{\"b\":[1, 2]},\"b.c\":false,\"d\":[]}",
       "[{\"b\":[1, 2]}][false][[]]");
    is("{\"a\":1,\"a\":2,\"c\":3}", "[2][-][-]");
    is("\xef\xbb\xbf{\"a\":1}", "[1][-][-]");
    is("{}", "[-][-][-]");
    is("{\"b\":[{\"c\":1}],\"x\":{\"b\":{\"c\":1}}}", "[-][-][-]");
}

static void escapes_become_what_they_stand_for(void **state)
{
    (void)state;
    is("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\tx\"}", "[\"\\/\b\f\n\r\tx][-][-]");
    is("{\"a\":\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"}",
       "[A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80][-][-]");
    is("{\"a\":\"\\ud83d\\u0041\",\"d\":\"\\udc00\"}", "[\xef\xbf\xbd"
                                                       "A][-][\xef\xbf\xbd]");
    is("{\"a\":\"\\n\",\"a\":\"x\"}", "[x][-][-]");
}

static void what_is_no_object_is_told(void **state)
{
    static const char *const wrong[][2] = {
        { "", "it does not begin with {" },
        { "[1]", "it does not begin with {" },
        { "{", "a name in quotes is missing" },
        { "{\"a\"}", "a colon is missing behind a name" },
        { "{\"a\":}", "a value is missing, or no text, number, true, false or "
                      "null" },
        { "{\"a\":1,}", "a name in quotes is missing" },
        { "{\"a\":[1,]}", "a value is missing, or no text, number, true, false "
                          "or null" },
        { "{\"a\":[1}", "a comma or a closing bracket is missing" },
        { "{\"a\":1", "a comma or a closing bracket is missing" },
        { "{\"a\":1 2}", "a comma or a closing bracket is missing" },
        { "{\"a\":1}}", "it goes on behind its end" },
        { "{\"a\":01}", "a number is wrong" },
        { "{\"a\":1.}", "a number is wrong" },
        { "{\"a\":-}", "a number is wrong" },
        { "{\"a\":1e}", "a number is wrong" },
        { "{\"a\":NaN}", "a value is missing, or no text, number, true, false "
                         "or null" },
        { "{\"a\":\"x", "a text does not end" },
        { "{\"a\":\"\\", "an escape in a text is wrong" },
        { "{\"a\":\"\\x\"}", "an escape in a text is wrong" },
        { "{\"a\":\"\\u12g4\"}", "an escape in a text is wrong" },
        { "{\"a\":\"\t\"}", "a text has a control character that is not "
                            "escaped" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        is(wrong[i][0], wrong[i][1]);
}

static void names_and_depth_have_limits(void **state)
{
    static const char beyond[] =
        "{\"a\":1,\"a-name-of-some-length\":{\"a-name-of-some-length\":"
        "{\"a-name-of-some-length\":{\"a\":2}}},\"d\":";
    const size_t n = sizeof beyond - 1;
    char line[1024];
    (void)state;
    memcpy(line, beyond, n);
    for (int deep = JSON_DEPTH_MAX - 1; deep <= JSON_DEPTH_MAX; deep++) {
        memset(line + n, '[', (size_t)deep);
        memset(line + n + deep, ']', (size_t)deep);
        snprintf(line + n + 2 * deep, 8, ",\"a\":3}");
        if (deep < JSON_DEPTH_MAX)
            assert_memory_equal(cut(line, strlen(line)), "[3][-][[[", 9);
        else
            is(line, "it is nested too deeply");
    }
}

/* Every beginning of a line, and every byte of it replaced. */
static void a_damaged_line_gets_an_answer(void **state)
{
    static const char line[] =
        "{\"a\":\"x\\u00e9\\n\",\"b\":{\"c\":[-1.5e3,{}]},\"d\":true}";
    char damaged[sizeof line];
    (void)state;
    for (size_t n = 0; n + 1 < sizeof line; n++)
        assert_int_not_equal(*cut(line, n), '[');
    for (size_t i = 0; i + 1 < sizeof line; i++)
        for (int c = 0; c < 256; c++) {
            memcpy(damaged, line, sizeof line);
            damaged[i] = (char)c;
            assert_non_null(cut(damaged, sizeof line - 1));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_by_their_names),
        cmocka_unit_test(escapes_become_what_they_stand_for),
        cmocka_unit_test(what_is_no_object_is_told),
        cmocka_unit_test(names_and_depth_have_limits),
        cmocka_unit_test(a_damaged_line_gets_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
