/* exec/run_print.c - print: the first rows of each batch, with its time, as
 * Spark shows them. Each task keeps the first rows of its share; the driver
 * writes the first of those, in the order of tasks. */
#include <stdio.h>

#include "base/buf.h"
#include "data/text.h"
#include "exec/chain.h"
#include "exec/run_rows.h"

enum { PRINT_BYTES_MAX = 64 * 1024 * 1024 };

struct print_op {
    struct riv_op base;
    uint64_t total;
};

static int part_open(struct riv_part *part, struct riv_err *err)
{
    return riv__rows_part_open(part, 1, err);
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    (void)side;
    struct riv_rows_part *p = (struct riv_rows_part *)part;
    const size_t most = (size_t)RIV__MAX(part->op->ds->number, 0);
    p->next += n; /* counts the rows */
    size_t keep = RIV__MIN(n, most - RIV__MIN(most, p->bucket[0].n));
    if (keep > 0 && riv__rows_append(&p->bucket[0], rows, keep) < 0)
        return riv__err_set(err, RIV_ENOMEM, "riv_print: no memory");
    return 0;
}

static int part_begin(struct riv_part *part, struct riv_err *err)
{
    RIV__TRY(riv__rows_part_begin(part, err));
    ((struct riv_rows_part *)part)->next = 0;
    return 0;
}

static void write_rows(struct riv_op *op, struct riv_buf *text)
{
    const struct riv_layout *layout = riv__op_in(op);
    int64_t left = op->ds->number;
    for (uint32_t i = 0; i < op->npart && left > 0; i++) {
        const struct riv_rows *rows =
            ((struct riv_rows_part *)op->part[i])->bucket;
        for (size_t k = 0; k < rows->n && left > 0; k++, left--)
            riv__csv_write(layout, riv__rows_at(rows, k), ',', text);
    }
}

static int print_end(struct riv_op *op, struct riv_err *err)
{
    struct riv_buf text;
    uint64_t total = 0;
    for (uint32_t i = 0; i < op->npart; i++)
        total += ((struct riv_rows_part *)op->part[i])->next;
    op->rows_in += total;
    riv__buf_init(&text, PRINT_BYTES_MAX);
    if (op->ds->live)
        riv__buf_printf(&text, "--- time %lld ms, %llu rows ---\n",
                        (long long)op->time, (unsigned long long)total);
    write_rows(op, &text);
    if (total > (uint64_t)RIV__MAX(op->ds->number, 0))
        riv__buf_str(&text, "...\n");
    int rc =
        text.failed
            ? riv__err_set(err, RIV_ENOMEM, "riv_print: the rows are too long")
            : op->exec->print(op->exec->owner, text.p, text.n, err);
    riv__buf_fini(&text);
    return rc;
}

const struct riv_op_ops riv__run_print = {
    .op_size = sizeof(struct print_op),
    .part_size = sizeof(struct riv_rows_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED | RIV__OP_LATE,
    .part_open = part_open,
    .part_close = riv__rows_part_close,
    .part_begin = part_begin,
    .take = take,
    .end = print_end,
};
