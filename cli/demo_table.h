/* cli/demo_table.h - a result of a batch as a table: the rows with the highest
 * totals, and the sums of all. */
#ifndef DEMO_TABLE_H
#define DEMO_TABLE_H

#include "demo.h"

struct demo_table {
    int rows;
    struct demo_row row[DEMO_ROWS];
    int64_t batch, total; /* of all rows */
    int64_t distinct;     /* rows that were added */
};

void demo_table_clear(struct demo_table *table);
/* Keeps the row when it is among the highest, the highest first, ties by text;
 * sums it up in any case. */
void demo_table_add(struct demo_table *table, riv_str text, int64_t batch,
                    int64_t total);

#endif
