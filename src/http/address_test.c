/* http/address_test.c - who may see the pages, and where they are. */
#include "http/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/macro.h"
#include "base/test.h"

RIV_TEST(an_address_is_a_host_and_a_port)
{
    static const struct {
        const char *text, *host, *port;
        bool is_local;
    } cases[] = {
        { "127.0.0.1:8080", "127.0.0.1", "8080", true },
        { ":0", "127.0.0.1", "0", true },
        { "localhost:80", "localhost", "80", true },
        { "[::1]:9", "::1", "9", true },
        { "[::]:9", "::", "9", false },
        { "0.0.0.0:65535", "0.0.0.0", "65535", false },
        { "host.example:1", "host.example", "1", false },
        { "127.evil.example:1", "127.evil.example", "1", false },
    };
    for (size_t i = 0; i < RIV__LEN(cases); i++) {
        struct riv_http_place place;
        struct riv_err err = { 0 };
        assert_int_equal(riv__http_place(cases[i].text, &place, &err), 0);
        assert_string_equal(place.host, cases[i].host);
        assert_string_equal(place.port, cases[i].port);
        if (place.is_local != cases[i].is_local)
            fail_msg("%s", cases[i].text);
    }
}

RIV_TEST(what_is_no_address_is_said_with_what_would_be)
{
    static const char *const texts[] = { "8080",   "localhost", "::1:80", ":",
                                         ":65536", ":-1",       "h:80x" };
    for (size_t i = 0; i < RIV__LEN(texts); i++) {
        struct riv_http_place place;
        struct riv_err err = { 0 };
        assert_int_equal(riv__http_place(texts[i], &place, &err), RIV_EINVAL);
        assert_non_null(strstr(err.text, "HOST:PORT"));
    }
}

RIV_TEST(only_names_of_this_machine_with_the_port_are_ours)
{
    static const struct {
        const char *host;
        int port;
        bool is_ours;
    } cases[] = {
        { "127.0.0.1:8080", 8080, true },
        { "localhost:8080", 8080, true },
        { "[::1]:8080", 8080, true },
        { "localhost", 80, true },
        { "localhost", 8080, false },
        { "localhost:80", 8080, false },
        { "evil.example:8080", 8080, false },
        { "localhost:8080.evil.example", 8080, false },
        { "", 8080, false },
        { NULL, 8080, false },
    };
    for (size_t i = 0; i < RIV__LEN(cases); i++)
        if (riv__http_host_is_ours(cases[i].host, cases[i].port) !=
            cases[i].is_ours)
            fail_msg("%s", cases[i].host ? cases[i].host : "no host");
}

static int token_of(const char *text, char *token, struct riv_err *err)
{
    char path[] = "/tmp/riv-token-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    const int rc = riv__http_token(riv__sys_real(), path, token, err);
    unlink(path);
    return rc;
}

RIV_TEST(a_token_is_the_first_line_of_its_file)
{
    char token[RIV__HTTP_TOKEN_MAX];
    struct riv_err err = { 0 };
    assert_int_equal(token_of("0123456789abcdef\n", token, &err), 0);
    assert_string_equal(token, "0123456789abcdef");
    assert_int_equal(token_of("0123456789abcde\n", token, &err), RIV_EINVAL);
    assert_non_null(strstr(err.text, "openssl rand -hex 16"));
    assert_int_equal(token_of("", token, &err), RIV_EINVAL);
}

RIV_TEST(a_token_is_the_same_or_not)
{
    assert_true(riv__http_same("0123456789abcdef", "0123456789abcdef"));
    assert_false(riv__http_same("0123456789abcdef", "0123456789abcdeg"));
    assert_false(riv__http_same("0123456789abcdef", "0123456789abcde"));
    assert_false(riv__http_same("0123456789abcdef", "0123456789abcdef0"));
    assert_false(riv__http_same("0123456789abcdef", ""));
    assert_false(riv__http_same("", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(an_address_is_a_host_and_a_port),
        RIV_CASE(what_is_no_address_is_said_with_what_would_be),
        RIV_CASE(only_names_of_this_machine_with_the_port_are_ours),
        RIV_CASE(a_token_is_the_first_line_of_its_file),
        RIV_CASE(a_token_is_the_same_or_not),
    };
    return RIV_RUN(tests);
}
