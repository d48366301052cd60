/* connect/source_listen_test.c - a server with many connections. The test is
 * the peers; time is a manual clock's, so nothing is waited for. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "connect/fixture.h"

static void begin(struct fix *fix)
{
    fix_open(fix, "listen://:0");
}

static int port_of(struct fix *fix)
{
    const char *colon = strrchr(fix_note(fix), ':');
    assert_non_null(colon);
    return (int)strtol(colon + 1, NULL, 10);
}

static int call(struct fix *fix)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons((uint16_t)port_of(fix)) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    size_t n = strlen(text);
    assert_int_equal(send(fd, text, n, MSG_NOSIGNAL), n);
}

/* Rounds until the note says so many connections. */
static void until_connected(struct fix *fix, int n)
{
    char want[32];
    snprintf(want, sizeof want, ", %d connections", n);
    while (!strstr(fix_note(fix), want))
        assert_true(fix_read(fix) >= 0);
}

static void until_waiting(struct fix *fix, size_t bytes)
{
    while (riv__feed_waiting(&fix->input->feed) < bytes)
        assert_true(fix_read(fix) >= 0);
}

static void the_note_says_where_to_connect(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    assert_non_null(strstr(fix_note(fix), "listening on 127.0.0.1:"));
    assert_true(port_of(fix) > 0);
}

static void lines_of_several_peers_stay_whole(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    int a = call(fix), b = call(fix);
    until_connected(fix, 2);
    say(a, "from ");
    say(b, "from b\nla");
    until_waiting(fix, 7);
    say(a, "a\n");
    until_waiting(fix, 14);
    close(b);
    until_connected(fix, 1);
    close(a);
    until_connected(fix, 0);
    fix_got(fix, "from b\nfrom a\nla\n");
}

static void bytes_one_by_one_become_lines(void **state)
{
    struct fix *fix = *state;
    static const char text[] = "one\ntwo\n\nfour\n";
    char byte[2] = "";
    begin(fix);
    int fd = call(fix);
    until_connected(fix, 1);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        byte[0] = text[i];
        say(fd, byte);
        while (fix_read(fix) != RIV__READ_MORE)
            ;
    }
    fix_got(fix, text);
    close(fd);
}

/* One read a round for each: 64 KiB of the first, and the others' line. */
static void a_fast_peer_does_not_starve_a_slow_one(void **state)
{
    struct fix *fix = *state;
    enum { MUCH = 200 * 1024 };
    char *much = malloc(MUCH + 1);
    memset(much, 'x', MUCH);
    for (size_t i = 50; i <= MUCH; i += 50)
        much[i - 1] = '\n';
    much[MUCH] = '\0';
    begin(fix);
    int fast = call(fix), slow = call(fix);
    until_connected(fix, 2);
    assert_int_equal(fcntl(fast, F_SETFL, O_NONBLOCK), 0);
    assert_true(send(fast, much, MUCH, MSG_NOSIGNAL) > 70 * 1024);
    say(slow, "slow\n");
    assert_int_equal(fix_read(fix), RIV__READ_MORE);
    fix_cut(fix);
    riv__buf_char(&fix->text, '\0');
    assert_true(fix->text.n < 70 * 1024);
    assert_non_null(strstr(fix->text.p, "slow\n"));
    close(fast);
    close(slow);
    free(much);
}

static void a_line_that_broke_off_is_dropped(void **state)
{
    struct fix *fix = *state;
    const struct linger now = { .l_onoff = 1 };
    begin(fix);
    int fd = call(fix);
    until_connected(fix, 1);
    say(fd, "good\nbroken");
    until_waiting(fix, 5);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now),
                     0);
    close(fd);
    until_connected(fix, 0);
    fix_got(fix, "good\n");
}

