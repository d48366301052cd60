/* data/tally.c - slots of a tally, and the passes over the keys of a group.
 * There is room for every key of a group to be new before a pass begins, so no
 * entry moves within one. Keys are made in tally_key.c, places in
 * tally_places.c. */
#include "data/tally.h"

#include <stdlib.h>
#include <string.h>

#include "data/tally_places.h"

enum {
    GROUP = 32,            /* wide keys sought at a time ... */
    AHEAD = 8,             /* ... and of long ones, their bytes */
    LARGE_BYTES = 1 << 20, /* of places, from which on they are fewer a key; */
    LARGE_BYTES_NUMBERS = 16 << 20, /* of numbers, steps cost twice as much */
    FRESH = 16, /* more of the words of a group than one in so many new */
    SLACK = RIV__SLACK,
    KEEP_BYTES = 1 << 20, /* of the arena, besides KEEP_BYTES_SLOT a slot */
    KEEP_BYTES_SLOT = 256,
    ACC_BYTES = 8, /* of counts, sums, and numbers of far accumulators */
};

static int far_room(struct riv_tally *tab, size_t keys)
{
    const size_t need = (tab->nslot + keys) * tab->acc_bytes;
    if (tab->near_bytes == tab->acc_bytes || need <= tab->far_cap)
        return 0;
    char *far = realloc(tab->far, 2 * need + SLACK);
    if (!far)
        return RIV_ENOMEM;
    tab->far = far;
    tab->far_cap = 2 * need;
    return 0;
}

/* For as many keys as the places take before these grow, too. */
static int order_grow(struct riv_tally *tab)
{
    const size_t cap = (size_t)tab->word.grow_at + tab->wide.grow_at;
    uint32_t *order = NULL;
    if (cap <= RIV__TALLY_SLOTS_MAX)
        order = realloc(tab->order, cap * sizeof *order);
    if (!order)
        return RIV_ENOMEM;
    tab->order = order;
    tab->order_cap = cap;
    return 0;
}

/* Room for all keys of a group to be new. */
static int room_make(struct riv_tally *tab, const struct riv_keys *keys)
{
    const uint32_t n = keys->nword + keys->nwide;
    tab->group = RIV__MAX(tab->group, n);
    if (RIV__RARELY(tab->word.used + keys->nword > tab->word.grow_at))
        RIV__TRY(
            riv__places_grow(tab, &tab->word, tab->word.used + keys->nword));
    if (RIV__RARELY(tab->wide.used + keys->nwide > tab->wide.grow_at))
        RIV__TRY(
            riv__places_grow(tab, &tab->wide, tab->wide.used + keys->nwide));
    if (RIV__RARELY(tab->nslot + n > tab->order_cap))
        RIV__TRY(order_grow(tab));
    return far_room(tab, n);
}

/* ------------------------------------------------------------ a new key */

static __attribute__((noinline)) int wide_add(struct riv_tally *tab,
                                              struct riv_keys *keys, uint32_t i,
                                              uint32_t at)
{
    struct riv_places *p = &tab->wide;
    struct riv_wide_key key = keys->wide[i];
    const uint32_t row = keys->wide_row[i];
    key.hash = keys->has_part ? keys->part[row]
                              : (uint32_t)(riv__wide_key_part(&key) >> 32);
    if (key.n > RIV__KEY_SHORT) {
        char *own = riv__arena_bytes(&tab->bytes, key.n);
        if (!own)
            return RIV_ENOMEM;
        memcpy(own, riv__wide_key_long(key.lo), key.n);
        key.lo = (uint64_t)(uintptr_t)own;
    }
    key.n++;
    memcpy(p->at + (size_t)at * p->entry_bytes, &key, sizeof key);
    p->used++;
    tab->order[tab->nslot++] = at * 2 | 1;
    keys->new_row[keys->nnew++] = row;
    return 0;
}

