/* data/table.c - the table: entries, growth, and the passes over a group of
 * probes. Keys are made in table_key.c, cells are found in table_index.h. The
 * passes are apart so that the misses of a group overlap: "Improving Hash Join
 * Performance through Prefetching", ICDE 2004. */
#include "data/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/pages.h"
#include "data/encode.h"
#include "data/hash.h"
#include "data/table_key.h"

enum {
    SHORT = 16, /* bytes of a key that are in its entry */
    SMALL_BYTES = 256 << 10,
    FRESH_BYTES = 128, /* of an entry that may be written in vain */
    FRESH_ABOVE = 4,   /* a quarter of the last group was new */
    SLOTS_MIN = 48,
    SLACK = RIV__SLACK,   /* readable after the last entry: keys are strings */
    KEEP_BYTES = 1 << 20, /* of the arena, besides KEEP_BYTES_SLOT a slot */
    KEEP_BYTES_SLOT = 256,
};

/* ---- entries */

static size_t entries_bytes(const struct riv_table *tab, uint32_t cap)
{
    return ((size_t)cap + 1) * tab->entry_bytes + RIV__CACHE_LINE + SLACK;
}

/* The dummy before slot 0: no key is that long, so it equals none. Numbers
 * have no length; their comparison looks at the guess. */
static void put_dummy(struct riv_table *tab)
{
    memset(tab->entry - tab->entry_bytes, 0xff, tab->entry_bytes);
}

/* Entries begin with a cache line, so that those of 16, 32 and 64 bytes never
 * need two. Many of them lie in large pages, whose whole room they use. */
static int entries_resize(struct riv_table *tab, uint32_t cap)
{
    const size_t bytes = riv__pages_room(entries_bytes(tab, cap));
    const size_t most = (bytes - entries_bytes(tab, 0)) / tab->entry_bytes;
    char *mem = riv__pages_alloc(bytes);
    if (!mem)
        return RIV_ENOMEM;
    const size_t skip =
        RIV__ALIGN_UP((uintptr_t)mem, RIV__CACHE_LINE) - (uintptr_t)mem;
    char *entry = mem + skip + tab->entry_bytes;
    if (tab->nslot > 0)
        memcpy(entry, tab->entry, (size_t)tab->nslot * tab->entry_bytes);
    free(tab->entry_mem);
    tab->entry_mem = mem;
    tab->entry = entry;
    tab->slot_cap = (uint32_t)RIV__MIN(most, (size_t)tab->slot_max);
    put_dummy(tab);
    return 0;
}

static int entries_grow(struct riv_table *tab, uint32_t need)
{
    if (need > tab->slot_max)
        return RIV_ENOMEM;
    uint32_t cap = RIV__MAX(need, 2 * tab->slot_cap);
    return entries_resize(tab, RIV__MIN(cap, tab->slot_max));
}

/* ---- the index, as far as it needs keys */

static struct riv_key *key_at(const struct riv_table *tab, uint32_t slot)
{
    return (struct riv_key *)(void *)riv__table_entry(tab, slot);
}

static void index_again(struct riv_table *tab)
{
    uint32_t tag[RIV__PROBE_GROUP], mask = tab->index.mask;
    for (uint32_t at = 0, n; at < tab->nslot; at += n) {
        n = RIV__MIN(tab->nslot - at, (uint32_t)RIV__PROBE_GROUP);
        for (uint32_t i = 0; i < n; i++) {
            tag[i] = (uint32_t)riv__key_hash(tab, key_at(tab, at + i));
            __builtin_prefetch(&tab->index.cell[tag[i] & mask], 1);
        }
        for (uint32_t i = 0; i < n; i++)
            *riv__index_free(&tab->index, tag[i]) =
                riv__index_cell(mask, tag[i], at + i);
    }
}

/* An index that cannot grow goes on, slower, until it is really full. */
static int index_grow(struct riv_table *tab, uint32_t nslot)
{
    uint32_t cells = riv__index_cells(nslot);
    if (riv__index_resize(&tab->index, cells, false) == 0)
        index_again(tab);
    return riv__index_has_room(&tab->index, nslot) ? 0 : RIV_ENOMEM;
}

static int room_for_one(struct riv_table *tab)
{
    if (tab->nslot >= tab->slot_cap)
        RIV__TRY(entries_grow(tab, tab->nslot + 1));
    if (tab->nslot >= tab->index.grow_at)
        RIV__TRY(index_grow(tab, tab->nslot + 1));
    return 0;
}