/* The others wait in the kernel's queue until one leaves. */
static void no_more_connections_than_allowed(void **state)
{
    struct fix *fix = *state;
    char words[128];
    int fd[4];
    fix->conf.connections_max = 2;
    begin(fix);
    for (int i = 0; i < 4; i++) {
        fd[i] = call(fix);
        say(fd[i], "x\n");
    }
    until_waiting(fix, 4);
    for (int i = 0; i < 20; i++)
        assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    assert_non_null(strstr(
        fix_note(fix), ", 2 connections; others wait (listen.connections)"));
    assert_int_equal(riv__input_events(fix->input, words, sizeof words), 1);
    assert_non_null(strstr(words, "others wait (listen.connections)"));
    close(fd[0]);
    close(fd[1]);
    until_waiting(fix, 8);
    close(fd[2]);
    close(fd[3]);
    until_connected(fix, 0);
    fix_got(fix, "x\nx\nx\nx\n");
}

static void a_silent_peer_is_hung_up_on(void **state)
{
    struct fix *fix = *state;
    fix->conf.idle_timeout_ms = 1000;
    begin(fix);
    int silent = call(fix), busy = call(fix);
    until_connected(fix, 2);
    say(silent, "begun");
    say(busy, "one\n");
    until_waiting(fix, 4);
    riv__manual_clock_advance(&fix->clock, 900);
    say(busy, "two\n");
    until_waiting(fix, 8);
    assert_non_null(strstr(fix_note(fix), ", 2 connections"));
    riv__manual_clock_advance(&fix->clock, 200);
    until_connected(fix, 1);
    say(busy, "three\n");
    until_waiting(fix, 14);
    fix_got(fix, "one\ntwo\nthree\n");
    close(silent);
    close(busy);
}

static int no_descriptors(struct riv_sys *sys, int fd)
{
    (void)sys, (void)fd;
    return -EMFILE;
}

static void running_out_of_descriptors_pauses_accepting(void **state)
{
    struct fix *fix = *state;
    begin(fix);
    int fd = call(fix);
    say(fd, "x\n");
    fix->clock.sys.accept = no_descriptors;
    while (!strstr(fix_note(fix), "out of descriptors"))
        assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    fix->clock.sys.accept = riv__sys_real()->accept;
    for (int i = 0; i < 10; i++)
        assert_int_equal(fix_read(fix), RIV__READ_IDLE);
    assert_non_null(strstr(fix_note(fix), ", 0 connections"));
    riv__manual_clock_advance(&fix->clock, 1000);
    until_connected(fix, 1);
    until_waiting(fix, 2);
    fix_got(fix, "x\n");
    close(fd);
}

static void a_port_in_use_is_an_error_that_names_it(void **state)
{
    struct fix *fix = *state;
    char uri[64], words[64];
    begin(fix);
    int port = port_of(fix);
    struct riv_input *first = RIV__TAKE(fix->input);
    snprintf(uri, sizeof uri, "listen://127.0.0.1:%d", port);
    snprintf(words, sizeof words, "port %d of 127.0.0.1 is in use", port);
    fix_fails(fix, uri, RIV_EBUSY, words);
    riv__input_free(first);
}

static void wrong_addresses_are_refused_before_the_start(void **state)
{
    struct fix *fix = *state;
    fix_fails(fix, "listen://localhost", RIV_EINVAL, "port is missing");
    assert_true(fix_try(fix, "listen://192.0.2.1:0") < 0);
    fix->conf.connections_max = 65536;
    fix_fails(fix, "listen://:0", RIV_EINVAL, "listen.connections");
}

enum { PEERS = 6, LINES_EACH = 20000 };

static void talk(void *arg)
{
    int fd = *(int *)arg;
    char line[64];
    for (int i = 0; i < LINES_EACH; i++) {
        int n = snprintf(line, sizeof line, "%d %030d\n", fd, i);
        assert_int_equal(send(fd, line, (size_t)n, MSG_NOSIGNAL), n);
    }
    close(fd);
}

/* Each peer's lines are whole and in its order. Returns their number. */
static uint64_t count_lines(struct fix *fix, long *next)
{
    uint64_t lines = 0;
    char *p = fix->text.p, *end = p + fix->text.n;
    for (; p < end; lines++) {
        char *rest, *nl = memchr(p, '\n', (size_t)(end - p));
        assert_non_null(nl);
        long fd = strtol(p, &rest, 10);
        assert_in_range(fd, 3, 63);
        assert_int_equal(strtol(rest, &rest, 10), next[fd]++);
        assert_ptr_equal(rest, nl);
        p = nl + 1;
    }
    riv__buf_reset(&fix->text);
    return lines;
}

