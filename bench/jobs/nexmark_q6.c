/* Nexmark q6, average selling price by seller: of the last ten auctions that he
 * sold, whenever one of his is closed. Those that are closed at the end of the
 * same batch follow each other in the order in which they expired.
 *   rivulet run nexmark_q6.c replay:100000:EVENTS [OUTPUT [100000]]
 * Lines of the result: seller, average of the winning bids. */
#include "nexmark_won.h"

#include <stdlib.h>

enum { LAST = 10 };

typedef struct {
    int64_t expires, auction, price;
} sale;
RIV_STRUCT(sale, expires, auction, price);
RIV_PAIR(sale_of, int64_t, sale);
RIV_PAIR(price_of, int64_t, int64_t);

typedef struct {
    riv_str last; /* up to LAST prices, the oldest first */
} seller;
RIV_STRUCT(seller, last);

RIV_MAP(by_seller, lot_of, sale_of);
static int by_seller(const lot_of *in, sale_of *out, riv_task *t)
{
    (void)t;
    *out = (sale_of){ in->val.seller,
                      { in->val.expires, in->key, in->val.price } };
    return 0;
}

static int order(const void *a, const void *b)
{
    const sale *x = a, *y = b;
    if (x->expires != y->expires)
        return x->expires < y->expires ? -1 : 1;
    return x->auction < y->auction ? -1 : 1;
}

RIV_GROUP(in_order, sale_of, price_of);
static int in_order(const int64_t *id, const sale *v, size_t n,
                    in_order_out *out, riv_task *t)
{
    sale *sorted = riv_alloc(t, n * sizeof *sorted);
    memcpy(sorted, v, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, order);
    for (size_t i = 0; i < n; i++)
        riv_emit(out, (price_of){ *id, sorted[i].price });
    return 0;
}

RIV_MAP_WITH_STATE(average, price_of, seller, price_of);
static int average(const int64_t *id, const int64_t *price, seller *s,
                   average_out *out, riv_task *t)
{
    int64_t *last = riv_alloc(t, LAST * sizeof *last), sum = *price;
    size_t n = s->last.n / sizeof *last, skip = n == LAST;
    n -= skip;
    if (n > 0)
        memcpy(last, s->last.p + skip * sizeof *last, n * sizeof *last);
    for (size_t i = 0; i < n; i++)
        sum += last[i];
    last[n++] = *price;
    s->last = (riv_str){ (const char *)last, n * sizeof *last };
    riv_emit(out, (price_of){ *id, sum / (int64_t)n });
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *sold = won(nexmark_lines(r, argc, argv), argc, argv);
    riv_ds *sales = riv_map(sold, by_seller_fn, NULL);
    riv_ds *prices = riv_group_by_key(sales, in_order_fn, NULL);
    nexmark_save(riv_map_with_state(prices, average_fn, NULL), argc, argv);
    return 0;
}
