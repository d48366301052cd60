/* exec/run_part.c - partition_by, sort_by_key and their like. Each task keeps
 * its rows and a list of references to them, sorted by partition, by key, or
 * both; a partition of the result is the merge of its stretch of every list.
 * Ranges are found when all rows are here, by candidates from the sorted lists;
 * so rows are sorted on all workers, and merged on all workers. */
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "data/hash.h"
#include "data/sort.h"
#include "exec/chain.h"
#include "graph/ops.h"
#include "graph/partitioner.h"

enum {
    SAMPLE_PER_PARTITION = 20,
    SAMPLE_MAX = 1000000,
};

struct sort_part {
    struct riv_part base;
    struct riv_rows rows;
    uint32_t *dest; /* partition of each row, but for ranges */
    size_t dest_cap;
    struct riv_run run;
    size_t *start; /* in the run, of each partition, and the end */
    size_t start_cap;
};

struct sort_op {
    struct riv_op base;
    const struct riv_sort_param *param;
    struct riv_order order;
    uint32_t partitions;
};

static struct sort_op *self_of(struct riv_op *op)
{
    return (struct sort_op *)op;
}

static struct sort_part *part_of(struct riv_part *part)
{
    return (struct sort_part *)part;
}

static int no_memory(const struct riv_op *op, struct riv_err *err)
{
    char show[256];
    return riv__err_set(err, RIV_ENOMEM, "%s: no memory for its rows",
                        riv__ds_show(op->ds, show, sizeof show));
}

static int sort_open(struct riv_op *op, struct riv_err *err)
{
    struct sort_op *self = self_of(op);
    (void)err;
    self->param = op->ds->param;
    riv__order_init(&self->order, self->param->key, 0, self->param->descending);
    return 0;
}

static int sort_begin(struct riv_op *op, struct riv_err *err)
{
    struct sort_op *self = self_of(op);
    (void)err;
    uint32_t asked = riv__op_partitions(op);
    self->partitions = self->param->ranges ? 1
                       : asked             ? asked
                                           : RIV__PARTITIONS_AUTO;
    return 0;
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    (void)err;
    riv__rows_init(&part_of(part)->rows, riv__op_in(part->op));
    return 0;
}

static void part_close(struct riv_part *part)
{
    struct sort_part *p = part_of(part);
    riv__rows_fini(&p->rows);
    riv__run_fini(&p->run);
    free(p->dest);
    free(p->start);
}

static int part_begin(struct riv_part *part, struct riv_err *err)
{
    (void)err;
    riv__rows_reset(&part_of(part)->rows);
    part_of(part)->run.n = 0;
    return 0;
}

/* Which partition each of n new rows belongs to. */
static int rows_place(struct riv_op *op, uint32_t *dest, const char *row,
                      size_t n, struct riv_err *err)
{
    const struct sort_op *self = self_of(op);
    const size_t size = riv__op_in(op)->size;
    const uint32_t parts = self->partitions;
    char show[256];
    for (size_t i = 0; i < n; i++, row += size) {
        if (!self->param->part) {
            dest[i] =
                riv__hash_part(riv__hash_row(self->param->key, row), parts);
            continue;
        }
        dest[i] = self->param->part(row, parts, op->ds->arg);
        if (dest[i] >= parts)
            return riv__err_set(
                err, RIV_EFATAL,
                "%s: the partition function gave %u; partitions are 0 to %u",
                riv__ds_show(op->ds, show, sizeof show), dest[i], parts - 1);
    }
    return 0;
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    (void)side;
    struct sort_part *p = part_of(part);
    const size_t had = p->rows.n;
    if (!self_of(part->op)->param->ranges) {
        if (RIV__VEC_ROOM(p->dest, p->dest_cap, had + n) < 0)
            return no_memory(part->op, err);
        RIV__TRY(rows_place(part->op, p->dest + had, rows, n, err));
    }
    return riv__rows_append(&p->rows, rows, n) < 0 ? no_memory(part->op, err)
                                                   : 0;
}

static int starts_room(struct sort_part *p, uint32_t partitions)
{
    RIV__TRY(RIV__VEC_ROOM(p->start, p->start_cap, (size_t)partitions + 2));
    memset(p->start, 0, ((size_t)partitions + 2) * sizeof *p->start);
    return 0;
}

