/* api/context.h - a job's context: everything below it, put together. Only the
 * files of this folder see its members. */
#ifndef RIV_API_CONTEXT_H
#define RIV_API_CONTEXT_H

#include "conf/conf.h"
#include "connect/queue.h"
#include "connect/receive.h"
#include "exec/exec.h"
#include "stream/durable.h"
#include "stream/generator.h"

struct riv_board;
struct riv_http;
struct riv_local;

enum riv_life { RIV__BUILDING, RIV__RUNS, RIV__ENDED };

struct riv {
    struct riv_conf conf;
    struct riv_graph graph;
    struct riv_exec exec;
    bool exec_ready; /* workers and settings are fixed */
    struct riv_sys *sys;
    riv_listener listener; /* copied, as long as it was */
    void (*log)(void *arg, int level, const char *msg);
    void *log_arg;
    struct riv_lock say;  /* one call of the program's callbacks at a time */
    struct riv_lock lock; /* life; status; never held while one is called */
    struct riv_cond ended;
    struct riv_thread thread; /* of riv_start */
    bool has_thread;
    enum riv_life life;
    bool has_run;                /* its sources were open */
    int status;                  /* of the run that ended */
    bool out_closed;             /* whoever read "-" has gone */
    int print_errno;             /* why riv_cli_main could not write a line */
    struct riv_generator *gen;   /* set while a stream runs; under lock */
    struct riv_board *board;     /* what is shown of the run; NULL: not yet */
    struct riv_local *local;     /* the socket of the state directory */
    struct riv_http *http;       /* the pages of http.listen */
    struct riv_generator *shown; /* whose inputs may be looked at; under lock */
    int *told; /* by input of gen: the last status logged. @thread driver */
    /* Of a process of our own; NULL, all of them: none. */
    struct riv_watch *watch;      /* what workers do */
    struct riv_watch *supervised; /* the same, if another process sees it */
    void (*ready)(struct riv *r); /* the inputs are open */
    int stop_asked;               /* 0, or RIV_DRAIN + 1, RIV_NOW + 1 */
    riv_ds **source;              /* by index */
    size_t nsource, source_cap;
    struct riv_input **input; /* by index: opened for the last run or cut */
    size_t input_cap;
    struct riv_queue **queue; /* by index: what riv_push fills */
    size_t queue_cap;
    struct riv_plan *plan; /* of riv_step */
    struct riv_generator *step_gen;
    struct riv_durable durable; /* of a stream with a state directory */
    bool is_durable;
    struct riv_counter *counters;
    struct riv_lookup_table *tables; /* newest first */
    struct riv_settings tables_conf; /* of a table that is loaded again */
    struct riv_arena own;            /* results of riv_reduce_now */
};

/* workers.c: fixes settings, makes the workers. Idempotent. */
int riv__context_ready(riv *r);

/* run.c: a plan for the outputs over live input, or for the others; *ret NULL: there
 * are none. */
int riv__context_plan(riv *r, bool live, struct riv_plan **ret,
                      struct riv_err *err) RIV__MUST_USE;

/* What a start would find wrong before it opens anything. */
int riv__context_rehearse(riv *r, struct riv_err *err) RIV__MUST_USE;

/* log.c */
void riv__context_log(riv *r, int level, const char *fmt, ...)
    RIV__FORMAT(3, 4);

/* All settings of a layer from text: the command's options. */
int riv__context_set(riv *r, const char *name, const char *value,
                     enum riv_layer layer, const char *where);

/* builtin.c: everything that is built in. */
extern const struct riv_runner riv__runners[];
extern const struct riv_source_ops *const *const riv__source_kinds;

/* input.c: inputs of plans. */
int riv__inputs_finite(void *owner, struct riv_plan *plan, struct riv_cut *cut,
                       struct riv_err *err);
int riv__inputs_open(riv *r, struct riv_generator *gen, struct riv_plan *plan,
                     struct riv_err *err);
int riv__inputs_start(struct riv_generator *gen, struct riv_err *err);
void riv__inputs_free(riv *r);
/* The live inputs of a plan, nothing opened: at most r->nsource. */
size_t riv__inputs_list(const riv *r, const struct riv_plan *plan,
                        const riv_ds **list);

/* durable.c: the state directory, if there is one. The last gives rc back, or
 * an error of its own when that was none. */
int riv__context_durable(riv *r, struct riv_err *err) RIV__MUST_USE;
int riv__context_recover(riv *r, struct riv_generator *gen, struct riv_err *err)
    RIV__MUST_USE;
int riv__context_durable_end(riv *r, int rc, struct riv_err *err);

#endif
