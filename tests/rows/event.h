/* tests/rows/event.h - waiting for what another thread makes happen, without
 * looking at a clock. Tests only. */
#ifndef RIV_TESTS_ROWS_EVENT_H
#define RIV_TESTS_ROWS_EVENT_H

#include <pthread.h>
#include <stdint.h>

struct event {
    pthread_mutex_t lock;
    pthread_cond_t happened;
    int64_t count;
};

#define EVENT \
    { \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 \
    }

static inline void event_set(struct event *e, int64_t count)
{
    pthread_mutex_lock(&e->lock);
    e->count = count;
    pthread_cond_broadcast(&e->happened);
    pthread_mutex_unlock(&e->lock);
}

static inline void event_add(struct event *e, int64_t n)
{
    pthread_mutex_lock(&e->lock);
    e->count += n;
    pthread_cond_broadcast(&e->happened);
    pthread_mutex_unlock(&e->lock);
}

/* Until it has happened at least so often. */
static inline void event_wait(struct event *e, int64_t until)
{
    pthread_mutex_lock(&e->lock);
    while (e->count < until)
        pthread_cond_wait(&e->happened, &e->lock);
    pthread_mutex_unlock(&e->lock);
}

#endif
