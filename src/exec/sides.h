/* exec/sides.h - rows of up to four inputs, kept until all of the batch are
 * here: by side, and by the partition of their key's hash. What operators over
 * several keyed inputs have in common: group, cogroup, join (run_group.c),
 * subtract and intersection (run_subtract.c). */
#ifndef RIV_EXEC_SIDES_H
#define RIV_EXEC_SIDES_H

#include "data/rows.h"
#include "data/table.h"
#include "exec/op.h"

enum { RIV__SIDES_MAX = 4 };

struct riv_sides_op { /* kinds embed it as first member */
    struct riv_op base;
    const struct riv_layout *key; /* lies at the start of the rows */
    uint32_t nside;
    uint32_t partitions; /* that rows are spread to */
    bool spread;         /* in this batch; else all are in partition 0 */
    bool few;            /* so few rows that one task reads all partitions */
    struct riv_arena arena;
};

struct riv_sides_part {
    struct riv_part base;
    struct riv_rows *bucket; /* side * partitions + partition */
    uint32_t nbucket;
};

/* The functions of riv_op_ops; `open` for pairs, or for whole records. */
int riv__sides_open_pairs(struct riv_op *op, struct riv_err *err) RIV__MUST_USE;
int riv__sides_open_records(struct riv_op *op, struct riv_err *err)
    RIV__MUST_USE;
void riv__sides_close(struct riv_op *op);
int riv__sides_part_open(struct riv_part *part, struct riv_err *err);
void riv__sides_part_close(struct riv_part *part);
int riv__sides_part_begin(struct riv_part *part, struct riv_err *err);
int riv__sides_take(struct riv_part *part, uint32_t side, const void *rows,
                    size_t n, struct riv_err *err);
int riv__sides_end(struct riv_op *op, struct riv_err *err);
uint32_t riv__sides_parts(struct riv_op *op);

/* Walks the rows of one side in partition k of the result, in the order of
 * tasks, a chunk at a time. Begin with a zeroed walk. NULL: no more. */
struct riv_sides_walk {
    uint32_t part, bucket;
    size_t piece;
};
const void *riv__sides_next(const struct riv_sides_op *self, uint32_t side,
                            uint32_t k, struct riv_sides_walk *walk, size_t *n);

/* How many there are. */
size_t riv__sides_count(const struct riv_sides_op *self, uint32_t side,
                        uint32_t k);

/* Slots of the keys of one side in partition k, in the order of the rows. 0, or
 * the error, in words. */
int riv__sides_slots(const struct riv_sides_op *self, uint32_t side, uint32_t k,
                     struct riv_table *tab, uint32_t *slot, struct riv_err *err)
    RIV__MUST_USE;

/* A larger array of elements of `size` bytes, without the old contents; frees
 * and NULL when there is no memory. */
void *riv__sides_room(void *p, size_t *cap, size_t need, size_t size)
    RIV__MUST_USE;

#endif
