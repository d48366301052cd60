/* exec/run_subtract.c - subtract, subtract_by_key, intersection: the keys of one
 * side are put into a table, the rows of the other are looked for there. The
 * task that reads a partition does it. */
#include <stdlib.h>
#include <string.h>

#include "exec/chain.h"
#include "exec/sides.h"
#include "graph/ops.h"

/* One partition's table; kept from batch to batch. */
struct known {
    struct riv_table tab;
    bool has_tab;
    uint32_t *slot;
    size_t slot_cap;
};

struct subtract_op {
    struct riv_sides_op sides;
    struct known *known; /* one for each partition */
};

static struct subtract_op *self_of(struct riv_op *op)
{
    return (struct subtract_op *)op;
}

static int subtract_open(struct riv_op *op, struct riv_err *err)
{
    struct subtract_op *self = self_of(op);
    RIV__TRY(op->ds->kind == &riv__kind_subtract_by_key
                 ? riv__sides_open_pairs(op, err)
                 : riv__sides_open_records(op, err));
    self->known = calloc(self->sides.partitions, sizeof *self->known);
    return self->known ? 0 : riv__err_set(err, RIV_ENOMEM, "no memory");
}

static void subtract_close(struct riv_op *op)
{
    struct subtract_op *self = self_of(op);
    for (uint32_t k = 0; self->known && k < self->sides.partitions; k++) {
        if (self->known[k].has_tab)
            riv__table_fini(&self->known[k].tab);
        free(self->known[k].slot);
    }
    free(self->known);
    riv__sides_close(op);
}

/* The table of one side's keys, and slots of both sides' rows: those of the
 * other side begin at *other. */
static int known_make(struct subtract_op *self, uint32_t k, uint32_t first,
                      uint32_t *nknown, const uint32_t **other,
                      struct riv_err *err)
{
    struct known *known = &self->known[k];
    const size_t nfirst = riv__sides_count(&self->sides, first, k);
    const size_t rows = nfirst + riv__sides_count(&self->sides, !first, k);
    known->slot = riv__sides_room(known->slot, &known->slot_cap, rows,
                                  sizeof *known->slot);
    if (!known->slot)
        return riv__err_set(err, RIV_ENOMEM, "no memory for keys");
    if (!known->has_tab)
        RIV__TRY(riv__table_init(&known->tab, self->sides.key, 0, err));
    known->has_tab = true;
    riv__table_reset(&known->tab);
    RIV__TRY(riv__sides_slots(&self->sides, first, k, &known->tab, known->slot,
                              err));
    *nknown = known->tab.nslot;
    *other = known->slot + nfirst;
    return riv__sides_slots(&self->sides, !first, k, &known->tab,
                            known->slot + nfirst, err);
}

/* Rows of the left whose key the right has not, in their order. */
static int scan_subtract(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    struct subtract_op *self = self_of(op);
    const size_t size = riv__op_in(op)->size;
    const uint32_t *slot;
    uint32_t nknown;
    struct riv_sides_walk walk = { 0 };
    struct riv_err err = { 0 };
    size_t n;
    char *rows = riv__chain_rows(chain, size);
    if (!rows)
        return chain->rc;
    int rc = known_make(self, k, 1, &nknown, &slot, &err);
    if (rc < 0)
        return riv__chain_fail(chain, rc, "%s", err.text);
    const char *at;
    while (chain->rc == 0 && !chain->full &&
           (at = riv__sides_next(&self->sides, 0, k, &walk, &n))) {
        size_t m = 0;
        for (size_t i = 0; i < n; i++)
            if (*slot++ >= nknown)
                memcpy(rows + m++ * size, at + i * size, size);
        if (m > 0)
            riv__chain_push(chain, rows, m);
    }
    return chain->rc;
}

/* Records of the left that the right has, each once, in the order in which the
 * right has them first. */
static int scan_intersection(struct riv_op *op, uint32_t k,
                             struct riv_chain *chain)
{
    struct subtract_op *self = self_of(op);
    const size_t size = riv__op_in(op)->size;
    const uint32_t *slot;
    uint32_t nknown;
    struct riv_err err = { 0 };
    size_t m = 0, n = riv__sides_count(&self->sides, 1, k);
    char *rows = riv__chain_rows(chain, size);
    if (!rows)
        return chain->rc;
    int rc = known_make(self, k, 0, &nknown, &slot, &err);
    bool *done = rc == 0 ? calloc(nknown + 1u, sizeof *done) : NULL;
    if (rc == 0 && !done)
        rc = riv__err_set(&err, RIV_ENOMEM, "no memory for keys");
    for (size_t i = 0; rc == 0 && i < n && !chain->full; i++) {
        if (slot[i] >= nknown || done[slot[i]])
            continue;
        done[slot[i]] = true;
        rc = riv__table_keys(&self->known[k].tab, slot[i], 1, rows + m * size,
                             size, &err);
        if (rc == 0 && ++m == RIV__CHUNK_ROWS) {
            rc = riv__chain_push(chain, rows, m);
            m = 0;
        }
    }
    if (rc == 0 && m > 0)
        rc = riv__chain_push(chain, rows, m);
    free(done);
    return rc < 0 ? riv__chain_fail(chain, rc, "%s", err.text) : 0;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    return op->ds->kind == &riv__kind_intersection
               ? scan_intersection(op, k, chain)
               : scan_subtract(op, k, chain);
}

const struct riv_op_ops riv__run_subtract = {
    .op_size = sizeof(struct subtract_op),
    .part_size = sizeof(struct riv_sides_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED | RIV__OP_DEALS,
    .open = subtract_open,
    .close = subtract_close,
    .part_open = riv__sides_part_open,
    .part_close = riv__sides_part_close,
    .part_begin = riv__sides_part_begin,
    .take = riv__sides_take,
    .end = riv__sides_end,
    .parts = riv__sides_parts,
    .scan = scan,
};