/* New keys get numbers for their accumulators. */
static void far_add(struct riv_tally *tab, uint32_t first)
{
    const size_t bytes = tab->acc_bytes;
    for (uint64_t slot = first; slot < tab->nslot; slot++) {
        const uint32_t at = tab->order[slot];
        const struct riv_places *p = at & 1 ? &tab->wide : &tab->word;
        memcpy(p->at + (size_t)(at >> 1) * p->entry_bytes + p->head_bytes,
               &slot, sizeof slot);
        memset(tab->far + slot * bytes, 0, bytes);
    }
}

/* Words have been added before wide keys; the order of arrival is that of their
 * rows. Both are ascending in themselves: from the end, the few wide keys go in
 * between the many words. */
static void order_merge(struct riv_tally *tab, const struct riv_keys *keys,
                        uint32_t first, uint32_t nword)
{
    uint32_t wide[RIV__KEYS_MAX], w = nword, k = keys->nnew - nword;
    uint32_t *order = tab->order + first, to = keys->nnew;
    memcpy(wide, order + nword, k * sizeof *wide);
    while (k > 0) {
        const uint32_t row = keys->new_row[nword + k - 1];
        while (w > 0 && keys->new_row[w - 1] > row)
            order[--to] = order[--w];
        order[--to] = wide[--k];
    }
}

/* ---------------------------------------------------------------- passes */

enum how { HOW_COUNT, HOW_ADD, HOW_FIND };

struct pass {
    const char *vals; /* HOW_ADD */
    size_t stride;
    void **acc; /* HOW_FIND */
};

static inline __attribute__((always_inline)) void touch(enum how how,
                                                        const struct pass *pass,
                                                        char *acc, uint32_t row)
{
    uint64_t v = 1;
    if (how == HOW_FIND) {
        pass->acc[row] = acc;
        return;
    }
    if (how == HOW_ADD)
        v = riv__load8(pass->vals + row * pass->stride);
    v += riv__load8(acc);
    memcpy(acc, &v, sizeof v);
}

/* Where the word is, or would be put. `fresh`: both at once, in a way that the
 * compiler does not make two jumps of. */
static inline uint32_t word_place(const struct riv_places *p, size_t bytes,
                                  uint32_t at, uint64_t word, bool fresh)
{
    for (;; at++) {
        const uint64_t has = riv__load8(p->at + (at & p->mask) * bytes);
        const bool here =
            fresh ? RIV__MIN(has, has ^ word) == 0 : has == word || has == 0;
        if (RIV__LIKELY(here))
            return at & p->mask;
    }
}

/* `fresh`: many words are new, no branch could be foreseen. Then each is written
 * as if it were new, and what counts is which number goes up. */
static inline __attribute__((always_inline)) void words_pass(
    struct riv_tally *tab, struct riv_keys *keys, enum how how,
    const struct pass *pass, bool in_order, bool fresh)
{
    const struct riv_places places = tab->word; /* stays in registers */
    const uint32_t n = keys->nword;
    const size_t bytes =
        how == HOW_FIND ? tab->word.entry_bytes : sizeof(uint64_t) + ACC_BYTES;
    uint32_t *const order = tab->order + tab->nslot;
    uint32_t nnew = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t word = keys->word[i];
        const uint32_t row = in_order ? i : keys->word_row[i];
        const uint32_t at =
            word_place(&places, bytes, keys->hash[i], word, fresh);
        char *entry = places.at + at * bytes;
        const bool is_new = riv__load8(entry) == 0;
        if (fresh | is_new) {
            memcpy(entry, &word, sizeof word);
            order[nnew] = at * 2;
            keys->new_row[nnew] = row;
            nnew += is_new;
        }
        touch(how, pass, entry + sizeof(uint64_t), row);
    }
    keys->nnew = nnew;
    tab->nslot += nnew;
    tab->word.used += nnew;
    tab->fresh = nnew > n / FRESH;
}

/* More than 16 bytes, 16 at a time; the last 16 may have been looked at. */
static inline bool long_equal(const char *a, const char *b, size_t n)
{
    const size_t last = n - RIV__KEY_SHORT;
    uint64_t differ = (riv__load8(a + last) ^ riv__load8(b + last)) |
                      (riv__load8(a + last + 8) ^ riv__load8(b + last + 8));
    for (size_t i = 0; i < last && differ == 0; i += RIV__KEY_SHORT)
        differ = (riv__load8(a + i) ^ riv__load8(b + i)) |
                 (riv__load8(a + i + 8) ^ riv__load8(b + i + 8));
    return differ == 0;
}

