/* http/server_test.c - the server at a socket: who is answered, and what a peer
 * that breaks the rules gets. Over raw bytes, so that the library is tested as it
 * is shipped. */
#include "http/server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/macro.h"
#include "base/test.h"
#include "http/fixture.h"
#include "sys/clock.h"

struct fix {
    struct riv_viewer viewer;
    struct riv_http *http;
    int port;
    char host[64];
};

static int start(struct fix *fix, const char *listen, const char *token_file,
                 struct riv_err *err)
{
    fix->http = NULL;
    fix->viewer =
        (struct riv_viewer){ .sys = riv__sys_real(), .picture = shop_picture };
    return riv__http_start(&(struct riv_http_spec){ .viewer = fix->viewer,
                                                    .listen = listen,
                                                    .token_file = token_file },
                           &fix->http, err);
}

static void begin(struct fix *fix, const char *token_file)
{
    struct riv_err err = { 0 };
    if (start(fix, "127.0.0.1:0", token_file, &err) < 0)
        fail_msg("%s", err.text);
    const char *address = riv__http_address(fix->http);
    fix->port = (int)strtol(strrchr(address, ':') + 1, NULL, 10);
    snprintf(fix->host, sizeof fix->host, "Host: 127.0.0.1:%d\r\n", fix->port);
}

/* The answer to these bytes, whole: the server closes. */
static const char *talk(const struct fix *fix, const char *bytes, size_t n)
{
    static char text[65536];
    struct sockaddr_in addr = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)fix->port),
                                .sin_addr = { htonl(INADDR_LOOPBACK) } };
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t have = 0;
    ssize_t got = 1;
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof addr),
                     0);
    (void)send(fd, bytes, n, MSG_NOSIGNAL); /* it may close in between */
    while (got > 0 && have < sizeof text - 1) {
        got = recv(fd, text + have, sizeof text - 1 - have, 0);
        have += got > 0 ? (size_t)got : 0;
    }
    text[have] = '\0';
    close(fd);
    return text;
}

static const char *ask(const struct fix *fix, const char *line,
                       const char *heads)
{
    char bytes[4096];
    const int n = snprintf(bytes, sizeof bytes, "%s\r\n%s\r\n", line, heads);
    return talk(fix, bytes, (size_t)n);
}

static void answers(const char *said, int status)
{
    char want[32];
    snprintf(want, sizeof want, "HTTP/1.1 %d ", status);
    if (strncmp(said, want, strlen(want)) != 0)
        fail_msg("no %s in: %s", want, said);
}

RIV_TEST(a_page_comes_with_heads_that_allow_nothing_else)
{
    struct fix fix;
    begin(&fix, "");
    const char *said = ask(&fix, "GET / HTTP/1.1", fix.host);
    answers(said, 200);
    assert_non_null(strstr(said, "default-src 'none'"));
    assert_non_null(strstr(said, "X-Content-Type-Options: nosniff"));
    assert_non_null(strstr(said, "<h1>shop</h1>"));
    said = ask(&fix, "HEAD /metrics HTTP/1.1", fix.host);
    answers(said, 200);
    assert_null(strstr(said, "rivulet_"));
    riv__http_stop(fix.http);
}

RIV_TEST(a_name_of_another_site_is_misdirected)
{
    struct fix fix;
    begin(&fix, "");
    answers(ask(&fix, "GET / HTTP/1.1", "Host: evil.example\r\n"), 421);
    answers(ask(&fix, "GET /livez HTTP/1.1", "Host: 10.0.0.7:8080\r\n"), 200);
    char heads[160];
    snprintf(heads, sizeof heads, "%sOrigin: http://evil.example\r\n",
             fix.host);
    answers(ask(&fix, "GET /api/status HTTP/1.1", heads), 403);
    riv__http_stop(fix.http);
}

