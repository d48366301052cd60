/* connect/paths_test.c - patterns against real folders. */
#include "connect/paths.h"

#include "connect/fixture.h"

static void make_tree(void)
{
    static const char *const folder[] = { "a", "b", "a/deep", ".hid" };
    static const char *const file[] = { "x1.log",       "x2.log",  "x10.log",
                                        "y.txt",        ".z.log",  "a/1.log",
                                        "a/deep/2.log", "b/3.log", ".hid/4.log",
                                        "odd[1].log" };
    for (size_t i = 0; i < RIV__LEN(folder); i++)
        assert_int_equal(mkdir(folder[i], 0777), 0);
    for (size_t i = 0; i < RIV__LEN(file); i++)
        write_file(file[i], "");
}

static void matches(const char *pattern, const char *want)
{
    struct riv_paths paths;
    char got[1024] = "";
    assert_int_equal(riv__paths_match(riv__sys_real(), pattern, &paths, NULL),
                     0);
    for (size_t i = 0; i < paths.n; i++) {
        strncat(got, paths.path[i], 200);
        strncat(got, " ", 2);
    }
    assert_string_equal(got, want);
    riv__paths_fini(&paths);
}

static void a_pattern_matches_names_in_the_order_of_bytes(void **state)
{
    (void)state;
    make_tree();
    matches("*.log", "odd[1].log x1.log x10.log x2.log ");
    matches("x?.log", "x1.log x2.log ");
    matches("[xy]*", "x1.log x10.log x2.log y.txt ");
    matches("./x1*", "./x1.log ./x10.log ");
    matches("none*", "");
}

static void any_component_may_be_a_pattern(void **state)
{
    (void)state;
    make_tree();
    matches("*/*.log", "a/1.log b/3.log ");
    matches("[ab]/*", "a/1.log a/deep b/3.log ");
    matches("*/deep/*.log", "a/deep/2.log ");
    matches("*/1.log", "a/1.log ");
    matches("a//*.log", "a/1.log ");
}

static void hidden_names_must_be_asked_for(void **state)
{
    (void)state;
    make_tree();
    matches(".*.log", ".z.log ");
    matches(".h*/*", ".hid/4.log ");
}

static void an_absolute_pattern_gives_absolute_paths(void **state)
{
    struct fix *fix = *state;
    char pattern[128], want[128];
    make_tree();
    snprintf(pattern, sizeof pattern, "%s/b/*", fix->dir);
    snprintf(want, sizeof want, "%s/b/3.log ", fix->dir);
    matches(pattern, want);
}

static void errors_say_the_way_out(void **state)
{
    (void)state;
    struct riv_err err;
    assert_int_equal(riv__paths_error(&err, ENOENT, "x"), RIV_ENOINPUT);
    assert_non_null(strstr(err.text, "check the path"));
    assert_int_equal(riv__paths_error(&err, EACCES, "x"), RIV_EPERM);
    assert_non_null(strstr(err.text, "may not read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pattern_matches_names_in_the_order_of_bytes),
        TEST(any_component_may_be_a_pattern),
        TEST(hidden_names_must_be_asked_for),
        TEST(an_absolute_pattern_gives_absolute_paths),
        TEST(errors_say_the_way_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
