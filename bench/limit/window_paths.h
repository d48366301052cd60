/* limit/window_paths.h - what bench/window_paths.c is measured against: how
 * often each URL path (the seventh field) occurs in the last PANES batches, and
 * the ten that occur most, by hand. Knows that there are at most PLACES / 4
 * paths, of at most 48 bytes. A batch counts into its own half of an entry; at
 * its end that becomes a pane, and the oldest pane is taken off. */
#ifndef LIMIT_WINDOW_PATHS_H
#define LIMIT_WINDOW_PATHS_H

#include <stdlib.h>

#include "fields.h"
#include "memory.h"

enum {
    PATH_BYTES = 48,
    PATH_PLACES = 1 << 17,
    PATH_PANES = 30,
    PATH_TOP = 10,
    PATH_GROUP = 32,
    PATH_STRIP = 4096,
    PATH_AHEAD = 16384,
};

struct counted {
    char key[PATH_BYTES];
    uint32_t window, now; /* counts: of all panes, of the running batch */
    uint32_t n, hash;
};

struct counted_pane {
    uint32_t *place, *count;
    size_t n;
};

struct window_paths {
    struct counted *place;
    uint32_t *order; /* of places in use */
    size_t count;
    struct counted_pane pane[PATH_PANES];
    size_t at;
};

static struct window_paths *window_paths_new(void)
{
    struct window_paths *self = limit_map(sizeof *self);
    self->place = limit_map(PATH_PLACES * sizeof *self->place);
    self->order = limit_map(PATH_PLACES * sizeof *self->order);
    for (size_t i = 0; i < PATH_PANES; i++) {
        self->pane[i].place = limit_map(PATH_PLACES * sizeof(uint32_t));
        self->pane[i].count = limit_map(PATH_PLACES * sizeof(uint32_t));
    }
    return self;
}

static bool counted_is(const struct counted *e, const struct field *field)
{
    return e->n == field->n && memcmp(e->key, field->p, field->n) == 0;
}

static void counted_new(struct window_paths *self, uint32_t at,
                        const struct field *field)
{
    struct counted *e = &self->place[at];
    if (field->n > PATH_BYTES || self->count == PATH_PLACES / 4) {
        fprintf(stderr, "window_paths: more or longer paths than expected\n");
        exit(70);
    }
    memcpy(e->key, field->p, field->n);
    e->n = (uint32_t)field->n;
    e->hash = field->hash;
    self->order[self->count++] = at;
}

static void fields_count(struct window_paths *self, const struct field *field,
                         size_t n)
{
    struct counted_pane *pane = &self->pane[self->at % PATH_PANES];
    for (size_t i = 0; i < n; i++) {
        uint32_t at = field[i].hash % PATH_PLACES;
        while (!counted_is(&self->place[at], &field[i])) {
            if (self->place[at].n == 0)
                counted_new(self, at, &field[i]);
            else
                at = (at + 1) % PATH_PLACES;
        }
        pane->place[pane->n] = at;
        pane->n += self->place[at].now++ == 0;
    }
}

/* The counts of the batch become its pane. */
static void pane_end(struct window_paths *self)
{
    struct counted_pane *pane = &self->pane[self->at++ % PATH_PANES];
    for (size_t i = 0; i < pane->n; i++) {
        struct counted *e = &self->place[pane->place[i]];
        pane->count[i] = e->now;
        e->window += e->now;
        e->now = 0;
    }
}

static void pane_leave(struct window_paths *self)
{
    struct counted_pane *old = &self->pane[self->at % PATH_PANES];
    for (size_t i = 0; i < old->n; i++)
        self->place[old->place[i]].window -= old->count[i];
    old->n = 0;
}

/* Of equal counts the greater path comes first. */
static bool counted_above(const struct counted *a, const struct counted *b)
{
    if (a->window != b->window)
        return a->window > b->window;
    const int c = memcmp(a->key, b->key, a->n < b->n ? a->n : b->n);
    return c != 0 ? c > 0 : a->n > b->n;
}

static size_t window_top(const struct window_paths *self,
                         const struct counted **top)
{
    size_t n = 0;
    for (size_t i = 0; i < self->count; i++) {
        const struct counted *e = &self->place[self->order[i]];
        if (e->window == 0 ||
            (n == PATH_TOP && !counted_above(e, top[PATH_TOP - 1])))
            continue;
        size_t to = n < PATH_TOP ? n++ : PATH_TOP - 1;
        for (; to > 0 && counted_above(e, top[to - 1]); to--)
            top[to] = top[to - 1];
        top[to] = e;
    }
    return n;
}

#if LIMIT_X86
/* A batch: whole lines, the last of which ends with a newline. */
LIMIT_AVX2 static void window_feed(struct window_paths *self, const char *p,
                                   const char *stop)
{
    struct field field[PATH_GROUP];
    uint32_t end[PATH_STRIP + 64];
    const char *line = p;
    size_t n = 0;
    for (; p < stop; p += PATH_STRIP) {
        const size_t left = (size_t)(stop - p);
        const uint32_t lines =
            mark_lines(p, left < PATH_STRIP ? left : PATH_STRIP, end);
        for (uint32_t i = 0; i < lines; i++) {
            __builtin_prefetch(line + PATH_AHEAD);
            __builtin_prefetch(line + PATH_AHEAD + 64);
            __builtin_prefetch(line + PATH_AHEAD + 128);
            field_avx2(line, p + end[i], &field[n]);
            __builtin_prefetch(&self->place[field[n].hash % PATH_PLACES], 1);
            n += field[n].n > 0;
            line = p + end[i] + 1;
            if (n < PATH_GROUP)
                continue;
            fields_count(self, field, n);
            n = 0;
        }
    }
    fields_count(self, field, n);
}
#else
static void window_feed(struct window_paths *self, const char *p,
                        const char *stop)
{
    struct field field;
    while (p < stop) {
        p = field_plain(p, stop, &field);
        fields_count(self, &field, field.n > 0);
    }
}
#endif

/* A batch by hand: the rows of the top are written as the engine's are. */
static size_t window_by_hand(struct window_paths *self, const char *p,
                             const char *stop, char *out, size_t room)
{
    const struct counted *top[PATH_TOP];
    pane_leave(self);
    window_feed(self, p, stop);
    pane_end(self);
    const size_t n = window_top(self, top);
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(out + at, room - at, "%.*s,%u\n", (int)top[i]->n,
                               top[i]->key, top[i]->window);
    return at;
}

#endif
