/* exec/run_zip.c - operators that see partitions as wholes: zip, zip_with_index,
 * zip_with_unique_id, cartesian, glom, zip_partitions. Rows are kept as they
 * come, apart by input; the partitions of an input are the tasks that bring its
 * rows, in their order. */
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "data/rows.h"
#include "exec/chain.h"
#include "exec/op.h"
#include "graph/ops.h"

enum { SIDES = 4, PARTS_MAX = 1 << 24 };

struct zip_part {
    struct riv_part base;
    struct riv_rows rows[SIDES];
};

struct zip_side {
    const struct riv_rows **part; /* in order */
    size_t n, cap;
};

struct zip_op {
    struct riv_op base;
    struct zip_side side[SIDES];
    int64_t *start; /* zip_with_index: index of each partition's first row */
    size_t start_cap;
};

static struct zip_op *self_of(struct riv_op *op)
{
    return (struct zip_op *)op;
}

static struct zip_part *part_of(struct riv_part *part)
{
    return (struct zip_part *)part;
}

static void zip_close(struct riv_op *op)
{
    for (int s = 0; s < SIDES; s++)
        free(self_of(op)->side[s].part);
    free(self_of(op)->start);
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    (void)err;
    for (uint32_t s = 0; s < part->op->ds->nparent; s++)
        riv__rows_init(&part_of(part)->rows[s],
                       part->op->ds->parent[s]->layout);
    return 0;
}

static void part_close(struct riv_part *part)
{
    for (uint32_t s = 0; s < part->op->ds->nparent; s++)
        riv__rows_fini(&part_of(part)->rows[s]);
}

static int part_begin(struct riv_part *part, struct riv_err *err)
{
    (void)err;
    for (uint32_t s = 0; s < part->op->ds->nparent; s++)
        riv__rows_reset(&part_of(part)->rows[s]);
    return 0;
}

static int no_memory(const struct riv_op *op, struct riv_err *err)
{
    char show[256];
    return riv__err_set(err, RIV_ENOMEM, "%s: no memory for its rows",
                        riv__ds_show(op->ds, show, sizeof show));
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    if (riv__rows_append(&part_of(part)->rows[side], rows, n) < 0)
        return no_memory(part->op, err);
    return 0;
}

/* ------------------------------------------------ all rows are here: who is what */

/* A task without rows is a partition all the same. */
static int side_list(struct riv_op *op, uint32_t s)
{
    struct zip_side *side = &self_of(op)->side[s];
    side->n = 0;
    RIV__TRY(RIV__VEC_ROOM(side->part, side->cap, op->npart + 1u));
    for (uint32_t i = 0; i < op->npart; i++)
        if (op->part[i]->side == s)
            side->part[side->n++] = &part_of(op->part[i])->rows[s];
    return 0;
}

/* The global index of the first row of every partition. */
static int starts_make(struct zip_op *self)
{
    const struct zip_side *side = &self->side[0];
    int64_t at = 0;
    RIV__TRY(RIV__VEC_ROOM(self->start, self->start_cap, side->n + 1));
    for (size_t k = 0; k < side->n; k++) {
        self->start[k] = at;
        at += (int64_t)side->part[k]->n;
    }
    return 0;
}

/* As many partitions; for zip as many rows in each, too. */
static int check_alike(const struct zip_op *self, uint32_t s,
                       struct riv_err *err)
{
    const struct zip_side *l = &self->side[0], *r = &self->side[s];
    char show[256];
    riv__ds_show(self->base.ds, show, sizeof show);
    if (l->n != r->n)
        return riv__err_set(err, RIV_EINVAL,
                            "%s: its inputs have %zu and %zu partitions; they "
                            "must have as many",
                            show, l->n, r->n);
    for (size_t k = 0; self->base.ds->kind == &riv__kind_zip && k < l->n; k++)
        if (l->part[k]->n != r->part[k]->n)
            return riv__err_set(err, RIV_EINVAL,
                                "%s: partition %zu has %zu records on the left "
                                "and %zu on the right; zip needs as many",
                                show, k, l->part[k]->n, r->part[k]->n);
    return 0;
}

static int zip_end(struct riv_op *op, struct riv_err *err)
{
    struct zip_op *self = self_of(op);
    int rc = 0;
    for (uint32_t s = 0; rc == 0 && s < op->ds->nparent; s++)
        rc = side_list(op, s);
    if (rc == 0)
        rc = starts_make(self);
    if (rc < 0)
        return no_memory(op, err);
    for (uint32_t s = 1;
         op->ds->kind != &riv__kind_cartesian && s < op->ds->nparent; s++)
        RIV__TRY(check_alike(self, s, err));
    if (op->ds->kind != &riv__kind_cartesian)
        return 0;
    if (self->side[1].n > 0 && self->side[0].n > PARTS_MAX / self->side[1].n)
        return riv__err_set(err, RIV_EINVAL,
                            "riv_cartesian: %zu times %zu partitions; %d are "
                            "the most",
                            self->side[0].n, self->side[1].n, PARTS_MAX);
    return 0;
}

static uint32_t parts(struct riv_op *op)
{
    const struct zip_op *self = self_of(op);
    return (uint32_t)(op->ds->kind == &riv__kind_cartesian
                          ? self->side[0].n * self->side[1].n
                          : self->side[0].n);
}

