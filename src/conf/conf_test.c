/* conf/conf_test.c - setting by name, layers, and the words of the errors. */
#include "conf/conf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct riv_conf conf;
static struct riv_err err;

static int fresh(void **state)
{
    (void)state;
    riv__conf_init(&conf);
    err = (struct riv_err){ 0 };
    return 0;
}

static int set(const char *name, const char *value, enum riv_layer layer)
{
    return riv__conf_set(&conf, riv_cstr(name), riv_cstr(value), layer, NULL,
                         &err);
}

static int command(const char *name, const char *value)
{
    return set(name, value, RIV__LAYER_COMMAND);
}

static const struct riv_prop *row(const char *name)
{
    return riv__prop_find(riv_cstr(name));
}

static void every_default_is_a_valid_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < riv__prop_count; i++) {
        const struct riv_prop *prop = &riv__props[i];
        assert_int_equal(command(prop->name, prop->fallback), 0);
    }
    assert_int_equal(riv__conf_check(&conf, &err), 0);
}

static void defaults_are_those_of_the_table(void **state)
{
    (void)state;
    assert_int_equal(conf.settings.interval_ms, 1000);
    assert_int_equal(conf.settings.threads, 0);
    assert_int_equal(conf.settings.share_bytes, 4 << 20);
    assert_int_equal(conf.settings.combine_share_bytes_max, 64 << 20);
    assert_int_equal(conf.settings.buffer_bytes, 32 << 20);
    assert_int_equal(conf.settings.line_policy, RIV__LINE_FAIL);
    assert_int_equal(conf.settings.poll_ms, 50);
    assert_false(conf.settings.tail_from_start);
    assert_string_equal(conf.settings.name, "");
}

static void each_kind_is_read(void **state)
{
    (void)state;
    assert_int_equal(command("batch.interval", " 250ms "), 0);
    assert_int_equal(conf.settings.interval_ms, 250);
    assert_int_equal(command("task.bytes", "1M"), 0);
    assert_int_equal(conf.settings.share_bytes, 1 << 20);
    assert_int_equal(command("threads", "3"), 0);
    assert_int_equal(conf.settings.threads, 3);
    assert_int_equal(command("input.long_line", "skip"), 0);
    assert_int_equal(conf.settings.line_policy, RIV__LINE_SKIP);
    assert_int_equal(command("tail.from", "start"), 0);
    assert_true(conf.settings.tail_from_start);
    assert_int_equal(command("name", "orders per minute"), 0);
    assert_string_equal(conf.settings.name, "orders per minute");
}

static void an_unknown_name_is_told_with_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(command("batch.intervall", "1s"), RIV_EINVAL);
    assert_string_equal(err.text, "unknown setting \"batch.intervall\"; "
                                  "did you mean \"batch.interval\"?");
    assert_int_equal(command("kafka", "1"), RIV_EINVAL);
    assert_string_equal(err.text,
                        "unknown setting \"kafka\"; --help lists them");
}

static void a_wrong_value_is_told_with_what_would_be_right(void **state)
{
    (void)state;
    assert_int_equal(command("batch.interval", "soon"), RIV_EINVAL);
    assert_string_equal(err.text, "batch.interval is \"soon\", and must be a "
                                  "duration such as 500ms, 10s, 2m");
    assert_int_equal(command("threads", "5000"), RIV_EINVAL);
    assert_string_equal(err.text, "threads is 5000, and must be 0 to 1024");
    assert_int_equal(command("batch.interval", "0"), RIV_EINVAL);
    assert_string_equal(err.text,
                        "batch.interval is 0, and must be 1ms to 24h");
    assert_int_equal(command("input.long_line", "drop"), RIV_EINVAL);
    assert_string_equal(err.text, "input.long_line is \"drop\", and must be "
                                  "fail, cut or skip");
    assert_int_equal(command("threads", ""), RIV_EINVAL);
    assert_string_equal(err.text,
                        "threads is \"\", and must be a whole number");
}

static void a_refused_value_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(command("threads", "4"), 0);
    assert_int_equal(command("threads", "many"), RIV_EINVAL);
    assert_int_equal(conf.settings.threads, 4);
    assert_int_equal(command("name", "a"), 0);
    assert_int_equal(command("name", "two\nlines"), RIV_EINVAL);
    assert_string_equal(conf.settings.name, "a");
}

static void a_text_has_a_longest_length(void **state)
{
    (void)state;
    char text[RIV__NAME_MAX + 1];
    memset(text, 'n', sizeof text);
    text[RIV__NAME_MAX] = '\0';
    assert_int_equal(command("name", text), RIV_EINVAL);
    assert_string_equal(err.text, "name has 128 bytes, 127 are the limit");
    text[RIV__NAME_MAX - 1] = '\0';
    assert_int_equal(command("name", text), 0);
    assert_string_equal(conf.settings.name, text);
}

