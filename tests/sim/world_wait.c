/* sim/world_wait.c - clocks, poll and wakes of the simulated world. */
#include "sim/call.h"

#include <errno.h>

enum { WAKE_BASE = 30000 };

static int64_t w_mono_ns(struct riv_sys *sys)
{
    (void)sys;
    return sched_now();
}

static int64_t w_wall_ms(struct riv_sys *sys)
{
    return world_of(sys)->wall_ms + sched_now() / 1000000;
}

struct waiting {
    struct world *w;
    struct riv_pollfd *fds;
    unsigned n;
    int wake; /* index; -1: none */
};

static short ready_of(const struct world *w, const struct riv_pollfd *p)
{
    if (p->fd < 0)
        return 0;
    if (!net_is_fd(p->fd))
        return p->events; /* a file: always */
    return net_ready(w->net, p->fd, sched_now()) &
           (short)(p->events | RIV__POLL_ERR | RIV__POLL_HUP);
}

static bool is_ready(const void *arg)
{
    const struct waiting *waiting = arg;
    if (waiting->wake >= 0 && waiting->w->wake[waiting->wake].raised)
        return true;
    for (unsigned i = 0; i < waiting->n; i++)
        if (ready_of(waiting->w, &waiting->fds[i]))
            return true;
    return false;
}

/* A connection under way becomes ready by time alone. */
static int64_t next_due(const struct waiting *waiting, int64_t until_ns)
{
    for (unsigned i = 0; i < waiting->n; i++)
        if (net_is_fd(waiting->fds[i].fd))
            until_ns = RIV__MIN(
                until_ns,
                net_due(waiting->w->net, waiting->fds[i].fd, sched_now()));
    return until_ns;
}

static int poll_result(struct waiting *waiting)
{
    int ready = 0;
    for (unsigned i = 0; i < waiting->n; i++) {
        waiting->fds[i].revents = ready_of(waiting->w, &waiting->fds[i]);
        ready += waiting->fds[i].revents != 0;
    }
    if (waiting->wake >= 0)
        waiting->w->wake[waiting->wake].raised = false;
    return ready;
}

static int w_poll(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                  struct riv_wake *wake, int64_t until_ns)
{
    struct world *w = world_of(sys);
    struct waiting waiting = { w, fds, n, wake ? wake->fd - WAKE_BASE : -1 };
    if (n > RIV__POLL_FDS_MAX)
        return -EINVAL;
    if (sched_locks(0) > 0)
        sched_fail("%s polls with %d locks held", sched_name(), sched_locks(0));
    call_enter(w);
    while (!is_ready(&waiting) && sched_now() < until_ns)
        sched_wait("polls", is_ready, &waiting, next_due(&waiting, until_ns));
    return (int)call_leave(w, "poll", "", poll_result(&waiting));
}

static int w_wake_open(struct riv_sys *sys, struct riv_wake *wake)
{
    struct world *w = world_of(sys);
    call_enter(w);
    for (int i = 0; i < WAKES_MAX; i++) {
        if (w->wake[i].used)
            continue;
        w->wake[i].used = true;
        w->wake[i].raised = false;
        wake->fd = WAKE_BASE + i;
        return 0;
    }
    return -EMFILE;
}

static void w_wake_raise(struct riv_sys *sys, struct riv_wake *wake)
{
    struct world *w = world_of(sys);
    const int i = wake->fd - WAKE_BASE;
    if (i < 0 || i >= WAKES_MAX || !w->wake[i].used)
        sched_fail("%s raises a wake that is not open", sched_name());
    w->wake[i].raised = true;
    sched_point();
}

static void w_wake_close(struct riv_sys *sys, struct riv_wake *wake)
{
    if (wake->fd >= WAKE_BASE)
        world_of(sys)->wake[wake->fd - WAKE_BASE].used = false;
    wake->fd = -1;
}

void world_waits(struct riv_sys *sys)
{
    sys->mono_ns = w_mono_ns;
    sys->wall_ms = w_wall_ms;
    sys->poll = w_poll;
    sys->wake_open = w_wake_open;
    sys->wake_raise = w_wake_raise;
    sys->wake_close = w_wake_close;
}
