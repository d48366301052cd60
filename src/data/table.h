/* data/table.h - the hash table of the engine: keys to dense slots, 256 rows
 * at a time: hash all, prefetch, probe. An index of 8-byte cells (32 bits of
 * hash, slot) at a load of at most 1/2 points into dense entries that hold the
 * key - strings of up to 16 bytes and numbers inline, longer ones by pointer
 * into the table's arena - and the value. Slots are numbered in order of first
 * arrival and never move, so scanning is linear and the order deterministic.
 * Structured keys are compared by their canonical encoding. One owner. */
#ifndef RIV_DATA_TABLE_H
#define RIV_DATA_TABLE_H

#include "data/layout.h"

enum { RIV__TABLE_GROUP = 256 };      /* rows of one probe */
enum { RIV__TABLE_SLOTS_MAX = 1 << 30 };

/* How keys of a layout are brought into the form of an entry. */
enum riv_key_class { RIV__KEY_STR, RIV__KEY_I64, RIV__KEY_I32, RIV__KEY_U32,
                     RIV__KEY_ENCODED };

struct riv_key {            /* the head of an entry; the value follows */
    uint64_t lo, hi;        /* n <= 16: the bytes; else lo is a pointer to them,
                               hi their first eight */
    uint32_t n;             /* bytes of the key */
    uint32_t hash;          /* low 32 bits: partitions are made from these */
};

struct riv_table {
    const struct riv_layout *key; /* layout of the key alone */
    enum riv_key_class class;
    uint32_t val_bytes;     /* 0 for sets */
    uint32_t entry_bytes;   /* sizeof(struct riv_key) + value, aligned to 8 */
    uint32_t nslot;
    uint32_t slot_cap;
    uint64_t *index;        /* mask + 1 cells: hash32 << 32 | slot + 1 */
    uint32_t mask;
    char *entry;            /* may move when slots are added */
    struct riv_arena bytes; /* long keys; strings of values */
};

int riv__table_init(struct riv_table *tab, const struct riv_layout *key,
                    uint32_t val_bytes, struct riv_err *err) RIV__MUST_USE;
void riv__table_fini(struct riv_table *tab);
/* Empty again; memory kept when it fits `slots_hint` (the last batch's). */
void riv__table_reset(struct riv_table *tab);

/* Finds or adds the keys of n <= RIV__TABLE_GROUP rows whose key lies at
 * row + 0 with distance `stride`; writes their slots. New entries have a value
 * of zero bytes; a slot >= the nslot from before the call is new. 0 or
 * RIV_ENOMEM (then some keys may have been added). */
int riv__table_slots(struct riv_table *tab, const void *rows, size_t stride,
                     size_t n, uint32_t *slot) RIV__MUST_USE;

/* The same for entries of another table of the same key layout: n slots of
 * `from` given in `pick`. */
int riv__table_absorb(struct riv_table *tab, const struct riv_table *from,
                      const uint32_t *pick, size_t n, uint32_t *slot)
    RIV__MUST_USE;

static inline struct riv_key *riv__table_key(const struct riv_table *tab,
                                             uint32_t slot)
{
    return (struct riv_key *)(void *)(tab->entry +
                                      (size_t)slot * tab->entry_bytes);
}

static inline void *riv__table_val(const struct riv_table *tab, uint32_t slot)
{
    return riv__table_key(tab, slot) + 1;
}

/* Writes the key of a slot as the field it was (strings point into the table,
 * valid until it changes). For n slots from `first` on, rows `stride` apart. */
int riv__table_keys(const struct riv_table *tab, uint32_t first, size_t n,
                    void *rows, size_t stride, struct riv_err *err)
    RIV__MUST_USE;

#endif