/* ---- one key at a time: what the passes below leave over */

static inline bool key_equal(const struct riv_table *tab,
                             const struct riv_key *key,
                             const struct riv_probe *probe)
{
    if (riv__key_is_number(tab))
        return key->lo == probe->lo;
    if (key->n != probe->n || key->hi != probe->hi)
        return false;
    if (probe->n <= SHORT)
        return key->lo == probe->lo;
    return memcmp(riv__key_long(key->lo), riv__key_long(probe->lo), probe->n) ==
           0;
}

/* Head of a short key and a value of zeros; `bytes` in all. */
static inline void put_entry(void *entry, const struct riv_probe *probe,
                             size_t bytes, bool number)
{
    struct riv_key *key = entry;
    size_t at =
        number ? offsetof(struct riv_key, hi) : offsetof(struct riv_key, hash);
    key->lo = probe->lo;
    if (!number) {
        key->hi = probe->hi;
        key->n = probe->n;
        key->part = (uint32_t)(probe->hash >> 32);
    }
    for (; at < bytes; at += 8)
        memset((char *)entry + at, 0, 8);
}

static inline int add(struct riv_table *tab, const struct riv_probe *probe,
                      uint32_t *cell, uint32_t *slot)
{
    uint32_t tag = (uint32_t)probe->hash;
    if (RIV__RARELY(tab->nslot >= tab->slot_cap ||
                    tab->nslot >= tab->index.grow_at)) {
        RIV__TRY(room_for_one(tab));
        cell = riv__index_free(&tab->index, tag);
    }
    struct riv_key *key = key_at(tab, tab->nslot);
    bool number = riv__key_is_number(tab);
    put_entry(key, probe, tab->entry_bytes, number);
    if (!number && probe->n > SHORT) {
        key->lo = (uint64_t)(uintptr_t)riv__key_own(tab, probe);
        if (!key->lo)
            return RIV_ENOMEM;
    }
    if (tab->class == RIV__KEY_ENCODED)
        key->hash = probe->hash;
    *cell = riv__index_cell(tab->index.mask, tag, tab->nslot);
    *slot = tab->nslot++;
    return 0;
}

static __attribute__((noinline)) int find_or_add(struct riv_table *tab,
                                                 const struct riv_probe *probe,
                                                 uint32_t *slot)
{
    uint32_t tag = (uint32_t)probe->hash, mask = tab->index.mask;
    uint32_t *cell = &tab->index.cell[tag & mask];
    for (uint32_t k = 1; *cell != 0; k++) {
        uint32_t found = (*cell & mask) - 1;
        if (((*cell ^ tag) & ~mask) == 0 &&
            key_equal(tab, key_at(tab, found), probe)) {
            *slot = found;
            return 0;
        }
        cell = &tab->index.cell[riv__index_place(mask, tag, k)];
    }
    return add(tab, probe, cell, slot);
}

/* ---- the passes over a group */

/* Whether index and entries are likely to be in the second cache. */
static bool is_small(const struct riv_table *tab)
{
    return (size_t)tab->nslot * tab->entry_bytes +
               (size_t)tab->index.mask * sizeof *tab->index.cell <
           SMALL_BYTES;
}

/* Which entry each key is compared with first: one that the line's tags allow.
 * All are compared at once: a look at one after the other is a branch, which
 * would be mispredicted for every fourth key. */
static inline __attribute__((always_inline)) void guess(
    const struct riv_table *tab, struct riv_probe *probe, size_t n)
{
    const struct riv_index index = tab->index; /* stays in registers */
    const char *entry = tab->entry - tab->entry_bytes;
    const size_t bytes = tab->entry_bytes;
    for (size_t i = 0; i < n; i++) {
        probe[i].guess = riv__index_guess(&index, (uint32_t)probe[i].hash);
        __builtin_prefetch(entry + probe[i].guess * bytes, 1);
    }
}

/* 0 when the entry has the key; numbers have no more than one word. */
static inline uint64_t differ(const struct riv_key *key,
                              const struct riv_probe *probe, bool number)
{
    uint64_t words = key->lo ^ probe->lo;
    if (!number)
        words |= (key->hi ^ probe->hi) | (key->n ^ probe->n);
    return words;
}

/* A long key is the same when its hash, its length and its bytes are. */
static inline bool is_long_hit(const struct riv_key *key,
                               const struct riv_probe *probe)
{
    return probe->n > SHORT && key->n == probe->n && key->hi == probe->hi &&
           memcmp(riv__key_long(key->lo), riv__key_long(probe->lo), probe->n) ==
               0;
}

