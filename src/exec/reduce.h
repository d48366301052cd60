/* exec/reduce.h - what reductions by key are made of: the tables that tasks
 * fold into, and the partitions that these are merged into. Only the
 * run_reduce.c and reduce_*.c files use it.
 *
 * Where the order of folding cannot show (counts, sums of integers, least and
 * greatest, sets), the tasks of one worker fold into one table: what a word
 * count spends on merging is by the number of workers, not of tasks. Else every
 * task has a table of its own. Either way keys have their order of arrival, by
 * task and then by row, and so has the result within its partitions: it is the
 * same to the byte on any number of workers.
 *
 * A task that is tried again starts over in a table of its own. What its first
 * attempt put into a table that it shared stays there: a task gives the same
 * rows each time, so as many of them are passed over. */
#ifndef RIV_EXEC_REDUCE_H
#define RIV_EXEC_REDUCE_H

#include "data/rows.h"
#include "exec/folder.h"
#include "exec/op.h"

enum {
    RIV__REDUCE_FINE = 256,       /* pieces of all partitions together, when the
                                    input is large: a piece of many keys stays
                                    in the cache */
    RIV__REDUCE_LARGE = 64 << 20, /* bytes of such an input */
    RIV__REDUCE_CACHED = 1 << 18, /* keys of a table; more are looked for in
                                     memory */
    RIV__REDUCE_ROWS = 64, /* at a time: what is asked for stays in the first
                              cache */
};

struct riv_reduce_table {
    struct riv_tally tab;
    struct riv_folder folder;
    uint64_t filling; /* of the op, when it was emptied last */
    uint64_t rows;    /* since then */
    bool scatters;    /* since then, tasks have begun to put rows aside */
    struct riv_arena blocks; /* of rows that its tasks put aside */
    uint64_t blocks_wave;    /* of the op, in which that was; 0: never */
    bool open;
};

struct riv_reduce_block;

/* Rows of one piece that were put aside. */
struct riv_reduce_aside {
    char *to, *end;
    struct riv_reduce_block *first, *last;
};

/* Slots of a table, by piece. */
struct riv_reduce_slots {
    uint32_t *order, *scratch, *start;
    size_t order_cap, scratch_cap;
};

/* The keys that a task brought to a table. */
struct riv_reduce_held {
    struct riv_reduce_table *in;
    uint32_t first, until;
    struct riv_reduce_slots slots;
};

struct riv_reduce_part {
    struct riv_part base;
    struct riv_reduce_table own; /* when it shares none */
    struct riv_reduce_table *to;
    struct riv_reduce_held held[2]; /* by the first attempt; by all others */
    uint32_t nheld;
    uint64_t wave;  /* of the op, when it began */
    uint64_t taken; /* rows that are in a table that others share */
    uint64_t skip;  /* of them, those that are yet to come again */
    bool scatters;
    struct riv_reduce_aside *aside; /* by piece */
    size_t rec_bytes;
};

/* A partition of the merged result: rows of the output, piece after piece. Not
 * the tables that they were merged in: memory that is touched for the first time
 * costs more than a copy that is read in order. */
struct riv_reduce_merged {
    struct riv_rows rows;
    struct riv_rows before; /* those of earlier waves, while one is merged */
    size_t *start;          /* of each piece, and the end; NULL: not open */
};

struct riv_reduce_op {
    struct riv_op base;
    const struct riv_reduce_param *param;
    bool shares; /* tasks of one worker share a table */
    bool may_scatter;
    uint32_t val_bytes;  /* of a value in an input row */
    uint32_t partitions; /* of the result */
    uint32_t pieces;     /* of each of them in this batch: by the bytes of its
                            input, so that order hangs on nothing else */
    uint32_t pieces_max;
    struct riv_reduce_table *worker; /* one for each, if shared */
    uint64_t filling; /* tables with a lower number hold what is past */
    uint64_t wave;
    struct riv_reduce_merged *merged;
    struct riv_reduce_table *merger; /* of each worker: the piece in work */
    struct riv_reduce_table *only;   /* the one that holds everything */
    struct riv_reduce_slots slots;   /* of that; merging: of what it held before
                                      the wave */
    bool resumes; /* the wave's tables held something before it */
};

static inline struct riv_reduce_op *riv__reduce_op(struct riv_op *op)
{
    return (struct riv_reduce_op *)op;
}

/* A batch of one task keeps its table as the result, whole. */
static inline bool riv__reduce_is_direct(const struct riv_op *op)
{
    return op->direct && riv__op_partitions(op) <= 1;
}

/* reduce_part.c: one task's side of it */
int riv__reduce_part_open(struct riv_part *part, struct riv_err *err);
void riv__reduce_part_close(struct riv_part *part);
int riv__reduce_part_begin(struct riv_part *part, struct riv_err *err);
int riv__reduce_take(struct riv_part *part, uint32_t side, const void *rows,
                     size_t n, struct riv_err *err);
int riv__reduce_take_text(struct riv_part *part, struct riv_step *step,
                          struct riv_text *text, uint64_t *n,
                          struct riv_err *err);
int riv__reduce_part_end(struct riv_part *part, struct riv_err *err);
int riv__reduce_table_open(struct riv_reduce_table *table, const riv_ds *ds,
                           struct riv_err *err);
void riv__reduce_table_fini(struct riv_reduce_table *table);
/* Slots from `first` up to `until`, by piece. */
int riv__reduce_sort(const struct riv_reduce_op *self,
                     const struct riv_tally *tab, uint32_t first,
                     uint32_t until, struct riv_reduce_slots *slots,
                     struct riv_err *err);
int riv__reduce_part_sort(struct riv_reduce_part *p, struct riv_err *err);
void riv__reduce_slots_fini(struct riv_reduce_slots *slots);
int riv__reduce_key_failed(const struct riv_op *op, int rc,
                           struct riv_err *err);

/* reduce_scatter.c: rows put aside instead of folded */
bool riv__reduce_may_scatter(const struct riv_reduce_op *self);
bool riv__reduce_is_worth(const struct riv_reduce_table *to);
int riv__reduce_scatter_begin(struct riv_reduce_part *part,
                              struct riv_err *err);
int riv__reduce_scatter(struct riv_reduce_part *part, const char *row,
                        size_t stride, size_t n);
int riv__reduce_gather(const struct riv_reduce_part *part, uint32_t piece,
                       struct riv_reduce_table *table, struct riv_keys *keys,
                       struct riv_err *err);

/* reduce_merge.c: parts into partitions */
int riv__reduce_merge_open(struct riv_reduce_op *self, struct riv_err *err);
int riv__reduce_merge(struct riv_op *op, uint32_t k, struct riv_worker *worker,
                      struct riv_err *err);
void riv__reduce_merged_reset(struct riv_reduce_op *self);
void riv__reduce_merged_fini(struct riv_reduce_op *self);

#endif
