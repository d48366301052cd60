/* sim/world_net.c - sockets of the simulated world. */
#include "sim/call.h"

#include <errno.h>
#include <stdio.h>

static int w_connect(struct riv_sys *sys, const char *host, const char *port,
                     unsigned attempt)
{
    struct world *w = world_of(sys);
    (void)host;
    call_enter(w);
    return (int)call_leave(w, "connect", port,
                           net_connect(w->net, port, attempt, sched_now()));
}

static int w_so_error(struct riv_sys *sys, int fd)
{
    struct world *w = world_of(sys);
    call_enter(w);
    return (int)call_leave_fd(w, "so_error", fd,
                              net_so_error(w->net, fd, sched_now()));
}

static int w_listen(struct riv_sys *sys, const char *host, const char *port,
                    int backlog)
{
    struct world *w = world_of(sys);
    (void)host;
    call_enter(w);
    return (int)call_leave(w, "listen", port,
                           net_listen(w->net, port, backlog));
}

static int w_local_port(struct riv_sys *sys, int fd)
{
    return net_local_port(world_of(sys)->net, fd);
}

static int w_accept(struct riv_sys *sys, int fd)
{
    struct world *w = world_of(sys);
    call_enter(w);
    int rc = rng_one_in(&w->rng, w->emfile_one_in) ? -EMFILE
                                                   : net_accept(w->net, fd);
    return (int)call_leave_fd(w, "accept", fd, rc);
}

/* All peers of this world live in one house. */
static int w_peer_host(struct riv_sys *sys, int fd, char *host, size_t room)
{
    (void)sys, (void)fd;
    snprintf(host, room, "10.0.0.1");
    return 0;
}

static int64_t w_recv(struct riv_sys *sys, int fd, void *p, size_t n)
{
    struct world *w = world_of(sys);
    call_enter(w);
    return call_leave_fd(w, "recv", fd,
                         net_recv(w->net, fd, p, call_shorten(w, n)));
}

static int64_t w_send(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    struct world *w = world_of(sys);
    call_enter(w);
    return call_leave_fd(w, "send", fd,
                         net_send(w->net, fd, p, call_shorten(w, n)));
}

void world_sockets(struct riv_sys *sys)
{
    sys->connect = w_connect;
    sys->so_error = w_so_error;
    sys->listen = w_listen;
    sys->local_port = w_local_port;
    sys->accept = w_accept;
    sys->peer_host = w_peer_host;
    sys->recv = w_recv;
    sys->send = w_send;
}
