/* sys/notify_test.c - what a service manager receives, on a socket of our own. */
#include "sys/notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/test.h"

/* A socket of the abstract kind with a name that the kernel chose. */
static int open_manager(char name[sizeof(struct sockaddr_un)])
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    socklen_t n = sizeof at.sun_family;
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
    n = sizeof at;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    at.sun_path[0] = '@';
    snprintf(name, sizeof at, "%.*s", (int)(n - sizeof at.sun_family),
             at.sun_path);
    return fd;
}

RIV_TEST(lines_reach_the_socket_that_is_named)
{
    char name[sizeof(struct sockaddr_un)], got[64] = "";
    const int fd = open_manager(name);
    setenv("NOTIFY_SOCKET", name, 1);
    assert_int_equal(riv__notify_send("READY=1\nSTATUS=runs"), 0);
    assert_int_equal(recv(fd, got, sizeof got, MSG_DONTWAIT), 19);
    assert_memory_equal(got, "READY=1\nSTATUS=runs", 19);
    close(fd);
    assert_int_equal(riv__notify_send("READY=1"), -ECONNREFUSED);
}

RIV_TEST(without_a_manager_nothing_is_sent)
{
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(riv__notify_send("READY=1"), 0);
    setenv("NOTIFY_SOCKET", "", 1);
    assert_int_equal(riv__notify_send("READY=1"), 0);
}

RIV_TEST(a_wrong_name_is_an_error)
{
    char longer[sizeof(struct sockaddr_un) + 2];
    memset(longer, 'x', sizeof longer);
    longer[0] = '/';
    longer[sizeof longer - 1] = '\0';
    setenv("NOTIFY_SOCKET", "relative/socket", 1);
    assert_int_equal(riv__notify_send("READY=1"), -EINVAL);
    setenv("NOTIFY_SOCKET", longer, 1);
    assert_int_equal(riv__notify_send("READY=1"), -EINVAL);
    setenv("NOTIFY_SOCKET", "/there/is/none", 1);
    assert_int_equal(riv__notify_send("READY=1"), -ENOENT);
}

RIV_TEST(the_watchdog_is_of_one_process_and_fed_twice_as_often)
{
    char pid[32];
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
    assert_int_equal(riv__notify_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "3000000", 1);
    assert_int_equal(riv__notify_watchdog_ms(), 1500);
    snprintf(pid, sizeof pid, "%lld", (long long)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    assert_int_equal(riv__notify_watchdog_ms(), 1500);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(riv__notify_watchdog_ms(), 0);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "soon", 1);
    assert_int_equal(riv__notify_watchdog_ms(), 0);
}

RIV_TEST(a_manager_that_does_not_read_holds_nobody_up)
{
    char name[sizeof(struct sockaddr_un)];
    const int fd = open_manager(name);
    int sent = 0;
    setenv("NOTIFY_SOCKET", name, 1);
    while (riv__notify_send("WATCHDOG=1") == 0)
        sent++;
    assert_int_equal(riv__notify_send("WATCHDOG=1"), -EAGAIN);
    assert_true(sent > 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(lines_reach_the_socket_that_is_named),
        RIV_CASE(without_a_manager_nothing_is_sent),
        RIV_CASE(a_wrong_name_is_an_error),
        RIV_CASE(a_manager_that_does_not_read_holds_nobody_up),
        RIV_CASE(the_watchdog_is_of_one_process_and_fed_twice_as_often),
    };
    return RIV_RUN(tests);
}
