/* sim/scheduler.c - who runs next. All state is of this process; a crash drops it
 * with everything else. */
#include "sim/scheduler.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/fiber.h"

enum {
    STACK_BYTES = 512 * 1024,
    GUARD_BYTES = 4096,
    NAME_BYTES = 16,
    RUNS_MAX = 20000 /* points in a row, then others come first */
};

enum state { FREE, READY, WAITING, ENDED };

struct task {
    struct fiber fiber;
    enum state state;
    char name[NAME_BYTES];
    void (*fn)(void *arg);
    void *arg;
    const char *what; /* it waits for */
    bool (*ready)(const void *arg);
    const void *ready_arg;
    int64_t until_ns;
    const void *cond; /* it waits for a mark of this; NULL: marked */
    uint64_t rank;    /* with priorities: the highest runs */
    int locks;
};

static struct sched {
    struct sched_conf conf;
    struct sched_world world;
    struct fiber hub;
    struct task task[SCHED_FIBERS_MAX];
    int n, self;
    int64_t now_ns, due_ns;
    uint64_t hash, points, lowest, runs;
} s;

static char *stacks;

void sched_stacks(void)
{
    const size_t all = (size_t)SCHED_FIBERS_MAX * STACK_BYTES;
    stacks = mmap(NULL, all, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stacks == MAP_FAILED)
        abort();
    for (size_t i = 0; i < SCHED_FIBERS_MAX; i++)
        mprotect(stacks + i * STACK_BYTES, GUARD_BYTES, PROT_NONE);
}

static char *stack_of(int i)
{
    return stacks + (size_t)i * STACK_BYTES + GUARD_BYTES;
}

int64_t sched_now(void)
{
    return s.now_ns;
}

uint64_t sched_hash(void)
{
    return s.hash;
}

uint64_t sched_points(void)
{
    return s.points;
}

int sched_self(void)
{
    return s.self;
}

bool sched_shows(void)
{
    return s.conf.show;
}

const char *sched_name(void)
{
    return s.n > 0 ? s.task[s.self].name : "-";
}

void sched_mix(uint64_t a, uint64_t b)
{
    s.hash = (s.hash ^ (a + (b << 20) + (b >> 44))) * 0x9fb21c651e98df25u;
    s.hash ^= s.hash >> 29;
}

/* ---------------------------------------------------------- going wrong */

static int describe(char *dst, size_t room, const struct task *t)
{
    char until[32] = "for ever";
    if (t->until_ns != INT64_MAX)
        snprintf(until, sizeof until, "until %" PRId64, t->until_ns);
    return snprintf(dst, room, "\n      %s: %s %s", t->name,
                    t->state == READY ? "could run" : t->what, until);
}

static void fail_all(const char *why)
{
    char text[4096];
    size_t n = (size_t)snprintf(text, sizeof text, "%s at %" PRId64 " ns", why,
                                s.now_ns);
    for (int i = 0; i < s.n && n < sizeof text - 256; i++)
        if (s.task[i].state == READY || s.task[i].state == WAITING)
            n += (size_t)describe(text + n, sizeof text - n, &s.task[i]);
    s.world.failed(s.world.arg, text);
    abort();
}

void sched_fail(const char *fmt, ...)
{
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    s.world.failed(s.world.arg, text);
    abort();
}

/* --------------------------------------------------------------- choosing */

static bool can_run(const struct task *t)
{
    if (t->state == READY)
        return true;
    return t->state == WAITING &&
           (t->until_ns <= s.now_ns || t->ready(t->ready_arg));
}

static int candidates(int list[SCHED_FIBERS_MAX])
{
    int n = 0;
    for (int i = 0; i < s.n; i++)
        if (can_run(&s.task[i]))
            list[n++] = i;
    return n;
}

static int choose(const int *list, int n)
{
    if (!s.conf.priorities)
        return list[rng_below(&s.conf.rng, (uint64_t)n)];
    int best = list[0];
    for (int i = 1; i < n; i++)
        if (s.task[list[i]].rank > s.task[best].rank)
            best = list[i];
    return best;
}

static void happen(void)
{
    while (s.due_ns <= s.now_ns) {
        s.world.happen(s.world.arg, s.now_ns);
        s.due_ns = s.world.due(s.world.arg);
    }
}

/* Nobody can run: on to the next time at which something happens. */
static void jump(void)
{
    int64_t next = s.due_ns;
    for (int i = 0; i < s.n; i++)
        if (s.task[i].state == WAITING && s.task[i].until_ns < next)
            next = s.task[i].until_ns;
    if (next == INT64_MAX)
        fail_all("deadlock: nobody can run and nothing will happen");
    if (next > s.now_ns)
        s.now_ns = next;
    happen();
}

static int pick(void)
{
    int list[SCHED_FIBERS_MAX], n;
    s.due_ns = s.world.due(s.world.arg);
    while ((n = candidates(list)) == 0)
        jump();
    return choose(list, n);
}

static void go_to(int next, bool last)
{
    struct task *from = &s.task[s.self];
    sched_mix(1, (uint64_t)next);
    if (next == s.self && !last)
        return;
    if (s.conf.show)
        fprintf(stderr, "%15.6f  -> %s\n", (double)s.now_ns / 1e9,
                s.task[next].name);
    s.self = next;
    s.runs = 0;
    fiber_switch(&from->fiber, &s.task[next].fiber, last);
}

