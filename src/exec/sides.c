/* exec/sides.c - keeping rows by side and partition. A row is hashed and copied
 * once, by the task that made it; few rows are spread all the same (how many
 * come is not known before), but read as one partition. */
#include "exec/sides.h"

#include <stdlib.h>

#include "data/hash.h"
#include "exec/chain.h"
#include "graph/partitioner.h"

enum {
    FEW_ROWS = 2048 /* below, one task is faster than several */
};

static struct riv_sides_op *self_of(struct riv_op *op)
{
    return (struct riv_sides_op *)op;
}

static struct riv_sides_part *part_of(struct riv_part *part)
{
    return (struct riv_sides_part *)part;
}

static int no_memory(const struct riv_op *op, struct riv_err *err)
{
    char show[256];
    return riv__err_set(err, RIV_ENOMEM, "%s: no memory for its rows",
                        riv__ds_show(op->ds, show, sizeof show));
}

static int open_with(struct riv_op *op, const riv_type *key,
                     struct riv_err *err)
{
    struct riv_sides_op *self = self_of(op);
    uint32_t asked = riv__op_partitions(op);
    riv__arena_init(&self->arena, 1024);
    self->partitions = asked ? asked : RIV__PARTITIONS_AUTO;
    self->nside = op->ds->nparent;
    return riv__layout_make(&self->arena, key, &self->key, err);
}

int riv__sides_open_pairs(struct riv_op *op, struct riv_err *err)
{
    return open_with(op, riv__op_in(op)->type->fields[0].type, err);
}

int riv__sides_open_records(struct riv_op *op, struct riv_err *err)
{
    return open_with(op, riv__op_in(op)->type, err);
}

void riv__sides_close(struct riv_op *op)
{
    riv__arena_fini(&self_of(op)->arena);
}

int riv__sides_part_open(struct riv_part *part, struct riv_err *err)
{
    struct riv_sides_part *p = part_of(part);
    const struct riv_sides_op *self = self_of(part->op);
    const uint32_t n = self->nside * self->partitions;
    p->bucket = calloc(n, sizeof *p->bucket);
    if (!p->bucket)
        return no_memory(part->op, err);
    p->nbucket = n;
    for (uint32_t i = 0; i < n; i++)
        riv__rows_init(&p->bucket[i],
                       part->op->ds->parent[i / self->partitions]->layout);
    return 0;
}

void riv__sides_part_close(struct riv_part *part)
{
    struct riv_sides_part *p = part_of(part);
    for (uint32_t i = 0; i < p->nbucket; i++)
        riv__rows_fini(&p->bucket[i]);
    free(p->bucket);
}

int riv__sides_part_begin(struct riv_part *part, struct riv_err *err)
{
    struct riv_sides_part *p = part_of(part);
    (void)err;
    for (uint32_t i = 0; i < p->nbucket; i++)
        riv__rows_reset(&p->bucket[i]);
    return 0;
}

/* One task in the batch: no need to spread its rows. */
static uint32_t spread_to(const struct riv_op *op)
{
    return op->direct && riv__op_partitions(op) <= 1
               ? 1
               : ((const struct riv_sides_op *)op)->partitions;
}

static int take_run(struct riv_part *part, uint32_t side, const void *rows,
                    size_t n, struct riv_err *err)
{
    const struct riv_sides_op *self = self_of(part->op);
    const uint32_t parts = spread_to(part->op);
    struct riv_rows *bucket =
        part_of(part)->bucket + (size_t)side * self->partitions;
    const size_t size = bucket->layout->size;
    const char *at = rows;
    int rc = parts == 1 ? riv__rows_append(bucket, rows, n) : 0;
    for (size_t i = 0; parts > 1 && rc == 0 && i < n; i++, at += size) {
        uint32_t k = riv__hash_part(riv__hash_row(self->key, at), parts);
        rc = riv__rows_append(&bucket[k], at, 1);
    }
    return rc < 0 ? no_memory(part->op, err) : 0;
}

