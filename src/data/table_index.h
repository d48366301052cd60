/* data/table_index.h - the index of a table: open addressing over 4-byte cells,
 * 16 in a cache line. A cell holds 1 + slot in the bits that the mask covers
 * and the key's tag (the low half of its hash) in the others: where the cell
 * lies tells about the rest of the tag. 0 is an empty cell. Knows no keys: the
 * table compares them. Probing stays within a line before it goes to the next.
 */
#ifndef RIV_DATA_TABLE_INDEX_H
#define RIV_DATA_TABLE_INDEX_H

#include <stdbool.h>

#include "base/macro.h"

enum { RIV__INDEX_CELLS_MIN = 64, RIV__INDEX_LINE = 16 };

struct riv_index {
    uint32_t *cell;
    uint32_t mask;    /* cells in use less one; a power of two, at most cap */
    uint32_t cap;     /* cells allocated */
    uint32_t grow_at; /* with this many slots it wants to grow */
    void *mem;
};

int riv__index_init(struct riv_index *index) RIV__MUST_USE;
void riv__index_fini(struct riv_index *index);

/* The cells that `nslot` slots want. */
uint32_t riv__index_cells(uint32_t nslot);

/* Forgets all slots and has `cells` cells from now on. With RIV_ENOMEM nothing
 * has changed. Gives memory back only when `shrink` is set. */
int riv__index_resize(struct riv_index *index, uint32_t cells, bool shrink)
    RIV__MUST_USE;

/* Forgets all slots. */
void riv__index_reset(struct riv_index *index);

/* Whether one more slot fits at all, however slowly. */
static inline bool riv__index_has_room(const struct riv_index *index,
                                       uint32_t nslot)
{
    return nslot < index->mask - index->mask / 8;
}

/* The k-th place where a key with this tag may be. */
static inline uint32_t riv__index_place(uint32_t mask, uint32_t tag, uint32_t k)
{
    uint32_t in_line = k % RIV__INDEX_LINE;
    return ((tag + (k - in_line)) ^ in_line) & mask;
}

/* The first empty place for a tag; there must be room. */
static inline uint32_t *riv__index_free(const struct riv_index *index,
                                        uint32_t tag)
{
    uint32_t at = tag & index->mask;
    for (uint32_t k = 1; index->cell[at] != 0; k++)
        at = riv__index_place(index->mask, tag, k);
    return &index->cell[at];
}

/* A cell that the tag allows, from the line where it belongs: 1 + slot. Anything
 * of that line when there is none: then the key is new, or has found no room in
 * it. */
static inline uint32_t riv__index_guess(const struct riv_index *index,
                                        uint32_t tag)
{
    typedef uint32_t cells __attribute__((vector_size(16)));
    const uint32_t *line =
        index->cell + (tag & index->mask & ~(uint32_t)(RIV__INDEX_LINE - 1));
    const cells *four = (const void *)line, bit = { 1, 2, 4, 8 };
    cells sum = { 0 };
    for (int i = 0; i < 4; i++)
        sum |= (cells)(((four[i] ^ tag) & ~index->mask) == 0) & (bit << 4 * i);
    const uint32_t bits = sum[0] | sum[1] | sum[2] | sum[3];
    const int at = __builtin_ctz(bits | 1u << RIV__INDEX_LINE);
    return line[at % RIV__INDEX_LINE] & index->mask;
}

static inline uint32_t riv__index_cell(uint32_t mask, uint32_t tag,
                                       uint32_t slot)
{
    return (tag & ~mask) | (slot + 1);
}

#endif
