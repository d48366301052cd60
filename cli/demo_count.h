/* cli/demo_count.h - running totals by text, with what the last batch added. */
#ifndef DEMO_COUNT_H
#define DEMO_COUNT_H

#include <stdbool.h>

#include "demo.h"

enum { COUNTS_MAX = 1 << 18 }; /* different texts; further ones only sum up */

struct count {
    uint64_t hash;
    struct demo_row row;
    int64_t seen; /* the batch that row.batch belongs to */
};

struct counts {
    struct count *count;
    uint32_t *slot; /* index + 1 into count, 0: free; a power of two */
    size_t n, cap, slots;
    int64_t batch_number, batch, total;
};

void counts_init(struct counts *counts);
void counts_fini(struct counts *counts);
void counts_next_batch(struct counts *counts);
/* False: no memory; the sum is right all the same. */
bool counts_add(struct counts *counts, riv_str text, int64_t n);
/* The rows with the highest totals, the highest first, at most `room`; returns
 * how many. */
int counts_top(const struct counts *counts, struct demo_row *dst, int room);

#endif