/* A counting sort by partition; rows of one stay in their order. */
static void part_spread(struct sort_part *p, uint32_t partitions,
                        struct riv_ref *spare)
{
    size_t *next = p->start + 1; /* running places; then the ends */
    for (size_t i = 0; i < p->run.n; i++)
        p->start[p->dest[i] + 2]++;
    for (uint32_t k = 1; k < partitions; k++)
        p->start[k + 1] += p->start[k];
    for (size_t i = 0; i < p->run.n; i++)
        spare[next[p->dest[i]]++] = p->run.ref[i];
    memcpy(p->run.ref, spare, p->run.n * sizeof *spare);
}

static int part_by_partition(struct sort_op *self, struct sort_part *p)
{
    const struct riv_order *order = self->param->sorted ? &self->order : NULL;
    RIV__TRY(riv__run_list(&p->run, order, &p->rows));
    RIV__TRY(starts_room(p, self->partitions));
    struct riv_ref *spare = malloc((p->run.n + 1) * sizeof *spare);
    if (!spare)
        return RIV_ENOMEM;
    part_spread(p, self->partitions, spare);
    for (uint32_t k = 0; order && k < self->partitions; k++)
        riv__sort_refs(order, p->run.ref + p->start[k],
                       p->start[k + 1] - p->start[k], spare);
    free(spare);
    return 0;
}

static int part_end(struct riv_part *part, struct riv_err *err)
{
    struct sort_op *self = self_of(part->op);
    struct sort_part *p = part_of(part);
    int rc = self->param->ranges
                 ? riv__run_sort(&p->run, &self->order, &p->rows)
                 : part_by_partition(self, p);
    return rc < 0 ? no_memory(part->op, err) : 0;
}

/* ---------------------------------------------------------------- ranges */

struct candidates {
    struct riv_ref *ref;
    double *weight;
    uint32_t *list; /* that each comes from */
    size_t *bound;
    size_t n;
};

static void candidates_fini(struct candidates *c)
{
    free(c->ref);
    free(c->weight);
    free(c->list);
    free(c->bound);
}

/* Rows at even distances in each sorted list stand for the rows around them. */
static void candidates_pick(struct sort_op *self, struct candidates *c,
                            size_t per_part)
{
    for (uint32_t i = 0; i < self->base.npart; i++) {
        const struct riv_run *run = &part_of(self->base.part[i])->run;
        size_t n = RIV__MIN(run->n, per_part);
        for (size_t k = 0; k < n; k++) {
            double at = ((double)k + 0.5) / (double)n * (double)run->n;
            c->list[c->n] = i;
            c->weight[c->n] = (double)run->n / (double)n;
            c->ref[c->n++] = run->ref[RIV__MIN((size_t)at, run->n - 1)];
        }
    }
}

/* The candidates of all lists in one order, each with its weight. */
static int candidates_order(struct sort_op *self, struct candidates *c)
{
    struct riv_merge merge;
    struct riv_ref *ref = malloc((c->n + 1) * sizeof *ref);
    double *weight = malloc((c->n + 1) * sizeof *weight);
    int rc = riv__merge_init(&merge, &self->order, self->base.npart);
    if (!ref || !weight)
        rc = RIV_ENOMEM;
    for (size_t i = 0; rc == 0 && i < c->n;) {
        size_t until = i + 1; /* a list has one weight */
        while (until < c->n && c->list[until] == c->list[i])
            until++;
        riv__merge_add(&merge, c->ref + i, until - i);
        i = until;
    }
    for (size_t i = 0; rc == 0 && i < c->n; i++) {
        size_t from = (size_t)(merge.list[0].at - c->ref);
        ref[i] = c->ref[from];
        weight[i] = c->weight[from];
        riv__merge_next(&merge);
    }
    riv__merge_fini(&merge);
    free(c->ref);
    free(c->weight);
    c->ref = ref;
    c->weight = weight;
    return rc;
}

/* Where each list is cut: behind the last row that is not above a bound. */
static int lists_cut(struct sort_op *self, const struct candidates *c,
                     size_t bounds)
{
    for (uint32_t i = 0; i < self->base.npart; i++) {
        struct sort_part *p = part_of(self->base.part[i]);
        RIV__TRY(starts_room(p, self->partitions));
        for (size_t k = 0; k < bounds; k++)
            p->start[k + 1] = riv__run_until(&self->order, p->run.ref, p->run.n,
                                             &c->ref[c->bound[k]]);
        p->start[bounds + 1] = p->run.n;
    }
    return 0;
}