RIV_TEST(what_changes_something_is_not_done)
{
    static const char *const methods[] = { "POST", "PUT", "DELETE", "OPTIONS" };
    struct fix fix;
    char line[64], heads[160];
    begin(&fix, "");
    for (size_t i = 0; i < RIV__LEN(methods); i++) {
        snprintf(line, sizeof line, "%s / HTTP/1.1", methods[i]);
        snprintf(heads, sizeof heads, "%sContent-Length: 0\r\n", fix.host);
        answers(ask(&fix, line, heads), 405);
    }
    riv__http_stop(fix.http);
}

/* The library refuses some by itself, some are ours; none is answered with a
 * page. */
RIV_TEST(a_request_that_is_not_one_gets_no_page)
{
    static const char *const requests[] = {
        "GET /\r\n\r\n",
        "GET / HTTP/0.9\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: %s\r\nHost: %s\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: %s\r\nContent-Length: 5\r\n\r\nhello",
        "GET / HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: %s\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: %s\r\nContent-Length: "
        "99999999999999999999999\r\n\r\n",
    };
    struct fix fix;
    char host[64], bytes[512];
    begin(&fix, "");
    snprintf(host, sizeof host, "127.0.0.1:%d", fix.port);
    for (size_t i = 0; i < RIV__LEN(requests); i++) {
        const char *from = requests[i];
        size_t n = 0;
        while (*from) {
            if (strncmp(from, "%s", 2) == 0) {
                n += (size_t)snprintf(bytes + n, sizeof bytes - n, "%s", host);
                from += 2;
            } else {
                bytes[n++] = *from++;
            }
        }
        if (strstr(talk(&fix, bytes, n), "<h1>shop</h1>"))
            fail_msg("a page for: %s", requests[i]);
    }
    answers(ask(&fix, "GET / HTTP/1.1", fix.host), 200);
    riv__http_stop(fix.http);
}

RIV_TEST(a_head_that_is_too_long_is_refused)
{
    static char bytes[3 * RIV__HTTP_HEAD_BYTES_MAX];
    struct fix fix;
    begin(&fix, "");
    int n = snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\n%sX: ", fix.host);
    memset(bytes + n, 'x', sizeof bytes - (size_t)n);
    memcpy(bytes + sizeof bytes - 4, "\r\n\r\n", 4);
    assert_null(strstr(talk(&fix, bytes, sizeof bytes), "<h1>"));
    n = snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\n%s", fix.host);
    for (int i = 0; i < RIV__HTTP_HEADERS_MAX + 1; i++)
        n += snprintf(bytes + n, sizeof bytes - (size_t)n, "X%d: x\r\n", i);
    n += snprintf(bytes + n, sizeof bytes - (size_t)n, "\r\n");
    answers(talk(&fix, bytes, (size_t)n), 431);
    riv__http_stop(fix.http);
}

RIV_TEST(with_a_token_nothing_but_health_is_shown_without)
{
    char path[] = "/tmp/riv-token-XXXXXX", heads[256];
    struct fix fix;
    const int fd = mkstemp(path);
    assert_int_equal(write(fd, "0123456789abcdef\n", 17), 17);
    close(fd);
    begin(&fix, path);
    answers(ask(&fix, "GET / HTTP/1.1", fix.host), 401);
    answers(ask(&fix, "GET /readyz HTTP/1.1", fix.host), 200);
    snprintf(heads, sizeof heads,
             "%sAuthorization: Bearer 0123456789abcdef\r\n", fix.host);
    answers(ask(&fix, "GET / HTTP/1.1", heads), 200);
    snprintf(heads, sizeof heads,
             "%sAuthorization: Bearer 0123456789abcdeX\r\n", fix.host);
    answers(ask(&fix, "GET / HTTP/1.1", heads), 401);
    /* anybody:0123456789abcdef, as a browser sends it */
    snprintf(heads, sizeof heads,
             "Host: job.example\r\nAuthorization: Basic "
             "YW55Ym9keTowMTIzNDU2Nzg5YWJjZGVm\r\n");
    answers(ask(&fix, "GET /metrics HTTP/1.1", heads), 200);
    riv__http_stop(fix.http);
    unlink(path);
}

