/* limit/table.h - the hand-written tables from keys to sums, two layouts of
 * each, which bench/table.c compares and the limits use. Open addressing, a
 * power of two of places, linear steps; a group of keys at a time, so that the
 * cache misses of a group overlap.
 *   inline  entries of 32 bytes (words) or 16 (integers) stand in the places
 *   dense   8-byte cells (tag, slot) point into entries in order of arrival
 * Both number the keys in order of arrival, and are emptied in constant time by
 * raising the base of the numbers (a run has less than 2^32 of them). Long keys
 * are copied by the first only. */
#ifndef LIMIT_TABLE_H
#define LIMIT_TABLE_H

#include "key.h"
#include "memory.h"

enum { LIMIT_GROUP = 64 };

/* ------------------------------------------------------------ words, inline */

struct limit_bytes { /* address space for bytes that stay until a reset */
    char *p;
    size_t used;
};

enum { LIMIT_BYTES_SHIFT = 34 };

static __attribute__((noinline)) uint64_t limit_bytes_keep(
    struct limit_bytes *bytes, const struct limit_key *key)
{
    if (!bytes->p)
        bytes->p = limit_map((size_t)1 << LIMIT_BYTES_SHIFT);
    char *to = bytes->p + bytes->used;
    memcpy(to, (const void *)(uintptr_t)key->lo, key->n);
    bytes->used += key->n;
    return (uint64_t)(uintptr_t)to;
}

struct limit_word { /* an entry of either layout */
    uint64_t lo, hi;
    int64_t count;
    uint32_t n;
    uint32_t slot; /* inline: base + slot, in use when it is above the base */
};

struct limit_winl {
    struct limit_bytes bytes; /* of long keys */
    struct limit_word *place;
    uint32_t *order; /* place of each slot, from 1, in order of arrival */
    size_t cap, count, grow_at;
    uint32_t mask, base, per; /* per: places for each key at least */
};

static inline void limit_winl_init(struct limit_winl *tab, size_t cap,
                                   uint32_t per)
{
    *tab = (struct limit_winl){ .place = limit_map(cap * sizeof *tab->place),
                                .cap = cap,
                                .mask = (uint32_t)(cap - 1),
                                .per = per,
                                .grow_at = cap / per };
    tab->order = limit_map((cap / per + 1) * sizeof *tab->order);
}

static inline void limit_winl_fini(struct limit_winl *tab)
{
    limit_unmap(tab->place, tab->cap * sizeof *tab->place);
    limit_unmap(tab->order, (tab->cap / tab->per + 1) * sizeof *tab->order);
    limit_unmap(tab->bytes.p, (size_t)1 << LIMIT_BYTES_SHIFT);
}

static __attribute__((noinline)) void limit_winl_grow(struct limit_winl *tab)
{
    struct limit_winl big;
    size_t used = (size_t)tab->mask + 1;
    limit_winl_init(&big, used * 4 > tab->cap ? used * 4 : tab->cap, tab->per);
    for (size_t slot = 1; slot <= tab->count; slot++) {
        const struct limit_word *e = &tab->place[tab->order[slot]];
        uint32_t at = limit_word_hash(e->lo, e->hi, e->n);
        while (big.place[at & big.mask].slot)
            at++;
        big.order[slot] = at & big.mask;
        big.place[at & big.mask] = *e;
        big.place[at & big.mask].slot = (uint32_t)slot;
    }
    big.count = tab->count;
    big.bytes = tab->bytes;
    tab->bytes.p = NULL;
    limit_winl_fini(tab);
    *tab = big;
}

LIMIT_INLINE void limit_winl_add(struct limit_winl *tab,
                                 const struct limit_key *key, int64_t val)
{
    for (uint32_t at = key->hash;; at++) {
        struct limit_word *e = &tab->place[at & tab->mask];
        if (LIMIT_RARE(e->slot <= tab->base)) {
            uint32_t slot = (uint32_t)++tab->count;
            tab->order[slot] = at & tab->mask;
            *e = (struct limit_word){ key->lo, key->hi, val, key->n,
                                      tab->base + slot };
            if (LIMIT_RARE(key->n > LIMIT_SHORT))
                e->lo = limit_bytes_keep(&tab->bytes, key);
            return;
        }
        if (limit_key_same(key, e->lo, e->hi, e->n)) {
            e->count += val;
            return;
        }
    }
}

