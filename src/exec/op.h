/* exec/op.h - the contract of operators that end a stage: reductions, groups,
 * exchanges, outputs. Tasks feed an op through parts, one part per task, so
 * that no lock is needed and the result does not depend on who ran what. The
 * running side of graph/op_*.c; exec/job.c is the only caller. */
#ifndef RIV_EXEC_OP_H
#define RIV_EXEC_OP_H

#include "exec/exec.h"

struct riv_chain;
struct riv_kept_ops;
struct riv_sink;
struct riv_standing_ops;
struct riv_op;
struct riv_step;
struct riv_text;

/* What one task gives one op. Kinds embed it as first member. */
struct riv_part {
    struct riv_op *op;
    uint32_t index;     /* its place in the order of tasks */
    uint32_t partition; /* of the share that feeds it */
    /* Of ops with RIV__OP_ORDERED: the branch of the op's inputs that its rows
     * are, and to which parent they come; the task's other parts of the op. */
    uint32_t branch, side;
    struct riv_part *sibling;
    bool open;
    struct riv_chain *chain; /* of the task that fills it */
};

enum {
    RIV__OP_COMBINES = 1,    /* a part costs by its keys: few, large shares */
    RIV__OP_KEEPS_PARTS = 2, /* parts hold rows until the next batch */
    RIV__OP_ORDERED =
        4,             /* a part for each partition of its inputs: one for each
                           way by which a task's rows come. Those that are kept
                           are in order at the end: those of a union's left, then
                           those of its right */
    RIV__OP_LATE = 16, /* an output that ends when all levels have, in the order
                          in which the program made them */
    RIV__OP_ONCE = 8,  /* reading its result changes what it keeps: no task that
                         reads it can be tried again */
    RIV__OP_DEALS = 32 /* a part costs by its rows alone: small shares, so that
                          all threads have some of a small batch */
};

struct riv_op_ops {
    size_t op_size, part_size; /* job.c allocates both zeroed, and frees */
    unsigned flags;
    /* Its rows are all kept from earlier: the parents need not run. Then `has`
     * says so of one partition of a stage that feeds it, as it comes by this
     * branch. NULL: never. */
    bool (*ready)(struct riv_exec *exec, const riv_ds *ds);
    bool (*has)(struct riv_op *op, uint32_t branch, uint32_t partition);
    /* Once, when the plan is made. After a failure close() still comes. */
    int (*open)(struct riv_op *op, struct riv_err *err);
    void (*close)(struct riv_op *op);
    /* Once, when all inputs of the first run could be opened, and before any
     * takes data: outputs make what they need. NULL: nothing. */
    int (*start)(struct riv_op *op, struct riv_err *err);
    /* The first use of a part's memory; parts are kept from batch to batch. */
    int (*part_open)(struct riv_part *part, struct riv_err *err);
    void (*part_close)(struct riv_part *part);
    /* A batch begins: forget the last one's rows. @thread driver */
    int (*begin)(struct riv_op *op, struct riv_err *err);
    /* The parts of a wave are set; NULL: nothing to do. @thread driver */
    void (*wave_begin)(struct riv_op *op);
    /* A part gets its first row in this batch or wave. @thread worker */
    int (*part_begin)(struct riv_part *part, struct riv_err *err);
    /* n rows of the layout of parent `side`, valid until it returns. @thread
     * worker */
    int (*take)(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err);
    /* For ops that count strings (takes_keys): all keys that the step in front
     * finds in the text, each a row. Adds their number to *n. @thread worker */
    int (*take_text)(struct riv_part *part, struct riv_step *step,
                     struct riv_text *text, uint64_t *n, struct riv_err *err);
    /* The task has succeeded; NULL: nothing to do. Comes for all its parts, also
     * for one that got no row. @thread worker */
    int (*part_end)(struct riv_part *part, struct riv_err *err);
    /* After a wave: need it not be merged yet? Its parts stay then, and are
     * merged with those of the next, or at the end of the batch. NULL: never.
     * @thread driver */
    bool (*holds)(struct riv_op *op);
    /* Before a merge: what it needs, @thread driver; NULL: nothing. Then how
     * many pieces of merging there are, and each of them on some worker. */
    int (*prepare)(struct riv_op *op, struct riv_err *err);
    uint32_t (*merges)(struct riv_op *op);
    int (*merge)(struct riv_op *op, uint32_t k, struct riv_worker *worker,
                 struct riv_err *err);
    /* All rows of the batch are here. @thread driver */
    int (*end)(struct riv_op *op, struct riv_err *err);
    /* The result: its partitions, and pushing one into a chain. NULL: an
     * output, nobody reads it. */
    uint32_t (*parts)(struct riv_op *op);
    int (*scan)(struct riv_op *op, uint32_t k, struct riv_chain *chain);
    /* The whole run ended well: outputs show their result. NULL: nothing. */
    int (*publish)(struct riv_op *op, struct riv_err *err);
    /* The part has enough: a task that feeds nothing else may end. Of a limited
     * op the parts up to this one count, and no other task need run. NULL:
     * never. */
    bool (*full)(struct riv_part *part);
    /* What it keeps from batch to batch; NULL: nothing. */
    const struct riv_kept_ops *kept;
    /* What it keeps of whole batches, until they are old enough; NULL: nothing. */
    const struct riv_standing_ops *standing;
    /* Where its text goes, once it has started; NULL: it is no such output. */
    struct riv_sink *(*sink)(struct riv_op *op);
};