RIV_TEST(other_machines_are_let_in_only_with_a_token)
{
    struct fix fix;
    struct riv_err err = { 0 };
    assert_int_equal(start(&fix, "0.0.0.0:0", "", &err), RIV_EINVAL);
    assert_non_null(strstr(err.text, "http.token_file"));
    assert_int_equal(start(&fix, "nonsense", "", &err), RIV_EINVAL);
    assert_int_equal(start(&fix, ":0", "/nowhere/token", &err), RIV_ENOINPUT);
}

RIV_TEST(a_port_that_is_taken_is_said)
{
    struct fix fix, other;
    struct riv_err err = { 0 };
    char listen[64];
    begin(&fix, "");
    snprintf(listen, sizeof listen, ":%d", fix.port);
    assert_int_equal(start(&other, listen, "", &err), RIV_EUNAVAIL);
    assert_non_null(strstr(err.text, "another port"));
    riv__http_stop(fix.http);
}

/* More than there may be from one address: the others are served. */
RIV_TEST(peers_that_say_nothing_do_not_keep_others_out_or_the_job_alive)
{
    int fd[RIV__HTTP_PEERS_OF_ONE_MAX - 1];
    struct fix fix;
    begin(&fix, "");
    for (size_t i = 0; i < RIV__LEN(fd); i++) {
        struct sockaddr_in addr = { .sin_family = AF_INET,
                                    .sin_port = htons((uint16_t)fix.port),
                                    .sin_addr = { htonl(INADDR_LOOPBACK) } };
        fd[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(
            connect(fd[i], (const struct sockaddr *)&addr, sizeof addr), 0);
    }
    answers(ask(&fix, "GET / HTTP/1.1", fix.host), 200);
    riv__http_stop(fix.http);
    for (size_t i = 0; i < RIV__LEN(fd); i++)
        close(fd[i]);
}

/* The library counts silence, by its own clock; the time in all is ours, so a test
 * can let it pass. */
RIV_TEST(a_connection_ends_after_a_time_in_all)
{
    struct riv_manual_clock clock;
    struct riv_err err = { 0 };
    struct fix fix = { .http = NULL };
    char byte;
    riv__manual_clock_init(&clock, riv__sys_real(), 0);
    fix.viewer =
        (struct riv_viewer){ .sys = &clock.sys, .picture = shop_picture };
    assert_int_equal(
        riv__http_start(&(struct riv_http_spec){ .viewer = fix.viewer,
                                                 .listen = ":0",
                                                 .token_file = "" },
                        &fix.http, &err),
        0);
    const char *address = riv__http_address(fix.http);
    fix.port = (int)strtol(strrchr(address, ':') + 1, NULL, 10);
    snprintf(fix.host, sizeof fix.host, "Host: 127.0.0.1:%d\r\n", fix.port);
    struct sockaddr_in addr = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)fix.port),
                                .sin_addr = { htonl(INADDR_LOOPBACK) } };
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof addr),
                     0);
    assert_int_equal(send(fd, "GET / HT", 8, MSG_NOSIGNAL), 8);
    answers(ask(&fix, "GET / HTTP/1.1", fix.host),
            200); /* the first is known */
    /* before the library's own 5 s of silence would end it */
    const struct timeval limit = { .tv_sec = RIV__HTTP_IDLE_S_MAX - 1 };
    assert_int_equal(
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    riv__manual_clock_advance(&clock, RIV__HTTP_TIME_MS_MAX);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
    riv__http_stop(fix.http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_page_comes_with_heads_that_allow_nothing_else),
        RIV_CASE(a_name_of_another_site_is_misdirected),
        RIV_CASE(what_changes_something_is_not_done),
        RIV_CASE(a_request_that_is_not_one_gets_no_page),
        RIV_CASE(a_head_that_is_too_long_is_refused),
        RIV_CASE(with_a_token_nothing_but_health_is_shown_without),
        RIV_CASE(other_machines_are_let_in_only_with_a_token),
        RIV_CASE(a_port_that_is_taken_is_said),
        RIV_CASE(
            peers_that_say_nothing_do_not_keep_others_out_or_the_job_alive),
        RIV_CASE(a_connection_ends_after_a_time_in_all),
    };
    return RIV_RUN(tests);
}