/* Many peers through a ring that is far smaller than what they say. */
static void every_line_of_every_peer_arrives_once(void **state)
{
    struct fix *fix = *state;
    struct riv_sys *sys = riv__sys_real();
    struct riv_wake driver;
    struct riv_thread thread[PEERS];
    int fd[PEERS];
    long next[64] = { 0 };
    uint64_t lines = 0;
    assert_int_equal(sys->wake_open(sys, &driver), 0);
    fix->conf.buffer_bytes = 300 * 1024;
    assert_int_equal(
        riv__input_new(riv__sources, sys, &fix->conf, &driver,
                       "listen://127.0.0.1:0", 0, &fix->input, NULL),
        0);
    assert_int_equal(riv__input_start(fix->input, NULL), 0);
    /* All connected first: a peer that is done gives its number back. */
    for (int i = 0; i < PEERS; i++)
        fd[i] = call(fix);
    for (int i = 0; i < PEERS; i++)
        assert_int_equal(
            riv__thread_start(&thread[i], "peer", talk, &fd[i], NULL), 0);
    while (lines < PEERS * LINES_EACH) {
        assert_true(fix_cut(fix) >= 0);
        lines += count_lines(fix, next);
        sys->poll(sys, NULL, 0, &driver, sys->mono_ns(sys) + 1000000);
    }
    for (int i = 0; i < PEERS; i++)
        riv__thread_join(&thread[i]);
    riv__input_join(fix->input);
    assert_int_equal(fix_cut(fix), RIV__READ_END);
    assert_int_equal(fix->text.n, 0);
    riv__input_free(RIV__TAKE(fix->input));
    sys->wake_close(sys, &driver);
}

/* ---------------------------------------- what a peer may not do */

/* Rounds until the other side has hung up. */
static void is_hung_up(struct fix *fix, int fd)
{
    char byte;
    ssize_t n = -1;
    while (n < 0) {
        assert_true(fix_read(fix) >= 0);
        n = recv(fd, &byte, 1, MSG_DONTWAIT);
        if (n < 0 && errno == ECONNRESET) /* it had sent more */
            break;
        if (n < 0)
            assert_int_equal(errno, EAGAIN);
    }
    assert_true(n <= 0);
    close(fd);
}

/* The warnings since the last call: how many, and the last of them. */
static void warned(struct fix *fix, uint64_t n, const char *words)
{
    char text[256];
    assert_int_equal(riv__input_events(fix->input, text, sizeof text), n);
    if (n > 0 && !strstr(text, words))
        fail_msg("\"%s\" does not say \"%s\"", text, words);
}

/* One line over the limit, and the whole job ended. */
static void a_line_that_is_too_long_ends_its_connection_alone(void **state)
{
    struct fix *fix = *state;
    fix->conf.line_bytes_max = 100;
    fix->conf.line_policy = RIV__LINE_FAIL;
    char line[202];
    memset(line, 'x', 200);
    memcpy(line + 200, "\n", 2);
    begin(fix);
    int bad = call(fix), good = call(fix);
    until_connected(fix, 2);
    say(bad, "fine\n");
    say(bad, line);
    is_hung_up(fix, bad);
    until_connected(fix, 1);
    warned(fix, 1,
           "the connection from 127.0.0.1 was closed: the line at byte "
           "5 is longer than 100 bytes");
    say(good, "good\n");
    until_waiting(fix, 10);
    warned(fix, 0, NULL);
    fix_got(fix, "fine\ngood\n");
    close(good);
}