int riv__sides_take(struct riv_part *part, uint32_t side, const void *rows,
                    size_t n, struct riv_err *err)
{
    return riv__op_take_keyed(part, side, self_of(part->op)->key,
                              (struct riv_rows_in){ rows, n }, take_run, err);
}

/* All rows of the batch are here. */
int riv__sides_end(struct riv_op *op, struct riv_err *err)
{
    struct riv_sides_op *self = self_of(op);
    size_t rows = 0;
    (void)err;
    for (uint32_t i = 0; i < op->npart; i++)
        for (uint32_t b = 0; b < part_of(op->part[i])->nbucket; b++)
            rows += part_of(op->part[i])->bucket[b].n;
    self->spread = spread_to(op) > 1;
    self->few = riv__op_partitions(op) == 0 && rows < FEW_ROWS;
    return 0;
}

uint32_t riv__sides_parts(struct riv_op *op)
{
    const struct riv_sides_op *self = self_of(op);
    if (op->npart == 0)
        return 0;
    return self->spread && !self->few ? self->partitions : 1;
}

/* The buckets of a side that make up partition k: [*first, result). */
static uint32_t buckets_of(const struct riv_sides_op *self, uint32_t k,
                           uint32_t *first)
{
    const bool all = self->spread && self->few;
    *first = all ? 0 : k;
    return all ? self->partitions : k + 1;
}

static const struct riv_rows *rows_of(const struct riv_sides_op *self,
                                      uint32_t part, uint32_t side, uint32_t k)
{
    const struct riv_sides_part *p = part_of(self->base.part[part]);
    return &p->bucket[(size_t)side * self->partitions + k];
}

/* Parts outside, so that rows of one task stay in order of its buckets. */
const void *riv__sides_next(const struct riv_sides_op *self, uint32_t side,
                            uint32_t k, struct riv_sides_walk *walk, size_t *n)
{
    uint32_t first;
    const uint32_t until = buckets_of(self, k, &first);
    for (; walk->part < self->base.npart; walk->part++, walk->bucket = 0) {
        for (; first + walk->bucket < until; walk->bucket++, walk->piece = 0) {
            const struct riv_rows *rows =
                rows_of(self, walk->part, side, first + walk->bucket);
            while (walk->piece < rows->npiece) {
                const void *chunk = riv__rows_chunk(rows, walk->piece++, n);
                if (*n > 0)
                    return chunk;
            }
        }
    }
    return NULL;
}

size_t riv__sides_count(const struct riv_sides_op *self, uint32_t side,
                        uint32_t k)
{
    uint32_t first;
    const uint32_t until = buckets_of(self, k, &first);
    size_t n = 0;
    for (uint32_t i = 0; i < self->base.npart; i++)
        for (uint32_t b = first; b < until; b++)
            n += rows_of(self, i, side, b)->n;
    return n;
}

int riv__sides_slots(const struct riv_sides_op *self, uint32_t side, uint32_t k,
                     struct riv_table *tab, uint32_t *slot, struct riv_err *err)
{
    const riv_ds *ds = self->base.ds;
    const size_t stride = ds->parent[side]->layout->size;
    struct riv_sides_walk walk = { 0 };
    const void *rows;
    size_t n;
    while ((rows = riv__sides_next(self, side, k, &walk, &n))) {
        int rc = riv__table_slots(tab, rows, stride, n, slot);
        if (rc < 0) {
            char show[256];
            return riv__err_set(err, rc, "%s: no memory for its keys",
                                riv__ds_show(ds, show, sizeof show));
        }
        slot += n;
    }
    return 0;
}

void *riv__sides_room(void *p, size_t *cap, size_t need, size_t size)
{
    if (p && *cap >= need)
        return p;
    free(p);
    *cap = need + need / 4 + 64;
    p = malloc(*cap * size);
    if (!p)
        *cap = 0;
    return p;
}
