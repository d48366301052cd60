/* data/rows.h - a growing store of rows that own their strings: what collect,
 * repartition, group_by_key and cached datasets keep. Rows lie dense in pieces
 * of RIV__CHUNK_ROWS rows that do not move; strings are copied into an arena.
 * Filled by one thread; read by many when finished. */
#ifndef RIV_DATA_ROWS_H
#define RIV_DATA_ROWS_H

#include "data/layout.h"

struct riv_rows {
    const struct riv_layout *layout;
    char **piece;
    size_t npiece, piece_cap;
    char *block; /* of the first nblock pieces */
    size_t nblock;
    size_t n; /* rows in all */
    struct riv_arena strings;
};

void riv__rows_init(struct riv_rows *rows, const struct riv_layout *layout);
void riv__rows_fini(struct riv_rows *rows);
void riv__rows_reset(struct riv_rows *rows); /* empty; keeps the pieces */

/* Bytes of the rows and their strings. */
size_t riv__rows_bytes(const struct riv_rows *rows);
/* About n rows will come into the empty store: they will lie in one piece of
 * memory, in large pages where that is large. Memory is kept as it is when it has
 * room for them, and not for far more. */
void riv__rows_expect(struct riv_rows *rows, size_t n);

/* Appends n rows of `layout`, deep. 0 or RIV_ENOMEM. */
int riv__rows_append(struct riv_rows *rows, const void *src, size_t n)
    RIV__MUST_USE;
/* Where the next rows go, *n of them at most, for who makes them in place; NULL:
 * no memory. Then n of those that were written there are taken: their strings are
 * copied. 0 or RIV_ENOMEM. */
char *riv__rows_room(struct riv_rows *rows, size_t *n) RIV__MUST_USE;
int riv__rows_take(struct riv_rows *rows, char *at, size_t n) RIV__MUST_USE;
/* Row i; and the rows of piece k, for chunked reading (*n of them). */
void *riv__rows_at(const struct riv_rows *rows, size_t i);
const void *riv__rows_chunk(const struct riv_rows *rows, size_t k, size_t *n);

/* Copies the strings of n rows at `row` into the arena and lets the rows point
 * there. 0 or RIV_ENOMEM. */
int riv__rows_own(const struct riv_layout *layout, void *row, size_t n,
                  struct riv_arena *arena) RIV__MUST_USE;

#endif
