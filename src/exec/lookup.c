/* exec/lookup.c - a table of pairs, built once and then only read: by any number
 * of workers, without a lock. One probe is a cell and a row, two cache misses. */
#include "exec/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "data/hash.h"
#include "exec/run_rows.h"
#include "exec/user.h"

enum { CELLS_MIN = 16 };

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory for a lookup table");
}

/* The place of a key: its cell, or the free one where it belongs. */
static struct riv_lookup_cell *place(const struct riv_lookup *lookup,
                                     uint64_t hash, const void *key)
{
    uint64_t at = hash & lookup->mask;
    for (;; at = (at + 1) & lookup->mask) {
        struct riv_lookup_cell *cell = &lookup->cell[at];
        if (!cell->row ||
            (cell->hash == hash && riv__row_equal(lookup->key, cell->row, key)))
            return cell;
    }
}

static void add_chunk(struct riv_lookup *lookup, const char *row, size_t n,
                      size_t size)
{
    for (size_t i = 0; i < n; i++, row += size) {
        const uint64_t hash = riv__hash_row(lookup->key, row);
        struct riv_lookup_cell *cell = place(lookup, hash, row);
        lookup->nkey += !cell->row;
        *cell = (struct riv_lookup_cell){ row, hash };
    }
}

static int cells_make(struct riv_lookup *lookup, size_t n)
{
    uint64_t cells = CELLS_MIN;
    while (cells < 2 * (uint64_t)n)
        cells *= 2;
    lookup->cell = calloc(cells, sizeof *lookup->cell);
    lookup->mask = cells - 1;
    return lookup->cell ? 0 : RIV_ENOMEM;
}

/* Their stores, and how many rows are in them. */
static int rows_take(struct riv_lookup *lookup, struct riv_op *op,
                     size_t *ret_n)
{
    *ret_n = 0;
    lookup->rows = calloc(op->npart + 1, sizeof *lookup->rows);
    if (!lookup->rows)
        return RIV_ENOMEM;
    for (uint32_t i = 0; i < op->npart; i++) {
        struct riv_rows *rows =
            &((struct riv_rows_part *)op->part[i])->bucket[0];
        lookup->rows[lookup->nrows++] = *rows;
        *ret_n += rows->n;
        riv__rows_init(rows, riv__op_in(op));
    }
    return 0;
}

int riv__lookup_new(const struct riv_layout *key, struct riv_op *collected,
                    struct riv_lookup **ret, struct riv_err *err)
{
    const struct riv_layout *layout = riv__op_in(collected);
    struct riv_lookup *lookup = calloc(1, sizeof *lookup);
    size_t n;
    if (!lookup)
        return no_memory(err);
    lookup->key = key;
    lookup->val_offset = layout->type->fields[1].offset;
    if (rows_take(lookup, collected, &n) < 0 || cells_make(lookup, n) < 0) {
        riv__lookup_free(lookup);
        return no_memory(err);
    }
    for (size_t i = 0; i < lookup->nrows; i++) {
        size_t m;
        const char *row;
        for (size_t k = 0; (row = riv__rows_chunk(&lookup->rows[i], k, &m));
             k++)
            add_chunk(lookup, row, m, layout->size);
    }
    *ret = lookup;
    return 0;
}

void riv__lookup_free(struct riv_lookup *lookup)
{
    if (!lookup)
        return;
    for (size_t i = 0; i < lookup->nrows; i++)
        riv__rows_fini(&lookup->rows[i]);
    free(lookup->rows);
    free(lookup->cell);
    free(lookup);
}

const void *riv__lookup_find(const struct riv_lookup *lookup, const void *key)
{
    const uint64_t hash = riv__hash_row(lookup->key, key);
    const struct riv_lookup_cell *cell = place(lookup, hash, key);
    return cell->row ? cell->row + lookup->val_offset : NULL;
}

/* A table is loaded before the first task; this one is used by the functions
 * that load it. */
static int not_loaded(riv_task *t)
{
    struct riv_step *step = riv__step_of(t);
    return step->chain ? riv__chain_fail(step->chain, RIV_EINVAL,
                                         "riv_find: the table is not loaded "
                                         "yet; its own pairs cannot be made "
                                         "with it, nor with a later one")
                       : RIV_EINVAL;
}

const void *riv_find(riv_task *t, const riv_table *table, const void *key)
{
    if (RIV__LIKELY(table->now != NULL))
        return riv__lookup_find(table->now, key);
    (void)not_loaded(t);
    return NULL;
}
