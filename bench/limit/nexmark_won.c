/* limit/nexmark_won.c - the queries of Nexmark over winning bids, at the limit: q4
 * average price of a category and q6 of a seller's last ten. An auction is closed
 * at the end of the batch that it expires in; a table holds those of the batch
 * only, and begins with what the batch before left open. An auction comes before
 * its bids: what is bid on one that has not come is passed over. */
#include "nexmark.h"
#include "table.h"

enum { PLACES = 1 << 15, PER = 4, SELLERS_MAX = 1 << 27, LAST = 10 };
enum { CATEGORIES = 64 };

struct auction {
    int64_t id, time, expires, seller, category, price; /* expires 0: to come */
};

struct last { /* prices in a ring */
    int64_t price[LAST], sum;
    uint64_t n;
};

struct total {
    int64_t sum, n;
};

struct won {
    struct nexmark head;
    struct limit_iden tab;   /* auctions of the batch */
    struct auction *auction; /* of each slot */
    size_t room;             /* of `auction`, `closed` and `open` */
    struct auction *closed, *open;
    int64_t batch_ms, now; /* now: number of the batch, by event time */
    struct total total[CATEGORIES];
    struct limit_iden sellers;
    struct last *last; /* of each slot */
};

static void *won_new(const struct limit_run *run)
{
    struct won *self = nexmark_new(run, sizeof *self);
    self->batch_ms = self->head.batch / NEXMARK_EVENTS_A_MS;
    self->room = (size_t)self->head.batch * 2;
    self->auction = limit_map(self->room * sizeof *self->auction);
    self->closed = limit_map(self->room * sizeof *self->closed);
    self->open = limit_map(self->room * sizeof *self->open);
    limit_iden_init(&self->tab, PLACES, PER);
    limit_iden_init(&self->sellers, PLACES, PER);
    self->last = limit_map(SELLERS_MAX * sizeof *self->last);
    return self;
}

static void won_free(void *ctx)
{
    struct won *self = ctx;
    limit_unmap(self->auction, self->room * sizeof *self->auction);
    limit_unmap(self->closed, self->room * sizeof *self->closed);
    limit_unmap(self->open, self->room * sizeof *self->open);
    limit_iden_fini(&self->tab);
    limit_iden_fini(&self->sellers);
    limit_unmap(self->last, SELLERS_MAX * sizeof *self->last);
    nexmark_free(self);
}

static void won_auction(struct won *self, const struct nexmark_line *line)
{
    const int64_t id = nexmark_i64(line, AUCTION_ID);
    const int64_t time = nexmark_i64(line, AUCTION_TIME);
    if (self->now == 0)
        self->now = time / self->batch_ms;
    self->auction[limit_iden_slot(&self->tab, id)] = (struct auction){
        .id = id,
        .time = time,
        .expires = nexmark_i64(line, AUCTION_EXPIRES),
        .seller = nexmark_i64(line, AUCTION_SELLER),
        .category = nexmark_i64(line, AUCTION_CATEGORY),
    };
}

LIMIT_INLINE void won_line(void *ctx, const struct nexmark_line *line)
{
    struct won *self = ctx;
    if (*line->p == 'A')
        won_auction(self, line);
    if (*line->p != 'B')
        return;
    const int64_t price = nexmark_i64(line, BID_PRICE);
    struct auction *auction = &self->auction[limit_iden_slot(
        &self->tab, nexmark_i64(line, BID_AUCTION))];
    if (price <= auction->price)
        return;
    const int64_t time = nexmark_i64(line, BID_TIME);
    if (time >= auction->time && time <= auction->expires)
        auction->price = price;
}

/* Parts the batch's auctions into those that were sold, of which it returns the
 * number, and those that stay open, which the next batch begins with. */
static size_t won_close(struct won *self)
{
    const size_t n = self->tab.count;
    size_t nclosed = 0, nopen = 0;
    for (size_t slot = 1; slot <= n; slot++) {
        struct auction *auction = &self->auction[slot];
        if (auction->expires / self->batch_ms > self->now)
            self->open[nopen++] = *auction;
        else if (auction->price > 0)
            self->closed[nclosed++] = *auction;
        *auction = (struct auction){ .expires = 0 };
    }
    limit_iden_reset(&self->tab);
    for (size_t i = 0; i < nopen; i++)
        self->auction[limit_iden_slot(&self->tab, self->open[i].id)] =
            self->open[i];
    self->now += self->now > 0;
    return nclosed;
}

/* ------------------------------------------- q4: average price of a category */

static void q4_batch(void *ctx)
{
    struct won *self = ctx;
    const size_t n = won_close(self);
    for (size_t i = 0; i < n; i++) {
        struct total *total =
            &self->total[self->closed[i].category % CATEGORIES];
        total->sum += self->closed[i].price;
        total->n++;
    }
    for (int k = 0; self->head.out && k < CATEGORIES; k++)
        if (self->total[k].n > 0)
            fprintf(self->head.out, "%d,%lld\n", k,
                    (long long)(self->total[k].sum / self->total[k].n));
}

static void q4_feed(void *self, const char *data, size_t n)
{
    nexmark_walk(self, data, n, won_line, q4_batch);
}

static void q4_print(void *self, FILE *out)
{
    (void)out;
    nexmark_last(self, q4_batch);
}

/* ------------------------------------------------ q6: average price of sellers */

static bool before(const struct auction *a, const struct auction *b)
{
    return a->expires != b->expires ? a->expires < b->expires : a->id < b->id;
}

/* By insertion: they are nearly in order, as the auctions came in that of their
 * time. */
static void q6_sort(struct auction *auction, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct auction one = auction[i];
        size_t at = i;
        for (; at > 0 && before(&one, &auction[at - 1]); at--)
            auction[at] = auction[at - 1];
        auction[at] = one;
    }
}

static void q6_batch(void *ctx)
{
    struct won *self = ctx;
    const size_t n = won_close(self);
    q6_sort(self->closed, n);
    for (size_t i = 0; i < n; i++) {
        const struct auction *auction = &self->closed[i];
        struct last *last =
            &self->last[limit_iden_slot(&self->sellers, auction->seller)];
        int64_t *place = &last->price[last->n++ % LAST];
        last->sum += auction->price - *place;
        *place = auction->price;
        if (self->head.out)
            fprintf(self->head.out, "%lld,%lld\n", (long long)auction->seller,
                    (long long)(last->sum /
                                (int64_t)(last->n < LAST ? last->n : LAST)));
    }
}

static void q6_feed(void *self, const char *data, size_t n)
{
    nexmark_walk(self, data, n, won_line, q6_batch);
}

static void q6_print(void *self, FILE *out)
{
    (void)out;
    nexmark_last(self, q6_batch);
}

const struct limit_ops limit_nexmark_q4 = {
    .name = "nexmark-q4",
    .new = won_new,
    .feed = q4_feed,
    .print = q4_print,
    .free = won_free,
    .records = nexmark_records,
};
const struct limit_ops limit_nexmark_q6 = {
    .name = "nexmark-q6",
    .new = won_new,
    .feed = q6_feed,
    .print = q6_print,
    .free = won_free,
    .records = nexmark_records,
};