static void a_line_that_does_not_end_ends_its_connection(void **state)
{
    struct fix *fix = *state;
    fix->conf.line_timeout_ms = 1000;
    begin(fix);
    int slow = call(fix), good = call(fix);
    until_connected(fix, 2);
    for (int i = 0; i < 9; i++) { /* a byte every 100 ms */
        say(slow, "x");
        say(good, "line\n");
        until_waiting(fix, 5 * (size_t)(i + 1));
        riv__manual_clock_advance(&fix->clock, 100);
    }
    until_connected(fix, 2);
    riv__manual_clock_advance(&fix->clock, 100);
    say(slow, "x");
    is_hung_up(fix, slow);
    warned(fix, 1, "its line has not ended (listen.line_timeout)");
    /* time between lines does not count */
    riv__manual_clock_advance(&fix->clock, 5000);
    say(good, "a\nb");
    until_waiting(fix, 47);
    riv__manual_clock_advance(&fix->clock, 900);
    say(good, "c\nd");
    until_waiting(fix, 50);
    riv__manual_clock_advance(&fix->clock, 900);
    assert_true(fix_read(fix) >= 0);
    until_connected(fix, 1);
    say(good, "\n");
    until_waiting(fix, 52);
    warned(fix, 0, NULL);
    close(good);
}

static void one_address_has_so_many_connections(void **state)
{
    struct fix *fix = *state;
    fix->conf.peer_connections_max = 2;
    begin(fix);
    int a = call(fix), b = call(fix);
    until_connected(fix, 2);
    is_hung_up(fix, call(fix));
    warned(fix, 1,
           "a connection from 127.0.0.1 was closed: it has 2 already "
           "(listen.connections_per_peer)");
    close(b);
    until_connected(fix, 1);
    b = call(fix);
    until_connected(fix, 2);
    say(a, "a\n");
    say(b, "b\n");
    until_waiting(fix, 4);
    warned(fix, 0, NULL);
    close(a);
    close(b);
}

static const char *host_name; /* of whoever connects next */

static int host_of(struct riv_sys *sys, int fd, char *host, size_t room)
{
    (void)sys, (void)fd;
    return snprintf(host, room, "%s", host_name) < 0 ? -EIO : 0;
}

static void addresses_are_counted_apart(void **state)
{
    static const char *const hosts[] = { "10.0.0.1", "10.0.0.2", "10.0.0.3" };
    struct fix *fix = *state;
    int fd[RIV__LEN(hosts)];
    fix->conf.peer_connections_max = 1;
    fix->clock.sys.peer_host = host_of;
    begin(fix);
    for (size_t i = 0; i < RIV__LEN(hosts); i++) {
        char want[32];
        host_name = hosts[i];
        fd[i] = call(fix);
        snprintf(want, sizeof want, ", %zu connections", i + 1);
        while (!strstr(fix_note(fix), want)) {
            assert_true(fix_read(fix) >= 0);
            warned(fix, 0, NULL);
        }
    }
    host_name = hosts[1];
    is_hung_up(fix, call(fix));
    warned(fix, 1, "10.0.0.2 was closed: it has 1 already");
    for (size_t i = 0; i < RIV__LEN(hosts); i++)
        close(fd[i]);
}

/* Eight connections begin lines; together they may take 256 KiB. */
static void unfinished_lines_have_a_common_bound(void **state)
{
    enum { MANY = 8, PIECE = 30000 };
    struct fix *fix = *state;
    static char piece[PIECE + 1];
    int fd[MANY];
    memset(piece, 'x', PIECE);
    fix->conf.connections_max = 2 * MANY;
    fix->conf.line_bytes_max = 128 * 1024;
    fix->conf.unfinished_bytes_max = 256 * 1024;
    begin(fix);
    for (int i = 0; i < MANY; i++)
        fd[i] = call(fix);
    until_connected(fix, MANY);
    say(fd[3], piece);
    for (int i = 0; i < MANY; i++)
        say(fd[i], piece);
    is_hung_up(fix, fd[3]); /* its line is the longest */
    warned(fix, 1, "listen.unfinished, and its line is the longest");
    for (int i = 0; i < MANY; i++)
        if (i != 3)
            say(fd[i], "\n");
    until_waiting(fix, (MANY - 1) * (PIECE + 1));
    warned(fix, 0, NULL);
    for (int i = 0; i < MANY; i++)
        if (i != 3)
            close(fd[i]);
    until_connected(fix, 0);
}

