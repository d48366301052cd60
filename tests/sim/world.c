/* sim/world.c - the table: each call is a place where another thread may go on,
 * and is part of the trace. */
#include "sim/world.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connect/trail.h"

enum { DISK_FD_BASE = 100, WAKE_BASE = 30000, EXIT_FAILED = 3, EXIT_CRASH = 4 };

static struct world *of(struct riv_sys *sys)
{
    return sys->self;
}

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

/* ------------------------------------------------------------ every call */

static void step_clock(struct world *w)
{
    const int64_t most_ms = (int64_t)1 << rng_below(&w->rng, 27);
    w->wall_ms += rng_range(&w->rng, -most_ms, most_ms);
    world_say(w, "the wall clock steps to %" PRId64,
              w->wall_ms + sched_now() / 1000000);
}

/* Others may run before the call. true: it is interrupted. */
static bool enter(struct world *w)
{
    w->calls++;
    sched_point();
    disk_clock(w->disk, sched_now());
    if (rng_one_in(&w->rng, w->clock_one_in))
        step_clock(w);
    return rng_one_in(&w->rng, w->eintr_one_in);
}

static void crash(void *arg)
{
    struct world *w = arg;
    world_say(w, "the process dies");
    w->crashed = true;
    w->now_ns = sched_now();
    w->hash = sched_hash();
    w->points = sched_points();
    _exit(EXIT_CRASH);
}

/* A call that changes a file begins. true: the process dies in it, or behind. */
static bool changes(struct world *w)
{
    w->now_ns = sched_now();
    if (w->changing)
        w->changing(w);
    const bool hit = ++w->changes == w->crash.n && w->crash.at == CRASH_CALL;
    if (hit && w->crash.when == CRASH_BEFORE)
        crash(w);
    return hit;
}

/* How much of n bytes is written before the process dies. */
static size_t amid(struct world *w, bool hit, size_t n)
{
    return hit && w->crash.when == CRASH_AMID
               ? (size_t)rng_below(&w->rng, n + 1)
               : n;
}

static void changed(struct world *w, bool hit)
{
    if (hit)
        crash(w);
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
        crash(w);
    sched_point();
}

static int64_t leave(struct world *w, const char *call, const char *about,
                     int64_t rc)
{
    sched_mix((uint64_t)rc,
              (uint64_t)(unsigned char)call[0] << 8 | (unsigned char)call[1]);
    world_say(w, "%s(%s) = %" PRId64, call, about, rc);
    return rc;
}

static int64_t leave_fd(struct world *w, const char *call, int fd, int64_t rc)
{
    char about[16];
    if (!w->show)
        return leave(w, call, "", rc);
    snprintf(about, sizeof about, "%d", fd);
    return leave(w, call, about, rc);
}

static size_t shorten(struct world *w, size_t n)
{
    if (n < 2 || !rng_one_in(&w->rng, w->short_one_in))
        return n;
    return (size_t)rng_log(&w->rng, n);
}

/* ------------------------------------------------------- clocks and waiting */

static int64_t w_mono_ns(struct riv_sys *sys)
{
    (void)sys;
    return sched_now();
}

static int64_t w_wall_ms(struct riv_sys *sys)
{
    return of(sys)->wall_ms + sched_now() / 1000000;
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
    struct world *w = of(sys);
    struct waiting waiting = { w, fds, n, wake ? wake->fd - WAKE_BASE : -1 };
    if (n > RIV__POLL_FDS_MAX)
        return -EINVAL;
    if (sched_locks(0) > 0)
        sched_fail("%s polls with %d locks held", sched_name(), sched_locks(0));
    enter(w);
    while (!is_ready(&waiting) && sched_now() < until_ns)
        sched_wait("polls", is_ready, &waiting, next_due(&waiting, until_ns));
    return (int)leave(w, "poll", "", poll_result(&waiting));
}

static int w_wake_open(struct riv_sys *sys, struct riv_wake *wake)
{
    struct world *w = of(sys);
    enter(w);
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
    struct world *w = of(sys);
    const int i = wake->fd - WAKE_BASE;
    if (i < 0 || i >= WAKES_MAX || !w->wake[i].used)
        sched_fail("%s raises a wake that is not open", sched_name());
    w->wake[i].raised = true;
    sched_point();
}

static void w_wake_close(struct riv_sys *sys, struct riv_wake *wake)
{
    if (wake->fd >= WAKE_BASE)
        of(sys)->wake[wake->fd - WAKE_BASE].used = false;
    wake->fd = -1;
}

/* ------------------------------------------------------------------ files */

static int w_open(struct riv_sys *sys, const char *path, unsigned flags)
{
    struct world *w = of(sys);
    if (enter(w))
        return (int)leave(w, "open", path, -EINTR);
    if (rng_one_in(&w->rng, 40 * w->emfile_one_in))
        return (int)leave(w, "open", path, -EMFILE);
    const bool hit =
        flags & (RIV__OPEN_CREATE | RIV__OPEN_TRUNC) ? changes(w) : false;
    const int rc = disk_open(w->disk, path, flags);
    changed(w, hit);
    return (int)leave(w, "open", path, rc);
}

