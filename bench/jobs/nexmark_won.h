/* nexmark_won.h - the winning bids that Nexmark's q4 and q6 begin with: of each
 * auction the highest price that was bid from its time until it expires. It is
 * closed at the end of the batch that it expires in; one without bids is not
 * sold. */
#ifndef BENCH_JOBS_NEXMARK_WON_H
#define BENCH_JOBS_NEXMARK_WON_H

#include "nexmark.h"

enum { BATCH_EVENTS = 100000, EVENTS_A_MS = 10 };

typedef struct {
    int64_t id, time, expires, seller, category;
} auction;
RIV_STRUCT(auction, id, time, expires, seller, category);

typedef struct { /* an auction that begins, or a bid: then expires is 0 */
    int64_t time, expires, seller, category, price;
} news;
RIV_STRUCT(news, time, expires, seller, category, price);
RIV_PAIR(news_of, int64_t, news);

typedef struct {
    int64_t time, expires, seller, category, price;
    int64_t now; /* number of the batch, by event time */
    bool is_closed;
} lot;
RIV_STRUCT(lot, time, expires, seller, category, price, now, is_closed);
RIV_PAIR(lot_of, int64_t, lot);

RIV_MAP(of_auction, auction, news_of);
static int of_auction(const auction *in, news_of *out, riv_task *t)
{
    (void)t;
    *out = (news_of){ in->id,
                      { in->time, in->expires, in->seller, in->category, 0 } };
    return 0;
}

RIV_MAP(of_bid, bid, news_of);
static int of_bid(const bid *in, news_of *out, riv_task *t)
{
    (void)t;
    *out = (news_of){ in->auction, { .time = in->time, .price = in->price } };
    return 0;
}

/* In every batch once for each auction that is open: so it knows the time. A
 * closed one has been told of in the batch before. */
RIV_UPDATE_STATE(follow, news_of, lot_of);
static int follow(const int64_t *id, const news *v, size_t n, lot *l,
                  riv_task *t)
{
    const int64_t batch_ms = *(const int64_t *)t->arg;
    (void)id;
    if (l->is_closed)
        return RIV_REMOVE;
    l->now++;
    for (size_t i = 0; i < n; i++)
        if (v[i].expires > 0)
            *l = (lot){ v[i].time,   v[i].expires,
                        v[i].seller, v[i].category,
                        0,           v[i].time / batch_ms,
                        false };
    if (l->expires == 0)
        return RIV_REMOVE;
    for (size_t i = 0; i < n; i++)
        if (v[i].time >= l->time && v[i].time <= l->expires &&
            v[i].price > l->price)
            l->price = v[i].price;
    l->is_closed = l->expires / batch_ms <= l->now;
    return 0;
}

RIV_FILTER(is_sold, lot_of);
static int is_sold(const lot_of *in, riv_task *t)
{
    (void)t;
    return in->val.is_closed && in->val.price > 0;
}

/* The third word of the job's arguments says how many events a batch has. */
static inline riv_ds *won(riv_ds *lines, int argc, char **argv)
{
    int64_t events = BATCH_EVENTS;
    if (argc > 3)
        riv_to_i64(riv_cstr(argv[3]), &events);
    const int64_t batch_ms = events / EVENTS_A_MS;
    riv_ds *auctions = riv_decode(riv_starts_with(lines, "A,", NULL),
                                  &riv_type_auction, "csv:2,7,8,9,10", NULL);
    riv_ds *all = riv_union(riv_map(auctions, of_auction_fn, NULL),
                            riv_map(bids(lines), of_bid_fn, NULL));
    riv_ds *lots = riv_update_state_by_key(all, follow_fn,
                                           RIV_OPT(.arg = RIV_COPY(batch_ms)));
    return riv_filter(lots, is_sold_fn, NULL);
}

#endif