/* Of those that left in the middle of a line nothing counts any more. */
static void who_has_left_has_no_unfinished_line(void **state)
{
    enum { VISITS = 12, PIECE = 30000 };
    struct fix *fix = *state;
    static char piece[PIECE + 1];
    memset(piece, 'x', PIECE);
    fix->conf.line_bytes_max = 64 * 1024;
    fix->conf.unfinished_bytes_max = 128 * 1024;
    begin(fix);
    int stays = call(fix);
    until_connected(fix, 1);
    say(stays, "x");
    for (int i = 0; i < VISITS; i++) {
        int fd = call(fix);
        until_connected(fix, 2);
        say(fd, piece);
        for (int k = 0; k < 4; k++)
            assert_true(fix_read(fix) >= 0);
        close(fd);
        until_connected(fix, 1);
        assert_true(fix_cut(fix) >= 0);
    }
    warned(fix, 0, NULL);
    riv__buf_reset(&fix->text);
    say(stays, "y\n");
    until_waiting(fix, 3);
    fix_got(fix, "xy\n");
    close(stays);
}

/* -------------------------------------------------- peers that are told */

static void begin_acks(struct fix *fix)
{
    fix->conf.listen_ack = true;
    snprintf(fix->conf.state_dir, sizeof fix->conf.state_dir, "state");
    begin(fix);
    riv__feed_keep(&fix->input->feed, 0);
}

/* What has come since the last call is durable; what is remembered of it. */
static void make_durable(struct fix *fix, const char *want)
{
    struct riv_news news = { .part = NULL };
    riv__stand_reset(&fix->stand);
    (void)riv__feed_take_news(&fix->input->feed, &news);
    assert_int_equal(fix->input->ops->kept(fix->input, &news, &fix->stand), 0);
    riv__news_fini(&news);
    riv__input_ack(fix->input);
    struct riv_buf text;
    riv__buf_init(&text, 0);
    for (size_t i = 0; i < fix->stand.nnote; i++) {
        const struct riv_note note = riv__stand_note_at(&fix->stand, i);
        riv__buf_add(&text, note.key.p, note.key.n);
        riv__buf_char(&text, ' ');
        riv__buf_add(&text, note.value.p, note.value.n);
        riv__buf_char(&text, ';');
    }
    fixture_equal(&text, want, strlen(want));
    riv__buf_fini(&text);
}

/* The same, but the disk has not answered yet. */
static void is_being_written(struct fix *fix)
{
    struct riv_news news = { .part = NULL };
    riv__stand_reset(&fix->stand);
    assert_true(riv__feed_take_news(&fix->input->feed, &news));
    assert_int_equal(fix->input->ops->kept(fix->input, &news, &fix->stand), 0);
    riv__news_fini(&news);
    for (int i = 0; i < 3; i++)
        assert_true(fix_read(fix) >= 0);
}

/* Rounds until the peer is told exactly this. */
static void hears(struct fix *fix, int fd, const char *want)
{
    char text[64];
    size_t n = 0;
    while (n < strlen(want)) {
        assert_true(fix_read(fix) >= 0);
        const ssize_t got = recv(fd, text + n, strlen(want) - n, MSG_DONTWAIT);
        n += got > 0 ? (size_t)got : 0;
    }
    assert_memory_equal(text, want, n);
    assert_true(recv(fd, text, 1, MSG_DONTWAIT) < 0);
}

static void a_peer_is_told_what_is_durable(void **state)
{
    struct fix *fix = *state;
    begin_acks(fix);
    int fd = call(fix);
    say(fd, "HELLO me\none\nt");
    hears(fix, fd, "ACK 0\n");
    until_waiting(fix, 4);
    is_being_written(fix);
    hears(fix, fd, ""); /* on its way is not there */
    riv__input_ack(fix->input);
    hears(fix, fd, "ACK 1\n");
    say(fd, "wo\nthree\n");
    until_waiting(fix, 14);
    make_durable(fix, "me lines=3;");
    hears(fix, fd, "ACK 3\n");
    make_durable(fix, "");
    fix_got(fix, "one\ntwo\nthree\n");
    close(fd);
}

/* A peer that does not read: a byte goes out, and then no more for a while. */
static int send_room;

static int64_t send_little(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    (void)n;
    return send_room-- > 0 ? riv__sys_real()->send(sys, fd, p, 1) : -EAGAIN;
}

