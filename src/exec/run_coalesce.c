/* exec/run_coalesce.c - coalesce without an exchange of records: the partitions
 * of the result are runs of those of the input, in their order; or, where a long
 * chain is cut, those of the input. The rows are kept for the batch, because an
 * input partition is known when it is read. */
#include "exec/chain.h"
#include "exec/run_rows.h"
#include "graph/ops.h"

static int part_open(struct riv_part *part, struct riv_err *err)
{
    return riv__rows_part_open(part, 1, err);
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    (void)side;
    struct riv_rows_part *p = (struct riv_rows_part *)part;
    if (riv__rows_append(&p->bucket[0], rows, n) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for held rows");
    return 0;
}

static uint32_t parts(struct riv_op *op)
{
    if (op->ds->kind == &riv__kind_hold)
        return op->npart;
    return RIV__MIN(op->npart, (uint32_t)op->ds->partitions);
}

/* Group k of n holds the parents from k * P / n up to (k + 1) * P / n. */
static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    const uint64_t n = parts(op), all = op->npart;
    for (uint64_t i = k * all / n; i < (k + 1) * all / n; i++)
        RIV__TRY(riv__rows_scan(((struct riv_rows_part *)op->part[i])->bucket,
                                chain));
    return chain->rc;
}

const struct riv_op_ops riv__run_coalesce = {
    .op_size = sizeof(struct riv_op),
    .part_size = sizeof(struct riv_rows_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED,
    .part_open = part_open,
    .part_close = riv__rows_part_close,
    .part_begin = riv__rows_part_begin,
    .take = take,
    .parts = parts,
    .scan = scan,
};
