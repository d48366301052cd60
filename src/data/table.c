/* data/table.c - the table: entries, growth, and the passes over a group of
 * probes. Keys are made in table_key.c, cells are found in table_index.h. The
 * passes are apart so that the misses of a group overlap: "Improving Hash Join
 * Performance through Prefetching", ICDE 2004. */
#include "data/table.h"

#include <stdlib.h>
#include <string.h>

#include "data/hash.h"
#include "data/table_key.h"

enum {
    CACHE_LINE = 64,
    SLOTS_MIN = 48,
    SLACK = RIV__SLACK, /* readable after the last entry: keys are strings */
    KEEP_BYTES = 1 << 20, /* of the arena, besides KEEP_BYTES_SLOT a slot */
    KEEP_BYTES_SLOT = 256,
};

/* ---- entries */

static size_t entries_bytes(const struct riv_table *tab, uint32_t cap)
{
    return ((size_t)cap + 1) * tab->entry_bytes + CACHE_LINE + SLACK;
}

/* The dummy before slot 0: no key is that long, so it equals none. Numbers
 * have no length; their comparison looks at the guess. */
static void put_dummy(struct riv_table *tab)
{
    memset(tab->entry - tab->entry_bytes, 0xff, tab->entry_bytes);
}

/* Entries begin with a cache line, so that those of 16, 32 and 64 bytes never
 * need two. realloc keeps no alignment: what it moved is moved once more when
 * the distance has changed, which large blocks (whole pages) never do. */
static int entries_resize(struct riv_table *tab, uint32_t cap)
{
    size_t was = tab->entry_mem
                     ? (size_t)(tab->entry - tab->entry_mem) - tab->entry_bytes
                     : 0;
    char *mem = realloc(tab->entry_mem, entries_bytes(tab, cap));
    if (!mem)
        return RIV_ENOMEM;
    size_t now = RIV__ALIGN_UP((uintptr_t)mem, CACHE_LINE) - (uintptr_t)mem;
    if (now != was)
        memmove(mem + now, mem + was,
                ((size_t)tab->nslot + 1) * tab->entry_bytes);
    tab->entry_mem = mem;
    tab->entry = mem + now + tab->entry_bytes;
    tab->slot_cap = cap;
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

static const struct riv_key *key_at(const struct riv_table *tab, uint32_t slot)
{
    return (const struct riv_key *)(void *)riv__table_entry(tab, slot);
}

static void index_again(struct riv_table *tab)
{
    uint32_t tag[RIV__PROBE_GROUP];
    for (uint32_t at = 0, n; at < tab->nslot; at += n) {
        n = RIV__MIN(tab->nslot - at, (uint32_t)RIV__PROBE_GROUP);
        for (uint32_t i = 0; i < n; i++) {
            tag[i] = (uint32_t)riv__key_hash(tab, key_at(tab, at + i));
            __builtin_prefetch(&tab->index.cell[tag[i] & tab->index.mask], 1);
        }
        for (uint32_t i = 0; i < n; i++)
            riv__index_put(&tab->index, tag[i], at + i, tab->nslot);
    }
}

/* An index that cannot grow goes on, slower, until it is really full. */
static int index_grow(struct riv_table *tab, uint32_t nslot)
{
    uint32_t cells = riv__index_cells(nslot);
    if (riv__index_resize(&tab->index, cells, tab->nslot, false) == 0)
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
    if (probe->n <= sizeof key->lo + sizeof key->hi)
        return key->lo == probe->lo;
    return memcmp(riv__key_long(key->lo), riv__key_long(probe->lo),
                  probe->n) == 0;
}

static int add(struct riv_table *tab, const struct riv_probe *probe,
               uint32_t *slot)
{
    RIV__TRY(room_for_one(tab));
    char *entry = riv__table_entry(tab, tab->nslot);
    RIV__TRY(riv__key_store(tab, probe, entry));
    memset(entry + tab->head_bytes, 0, tab->entry_bytes - tab->head_bytes);
    riv__index_put(&tab->index, (uint32_t)probe->hash, tab->nslot, tab->nslot);
    *slot = tab->nslot++;
    return 0;
}

static __attribute__((noinline)) int find_or_add(struct riv_table *tab,
                                                 const struct riv_probe *probe,
                                                 uint32_t *slot)
{
    uint32_t tag = (uint32_t)probe->hash;
    for (uint32_t k = 0;; k++) {
        uint64_t cell = tab->index.cell[riv__index_place(&tab->index, tag, k)];
        uint32_t found = riv__index_slot(&tab->index, cell, tab->nslot);
        if (found == 0)
            return add(tab, probe, slot);
        if (cell >> 32 == tag &&
            key_equal(tab, key_at(tab, found - 1), probe)) {
            *slot = found - 1;
            return 0;
        }
    }
}

/* ---- the passes over a group */

/* Which entry each key is compared with first: that of the first or second
 * cell of its line, whichever has the tag. */
static void guess(const struct riv_table *tab, struct riv_probe *probe,
                  size_t n)
{
    const uint64_t *cells = tab->index.cell;
    const char *entry = tab->entry - tab->entry_bytes;
    uint32_t mask = tab->index.mask, nslot = tab->nslot;
    size_t bytes = tab->entry_bytes;
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&cells[probe[i].hash & mask]);
    for (size_t i = 0; i < n; i++) {
        uint32_t tag = (uint32_t)probe[i].hash;
        uint64_t cell = cells[tag & mask], next = cells[(tag & mask) ^ 1];
        cell = cell >> 32 == tag ? cell : next;
        probe[i].guess = riv__index_slot(&tab->index, cell, nslot);
        __builtin_prefetch(entry + probe[i].guess * bytes, 1);
    }
}

