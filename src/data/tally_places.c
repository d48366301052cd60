/* data/tally_places.c - places of a tally: how many there are for how many keys,
 * their memory, and growth. A large table has addresses for several times its
 * size from the beginning. When it grows, entries stay in their half or go over to
 * the new one, so no byte is touched that the grown table does not need. Used by
 * tally.c. */
#include "data/tally_places.h"

#include <stdlib.h>
#include <string.h>

#include "base/pages.h"

enum {
    PLACES_MIN = 256,
    SPREAD = 4,         /* places for each key, while they are few ... */
    SPREAD_LARGE = 2,   /* ... and beyond, where misses and memory that is
                         touched for the first time cost more than steps */
    GROW = 4,           /* by so many times ... */
    GROW_LARGE = 2,     /* ... and beyond */
    STRIP = PLACES_MIN, /* places looked through at a time */
    PLACES_MAX = 1 << 30,
    CLEAR_SINGLY = 16, /* fewer keys than one in so many places */
    SLACK = RIV__SLACK,
    ACC_BYTES = 8, /* of counts and sums, which most entries have */
};

static uint32_t grow_at(const struct riv_places *p, uint32_t places)
{
    const bool large = (size_t)places * p->entry_bytes > p->large_bytes;
    return places / (large ? SPREAD_LARGE : SPREAD);
}

static void places_use(struct riv_places *p, uint32_t places)
{
    p->mask = places - 1;
    p->grow_at = grow_at(p, places);
}

/* The places that `keys` keys want. */
static uint32_t places_for(const struct riv_places *p, uint32_t keys)
{
    uint32_t places = PLACES_MIN;
    while (grow_at(p, places) < keys && places < PLACES_MAX)
        places *= 2;
    return places;
}

/* The same entries at the begin of larger memory, which is zero bytes behind
 * them. */
static int places_alloc(struct riv_places *p, uint32_t places)
{
    const size_t bytes = (size_t)places * p->entry_bytes;
    struct riv_pages pages;
    if (riv__pages_reserve(&pages, bytes + SLACK) < 0)
        return RIV_ENOMEM;
    if (p->used > 0)
        memcpy(pages.at, p->at, ((size_t)p->mask + 1) * p->entry_bytes);
    riv__pages_release(&p->pages);
    p->pages = pages;
    p->at = pages.at;
    return 0;
}

static inline uint32_t entry_hash(const char *entry, bool wide)
{
    if (!wide)
        return riv__keys_hash(riv__load8(entry));
    const struct riv_wide_key *key = (const void *)entry;
    return riv__wide_key_hash(key->lo, key->hi, key->n - 1);
}

/* A growth under way. */
struct moving {
    char *at;
    uint32_t from, to; /* places before and then */
    uint32_t *went;    /* of each old place: where its entry is now */
    char *late;        /* entries that go in last, and their old places */
    uint32_t *late_from;
    uint32_t nlate;
};

/* The entry of a place that has been looked through, put where it is found from
 * now on. All places from its home up to its own have been, too, so it goes there
 * or before, or to the new half. What would begin again at place 0, where entries
 * may still go away, waits. */
static inline __attribute__((always_inline)) void entry_move(struct moving *m,
                                                             uint32_t place,
                                                             size_t bytes,
                                                             bool wide)
{
    char *const old = m->at + place * bytes;
    char entry[sizeof(struct riv_wide_key) + RIV__TALLY_NEAR];
    memcpy(entry, old, bytes);
    memset(old, 0, bytes);
    uint32_t at = entry_hash(entry, wide) & (m->to - 1);
    while (at < m->to && !riv__entry_is_free(m->at + at * bytes, wide))
        at++;
    if (RIV__RARELY(at == m->to)) {
        m->late_from[m->nlate] = place;
        memcpy(m->late + m->nlate++ * bytes, entry, bytes);
        return;
    }
    memcpy(m->at + at * bytes, entry, bytes);
    m->went[place] = at;
}

static void late_move(struct moving *m, size_t bytes, bool wide)
{
    for (uint32_t i = 0; i < m->nlate; i++) {
        const char *entry = m->late + i * bytes;
        uint32_t at = entry_hash(entry, wide) & (m->to - 1);
        while (!riv__entry_is_free(m->at + at * bytes, wide))
            at = (at + 1) & (m->to - 1);
        memcpy(m->at + at * bytes, entry, bytes);
        m->went[m->late_from[i]] = at;
    }
}

/* Place by place, from behind a free one on, so that nothing stands before its
 * home. Memory is read and written in order. Which places are in use cannot be
 * foreseen, hence no jump on it. */
