/* sim/call.c - see call.h. */
#include "sim/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

struct world *world_of(struct riv_sys *sys)
{
    return sys->self;
}

static void step_clock(struct world *w)
{
    const int64_t most_ms = (int64_t)1 << rng_below(&w->rng, 27);
    w->wall_ms += rng_range(&w->rng, -most_ms, most_ms);
    world_say(w, "the wall clock steps to %" PRId64,
              w->wall_ms + sched_now() / 1000000);
}

bool call_enter(struct world *w)
{
    w->calls++;
    sched_point();
    disk_clock(w->disk, sched_now());
    if (rng_one_in(&w->rng, w->clock_one_in))
        step_clock(w);
    return rng_one_in(&w->rng, w->eintr_one_in);
}

void call_crash(void *arg)
{
    struct world *w = arg;
    world_say(w, "the process dies");
    w->crashed = true;
    w->now_ns = sched_now();
    w->hash = sched_hash();
    w->points = sched_points();
    _exit(CALL_EXIT_CRASH);
}

bool call_changes(struct world *w)
{
    w->now_ns = sched_now();
    if (w->changing)
        w->changing(w);
    const bool hit = ++w->changes == w->crash.n && w->crash.at == CRASH_CALL;
    if (hit && w->crash.when == CRASH_BEFORE)
        call_crash(w);
    return hit;
}

size_t call_amid(struct world *w, bool hit, size_t n)
{
    return hit && w->crash.when == CRASH_AMID
               ? (size_t)rng_below(&w->rng, n + 1)
               : n;
}

void call_changed(struct world *w, bool hit)
{
    if (hit)
        call_crash(w);
}

int64_t call_leave(struct world *w, const char *call, const char *about,
                   int64_t rc)
{
    sched_mix((uint64_t)rc,
              (uint64_t)(unsigned char)call[0] << 8 | (unsigned char)call[1]);
    world_say(w, "%s(%s) = %" PRId64, call, about, rc);
    return rc;
}

int64_t call_leave_fd(struct world *w, const char *call, int fd, int64_t rc)
{
    char about[16];
    if (!w->show)
        return call_leave(w, call, "", rc);
    snprintf(about, sizeof about, "%d", fd);
    return call_leave(w, call, about, rc);
}

size_t call_shorten(struct world *w, size_t n)
{
    if (n < 2 || !rng_one_in(&w->rng, w->short_one_in))
        return n;
    return (size_t)rng_log(&w->rng, n);
}
