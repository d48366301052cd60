/* data/sort.h - rows in order, without moving them: a run is the sorted list of
 * references into a store of rows, and runs are merged as they are read. Sorting
 * by key, the partitions of a range and the n best rows are made of it. Stable:
 * rows with equal keys stay in the order they came in, up and down. One thread
 * at a time per run or merge; finished runs are read by many. */
#ifndef RIV_DATA_SORT_H
#define RIV_DATA_SORT_H

#include "data/rows.h"

struct riv_order {
    const struct riv_layout *key;
    uint32_t offset; /* of the key in a row */
    bool descending;
    bool exact; /* equal prefixes are equal keys */
};

/* A row and the first eight bytes of its key as a number in its order: most
 * comparisons end there, without a look at the row. */
struct riv_ref {
    uint64_t prefix;
    const char *row;
};

struct riv_run {
    struct riv_ref *ref;
    size_t n, cap;
};

void riv__order_init(struct riv_order *order, const struct riv_layout *key,
                     uint32_t offset, bool descending);
uint64_t riv__order_prefix(const struct riv_order *order, const char *row);
/* Below 0, 0, above 0; rows of any store of the same layout. */
int riv__order_compare(const struct riv_order *order, const struct riv_ref *a,
                       const struct riv_ref *b);

void riv__run_fini(struct riv_run *run);

/* References to all rows of the store, in their order. 0 or RIV_ENOMEM. */
int riv__run_list(struct riv_run *run, const struct riv_order *order,
                  const struct riv_rows *rows) RIV__MUST_USE;
/* Sorts n references; `spare` has room for as many. Many of them by the bytes of
 * their prefixes, then those with equal ones, and few, by comparison: a merge
 * sort, bottom up, of n log n compares. n compares when all are in order. */
void riv__sort_refs(const struct riv_order *order, struct riv_ref *ref,
                    size_t n, struct riv_ref *spare);
/* List and sort. 0 or RIV_ENOMEM. */
int riv__run_sort(struct riv_run *run, const struct riv_order *order,
                  const struct riv_rows *rows) RIV__MUST_USE;

/* How many rows of a sorted list are not above `key`. */
size_t riv__run_until(const struct riv_order *order, const struct riv_ref *ref,
                      size_t n, const struct riv_ref *key);

/* Bounds of `parts` ranges of about the same weight, from candidates in order:
 * key <= bound i goes to the first such i. Writes at most parts - 1 indexes of
 * candidates to `bound`, no two with equal keys; returns how many. */
size_t riv__range_bounds(const struct riv_order *order,
                         const struct riv_ref *candidate, const double *weight,
                         size_t n, size_t parts, size_t *bound);

/* Several sorted lists read as one; of equal keys the earlier list's first. */
struct riv_merge {
    const struct riv_order *order;
    struct riv_merge_list {
        const struct riv_ref *at, *end;
        uint32_t index;
    } * list; /* a heap: list[0] has the next row */
    size_t n, cap;
};

int riv__merge_init(struct riv_merge *merge, const struct riv_order *order,
                    size_t lists_max) RIV__MUST_USE;
void riv__merge_fini(struct riv_merge *merge);
/* One more list, behind those added before; at most lists_max. */
void riv__merge_add(struct riv_merge *merge, const struct riv_ref *ref,
                    size_t n);
/* The next row; NULL: no more. */
const char *riv__merge_next(struct riv_merge *merge);

#endif