static int w_close(struct riv_sys *sys, int fd)
{
    struct world *w = of(sys);
    enter(w);
    return (int)leave_fd(
        w, "close", fd,
        net_is_fd(fd) ? net_close(w->net, fd) : disk_close(w->disk, fd));
}

static int64_t w_read(struct riv_sys *sys, int fd, void *p, size_t n)
{
    struct world *w = of(sys);
    int64_t rc = enter(w) ? -EINTR : disk_read(w->disk, fd, p, shorten(w, n));
    return leave_fd(w, "read", fd, rc);
}

/* A file that grows is read from its start on, or after a crash from where the
 * last commit stood; what was read is owed. Of its first bytes a sum is made
 * now and then, with reads of no more than RIV__TRAIL_HEAD_BYTES: what such a
 * read sees is not taken. */
static void note_taken(struct world *w, int fd, const char *p, int64_t n,
                       size_t asked, uint64_t at)
{
    struct stream *s = disk_tied(w->disk, fd);
    if (!s || n < 0)
        return;
    s->looked |= at == 0;
    if (asked <= RIV__TRAIL_HEAD_BYTES)
        return;
    const uint64_t known = s->taken_bytes - RIV__MIN(at, s->taken_bytes);
    if (at <= s->taken_bytes && known < (uint64_t)n)
        stream_take(s, p + known, (size_t)((uint64_t)n - known));
}

static int64_t w_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                       uint64_t at)
{
    struct world *w = of(sys);
    int64_t rc =
        enter(w) ? -EINTR : disk_pread(w->disk, fd, p, shorten(w, n), at);
    note_taken(w, fd, p, rc, n, at);
    return leave_fd(w, "pread", fd, rc);
}

static int64_t w_write(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    struct world *w = of(sys);
    int64_t rc = enter(w) ? -EINTR : disk_write(w->disk, fd, p, shorten(w, n));
    return leave_fd(w, "write", fd, rc);
}

static int64_t w_pwrite(struct riv_sys *sys, int fd, const void *p, size_t n,
                        uint64_t at)
{
    struct world *w = of(sys);
    int64_t rc = -EINTR;
    if (!enter(w)) {
        const bool hit = changes(w);
        rc = disk_pwrite(w->disk, fd, p, amid(w, hit, shorten(w, n)), at);
        changed(w, hit);
    }
    return leave_fd(w, "pwrite", fd, rc);
}

static int w_truncate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    struct world *w = of(sys);
    enter(w);
    const bool hit = changes(w);
    const int rc = disk_truncate(w->disk, fd, bytes);
    changed(w, hit);
    return (int)leave_fd(w, "truncate", fd, rc);
}

static int w_allocate(struct riv_sys *sys, int fd, uint64_t bytes)
{
    struct world *w = of(sys);
    enter(w);
    const bool hit = changes(w);
    const int rc = disk_allocate(w->disk, fd, bytes);
    changed(w, hit);
    return (int)leave_fd(w, "allocate", fd, rc);
}

static int w_sync(struct riv_sys *sys, int fd)
{
    struct world *w = of(sys);
    enter(w);
    const bool hit = changes(w);
    const int rc = hit && w->crash.when == CRASH_AMID
                       ? disk_sync_part(w->disk, fd, &w->rng)
                       : disk_sync(w->disk, fd);
    changed(w, hit);
    return (int)leave_fd(w, "sync", fd, rc);
}

static int w_lock(struct riv_sys *sys, int fd, uint64_t at, uint64_t n)
{
    struct world *w = of(sys);
    enter(w);
    return (int)leave_fd(w, "lock", fd, disk_lock(w->disk, fd, at, n));
}

static int w_stat(struct riv_sys *sys, const char *path, struct riv_stat *ret)
{
    struct world *w = of(sys);
    enter(w);
    return (int)leave(w, "stat", path, disk_stat(w->disk, path, ret));
}

static int w_fstat(struct riv_sys *sys, int fd, struct riv_stat *ret)
{
    struct world *w = of(sys);
    enter(w);
    return (int)leave_fd(w, "fstat", fd, disk_fstat(w->disk, fd, ret));
}

static int w_rename(struct riv_sys *sys, const char *from, const char *to)
{
    struct world *w = of(sys);
    enter(w);
    const bool hit = changes(w);
    const int rc = disk_rename(w->disk, from, to);
    changed(w, hit);
    return (int)leave(w, "rename", to, rc);
}

static int w_rename_new(struct riv_sys *sys, const char *from, const char *to)
{
    struct world *w = of(sys);
    enter(w);
    const bool hit = changes(w);
    const int rc = disk_rename_new(w->disk, from, to);
    changed(w, hit);
    return (int)leave(w, "rename_new", to, rc);
}

/* This world has no links. */
static int w_read_link(struct riv_sys *sys, const char *path, char *to,
                       size_t room)
{
    (void)sys, (void)path, (void)to, (void)room;
    return -EINVAL;
}