static void what_a_peer_is_told_stays_whole(void **state)
{
    struct fix *fix = *state;
    begin_acks(fix);
    fix->clock.sys.send = send_little;
    send_room = 100;
    int fd = call(fix);
    say(fd, "HELLO me\none\n");
    hears(fix, fd, "ACK 0\n");
    until_waiting(fix, 4);
    send_room = 3;
    make_durable(fix, "me lines=1;");
    hears(fix, fd, "ACK");
    say(fd, "two\n");
    until_waiting(fix, 8);
    make_durable(fix, "me lines=2;");
    assert_true(fix_read(fix) >= 0);
    send_room = 100;
    hears(fix, fd, " 1\nACK 2\n");
    close(fd);
}

/* It sends again what it was not told of; that waits in the feed already. */
static void a_peer_that_comes_back_is_not_taken_twice(void **state)
{
    struct fix *fix = *state;
    begin_acks(fix);
    int fd = call(fix);
    say(fd, "HELLO me\n1\n2\n3\nhalf");
    hears(fix, fd, "ACK 0\n");
    until_waiting(fix, 6);
    close(fd);
    until_connected(fix, 0);
    fd = call(fix);
    say(fd, "HELLO me\n1\n2");
    hears(fix, fd, "ACK 0\n");
    say(fd, "\n3\n4\n"); /* the second one in two pieces */
    until_waiting(fix, 8);
    make_durable(fix, "me lines=4;");
    hears(fix, fd, "ACK 4\n");
    fix_got(fix, "1\n2\n3\n4\n");
    close(fd);
}

/* Of what came with it only what stood in front of it is in the feed; the rest
 * would be taken for sent already, and be lost. */
static void lines_behind_one_that_is_too_long_are_not_counted(void **state)
{
    struct fix *fix = *state;
    char text[256] = "HELLO me\n1\n";
    const size_t n = strlen(text);
    fix->conf.line_bytes_max = 100;
    fix->conf.line_policy = RIV__LINE_FAIL;
    memset(text + n, 'x', 200);
    memcpy(text + n + 200, "\n2\n3\n", 6);
    begin_acks(fix);
    int fd = call(fix);
    say(fd, text);
    until_waiting(fix, 2);
    until_connected(fix, 0);
    close(fd);
    fd = call(fix);
    say(fd, "HELLO me\n1\n2\n3\n");
    hears(fix, fd, "ACK 0\n");
    until_waiting(fix, 6);
    make_durable(fix, "me lines=3;");
    fix_got(fix, "1\n2\n3\n");
    close(fd);
}

/* A line that was cut is durable before its end has come: what is sent after the
 * next greeting is none that is in the feed. */
static void what_follows_a_line_that_was_cut_is_taken(void **state)
{
    struct fix *fix = *state;
    char text[160] = "HELLO me\n";
    const size_t n = strlen(text);
    fix->conf.line_bytes_max = 100;
    fix->conf.line_policy = RIV__LINE_CUT;
    memset(text + n, 'x', 120);
    begin_acks(fix);
    int fd = call(fix);
    say(fd, text);
    until_waiting(fix, 101);
    hears(fix, fd, "ACK 0\n");
    make_durable(fix, "me lines=1;");
    hears(fix, fd, "ACK 1\n");
    close(fd);
    until_connected(fix, 0);
    riv__buf_reset(&fix->text);
    assert_true(fix_cut(fix) >= 0);
    riv__buf_reset(&fix->text);
    fd = call(fix);
    say(fd, "HELLO me\n2\n");
    hears(fix, fd, "ACK 1\n");
    for (int i = 0; i < 3; i++)
        assert_true(fix_read(fix) >= 0);
    close(fd);
    until_connected(fix, 0);
    fd = call(fix);
    say(fd, "HELLO me\n2\n3\n"); /* 2 waits in the feed */
    hears(fix, fd, "ACK 1\n");
    for (int i = 0; i < 3; i++)
        assert_true(fix_read(fix) >= 0);
    fix_got(fix, "2\n3\n");
    close(fd);
}

