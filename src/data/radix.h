/* data/radix.h - references in the order of their prefixes, digit by digit. */
#ifndef RIV_DATA_RADIX_H
#define RIV_DATA_RADIX_H

#include "data/sort.h"

/* Below so many rows a merge sort is quicker. */
enum { RIV__RADIX_ROWS = 512 };

/* Sorts n references by prefix alone; equal ones stay in their order. `spare`
 * has room for as many. Costs two passes over the rows for each byte in which
 * prefixes differ. */
void riv__radix_sort(struct riv_ref *ref, size_t n, struct riv_ref *spare);

#endif
