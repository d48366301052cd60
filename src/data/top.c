/* data/top.c - the n first rows of an order, by thinning out a store of rows. */
#include "data/top.h"

enum { SPARE_ROWS = 64 }; /* sorted at once with what is asked for */

void riv__top_init(struct riv_top *top, const struct riv_layout *layout,
                   const struct riv_order *order, size_t most)
{
    *top = (struct riv_top){ .order = *order, .most = most };
    riv__rows_init(&top->rows, layout);
    riv__rows_init(&top->spare, layout);
}

void riv__top_fini(struct riv_top *top)
{
    riv__rows_fini(&top->rows);
    riv__rows_fini(&top->spare);
    riv__run_fini(&top->run);
}

void riv__top_reset(struct riv_top *top)
{
    riv__rows_reset(&top->rows);
    top->run.n = 0;
    top->limit.row = NULL;
}

int riv__top_end(struct riv_top *top)
{
    RIV__TRY(riv__run_sort(&top->run, &top->order, &top->rows));
    top->run.n = RIV__MIN(top->run.n, top->most);
    return 0;
}

/* The best `most` rows move to the other store; the rest is forgotten. */
static int thin_out(struct riv_top *top)
{
    RIV__TRY(riv__top_end(top));
    riv__rows_reset(&top->spare);
    for (size_t i = 0; i < top->run.n; i++)
        RIV__TRY(riv__rows_append(&top->spare, top->run.ref[i].row, 1));
    struct riv_rows was = top->rows;
    top->rows = top->spare;
    top->spare = was;
    const char *last = riv__rows_at(&top->rows, top->run.n - 1);
    top->limit = (struct riv_ref){ riv__order_prefix(&top->order, last), last };
    return 0;
}

int riv__top_add(struct riv_top *top, const void *rows, size_t n)
{
    const size_t size = top->rows.layout->size;
    const char *at = rows;
    if (top->most == 0)
        return 0;
    for (size_t i = 0; i < n; i++, at += size) {
        struct riv_ref ref = { riv__order_prefix(&top->order, at), at };
        if (top->limit.row &&
            riv__order_compare(&top->order, &ref, &top->limit) >= 0)
            continue;
        RIV__TRY(riv__rows_append(&top->rows, at, 1));
        if (top->rows.n > SPARE_ROWS &&
            (top->rows.n - SPARE_ROWS) / 2 >= top->most)
            RIV__TRY(thin_out(top));
    }
    return 0;
}
