/* cli/demo_table.c - the highest rows by insertion: results have some hundred
 * rows, of which 64 are kept. */
#include "demo_table.h"

#include <string.h>

void demo_table_clear(struct demo_table *table)
{
    table->rows = 0;
    table->batch = table->total = table->distinct = 0;
}

/* Ties by text, so that rows do not swap places. */
static bool is_before(const struct demo_row *a, const struct demo_row *b)
{
    if (a->total != b->total)
        return a->total > b->total;
    return strcmp(a->text, b->text) < 0;
}

void demo_table_add(struct demo_table *table, riv_str text, int64_t batch,
                    int64_t total)
{
    struct demo_row row = { .batch = batch, .total = total };
    const size_t n = text.n < DEMO_TEXT ? text.n : DEMO_TEXT - 1;
    if (n > 0)
        memcpy(row.text, text.p, n);
    table->batch += batch;
    table->total += total;
    table->distinct++;
    if (table->rows == DEMO_ROWS &&
        !is_before(&row, &table->row[DEMO_ROWS - 1]))
        return;
    int at = table->rows < DEMO_ROWS ? table->rows++ : DEMO_ROWS - 1;
    for (; at > 0 && is_before(&row, &table->row[at - 1]); at--)
        table->row[at] = table->row[at - 1];
    table->row[at] = row;
}
