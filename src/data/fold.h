/* data/fold.h - built-in reducers over the slots of a group of rows: each adds
 * n values, `stride` bytes apart, to the values of their slots. The values are
 * the first 8 bytes of a table's value, unaligned ones of the rows are fine.
 * Rows of the same slot are folded in order. Fused operators call these after
 * riv__table_slots or riv__table_absorb. Integers wrap around. */
#ifndef RIV_DATA_FOLD_H
#define RIV_DATA_FOLD_H

#include "data/table.h"

/* One more for each row. */
void riv__fold_count(struct riv_table *tab, const uint32_t *slot, size_t n);

/* Sums; a new slot begins with zero. */
void riv__fold_add_i64(struct riv_table *tab, const uint32_t *slot, size_t n,
                       const void *vals, size_t stride);
void riv__fold_add_f64(struct riv_table *tab, const uint32_t *slot, size_t n,
                       const void *vals, size_t stride);

/* Least and greatest. `next` is the table's nslot from before the call that
 * gave these slots, so that a new slot begins with its first value. A NaN
 * loses against every number. */
void riv__fold_min_i64(struct riv_table *tab, const uint32_t *slot, size_t n,
                       const void *vals, size_t stride, uint32_t next);
void riv__fold_max_i64(struct riv_table *tab, const uint32_t *slot, size_t n,
                       const void *vals, size_t stride, uint32_t next);
void riv__fold_min_f64(struct riv_table *tab, const uint32_t *slot, size_t n,
                       const void *vals, size_t stride, uint32_t next);
void riv__fold_max_f64(struct riv_table *tab, const uint32_t *slot, size_t n,
                       const void *vals, size_t stride, uint32_t next);

#endif
