/* Nexmark q4, average price of a category: of all auctions that are closed, after
 * each batch.
 *   rivulet run nexmark_q4.c replay:100000:EVENTS [OUTPUT [100000]]
 * Lines of the result: category, average of the winning bids. */
#include "nexmark_won.h"

RIV_PAIR(category, int64_t, int64_t);

typedef struct {
    int64_t sum, n;
} total;
RIV_STRUCT(total, sum, n);
RIV_PAIR(total_of, int64_t, total);

RIV_MAP(by_category, lot_of, category);
static int by_category(const lot_of *in, category *out, riv_task *t)
{
    (void)t;
    *out = (category){ in->val.category, in->val.price };
    return 0;
}

RIV_UPDATE_STATE(add, category, total_of);
static int add(const int64_t *id, const int64_t *price, size_t n, total *sum,
               riv_task *t)
{
    (void)id, (void)t;
    for (size_t i = 0; i < n; i++)
        sum->sum += price[i];
    sum->n += (int64_t)n;
    return 0;
}

RIV_MAP(average, total_of, category);
static int average(const total_of *in, category *out, riv_task *t)
{
    (void)t;
    *out = (category){ in->key, in->val.sum / in->val.n };
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *sold = won(nexmark_lines(r, argc, argv), argc, argv);
    riv_ds *totals = riv_update_state_by_key(
        riv_map(sold, by_category_fn, NULL), add_fn, NULL);
    nexmark_save(riv_map(totals, average_fn, NULL), argc, argv);
    return 0;
}
