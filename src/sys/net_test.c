/* sys/net_test.c - connecting and listening with words for what fails; a world
 * with several addresses, where each can be made to refuse or hang. */
#include "sys/net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/test.h"

/* What each address of the host does: 0 connects, below 0 fails in connect(),
 * above 0 fails later; HANGS never answers. */
enum { HANGS = 1000, FIRST_FD = 500 };

struct fake_net {
    struct riv_sys sys;
    const int *address;
    unsigned n, tried;
    int open;
};

static int fake_connect(struct riv_sys *sys, const char *host, const char *port,
                        unsigned attempt)
{
    struct fake_net *net = sys->self;
    (void)host;
    (void)port;
    if (attempt >= net->n)
        return -ENXIO;
    net->tried++;
    if (net->address[attempt] < 0)
        return net->address[attempt];
    net->open++;
    return FIRST_FD + (int)attempt;
}

static int fake_poll(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                     struct riv_wake *wake, int64_t until_ns)
{
    struct fake_net *net = sys->self;
    (void)wake;
    (void)until_ns;
    assert_int_equal(n, 1);
    assert_int_equal(fds[0].events, RIV__POLL_OUT);
    return net->address[fds[0].fd - FIRST_FD] != HANGS;
}

static int fake_so_error(struct riv_sys *sys, int fd)
{
    struct fake_net *net = sys->self;
    return -net->address[fd - FIRST_FD];
}

static int fake_close(struct riv_sys *sys, int fd)
{
    struct fake_net *net = sys->self;
    assert_true(fd >= FIRST_FD);
    net->open--;
    return 0;
}

static const struct riv_addr somewhere = { "example", "9" };

/* Connects over a host with n addresses; checks that nothing stays open but
 * what is returned. */
static int try_connect(const int *address, unsigned n, struct riv_err *err,
                       unsigned *ret_tried)
{
    struct fake_net net = { .address = address, .n = n };
    int fd = -1;
    net.sys = *riv__sys_real();
    net.sys.self = &net;
    net.sys.connect = fake_connect;
    net.sys.poll = fake_poll;
    net.sys.so_error = fake_so_error;
    net.sys.close = fake_close;
    int rc = riv__net_connect(&net.sys, &somewhere, NULL, 5, &fd, err);
    *ret_tried = net.tried;
    assert_int_equal(net.open, rc == 0);
    assert_int_equal(fd >= 0, rc == 0);
    return rc == 0 ? fd : rc;
}

RIV_TEST(the_first_address_that_answers_is_taken)
{
    static const int address[] = { -ENETUNREACH, ECONNREFUSED, 0, 0 };
    unsigned tried = 0;
    assert_int_equal(try_connect(address, 4, NULL, &tried), FIRST_FD + 2);
    assert_int_equal(tried, 3);
}

RIV_TEST(when_no_address_answers_the_last_fault_is_told)
{
    static const int address[] = { -ENETUNREACH, ECONNREFUSED };
    struct riv_err err = { 0 };
    unsigned tried = 0;
    assert_int_equal(try_connect(address, 2, &err, &tried), RIV_EUNAVAIL);
    assert_string_equal(err.text, "connect example:9: Connection refused");
    assert_int_equal(tried, 2);
}

RIV_TEST(the_time_is_for_all_addresses_together)
{
    static const int address[] = { HANGS, 0 };
    struct riv_err err = { 0 };
    unsigned tried = 0;
    assert_int_equal(try_connect(address, 2, &err, &tried), RIV_ETIMEOUT);
    assert_string_equal(err.text, "connect example:9: Connection timed out");
    assert_int_equal(tried, 1);
}

/* A name that cannot be looked up fails the same way at every attempt: without
 * an end to the attempts this would never return. */
RIV_TEST(an_unknown_host_is_asked_for_once)
{
    static const int address[] = { -ENOENT, 0 };
    struct riv_err err = { 0 };
    unsigned tried = 0;
    assert_int_equal(try_connect(address, 2, &err, &tried), RIV_EUNAVAIL);
    assert_string_equal(err.text, "connect example:9: no address of this host");
    assert_int_equal(tried, 1);
}

RIV_TEST(attempts_have_an_end)
{
    static int address[1000];
    unsigned tried = 0;
    for (size_t i = 0; i < RIV__LEN(address); i++)
        address[i] = -ENETUNREACH;
    assert_int_equal(try_connect(address, 1000, NULL, &tried), RIV_EUNAVAIL);
    assert_in_range(tried, 2, 64);
}

RIV_TEST(a_port_that_is_none_is_the_users_fault)
{
    struct riv_sys *sys = riv__sys_real();
    struct riv_err err = { 0 };
    struct riv_addr addr = { "127.0.0.1", "http!" };
    int fd = 77;
    assert_int_equal(riv__net_listen(sys, &addr, &fd, &err), RIV_EINVAL);
    assert_string_equal(err.text, "listen 127.0.0.1:http!: not a port");
    assert_int_equal(fd, 77);
}

RIV_TEST(a_listener_is_connected_to)
{
    struct riv_sys *sys = riv__sys_real();
    struct riv_err err = { 0 };
    struct riv_addr addr = { "127.0.0.1", "0" };
    char port[16];
    int server = -1, client = -1;
    assert_int_equal(riv__net_listen(sys, &addr, &server, &err), 0);
    snprintf(port, sizeof port, "%d", sys->local_port(sys, server));
    addr.port = port;
    assert_int_equal(
        riv__net_connect(sys, &addr, NULL, INT64_MAX, &client, &err), 0);
    assert_int_equal(sys->so_error(sys, client), 0);
    sys->close(sys, client);
    sys->close(sys, server);
}

RIV_TEST(a_port_in_use_is_named)
{
    struct riv_sys *sys = riv__sys_real();
    struct riv_err err = { 0 };
    struct riv_addr addr = { "", "0" };
    char port[16], want[64];
    int server = -1, second = -1;
    assert_int_equal(riv__net_listen(sys, &addr, &server, &err), 0);
    snprintf(port, sizeof port, "%d", sys->local_port(sys, server));
    addr.port = port;
    assert_int_equal(riv__net_listen(sys, &addr, &second, &err), RIV_EBUSY);
    snprintf(want, sizeof want, "listen *:%s: Address already in use", port);
    assert_string_equal(err.text, want);
    sys->close(sys, server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(the_first_address_that_answers_is_taken),
        RIV_CASE(when_no_address_answers_the_last_fault_is_told),
        RIV_CASE(the_time_is_for_all_addresses_together),
        RIV_CASE(an_unknown_host_is_asked_for_once),
        RIV_CASE(attempts_have_an_end),
        RIV_CASE(a_port_that_is_none_is_the_users_fault),
        RIV_CASE(a_listener_is_connected_to),
        RIV_CASE(a_port_in_use_is_named),
    };
    return RIV_RUN(tests);
}