static inline __attribute__((always_inline)) void entries_move(struct moving *m,
                                                               size_t bytes,
                                                               bool wide)
{
    uint32_t first = 0;
    while (!riv__entry_is_free(m->at + first * bytes, wide))
        first++; /* there is one: tables are at most half full */
    for (uint32_t k = 0; k < m->from; k += STRIP) {
        uint32_t used[STRIP], n = 0;
        for (uint32_t i = 0; i < STRIP; i++) {
            used[n] = (first + k + i) & (m->from - 1);
            n += !riv__entry_is_free(m->at + used[n] * bytes, wide);
        }
        for (uint32_t i = 0; i < n; i++)
            entry_move(m, used[i], bytes, wide);
    }
    late_move(m, bytes, wide);
}

static void order_follow(struct riv_tally *tab, const uint32_t *went,
                         uint32_t kind)
{
    for (uint32_t slot = 0; slot < tab->nslot; slot++) {
        uint32_t *order = &tab->order[slot];
        if ((*order & 1) == kind)
            *order = went[*order >> 1] * 2 | kind;
    }
}

static int entries_spread(struct riv_tally *tab, struct riv_places *p,
                          uint32_t places)
{
    const size_t bytes = p->entry_bytes;
    const bool wide = p == &tab->wide;
    struct moving m = { .at = p->at, .from = p->mask + 1, .to = places };
    const size_t went = (size_t)m.from * sizeof *m.went;
    const size_t late = (size_t)p->used * sizeof *m.late_from;
    m.went = malloc(went + late + p->used * bytes); /* hardly touched */
    if (!m.went)
        return RIV_ENOMEM;
    m.late_from = m.went + m.from;
    m.late = (char *)(m.late_from + p->used);
    if (!wide && bytes == sizeof(uint64_t) + ACC_BYTES)
        entries_move(&m, sizeof(uint64_t) + ACC_BYTES, false);
    else if (wide && bytes == sizeof(struct riv_wide_key) + ACC_BYTES)
        entries_move(&m, sizeof(struct riv_wide_key) + ACC_BYTES, true);
    else
        entries_move(&m, bytes, wide);
    order_follow(tab, m.went, wide);
    free(m.went);
    return 0;
}

int riv__places_grow(struct riv_tally *tab, struct riv_places *p, uint32_t keys)
{
    const size_t bytes = ((size_t)p->mask + 1) * p->entry_bytes;
    const uint32_t times = bytes < p->large_bytes ? GROW : GROW_LARGE;
    uint32_t places = places_for(p, keys);
    if (p->cap > 0)
        places = RIV__MAX(places, (p->mask + 1) * times);
    if (places > PLACES_MAX)
        return RIV_ENOMEM;
    if ((size_t)places * p->entry_bytes + SLACK > p->pages.bytes)
        RIV__TRY(places_alloc(p, places));
    if (p->used > 0)
        RIV__TRY(entries_spread(tab, p, places));
    p->cap = RIV__MAX(p->cap, places);
    places_use(p, places);
    return 0;
}

/* Few keys are cleared one by one, many with all places between them. */
static void places_clear(const struct riv_tally *tab, struct riv_places *p)
{
    const size_t bytes = p->entry_bytes;
    const uint32_t kind = p == &tab->wide;
    if (p->used >= p->mask / CLEAR_SINGLY) {
        memset(p->at, 0, ((size_t)p->mask + 1) * bytes);
        return;
    }
    for (uint32_t slot = 0; slot < tab->nslot; slot++)
        if ((tab->order[slot] & 1) == kind)
            memset(p->at + (tab->order[slot] >> 1) * bytes, 0, bytes);
}

void riv__places_reset(const struct riv_tally *tab, struct riv_places *p)
{
    if (p->cap == 0)
        return;
    if (p->used > 0)
        places_clear(tab, p);
    const uint32_t share =
        (uint32_t)((uint64_t)tab->peak * p->used / RIV__MAX(tab->nslot, 1u));
    const uint32_t places = places_for(p, share + share / 8 + tab->group);
    p->used = 0;
    if (places < p->cap / 4)
        riv__places_fini(p);
    else
        places_use(p, RIV__MIN(places, p->cap));
}

void riv__places_fini(struct riv_places *p)
{
    riv__pages_release(&p->pages);
    *p = (struct riv_places){ .head_bytes = p->head_bytes,
                              .entry_bytes = p->entry_bytes,
                              .large_bytes = p->large_bytes };
}