static inline bool is_hit(const struct riv_key *key,
                          const struct riv_probe *probe, uint32_t found,
                          bool number)
{
    return differ(key, probe, number) == 0 && (!number || found != 0);
}

/* `direct`: the table is small, so that the cell is read here and not in a
 * pass of its own. */
static inline __attribute__((always_inline)) int settle(
    struct riv_table *tab, const struct riv_probe *probe, size_t n,
    uint32_t *slot, bool number, bool direct)
{
    struct riv_index index = tab->index; /* stays in registers */
    const char *entry = tab->entry - tab->entry_bytes;
    size_t bytes = tab->entry_bytes;
    for (size_t i = 0; i < n; i++) {
        uint32_t found =
            direct ? index.cell[probe[i].hash & index.mask] & index.mask
                   : probe[i].guess;
        const struct riv_key *key = (const void *)(entry + found * bytes);
        if (RIV__LIKELY(is_hit(key, &probe[i], found, number)) ||
            (!number && is_long_hit(key, &probe[i]))) {
            slot[i] = found - 1;
            continue;
        }
        RIV__TRY(find_or_add(tab, &probe[i], &slot[i]));
        entry = tab->entry - tab->entry_bytes;
        index = tab->index;
    }
    return 0;
}

/* The same for a group that may bring many new keys, while the table is small:
 * there the branch on that would cost more than all else. What a new key needs
 * is always written, but to waste when the key is there; only what collides
 * twice takes a branch. The caller has seen to room for n slots. */
static inline __attribute__((always_inline)) int settle_fresh(
    struct riv_table *tab, const struct riv_probe *probe, size_t n,
    uint32_t *slot, bool number)
{
    uint32_t *cells = tab->index.cell, mask = tab->index.mask;
    uint32_t nslot = tab->nslot, waste_cell;
    char *entry = tab->entry - tab->entry_bytes;
    size_t bytes = tab->entry_bytes;
    uint64_t waste[FRESH_BYTES / 8];
    for (size_t i = 0; i < n; i++) {
        uint32_t tag = (uint32_t)probe[i].hash, at = tag & mask;
        uint32_t is_second = cells[at] != 0 && (cells[at] ^ tag) & ~mask;
        at ^= is_second;
        uint32_t cell = cells[at];
        uint32_t found = cell ? cell & mask : nslot + 1;
        uint64_t *key = (uint64_t *)(void *)(entry + found * bytes);
        uint64_t other = differ((const void *)key, &probe[i], number);
        if (RIV__RARELY((other & -(uint64_t)(cell != 0)) ||
                        (!number && probe[i].n > SHORT))) {
            tab->nslot = nslot;
            RIV__TRY(find_or_add(tab, &probe[i], &slot[i]));
            nslot = tab->nslot;
            continue;
        }
        put_entry(cell ? waste : key, &probe[i], bytes, number);
        *(cell ? &waste_cell : &cells[at]) = (tag & ~mask) | found;
        nslot += !cell;
        slot[i] = found - 1;
    }
    tab->nslot = nslot;
    return 0;
}

static bool is_fresh(const struct riv_table *tab, size_t n)
{
    return tab->nfresh > n / FRESH_ABOVE && is_small(tab) &&
           tab->entry_bytes <= FRESH_BYTES && tab->class != RIV__KEY_ENCODED &&
           tab->nslot + n <= tab->slot_cap &&
           tab->nslot + n <= tab->index.grow_at;
}

/* The passes that suit the table's size and what the last group brought. */
static inline __attribute__((always_inline)) int probe_group(
    struct riv_table *tab, struct riv_probe *probe, size_t n, uint32_t *slot,
    bool number)
{
    if (is_fresh(tab, n))
        return settle_fresh(tab, probe, n, slot, number);
    if (is_small(tab))
        return settle(tab, probe, n, slot, number, true);
    guess(tab, probe, n);
    return settle(tab, probe, n, slot, number, false);
}

static int probe_all(struct riv_table *tab, struct riv_probe *probe, size_t n,
                     uint32_t *slot)
{
    uint32_t was = tab->nslot;
    int rc = riv__key_is_number(tab) ? probe_group(tab, probe, n, slot, true)
                                     : probe_group(tab, probe, n, slot, false);
    tab->nfresh = tab->nslot - was;
    return rc;
}

