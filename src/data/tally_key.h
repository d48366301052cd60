/* data/tally_key.h - entries of a tally: how keys stand in them. Only the
 * tally*.c files use it. */
#ifndef RIV_DATA_TALLY_KEY_H
#define RIV_DATA_TALLY_KEY_H

#include "data/tally.h"

/* Numbers are stored with this over them, since a word of 0 is no entry. The
 * number that this makes 0 is a wide key. */
#define RIV__TALLY_VEIL UINT64_C(0x8ebc6af09c88c6e3)

/* Walks by slot ask for entries so far ahead: the other core may have written
 * them last. */
enum { RIV__TALLY_AHEAD = 64 };

/* The head of a wide entry: a riv_wide_key whose n is one more than that of the
 * key, since 0 is no entry. */

static inline char *riv__tally_entry(const struct riv_tally *tab, uint32_t slot)
{
    const uint32_t at = tab->order[slot];
    const struct riv_places *places = at & 1 ? &tab->wide : &tab->word;
    return places->at + (size_t)(at >> 1) * places->entry_bytes;
}

static inline const char *riv__wide_key_long(uint64_t lo)
{
    return (const char *)(uintptr_t)lo;
}

static inline uint32_t riv__wide_key_hash(uint64_t lo, uint64_t hi, uint32_t n)
{
    return n > RIV__KEY_SHORT ? (uint32_t)(hi >> 32)
                              : (uint32_t)riv__keys_mix(lo, hi + n);
}

/* The documented hash of keys, of which partitions are made. */
uint64_t riv__word_key_part(const struct riv_tally *tab, uint64_t word);
uint64_t riv__wide_key_part(const struct riv_wide_key *key);

#endif
