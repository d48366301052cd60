/* connect/hostport_test.c - right and wrong addresses. */
#include "connect/hostport.h"

#include "io/fixture.h"

static void right(const char *text, const char *host, const char *port)
{
    struct riv_hostport at;
    struct riv_err err;
    if (riv__hostport_read(text, &at, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    assert_string_equal(at.host, host);
    assert_string_equal(at.port, port);
}

static void wrong(const char *text, const char *why)
{
    struct riv_hostport at;
    struct riv_err err;
    assert_int_equal(riv__hostport_read(text, &at, &err), RIV_EINVAL);
    if (!strstr(err.text, why) || !strstr(err.text, "//HOST:PORT"))
        fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, why);
}

static void addresses_are_read(void **state)
{
    (void)state;
    right("//localhost:9999", "localhost", "9999");
    right("//localhost:9999/", "localhost", "9999");
    right("10.0.0.1:80", "10.0.0.1", "80");
    right("//:0", "", "0");
    right("//[::1]:65535", "::1", "65535");
    right("//h:007", "h", "7");
}

static void wrong_addresses_are_refused_with_an_example(void **state)
{
    (void)state;
    char text[600];
    wrong("", "port is missing");
    wrong("//", "port is missing");
    wrong("//localhost", "port is missing");
    wrong("//[::1]", "port is missing");
    wrong("//h:", "no number");
    wrong("//h:http", "no number");
    wrong("//h:65536", "no number");
    wrong("//h:-1", "no number");
    wrong("//h:+1", "no number");
    wrong("//h:99999999999999999999", "no number");
    wrong("//::1:80", "brackets");
    wrong("//[::1:80", "bracket is missing");
    wrong("//::1]:80", "bracket is missing");
    wrong("//[:80", "bracket is missing");
    wrong("//a/b:80", "no host");
    memset(text, 'h', sizeof text);
    memcpy(text + sizeof text - 4, ":80", 4);
    wrong(text, "no host");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(wrong_addresses_are_refused_with_an_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