/* Adds 1 for each of n <= LIMIT_GROUP keys. */
LIMIT_INLINE void limit_winl_group(struct limit_winl *tab,
                                   const struct limit_key *key, size_t n)
{
    if (LIMIT_RARE(tab->count + n > tab->grow_at))
        limit_winl_grow(tab);
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&tab->place[key[i].hash & tab->mask], 1);
    for (size_t i = 0; i < n; i++)
        limit_winl_add(tab, &key[i], 1);
}

/* The part of `cap` places that `count` keys need next time. */
static inline uint32_t limit_mask(size_t cap, size_t count, uint32_t per)
{
    size_t use = 1024;
    while (use < (count + count / 4 + LIMIT_GROUP) * per)
        use *= 2;
    return (uint32_t)((use < cap ? use : cap) - 1);
}

static inline void limit_winl_reset(struct limit_winl *tab)
{
    tab->base += (uint32_t)tab->count;
    tab->count = 0;
    tab->bytes.used = 0;
}

/* After a reset: as many places in use as `count` keys need. */
static inline void limit_winl_fit(struct limit_winl *tab, size_t count)
{
    tab->mask = limit_mask(tab->cap, count, tab->per);
    tab->grow_at = ((size_t)tab->mask + 1) / tab->per;
}

/* ------------------------------------------------------------- words, dense */

struct limit_wden {
    uint64_t *cell;           /* tag << 32 | base + 1 + slot */
    struct limit_word *entry; /* entry[0] is a dummy, slot s is s + 1 */
    size_t cap, count, grow_at;
    uint32_t mask, base, per;
};

static inline void limit_wden_init(struct limit_wden *tab, size_t cap,
                                   uint32_t per)
{
    *tab = (struct limit_wden){ .cell = limit_map(cap * sizeof *tab->cell),
                                .cap = cap,
                                .mask = (uint32_t)(cap - 1),
                                .per = per,
                                .grow_at = cap / per };
    tab->entry = limit_map((cap / per + 1) * sizeof *tab->entry);
}

static inline void limit_wden_fini(struct limit_wden *tab)
{
    limit_unmap(tab->cell, tab->cap * sizeof *tab->cell);
    limit_unmap(tab->entry, (tab->cap / tab->per + 1) * sizeof *tab->entry);
}

static __attribute__((noinline)) void limit_wden_grow(struct limit_wden *tab)
{
    struct limit_wden big;
    limit_wden_init(&big, tab->cap * 4, tab->per);
    memcpy(big.entry, tab->entry, (tab->count + 1) * sizeof *big.entry);
    for (size_t i = 0; i < tab->cap; i++) {
        uint32_t slot = (uint32_t)tab->cell[i] - tab->base;
        if ((uint32_t)tab->cell[i] <= tab->base)
            continue;
        uint32_t at = (uint32_t)(tab->cell[i] >> 32);
        while (big.cell[at & big.mask])
            at++;
        big.cell[at & big.mask] = (tab->cell[i] >> 32 << 32) | slot;
    }
    big.count = tab->count;
    limit_wden_fini(tab);
    *tab = big;
}

static inline void limit_wden_add(struct limit_wden *tab,
                                  const struct limit_key *key, int64_t val)
{
    for (uint32_t at = key->hash;; at++) {
        uint64_t *cell = &tab->cell[at & tab->mask];
        if ((uint32_t)*cell <= tab->base) {
            uint32_t slot = (uint32_t)++tab->count;
            tab->entry[slot] =
                (struct limit_word){ key->lo, key->hi, val, key->n, key->hash };
            *cell = (uint64_t)key->hash << 32 | (tab->base + slot);
            return;
        }
        struct limit_word *e = &tab->entry[(uint32_t)*cell - tab->base];
        if (*cell >> 32 == key->hash &&
            limit_key_same(key, e->lo, e->hi, e->n)) {
            e->count += val;
            return;
        }
    }
}

/* The first cell is a guess, taken without a branch (written as a condition,
 * gcc makes a jump of it, which costs a fresh table 40 %); a wrong guess and a
 * new key go the slow way. */
