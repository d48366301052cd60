/* exec/watch.h - what every worker is doing, in memory that outlives it: a page
 * that a supervisor shares (rivulet/watch.h). Without one each worker writes
 * into a place of its own that nobody reads, so the hot path does not ask. Stores
 * are relaxed: the reader looks when the writer is dead, or at a counter that
 * stands still. */
#ifndef RIV_EXEC_WATCH_H
#define RIV_EXEC_WATCH_H

#include <stdatomic.h>

#include <rivulet/watch.h>

#include "conf/settings.h"
#include "exec/pool.h"
#include "exec/sieve.h"
#include "graph/graph.h"
#include "sys/fault.h"

enum {
    RIV__WATCH_OPS = 1024, /* nodes with names; those behind have none */
    RIV__WATCH_TEXT = 120,
    RIV__WATCH_READS = 512,
};

/* One worker; written by it alone, on a cache line of its own. */
struct riv_now {
    _Alignas(64) _Atomic uint32_t task; /* odd: in a task, or in a callback */
    _Atomic uint32_t op;                /* id + 1 of the node */
    _Atomic uint32_t partition;
    _Atomic int32_t thread; /* as the system numbers it */
    _Atomic uint64_t line;  /* place + 1 of the line that is pushed through a
                               sieve; 0: none */
};

/* What the watching process has seen of a worker. */
struct riv_watch_seen {
    uint32_t task;
    int64_t ms;
};

struct riv_watch {
    /* written by the worker process */
    atomic_bool goes_on, ready, ended;
    _Atomic int exit_code;
    _Atomic int64_t batch, batch_time;
    _Atomic int64_t task_timeout_ms;  /* 0: none */
    _Atomic int64_t memory_bytes_max; /* memory.limit; 0: none */
    _Atomic int poison;               /* poison.policy */
    _Atomic int log_format;           /* log.format */
    char job[RIV__NAME_MAX];          /* its name */
    char reads[RIV__WATCH_READS];     /* the part of its inputs that a batch was
                                        written down to have */
    struct riv_fault fault;
    struct riv_now now[RIV__WORKERS_MAX];
    char op[RIV__WATCH_OPS][RIV__WATCH_TEXT];
    struct riv_sieve sieve;
    /* written by the one that watches */
    _Atomic int asked, starts;
    struct riv_watch_seen seen[RIV__WORKERS_MAX];
};

static inline void riv__now_begin(struct riv_now *now, uint32_t partition)
{
    const uint32_t task =
        atomic_load_explicit(&now->task, memory_order_relaxed);
    atomic_store_explicit(&now->op, 0, memory_order_relaxed);
    atomic_store_explicit(&now->line, 0, memory_order_relaxed);
    atomic_store_explicit(&now->partition, partition, memory_order_relaxed);
    atomic_store_explicit(&now->task, (task | 1) + 2, memory_order_relaxed);
}

static inline void riv__now_end(struct riv_now *now)
{
    const uint32_t task =
        atomic_load_explicit(&now->task, memory_order_relaxed);
    atomic_store_explicit(&now->task, (task + 1) & ~UINT32_C(1),
                          memory_order_relaxed);
}

/* A function of this node is called next. */
static inline void riv__now_op(struct riv_now *now, const riv_ds *ds)
{
    atomic_store_explicit(&now->op, ds->id + 1, memory_order_relaxed);
}

/* The names of the graph's nodes, and what a supervisor has to know of the
 * settings. */
void riv__watch_graph(struct riv_watch *watch, const struct riv_graph *graph,
                      const struct riv_settings *conf);
/* What the batch that runs reads, in words; "": not written down. */
void riv__watch_reads(struct riv_watch *watch, const char *text);
/* A batch begins. */
void riv__watch_batch(struct riv_watch *watch, uint64_t batch, int64_t time);

#endif
