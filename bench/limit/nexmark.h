/* limit/nexmark.h - what the limits of Nexmark's queries share: a walk over the
 * events of bench/gen_nexmark.c, with the places of their fields, that says where
 * a batch ends. Lines must be well formed and no longer than a strip. --arg is
 * the number of events of a batch. */
#ifndef LIMIT_NEXMARK_H
#define LIMIT_NEXMARK_H

#include "digits.h"
#include "limit.h"
#include "marks.h"
#include "memory.h"

enum { NEXMARK_STRIP = 4096, NEXMARK_EVENTS_A_MS = 10 };

/* The columns of each kind, from 0; column 0 says which it is. */
enum { PERSON_ID = 1, PERSON_NAME, PERSON_CITY = 5, PERSON_STATE, PERSON_TIME };
enum { PERSON_COLUMNS = 9 };
enum { AUCTION_ID = 1, AUCTION_TIME = 6, AUCTION_EXPIRES, AUCTION_SELLER };
enum { AUCTION_CATEGORY = 9, AUCTION_COLUMNS = 11 };
enum { BID_AUCTION = 1, BID_BIDDER, BID_PRICE, BID_TIME, BID_COLUMNS = 6 };

struct nexmark { /* the first member of each query */
    limit_marks_fn *marks;
    FILE *out;     /* NULL: nowhere */
    size_t size;   /* of the query */
    int64_t batch; /* events of a batch */
    int64_t left;  /* and how many of this one are still to come */
    int64_t records;
};

struct nexmark_line {
    const char *p;      /* its first byte */
    const char *strip;  /* what the places are counted from */
    const uint32_t *at; /* the end of each column */
};

struct nexmark_text {
    const char *p;
    size_t n;
};

typedef void nexmark_line_fn(void *self, const struct nexmark_line *line);
typedef void nexmark_batch_fn(void *self);

LIMIT_INLINE struct nexmark_text nexmark_text(const struct nexmark_line *line,
                                              int column)
{
    const uint32_t from = line->at[column - 1] + 1;
    return (struct nexmark_text){ line->strip + from, line->at[column] - from };
}

LIMIT_INLINE int64_t nexmark_i64(const struct nexmark_line *line, int column)
{
    const struct nexmark_text text = nexmark_text(line, column);
    return limit_digits(text.p, text.n);
}

LIMIT_INLINE uint32_t nexmark_columns(char kind)
{
    if (kind == 'B')
        return BID_COLUMNS;
    return kind == 'A' ? AUCTION_COLUMNS : PERSON_COLUMNS;
}

/* Whole lines of about a strip at the front of the n bytes. */
LIMIT_INLINE size_t nexmark_strip(const char *data, size_t n)
{
    if (n <= NEXMARK_STRIP)
        return n;
    return (size_t)((const char *)memrchr(data, '\n', NEXMARK_STRIP) - data) +
           1;
}

/* All events. Both functions become part of the loop; batch is called when one
 * is full, and may be NULL. */
LIMIT_INLINE void nexmark_walk(struct nexmark *self, const char *data, size_t n,
                               nexmark_line_fn *line, nexmark_batch_fn *batch)
{
    uint32_t at[NEXMARK_STRIP + 64];
    while (n > 0) {
        const size_t bytes = nexmark_strip(data, n);
        const uint32_t count = self->marks(data, bytes, ',', '\n', at);
        const char *p = data;
        for (uint32_t i = 0; i < count;) {
            const struct nexmark_line event = { p, data, at + i };
            line(self, &event);
            i += nexmark_columns(*p);
            p = data + at[i - 1] + 1;
            self->records++;
            if (batch && --self->left == 0) {
                batch(self);
                self->left = self->batch;
            }
        }
        data += bytes;
        n -= bytes;
    }
}

/* A query of `size` bytes, zeroed but for what it shares; ends the program when
 * --arg is no number of events. */
void *nexmark_new(const struct limit_run *run, size_t size);
/* Of queries that keep nothing beside. */
void nexmark_free(void *self);
int64_t nexmark_records(void *self);
/* Of queries that have written everything already. */
void nexmark_print(void *self, FILE *out);
/* Calls batch for what is left of the last one. */
void nexmark_last(void *self, nexmark_batch_fn *batch);

#endif
