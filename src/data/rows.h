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
    size_t n; /* rows in all */
    struct riv_arena strings;
};

void riv__rows_init(struct riv_rows *rows, const struct riv_layout *layout);
void riv__rows_fini(struct riv_rows *rows);
void riv__rows_reset(struct riv_rows *rows); /* empty; keeps the pieces */

/* Bytes of the rows and their strings. */
size_t riv__rows_bytes(const struct riv_rows *rows);

/* Appends n rows of `layout`, deep. 0 or RIV_ENOMEM. */
int riv__rows_append(struct riv_rows *rows, const void *src, size_t n)
    RIV__MUST_USE;
/* Row i; and the rows of piece k, for chunked reading (*n of them). */
void *riv__rows_at(const struct riv_rows *rows, size_t i);
const void *riv__rows_chunk(const struct riv_rows *rows, size_t k, size_t *n);

/* Copies the strings of n rows at `row` into the arena and lets the rows point
 * there. 0 or RIV_ENOMEM. */
int riv__rows_own(const struct riv_layout *layout, void *row, size_t n,
                  struct riv_arena *arena) RIV__MUST_USE;

#endif
