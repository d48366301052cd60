/* limit/keyed.h - what bench/keyed.c is measured against: a window of panes
 * with an inverse, one without (two stacks), and a state by key, each a loop
 * written by hand over rows of two integers. They know how many keys and rows
 * there will be, and that values are above 0. */
#ifndef LIMIT_KEYED_H
#define LIMIT_KEYED_H

#include "table.h"

enum { PANES = 60, ROWS_MAX = 100000 };

/* How many keys there will be, and a power of two of places for them. */
struct keyed_size {
    uint32_t keys, places;
};

/* What came out of a batch: sums over keys and over values. */
struct answer {
    uint64_t n, keys, vals;
};

/* ------------------------------------------------------- a window by hand */

struct pane {
    uint32_t *slot;
    int64_t *val;
    size_t n;
};

struct by_hand {
    struct limit_iden tab; /* of the window */
    struct pane pane[PANES];
    size_t at;
    struct limit_int *state; /* of the state: entries in their places */
    uint32_t mask;           /* of those */
    struct limit_int *out;
};

/* The slot of each of a group of rows, whose values are added. NULL: there are
 * no panes. */
static void window_group(struct limit_iden *tab, struct pane *pane,
                         const struct limit_int *in, size_t n)
{
    uint32_t hash[LIMIT_GROUP];
    for (size_t i = 0; i < n; i++) {
        hash[i] = limit_int_hash(in[i].key);
        __builtin_prefetch(&tab->cell[hash[i] & tab->mask]);
    }
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(
            &tab->entry[(uint32_t)tab->cell[hash[i] & tab->mask]], 1);
    for (size_t i = 0; i < n; i++) {
        uint32_t at = hash[i];
        for (;; at++) {
            const uint64_t cell = tab->cell[at & tab->mask];
            if (cell >> 32 == hash[i] && cell != 0 &&
                tab->entry[(uint32_t)cell].key == in[i].key)
                break;
            if (cell == 0) {
                tab->entry[++tab->count] = (struct limit_int){ in[i].key, 0 };
                tab->cell[at & tab->mask] =
                    (uint64_t)hash[i] << 32 | tab->count;
                break;
            }
        }
        const uint32_t slot = (uint32_t)tab->cell[at & tab->mask];
        tab->entry[slot].sum += in[i].sum;
        if (!pane)
            continue;
        pane->slot[pane->n] = slot;
        pane->val[pane->n++] = in[i].sum;
    }
}

static struct answer window_by_hand(struct by_hand *self,
                                    const struct limit_int *rows, size_t n)
{
    struct pane *pane = &self->pane[self->at++ % PANES];
    struct limit_iden *tab = &self->tab;
    struct answer answer = { 0 };
    for (size_t i = 0; i < pane->n; i++)
        tab->entry[pane->slot[i]].sum -= pane->val[i];
    pane->n = 0;
    for (size_t i = 0; i < n; i += LIMIT_GROUP)
        window_group(tab, pane, rows + i,
                     n - i < LIMIT_GROUP ? n - i : LIMIT_GROUP);
    for (size_t slot = 1; slot <= tab->count; slot++) {
        const struct limit_int *e = &tab->entry[slot]; /* values are above 0 */
        const uint64_t in = 0 - (uint64_t)(e->sum != 0);
        answer.n -= in;
        answer.keys += in & (uint64_t)e->key;
        answer.vals += (uint64_t)e->sum;
    }
    return answer;
}

/* ---------------------------------------------- a window without an inverse
 * Two stacks for each key, "Low-Latency Sliding-Window Aggregation in Worst-Case
 * Constant Time", DEBS 2017, laid out in the panes: a key's front is the
 * greatest of its older panes, its back that of the newer ones. Keys are in as
 * many units as there are panes; one unit a slide is flipped: its entries, the
 * newest first, then hold what the front will be when they have left. So each
 * entry is looked at three times in its life and no slide pays for all keys. */

struct stack {
    int64_t front, back;
};

