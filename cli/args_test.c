/* cli/args_test.c - the job is found among the options. What is said about
 * wrong use is tested on the command itself, in tests/cli. */
#include "args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cmd.h"
#include "say.h"

static const struct cmd cmd = { .name = "run", .args = "JOB" };
static struct args args;
static int code;
static bool helped;

/* In place of cmd_help.c's. */
int cmd_usage(const struct cmd *of)
{
    helped = of == &cmd;
    return EXIT_FINE;
}

/* Takes the words behind "run"; the result is in args and code. */
static int take(const char *own, char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    code = -1;
    helped = false;
    args = (struct args){ .argc = 0 };
    return args_take(&cmd, argc, argv, own, &args, &code);
}

#define TAKE(own, ...) take(own, (char *[]){ "run", __VA_ARGS__, NULL })

static void has(int n, const char *const *expected)
{
    assert_int_equal(args.argc, n);
    for (int i = 0; i < n; i++)
        assert_string_equal(args.argv[i], expected[i]);
    assert_null(args.argv[n]);
}

#define HAS(...) \
    has((int)(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)), \
        (const char *[]){ __VA_ARGS__ })

static void the_job_comes_first_for_the_library(void **state)
{
    (void)state;
    assert_int_equal(TAKE(NULL, "a.c"), 0);
    HAS("a.c");
    assert_int_equal(TAKE(NULL, "--state", "dir", "a.c", "x"), 0);
    HAS("a.c", "--state", "dir", "x");
    assert_int_equal(TAKE(NULL, "a.c", "x", "--interval", "1s"), 0);
    HAS("a.c", "x", "--interval", "1s");
}

static void options_before_the_job_go_behind_it(void **state)
{
    (void)state;
    assert_int_equal(
        TAKE(NULL, "--interval", "1s", "-c", "a=b", "--threads=2", "a.c", "x"),
        0);
    HAS("a.c", "--interval", "1s", "-c", "a=b", "--threads=2", "x");
}

static void two_dashes_end_the_options_for_the_library_too(void **state)
{
    (void)state;
    assert_int_equal(TAKE(NULL, "--threads", "2", "--", "a.c", "-x"), 0);
    HAS("a.c", "--threads", "2", "--", "-x");
}

static void the_flag_of_the_command_is_taken_anywhere(void **state)
{
    (void)state;
    assert_int_equal(TAKE("--dot", "--dot", "a.c", "x"), 0);
    assert_true(args.flag);
    HAS("a.c", "x");
    assert_int_equal(TAKE("--dot", "a.c", "x", "--dot"), 0);
    assert_true(args.flag);
    HAS("a.c", "x");
    assert_int_equal(TAKE("--dot", "a.c", "--", "--dot"), 0);
    assert_false(args.flag);
    HAS("a.c", "--", "--dot");
}

static void a_single_dash_is_no_option(void **state)
{
    (void)state;
    assert_int_equal(TAKE(NULL, "-", "x"), 0);
    HAS("-", "x");
}

static void help_before_the_job_is_the_command_s(void **state)
{
    (void)state;
    assert_int_equal(TAKE(NULL, "--threads", "1", "--help"), -1);
    assert_true(helped);
    assert_int_equal(code, EXIT_FINE);
    assert_int_equal(TAKE(NULL, "a.c", "--help"), 0);
    assert_false(helped);
}

static void no_job_is_wrong_use(void **state)
{
    (void)state;
    assert_int_equal(TAKE(NULL, "--interval"), -1);
    assert_int_equal(code, EXIT_USAGE);
    assert_int_equal(TAKE(NULL, "--interval", "1s"), -1);
    assert_int_equal(code, EXIT_USAGE);
    assert_int_equal(TAKE(NULL, "--"), -1);
    assert_int_equal(code, EXIT_USAGE);
}

static void an_unknown_option_before_the_job_is_wrong_use(void **state)
{
    (void)state;
    assert_int_equal(TAKE(NULL, "--intervall", "1s", "a.c"), -1);
    assert_int_equal(code, EXIT_USAGE);
    assert_int_equal(TAKE(NULL, "-ca=b", "a.c"), -1);
    assert_int_equal(code, EXIT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_job_comes_first_for_the_library),
        cmocka_unit_test(options_before_the_job_go_behind_it),
        cmocka_unit_test(two_dashes_end_the_options_for_the_library_too),
        cmocka_unit_test(the_flag_of_the_command_is_taken_anywhere),
        cmocka_unit_test(a_single_dash_is_no_option),
        cmocka_unit_test(help_before_the_job_is_the_command_s),
        cmocka_unit_test(no_job_is_wrong_use),
        cmocka_unit_test(an_unknown_option_before_the_job_is_wrong_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
