/* exec/pool.h - the worker threads. A run is a number of tasks; a shared
 * fetch-and-add gives them out in ascending order; the caller works, too. One
 * generation counter wakes the workers. Nothing is allocated per run. */
#ifndef RIV_EXEC_POOL_H
#define RIV_EXEC_POOL_H

#include "sys/thread.h"

enum { RIV__WORKERS_MAX = 256 };

typedef void riv__pool_fn(void *arg, uint32_t task, unsigned worker);

struct riv_pool_worker;

struct riv_pool {
    struct riv_pool_worker *worker;
    unsigned n;          /* threads beside the caller */
    struct riv_gen work; /* bumped: there is a run, or the end */
    struct riv_gen done; /* bumped by the last worker to leave a run */
    riv__pool_fn *fn;
    void *arg;
    uint32_t ntask;
    _Atomic uint32_t next; /* task to give out */
    _Atomic uint32_t busy; /* workers still inside the run */
    atomic_bool runs;      /* a run is under way. @thread any */
    bool stopping;
};

/* threads includes the caller; 1 makes no thread. */
int riv__pool_init(struct riv_pool *pool, unsigned threads, struct riv_err *err)
    RIV__MUST_USE;
void riv__pool_fini(struct riv_pool *pool);

/* Runs tasks 0 .. n-1 and returns when all are done. @thread driver */
void riv__pool_run(struct riv_pool *pool, uint32_t n, riv__pool_fn *fn,
                   void *arg);

#endif
