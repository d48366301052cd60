/* limit/nexmark_hot.c - Nexmark's q5, hot items, at the limit: bids counted by
 * auction in a table for each batch, and after each batch the tables of the
 * last five put together; the auctions with the most bids are the answer. What
 * a table holds is a fifteenth of the bids that made it, so that putting five
 * together is cheaper than taking one out of a running count. */
#include "nexmark.h"
#include "table.h"

enum { BATCHES = 5, PLACES = 1 << 13, PER = 4 };

struct hot {
    struct nexmark head;
    struct limit_iinl pane[BATCHES], window;
    size_t at; /* the batch that is counted */
    struct limit_int row[LIMIT_GROUP];
    size_t n;
};

static void *hot_new(const struct limit_run *run)
{
    struct hot *self = nexmark_new(run, sizeof *self);
    for (size_t i = 0; i < BATCHES; i++)
        limit_iinl_init(&self->pane[i], PLACES, PER);
    limit_iinl_init(&self->window, PLACES, PER);
    return self;
}

static void hot_free(void *ctx)
{
    struct hot *self = ctx;
    for (size_t i = 0; i < BATCHES; i++)
        limit_iinl_fini(&self->pane[i]);
    limit_iinl_fini(&self->window);
    nexmark_free(self);
}

static void hot_group(struct hot *self, struct limit_iinl *tab)
{
    limit_iinl_group(tab, self->row, self->n);
    self->n = 0;
}

LIMIT_INLINE void hot_line(void *ctx, const struct nexmark_line *line)
{
    struct hot *self = ctx;
    if (*line->p != 'B')
        return;
    self->row[self->n++] =
        (struct limit_int){ nexmark_i64(line, BID_AUCTION), 1 };
    if (self->n == LIMIT_GROUP)
        hot_group(self, &self->pane[self->at % BATCHES]);
}

static void hot_put_together(struct hot *self)
{
    limit_iinl_reset(&self->window);
    for (size_t i = 0; i < BATCHES; i++) {
        const struct limit_iinl *pane = &self->pane[i];
        for (size_t k = 0; k <= pane->mask; k++) {
            if (pane->place[k].key == LIMIT_NO_KEY)
                continue;
            self->row[self->n++] = pane->place[k];
            if (self->n == LIMIT_GROUP)
                hot_group(self, &self->window);
        }
    }
    hot_group(self, &self->window);
}

static void hot_batch(void *ctx)
{
    struct hot *self = ctx;
    const struct limit_int *place;
    int64_t most = 0;
    hot_group(self, &self->pane[self->at % BATCHES]);
    hot_put_together(self);
    place = self->window.place;
    for (size_t k = 0; k <= self->window.mask; k++)
        if (place[k].key != LIMIT_NO_KEY && place[k].sum > most)
            most = place[k].sum;
    for (size_t k = 0; self->head.out && k <= self->window.mask; k++)
        if (place[k].key != LIMIT_NO_KEY && place[k].sum == most)
            fprintf(self->head.out, "%lld,%lld\n", (long long)place[k].key,
                    (long long)most);
    limit_iinl_reset(&self->pane[++self->at % BATCHES]);
}

static void hot_feed(void *self, const char *data, size_t n)
{
    nexmark_walk(self, data, n, hot_line, hot_batch);
}

static void hot_print(void *self, FILE *out)
{
    (void)out;
    nexmark_last(self, hot_batch);
}

const struct limit_ops limit_nexmark_q5 = {
    .name = "nexmark-q5",
    .new = hot_new,
    .feed = hot_feed,
    .print = hot_print,
    .free = hot_free,
    .records = nexmark_records,
};
