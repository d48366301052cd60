/* sys/sys_poll.c - waiting in the real world: ppoll up to a monotonic time,
 * and the eventfd by which another thread ends the wait. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "sys/real.h"

_Static_assert(sizeof(struct riv_pollfd) == sizeof(struct pollfd) &&
                   offsetof(struct riv_pollfd, events) ==
                       offsetof(struct pollfd, events) &&
                   offsetof(struct riv_pollfd, revents) ==
                       offsetof(struct pollfd, revents),
               "struct riv_pollfd is a struct pollfd");
_Static_assert(RIV__POLL_IN == POLLIN && RIV__POLL_OUT == POLLOUT &&
                   RIV__POLL_ERR == POLLERR && RIV__POLL_HUP == POLLHUP,
               "RIV__POLL_* are those of poll(2)");

int riv__real_wake_open(struct riv_sys *sys, struct riv_wake *wake)
{
    (void)sys;
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return -errno;
    wake->fd = fd;
    return 0;
}

/* Fails only when it is raised 2^64 - 2 times already, which is raised too.
 * errno is kept, for signal handlers. */
void riv__real_wake_raise(struct riv_sys *sys, struct riv_wake *wake)
{
    const uint64_t one = 1;
    int keep = errno;
    (void)sys;
    ssize_t n = write(wake->fd, &one, sizeof one);
    (void)n;
    errno = keep;
}

static void wake_lower(const struct riv_wake *wake)
{
    uint64_t count;
    ssize_t n = read(wake->fd, &count, sizeof count);
    (void)n; /* -1: another thread was faster */
}

void riv__real_wake_close(struct riv_sys *sys, struct riv_wake *wake)
{
    (void)sys;
    if (wake->fd >= 0)
        close(wake->fd);
    wake->fd = -1;
}

/* One ppoll, or several when signals or early timers end it. The time that is
 * left is asked again each time; NULL as a limit waits for ever. */
static int poll_until(struct riv_sys *sys, struct pollfd *fds, unsigned n,
                      int64_t until_ns)
{
    for (;;) {
        int64_t left = 0, now = 0;
        struct timespec limit = { 0 };
        if (until_ns != INT64_MAX) {
            now = riv__real_mono_ns(sys);
            left = until_ns > now ? until_ns - RIV__MAX(now, 0) : 0;
            limit.tv_sec = (time_t)(left / 1000000000);
            limit.tv_nsec = (long)(left % 1000000000);
        }
        int rc = ppoll(fds, n, until_ns == INT64_MAX ? NULL : &limit, NULL);
        if (rc > 0 || (rc == 0 && left == 0))
            return rc;
        if (rc < 0 && errno != EINTR)
            return -errno;
    }
}

int riv__real_poll(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                   struct riv_wake *wake, int64_t until_ns)
{
    struct pollfd all[RIV__POLL_FDS_MAX + 1];
    unsigned count = n;
    if (n > RIV__POLL_FDS_MAX)
        return -EINVAL;
    if (n > 0)
        memcpy(all, fds, n * sizeof *fds);
    if (wake)
        all[count++] = (struct pollfd){ .fd = wake->fd, .events = POLLIN };
    int ready = poll_until(sys, all, count, until_ns);
    if (ready < 0)
        return ready;
    if (n > 0)
        memcpy(fds, all, n * sizeof *fds);
    if (!wake || all[n].revents == 0)
        return ready;
    wake_lower(wake);
    return ready - 1;
}
