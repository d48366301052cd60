/* support/c11_threads.c - the threads of C11 by those of POSIX, for tests under
 * the thread sanitizer: it follows only the latter, and a client library made
 * with the former dies in it. Linked where that is so; in front of the C
 * library's. Sizes are glibc's, where mtx_t and cnd_t have room for both. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

_Static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t) &&
                   sizeof(cnd_t) >= sizeof(pthread_cond_t),
               "a mutex and a condition fit");

#pragma GCC visibility push(default) /* the library is to find them */

/* What the library does by atomics is not seen; races that it has no part in
 * are. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:librdkafka.so\nmutex:librdkafka.so\n";
}

struct begin {
    thrd_start_t f;
    void *arg;
};

static int answer(int rc)
{
    return rc == 0           ? thrd_success
           : rc == ETIMEDOUT ? thrd_timedout
                             : thrd_error;
}

static void *run(void *arg)
{
    const struct begin begin = *(struct begin *)arg;
    free(arg);
    return (void *)(intptr_t)begin.f(begin.arg);
}

int thrd_create(thrd_t *ret, thrd_start_t f, void *arg)
{
    struct begin *begin = malloc(sizeof *begin);
    if (!begin)
        return thrd_nomem;
    *begin = (struct begin){ f, arg };
    return answer(pthread_create(ret, NULL, run, begin));
}

int thrd_join(thrd_t thread, int *ret)
{
    void *value;
    const int rc = pthread_join(thread, &value);
    if (rc == 0 && ret)
        *ret = (int)(intptr_t)value;
    return answer(rc);
}

int mtx_init(mtx_t *mutex, int type)
{
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    if (type & mtx_recursive)
        pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    const int rc = pthread_mutex_init((pthread_mutex_t *)mutex, &attr);
    pthread_mutexattr_destroy(&attr);
    return answer(rc);
}

void mtx_destroy(mtx_t *mutex)
{
    pthread_mutex_destroy((pthread_mutex_t *)mutex);
}

int mtx_lock(mtx_t *mutex)
{
    return answer(pthread_mutex_lock((pthread_mutex_t *)mutex));
}

int mtx_unlock(mtx_t *mutex)
{
    return answer(pthread_mutex_unlock((pthread_mutex_t *)mutex));
}

int cnd_init(cnd_t *cond)
{
    return answer(pthread_cond_init((pthread_cond_t *)cond, NULL));
}

void cnd_destroy(cnd_t *cond)
{
    pthread_cond_destroy((pthread_cond_t *)cond);
}

int cnd_signal(cnd_t *cond)
{
    return answer(pthread_cond_signal((pthread_cond_t *)cond));
}

int cnd_broadcast(cnd_t *cond)
{
    return answer(pthread_cond_broadcast((pthread_cond_t *)cond));
}

int cnd_wait(cnd_t *cond, mtx_t *mutex)
{
    return answer(
        pthread_cond_wait((pthread_cond_t *)cond, (pthread_mutex_t *)mutex));
}

int cnd_timedwait(cnd_t *cond, mtx_t *mutex, const struct timespec *until)
{
    return answer(pthread_cond_timedwait((pthread_cond_t *)cond,
                                         (pthread_mutex_t *)mutex, until));
}

#pragma GCC visibility pop