/* ----------------------------------------------------------------- points */

static void demote(void)
{
    s.task[s.self].rank = s.lowest--;
    s.runs = 0;
}

static bool may_switch(void)
{
    if (++s.runs > RUNS_MAX) {
        demote();
        return true;
    }
    if (!s.conf.priorities)
        return rng_one_in(&s.conf.rng, s.conf.switch_one_in);
    if (rng_one_in(&s.conf.rng, s.conf.demote_one_in))
        demote();
    return true;
}

void sched_point(void)
{
    if (++s.points > s.conf.points_max)
        fail_all("livelock: too many steps");
    if (s.points == s.conf.crash_at)
        s.world.crash(s.world.arg);
    if (s.conf.point_ns_max > 0)
        s.now_ns += rng_range(&s.conf.rng, 0, s.conf.point_ns_max);
    if (rng_one_in(&s.conf.rng, s.conf.stall_one_in) &&
        s.now_ns < *s.conf.stall_until_ns)
        s.now_ns +=
            (int64_t)rng_log(&s.conf.rng, (uint64_t)s.conf.stall_ns_max);
    if (s.due_ns <= s.now_ns)
        happen();
    if (may_switch())
        go_to(pick(), false);
}

bool sched_wait(const char *what, bool (*ready)(const void *arg),
                const void *arg, int64_t until_ns)
{
    struct task *t = &s.task[s.self];
    sched_point();
    if (ready(arg))
        return true;
    t->what = what;
    t->ready = ready;
    t->ready_arg = arg;
    t->until_ns = until_ns;
    t->state = WAITING;
    go_to(pick(), false);
    t->state = READY;
    return ready(arg);
}

static bool never(const void *arg)
{
    (void)arg;
    return false;
}

void sched_sleep(int64_t until_ns)
{
    sched_wait("sleeps", never, NULL, until_ns);
}

/* ---------------------------------------------------------------- threads */

static void task_main(void *arg)
{
    struct task *t = arg;
    t->fn(t->arg);
    if (t->locks != 0)
        sched_fail("thread %s ended with %d locks held", t->name, t->locks);
    t->state = ENDED;
    sched_mix(2, (uint64_t)(t - s.task));
    if (t == s.task)
        fiber_switch(&t->fiber, &s.hub, true);
    go_to(pick(), true);
}

int sched_spawn(const char *name, void (*fn)(void *arg), void *arg)
{
    int i = 0;
    while (i < s.n && s.task[i].state != FREE)
        i++;
    if (i == SCHED_FIBERS_MAX)
        return -1;
    if (i == s.n)
        s.n++;
    struct task *t = &s.task[i];
    *t = (struct task){ .state = READY,
                        .fn = fn,
                        .arg = arg,
                        .until_ns = INT64_MAX,
                        .rank = rng_next(&s.conf.rng) | ((uint64_t)1 << 63) };
    snprintf(t->name, sizeof t->name, "%s", name);
    fiber_init(&t->fiber, stack_of(i), STACK_BYTES - GUARD_BYTES, task_main, t);
    return i;
}

static bool has_ended(const void *arg)
{
    const struct task *t = arg;
    return t->state == ENDED;
}

void sched_join(int fiber)
{
    struct task *t = &s.task[fiber];
    sched_wait("joins a thread", has_ended, t, INT64_MAX);
    t->state = FREE;
}

void sched_stack(uintptr_t *lo, uintptr_t *hi)
{
    *lo = (uintptr_t)stack_of(s.self);
    *hi = *lo + STACK_BYTES - GUARD_BYTES;
}

int sched_locks(int change)
{
    return s.task[s.self].locks += change;
}

static bool is_marked(const void *arg)
{
    const struct task *t = arg;
    return t->cond == NULL;
}

bool sched_cond_wait(const void *cond, int64_t until_ns)
{
    struct task *t = &s.task[s.self];
    t->cond = cond;
    bool marked = sched_wait("waits for a condition", is_marked, t, until_ns);
    t->cond = NULL;
    return marked;
}

/* One of those that wait, not the first: no order is promised. */
void sched_cond_signal(const void *cond, bool all)
{
    int list[SCHED_FIBERS_MAX], n = 0;
    for (int i = 0; i < s.n; i++)
        if (s.task[i].state != FREE && s.task[i].cond == cond)
            list[n++] = i;
    if (n == 0)
        return;
    int one = list[rng_below(&s.conf.rng, (uint64_t)n)];
    for (int i = 0; i < n; i++)
        if (all || list[i] == one)
            s.task[list[i]].cond = NULL;
}

void sched_run(const struct sched_conf *conf, const struct sched_world *world,
               void (*fn)(void *arg), void *arg)
{
    s = (struct sched){ .conf = *conf, .world = *world };
    s.now_ns = conf->now_ns;
    s.due_ns = INT64_MAX;
    s.lowest = (uint64_t)1 << 62;
    int first = sched_spawn("program", fn, arg);
    s.self = first;
    fiber_switch(&s.hub, &s.task[first].fiber, false);
    for (int i = 1; i < s.n; i++)
        if (s.task[i].state != FREE)
            fail_all("the program has ended, but not all of its threads");
}
