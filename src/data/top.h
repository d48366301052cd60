/* data/top.h - the n first rows of an order out of any number: rows that cannot
 * be among them are dropped at once, the others are thinned out whenever twice
 * as many have gathered. Memory: at most 2n + 64 rows. Of equal keys the row
 * that came first stays. One thread at a time. */
#ifndef RIV_DATA_TOP_H
#define RIV_DATA_TOP_H

#include "data/sort.h"

struct riv_top {
    struct riv_order order;
    size_t most;
    struct riv_rows rows, spare;
    struct riv_run run;
    struct riv_ref limit; /* once there are `most`: the last of them */
};

void riv__top_init(struct riv_top *top, const struct riv_layout *layout,
                   const struct riv_order *order, size_t most);
void riv__top_fini(struct riv_top *top);
void riv__top_reset(struct riv_top *top);
/* n rows; 0 or RIV_ENOMEM. */
int riv__top_add(struct riv_top *top, const void *rows, size_t n) RIV__MUST_USE;
/* Thins out to the result: top->run, sorted, at most `most`. 0 or RIV_ENOMEM. */
int riv__top_end(struct riv_top *top) RIV__MUST_USE;

#endif