LIMIT_INLINE void limit_wden_group(struct limit_wden *tab,
                                   const struct limit_key *key, size_t n)
{
    uint32_t guess[LIMIT_GROUP];
    if (LIMIT_RARE(tab->count + n > tab->grow_at))
        limit_wden_grow(tab);
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&tab->cell[key[i].hash & tab->mask]);
    for (size_t i = 0; i < n; i++) {
        uint64_t cell = tab->cell[key[i].hash & tab->mask];
        uint32_t slot = (uint32_t)cell - tab->base;
        uint32_t good = (uint32_t)(cell >> 32 == key[i].hash) &
                        (uint32_t)(slot <= tab->count);
        guess[i] = slot & (0u - good);
        __builtin_prefetch(&tab->entry[guess[i]], 1);
    }
    for (size_t i = 0; i < n; i++) {
        struct limit_word *e = &tab->entry[guess[i]];
        if (__builtin_expect(
                limit_key_same(&key[i], e->lo, e->hi, e->n) && guess[i] > 0, 1))
            e->count++;
        else
            limit_wden_add(tab, &key[i], 1);
    }
}

static inline void limit_wden_reset(struct limit_wden *tab)
{
    tab->base += (uint32_t)tab->count;
    tab->count = 0;
}

/* --------------------------------------------------------- integers, inline */

#define LIMIT_NO_KEY INT64_MIN

struct limit_int {
    int64_t key, sum;
};

struct limit_iinl {
    struct limit_int *place; /* one more, at cap: the sum of LIMIT_NO_KEY */
    size_t cap, count, grow_at;
    uint32_t mask, per;
    bool has_no_key;
};

static inline void limit_iinl_init(struct limit_iinl *tab, size_t cap,
                                   uint32_t per)
{
    *tab = (struct limit_iinl){ .cap = cap,
                                .mask = (uint32_t)(cap - 1),
                                .per = per,
                                .grow_at = cap / per };
    tab->place = limit_map((cap + 1) * sizeof *tab->place);
    for (size_t i = 0; i < cap; i++)
        tab->place[i].key = LIMIT_NO_KEY;
}

static inline void limit_iinl_fini(struct limit_iinl *tab)
{
    limit_unmap(tab->place, (tab->cap + 1) * sizeof *tab->place);
}

LIMIT_INLINE uint32_t limit_int_hash(int64_t key)
{
    return (uint32_t)limit_mix((uint64_t)key, 0);
}

LIMIT_INLINE void limit_iinl_add(struct limit_iinl *tab, uint32_t hash,
                                 int64_t key, int64_t val)
{
    if (LIMIT_RARE(key == LIMIT_NO_KEY)) {
        tab->place[tab->cap].sum += val;
        tab->has_no_key = true;
        return;
    }
    for (uint32_t at = hash;; at++) {
        struct limit_int *e = &tab->place[at & tab->mask];
        if (__builtin_expect(e->key == key, 1)) {
            e->sum += val;
            return;
        }
        if (e->key == LIMIT_NO_KEY) {
            *e = (struct limit_int){ key, val };
            tab->count++;
            return;
        }
    }
}

static __attribute__((noinline)) void limit_iinl_grow(struct limit_iinl *tab)
{
    struct limit_iinl big;
    limit_iinl_init(&big, ((size_t)tab->mask + 1) * 4, tab->per);
    for (size_t i = 0; i <= tab->mask; i++) {
        const struct limit_int *e = &tab->place[i];
        if (e->key != LIMIT_NO_KEY)
            limit_iinl_add(&big, limit_int_hash(e->key), e->key, e->sum);
    }
    big.place[big.cap] = tab->place[tab->cap];
    big.has_no_key = tab->has_no_key;
    limit_iinl_fini(tab);
    *tab = big;
}

/* Empty, with the part of the places in use that the last keys need. */
static inline void limit_iinl_reset(struct limit_iinl *tab)
{
    tab->mask = limit_mask(tab->cap, tab->count, tab->per);
    tab->grow_at = ((size_t)tab->mask + 1) / tab->per;
    for (size_t i = 0; i <= tab->mask; i++)
        tab->place[i].key = LIMIT_NO_KEY;
    tab->place[tab->cap].sum = 0;
    tab->has_no_key = false;
    tab->count = 0;
}

/* Adds the values of n <= LIMIT_GROUP rows. */
LIMIT_INLINE void limit_iinl_group(struct limit_iinl *tab,
                                   const struct limit_int *row, size_t n)
{
    uint32_t hash[LIMIT_GROUP];
    if (LIMIT_RARE(tab->count + n > tab->grow_at))
        limit_iinl_grow(tab);
    for (size_t i = 0; i < n; i++) {
        hash[i] = limit_int_hash(row[i].key);
        __builtin_prefetch(&tab->place[hash[i] & tab->mask], 1);
    }
    for (size_t i = 0; i < n; i++)
        limit_iinl_add(tab, hash[i], row[i].key, row[i].sum);
}

