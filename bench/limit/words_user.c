/* limit/words_user.c - the fused limit of examples/wordcount.c: the tokenizer
 * that a user writes (bytes one by one, spaces only, line by line) in one loop
 * with the best table that takes any bytes. What the engine loses against it is
 * the price of chunks, rows and calls, not of the tokenizer. */
#include "limit.h"
#include "out.h"
#include "table.h"

enum { PER = 4 };

struct words_user {
    struct limit_winl tab;
    int64_t records;
    size_t n;
    struct limit_key key[LIMIT_GROUP];
};

LIMIT_INLINE void add(struct words_user *self, const char *p, size_t n)
{
    limit_key_make(&self->key[self->n], p, n);
    if (++self->n == LIMIT_GROUP) {
        limit_winl_group(&self->tab, self->key, LIMIT_GROUP);
        self->records += LIMIT_GROUP;
        self->n = 0;
    }
}

LIMIT_INLINE void split(struct words_user *self, const char *p, const char *e)
{
    while (p < e) {
        while (p < e && *p == ' ')
            p++;
        const char *b = p;
        while (p < e && *p != ' ')
            p++;
        if (p > b)
            add(self, b, (size_t)(p - b));
    }
}

static void words_user_feed(void *ctx, const char *data, size_t n)
{
    struct words_user *self = ctx;
    for (const char *p = data, *stop = data + n; p < stop;) {
        const char *end = memchr(p, '\n', (size_t)(stop - p));
        if (!end)
            end = stop;
        split(self, p, end);
        p = end + 1;
    }
    limit_winl_group(&self->tab, self->key, self->n); /* before bytes go */
    self->records += (int64_t)self->n;
    self->n = 0;
}

static void *words_user_new(const struct limit_run *run)
{
    struct words_user *self = limit_map(sizeof *self);
    limit_winl_init(&self->tab, run->batches ? 1 << 12 : 1 << 18, PER);
    return self;
}

static void words_user_free(void *ctx)
{
    struct words_user *self = ctx;
    limit_winl_fini(&self->tab);
    limit_unmap(self, sizeof *self);
}

static void words_user_print(void *ctx, FILE *out)
{
    if (!out)
        return;
    const struct limit_winl *tab = &((struct words_user *)ctx)->tab;
    for (size_t slot = 1; slot <= tab->count; slot++) {
        const struct limit_word *e = &tab->place[tab->order[slot]];
        const char *p = e->n > LIMIT_SHORT ? (const char *)(uintptr_t)e->lo
                                           : (const char *)&e->lo;
        limit_put_count(out, p, e->n, e->count);
    }
}

static int64_t words_user_reset(void *ctx, int64_t *keys)
{
    struct limit_winl *tab = &((struct words_user *)ctx)->tab;
    int64_t sum = 0;
    for (size_t slot = 1; slot <= tab->count; slot++)
        sum += tab->place[tab->order[slot]].count;
    *keys = (int64_t)tab->count;
    limit_winl_reset(tab);
    limit_winl_fit(tab, (size_t)*keys);
    return sum;
}

static int64_t words_user_records(void *ctx)
{
    return ((const struct words_user *)ctx)->records;
}

const struct limit_ops limit_words_user = {
    .name = "words-user",
    .new = words_user_new,
    .feed = words_user_feed,
    .print = words_user_print,
    .reset = words_user_reset,
    .free = words_user_free,
    .records = words_user_records,
};
