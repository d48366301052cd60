/* exec/pool.c - workers that sleep on one counter and share one task index.
 * Waking costs a futex call only when somebody sleeps; a run of one task never
 * leaves the caller's thread. */
#include "exec/pool.h"

#include <stdio.h>
#include <stdlib.h>

enum { SPINS = 200 }; /* a few microseconds; longer steals a core */

struct riv_pool_worker {
    struct riv_pool *pool;
    struct riv_thread thread;
    unsigned index;
};

static void run_tasks(struct riv_pool *pool, unsigned worker)
{
    for (;;) {
        uint32_t task = atomic_fetch_add(&pool->next, 1);
        if (task >= pool->ntask)
            return;
        pool->fn(pool->arg, task, worker);
    }
}

static void worker_main(void *arg)
{
    struct riv_pool_worker *self = arg;
    struct riv_pool *pool = self->pool;
    for (uint32_t seen = 0;; seen++) {
        riv__gen_wait(&pool->work, seen, SPINS);
        if (pool->stopping)
            return;
        run_tasks(pool, self->index);
        if (atomic_fetch_sub(&pool->busy, 1) == 1)
            riv__gen_bump(&pool->done);
    }
}

int riv__pool_init(struct riv_pool *pool, unsigned threads, struct riv_err *err)
{
    *pool = (struct riv_pool){ 0 };
    if (threads <= 1)
        return 0;
    pool->worker = calloc(threads - 1, sizeof *pool->worker);
    if (!pool->worker)
        return riv__err_set(err, RIV_ENOMEM, "no memory for %u workers",
                            threads - 1);
    for (unsigned i = 0; i + 1 < threads; i++) {
        struct riv_pool_worker *w = &pool->worker[i];
        *w = (struct riv_pool_worker){ .pool = pool, .index = i + 1 };
        char name[16];
        snprintf(name, sizeof name, "riv-work-%u", (i + 1) % 100000);
        int rc = riv__thread_start(&w->thread, name, worker_main, w, err);
        if (rc < 0)
            return rc; /* the caller's fini joins those that run */
        pool->n++;
    }
    return 0;
}

void riv__pool_fini(struct riv_pool *pool)
{
    pool->stopping = true;
    riv__gen_bump(&pool->work);
    for (unsigned i = 0; i < pool->n; i++)
        riv__thread_join(&pool->worker[i].thread);
    free(pool->worker);
    *pool = (struct riv_pool){ 0 };
}

static void run_on_all(struct riv_pool *pool, uint32_t n, riv__pool_fn *fn,
                       void *arg)
{
    uint32_t seen = riv__gen_read(&pool->done);
    pool->fn = fn;
    pool->arg = arg;
    pool->ntask = n;
    atomic_store(&pool->next, 0);
    atomic_store(&pool->busy, pool->n);
    riv__gen_bump(&pool->work);
    run_tasks(pool, 0);
    riv__gen_wait(&pool->done, seen, SPINS);
}

void riv__pool_run(struct riv_pool *pool, uint32_t n, riv__pool_fn *fn,
                   void *arg)
{
    atomic_store_explicit(&pool->runs, true, memory_order_relaxed);
    if (pool->n > 0 && n > 1)
        run_on_all(pool, n, fn, arg);
    else
        for (uint32_t i = 0; i < n; i++)
            fn(arg, i, 0);
    atomic_store_explicit(&pool->runs, false, memory_order_relaxed);
}
