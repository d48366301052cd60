/* exec/chain.h - fused narrow operators: chunks are pushed from step to step,
 * each step calls its kernel once a chunk. One chain per stage and worker, kept
 * from batch to batch. The riv_task a user's function sees is the first member
 * of its step. @thread worker */
#ifndef RIV_EXEC_CHAIN_H
#define RIV_EXEC_CHAIN_H

#include "exec/op.h"
#include "exec/plan.h"
#include "io/log_origin.h"

enum { RIV__WHY_MAX = 256 };

/* In riv_group.flags, beside RIV_STATE_*: its function refused it. */
#define RIV__GROUP_FAILED (UINT32_C(1) << 31)

/* What riv_local keeps for one operator in one partition. */
struct riv_local {
    void *p;
    size_t bytes;
    bool used;
    void (*fini)(void *);
};

/* What a task has added to a counter so far. */
struct riv_counted {
    riv_counter *counter; /* NULL: nothing */
    int64_t n;
};

struct riv_step {
    riv_task t; /* must stay first */
    struct riv_chain *chain;
    const struct riv_step_def *def;
    const riv_ds *ds;
    riv_rows_fn *rows;
    bool takes_back;          /* the kernel emits between mark and cur */
    char *base;               /* output rows */
    size_t row_bytes;         /* 0: no output */
    size_t room_rows;         /* rows the buffer holds */
    size_t chunk_rows;        /* handed over at this many */
    struct riv_arena arena;   /* riv_alloc; reset when the rows are consumed */
    struct riv_local one;     /* riv_local */
    struct riv_local *more;   /* with several ways: one for each; else NULL */
    uint32_t way;             /* by which the rows in work came */
    struct riv_leave *leave;  /* while its function runs: leave.h */
    char why[RIV__WHY_MAX];   /* riv_fail's reason */
    const riv_type *csv_type; /* of riv_from_csv, and its layout: kept, since */
    const struct riv_layout *csv_layout; /* a function reads one type */
    struct riv_arena csv_arena;
    const riv_type *json_type; /* the same of riv_from_json, and of decode */
    struct riv_json_reader *json;
    struct riv_arena json_arena;
    uint64_t in, out, bad;
};

enum riv_unread { RIV__READABLE, RIV__FILE_GONE, RIV__FILE_DAMAGED };

struct riv_chain {
    struct riv_exec *exec;
    struct riv_stage *stage;
    struct riv_worker *worker;
    struct riv_step *step;   /* stage->nstep of them */
    struct riv_part **part;  /* of the running task, by index of the op */
    const char *source;      /* what is being read, for dead letters */
    uint64_t offset;         /* in the source, of the bytes at `lines` */
    const char *lines, *end; /* being pushed; NULL: no lines of a source */
    const struct riv_log_origin *origin; /* of the range; NULL: of no log */
    struct riv_log_at origin_at;         /* the last record that was refused */
    const void *chunk, *chunk_last;      /* rows of a log, being pushed */
    bool ending;                         /* of the task: no rows are in work */
    uint64_t place;                      /* of offset 0 in the batch.. */
    bool is_sieved;                      /* ..if lines go through exec->sieve */
    uint32_t partition;                  /* of the running task */
    uint32_t branch;    /* which way through unions the rows took */
    uint32_t op_branch; /* of the inputs of the op that takes rows now */
    bool early;         /* the batch's other shares are not known yet */
    int64_t time;
    uint64_t records_in;
    uint64_t long_lines;         /* cut or skipped */
    uint64_t refused_by_ops;     /* for their keys */
    struct riv_counted *counted; /* by index of the counter */
    size_t counted_cap;
    struct riv_frame *frame; /* what is under way: push.c */
    size_t nframe, frame_cap;
    char *rows; /* scratch of scans */
    size_t rows_bytes;
    bool full;                   /* all ops have enough */
    bool final;                  /* it failed for good */
    enum riv_unread unread;      /* why a file could not be read */
    struct riv_refused *refused; /* of the running task */
    int rc;                      /* the first failure; then nothing moves */
    struct riv_err err;
};

int riv__chain_new(struct riv_exec *exec, struct riv_stage *stage,
                   struct riv_worker *worker, struct riv_chain **ret,
                   struct riv_err *err) RIV__MUST_USE;
void riv__chain_free(struct riv_chain *chain);

/* Says why the chain failed, of what was read. Returns chain->rc. */
int riv__chain_unread(struct riv_chain *chain, enum riv_unread why);

/* Begin and end of a task. `end` gives map_partitions its n == 0. */
void riv__chain_begin(struct riv_chain *chain, uint32_t partition,
                      int64_t time);
int riv__chain_end(struct riv_chain *chain);
void riv__chain_abort(struct riv_chain *chain); /* instead of end */

/* Pushes n rows of the stage's input. Returns chain->rc. */
int riv__chain_push(struct riv_chain *chain, const void *rows, size_t n);

/* Scratch for RIV__CHUNK_ROWS rows of a scan, kept; NULL: the chain failed. */
char *riv__chain_rows(struct riv_chain *chain, size_t row_bytes);

/* Pushes rows along edges; used by steps. */
int riv__chain_follow(struct riv_chain *chain, const struct riv_edge *edge,
                      uint32_t nedge, const void *rows, size_t n);

/* An op refuses a row of its input, whose key is too long: its policy decides.
 * 0: go on without it. */
int riv__op_refuse_key(struct riv_part *part, uint32_t side, const void *row)
    RIV__MUST_USE;

/* Refuses the rows whose key - at their start - is too long, and hands the others
 * to `take`: for ops that find keys in a table only when the records have gone. */
struct riv_rows_in {
    const void *p;
    size_t n;
};
typedef int riv__take_fn(struct riv_part *part, uint32_t side, const void *rows,
                         size_t n, struct riv_err *err);
int riv__op_take_keyed(struct riv_part *part, uint32_t side,
                       const struct riv_layout *key, struct riv_rows_in rows,
                       riv__take_fn *take, struct riv_err *err) RIV__MUST_USE;

/* The first failure stays. Returns code. */
int riv__chain_fail(struct riv_chain *chain, int code, const char *fmt, ...)
    RIV__FORMAT(3, 4);

/* A step without rows, for functions that run outside a chain (reducers):
 * riv_alloc, riv_fail and the argument work. */
void riv__step_bare_init(struct riv_step *step, struct riv_chain *chain,
                         const riv_ds *ds);
void riv__step_bare_fini(struct riv_step *step);

/* What riv_local keeps for rows that came by way i. Steps may be moved. */
static inline struct riv_local *riv__step_local(struct riv_step *step,
                                                uint32_t i)
{
    return step->more ? &step->more[i] : &step->one;
}

/* Does it lie in the lines that are being pushed? Then RIV__SLACK bytes behind
 * it may be read, and it has a place in the source. */
static inline bool riv__chain_holds(const struct riv_chain *chain, riv_str s)
{
    return chain && chain->lines && s.n > 0 &&
           (uintptr_t)s.p >= (uintptr_t)chain->lines &&
           (uintptr_t)s.p + s.n <= (uintptr_t)chain->end;
}

static inline struct riv_step *riv__step_of(riv_task *t)
{
    return (struct riv_step *)(void *)t;
}

#endif
