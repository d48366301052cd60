/* data/sum.h - XXH3-64 of bytes that come piece by piece: what the journal and
 * the files it answers for are compared by. */
#ifndef RIV_DATA_SUM_H
#define RIV_DATA_SUM_H

#include "base/err.h"

struct riv_sum; /* heap, one owner */

struct riv_sum *riv__sum_new(void);      /* of no bytes; NULL: no memory */
void riv__sum_free(struct riv_sum *sum); /* NULL is fine */
void riv__sum_reset(struct riv_sum *sum);
void riv__sum_add(struct riv_sum *sum, const void *p, size_t n);
/* Of all that was added; more may follow. */
uint64_t riv__sum_value(const struct riv_sum *sum);

/* Of bytes in one place; the same number. */
uint64_t riv__sum_of(const void *p, size_t n);

#endif
