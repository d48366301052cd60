/* exec/plan.h - the frozen graph as stages: an input, the narrow operators
 * that hang below it (fused; a step may have several takers), and the ops they
 * end in. Made once, run for every batch; tables, buffers and task arrays hang
 * on it. @thread driver */
#ifndef RIV_EXEC_PLAN_H
#define RIV_EXEC_PLAN_H

#include "exec/op.h"
#include "io/range.h"

struct riv_ready_ops;

enum {
    /* Bounds of the memory that parts hold at once: so many tasks, or, of a
     * source, more as long as they have few bytes. */
    RIV__WAVE_TASKS = 16,
    RIV__WAVE_TASKS_MAX = 64,
    RIV__WAVE_BYTES = 256 << 20,
    RIV__LEVELS_MAX = 10240,
    RIV__BRANCHES_MAX = 1 << 16, /* of one dataset */
    RIV__WAYS_MAX = 1 << 24      /* of a plan */
};

struct riv_edge {
    bool to_op;
    uint8_t side;    /* of an op with several inputs: which parent this is */
    uint32_t to;     /* index of a step of the stage, or of an op of the plan */
    uint32_t branch; /* branches of the parents before this one, where several
                        meet */
};

/* A way from a stage's input to a step or an op; there are several when unions
 * lead to it. A branch is one of the datasets a union is made of, down to the
 * inputs of stages; the branches of a dataset are numbered from left to right. */
struct riv_way {
    uint32_t branch;
    uint32_t side; /* by which of its parents it comes */
    int32_t from;  /* the step before, below 0: the input; and which of its */
    uint32_t from_way; /* ways goes on here */
    uint32_t
        before; /* partitions of the branches before this one: of a batch */
};
struct riv_way_list { /* in the order of branches */
    struct riv_way *way;
    uint32_t n, cap;
};

struct riv_edges {
    struct riv_edge *edge;
    uint32_t n;
};

struct riv_step_def {
    const riv_ds *ds;
    struct riv_edge *next, *bad;
    uint32_t nnext, nbad;
    struct riv_way_list ways; /* in this stage */
    uint32_t branches;        /* of the dataset, in all stages */
    bool apart; /* these are computed one after another: see riv_partition */
    bool idle;  /* it has no rows in the running batch, see riv__plan_due */
};

struct riv_stage {
    const riv_ds *source; /* a SOURCE node; NULL: reads an op */
    struct riv_op *from;
    struct riv_edge *root;
    uint32_t nroot;
    struct riv_step_def *step; /* in topological order */
    uint32_t nstep;
    struct riv_op **feeds; /* ops that are reached */
    uint32_t nfeeds;
    struct riv_way_list *ways; /* to each of them */
    struct riv_edges *letters; /* of what each of them refuses */
    uint32_t level;
    bool effects;                     /* has a step that runs for its effect */
    bool combines;                    /* feeds an op that wants large shares */
    bool deals;                       /* and only those that want small ones */
    uint64_t records, bytes;          /* of its source, in the running batch */
    size_t step_bytes;                /* most for the output buffer of a step */
    struct riv_chain **chain;         /* one per worker, made at first use */
    const struct riv_ready_ops *text; /* its first step, when that takes text
                                         instead of lines */
    struct riv_op *keys_to;           /* the op behind, when it takes keys */
};

/* A share of a stage's input: the work of one task. */
struct riv_share {
    struct riv_stage *stage;
    uint32_t first, n;  /* pieces: slices of plan->piece */
    uint32_t partition; /* number of the share within its stage and batch */
    uint64_t bytes;
};

struct riv_job_stats {
    uint64_t records_in, records_bad, records_out, bytes;
};

struct riv_plan {
    struct riv_exec *exec;
    struct riv_arena arena;
    struct riv_stage *stage;
    uint32_t nstage;
    struct riv_op **op;
    uint32_t nop;
    uint32_t nlevel;
    bool started;
    bool unions;                   /* some of its datasets have branches: */
    uint32_t nway;                 /* of all steps and ops */
    struct riv_numbered *numbered; /* what their partitions are numbered by */
    size_t nnumbered;
    uint32_t *count; /* partitions, by node id, of this batch and level */
    /* of the running batch */
    bool early; /* it began before its input was whole */
    int64_t time;
    int64_t zero;            /* the first batch's time less the interval */
    bool begun;              /* `zero` is set */
    struct riv_range *piece; /* ranges, cut down to shares */
    size_t npiece, piece_cap;
    struct riv_share *share;
    size_t nshare, share_cap;
    uint32_t again[RIV__WAVE_TASKS_MAX]; /* tasks that run once more */
    int wave_percent; /* of memory.limit, when the last wave's tasks had run */
    uint32_t nagain;
    struct riv_task_run *run; /* task array of a wave */
    size_t run_cap;
    struct riv_job_stats stats;
    uint64_t told, untold;   /* refused records, to the listener */
    uint32_t *partitions;    /* shares given out in the batch, by stage */
    struct riv_part **parts; /* of a wave: nop per task */
    size_t parts_cap;
};

/* Compiles what `outputs` need. 0, or the reason why not. */
int riv__plan_new(struct riv_exec *exec, const riv_ds *const *outputs, size_t n,
                  struct riv_plan **ret, struct riv_err *err) RIV__MUST_USE;
void riv__plan_free(struct riv_plan *plan);

/* Does the dataset have rows in the running batch? Windows with a slide of
 * several intervals have none in between. */
static inline bool riv__plan_due(const struct riv_plan *plan, const riv_ds *ds)
{
    return ds->slide_ms == 0 || (plan->time - plan->zero) % ds->slide_ms == 0;
}

/* What the stage reads. */
static inline const riv_ds *riv__stage_input(const struct riv_stage *stage)
{
    return stage->source ? stage->source : stage->from->ds;
}

/* All inputs are open: outputs make what they need. Once per plan. */
int riv__plan_start(struct riv_plan *plan, struct riv_err *err) RIV__MUST_USE;

/* The run ended well: outputs show their results. */
int riv__plan_publish(struct riv_plan *plan, struct riv_err *err) RIV__MUST_USE;

/* The op that runs an output node. */
struct riv_op *riv__plan_op(struct riv_plan *plan, const riv_ds *ds);

#endif