struct riv_op {
    const struct riv_op_ops *ops;
    struct riv_exec *exec;
    struct riv_plan *plan;
    const riv_ds *ds;
    uint32_t index;      /* in the plan */
    uint32_t partitions; /* see riv__op_partitions */
    uint32_t feeders;    /* stages that feed it */
    uint32_t level;      /* complete when this level has run */
    bool one_level;      /* all stages that feed it are of one level */
    bool direct;         /* one task feeds it in the whole batch */
    bool holds;          /* parts of earlier waves stand before the wave's */
    bool takes_keys;     /* set by open: only the keys of its rows count */
    bool limited; /* it may be full before all tasks ran: set by open, and
                         taken back where several stages feed it */
    int64_t time; /* of the batch */
    struct riv_part **part;
    size_t part_cap;
    uint32_t npart; /* in use: of the wave and those that are held, or of the
                              batch for ops that keep their parts */
    uint32_t waves; /* that have fed it in this batch */
    uint64_t rows_in;
    uint32_t branches; /* by which rows of its inputs come, over all stages */
};

/* The rows that reach an op: the layout of its first parent. */
static inline const struct riv_layout *riv__op_in(const struct riv_op *op)
{
    return op->ds->parent[0]->layout;
}

/* Its rows keep the order of tasks and ways. A limit takes rows by itself. */
static inline bool riv__op_is_ordered(const struct riv_op *op)
{
    return (op->ops->flags & RIV__OP_ORDERED) != 0 && !op->limited;
}

/* The partitions of a keyed result: what the node asks for or takes over from
 * its inputs (graph/partitioner.h), else the setting; 0: by size. */
static inline uint32_t riv__op_partitions(const struct riv_op *op)
{
    return op->partitions;
}

extern const struct riv_op_ops riv__run_reduce; /* by key, distinct, ... */
extern const struct riv_op_ops riv__run_fold;   /* count, reduce */
extern const struct riv_op_ops riv__run_group;  /* cogroup, join, too */
extern const struct riv_op_ops riv__run_subtract;
extern const struct riv_op_ops riv__run_zip;
extern const struct riv_op_ops riv__run_repartition;
extern const struct riv_op_ops riv__run_part; /* sorts, partition_by */
extern const struct riv_op_ops riv__run_coalesce;
extern const struct riv_op_ops riv__run_gather;
extern const struct riv_op_ops riv__run_collect;
extern const struct riv_op_ops riv__run_pick;
extern const struct riv_op_ops riv__run_foreach_rdd;
extern const struct riv_op_ops riv__run_transform;
extern const struct riv_op_ops riv__run_persist;
extern const struct riv_op_ops riv__run_checkpoint;
extern const struct riv_op_ops riv__run_remember;
extern const struct riv_op_ops riv__run_print;
extern const struct riv_op_ops riv__run_save;
extern const struct riv_op_ops riv__run_save_parts;

#endif