/* ---- the contract */

int riv__table_init(struct riv_table *tab, const struct riv_layout *key,
                    uint32_t val_bytes, struct riv_err *err)
{
    enum riv_key_class class = riv__key_class(key);
    uint32_t head_bytes = riv__key_head_bytes(class);
    *tab = (struct riv_table){
        .key = key,
        .class = class,
        .key_offset = key->nleaf == 1 ? key->leaf->offset : 0,
        .head_bytes = head_bytes,
        .val_bytes = val_bytes,
        .entry_bytes = (uint32_t)RIV__ALIGN_UP(head_bytes + val_bytes, 8),
        .slot_max = RIV__TABLE_SLOTS_MAX,
        .nfresh = UINT32_MAX,
    };
    riv__arena_init(&tab->bytes, 4096);
    if (riv__index_init(&tab->index) == 0 &&
        entries_resize(tab, SLOTS_MIN) == 0)
        return 0;
    riv__table_fini(tab);
    return riv__err_set(err, RIV_ENOMEM, "no memory for a table");
}

void riv__table_fini(struct riv_table *tab)
{
    riv__index_fini(&tab->index);
    riv__arena_fini(&tab->bytes);
    free(tab->entry_mem);
    free(tab->scratch);
    *tab = (struct riv_table){ 0 };
}

/* Shrinking may fail; then the memory is kept, which is no harm. */
void riv__table_reset(struct riv_table *tab)
{
    tab->peak = RIV__MAX(tab->nslot, tab->peak - tab->peak / 8);
    uint32_t want = tab->peak + RIV__PROBE_GROUP;
    tab->nfresh = UINT32_MAX;
    uint32_t cells = RIV__MIN(riv__index_cells(want), tab->index.cap);
    if (riv__index_resize(&tab->index, cells, cells < tab->index.cap / 4) < 0)
        riv__index_reset(&tab->index);
    tab->nslot = 0;
    if (want < tab->slot_cap / 4)
        (void)!entries_resize(tab, want);
    riv__arena_reset(&tab->bytes, KEEP_BYTES + (size_t)want * KEEP_BYTES_SLOT);
}

int riv__table_slots(struct riv_table *tab, const void *rows, size_t stride,
                     size_t n, uint32_t *slot)
{
    struct riv_probe probe[RIV__PROBE_GROUP];
    for (size_t at = 0, k; at < n; at += k) {
        k = RIV__MIN(n - at, (size_t)RIV__PROBE_GROUP);
        const char *row = (const char *)rows + at * stride;
        RIV__TRY(riv__key_make(tab, row, stride, k, probe));
        RIV__TRY(probe_all(tab, probe, k, slot + at));
    }
    return 0;
}

int riv__table_absorb(struct riv_table *tab, const struct riv_table *from,
                      const uint32_t *pick, size_t n, uint32_t *slot)
{
    struct riv_probe probe[RIV__PROBE_GROUP];
    for (size_t at = 0, k; at < n; at += k) {
        k = RIV__MIN(n - at, (size_t)RIV__PROBE_GROUP);
        riv__key_copy(tab, from, pick + at, k, probe);
        RIV__TRY(probe_all(tab, probe, k, slot + at));
    }
    return 0;
}

int riv__table_keys(const struct riv_table *tab, uint32_t first, size_t n,
                    void *rows, size_t stride, struct riv_err *err)
{
    return riv__key_fields(tab, first, n, rows, stride, err);
}

uint64_t riv__table_hash(const struct riv_table *tab, uint32_t slot)
{
    return riv__key_hash(tab, key_at(tab, slot));
}

/* ---- keys too long */

static size_t key_bytes(const struct riv_layout *key, const char *row)
{
    const struct riv_leaf *leaf = &key->leaf[0];
    if (key->nleaf > 1)
        return riv__encode_bytes(key, row);
    return leaf->kind == RIV_K_STR ? RIV__LOAD(riv_str, row + leaf->offset).n
                                   : strnlen(row + leaf->offset, leaf->length);
}

size_t riv__table_too_long(const struct riv_layout *key, const void *rows,
                           size_t stride, size_t n)
{
    const char *at = rows;
    if (key->size <= RIV__KEY_BYTES_MAX / 2 && key->nstr == 0)
        return n;
    for (size_t i = 0; i < n; i++, at += stride)
        if (key_bytes(key, at) > RIV__KEY_BYTES_MAX)
            return i;
    return n;
}
