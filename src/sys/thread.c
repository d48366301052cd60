/* sys/thread.c - threads, locks and the generation counter over pthreads and
 * futex. Used by pool and feeds. Locks and conditions cannot fail when they
 * are used rightly, so their results are only asserted. */
#include "sys/thread.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__) || defined(__i386__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() atomic_signal_fence(memory_order_seq_cst)
#endif

enum { NAME_BYTES = 16 }; /* Linux keeps 15 and a NUL */

/* What the new thread needs; it frees it. */
struct start {
    riv__thread_fn *fn;
    void *arg;
    char name[NAME_BYTES];
};

static void *thread_main(void *arg)
{
    struct start start = *(struct start *)arg;
    free(arg);
    pthread_setname_np(pthread_self(), start.name);
    start.fn(start.arg);
    return NULL;
}

/* Signals belong to the host's threads; faults to the thread at fault. */
static void fill_mask(sigset_t *mask)
{
    static const int faults[] = { SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
                                  SIGTRAP, SIGABRT, SIGSYS };
    sigfillset(mask);
    for (size_t i = 0; i < RIV__LEN(faults); i++)
        sigdelset(mask, faults[i]);
}

static int create(pthread_t *id, struct start *start)
{
    pthread_attr_t attr;
    sigset_t mask;
    int rc = pthread_attr_init(&attr);
    if (rc != 0)
        return rc;
    fill_mask(&mask);
    rc = pthread_attr_setsigmask_np(&attr, &mask);
    if (rc == 0)
        rc = pthread_create(id, &attr, thread_main, start);
    pthread_attr_destroy(&attr);
    return rc;
}

int riv__thread_start(struct riv_thread *thread, const char *name,
                      riv__thread_fn *fn, void *arg, struct riv_err *err)
{
    *thread = (struct riv_thread){ .started = false };
    struct start *start = malloc(sizeof *start);
    if (!start)
        return riv__err_set(err, RIV_ENOMEM, "thread %s: out of memory", name);
    *start = (struct start){ .fn = fn, .arg = arg };
    snprintf(start->name, sizeof start->name, "%s", name);
    int rc = create(&thread->id, start);
    if (rc != 0) {
        free(start);
        return riv__err_set(err, RIV_ENOMEM,
                            "thread %s cannot start: %s; the limits on threads "
                            "(ulimit -u, pids.max) or memory are reached",
                            name, strerrordesc_np(rc));
    }
    thread->started = true;
    return 0;
}

void riv__thread_join(struct riv_thread *thread)
{
    if (thread->started)
        pthread_join(thread->id, NULL);
    thread->started = false;
}

int riv__thread_stack(uintptr_t *lo, uintptr_t *hi)
{
    pthread_attr_t attr;
    void *base = NULL;
    size_t bytes = 0;
    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return -1;
    int rc = pthread_attr_getstack(&attr, &base, &bytes);
    pthread_attr_destroy(&attr);
    if (rc != 0)
        return -1;
    *lo = (uintptr_t)base;
    *hi = (uintptr_t)base + bytes;
    return 0;
}

void riv__lock_init(struct riv_lock *lock)
{
    int rc = pthread_mutex_init(&lock->mutex, NULL);
    RIV__ASSERT(rc == 0);
    (void)rc;
}

void riv__lock_fini(struct riv_lock *lock)
{
    int rc = pthread_mutex_destroy(&lock->mutex);
    RIV__ASSERT(rc == 0); /* else somebody holds it */
    (void)rc;
}

void riv__lock(struct riv_lock *lock)
{
    int rc = pthread_mutex_lock(&lock->mutex);
    RIV__ASSERT(rc == 0);
    (void)rc;
}

void riv__unlock(struct riv_lock *lock)
{
    int rc = pthread_mutex_unlock(&lock->mutex);
    RIV__ASSERT(rc == 0);
    (void)rc;
}

void riv__cond_init(struct riv_cond *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    int rc = pthread_cond_init(&cond->cond, &attr);
    RIV__ASSERT(rc == 0);
    (void)rc;
    pthread_condattr_destroy(&attr);
}

void riv__cond_fini(struct riv_cond *cond)
{
    pthread_cond_destroy(&cond->cond);
}

void riv__cond_wait(struct riv_cond *cond, struct riv_lock *lock)
{
    pthread_cond_wait(&cond->cond, &lock->mutex);
}

bool riv__cond_wait_until(struct riv_cond *cond, struct riv_lock *lock,
                          int64_t until_ns)
{
    int64_t at = RIV__MAX(until_ns, 0);
    const struct timespec limit = { .tv_sec = (time_t)(at / 1000000000),
                                    .tv_nsec = (long)(at % 1000000000) };
    return pthread_cond_timedwait(&cond->cond, &lock->mutex, &limit) !=
           ETIMEDOUT;
}

void riv__cond_signal(struct riv_cond *cond)
{
    pthread_cond_signal(&cond->cond);
}

void riv__cond_broadcast(struct riv_cond *cond)
{
    pthread_cond_broadcast(&cond->cond);
}

uint32_t riv__gen_read(struct riv_gen *gen)
{
    return atomic_load_explicit(&gen->value, memory_order_acquire);
}

/* The orders of the two words are what makes this right: here value, then
 * sleepers; in riv__gen_wait sleepers, then value. With all four sequentially
 * consistent one of the two sides sees the other. */
void riv__gen_bump(struct riv_gen *gen)
{
    atomic_fetch_add(&gen->value, 1);
    if (atomic_load(&gen->sleepers) > 0)
        syscall(SYS_futex, &gen->value, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL,
                0);
}

/* The kernel compares once more, under its own lock; whatever it answers
 * (woken, changed, signal) the word decides. */
void riv__gen_wait(struct riv_gen *gen, uint32_t seen, unsigned spins)
{
    for (unsigned i = 0; i < spins; i++) {
        if (riv__gen_read(gen) != seen)
            return;
        PAUSE();
    }
    atomic_fetch_add(&gen->sleepers, 1);
    while (atomic_load(&gen->value) == seen)
        syscall(SYS_futex, &gen->value, FUTEX_WAIT_PRIVATE, seen, NULL, NULL,
                0);
    atomic_fetch_sub(&gen->sleepers, 1);
}