static int ranges_make(struct sort_op *self, struct candidates *c)
{
    const uint32_t npart = self->base.npart;
    uint32_t asked = riv__op_partitions(&self->base);
    size_t parts = asked ? asked : RIV__MAX(npart, 1u);
    size_t sample = RIV__MIN(SAMPLE_PER_PARTITION * parts, (size_t)SAMPLE_MAX);
    size_t per_part = 3 * sample / RIV__MAX(npart, 1u) + 1;
    size_t cap = 0;
    for (uint32_t i = 0; i < npart; i++)
        cap += RIV__MIN(part_of(self->base.part[i])->run.n, per_part);
    c->ref = malloc((cap + 1) * sizeof *c->ref);
    c->weight = malloc((cap + 1) * sizeof *c->weight);
    c->list = malloc((cap + 1) * sizeof *c->list);
    c->bound = malloc(parts * sizeof *c->bound);
    if (!c->ref || !c->weight || !c->list || !c->bound)
        return RIV_ENOMEM;
    candidates_pick(self, c, per_part);
    RIV__TRY(candidates_order(self, c));
    size_t bounds =
        riv__range_bounds(&self->order, c->ref, c->weight, c->n,
                          RIV__MAX(RIV__MIN(parts, c->n), (size_t)1), c->bound);
    self->partitions = (uint32_t)bounds + 1;
    return lists_cut(self, c, bounds);
}

static int sort_end(struct riv_op *op, struct riv_err *err)
{
    struct sort_op *self = self_of(op);
    struct candidates c = { 0 };
    if (!self->param->ranges)
        return 0;
    int rc = ranges_make(self, &c);
    candidates_fini(&c);
    return rc < 0 ? no_memory(op, err) : 0;
}

/* -------------------------------------------------------------- the result */

static uint32_t parts(struct riv_op *op)
{
    return self_of(op)->partitions;
}

/* Rows gathered for the chain, a chunk at a time. */
struct outgoing {
    struct riv_chain *chain;
    char *rows;
    size_t size, n;
};

static void out_flush(struct outgoing *out)
{
    if (out->n > 0)
        riv__chain_push(out->chain, out->rows, out->n);
    out->n = 0;
}

static void out_row(struct outgoing *out, const char *row)
{
    memcpy(out->rows + out->n * out->size, row, out->size);
    if (++out->n == RIV__CHUNK_ROWS)
        out_flush(out);
}

static bool out_goes_on(const struct outgoing *out)
{
    return out->chain->rc == 0 && !out->chain->full;
}

static void scan_lists(struct riv_op *op, uint32_t k, struct outgoing *out)
{
    for (uint32_t i = 0; i < op->npart; i++) {
        const struct sort_part *p = part_of(op->part[i]);
        for (size_t at = p->start[k]; at < p->start[k + 1] && out_goes_on(out);)
            out_row(out, p->run.ref[at++].row);
    }
}

static int scan_sorted(struct riv_op *op, uint32_t k, struct outgoing *out)
{
    struct riv_merge merge;
    const char *row;
    if (riv__merge_init(&merge, &self_of(op)->order, op->npart) < 0)
        return riv__chain_fail(out->chain, RIV_ENOMEM, "no memory to merge");
    for (uint32_t i = 0; i < op->npart; i++) {
        const struct sort_part *p = part_of(op->part[i]);
        riv__merge_add(&merge, p->run.ref + p->start[k],
                       p->start[k + 1] - p->start[k]);
    }
    while (out_goes_on(out) && (row = riv__merge_next(&merge)) != NULL)
        out_row(out, row);
    riv__merge_fini(&merge);
    return 0;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    struct outgoing out = { .chain = chain, .size = riv__op_in(op)->size };
    out.rows = riv__chain_rows(chain, out.size);
    if (!out.rows)
        return chain->rc;
    if (self_of(op)->param->sorted)
        RIV__TRY(scan_sorted(op, k, &out));
    else
        scan_lists(op, k, &out);
    out_flush(&out);
    return chain->rc;
}

const struct riv_op_ops riv__run_part = {
    .op_size = sizeof(struct sort_op),
    .part_size = sizeof(struct sort_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED,
    .open = sort_open,
    .part_open = part_open,
    .part_close = part_close,
    .begin = sort_begin,
    .part_begin = part_begin,
    .take = take,
    .part_end = part_end,
    .end = sort_end,
    .parts = parts,
    .scan = scan,
};
