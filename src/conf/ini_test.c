/* conf/ini_test.c - settings from the text of a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/conf.h"

static struct riv_conf conf;
static struct riv_err err;

static int fresh(void **state)
{
    (void)state;
    riv__conf_init(&conf);
    err = (struct riv_err){ 0 };
    return 0;
}

static int file(const char *text)
{
    return riv__conf_file(&conf, "job.conf", riv_cstr(text), &err);
}

static void refused(const char *text, const char *message)
{
    riv__conf_init(&conf);
    assert_int_equal(file(text), RIV_EINVAL);
    assert_string_equal(err.text, message);
}

static void lines_comments_and_sections_are_read(void **state)
{
    (void)state;
    assert_int_equal(file("# a comment\n"
                          "; another\n"
                          "\n"
                          "threads = 3\r\n"
                          "batch.interval: 100ms   ; so long\n"
                          "[input]\n"
                          "line_max=4M\n"
                          "long_line = cut\n"
                          "[files]\n"
                          "poll = 1s"),
                     0);
    assert_int_equal(conf.settings.threads, 3);
    assert_int_equal(conf.settings.interval_ms, 100);
    assert_int_equal(conf.settings.line_bytes_max, 4 << 20);
    assert_int_equal(conf.settings.line_policy, RIV__LINE_CUT);
    assert_int_equal(conf.settings.poll_ms, 1000);
}

static void an_empty_text_sets_nothing(void **state)
{
    (void)state;
    assert_int_equal(file(""), 0);
    assert_int_equal(file("\n\n"), 0);
    assert_int_equal(file("\xef\xbb\xbf"
                          "threads = 2\n"),
                     0);
    assert_int_equal(conf.settings.threads, 2);
}

static void an_error_has_file_and_line(void **state)
{
    (void)state;
    refused("threads = 3\n\nbatch.intervall = 1s\n",
            "job.conf:3: unknown setting \"batch.intervall\"; did you mean "
            "\"batch.interval\"?");
    refused("[batch]\ninterval = soon\n",
            "job.conf:2: batch.interval is \"soon\", and must be a duration "
            "such as 500ms, 10s, 2m");
    refused("threads 3\n",
            "job.conf:1: no setting: lines are \"name = value\"");
    refused("[batch\nx = 1\n", "job.conf:1: \"[\" without \"]\"");
}

static void the_first_error_is_the_one_told(void **state)
{
    (void)state;
    refused("threads = x\nthreads = y\n",
            "job.conf:1: threads is \"x\", and must be a whole number");
}

static void a_setting_given_twice_is_refused(void **state)
{
    (void)state;
    refused("threads = 1\n[batch]\ninterval = 1s\n[batch]\ninterval = 2s\n",
            "job.conf:5: batch.interval is set already in line 3");
}

static void a_value_does_not_go_on_in_the_next_line(void **state)
{
    (void)state;
    refused("name = a\n  b\n", "job.conf:2: begins with a blank; a setting "
                               "begins at the left");
    assert_int_equal(file("  # an indented comment\nthreads = 1\n"), 0);
}

static void control_characters_and_nul_are_refused(void **state)
{
    (void)state;
    refused("name = a\x01\n",
            "job.conf:1: a control character; settings are plain text");
    static const char nul[] = "threads = 1\0\n";
    int rc = riv__conf_file(&conf, "job.conf", (riv_str){ nul, sizeof nul - 1 },
                            &err);
    assert_int_equal(rc, RIV_EINVAL);
}

static void a_line_longer_than_the_reader_takes_is_refused(void **state)
{
    (void)state;
    char text[400];
    memset(text, 'n', sizeof text);
    memcpy(text, "name = ", 7);
    text[190] = '\0';
    assert_int_equal(file(text), RIV_EINVAL); /* over the length of a name */
    assert_string_equal(err.text,
                        "job.conf:1: name has 183 bytes, 127 are the limit");
    text[190] = 'n';
    text[191] = '\0';
    assert_int_equal(file(text), RIV_EINVAL);
    assert_string_equal(err.text,
                        "job.conf:1: the line is longer than 190 bytes");
}

static void a_huge_text_is_refused(void **state)
{
    (void)state;
    size_t n = RIV__CONF_FILE_MAX + 1;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, '\n', n);
    assert_int_equal(riv__conf_file(&conf, "f", (riv_str){ text, n - 1 }, &err),
                     0);
    assert_int_equal(riv__conf_file(&conf, "f", (riv_str){ text, n }, &err),
                     RIV_EINVAL);
    assert_string_equal(err.text, "f: 1048577 bytes, 1 MiB is the limit for "
                                  "settings");
    free(text);
}

static void the_origin_is_file_and_line(void **state)
{
    (void)state;
    assert_int_equal(file("\nthreads = 1\n"), 0);
    assert_string_equal(
        riv__conf_where(&conf, riv__prop_find(riv_cstr("threads"))),
        "job.conf:2");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        T(lines_comments_and_sections_are_read),
        T(an_empty_text_sets_nothing),
        T(an_error_has_file_and_line),
        T(the_first_error_is_the_one_told),
        T(a_setting_given_twice_is_refused),
        T(a_value_does_not_go_on_in_the_next_line),
        T(control_characters_and_nul_are_refused),
        T(a_line_longer_than_the_reader_takes_is_refused),
        T(a_huge_text_is_refused),
        T(the_origin_is_file_and_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