static void a_higher_layer_wins_whatever_the_order(void **state)
{
    (void)state;
    assert_int_equal(set("threads", "4", RIV__LAYER_COMMAND), 0);
    assert_int_equal(set("threads", "2", RIV__LAYER_PROGRAM), 0);
    assert_int_equal(set("threads", "1", RIV__LAYER_FILE), 0);
    assert_int_equal(conf.settings.threads, 4);
    assert_int_equal(set("threads", "8", RIV__LAYER_COMMAND), 0);
    assert_int_equal(conf.settings.threads, 8);
    assert_int_equal(set("tail.from", "start", RIV__LAYER_ENV), 0);
    assert_int_equal(set("tail.from", "end", RIV__LAYER_FILE), 0);
    assert_true(conf.settings.tail_from_start);
}

static void a_value_that_loses_is_checked_all_the_same(void **state)
{
    (void)state;
    assert_int_equal(set("threads", "4", RIV__LAYER_COMMAND), 0);
    assert_int_equal(set("threads", "four", RIV__LAYER_FILE), RIV_EINVAL);
    assert_int_equal(conf.settings.threads, 4);
}

static void a_message_begins_with_the_place(void **state)
{
    (void)state;
    int rc = riv__conf_set(&conf, riv_cstr("threads"), riv_cstr("x"),
                           RIV__LAYER_COMMAND, "-c", &err);
    assert_int_equal(rc, RIV_EINVAL);
    assert_string_equal(err.text,
                        "-c: threads is \"x\", and must be a whole number");
    assert_int_equal(err.code, RIV_EINVAL);
}

static void an_assignment_is_cut_at_its_first_sign(void **state)
{
    (void)state;
    assert_int_equal(
        riv__conf_assign(&conf, "name = a=b", RIV__LAYER_COMMAND, "-c", &err),
        0);
    assert_string_equal(conf.settings.name, "a=b");
    assert_int_equal(
        riv__conf_assign(&conf, "threads 4", RIV__LAYER_COMMAND, "-c", &err),
        RIV_EINVAL);
    assert_string_equal(err.text, "-c: \"threads 4\" is not name=value");
}

static void hostile_text_is_shown_harmless(void **state)
{
    (void)state;
    assert_int_equal(command("\033[2Jx", "1"), RIV_EINVAL);
    assert_null(strchr(err.text, '\033'));
    assert_int_equal(command("threads", "\033]0;x\a"), RIV_EINVAL);
    assert_null(strchr(err.text, '\033'));
}

static void the_origin_of_a_value_is_kept(void **state)
{
    (void)state;
    assert_string_equal(riv__conf_where(&conf, row("threads")), "default");
    assert_int_equal(set("threads", "2", RIV__LAYER_PROGRAM), 0);
    assert_string_equal(riv__conf_where(&conf, row("threads")), "the program");
    int rc = riv__conf_set(&conf, riv_cstr("threads"), riv_cstr("3"),
                           RIV__LAYER_COMMAND, "--threads", &err);
    assert_int_equal(rc, 0);
    assert_string_equal(riv__conf_where(&conf, row("threads")), "--threads");
}

static void settings_that_contradict_are_told_with_their_origins(void **state)
{
    (void)state;
    assert_int_equal(command("connect.retry_max", "10ms"), 0);
    assert_int_equal(riv__conf_check(&conf, &err), RIV_EINVAL);
    assert_string_equal(err.text,
                        "connect.retry_min is 100ms (default), more than "
                        "connect.retry_max, which is 10ms (settings)");
}

static void a_limit_of_memory_below_what_an_engine_takes_is_refused(
    void **state)
{
    (void)state;
    assert_int_equal(
        riv__conf_set(&conf, riv_cstr("memory.limit"), riv_cstr("31M"),
                      RIV__LAYER_FILE, "x:1", &err),
        0);
    assert_int_equal(riv__conf_check(&conf, &err), RIV_EINVAL);
    assert_non_null(strstr(err.text, "at least 32M"));
    assert_int_equal(
        riv__conf_set(&conf, riv_cstr("memory.limit"), riv_cstr("32M"),
                      RIV__LAYER_FILE, "x:1", &err),
        0);
    assert_int_equal(riv__conf_check(&conf, &err), 0);
}

static void a_null_error_is_fine(void **state)
{
    (void)state;
    assert_int_equal(riv__conf_set(&conf, riv_cstr("nothing"), riv_cstr("1"),
                                   RIV__LAYER_FILE, "x:1", NULL),
                     RIV_EINVAL);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        T(every_default_is_a_valid_value),
        T(defaults_are_those_of_the_table),
        T(each_kind_is_read),
        T(an_unknown_name_is_told_with_the_nearest),
        T(a_wrong_value_is_told_with_what_would_be_right),
        T(a_refused_value_changes_nothing),
        T(a_text_has_a_longest_length),
        T(a_higher_layer_wins_whatever_the_order),
        T(a_value_that_loses_is_checked_all_the_same),
        T(a_message_begins_with_the_place),
        T(an_assignment_is_cut_at_its_first_sign),
        T(hostile_text_is_shown_harmless),
        T(the_origin_of_a_value_is_kept),
        T(settings_that_contradict_are_told_with_their_origins),
        T(a_limit_of_memory_below_what_an_engine_takes_is_refused),
        T(a_null_error_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
