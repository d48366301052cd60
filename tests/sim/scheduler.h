/* sim/scheduler.h - all threads of a simulated process as fibers in one thread. At
 * each point where the engine waits, locks or asks the world, the seed says who
 * goes on; when nobody can, time jumps to the next thing that happens. One
 * process has one scheduler.
 *
 * Two ways to choose, by the seed: at random at every n-th point, or by
 * priorities that change at few places - Burckhardt, Kothari, Musuvathi,
 * Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding
 * Bugs", ASPLOS 2010. */
#ifndef RIV_SIM_SCHEDULER_H
#define RIV_SIM_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

#include "support/rng.h"

enum { SCHED_FIBERS_MAX = 64 };

struct sched_conf {
    struct rng rng;
    bool priorities;
    uint32_t switch_one_in;        /* points, when at random */
    uint32_t demote_one_in;        /* points, with priorities */
    int64_t point_ns_max;          /* time that passes at a point */
    uint32_t stall_one_in;         /* points; 0: never */
    int64_t stall_ns_max;          /* the process sleeps so long, all of it */
    const int64_t *stall_until_ns; /* but no more from this time on */
    uint64_t crash_at;   /* the process dies at this point; 0: at none */
    uint64_t points_max; /* more is a livelock */
    int64_t now_ns;      /* when it begins */
    bool show;           /* every decision on stderr */
};

/* What happens outside, at given times. */
struct sched_world {
    int64_t (*due)(void *arg); /* the next time; INT64_MAX: none */
    void (*happen)(void *arg, int64_t now_ns);
    void (*failed)(void *arg, const char *text); /* do not return */
    void (*crash)(void *arg);
    void *arg;
};

/* The stacks, once and before any fork: children share what is not touched. */
void sched_stacks(void);

/* Runs `fn` as the first fiber until it returns. */
void sched_run(const struct sched_conf *conf, const struct sched_world *world,
               void (*fn)(void *arg), void *arg);

int64_t sched_now(void);
uint64_t sched_hash(void);              /* of all that happened so far */
uint64_t sched_points(void);            /* how many there were */
void sched_mix(uint64_t a, uint64_t b); /* adds to the hash */
bool sched_shows(void);
const char *sched_name(void); /* of the running fiber */

/* Another may go on here. */
void sched_point(void);
/* Waits until ready(arg), which must be cheap and change nothing, or until the
 * time has come; true: it is ready. `what` for messages. */
bool sched_wait(const char *what, bool (*ready)(const void *arg),
                const void *arg, int64_t until_ns);
void sched_sleep(int64_t until_ns);

/* Threads. A number that join takes; -1: too many. */
int sched_spawn(const char *name, void (*fn)(void *arg), void *arg);
void sched_join(int fiber);
int sched_self(void);
void sched_stack(uintptr_t *lo, uintptr_t *hi);
/* Conditions: mark, wait for the mark, and who marks. */
bool sched_cond_wait(const void *cond, int64_t until_ns);
void sched_cond_signal(const void *cond, bool all);
/* Locks held by the running fiber: count one more or less; the count. */
int sched_locks(int change);

/* The scheduler and the test may find that something is wrong. */
void sched_fail(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

#endif