/* ------------------------------------------------------------- the result */

/* Collects rows of pairs and pushes them a chunk at a time. */
struct pairing {
    struct riv_chain *chain;
    const riv_field *field;
    char *rows;
    size_t size, n;
};

static int pairing_init(struct pairing *p, struct riv_op *op,
                        struct riv_chain *chain)
{
    *p = (struct pairing){ .chain = chain,
                           .field = op->ds->layout->type->fields,
                           .rows = riv__chain_rows(chain, op->ds->layout->size),
                           .size = op->ds->layout->size };
    return chain->rc;
}

static int pairing_flush(struct pairing *p)
{
    if (p->n > 0)
        riv__chain_push(p->chain, p->rows, p->n);
    p->n = 0;
    return p->chain->rc;
}

static int pair_add(struct pairing *p, const void *key, const void *val)
{
    char *row = p->rows + p->n * p->size;
    memcpy(row + p->field[0].offset, key, p->field[0].length);
    memcpy(row + p->field[1].offset, val, p->field[1].length);
    return ++p->n == RIV__CHUNK_ROWS ? pairing_flush(p) : 0;
}

static int scan_zip(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    const struct riv_rows *l = self_of(op)->side[0].part[k];
    const struct riv_rows *r = self_of(op)->side[1].part[k];
    struct pairing p;
    RIV__TRY(pairing_init(&p, op, chain));
    for (size_t i = 0; i < l->n && !chain->full; i++)
        RIV__TRY(pair_add(&p, riv__rows_at(l, i), riv__rows_at(r, i)));
    return pairing_flush(&p);
}

static int scan_cartesian(struct riv_op *op, uint32_t k,
                          struct riv_chain *chain)
{
    const struct zip_op *self = self_of(op);
    const struct riv_rows *l = self->side[0].part[k / self->side[1].n];
    const struct riv_rows *r = self->side[1].part[k % self->side[1].n];
    struct pairing p;
    RIV__TRY(pairing_init(&p, op, chain));
    for (size_t i = 0; i < l->n && !chain->full; i++)
        for (size_t j = 0; j < r->n && !chain->full; j++)
            RIV__TRY(pair_add(&p, riv__rows_at(l, i), riv__rows_at(r, j)));
    return pairing_flush(&p);
}

/* Numbers: one after another, or dealt out by partition. */
static int scan_numbered(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    const struct zip_op *self = self_of(op);
    const struct riv_rows *rows = self->side[0].part[k];
    const bool unique = op->ds->kind == &riv__kind_zip_with_unique_id;
    const int64_t step = unique ? (int64_t)self->side[0].n : 1;
    int64_t id = unique ? (int64_t)k : self->start[k];
    struct pairing p;
    RIV__TRY(pairing_init(&p, op, chain));
    for (size_t i = 0; i < rows->n && !chain->full; i++, id += step)
        RIV__TRY(pair_add(&p, riv__rows_at(rows, i), &id));
    return pairing_flush(&p);
}

/* The rows of a partition side by side; *own is to be freed. */
static const void *whole(const struct riv_rows *rows, char **own)
{
    const size_t size = rows->layout->size;
    size_t n, at = 0;
    if (rows->n == 0)
        return NULL;
    if (rows->n <= RIV__CHUNK_ROWS)
        return riv__rows_at(rows, 0);
    *own = malloc(rows->n * size);
    for (size_t k = 0; *own && k < rows->npiece; k++) {
        const void *chunk = riv__rows_chunk(rows, k, &n);
        if (n > 0)
            memcpy(*own + at * size, chunk, n * size);
        at += n;
    }
    return *own;
}

/* One group for the partition, also for an empty one. */
static int scan_whole(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    const struct zip_op *self = self_of(op);
    char *own[SIDES] = { NULL };
    const void *rows[SIDES] = { NULL };
    size_t n[SIDES] = { 0 };
    bool failed = false;
    for (uint32_t s = 0; s < op->ds->nparent; s++) {
        const struct riv_rows *part = self->side[s].part[k];
        n[s] = part->n;
        rows[s] = whole(part, &own[s]);
        failed |= n[s] > 0 && !rows[s];
    }
    riv_group group = { .a = rows[0],
                        .na = n[0],
                        .b = rows[1],
                        .nb = n[1],
                        .c = rows[2],
                        .nc = n[2],
                        .d = rows[3],
                        .nd = n[3] };
    if (failed)
        riv__chain_fail(chain, RIV_ENOMEM, "no memory for a whole partition");
    else
        riv__chain_push(chain, &group, 1);
    for (uint32_t s = 0; s < SIDES; s++)
        free(own[s]);
    return chain->rc;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    if (op->ds->kind == &riv__kind_zip)
        return scan_zip(op, k, chain);
    if (op->ds->kind == &riv__kind_cartesian)
        return scan_cartesian(op, k, chain);
    if (op->ds->kind->role == RIV__ROLE_GROUPS)
        return scan_whole(op, k, chain);
    return scan_numbered(op, k, chain);
}

const struct riv_op_ops riv__run_zip = {
    .op_size = sizeof(struct zip_op),
    .part_size = sizeof(struct zip_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED,
    .close = zip_close,
    .part_open = part_open,
    .part_close = part_close,
    .part_begin = part_begin,
    .take = take,
    .end = zip_end,
    .parts = parts,
    .scan = scan,
};
