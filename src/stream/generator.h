/* stream/generator.h - the driver's loop over a live plan: tick, cut, run. One
 * per running context. Absolute ticks; when late, what waits is one batch. */
#ifndef RIV_STREAM_GENERATOR_H
#define RIV_STREAM_GENERATOR_H

#include <stdatomic.h>

#include "exec/job.h"
#include "io/source.h"
#include "stream/allowance.h"
#include "stream/due.h"

struct riv_durable;

enum { RIV__RUNNING = 0, RIV__DRAINING = 1, RIV__STOPPING = 2 };

struct riv_generator {
    struct riv_exec *exec;
    struct riv_plan *plan;
    struct riv_input **input;
    const riv_ds **source; /* of each input: its node */
    riv_input_info *info; /* of each input: its last batch; NULL: nobody asks */
    size_t ninput;
    struct riv_durable *durable; /* NULL: nothing is written down */
    int64_t interval_ms;
    struct riv_wake wake; /* data presses, an input ended, or stop */
    _Atomic int how;      /* RIV__RUNNING ... */
    void *arg;
    void (*started)(void *arg, int64_t time);
    void (*completed)(void *arg, const riv_batch_info *info);
    /* of the running batch and the next tick */
    struct riv_cut cut;
    int64_t time;               /* of the next batch, ms */
    int64_t length_ms;          /* since the one before: merged ticks */
    int64_t tick_ns;            /* when it is due, monotonic */
    int64_t busy_ns;            /* work done for it before the last part.. */
    int64_t pieces_ns;          /* ..and of that behind its tick */
    struct riv_due due;         /* ticks that are not passed over */
    struct riv_allowance allow; /* what a batch may take in */
    bool behind;                /* its tick is kept for a window's sake */
    bool data;                  /* an input had something for it */
    int64_t drain_until_ns;     /* 0: no drain under way */
    bool is_limited;            /* batches take what the inputs' rates allow */
    bool open;                  /* it has begun early */
    bool ended;                 /* all inputs have ended */
    bool finite;                /* the plan reads finite sources, too: whole, in
                                  every batch */
};

int riv__generator_init(struct riv_generator *gen, struct riv_exec *exec,
                        struct riv_err *err) RIV__MUST_USE;
void riv__generator_fini(struct riv_generator *gen);

/* Until the inputs end or stop is asked for. 0: ended or drained;
 * RIV_ESTOPPED: stopped before that. @thread driver */
int riv__generator_run(struct riv_generator *gen, struct riv_err *err)
    RIV__MUST_USE;

/* n batches, one interval apart, without waiting for anything. */
int riv__generator_step(struct riv_generator *gen, int n, struct riv_err *err)
    RIV__MUST_USE;

/* @thread any */
void riv__generator_stop(struct riv_generator *gen, int how);

#endif