static int w_unlink(struct riv_sys *sys, const char *path)
{
    struct world *w = of(sys);
    enter(w);
    const bool hit = changes(w);
    const int rc = disk_unlink(w->disk, path);
    changed(w, hit);
    return (int)leave(w, "unlink", path, rc);
}

static int w_mkdir(struct riv_sys *sys, const char *path, unsigned mode)
{
    struct world *w = of(sys);
    enter(w);
    const bool hit = changes(w);
    const int rc = disk_mkdir(w->disk, path, mode);
    changed(w, hit);
    return (int)leave(w, "mkdir", path, rc);
}

static int w_space(struct riv_sys *sys, const char *path, struct riv_space *ret)
{
    struct world *w = of(sys);
    struct riv_stat st;
    enter(w);
    int rc = disk_stat(w->disk, path, &st);
    if (rc == 0)
        disk_space(w->disk, ret);
    return (int)leave(w, "space", path, rc);
}

static int w_list(struct riv_sys *sys, const char *path, riv__list_fn *each,
                  void *arg)
{
    struct world *w = of(sys);
    enter(w);
    return (int)leave(w, "list", path, disk_list(w->disk, path, each, arg));
}

/* ---------------------------------------------------------------- network */

static int w_connect(struct riv_sys *sys, const char *host, const char *port,
                     unsigned attempt)
{
    struct world *w = of(sys);
    (void)host;
    enter(w);
    return (int)leave(w, "connect", port,
                      net_connect(w->net, port, attempt, sched_now()));
}

static int w_so_error(struct riv_sys *sys, int fd)
{
    struct world *w = of(sys);
    enter(w);
    return (int)leave_fd(w, "so_error", fd,
                         net_so_error(w->net, fd, sched_now()));
}

static int w_listen(struct riv_sys *sys, const char *host, const char *port,
                    int backlog)
{
    struct world *w = of(sys);
    (void)host;
    enter(w);
    return (int)leave(w, "listen", port, net_listen(w->net, port, backlog));
}

static int w_local_port(struct riv_sys *sys, int fd)
{
    return net_local_port(of(sys)->net, fd);
}

static int w_accept(struct riv_sys *sys, int fd)
{
    struct world *w = of(sys);
    enter(w);
    int rc = rng_one_in(&w->rng, w->emfile_one_in) ? -EMFILE
                                                   : net_accept(w->net, fd);
    return (int)leave_fd(w, "accept", fd, rc);
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
    struct world *w = of(sys);
    enter(w);
    return leave_fd(w, "recv", fd, net_recv(w->net, fd, p, shorten(w, n)));
}

static int64_t w_send(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    struct world *w = of(sys);
    enter(w);
    return leave_fd(w, "send", fd, net_send(w->net, fd, p, shorten(w, n)));
}

/* -------------------------------------------------------------- the others */

static int w_random(struct riv_sys *sys, void *p, size_t n)
{
    char *dst = p;
    for (size_t i = 0; i < n; i++)
        dst[i] = (char)rng_next(&of(sys)->rng);
    return 0;
}

static int w_cores(struct riv_sys *sys)
{
    (void)sys;
    return 4;
}

static const struct riv_sys table = {
    .name = "simulated",
    .mono_ns = w_mono_ns,
    .wall_ms = w_wall_ms,
    .poll = w_poll,
    .wake_open = w_wake_open,
    .wake_raise = w_wake_raise,
    .wake_close = w_wake_close,
    .open = w_open,
    .close = w_close,
    .read = w_read,
    .pread = w_pread,
    .write = w_write,
    .pwrite = w_pwrite,
    .truncate = w_truncate,
    .allocate = w_allocate,
    .sync = w_sync,
    .datasync = w_sync,
    .lock = w_lock,
    .stat = w_stat,
    .fstat = w_fstat,
    .rename = w_rename,
    .rename_new = w_rename_new,
    .unlink = w_unlink,
    .read_link = w_read_link,
    .mkdir = w_mkdir,
    .space = w_space,
    .list = w_list,
    .connect = w_connect,
    .so_error = w_so_error,
    .listen = w_listen,
    .local_port = w_local_port,
    .accept = w_accept,
    .peer_host = w_peer_host,
    .recv = w_recv,
    .send = w_send,
    .random = w_random,
    .cores = w_cores,
};

/* --------------------------------------------------------- life of a world */

static uint32_t rate(struct world *w, unsigned fault, int64_t lo, int64_t hi)
{
    const int64_t n = rng_range(&w->rng, lo, hi); /* drawn also when off */
    return w->faults & fault ? (uint32_t)n : 0;
}

struct world *world_new(struct heap *heap, uint64_t seed, unsigned faults)
{
    struct world *w = heap_take(heap, sizeof *w);
    w->sys = table;
    w->sys.self = w;
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
    _exit(EXIT_FAILED);
}

void world_run(struct world *w, const struct sched_conf *conf,
               void (*fn)(void *arg), void *arg)
{
    const struct sched_world outside = {
        .due = due, .happen = happen, .failed = failed, .crash = crash, .arg = w
    };
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
