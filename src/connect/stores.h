/* connect/stores.h - rows that wait for a batch, and those that batches work
 * on: pushed at one end, cut at the other, moved and never copied. No lock: the
 * kinds have one. Stores that batches are done with are used again. */
#ifndef RIV_CONNECT_STORES_H
#define RIV_CONNECT_STORES_H

#include "data/rows.h"
#include "io/range.h"

struct riv_store {
    struct riv_rows rows;
    struct riv_store *next;
    size_t bytes;
    size_t taken; /* rows that were cut already */
};

struct riv_stores {
    const struct riv_layout *layout;
    struct riv_store *first, *last; /* waiting, oldest first */
    struct riv_store *spare;
    size_t nspare;
    size_t bytes;              /* of what waits, with strings */
    struct riv_store *running; /* cut whole, in batches that are not done */
    uint32_t ncut;             /* how often something was cut */
};

/* The layout is borrowed. */
void riv__stores_init(struct riv_stores *stores,
                      const struct riv_layout *layout);
void riv__stores_fini(struct riv_stores *stores);

/* The bytes of n rows and their strings. */
size_t riv__stores_bytes(const struct riv_layout *layout, const void *rows,
                         size_t n);
/* Is there room for so many more, if `limit` is all? Nothing waits: there is. */
bool riv__stores_room(const struct riv_stores *stores, size_t bytes,
                      size_t limit);

/* Copies n rows with their strings, all or none; `apart`: into a store of their
 * own. bytes: riv__stores_bytes. 0 or RIV_ENOMEM. */
int riv__stores_add(struct riv_stores *stores, const void *rows, size_t n,
                    size_t bytes, bool apart) RIV__MUST_USE;

/* How many rows of the first store have about so many bytes; one at least. And
 * about how many bytes so many have. */
size_t riv__stores_fit(const struct riv_stores *stores, uint64_t bytes);
uint64_t riv__stores_have(const struct riv_store *store, size_t rows);

/* Adds up to `most` rows of the first store to the cut, as ranges of `source`;
 * *ret_n says how many (0: nothing waits). They are a part of their own. */
int riv__stores_cut(struct riv_stores *stores, uint32_t source, size_t most,
                    struct riv_cut *cut, size_t *ret_n, struct riv_err *err)
    RIV__MUST_USE;

/* The batches are done: what was cut whole is empty. */
void riv__stores_release(struct riv_stores *stores);

#endif
