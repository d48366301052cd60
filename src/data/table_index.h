/* data/table_index.h - the index of a table: open addressing over 8-byte cells
 * of (tag, number of the slot), where tag is the low half of the key's hash.
 * Cells are numbered from `base` on, so that emptying is adding to `base`, and
 * what lies below it is an empty cell. Knows no keys: the table compares them.
 * Probing stays within a line of eight cells before it goes to the next. */
#ifndef RIV_DATA_TABLE_INDEX_H
#define RIV_DATA_TABLE_INDEX_H

#include <stdbool.h>

#include "base/macro.h"

enum { RIV__INDEX_CELLS_MIN = 64, RIV__INDEX_LINE = 8 };

struct riv_index {
    uint64_t *cell; /* tag << 32 | base + 1 + slot; one cache line each 8 */
    uint32_t mask;  /* cells in use less one; a power of two, at most cap */
    uint32_t base;
    uint32_t grow_at; /* with this many slots it wants to grow */
    uint32_t cap;     /* cells allocated */
    void *mem;
};

int riv__index_init(struct riv_index *index) RIV__MUST_USE;
void riv__index_fini(struct riv_index *index);

/* Forgets all `nslot` slots. */
void riv__index_reset(struct riv_index *index, uint32_t nslot);

/* The cells that `nslot` slots want, and the least that can hold them. */
uint32_t riv__index_cells(uint32_t nslot);

/* Forgets all `nslot` slots and has `cells` cells from now on. With RIV_ENOMEM
 * nothing has changed. Gives memory back only when `shrink` is set. */
int riv__index_resize(struct riv_index *index, uint32_t cells, uint32_t nslot,
                      bool shrink) RIV__MUST_USE;

/* Whether one more slot fits at all, however slowly. */
static inline bool riv__index_has_room(const struct riv_index *index,
                                       uint32_t nslot)
{
    return nslot < index->mask - index->mask / 8;
}

/* The k-th place where a key with this tag may be. */
static inline uint32_t riv__index_place(const struct riv_index *index,
                                        uint32_t tag, uint32_t k)
{
    uint32_t in_line = k % RIV__INDEX_LINE;
    return ((tag + (k - in_line)) ^ in_line) & index->mask;
}

/* 1 + slot of a cell, 0 when it is empty. */
static inline uint32_t riv__index_slot(const struct riv_index *index,
                                       uint64_t cell, uint32_t nslot)
{
    uint32_t slot = (uint32_t)cell - index->base;
    return slot <= nslot ? slot : 0;
}

/* Adds a slot whose key is not there; there must be room. */
static inline void riv__index_put(struct riv_index *index, uint32_t tag,
                                  uint32_t slot, uint32_t nslot)
{
    uint32_t at = riv__index_place(index, tag, 0);
    for (uint32_t k = 1; riv__index_slot(index, index->cell[at], nslot); k++)
        at = riv__index_place(index, tag, k);
    index->cell[at] = (uint64_t)tag << 32 | (index->base + 1 + slot);
}

#endif
