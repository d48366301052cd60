/* limit/yahoo.c - the Yahoo streaming benchmark at the limit: JSON events to
 * views of each campaign in windows of 10 s. One pass over the quotes of a line,
 * found by bit mask; the names of fields are compared, so their order does not
 * matter. Strings must have no escapes and no quotes inside. --arg is the file
 * of ads. The answer is "window * 256 + campaign,count". */
#include <stdio.h>
#include <stdlib.h>

#include "limit.h"
#include "marks.h"
#include "table.h"

enum {
    AD_BYTES = 36,
    PLACES = 1 << 13,
    STRIP = 4096,
    QUOTES_MAX = 64,
    PER = 4
};
enum { WINDOW_MS = 10000, CAMPAIGNS = 256 };

struct ad {
    char id[AD_BYTES];
    uint32_t used, campaign;
};

struct yahoo {
    struct ad ad[PLACES];
    struct limit_iinl tab;
    int64_t records;
    limit_marks_fn *marks;
    struct limit_int row[LIMIT_GROUP];
    size_t n;
};

LIMIT_INLINE uint32_t ad_hash(const char *id)
{
    return (uint32_t)limit_mix(limit_load8(id), limit_load8(id + 14));
}

LIMIT_INLINE struct ad *ad_find(struct yahoo *self, const char *id)
{
    for (uint32_t at = ad_hash(id);; at++) {
        struct ad *ad = &self->ad[at % PLACES];
        if (!ad->used || memcmp(ad->id, id, AD_BYTES) == 0)
            return ad;
    }
}

static void ads_read(struct yahoo *self, const char *path)
{
    char line[128];
    FILE *f = path ? fopen(path, "r") : NULL;
    if (!f) {
        fprintf(stderr, "yahoo: --arg is the file of ads\n");
        exit(66);
    }
    while (fgets(line, sizeof line, f)) {
        struct ad *ad = ad_find(self, line);
        memcpy(ad->id, line, AD_BYTES);
        ad->used = 1;
        ad->campaign = (uint32_t)strtoul(line + AD_BYTES + 1, NULL, 10);
    }
    fclose(f);
}

struct event {
    const char *ad, *what;
    uint64_t time;
};

LIMIT_INLINE uint64_t number(const char *p)
{
    uint64_t v = 0;
    while (*p >= '0' && *p <= '9')
        v = v * 10 + (uint64_t)(*p++ - '0');
    return v;
}

/* The fields that are wanted, by length and first bytes of their names. */
LIMIT_INLINE void field(struct event *event, const char *name, size_t n,
                        const char *value)
{
    if (n == 5 && memcmp(name, "ad_id", 5) == 0)
        event->ad = value + 1;
    else if (n == 10 && memcmp(name, "event_type", 10) == 0)
        event->what = value + 1;
    else if (n == 10 && memcmp(name, "event_time", 10) == 0)
        event->time = number(value);
}

static void event_add(struct yahoo *self, const struct event *event)
{
    self->records++;
    if (memcmp(event->what, "view\"", 5) != 0)
        return;
    const struct ad *ad = ad_find(self, event->ad);
    if (!ad->used)
        return;
    self->row[self->n].key =
        (int64_t)(event->time / WINDOW_MS * CAMPAIGNS + ad->campaign);
    self->row[self->n++].sum = 1;
    if (self->n == LIMIT_GROUP) {
        limit_iinl_group(&self->tab, self->row, self->n);
        self->n = 0;
    }
}

/* A line's marks; returns how many there were, with that of its newline. */
LIMIT_INLINE uint32_t line_read(struct yahoo *self, const char *data,
                                const uint32_t *at)
{
    struct event event = { "", "", 0 };
    uint32_t i = 0;
    while (data[at[i]] == '"') {
        const char *name = data + at[i] + 1, *value = data + at[i + 1] + 2;
        while (*value == ' ')
            value++;
        field(&event, name, at[i + 1] - at[i] - 1, value);
        i += *value == '"' ? 4 : 2;
    }
    event_add(self, &event);
    return i + 1;
}

static void yahoo_feed(void *ctx, const char *data, size_t n)
{
    struct yahoo *self = ctx;
    uint32_t at[STRIP + QUOTES_MAX];
    while (n > 0) { /* whole lines of about STRIP bytes */
        size_t bytes = n;
        if (n > STRIP)
            bytes =
                (size_t)((const char *)memrchr(data, '\n', STRIP) - data) + 1;
        const uint32_t count = self->marks(data, bytes, '"', '\n', at);
        for (uint32_t i = 0; i < count;)
            i += line_read(self, data, at + i);
        data += bytes;
        n -= bytes;
    }
}

static void *yahoo_new(const struct limit_run *run)
{
    struct yahoo *self = limit_map(sizeof *self);
    self->marks = limit_marks(run->plain);
    limit_iinl_init(&self->tab, 1 << 13, PER);
    ads_read(self, run->arg);
    return self;
}

static void yahoo_free(void *ctx)
{
    struct yahoo *self = ctx;
    limit_iinl_fini(&self->tab);
    limit_unmap(self, sizeof *self);
}

static void yahoo_print(void *ctx, FILE *out)
{
    struct yahoo *self = ctx;
    limit_iinl_group(&self->tab, self->row, self->n);
    self->n = 0;
    for (size_t i = 0; out && i <= self->tab.mask; i++)
        if (self->tab.place[i].key != LIMIT_NO_KEY)
            fprintf(out, "%lld,%lld\n", (long long)self->tab.place[i].key,
                    (long long)self->tab.place[i].sum);
}

static int64_t yahoo_records(void *ctx)
{
    return ((const struct yahoo *)ctx)->records;
}

const struct limit_ops limit_yahoo = {
    .name = "yahoo",
    .new = yahoo_new,
    .feed = yahoo_feed,
    .print = yahoo_print,
    .free = yahoo_free,
    .records = yahoo_records,
};
