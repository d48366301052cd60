/* stream/keyed.c - rows to the buckets of their partitions, a chunk at a time:
 * first the strings, then all partitions, then the copies. */
#include "stream/keyed.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "data/hash.h"
#include "data/rows.h"

enum {
    BUCKET_ROWS_MIN = 64,
    STRINGS_FIRST_BYTES = 16 * 1024,
    STRINGS_KEEP_BYTES = 1024 * 1024,
};

static struct riv_keyed_part *part_of(struct riv_part *part)
{
    return (struct riv_keyed_part *)part;
}

int riv__keyed_open(struct riv_part *part, const struct riv_layout *key,
                    uint32_t partitions, struct riv_err *err)
{
    struct riv_keyed_part *p = part_of(part);
    const struct riv_layout *row = riv__op_in(part->op);
    p->key = key;
    riv__arena_init(&p->strings, STRINGS_FIRST_BYTES);
    p->bucket = calloc(partitions, sizeof *p->bucket);
    if (row->nstr > 0)
        p->chunk = malloc((size_t)RIV__CHUNK_ROWS * row->size);
    if (!p->bucket || (row->nstr > 0 && !p->chunk))
        return riv__err_set(err, RIV_ENOMEM, "no memory for %u partitions",
                            partitions);
    p->nbucket = partitions;
    return 0;
}

void riv__keyed_close(struct riv_part *part)
{
    struct riv_keyed_part *p = part_of(part);
    for (uint32_t k = 0; k < p->nbucket; k++)
        free(p->bucket[k].rows);
    free(p->bucket);
    free(p->chunk);
    riv__arena_fini(&p->strings);
}

int riv__keyed_begin(struct riv_part *part, struct riv_err *err)
{
    struct riv_keyed_part *p = part_of(part);
    (void)err;
    for (uint32_t k = 0; k < p->nbucket; k++)
        p->bucket[k].n = 0;
    riv__arena_reset(&p->strings, STRINGS_KEEP_BYTES);
    return 0;
}

uint32_t riv__keyed_partition(const struct riv_layout *key, const void *row,
                              uint32_t partitions)
{
    return riv__hash_part(riv__hash_row(key, row), partitions);
}

static int bucket_grow(struct riv_keyed_bucket *b, size_t size)
{
    size_t cap = b->cap ? 2 * b->cap : BUCKET_ROWS_MIN;
    char *rows = realloc(b->rows, cap * size);
    if (!rows)
        return RIV_ENOMEM;
    b->rows = rows;
    b->cap = cap;
    return 0;
}

static void partitions_of(const struct riv_keyed_part *p, const char *row,
                          size_t size, size_t n, uint32_t *to)
{
    const struct riv_layout *key = p->key;
    const uint32_t parts = p->nbucket;
    if (key->nleaf == 1 && key->leaf->kind == RIV_K_I64) {
        row += key->leaf->offset;
        for (size_t i = 0; i < n; i++, row += size)
            to[i] =
                riv__hash_part(riv__hash_i64(RIV__LOAD(int64_t, row)), parts);
        return;
    }
    for (size_t i = 0; i < n; i++, row += size)
        to[i] = riv__keyed_partition(key, row, parts);
}

/* `size` is a constant where the compiler sees one: pairs of two words. */
static inline __attribute__((always_inline)) int deal_rows(
    struct riv_keyed_part *p, const char *row, size_t size, size_t n,
    const uint32_t *to)
{
    for (size_t i = 0; i < n; i++, row += size) {
        struct riv_keyed_bucket *b = &p->bucket[to[i]];
        if (RIV__RARELY(b->n == b->cap))
            RIV__TRY(bucket_grow(b, size));
        memcpy(b->rows + b->n++ * size, row, size);
    }
    return 0;
}

/* One partition takes all, also rows that have no key. */
static int append(struct riv_keyed_part *p, const char *row, size_t size,
                  size_t n)
{
    struct riv_keyed_bucket *b = &p->bucket[0];
    while (b->cap - b->n < n)
        RIV__TRY(bucket_grow(b, size));
    memcpy(b->rows + b->n * size, row, n * size);
    b->n += n;
    return 0;
}

static int deal(struct riv_keyed_part *p, const char *row, size_t size,
                size_t n)
{
    uint32_t to[RIV__CHUNK_ROWS];
    if (p->nbucket == 1)
        return append(p, row, size, n);
    partitions_of(p, row, size, n, to);
    switch (size) {
    case 16: return deal_rows(p, row, 16, n, to);
    case 24: return deal_rows(p, row, 24, n, to);
    case 32: return deal_rows(p, row, 32, n, to);
    default: return deal_rows(p, row, size, n, to);
    }
}

int riv__keyed_take(struct riv_part *part, uint32_t side, const void *rows,
                    size_t n, struct riv_err *err)
{
    struct riv_keyed_part *p = part_of(part);
    const struct riv_layout *layout = riv__op_in(part->op);
    const char *at = rows;
    int rc = 0;
    (void)side;
    for (size_t m; rc == 0 && n > 0; n -= m, at += m * layout->size) {
        m = RIV__MIN(n, (size_t)RIV__CHUNK_ROWS);
        const char *from = at;
        if (p->chunk) {
            from = memcpy(p->chunk, at, m * layout->size);
            rc = riv__rows_own(layout, p->chunk, m, &p->strings);
        }
        if (rc == 0)
            rc = deal(p, from, layout->size, m);
    }
    char show[256];
    return rc == 0 ? 0
                   : riv__err_set(err, rc, "%s: no memory for its rows",
                                  riv__ds_show(part->op->ds, show, 256));
}

size_t riv__keyed_count(const struct riv_op *op, uint32_t k)
{
    size_t n = 0;
    for (uint32_t i = 0; i < op->npart; i++)
        n += riv__keyed_rows(op, i, k)->n;
    return n;
}

int riv__keyed_runs(const struct riv_op *op, uint32_t k,
                    struct riv_keyed_bucket **run, size_t *cap)
{
    RIV__TRY(
        riv__vec_room((void **)run, cap, (size_t)op->npart + 1, sizeof **run));
    for (uint32_t i = 0; i < op->npart; i++)
        (*run)[i] = *riv__keyed_rows(op, i, k);
    return 0;
}
