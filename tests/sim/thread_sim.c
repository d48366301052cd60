/* sim/thread_sim.c - sys/thread.h for the simulator: it defines all that
 * sys/thread.c does, and is linked before the archive that holds it. Threads
 * are fibers, and wherever a thread may have to wait another may go on. What
 * the engine promises of its locks is checked on the way. */
#include "sys/thread.h"

#include <string.h>

#include "sim/scheduler.h"

/* In the memory of a mutex. */
struct mutex {
    int held; /* 0, or the fiber + 1 */
    int alive;
};

_Static_assert(sizeof(struct mutex) <= sizeof(struct riv_lock),
               "a lock has room for ours");

static struct mutex *of(struct riv_lock *lock)
{
    return (struct mutex *)(void *)lock;
}

int riv__thread_start(struct riv_thread *thread, const char *name,
                      riv__thread_fn *fn, void *arg, struct riv_err *err)
{
    *thread = (struct riv_thread){ .started = false };
    sched_point();
    int fiber = sched_spawn(name, fn, arg);
    if (fiber < 0)
        return riv__err_set(err, RIV_ENOMEM, "thread %s: too many", name);
    thread->id = (pthread_t)fiber;
    thread->started = true;
    sched_point();
    return 0;
}

void riv__thread_join(struct riv_thread *thread)
{
    if (thread->started)
        sched_join((int)thread->id);
    thread->started = false;
}

int riv__thread_stack(uintptr_t *lo, uintptr_t *hi)
{
    sched_stack(lo, hi);
    return 0;
}

void riv__lock_init(struct riv_lock *lock)
{
    *of(lock) = (struct mutex){ .alive = 1 };
}

void riv__lock_fini(struct riv_lock *lock)
{
    struct mutex *m = of(lock);
    if (!m->alive)
        sched_fail("a lock is destroyed that was not made");
    if (m->held)
        sched_fail("a lock is destroyed while it is held");
    m->alive = 0;
}

static bool is_free(const void *arg)
{
    const struct mutex *m = arg;
    return m->held == 0;
}

static void take(struct mutex *m)
{
    if (!m->alive)
        sched_fail("a lock is taken that is not alive");
    if (m->held == sched_self() + 1)
        sched_fail("a thread takes a lock that it holds");
    while (!sched_wait("waits for a lock", is_free, m, INT64_MAX))
        continue;
    m->held = sched_self() + 1;
    sched_locks(1);
}

static void give(struct mutex *m)
{
    if (m->held != sched_self() + 1)
        sched_fail("a lock is given back by who does not hold it");
    m->held = 0;
    sched_locks(-1);
}

void riv__lock(struct riv_lock *lock)
{
    take(of(lock));
}

void riv__unlock(struct riv_lock *lock)
{
    give(of(lock));
    sched_point();
}

void riv__cond_init(struct riv_cond *cond)
{
    memset(cond, 0, sizeof *cond);
}

void riv__cond_fini(struct riv_cond *cond)
{
    (void)cond;
}

bool riv__cond_wait_until(struct riv_cond *cond, struct riv_lock *lock,
                          int64_t until_ns)
{
    if (sched_locks(0) != 1)
        sched_fail("a thread waits for a condition with %d locks held",
                   sched_locks(0));
    give(of(lock));
    bool marked = sched_cond_wait(cond, until_ns);
    take(of(lock));
    return marked;
}

void riv__cond_wait(struct riv_cond *cond, struct riv_lock *lock)
{
    (void)riv__cond_wait_until(cond, lock, INT64_MAX);
}

void riv__cond_signal(struct riv_cond *cond)
{
    sched_cond_signal(cond, false);
}

void riv__cond_broadcast(struct riv_cond *cond)
{
    sched_cond_signal(cond, true);
}

uint32_t riv__gen_read(struct riv_gen *gen)
{
    return atomic_load(&gen->value);
}

void riv__gen_bump(struct riv_gen *gen)
{
    atomic_fetch_add(&gen->value, 1);
    sched_point();
}

struct seen {
    struct riv_gen *gen;
    uint32_t value;
};

static bool has_moved(const void *arg)
{
    const struct seen *seen = arg;
    return atomic_load(&seen->gen->value) != seen->value;
}

void riv__gen_wait(struct riv_gen *gen, uint32_t seen, unsigned spins)
{
    struct seen s = { gen, seen };
    (void)spins;
    while (!sched_wait("waits for a counter", has_moved, &s, INT64_MAX))
        continue;
}
