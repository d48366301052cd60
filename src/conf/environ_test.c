/* conf/environ_test.c - settings from an environment that the test makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

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

static int one(char *entry)
{
    char *const environment[] = { entry, NULL };
    return riv__conf_environ(&conf, environment, &err);
}

static void variables_of_settings_are_taken_and_others_left(void **state)
{
    (void)state;
    char *const environment[] = { "HOME=/",
                                  "RIVULET_BATCH_INTERVAL=100ms",
                                  "RIVULET_TASK_BYTES_MAX=8M",
                                  "RIVULETX=1",
                                  "odd",
                                  NULL };
    assert_int_equal(riv__conf_environ(&conf, environment, &err), 0);
    assert_int_equal(conf.settings.interval_ms, 100);
    assert_int_equal(conf.settings.combine_share_bytes_max, 8 << 20);
    assert_string_equal(
        riv__conf_where(&conf, riv__prop_find(riv_cstr("batch.interval"))),
        "RIVULET_BATCH_INTERVAL");
}

static void an_unknown_variable_is_told_with_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(one("RIVULET_BATCH_INTERVALL=1s"), RIV_EINVAL);
    assert_string_equal(err.text,
                        "environment: RIVULET_BATCH_INTERVALL is no setting; "
                        "did you mean RIVULET_BATCH_INTERVAL?");
    assert_int_equal(one("RIVULET_WONDERFUL_THING=x"), RIV_EINVAL);
    assert_string_equal(err.text, "environment: RIVULET_WONDERFUL_THING is no "
                                  "setting; unset it");
    assert_int_equal(one("RIVULET_=x"), RIV_EINVAL);
}

static void a_wrong_value_names_the_variable(void **state)
{
    (void)state;
    assert_int_equal(one("RIVULET_THREADS=two"), RIV_EINVAL);
    assert_string_equal(err.text, "RIVULET_THREADS: threads is \"two\", and "
                                  "must be a whole number");
}

static void variables_of_the_tests_are_left_alone(void **state)
{
    (void)state;
    assert_int_equal(one("RIVULET_TEST_ANYTHING=1"), 0);
}

static void no_environment_is_fine(void **state)
{
    (void)state;
    assert_int_equal(riv__conf_environ(&conf, NULL, &err), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        T(variables_of_settings_are_taken_and_others_left),
        T(an_unknown_variable_is_told_with_the_nearest),
        T(a_wrong_value_names_the_variable),
        T(variables_of_the_tests_are_left_alone),
        T(no_environment_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
