/* data/table.h - the hash table of the engine: keys to dense slots, a group of
 * rows at a time: make and hash all keys, read and prefetch the index, compare.
 * An index of 4-byte cells (table_index.h) points into dense entries that hold
 * the key - numbers and strings of up to 16 bytes inline, longer ones by pointer
 * into the table's arena - and the value. Slots are numbered in order of first
 * arrival and never change, so scanning is linear and the order deterministic.
 * Keys of several fields are compared by their canonical encoding. One owner
 * thread. */
#ifndef RIV_DATA_TABLE_H
#define RIV_DATA_TABLE_H

#include "data/key.h"
#include "data/table_index.h"

enum { RIV__TABLE_SLOTS_MAX = 1 << 30 };

/* The head of an entry; the value follows. Numbers have `lo` alone, encoded
 * keys all of it, the others all but `hash`: see riv_table.head_bytes. The hash
 * of a short string is made again where it is needed, that costs less than
 * reading 8 bytes more per entry. */
struct riv_key {
    uint64_t lo, hi; /* n <= 16: the bytes; else lo points to them, in the
                        table's arena, and hi is the hash */
    uint32_t n;      /* bytes of the key */
    uint32_t part;   /* high 32 bits of the hash: partitions are made of them */
    uint64_t hash;
};

struct riv_table {
    const struct riv_layout *key; /* layout of the key alone */
    enum riv_key_class class;
    uint32_t key_offset;  /* of the leaf, when there is one */
    uint32_t head_bytes;  /* 8, 24 or 32 of struct riv_key */
    uint32_t val_bytes;   /* 0 for sets */
    uint32_t entry_bytes; /* head and value, a multiple of 8 */
    uint32_t nslot;
    uint32_t slot_cap;
    uint32_t slot_max; /* RIV__TABLE_SLOTS_MAX, or less from the owner */
    uint32_t peak;     /* most slots of the last fillings; fades */
    uint32_t nfresh;   /* new keys of the last group */
    char *entry;       /* of slot 0; may move when slots are added */
    struct riv_index index;
    struct riv_arena bytes; /* long keys; strings of values */
    char *entry_mem;        /* as allocated; one dummy lies before slot 0 */
    char *scratch;          /* encoded keys of one group */
    size_t scratch_cap;
};

int riv__table_init(struct riv_table *tab, const struct riv_layout *key,
                    uint32_t val_bytes, struct riv_err *err) RIV__MUST_USE;
void riv__table_fini(struct riv_table *tab);

/* Empty again, in constant time but for the arena's pieces. The memory is kept,
 * unless it is more than 4x of what the last fillings needed. */
void riv__table_reset(struct riv_table *tab);

/* Finds or adds the keys of n rows, `stride` bytes apart, whose key lies at
 * the row's start; writes their slots. New entries have a value of zero bytes.
 * They are numbered in the order of the rows: with `next` the nslot from before
 * the call, row i brought a new key when slot[i] == next, then next + 1 and so
 * on. Best with 128 to 1,024 rows a call. 0, or RIV_ENOMEM, or RIV_EINVAL (a
 * key above RIV__KEY_BYTES_MAX); then some keys may have been added, and the
 * table is as usable as before. */
int riv__table_slots(struct riv_table *tab, const void *rows, size_t stride,
                     size_t n, uint32_t *slot) RIV__MUST_USE;

/* The first of n rows, as above, whose key is too long; n: there is none. */
size_t riv__table_too_long(const struct riv_layout *key, const void *rows,
                           size_t stride, size_t n);

/* The same for entries of another table of the same key layout: n slots of
 * `from` given in `pick`. Hashes no bytes again. */
int riv__table_absorb(struct riv_table *tab, const struct riv_table *from,
                      const uint32_t *pick, size_t n, uint32_t *slot)
    RIV__MUST_USE;

static inline char *riv__table_entry(const struct riv_table *tab, uint32_t slot)
{
    return tab->entry + (size_t)slot * tab->entry_bytes;
}

static inline void *riv__table_val(const struct riv_table *tab, uint32_t slot)
{
    return riv__table_entry(tab, slot) + tab->head_bytes;
}

/* The same in a loop, without reading the table again after each store. */
struct riv_table_vals {
    char *first;
    size_t step;
};

static inline struct riv_table_vals riv__table_vals(const struct riv_table *tab)
{
    return (struct riv_table_vals){ riv__table_val(tab, 0), tab->entry_bytes };
}

static inline void *riv__table_val_of(struct riv_table_vals vals, uint32_t slot)
{
    return vals.first + slot * vals.step;
}

/* Writes the keys of n slots from `first` on as the fields they were, rows
 * `stride` apart (strings point into the table, valid until it changes). */
int riv__table_keys(const struct riv_table *tab, uint32_t first, size_t n,
                    void *rows, size_t stride, struct riv_err *err)
    RIV__MUST_USE;

/* The hash of a slot's key, as hash.h defines it. */
uint64_t riv__table_hash(const struct riv_table *tab, uint32_t slot);

#endif