static inline bool wide_equal(const struct riv_wide_key *has,
                              const struct riv_wide_key *key)
{
    if (has->n - 1 != key->n || has->hi != key->hi)
        return false;
    if (has->lo == key->lo)
        return true;
    return key->n > RIV__KEY_SHORT &&
           long_equal(riv__wide_key_long(has->lo), riv__wide_key_long(key->lo),
                      key->n);
}

/* Asks for the bytes of a long key that has been at its place before. */
static inline void ask_bytes(const char *entry)
{
    const struct riv_wide_key *has = (const void *)entry;
    if (has->n > RIV__KEY_SHORT + 1) {
        __builtin_prefetch(riv__wide_key_long(has->lo));
        __builtin_prefetch(riv__wide_key_long(has->lo) + has->n - 2);
    }
}

static inline __attribute__((always_inline)) int wides_pass(
    struct riv_tally *tab, struct riv_keys *keys, enum how how,
    const struct pass *pass)
{
    char *const places = tab->wide.at;
    const uint32_t mask = tab->wide.mask, n = keys->nwide;
    const size_t bytes = tab->wide.entry_bytes;
    for (uint32_t i = 0, ahead = 0; i < n; i++) {
        for (; ahead < n && ahead < i + GROUP; ahead++)
            __builtin_prefetch(places + (keys->wide[ahead].hash & mask) * bytes,
                               1);
        if (i + AHEAD < n)
            ask_bytes(places + (keys->wide[i + AHEAD].hash & mask) * bytes);
        const struct riv_wide_key *key = &keys->wide[i];
        char *entry;
        for (uint32_t at = key->hash;; at++) {
            entry = places + (at & mask) * bytes;
            const struct riv_wide_key *has = (const void *)entry;
            if (RIV__LIKELY(wide_equal(has, key)))
                break;
            if (has->n == 0) {
                RIV__TRY(wide_add(tab, keys, i, at & mask));
                break;
            }
        }
        touch(how, pass, entry + sizeof *key, keys->wide_row[i]);
    }
    return 0;
}

static inline __attribute__((always_inline)) void words_pass_as(
    struct riv_tally *tab, struct riv_keys *keys, enum how how,
    const struct pass *pass, bool in_order)
{
    if (tab->fresh)
        words_pass(tab, keys, how, pass, in_order, true);
    else
        words_pass(tab, keys, how, pass, in_order, false);
}

static inline __attribute__((always_inline)) int passes(struct riv_tally *tab,
                                                        struct riv_keys *keys,
                                                        enum how how,
                                                        const struct pass *pass)
{
    const uint32_t first = tab->nslot;
    keys->nnew = 0;
    RIV__TRY(room_make(tab, keys));
    if (keys->in_order)
        words_pass_as(tab, keys, how, pass, true);
    else
        words_pass_as(tab, keys, how, pass, false);
    const uint32_t nword = keys->nnew;
    const int rc = keys->nwide ? wides_pass(tab, keys, how, pass) : 0;
    if (RIV__RARELY(tab->near_bytes != tab->acc_bytes))
        far_add(tab, first);
    if (nword > 0 && keys->nnew > nword)
        order_merge(tab, keys, first, nword);
    return rc;
}

int riv__tally_count(struct riv_tally *tab, struct riv_keys *keys)
{
    return passes(tab, keys, HOW_COUNT, NULL);
}

int riv__tally_add_i64(struct riv_tally *tab, struct riv_keys *keys,
                       const char *vals, size_t stride)
{
    const struct pass pass = { .vals = vals, .stride = stride };
    return passes(tab, keys, HOW_ADD, &pass);
}

