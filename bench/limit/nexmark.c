/* limit/nexmark.c - see nexmark.h; and the queries of Nexmark that read bids only:
 * q0 pass through, q1 currency conversion, q2 selection, q7 highest bid of a
 * batch. What is written again as it was read is copied, not read as a number. */
#include "nexmark.h"

#include <stdlib.h>

enum { EVENTS_A_BATCH = 100000, CHOSEN_ONE_OF = 123 };

void *nexmark_new(const struct limit_run *run, size_t size)
{
    struct nexmark *self = limit_map(size);
    self->marks = limit_marks(run->plain);
    self->out = run->out;
    self->size = size;
    self->batch = run->arg ? strtol(run->arg, NULL, 10) : EVENTS_A_BATCH;
    self->left = self->batch;
    if (self->batch < NEXMARK_EVENTS_A_MS) {
        fprintf(stderr, "nexmark: --arg is the number of events of a batch\n");
        exit(64);
    }
    return self;
}

void nexmark_free(void *self)
{
    limit_unmap(self, ((struct nexmark *)self)->size);
}

int64_t nexmark_records(void *self)
{
    return ((struct nexmark *)self)->records;
}

void nexmark_print(void *self, FILE *out)
{
    (void)self, (void)out;
}

void nexmark_last(void *self, nexmark_batch_fn *batch)
{
    const struct nexmark *head = self;
    if (head->left < head->batch)
        batch(self);
}

/* ------------------------------------------------- q0, q1, q2: line by line */

enum { OUT_BYTES = 1 << 16, OUT_LINE_MAX = NEXMARK_STRIP + 32 };

struct lines {
    struct nexmark head;
    size_t used;
    char out[OUT_BYTES];
};

static void lines_drain(struct lines *self)
{
    if (self->head.out)
        fwrite(self->out, 1, self->used, self->head.out);
    self->used = 0;
}

/* Room for a line. */
LIMIT_INLINE char *lines_room(struct lines *self)
{
    if (LIMIT_RARE(self->used > OUT_BYTES - OUT_LINE_MAX))
        lines_drain(self);
    return self->out + self->used;
}

LIMIT_INLINE char *put(char *to, const char *p, size_t n)
{
    memcpy(to, p, n);
    return to + n;
}

static void *lines_new(const struct limit_run *run)
{
    return nexmark_new(run, sizeof(struct lines));
}

static void lines_print(void *self, FILE *out)
{
    (void)out;
    lines_drain(self);
}

LIMIT_INLINE void q0_line(void *ctx, const struct nexmark_line *line)
{
    struct lines *self = ctx;
    if (*line->p != 'B')
        return;
    const char *from = line->p + 2;
    const char *end = line->strip + line->at[BID_COLUMNS - 1] + 1;
    put(lines_room(self), from, (size_t)(end - from));
    self->used += (size_t)(end - from);
}

static void q0_feed(void *self, const char *data, size_t n)
{
    nexmark_walk(self, data, n, q0_line, NULL);
}

static char *put_i64(char *to, int64_t v)
{
    char digit[20];
    int at = 20;
    do
        digit[--at] = (char)('0' + v % 10);
    while (v /= 10);
    return put(to, digit + at, (size_t)(20 - at));
}

LIMIT_INLINE void q1_line(void *ctx, const struct nexmark_line *line)
{
    struct lines *self = ctx;
    if (*line->p != 'B')
        return;
    const char *from = line->p + 2;
    const struct nexmark_text price = nexmark_text(line, BID_PRICE);
    const char *end = line->strip + line->at[BID_COLUMNS - 1] + 1;
    char *start = lines_room(self);
    char *to = put(start, from, (size_t)(price.p - from));
    to = put_i64(to, limit_digits(price.p, price.n) * 908 / 1000);
    to = put(to, price.p + price.n, (size_t)(end - price.p) - price.n);
    self->used += (size_t)(to - start);
}

static void q1_feed(void *self, const char *data, size_t n)
{
    nexmark_walk(self, data, n, q1_line, NULL);
}

LIMIT_INLINE void q2_line(void *ctx, const struct nexmark_line *line)
{
    struct lines *self = ctx;
    if (*line->p != 'B')
        return;
    const struct nexmark_text auction = nexmark_text(line, BID_AUCTION);
    if (limit_digits(auction.p, auction.n) % CHOSEN_ONE_OF != 0)
        return;
    const struct nexmark_text price = nexmark_text(line, BID_PRICE);
    char *start = lines_room(self);
    char *to = put(start, auction.p, auction.n + 1);
    to = put(to, price.p, price.n);
    *to++ = '\n';
    self->used += (size_t)(to - start);
}

static void q2_feed(void *self, const char *data, size_t n)
{
    nexmark_walk(self, data, n, q2_line, NULL);
}

/* ------------------------------------------------------- q7: the highest bid */

struct bid {
    int64_t price, time, auction, bidder;
};

struct highest {
    struct nexmark head;
    struct bid bid;
    bool any;
};

static void *q7_new(const struct limit_run *run)
{
    return nexmark_new(run, sizeof(struct highest));
}

static bool before(const struct bid *a, const struct bid *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->auction != b->auction)
        return a->auction < b->auction;
    return a->bidder < b->bidder;
}

LIMIT_INLINE void q7_line(void *ctx, const struct nexmark_line *line)
{
    struct highest *self = ctx;
    if (*line->p != 'B')
        return;
    const int64_t price = nexmark_i64(line, BID_PRICE);
    if (self->any && price < self->bid.price)
        return;
    const struct bid bid = { price, nexmark_i64(line, BID_TIME),
                             nexmark_i64(line, BID_AUCTION),
                             nexmark_i64(line, BID_BIDDER) };
    if (!self->any || price > self->bid.price || before(&bid, &self->bid))
        self->bid = bid;
    self->any = true;
}

static void q7_batch(void *ctx)
{
    struct highest *self = ctx;
    const struct bid *bid = &self->bid;
    if (self->any && self->head.out)
        fprintf(self->head.out, "%lld,%lld,%lld,%lld\n",
                (long long)bid->auction, (long long)bid->bidder,
                (long long)bid->price, (long long)bid->time);
    self->any = false;
}

static void q7_feed(void *self, const char *data, size_t n)
{
    nexmark_walk(self, data, n, q7_line, q7_batch);
}

static void q7_print(void *self, FILE *out)
{
    (void)out;
    nexmark_last(self, q7_batch);
}

#define LINES(query) \
    { \
        .name = "nexmark-" #query, .new = lines_new, .feed = query##_feed, \
        .print = lines_print, .free = nexmark_free, \
        .records = nexmark_records, \
    }

const struct limit_ops limit_nexmark_q0 = LINES(q0);
const struct limit_ops limit_nexmark_q1 = LINES(q1);
const struct limit_ops limit_nexmark_q2 = LINES(q2);
const struct limit_ops limit_nexmark_q7 = {
    .name = "nexmark-q7",
    .new = q7_new,
    .feed = q7_feed,
    .print = q7_print,
    .free = nexmark_free,
    .records = nexmark_records,
};
