/* connect/source_tcp_test.c - a client against a real server on a free port:
 * the test accepts and writes, the source reads when it is told to. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "connect/fixture.h"

struct server {
    int fd, port;
};

static struct server listen_any(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    struct server server = { .fd = socket(AF_INET, SOCK_STREAM, 0) };
    assert_int_equal(bind(server.fd, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(server.fd, 8), 0);
    assert_int_equal(getsockname(server.fd, (struct sockaddr *)&at, &n), 0);
    server.port = ntohs(at.sin_port);
    return server;
}

static struct server begin(struct fix *fix)
{
    struct server server = listen_any();
    char uri[64];
    snprintf(uri, sizeof uri, "tcp://127.0.0.1:%d", server.port);
    /* A connection needs real time; the rest does not. */
    assert_int_equal(riv__input_new(riv__sources, riv__sys_real(), &fix->conf,
                                    NULL, uri, 0, &fix->input, &fix->err),
                     0);
    fix->input->wait_ms = -1;
    return server;
}

static int meet(struct fix *fix, const struct server *server)
{
    assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    assert_string_equal(fix_note(fix), "connected");
    int fd = accept(server->fd, NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

/* Reads until that many bytes wait in the feed. */
static void read_until(struct fix *fix, size_t bytes)
{
    while (riv__feed_waiting(&fix->input->feed) < bytes)
        assert_true(fix_read(fix) >= 0);
}

static void say(int fd, const char *text, size_t n)
{
    assert_int_equal(send(fd, text, n, MSG_NOSIGNAL), n);
}

/* IS-28, but bytes are kept as they are */
static void lines_come_and_the_last_counts_when_the_peer_closes(void **state)
{
    struct fix *fix = *state;
    struct server server = begin(fix);
    for (int i = 0; i < 3; i++) {
        int fd = meet(fix, &server);
        say(fd, "a\r\n\n\xc3\xa4\0\nlast", 12);
        close(fd);
        while (fix_read(fix) >= 0)
            ;
        assert_int_equal(fix->err.code, RIV_EUNAVAIL);
        assert_int_equal(riv__err_class(fix->err.code), RIV__CLASS_R);
        assert_non_null(strstr(fix->err.text, "closed the connection"));
        fix_cut(fix);
        fixture_equal(&fix->text, "a\r\n\n\xc3\xa4\0\nlast\n", 13);
        riv__buf_reset(&fix->text);
    }
    close(server.fd);
}

static void bytes_one_by_one_become_lines(void **state)
{
    struct fix *fix = *state;
    struct server server = begin(fix);
    static const char text[] = "one\ntwo\n\nfour\n";
    int fd = meet(fix, &server);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        say(fd, text + i, 1);
        while (fix_read(fix) != RIV__READ_MORE)
            ;
    }
    fix_got(fix, text);
    close(fd);
    close(server.fd);
}

static void a_line_that_broke_off_is_dropped(void **state)
{
    struct fix *fix = *state;
    struct server server = begin(fix);
    const struct linger now = { .l_onoff = 1 };
    int fd = meet(fix, &server), rc = 0;
    say(fd, "good\nbroken", 11);
    read_until(fix, 5);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now),
                     0);
    close(fd); /* as a reset */
    while (rc >= 0)
        rc = fix_read(fix);
    assert_int_equal(rc, RIV_EUNAVAIL);
    assert_non_null(strstr(fix->err.text, "recv"));
    fd = meet(fix, &server);
    say(fd, "new\n", 4);
    read_until(fix, 9);
    fix_got(fix, "good\nnew\n");
    close(fd);
    close(server.fd);
}

/* What a peer sends must not end the job. */
static void a_line_that_is_too_long_is_a_connection_that_broke(void **state)
{
    struct fix *fix = *state;
    char line[200];
    memset(line, 'x', sizeof line);
    fix->conf.line_bytes_max = 100;
    fix->conf.line_policy = RIV__LINE_FAIL;
    struct server server = begin(fix);
    int fd = meet(fix, &server), rc = 0;
    say(fd, "good\n", 5);
    say(fd, line, sizeof line);
    while (rc >= 0)
        rc = fix_read(fix);
    assert_int_equal(rc, RIV_EUNAVAIL);
    assert_int_equal(riv__err_class(rc), RIV__CLASS_R);
    assert_non_null(strstr(fix->err.text, "was hung up on: the line at byte 5 "
                                          "is longer than 100 bytes"));
    close(fd);
    fd = meet(fix, &server);
    say(fd, "new\n", 4);
    read_until(fix, 9);
    fix_got(fix, "good\nnew\n");
    close(fd);
    close(server.fd);
}

static void nobody_there_can_be_tried_again(void **state)
{
    struct fix *fix = *state;
    struct server server = begin(fix);
    close(server.fd);
    assert_int_equal(fix_read(fix), RIV_EUNAVAIL);
    assert_non_null(strstr(fix->err.text, "connect 127.0.0.1:"));
    assert_string_equal(fix_note(fix), "not connected");
}

static void wrong_addresses_are_refused_before_the_start(void **state)
{
    struct fix *fix = *state;
    fix_fails(fix, "tcp://localhost", RIV_EINVAL, "port is missing");
    fix_fails(fix, "tcp://:99", RIV_EINVAL, "host is missing");
    fix_fails(fix, "tcp://h:0", RIV_EINVAL, "port 0");
    fix_fails(fix, "tcp:", RIV_EINVAL, "port is missing");
}

/* With its thread: the peer goes away and comes back, as Spark's does. */
static void the_thread_connects_again(void **state)
{
    struct fix *fix = *state;
    fix->conf.retry_ms_min = 1;
    struct server server = begin(fix);
    assert_int_equal(riv__input_start(fix->input, NULL), 0);
    for (int i = 0; i < 3; i++) {
        int fd = accept(server.fd, NULL, NULL);
        say(fd, "x\n", 2);
        close(fd);
    }
    int last = accept(server.fd, NULL, NULL); /* after the third was read */
    riv__input_join(fix->input);
    assert_int_equal(fix_cut(fix), RIV__READ_END);
    fixture_equal(&fix->text, "x\nx\nx\n", 6);
    close(last);
    close(server.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_come_and_the_last_counts_when_the_peer_closes),
        TEST(bytes_one_by_one_become_lines),
        TEST(a_line_that_broke_off_is_dropped),
        TEST(a_line_that_is_too_long_is_a_connection_that_broke),
        TEST(nobody_there_can_be_tried_again),
        TEST(wrong_addresses_are_refused_before_the_start),
        TEST(the_thread_connects_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