int riv__tally_find(struct riv_tally *tab, struct riv_keys *keys, void **acc,
                    uint64_t *fresh)
{
    const struct pass pass = { .acc = acc };
    RIV__TRY(passes(tab, keys, HOW_FIND, &pass));
    memset(fresh, 0, RIV__KEYS_MAX / 8);
    for (uint32_t i = 0; i < keys->nnew; i++)
        fresh[keys->new_row[i] / 64] |= UINT64_C(1) << keys->new_row[i] % 64;
    if (tab->near_bytes == tab->acc_bytes)
        return 0;
    const uint32_t n = keys->nword + keys->nwide;
    for (uint32_t i = 0; i < n; i++)
        acc[i] = tab->far + riv__load8(acc[i]) * tab->acc_bytes;
    return 0;
}

/* ------------------------------------------------------------- the contract */

void riv__tally_init(struct riv_tally *tab, const struct riv_layout *key,
                     uint32_t acc_bytes)
{
    const uint32_t near = acc_bytes > RIV__TALLY_NEAR ? ACC_BYTES : acc_bytes;
    const uint32_t room =
        (uint32_t)RIV__ALIGN_UP(RIV__MAX(near, (uint32_t)ACC_BYTES), 8);
    *tab = (struct riv_tally){
        .key = key,
        .class = riv__key_class(key),
        .key_offset = key->nleaf == 1 ? key->leaf->offset : 0,
        .acc_bytes = acc_bytes,
        .near_bytes = near,
        .word = { .head_bytes = 8, .entry_bytes = 8 + room },
        .wide = { .head_bytes = sizeof(struct riv_wide_key),
                  .entry_bytes = sizeof(struct riv_wide_key) + room },
    };
    tab->word.large_bytes = riv__key_class_is_number(tab->class)
                                ? LARGE_BYTES_NUMBERS
                                : LARGE_BYTES;
    tab->wide.large_bytes = LARGE_BYTES;
    riv__arena_init(&tab->bytes, 4096);
}

void riv__tally_fini(struct riv_tally *tab)
{
    riv__places_fini(&tab->word);
    riv__places_fini(&tab->wide);
    free(tab->order);
    free(tab->far);
    riv__arena_fini(&tab->bytes);
    *tab = (struct riv_tally){ 0 };
}

void riv__tally_reset(struct riv_tally *tab)
{
    tab->peak = RIV__MAX(tab->nslot, tab->peak - tab->peak / 8);
    riv__places_reset(tab, &tab->word);
    riv__places_reset(tab, &tab->wide);
    tab->nslot = tab->group = 0;
    riv__arena_reset(&tab->bytes,
                     KEEP_BYTES + (size_t)tab->peak * KEEP_BYTES_SLOT);
}

void riv__keys_fini(struct riv_keys *keys)
{
    free(keys->scratch);
    keys->scratch = NULL;
    keys->scratch_cap = 0;
}

static inline uint32_t part_of(const struct riv_tally *tab, uint32_t slot,
                               uint32_t nparts)
{
    const char *entry = riv__tally_entry(tab, slot);
    const uint64_t hash =
        tab->order[slot] & 1
            ? (uint64_t)((const struct riv_wide_key *)(const void *)entry)->hash
                  << 32
            : riv__word_key_part(tab, riv__load8(entry));
    return riv__hash_part(hash, nparts);
}

void riv__tally_by_part(const struct riv_tally *tab, uint32_t first, uint32_t n,
                        const struct riv_tally_parts *parts)
{
    const uint32_t nparts = parts->nparts;
    uint32_t *start = parts->start, *part = parts->scratch;
    memset(start, 0, ((size_t)nparts + 1) * sizeof *start);
    for (uint32_t i = 0; i < n; i++) {
        if (i + RIV__TALLY_AHEAD < n)
            __builtin_prefetch(
                riv__tally_entry(tab, first + i + RIV__TALLY_AHEAD));
        part[i] = part_of(tab, first + i, nparts);
        start[part[i] + 1]++;
    }
    for (uint32_t p = 0; p < nparts; p++)
        start[p + 1] += start[p];
    for (uint32_t i = 0; i < n; i++)
        parts->order[start[part[i]]++] = first + i;
    for (uint32_t p = nparts; p > 0; p--) /* each has become the next's */
        start[p] = start[p - 1];
    start[0] = 0;
}