#define STACK_NONE INT64_MIN

struct stacks {
    struct limit_iden tab;
    struct stack *key; /* of each slot */
    struct pane pane[PANES];
    uint32_t start[PANES][PANES + 1]; /* of each unit in a pane */
    uint32_t *slot;                   /* of a batch's rows */
    size_t at;
};

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void stacks_slots(struct stacks *self, const struct limit_int *in,
                         uint32_t *slot, size_t n)
{
    struct limit_iden *tab = &self->tab;
    uint32_t hash[LIMIT_GROUP];
    for (size_t i = 0; i < n; i++) {
        hash[i] = limit_int_hash(in[i].key);
        __builtin_prefetch(&tab->cell[hash[i] & tab->mask]);
    }
    for (size_t i = 0; i < n; i++) {
        const uint32_t guess = (uint32_t)tab->cell[hash[i] & tab->mask];
        __builtin_prefetch(&tab->entry[guess]);
        __builtin_prefetch(&self->key[guess], 1);
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t at = hash[i];
        for (; tab->cell[at & tab->mask] != 0; at++)
            if (tab->cell[at & tab->mask] >> 32 == hash[i] &&
                tab->entry[(uint32_t)tab->cell[at & tab->mask]].key ==
                    in[i].key)
                break;
        if (tab->cell[at & tab->mask] == 0) {
            tab->entry[++tab->count] = (struct limit_int){ in[i].key, 0 };
            self->key[tab->count] = (struct stack){ STACK_NONE, STACK_NONE };
            tab->cell[at & tab->mask] = (uint64_t)hash[i] << 32 | tab->count;
        }
        slot[i] = (uint32_t)tab->cell[at & tab->mask];
        struct stack *key = &self->key[slot[i]];
        key->back = greater(key->back, in[i].sum);
    }
}

/* The rows of a batch as a pane, in the order of their units. */
static void stacks_fill(struct stacks *self, const struct limit_int *in,
                        size_t n)
{
    uint32_t *start = self->start[self->at % PANES], to[PANES];
    struct pane *pane = &self->pane[self->at % PANES];
    memset(start, 0, sizeof self->start[0]);
    for (size_t i = 0; i < n; i++)
        start[self->slot[i] % PANES + 1]++;
    for (size_t u = 0; u < PANES; u++)
        start[u + 1] += start[u];
    memcpy(to, start, sizeof to);
    for (size_t i = 0; i < n; i++) {
        const uint32_t k = to[self->slot[i] % PANES]++;
        pane->slot[k] = self->slot[i];
        pane->val[k] = in[i].sum;
    }
    pane->n = n;
}

static void stacks_flip(struct stacks *self, size_t unit)
{
    enum { AHEAD = 16 };
    for (size_t age = 0; age < PANES && age <= self->at; age++) {
        const size_t p = (self->at - age) % PANES;
        struct pane *pane = &self->pane[p];
        for (uint32_t i = self->start[p][unit + 1];
             i-- > self->start[p][unit];) {
            struct stack *key = &self->key[pane->slot[i]];
            const int64_t val = pane->val[i];
            if (i >= AHEAD)
                __builtin_prefetch(&self->key[pane->slot[i - AHEAD]], 1);
            pane->val[i] = key->front;
            key->front = greater(key->front, val);
            key->back = STACK_NONE;
        }
    }
}

static struct answer stacks_by_hand(struct stacks *self,
                                    const struct limit_int *rows, size_t n)
{
    enum { AHEAD = 16 };
    const struct pane *old = &self->pane[self->at % PANES];
    struct answer answer = { 0 };
    for (size_t i = 0; i < old->n; i++) {
        if (i + AHEAD < old->n)
            __builtin_prefetch(&self->key[old->slot[i + AHEAD]], 1);
        self->key[old->slot[i]].front = old->val[i];
    }
    for (size_t i = 0; i < n; i += LIMIT_GROUP)
        stacks_slots(self, rows + i, self->slot + i,
                     n - i < LIMIT_GROUP ? n - i : LIMIT_GROUP);
    stacks_fill(self, rows, n);
    stacks_flip(self, self->at % PANES);
    self->at++;
    for (size_t slot = 1; slot <= self->tab.count; slot++) {
        const int64_t v = greater(self->key[slot].front, self->key[slot].back);
        const uint64_t in = 0 - (uint64_t)(v != STACK_NONE);
        answer.n -= in;
        answer.keys += in & (uint64_t)self->tab.entry[slot].key;
        answer.vals += in & (uint64_t)v;
    }
    return answer;
}

