/* sys/net.c - what sources do with the network: listen, connect to the first
 * address that answers, and say in words what failed. Knows only the table. */
#include "sys/net.h"

#include <errno.h>
#include <stdio.h>

enum { BACKLOG = 128, WHERE_BYTES = 300, ATTEMPTS_MAX = 16 };

int riv__net_err(struct riv_err *err, int rc, const char *call,
                 const struct riv_addr *addr)
{
    char where[WHERE_BYTES];
    const char *host = addr->host && *addr->host ? addr->host : "*";
    snprintf(where, sizeof where, "%s:%s", host, addr->port);
    if (rc == -ENOENT)
        return riv__err_set(err, RIV_EUNAVAIL, "%s %s: no address of this host",
                            call, where);
    if (rc == -EINVAL)
        return riv__err_set(err, RIV_EINVAL, "%s %s: not a port", call, where);
    return riv__err_sys(err, -rc, call, where);
}

int riv__net_listen(struct riv_sys *sys, const struct riv_addr *addr,
                    int *ret_fd, struct riv_err *err)
{
    int fd = sys->listen(sys, addr->host, addr->port, BACKLOG);
    if (fd < 0)
        return riv__net_err(err, fd, "listen", addr);
    *ret_fd = fd;
    return 0;
}

/* Waits for the connection; 0, -ETIMEDOUT or its fault. */
static int wait_connected(struct riv_sys *sys, int fd, struct riv_wake *wake,
                          int64_t until_ns)
{
    struct riv_pollfd out = { .fd = fd, .events = RIV__POLL_OUT };
    int ready = sys->poll(sys, &out, 1, wake, until_ns);
    if (ready < 0)
        return ready;
    return ready == 0 ? -ETIMEDOUT : sys->so_error(sys, fd);
}

/* Whether another address of the host may do better. */
static bool is_of_address(int rc)
{
    switch (rc) {
    case -ENOENT:
    case -EINVAL:
    case -ETIMEDOUT: /* the time is for all of them */
    case -EMFILE:
    case -ENFILE:
    case -ENOMEM: return false;
    default: return true;
    }
}

int riv__net_connect(struct riv_sys *sys, const struct riv_addr *addr,
                     struct riv_wake *wake, int64_t until_ns, int *ret_fd,
                     struct riv_err *err)
{
    int fault = -ENOENT;
    for (unsigned attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        int fd = sys->connect(sys, addr->host, addr->port, attempt);
        if (fd == -ENXIO) /* no more addresses: the last fault counts */
            break;
        fault = fd < 0 ? fd : wait_connected(sys, fd, wake, until_ns);
        if (fault == 0) {
            *ret_fd = fd;
            return 0;
        }
        if (fd >= 0)
            sys->close(sys, fd);
        if (!is_of_address(fault))
            break;
    }
    return riv__net_err(err, fault, "connect", addr);
}
