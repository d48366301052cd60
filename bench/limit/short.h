/* limit/short.h - the table for words of 1 to 8 bytes, which are nine of ten:
 * entries of 16 bytes, so that twice as many stay in the cache. A word holds no
 * NUL, so its zero-padded bytes say all and 0 means none. The upper bits of a
 * value are the number of the batch, which empties the table in no time: in use
 * is what is at or above the batch's base. */
#ifndef LIMIT_SHORT_H
#define LIMIT_SHORT_H

#include "table.h"

enum { LIMIT_EPOCH_SHIFT = 40, LIMIT_PER = 4 };

struct limit_count {
    uint64_t lo;
    uint64_t val; /* base + count */
};

struct limit_short {
    struct limit_count *place;
    size_t cap, count, grow_at;
    uint64_t base;
    uint32_t mask;
};

static inline void limit_short_init(struct limit_short *tab, size_t cap)
{
    *tab = (struct limit_short){ .place = limit_map(cap * sizeof *tab->place),
                                 .cap = cap,
                                 .mask = (uint32_t)(cap - 1),
                                 .base = UINT64_C(1) << LIMIT_EPOCH_SHIFT,
                                 .grow_at = cap / LIMIT_PER };
}

static inline void limit_short_fini(struct limit_short *tab)
{
    limit_unmap(tab->place, tab->cap * sizeof *tab->place);
}

LIMIT_INLINE uint32_t limit_short_hash(uint64_t lo)
{
    return (uint32_t)limit_mix(lo, 0);
}

static __attribute__((noinline)) void limit_short_grow(struct limit_short *tab)
{
    struct limit_short big;
    size_t used = ((size_t)tab->mask + 1) * 4;
    limit_short_init(&big, used > tab->cap ? used : tab->cap);
    for (size_t i = 0; i <= tab->mask; i++) {
        const struct limit_count *e = &tab->place[i];
        if (e->val < tab->base)
            continue;
        uint32_t at = limit_short_hash(e->lo);
        while (big.place[at & big.mask].lo)
            at++;
        big.place[at & big.mask] =
            (struct limit_count){ e->lo, e->val - tab->base + big.base };
    }
    big.count = tab->count;
    limit_short_fini(tab);
    *tab = big;
}

LIMIT_INLINE void limit_short_add(struct limit_short *tab, uint32_t hash,
                                  uint64_t lo)
{
    for (uint32_t at = hash;; at++) {
        struct limit_count *e = &tab->place[at & tab->mask];
        if (__builtin_expect(e->lo == lo && e->val >= tab->base, 1)) {
            e->val++;
            return;
        }
        if (e->val < tab->base) {
            *e = (struct limit_count){ lo, tab->base + 1 };
            tab->count++;
            return;
        }
    }
}

static inline void limit_short_reset(struct limit_short *tab)
{
    tab->mask = limit_mask(tab->cap, tab->count, LIMIT_PER);
    tab->grow_at = ((size_t)tab->mask + 1) / LIMIT_PER;
    tab->base += UINT64_C(1) << LIMIT_EPOCH_SHIFT;
    tab->count = 0;
}

#endif
