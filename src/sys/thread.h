/* sys/thread.h - threads, locks, and the generation counter that wakes
 * workers. Thin over pthreads and futex; the only place that names them. */
#ifndef RIV_SYS_THREAD_H
#define RIV_SYS_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"

struct riv_thread {
    pthread_t id;
    bool started;
};
struct riv_lock {
    pthread_mutex_t mutex;
};
struct riv_cond {
    pthread_cond_t cond;
}; /* waits on the monotonic clock */

typedef void riv__thread_fn(void *arg);

/* All signals are blocked in the new thread but those of faults (SIGSEGV and
 * the like), so that a host's crash handler sees them. name: at most 15 bytes,
 * longer ones are cut. RIV_ENOMEM when the system refuses. */
int riv__thread_start(struct riv_thread *thread, const char *name,
                      riv__thread_fn *fn, void *arg, struct riv_err *err)
    RIV__MUST_USE;
void riv__thread_join(struct riv_thread *thread); /* fine if never started */
/* The calling thread's stack, [*lo, *hi). 0, or -1 when it is not known. Not
 * cheap: once per thread. */
int riv__thread_stack(uintptr_t *lo, uintptr_t *hi);

void riv__lock_init(struct riv_lock *lock);
void riv__lock_fini(struct riv_lock *lock);
void riv__lock(struct riv_lock *lock);
void riv__unlock(struct riv_lock *lock);

void riv__cond_init(struct riv_cond *cond);
void riv__cond_fini(struct riv_cond *cond);
void riv__cond_wait(struct riv_cond *cond, struct riv_lock *lock);
/* false when the monotonic time `until_ns` passed first: always the real one,
 * whatever clock the job has. May wake early without reason, like wait. */
bool riv__cond_wait_until(struct riv_cond *cond, struct riv_lock *lock,
                          int64_t until_ns);
void riv__cond_signal(struct riv_cond *cond);
void riv__cond_broadcast(struct riv_cond *cond);

/* A counter that only grows; sleepers wait for it to differ from what they
 * saw. Waking when nobody sleeps costs no system call. Zeroed is ready. What
 * was written before a bump is seen after the wait that it ended. */
struct riv_gen {
    _Atomic uint32_t value;
    _Atomic uint32_t sleepers;
};

uint32_t riv__gen_read(struct riv_gen *gen);
void riv__gen_bump(struct riv_gen *gen); /* adds one and wakes all */
/* Returns when value != seen: spins `spins` times first, then sleeps. */
void riv__gen_wait(struct riv_gen *gen, uint32_t seen, unsigned spins);

#endif