static void another_run_knows_its_peers(void **state)
{
    struct fix *fix = *state;
    begin_acks(fix);
    int fd = call(fix);
    say(fd, "HELLO me\n1\n2\n");
    hears(fix, fd, "ACK 0\n");
    until_waiting(fix, 4);
    make_durable(fix, "me lines=2;");
    close(fd);
    riv__buf_str(&fix->stand.words, "received=4");
    assert_int_equal(fix_seek(fix, "listen://:0"), 0);
    fd = call(fix);
    say(fd, "HELLO me\n");
    hears(fix, fd, "ACK 2\n");
    say(fd, "3\n");
    until_waiting(fix, 2);
    make_durable(fix, "me lines=3;"); /* it counts on */
    hears(fix, fd, "ACK 3\n");
    fix_got(fix, "3\n");
    close(fd);
}

static void a_second_connection_of_a_name_takes_over(void **state)
{
    struct fix *fix = *state;
    begin_acks(fix);
    int first = call(fix);
    say(first, "HELLO me\n");
    hears(fix, first, "ACK 0\n");
    int second = call(fix);
    say(second, "HELLO me\n");
    hears(fix, second, "ACK 0\n");
    is_hung_up(fix, first);
    say(second, "1\n");
    until_waiting(fix, 2);
    close(second);
}

static void who_says_no_name_is_hung_up_on(void **state)
{
    static const char *const wrong[] = { "GET / HTTP/1.1\r\n", "HELLO \n",
                                         "HELLO a b\n", "HELLO ../x\n" };
    struct fix *fix = *state;
    char text[200];
    begin_acks(fix);
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        int fd = call(fix);
        say(fd, wrong[i]);
        is_hung_up(fix, fd);
    }
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    int fd = call(fix);
    say(fd, text);
    is_hung_up(fix, fd);
    fix_got(fix, "");
}

static void two_peers_are_counted_apart(void **state)
{
    struct fix *fix = *state;
    begin_acks(fix);
    int a = call(fix), b = call(fix);
    say(a, "HELLO a\n1\n");
    hears(fix, a, "ACK 0\n");
    until_waiting(fix, 2);
    say(b, "HELLO b\n1\n2\n");
    hears(fix, b, "ACK 0\n");
    until_waiting(fix, 6);
    say(a, "2\n");
    until_waiting(fix, 8);
    make_durable(fix, "a lines=1;b lines=2;a lines=2;");
    hears(fix, a, "ACK 2\n");
    hears(fix, b, "ACK 2\n");
    close(a);
    close(b);
}

static void to_be_told_needs_a_state_directory(void **state)
{
    struct fix *fix = *state;
    fix->conf.listen_ack = true;
    fix_fails(fix, "listen://:0", RIV_EINVAL, "--state DIR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_note_says_where_to_connect),
        TEST(lines_of_several_peers_stay_whole),
        TEST(bytes_one_by_one_become_lines),
        TEST(a_fast_peer_does_not_starve_a_slow_one),
        TEST(a_line_that_broke_off_is_dropped),
        TEST(no_more_connections_than_allowed),
        TEST(a_silent_peer_is_hung_up_on),
        TEST(running_out_of_descriptors_pauses_accepting),
        TEST(a_port_in_use_is_an_error_that_names_it),
        TEST(wrong_addresses_are_refused_before_the_start),
        TEST(every_line_of_every_peer_arrives_once),
        TEST(a_line_that_is_too_long_ends_its_connection_alone),
        TEST(a_line_that_does_not_end_ends_its_connection),
        TEST(one_address_has_so_many_connections),
        TEST(addresses_are_counted_apart),
        TEST(unfinished_lines_have_a_common_bound),
        TEST(who_has_left_has_no_unfinished_line),
        TEST(a_peer_is_told_what_is_durable),
        TEST(what_a_peer_is_told_stays_whole),
        TEST(a_peer_that_comes_back_is_not_taken_twice),
        TEST(what_follows_a_line_that_was_cut_is_taken),
        TEST(another_run_knows_its_peers),
        TEST(lines_behind_one_that_is_too_long_are_not_counted),
        TEST(a_second_connection_of_a_name_takes_over),
        TEST(who_says_no_name_is_hung_up_on),
        TEST(two_peers_are_counted_apart),
        TEST(to_be_told_needs_a_state_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
