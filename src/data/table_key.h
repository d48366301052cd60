/* data/table_key.h - keys in the form the table compares: two words, a length
 * and the hash. Made from rows or from entries of another table, a group at a
 * time, one loop per class of key; stored in entries and turned back into
 * fields. Only the table_*.c files use it. */
#ifndef RIV_DATA_TABLE_KEY_H
#define RIV_DATA_TABLE_KEY_H

#include "data/table.h"

/* Keys in work at a time: the probes, the rows and the entries they prefetch
 * stay within the first two caches; below 128 the misses overlap less. */
enum { RIV__PROBE_GROUP = 256 };

struct riv_probe {
    uint64_t lo, hi; /* as in struct riv_key; a pointer leads to the row's */
    uint64_t hash;
    uint32_t n;
    uint32_t guess; /* slot + 1 of the entry to try first; 0: none */
};                  /* numbers: hi and n are not set */

/* The bytes of the head that entries of a class need. */
uint32_t riv__key_head_bytes(enum riv_key_class class);

static inline bool riv__key_is_number(const struct riv_table *tab)
{
    return tab->head_bytes == offsetof(struct riv_key, hi);
}

/* The bytes of a key of more than 16. */
static inline const char *riv__key_long(uint64_t lo)
{
    return (const char *)(uintptr_t)lo;
}

/* Makes n <= RIV__PROBE_GROUP probes from rows and asks for the cells of the
 * index where they will be sought. RIV_ENOMEM, RIV_EINVAL as in
 * riv__table_slots. */
int riv__key_make(struct riv_table *tab, const char *row, size_t stride,
                  size_t n, struct riv_probe *probe) RIV__MUST_USE;

/* The same from entries. */
void riv__key_copy(const struct riv_table *tab, const struct riv_table *from,
                   const uint32_t *pick, size_t n, struct riv_probe *probe);

/* The hash of an entry's key. */
uint64_t riv__key_hash(const struct riv_table *tab, const struct riv_key *key);

/* Copies the bytes of a long key to the arena; NULL: no memory. */
char *riv__key_own(struct riv_table *tab, const struct riv_probe *probe);

/* Writes the keys of n slots as the fields they were. */
int riv__key_fields(const struct riv_table *tab, uint32_t first, size_t n,
                    char *row, size_t stride, struct riv_err *err)
    RIV__MUST_USE;

#endif
