/* limit/fraud.c - card fraud from CSV at the limit: the last transaction and the
 * sum of each card, an alert when it is used in two countries within five
 * minutes and when its sum goes over 50,000.00. Separators by bit mask, a group
 * of cards looked up at a time. Lines must be well formed; the answer is a line
 * "card,why" for each alert. */
#include "digits.h"
#include "limit.h"
#include "marks.h"
#include "table.h"

enum { STRIP = 2048, GAP_MS = 5 * 60 * 1000, CENTS_MAX = 5000000, GROUP = 64 };

struct card {
    int64_t number, last_ts, total;
    char country[8];
};

struct txn {
    int64_t card, ts, cents;
    const char *country;
};

struct fraud {
    struct card *place;
    uint32_t mask, count;
    int64_t records;
    FILE *out;
    limit_marks_fn *marks;
    struct txn txn[GROUP];
    size_t n;
};

static void alert(const struct fraud *self, const struct txn *txn,
                  const char *why)
{
    if (self->out)
        fprintf(self->out, "%lld,%s\n", (long long)txn->card, why);
}

static __attribute__((noinline)) void cards_grow(struct fraud *self)
{
    struct card *old = self->place;
    const size_t places = (size_t)self->mask + 1;
    self->place = limit_map(4 * places * sizeof *old);
    self->mask = (uint32_t)(4 * places - 1);
    for (size_t i = 0; i < places; i++) {
        uint32_t at = limit_int_hash(old[i].number);
        if (old[i].number == 0)
            continue;
        while (self->place[at & self->mask].number)
            at++;
        self->place[at & self->mask] = old[i];
    }
    limit_unmap(old, places * sizeof *old);
}

LIMIT_INLINE void txn_add(struct fraud *self, const struct txn *txn)
{
    uint32_t at = limit_int_hash(txn->card);
    while (self->place[at & self->mask].number != txn->card &&
           self->place[at & self->mask].number != 0)
        at++;
    struct card *card = &self->place[at & self->mask];
    self->count += card->number == 0;
    card->number = txn->card;
    if (card->country[0] && memcmp(card->country, txn->country, 2) != 0 &&
        txn->ts - card->last_ts < GAP_MS)
        alert(self, txn, "country");
    if (card->total <= CENTS_MAX && card->total + txn->cents > CENTS_MAX)
        alert(self, txn, "total");
    card->total += txn->cents;
    card->last_ts = txn->ts;
    memcpy(card->country, txn->country, 2);
}

static void group_add(struct fraud *self)
{
    if (4 * (self->count + self->n) > self->mask)
        cards_grow(self);
    for (size_t i = 0; i < self->n; i++)
        __builtin_prefetch(
            &self->place[limit_int_hash(self->txn[i].card) & self->mask], 1);
    for (size_t i = 0; i < self->n; i++)
        txn_add(self, &self->txn[i]);
    self->records += (int64_t)self->n;
    self->n = 0;
}

static void fraud_feed(void *ctx, const char *data, size_t n)
{
    struct fraud *self = ctx;
    uint32_t at[STRIP + 64];
    while (n > 0) { /* whole lines of about STRIP bytes */
        size_t bytes = n;
        if (n > STRIP)
            bytes =
                (size_t)((const char *)memrchr(data, '\n', STRIP) - data) + 1;
        const uint32_t count = self->marks(data, bytes, ',', '\n', at);
        const char *p = data;
        for (uint32_t i = 0; i + 4 <= count; i += 4) {
            const uint32_t *a = at + i;
            self->txn[self->n++] = (struct txn){
                limit_digits(p, (size_t)(data + a[0] - p)),
                limit_digits(data + a[0] + 1, a[1] - a[0] - 1),
                limit_digits(data + a[1] + 1, a[2] - a[1] - 1),
                data + a[2] + 1,
            };
            p = data + a[3] + 1;
            if (self->n == GROUP)
                group_add(self);
        }
        group_add(self); /* the bytes go away */
        data += bytes;
        n -= bytes;
    }
}

static void *fraud_new(const struct limit_run *run)
{
    struct fraud *self = limit_map(sizeof *self);
    self->marks = limit_marks(run->plain);
    self->mask = (1 << 13) - 1;
    self->place = limit_map(((size_t)self->mask + 1) * sizeof *self->place);
    self->out = run->out;
    return self;
}

static void fraud_free(void *ctx)
{
    struct fraud *self = ctx;
    limit_unmap(self->place, ((size_t)self->mask + 1) * sizeof *self->place);
    limit_unmap(self, sizeof *self);
}

static void fraud_print(void *ctx, FILE *out)
{
    (void)ctx, (void)out;
}

static int64_t fraud_records(void *ctx)
{
    return ((const struct fraud *)ctx)->records;
}

const struct limit_ops limit_fraud = {
    .name = "fraud",
    .new = fraud_new,
    .feed = fraud_feed,
    .print = fraud_print,
    .free = fraud_free,
    .records = fraud_records,
};
