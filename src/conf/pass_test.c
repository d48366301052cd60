/* conf/pass_test.c - settings that go to the client library. */
#include "conf/pass.h"

#include <stdio.h>

#include "base/test.h"
#include "conf/conf.h"

static struct riv_conf conf;
static struct riv_err why;

static int fresh(void **state)
{
    (void)state;
    riv__conf_init(&conf);
    return 0;
}

static int set(const char *name, const char *value, enum riv_layer layer)
{
    return riv__conf_set(&conf, riv_cstr(name), riv_cstr(value), layer, "here",
                         &why);
}

static void are(const char *text)
{
    char all[512] = "";
    struct riv_pass pass;
    for (size_t at = 0; riv__pass_next(&conf.settings, &at, &pass);)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s=%s;",
                 pass.name, pass.value);
    assert_string_equal(all, text);
}

RIV_TEST(what_begins_with_kafka_is_kept_without_it)
{
    are("");
    assert_int_equal(set("kafka.group.id", "g", RIV__LAYER_PROGRAM), 0);
    assert_int_equal(set("kafka.sasl.password", "", RIV__LAYER_PROGRAM), 0);
    are("group.id=g;sasl.password=;");
}

RIV_TEST(a_higher_layer_wins_whatever_the_order)
{
    assert_int_equal(set("kafka.a", "command", RIV__LAYER_COMMAND), 0);
    assert_int_equal(set("kafka.a", "file", RIV__LAYER_FILE), 0);
    are("a=command;");
    assert_int_equal(set("kafka.b", "file", RIV__LAYER_FILE), 0);
    assert_int_equal(set("kafka.b", "program", RIV__LAYER_PROGRAM), 0);
    assert_int_equal(set("kafka.b", "again", RIV__LAYER_PROGRAM), 0);
    are("a=command;b=again;");
}

RIV_TEST(names_and_values_are_checked)
{
    assert_int_equal(set("kafka.", "x", RIV__LAYER_FILE), RIV_EINVAL);
    assert_int_equal(set("kafka.A", "x", RIV__LAYER_FILE), RIV_EINVAL);
    assert_int_equal(set("kafkaa", "x", RIV__LAYER_FILE), RIV_EINVAL);
    assert_int_equal(set("kafka.a", "x\ny", RIV__LAYER_FILE), RIV_EINVAL);
    assert_non_null(strstr(why.text, "here: kafka.a has a control"));
    are("");
}

RIV_TEST(they_have_a_limit_in_all)
{
    static char big[RIV__PASS_BYTES];
    memset(big, 'x', sizeof big - 1);
    assert_int_equal(set("kafka.a", big, RIV__LAYER_FILE), RIV_EINVAL);
    big[RIV__PASS_BYTES - 4] = '\0';
    assert_int_equal(set("kafka.a", big, RIV__LAYER_FILE), 0);
    assert_int_equal(set("kafka.b", "", RIV__LAYER_FILE), RIV_EINVAL);
    assert_int_equal(set("kafka.a", "small", RIV__LAYER_FILE), 0);
    assert_int_equal(set("kafka.b", "", RIV__LAYER_FILE), 0);
    are("a=small;b=;");
}

RIV_TEST(the_environment_has_them_in_capitals)
{
    char *env[] = { "RIVULET_KAFKA_SASL_PASSWORD=p", "RIVULET_THREADS=2",
                    "RIVULET_KAFKA_START=latest", NULL };
    assert_int_equal(riv__conf_environ(&conf, env, &why), 0);
    are("sasl.password=p;");
    assert_int_equal(conf.settings.threads, 2);
    assert_string_equal(conf.settings.kafka_start, "latest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_begins_with_kafka_is_kept_without_it,
                               fresh),
        cmocka_unit_test_setup(a_higher_layer_wins_whatever_the_order, fresh),
        cmocka_unit_test_setup(names_and_values_are_checked, fresh),
        cmocka_unit_test_setup(they_have_a_limit_in_all, fresh),
        cmocka_unit_test_setup(the_environment_has_them_in_capitals, fresh),
    };
    return RIV_RUN(tests);
}
