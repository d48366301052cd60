/* data/regex_test.c - patterns over slices: what matches, what is refused, what
 * would take for ever. Without PCRE2 in the build: that it says so. */
#include "data/regex.h"

#include <stdlib.h>

#include "data/fixture.h"

static int match(const char *pattern, riv_str s)
{
    struct riv_regex *regex = NULL;
    struct riv_err err = { 0 };
    if (riv__regex_new(riv_cstr(pattern), &regex, &err) < 0)
        fail_msg("%s", err.text);
    struct riv_regex_scratch *scratch = riv__regex_scratch_new(regex);
    assert_non_null(scratch);
    int rc = riv__regex_match(regex, scratch, s);
    riv__regex_scratch_free(scratch);
    riv__regex_free(regex);
    return rc;
}

static void a_pattern_may_match_anywhere(void **state)
{
    (void)state;
    assert_int_equal(match("b+", riv_cstr("aabba")), 1);
    assert_int_equal(match("^b", riv_cstr("aabba")), 0);
    assert_int_equal(match("a$", riv_cstr("aabba")), 1);
    assert_int_equal(match("", riv_cstr("x")), 1);
    assert_int_equal(match("^$", (riv_str){ NULL, 0 }), 1);
    assert_int_equal(match("\\bGET /[a-z]+\\.html\\b",
                           riv_cstr("\"GET /index.html HTTP/1.1\"")),
                     1);
}

static void patterns_are_over_bytes(void **state)
{
    (void)state;
    assert_int_equal(match("^.\\x00\\xff$", (riv_str){ "a\0\xff", 3 }), 1);
    assert_int_equal(match("b", (riv_str){ "abc", 1 }), 0);
}

static void a_wrong_pattern_says_where(void **state)
{
    struct riv_regex *regex = NULL;
    struct riv_err err = { 0 };
    (void)state;
    assert_int_equal(riv__regex_new(riv_cstr("a(b"), &regex, &err), RIV_EINVAL);
    assert_non_null(strstr(err.text, "'a(b' is wrong at byte 3"));
    assert_null(regex);
    riv__regex_free(NULL);
}

/* Exponential in the length of the line, if it were let. */
static void what_would_take_for_ever_is_given_up(void **state)
{
    char line[64];
    (void)state;
    memset(line, 'a', sizeof line);
    assert_int_equal(match("^(a+)+$", (riv_str){ line, sizeof line }), 1);
    line[sizeof line - 1] = 'b';
    assert_int_equal(match("^(a+)+$", (riv_str){ line, sizeof line }),
                     RIV_ERECORD);
}

static void without_the_library_it_is_an_error_that_says_so(void **state)
{
    struct riv_regex *regex = NULL;
    struct riv_err err = { 0 };
    (void)state;
    assert_int_equal(riv__regex_new(riv_cstr("a"), &regex, &err), RIV_EINVAL);
    assert_non_null(strstr(err.text, "PCRE2"));
    assert_null(riv__regex_scratch_new(regex));
    riv__regex_scratch_free(NULL);
    riv__regex_free(regex);
}

int main(void)
{
    const struct CMUnitTest with[] = {
        cmocka_unit_test(a_pattern_may_match_anywhere),
        cmocka_unit_test(patterns_are_over_bytes),
        cmocka_unit_test(a_wrong_pattern_says_where),
        cmocka_unit_test(what_would_take_for_ever_is_given_up),
    };
    const struct CMUnitTest without[] = {
        cmocka_unit_test(without_the_library_it_is_an_error_that_says_so),
    };
    return riv__regex_version() ? cmocka_run_group_tests(with, NULL, NULL)
                                : cmocka_run_group_tests(without, NULL, NULL);
}