static int settle_numbers(struct riv_table *tab, const struct riv_probe *probe,
                          size_t n, uint32_t *slot)
{
    const char *entry = tab->entry - tab->entry_bytes;
    size_t bytes = tab->entry_bytes;
    for (size_t i = 0; i < n; i++) {
        const struct riv_key *key =
            (const void *)(entry + probe[i].guess * bytes);
        if (RIV__LIKELY(key->lo == probe[i].lo && probe[i].guess != 0)) {
            slot[i] = probe[i].guess - 1;
            continue;
        }
        RIV__TRY(find_or_add(tab, &probe[i], &slot[i]));
        entry = tab->entry - tab->entry_bytes;
    }
    return 0;
}

static int settle(struct riv_table *tab, const struct riv_probe *probe,
                  size_t n, uint32_t *slot)
{
    const char *entry = tab->entry - tab->entry_bytes;
    size_t bytes = tab->entry_bytes;
    for (size_t i = 0; i < n; i++) {
        const struct riv_key *key =
            (const void *)(entry + probe[i].guess * bytes);
        uint64_t differ = (key->lo ^ probe[i].lo) | (key->hi ^ probe[i].hi) |
                          (key->n ^ probe[i].n);
        if (RIV__LIKELY(differ == 0)) {
            slot[i] = probe[i].guess - 1;
            continue;
        }
        RIV__TRY(find_or_add(tab, &probe[i], &slot[i]));
        entry = tab->entry - tab->entry_bytes;
    }
    return 0;
}

static int probe_group(struct riv_table *tab, struct riv_probe *probe,
                       size_t n, uint32_t *slot)
{
    guess(tab, probe, n);
    if (riv__key_is_number(tab))
        return settle_numbers(tab, probe, n, slot);
    return settle(tab, probe, n, slot);
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
    uint32_t want = RIV__MAX(tab->peak, (uint32_t)SLOTS_MIN);
    uint32_t cells = riv__index_cells(want);
    bool shrink = cells < tab->index.cap / 4;
    if (cells > tab->index.cap ||
        riv__index_resize(&tab->index, cells, tab->nslot, shrink) < 0)
        riv__index_reset(&tab->index, tab->nslot);
    tab->nslot = 0;
    if (want < tab->slot_cap / 4)
        (void)!entries_resize(tab, want);
    riv__arena_reset(&tab->bytes,
                     KEEP_BYTES + (size_t)want * KEEP_BYTES_SLOT);
}

int riv__table_slots(struct riv_table *tab, const void *rows, size_t stride,
                     size_t n, uint32_t *slot)
{
    struct riv_probe probe[RIV__PROBE_GROUP];
    for (size_t at = 0, k; at < n; at += k) {
        k = RIV__MIN(n - at, (size_t)RIV__PROBE_GROUP);
        const char *row = (const char *)rows + at * stride;
        RIV__TRY(riv__key_make(tab, row, stride, k, probe));
        RIV__TRY(probe_group(tab, probe, k, slot + at));
    }
    return 0;
}

int riv__table_absorb(struct riv_table *tab, const struct riv_table *from,
                      const uint32_t *pick, size_t n, uint32_t *slot)
{
    struct riv_probe probe[RIV__PROBE_GROUP];
    for (size_t at = 0, k; at < n; at += k) {
        k = RIV__MIN(n - at, (size_t)RIV__PROBE_GROUP);
        riv__key_copy(from, pick + at, k, probe);
        RIV__TRY(probe_group(tab, probe, k, slot + at));
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

static inline uint32_t part_of(const struct riv_table *tab, uint32_t slot,
                               uint32_t nparts)
{
    const struct riv_key *key = key_at(tab, slot);
    uint64_t hash = riv__key_is_number(tab) ? riv__key_hash(tab, key)
                                            : (uint64_t)key->part << 32;
    return riv__hash_part(hash, nparts);
}

void riv__table_by_part(const struct riv_table *tab, uint32_t nparts,
                        uint32_t *order, uint32_t *start)
{
    memset(start, 0, ((size_t)nparts + 1) * sizeof *start);
    for (uint32_t slot = 0; slot < tab->nslot; slot++)
        start[part_of(tab, slot, nparts) + 1]++;
    for (uint32_t p = 0; p < nparts; p++)
        start[p + 1] += start[p];
    for (uint32_t slot = 0; slot < tab->nslot; slot++)
        order[start[part_of(tab, slot, nparts)]++] = slot;
    for (uint32_t p = nparts; p > 0; p--) /* each has become the next's */
        start[p] = start[p - 1];
    start[0] = 0;
}