/* ---------------------------------------------------------- integers, dense */

struct limit_iden {
    uint64_t *cell;
    struct limit_int *entry; /* entry[0] is a dummy */
    size_t cap, count, grow_at;
    uint32_t mask, per;
};

static inline void limit_iden_init(struct limit_iden *tab, size_t cap,
                                   uint32_t per)
{
    *tab = (struct limit_iden){ .cell = limit_map(cap * sizeof *tab->cell),
                                .cap = cap,
                                .mask = (uint32_t)(cap - 1),
                                .per = per,
                                .grow_at = cap / per };
    tab->entry = limit_map((cap / per + 1) * sizeof *tab->entry);
}

static inline void limit_iden_fini(struct limit_iden *tab)
{
    limit_unmap(tab->cell, tab->cap * sizeof *tab->cell);
    limit_unmap(tab->entry, (tab->cap / tab->per + 1) * sizeof *tab->entry);
}

static __attribute__((noinline)) void limit_iden_grow(struct limit_iden *tab)
{
    struct limit_iden big;
    limit_iden_init(&big, tab->cap * 4, tab->per);
    memcpy(big.entry, tab->entry, (tab->count + 1) * sizeof *big.entry);
    for (size_t i = 0; i < tab->cap; i++) {
        uint32_t at = (uint32_t)(tab->cell[i] >> 32);
        if (tab->cell[i] == 0)
            continue;
        while (big.cell[at & big.mask])
            at++;
        big.cell[at & big.mask] = tab->cell[i];
    }
    big.count = tab->count;
    limit_iden_fini(tab);
    *tab = big;
}

static inline void limit_iden_add(struct limit_iden *tab, uint32_t hash,
                                  int64_t key, int64_t val)
{
    for (uint32_t at = hash;; at++) {
        uint64_t *cell = &tab->cell[at & tab->mask];
        if (*cell == 0) {
            uint32_t slot = (uint32_t)++tab->count;
            tab->entry[slot] = (struct limit_int){ key, val };
            *cell = (uint64_t)hash << 32 | slot;
            return;
        }
        struct limit_int *e = &tab->entry[(uint32_t)*cell];
        if (*cell >> 32 == hash && e->key == key) {
            e->sum += val;
            return;
        }
    }
}

static inline void limit_iden_reset(struct limit_iden *tab)
{
    memset(tab->cell, 0, tab->cap * sizeof *tab->cell);
    tab->count = 0;
}

/* The number of a key's entry, from 1; a new one's sum is 0. Numbers stay. */
LIMIT_INLINE size_t limit_iden_slot(struct limit_iden *tab, int64_t key)
{
    const uint32_t hash = limit_int_hash(key);
    for (uint32_t at = hash;; at++) {
        const uint64_t cell = tab->cell[at & tab->mask];
        if (cell >> 32 == hash && cell != 0 &&
            tab->entry[(uint32_t)cell].key == key)
            return (uint32_t)cell;
        if (cell == 0)
            break;
    }
    if (LIMIT_RARE(tab->count + 1 > tab->grow_at))
        limit_iden_grow(tab);
    limit_iden_add(tab, hash, key, 0);
    return tab->count;
}

LIMIT_INLINE void limit_iden_group(struct limit_iden *tab,
                                   const struct limit_int *row, size_t n)
{
    uint32_t hash[LIMIT_GROUP], guess[LIMIT_GROUP];
    if (LIMIT_RARE(tab->count + n > tab->grow_at))
        limit_iden_grow(tab);
    for (size_t i = 0; i < n; i++) {
        hash[i] = limit_int_hash(row[i].key);
        __builtin_prefetch(&tab->cell[hash[i] & tab->mask]);
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t cell = tab->cell[hash[i] & tab->mask];
        guess[i] = (uint32_t)cell & (0u - (uint32_t)(cell >> 32 == hash[i]));
        __builtin_prefetch(&tab->entry[guess[i]], 1);
    }
    for (size_t i = 0; i < n; i++) {
        struct limit_int *e = &tab->entry[guess[i]];
        if (__builtin_expect(e->key == row[i].key && guess[i] > 0, 1))
            e->sum += row[i].sum;
        else
            limit_iden_add(tab, hash[i], row[i].key, row[i].sum);
    }
}

#endif
