/* exec/exec.h - what every job of a context shares: the world, the settings,
 * the workers and their buffers, where printed text goes. Made by api/context;
 * read by all of exec. */
#ifndef RIV_EXEC_EXEC_H
#define RIV_EXEC_EXEC_H

#include "conf/settings.h"
#include "data/frame.h"
#include "data/kernels.h"
#include "exec/letters.h"
#include "exec/pool.h"
#include "graph/graph.h"
#include "sys/sys.h"

struct riv_board;
struct riv_cache;
struct riv_cut;
struct riv_keys;
struct riv_op_ops;
struct riv_sink_ops;
struct riv_plan;
struct riv_now;
struct riv_sieve;
struct riv_tap;
struct riv_watch;

/* A kept partition was lost: the job computes it again. Never given out. */
enum { RIV__ELOST = -1000 };

/* Who runs nodes of an OP kind, and the engine's own kernels of steps. The
 * array is api/builtin.c. */
struct riv_runner {
    const struct riv_kind *kind;
    const struct riv_op_ops *ops;
    riv_rows_fn *rows; /* instead of what the user's function brings */
};

/* A thread that runs tasks, and its memory; worker 0 is the driver. */
struct riv_worker {
    unsigned index;
    uintptr_t stack_lo, stack_hi; /* what is dead between tasks; 0, 0: not
                                     known */
    uintptr_t stack_end;          /* of the whole stack, for the next task */
    struct riv_now *now;          /* what it does: watch.h */
    char *read;                   /* buffer for FILE ranges */
    size_t read_cap;
    riv_str lines[RIV__CHUNK_ROWS];
    struct riv_keys *keys; /* of rows in work */
};

struct riv_exec {
    struct riv_sys *sys;
    struct riv_watch *watch; /* shared with a supervisor; NULL: there is none */
    struct riv_now *now;     /* of the workers, when there is none */
    struct riv_sieve *sieve; /* of the batch that runs; NULL: all lines */
    struct riv_board *board; /* what others are shown; NULL: nobody looks */
    struct riv_tap *tap;     /* rows for those who ask; NULL: nobody can */
    _Atomic unsigned tapped; /* datasets whose rows are wanted now: tap.h */
    const struct riv_settings *conf;
    struct riv_graph *graph;
    const struct riv_runner *runners;  /* ends with kind NULL */
    const struct riv_kernels *kernels; /* of the level that conf allows */
    struct riv_pool pool;
    struct riv_worker *worker;
    unsigned nworker;
    const struct riv_sink_ops *const *sinks;
    void *owner;     /* the context */
    bool journaled;  /* changes of what is kept are written down */
    const char *app; /* who is in the names of temporary files; NULL: there is
                        no journal */
    struct riv_cache *caches; /* what is persisted. @thread driver */
    uint64_t cache_clock;
    int64_t memory_most; /* since allowance.c set it to 0. @thread driver */
    uint64_t batch;      /* number of the one that runs; 0: nobody counts */
    const riv_ds *hook;  /* the foreach_rdd whose function runs; NULL: none */
    atomic_bool
        probe_ends;     /* a trial of a part of a batch has come to an output
                               that asks for its token: it goes no further */
    unsigned nested;    /* jobs inside a running one: they trim nothing */
    unsigned recovers;  /* those of them that compute what was lost */
    const riv_ds *lost; /* what such a job found lost, in front of its own */
    atomic_bool stop;   /* tasks end at their next read */
    struct riv_letters letters; /* of the batch. @thread driver */
    uint64_t letter_bytes;      /* those in the journal have */
    int64_t nbad; /* records refused under SKIP or DEAD_LETTER by tasks
                           that have succeeded; the driver adds, between waves */
    /* Text for "-". @thread driver or a worker, one at once */
    int (*write)(void *owner, const char *p, size_t n, struct riv_err *err);
    /* Lines of riv_print; may write into them. @thread driver */
    int (*print)(void *owner, char *p, size_t n, struct riv_err *err);
    /* Adds the ranges of all finite sources of a plan to the cut. */
    int (*cut_finite)(void *owner, struct riv_plan *plan, struct riv_cut *cut,
                      struct riv_err *err);
    /* A record was refused under SKIP or DEAD_LETTER; NULL: nobody wants to
     * know. Then how many more there were in the batch. @thread driver */
    void (*refused)(void *owner, const riv_ds *ds, riv_str record,
                    const char *why);
    void (*untold)(void *owner, uint64_t n);
    /* A file was left out, for the reason told. NULL: nobody wants to know.
     * @thread worker */
    void (*left_out)(void *owner, const char *why);
};

int riv__exec_init(struct riv_exec *exec, unsigned threads, struct riv_err *err)
    RIV__MUST_USE;
void riv__exec_fini(struct riv_exec *exec);

#endif