static struct stacks *stacks_new(struct keyed_size size)
{
    struct stacks *self = limit_map(sizeof *self);
    limit_iden_init(&self->tab, size.places, 4);
    self->key = limit_map((size.keys + 1) * sizeof *self->key);
    self->slot = limit_map(ROWS_MAX * sizeof *self->slot);
    for (size_t i = 0; i < PANES; i++)
        self->pane[i] =
            (struct pane){ limit_map(ROWS_MAX * sizeof(uint32_t)),
                           limit_map(ROWS_MAX * sizeof(int64_t)), 0 };
    return self;
}

/* -------------------------------------------------------- a state by hand */

static void state_group(struct by_hand *self, const struct limit_int *in,
                        struct limit_int *out, size_t n)
{
    uint32_t hash[LIMIT_GROUP];
    for (size_t i = 0; i < n; i++) {
        hash[i] = limit_int_hash(in[i].key);
        __builtin_prefetch(&self->state[hash[i] & self->mask], 1);
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t at = hash[i];
        while (self->state[at & self->mask].key != in[i].key &&
               self->state[at & self->mask].key != LIMIT_NO_KEY)
            at++;
        struct limit_int *e = &self->state[at & self->mask];
        *e = (struct limit_int){ in[i].key, e->sum + in[i].sum };
        out[i] = *e;
    }
}

static struct answer state_by_hand(struct by_hand *self,
                                   const struct limit_int *rows, size_t n)
{
    struct answer answer = { .n = n };
    for (size_t i = 0; i < n; i += LIMIT_GROUP)
        state_group(self, rows + i, self->out + i,
                    n - i < LIMIT_GROUP ? n - i : LIMIT_GROUP);
    for (size_t i = 0; i < n; i++) {
        answer.keys += (uint64_t)self->out[i].key;
        answer.vals += (uint64_t)self->out[i].sum;
    }
    return answer;
}

/* update_state_by_key: all states are gone through and given out. */
static struct answer update_by_hand(struct by_hand *self,
                                    const struct limit_int *rows, size_t n)
{
    struct limit_iden *tab = &self->tab;
    struct answer answer = { .n = 0 };
    for (size_t i = 0; i < n; i += LIMIT_GROUP)
        window_group(tab, NULL, rows + i,
                     n - i < LIMIT_GROUP ? n - i : LIMIT_GROUP);
    for (size_t slot = 1; slot <= tab->count; slot++) {
        answer.keys += (uint64_t)tab->entry[slot].key;
        answer.vals += (uint64_t)tab->entry[slot].sum;
    }
    answer.n = tab->count;
    return answer;
}

static struct by_hand *by_hand_new(struct keyed_size size)
{
    struct by_hand *self = limit_map(sizeof *self);
    limit_iden_init(&self->tab, size.places, 4);
    for (size_t i = 0; i < PANES; i++)
        self->pane[i] =
            (struct pane){ limit_map(ROWS_MAX * sizeof(uint32_t)),
                           limit_map(ROWS_MAX * sizeof(int64_t)), 0 };
    self->mask = size.places - 1;
    self->state = limit_map(size.places * sizeof *self->state);
    for (size_t i = 0; i < size.places; i++)
        self->state[i].key = LIMIT_NO_KEY;
    self->out = limit_map(ROWS_MAX * sizeof *self->out);
    return self;
}

#endif
