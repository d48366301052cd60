/* sim/world.c - the life of a simulated world, its faults, and the trace. The
 * calls are in world_wait.c, world_file.c and world_net.c. */
#include "sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/call.h"

enum { DISK_FD_BASE = 100 };

void world_say(const struct world *w, const char *fmt, ...)
{
    va_list ap;
    if (!w->show)
        return;
    fprintf(stderr, "%15.6f %12s: ", (double)sched_now() / 1e9, sched_name());
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

static int w_random(struct riv_sys *sys, void *p, size_t n)
{
    char *dst = p;
    for (size_t i = 0; i < n; i++)
        dst[i] = (char)rng_next(&world_of(sys)->rng);
    return 0;
}

static int w_cores(struct riv_sys *sys)
{
    (void)sys;
    return 4;
}

static void named(struct riv_point_hook *hook, const char *name);

static struct {
    struct riv_point_hook hook;
    struct world *w;
} points = { .hook = { named } };

static void named(struct riv_point_hook *hook, const char *name)
{
    struct world *w = points.w;
    (void)hook;
    w->last_name = name;
    w->commits += strcmp(name, "writer.committed") == 0;
    world_say(w, "point %s", name);
    if (++w->names == w->crash.n && w->crash.at == CRASH_NAME)
        call_crash(w);
    sched_point();
}

/* --------------------------------------------------------- life of a world */

static uint32_t rate(struct world *w, unsigned fault, int64_t lo, int64_t hi)
{
    const int64_t n = rng_range(&w->rng, lo, hi); /* drawn also when off */
    return w->faults & fault ? (uint32_t)n : 0;
}

struct world *world_new(struct heap *heap, uint64_t seed, unsigned faults)
{
    struct world *w = heap_take(heap, sizeof *w);
    w->sys = (struct riv_sys){
        .name = "simulated", .self = w, .random = w_random, .cores = w_cores
    };
    world_waits(&w->sys);
    world_files(&w->sys);
    world_sockets(&w->sys);
    w->heap = heap;
    w->seed = seed;
    w->faults = faults;
    w->rng = rng_of(seed, 'w');
    w->rng_actors = rng_of(seed, 'a');
    w->short_one_in = rate(w, FAULT_SHORT, 1, 8);
    w->eintr_one_in = rate(w, FAULT_EINTR, 5, 50);
    w->clock_one_in = rate(w, FAULT_CLOCK, 20, 2000);
    w->emfile_one_in = rate(w, FAULT_FDS, 10, 50);
    w->wall_ms = 1700000000000 + rng_range(&w->rng, 0, 1000000);
    w->disk = disk_new(heap, DISK_FD_BASE);
    w->net = net_new(heap);
    return w;
}

static int64_t due(void *arg)
{
    const struct world *w = arg;
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < w->nactor; i++)
        next = RIV__MIN(next, w->actor[i].at_ns);
    return next;
}

static void happen(void *arg, int64_t now_ns)
{
    struct world *w = arg;
    disk_clock(w->disk, now_ns);
    for (size_t i = 0; i < w->nactor; i++)
        if (w->actor[i].at_ns <= now_ns)
            w->actor[i].step(w, &w->actor[i]);
}

static void failed(void *arg, const char *text)
{
    struct world *w = arg;
    snprintf(w->failure, sizeof w->failure, "%s", text);
    if (w->report)
        snprintf(w->report, sizeof w->failure, "%s", text);
    w->hash = sched_hash();
    _exit(CALL_EXIT_FAILED);
}

void world_run(struct world *w, const struct sched_conf *conf,
               void (*fn)(void *arg), void *arg)
{
    const struct sched_world outside = { .due = due,
                                         .happen = happen,
                                         .failed = failed,
                                         .crash = call_crash,
                                         .arg = w };
    w->changes = w->names = 0;
    w->crashed = false;
    points.w = w;
    riv__point_hook = &points.hook;
    sched_run(conf, &outside, fn, arg);
    w->now_ns = sched_now();
    w->hash = sched_hash();
    w->points = sched_points();
}

void world_bury(struct world *w)
{
    disk_kill(w->disk);
    net_kill(w->net);
    memset(w->wake, 0, sizeof w->wake);
}

struct stream *world_stream(struct world *w, enum stream_kind kind,
                            uint32_t input)
{
    if (w->nstream == STREAMS_MAX)
        sched_fail("the test makes more than %d streams", STREAMS_MAX);
    HEAP_ROOM(w->heap, w->stream, w->nstream, w->stream_cap);
    struct stream *s = heap_take(w->heap, sizeof *s);
    *s = (struct stream){ .id = (uint32_t)w->nstream,
                          .kind = kind,
                          .input = input };
    w->stream[w->nstream++] = s;
    return s;
}

struct actor *world_actor(struct world *w,
                          void (*step)(struct world *w, struct actor *a))
{
    if (w->nactor == ACTORS_MAX)
        abort();
    struct actor *a = &w->actor[w->nactor++];
    *a = (struct actor){ .step = step, .conn = -1 };
    return a;
}

unsigned world_open(const struct world *w)
{
    unsigned n = disk_open_fds(w->disk) + (unsigned)net_fds(w->net);
    for (size_t i = 0; i < WAKES_MAX; i++)
        n += w->wake[i].used;
    return n;
}

bool world_is_quiet(const struct world *w)
{
    return due((void *)(uintptr_t)w) == INT64_MAX;
}

/* ----------------------------------------------------------------- faults */

static const struct {
    const char *name;
    int bit;
} words[] = {
    { "short", FAULT_SHORT },   { "stall", FAULT_STALL },
    { "clock", FAULT_CLOCK },   { "reset", FAULT_RESET },
    { "refuse", FAULT_REFUSE }, { "fds", FAULT_FDS },
    { "eintr", FAULT_EINTR },   { "sched", FAULT_SCHED },
    { "rotate", FAULT_ROTATE }, { "stop", FAULT_STOP },
    { "kill", FAULT_KILL },     { "power", FAULT_POWER },
};

const char *fault_name(int bit)
{
    for (size_t i = 0; i < RIV__LEN(words); i++)
        if (words[i].bit == bit)
            return words[i].name;
    return NULL;
}

bool faults_read(const char *list, unsigned *ret)
{
    unsigned mask = 0;
    while (*list) {
        const size_t n = strcspn(list, ",");
        size_t i = 0;
        while (i < RIV__LEN(words) && (strlen(words[i].name) != n ||
                                       memcmp(words[i].name, list, n) != 0))
            i++;
        if (i < RIV__LEN(words))
            mask |= (unsigned)words[i].bit;
        else if (n == 3 && memcmp(list, "all", n) == 0)
            mask |= FAULT_ALL;
        else if (n != 4 || memcmp(list, "none", n) != 0)
            return false;
        list += n + (list[n] == ',');
    }
    *ret = mask;
    return true;
}
