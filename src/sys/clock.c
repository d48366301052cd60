/* sys/clock.c - time that moves only when it is told to. The table is a copy of
 * another world's with three functions replaced, so files and sockets are
 * those of that world. Used by riv_step and by tests. */
#include "sys/clock.h"

static struct riv_manual_clock *clock_of(struct riv_sys *sys)
{
    return RIV__CONTAINER(sys, struct riv_manual_clock, sys);
}

static int64_t manual_mono_ns(struct riv_sys *sys)
{
    return atomic_load(&clock_of(sys)->now_ns);
}

static int64_t manual_wall_ms(struct riv_sys *sys)
{
    struct riv_manual_clock *clock = clock_of(sys);
    return clock->wall_offset_ms + atomic_load(&clock->now_ns) / 1000000;
}

/* A limit is a time of this clock, which the real poll knows nothing of: it
 * is asked what is ready now. Its time 0 is long past. */
static int manual_poll(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                       struct riv_wake *wake, int64_t until_ns)
{
    struct riv_sys *real = clock_of(sys)->real;
    return real->poll(real, fds, n, wake,
                      until_ns == INT64_MAX ? INT64_MAX : 0);
}

void riv__manual_clock_init(struct riv_manual_clock *clock,
                            struct riv_sys *real, int64_t wall_ms)
{
    clock->sys = *real;
    clock->sys.name = "manual";
    clock->sys.mono_ns = manual_mono_ns;
    clock->sys.wall_ms = manual_wall_ms;
    clock->sys.poll = manual_poll;
    clock->real = real;
    clock->wall_offset_ms = wall_ms;
    atomic_init(&clock->now_ns, 0);
}

void riv__manual_clock_advance(struct riv_manual_clock *clock, int64_t ms)
{
    RIV__ASSERT(ms >= 0);
    atomic_fetch_add(&clock->now_ns, ms * 1000000);
}
