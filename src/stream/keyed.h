/* stream/keyed.h - the rows of a batch by the partition of their key: what the
 * tasks hand to an operator that keeps something for each key. A row and its
 * strings are copied once; the order within a partition is that of the tasks,
 * then of arrival. */
#ifndef RIV_STREAM_KEYED_H
#define RIV_STREAM_KEYED_H

#include "exec/op.h"

struct riv_keyed_bucket {
    char *rows; /* dense */
    size_t n, cap;
};

struct riv_keyed_part {
    struct riv_part base;
    const struct riv_layout *key;    /* at the beginning of a row; with one
                                     partition it is not looked at */
    struct riv_keyed_bucket *bucket; /* one for each partition */
    uint32_t nbucket;
    struct riv_arena strings;
    char *chunk; /* rows with strings, while these are copied */
};

/* For an op's part functions; it says what its keys and partitions are. */
int riv__keyed_open(struct riv_part *part, const struct riv_layout *key,
                    uint32_t partitions, struct riv_err *err) RIV__MUST_USE;
void riv__keyed_close(struct riv_part *part);
int riv__keyed_begin(struct riv_part *part, struct riv_err *err) RIV__MUST_USE;
int riv__keyed_take(struct riv_part *part, uint32_t side, const void *rows,
                    size_t n, struct riv_err *err) RIV__MUST_USE;

/* The rows that task i of the batch has for partition k. */
static inline const struct riv_keyed_bucket *riv__keyed_rows(
    const struct riv_op *op, uint32_t i, uint32_t k)
{
    return &((const struct riv_keyed_part *)op->part[i])->bucket[k];
}

/* How many rows all tasks have for partition k. */
size_t riv__keyed_count(const struct riv_op *op, uint32_t k);

/* The rows of all tasks for partition k, run by run: npart of them in the array,
 * which grows. */
int riv__keyed_runs(const struct riv_op *op, uint32_t k,
                    struct riv_keyed_bucket **run, size_t *cap) RIV__MUST_USE;

/* The partition of a key, the same in every run. */
uint32_t riv__keyed_partition(const struct riv_layout *key, const void *row,
                              uint32_t partitions);

#endif
