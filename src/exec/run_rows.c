/* exec/run_rows.c - ops that keep the rows themselves, deep: collect (actions,
 * and what foreach_rdd and transform start from) and repartition. Parts stay
 * until the next batch; the order of rows is the order of tasks. */
#include "exec/run_rows.h"

#include <stdlib.h>

#include "exec/chain.h"

static struct riv_rows_part *part_of(struct riv_part *part)
{
    return (struct riv_rows_part *)part;
}

int riv__rows_part_open(struct riv_part *part, uint32_t nbucket,
                        struct riv_err *err)
{
    struct riv_rows_part *p = part_of(part);
    p->bucket = calloc(nbucket, sizeof *p->bucket);
    if (!p->bucket)
        return riv__err_set(err, RIV_ENOMEM, "no memory for %u partitions",
                            nbucket);
    p->nbucket = nbucket;
    for (uint32_t i = 0; i < nbucket; i++)
        riv__rows_init(&p->bucket[i], riv__op_in(part->op));
    return 0;
}

void riv__rows_part_close(struct riv_part *part)
{
    struct riv_rows_part *p = part_of(part);
    for (uint32_t i = 0; i < p->nbucket; i++)
        riv__rows_fini(&p->bucket[i]);
    free(p->bucket);
}

/* Where dealing out begins: tasks start far from each other, by the golden
 * section, so that a few rows of each still reach every bucket. */
static uint64_t first_bucket(uint32_t index, uint32_t n)
{
    return (uint64_t)(index * UINT32_C(0x9e3779b9)) * n >> 32;
}

int riv__rows_part_begin(struct riv_part *part, struct riv_err *err)
{
    struct riv_rows_part *p = part_of(part);
    (void)err;
    for (uint32_t i = 0; i < p->nbucket; i++)
        riv__rows_reset(&p->bucket[i]);
    p->next = first_bucket(part->index, p->nbucket);
    return 0;
}

int riv__rows_scan(const struct riv_rows *rows, struct riv_chain *chain)
{
    for (size_t k = 0; k < rows->npiece && chain->rc == 0 && !chain->full;
         k++) {
        size_t n;
        const void *chunk = riv__rows_chunk(rows, k, &n);
        if (n > 0)
            riv__chain_push(chain, chunk, n);
    }
    return chain->rc;
}

static int no_memory(struct riv_op *op, struct riv_err *err)
{
    char show[256];
    return riv__err_set(err, RIV_ENOMEM, "%s: no memory for its rows",
                        riv__ds_show(op->ds, show, sizeof show));
}

/* ---------------------------------------------------------------- collect */

static int collect_part_open(struct riv_part *part, struct riv_err *err)
{
    return riv__rows_part_open(part, 1, err);
}

/* ds->number: the most rows that are wanted; 0: all. */
static int collect_take(struct riv_part *part, uint32_t side, const void *rows,
                        size_t n, struct riv_err *err)
{
    (void)side;
    struct riv_rows *bucket = &part_of(part)->bucket[0];
    const size_t most = (size_t)part->op->ds->number;
    if (most > 0)
        n = RIV__MIN(n, most - RIV__MIN(most, bucket->n));
    if (n > 0 && riv__rows_append(bucket, rows, n) < 0)
        return no_memory(part->op, err);
    return 0;
}

static int collect_open(struct riv_op *op, struct riv_err *err)
{
    (void)err;
    op->limited = op->ds->number > 0;
    return 0;
}

static bool collect_full(struct riv_part *part)
{
    const size_t most = (size_t)part->op->ds->number;
    size_t n = part_of(part)->bucket[0].n;
    for (uint32_t i = 0; part->op->limited && i < part->index; i++)
        n += part_of(part->op->part[i])->bucket[0].n;
    return most > 0 && n >= most;
}

const struct riv_op_ops riv__run_collect = {
    .op_size = sizeof(struct riv_op),
    .part_size = sizeof(struct riv_rows_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED,
    .open = collect_open,
    .part_open = collect_part_open,
    .part_close = riv__rows_part_close,
    .part_begin = riv__rows_part_begin,
    .take = collect_take,
    .full = collect_full,
};

/* ------------------------------------------------------------ repartition */

static int spread_part_open(struct riv_part *part, struct riv_err *err)
{
    return riv__rows_part_open(part, riv__op_partitions(part->op), err);
}

/* Row by row, round robin: even partitions, and the same ones on every run. */
static int spread_take(struct riv_part *part, uint32_t side, const void *rows,
                       size_t n, struct riv_err *err)
{
    (void)side;
    struct riv_rows_part *p = part_of(part);
    const size_t size = riv__op_in(part->op)->size;
    const char *at = rows;
    for (size_t i = 0; i < n; i++, at += size) {
        if (riv__rows_append(&p->bucket[p->next % p->nbucket], at, 1) < 0)
            return no_memory(part->op, err);
        p->next++;
    }
    return 0;
}

static uint32_t spread_parts(struct riv_op *op)
{
    return riv__op_partitions(op);
}

static int spread_scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    for (uint32_t i = 0; i < op->npart; i++)
        RIV__TRY(riv__rows_scan(&part_of(op->part[i])->bucket[k], chain));
    return chain->rc;
}

const struct riv_op_ops riv__run_repartition = {
    .op_size = sizeof(struct riv_op),
    .part_size = sizeof(struct riv_rows_part),
    .flags = RIV__OP_KEEPS_PARTS,
    .part_open = spread_part_open,
    .part_close = riv__rows_part_close,
    .part_begin = riv__rows_part_begin,
    .take = spread_take,
    .parts = spread_parts,
    .scan = spread_scan,
};
