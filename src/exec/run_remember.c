/* exec/run_remember.c - keeps the rows of the last batches of a stream, and
 * forgets those that are older than was asked for. A batch's rows are handed
 * over, not copied again. */
#include <stdlib.h>

#include "base/vec.h"
#include "exec/plan.h"
#include "exec/remember.h"
#include "exec/run_rows.h"
#include "exec/standing.h"

struct remember_op {
    struct riv_op base;
    struct riv_remembered *kept;
};

static struct riv_remembered *of_keep(struct riv_keep *keep)
{
    return (struct riv_remembered *)(void *)keep;
}

static void batch_free(struct riv_batch_kept *batch)
{
    for (size_t k = 0; k < batch->nparts; k++) {
        riv__rows_fini(batch->part[k]);
        free(batch->part[k]);
    }
    free(batch->part);
}

static void kept_clear(struct riv_keep *keep)
{
    struct riv_remembered *kept = of_keep(keep);
    for (size_t i = 0; i < kept->n; i++)
        batch_free(&kept->batch[i]);
    kept->n = 0;
    kept->bytes = 0;
}

static void kept_destroy(struct riv_keep *keep)
{
    kept_clear(keep);
    free(of_keep(keep)->batch);
    free(of_keep(keep));
}

static void destroy_kept(void *keep)
{
    kept_destroy(keep);
}

int riv__remembered_of(struct riv_exec *exec, const riv_ds *ds,
                       struct riv_remembered **ret, struct riv_err *err)
{
    struct riv_remembered *kept = NULL;
    if (ds->cell->keep) {
        *ret = of_keep(ds->cell->keep);
        return 0;
    }
    kept = calloc(1, sizeof *kept);
    if (!kept || riv__graph_own(exec->graph, ds->id, kept, destroy_kept) < 0) {
        free(kept);
        return riv__err_set(err, RIV_ENOMEM, "no memory for batches");
    }
    kept->keep =
        (struct riv_keep){ .clear = kept_clear, .destroy = kept_destroy };
    ds->cell->keep = &kept->keep;
    *ret = kept;
    return 0;
}

const struct riv_remembered *riv__remembered(const riv_ds *ds)
{
    const struct riv_remembered *kept =
        ds->cell->keep ? of_keep(ds->cell->keep) : NULL;
    return kept && kept->begun ? kept : NULL;
}

static int remember_open(struct riv_op *op, struct riv_err *err)
{
    return riv__remembered_of(op->exec, op->ds,
                              &((struct remember_op *)op)->kept, err);
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    return riv__rows_part_open(part, 1, err);
}

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM,
                        "riv_remember: no memory for a batch's rows");
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    struct riv_rows_part *p = (struct riv_rows_part *)part;
    (void)side;
    return riv__rows_append(&p->bucket[0], rows, n) < 0 ? no_memory(err) : 0;
}

/* The parts' stores become the batch's; the parts get new ones. */
static int batch_take(struct riv_op *op, struct riv_batch_kept *batch)
{
    *batch = (struct riv_batch_kept){
        .time = op->time, .part = calloc(op->npart + 1, sizeof *batch->part)
    };
    for (uint32_t i = 0; batch->part && i < op->npart; i++) {
        struct riv_rows_part *p = (struct riv_rows_part *)op->part[i];
        struct riv_rows *rows = malloc(sizeof *rows);
        if (!rows)
            break;
        *rows = p->bucket[0];
        batch->bytes += riv__rows_bytes(rows);
        riv__rows_init(&p->bucket[0], riv__op_in(op));
        batch->part[batch->nparts++] = rows;
    }
    return batch->part && batch->nparts == op->npart ? 0 : RIV_ENOMEM;
}

static void forget(struct riv_remembered *kept, int64_t before)
{
    size_t old = 0;
    while (old < kept->n && kept->batch[old].time <= before) {
        kept->bytes -= kept->batch[old].bytes;
        batch_free(&kept->batch[old++]);
    }
    if (old == 0)
        return;
    kept->forgotten = kept->batch[old - 1].time;
    kept->n -= old;
    for (size_t i = 0; i < kept->n; i++)
        kept->batch[i] = kept->batch[i + old];
}

static int remember_end(struct riv_op *op, struct riv_err *err)
{
    struct riv_remembered *kept = ((struct remember_op *)op)->kept;
    struct riv_batch_kept batch;
    if (!kept->begun) {
        kept->begun = true;
        kept->zero = kept->forgotten = op->plan->zero;
        kept->slide_ms =
            RIV__MAX(op->ds->slide_ms, op->exec->conf->interval_ms);
    }
    forget(kept, op->time - op->ds->number);
    int rc = RIV__VEC_ROOM(kept->batch, kept->cap, kept->n + 1);
    if (rc == 0 && (rc = batch_take(op, &batch)) < 0)
        batch_free(&batch);
    if (rc < 0)
        return no_memory(err);
    kept->batch[kept->n++] = batch;
    kept->bytes += batch.bytes;
    return 0;
}

static int64_t stands_ms(const struct riv_op *op)
{
    return op->ds->number;
}

static uint64_t stands(const struct riv_op *op, int64_t since_ms)
{
    const struct riv_remembered *kept = ((const struct remember_op *)op)->kept;
    uint64_t bytes = kept->bytes;
    for (size_t i = 0; i < kept->n && kept->batch[i].time <= since_ms; i++)
        bytes -= kept->batch[i].bytes;
    return bytes;
}

static const struct riv_standing_ops standing = { stands_ms, stands };

const struct riv_op_ops riv__run_remember = {
    .op_size = sizeof(struct remember_op),
    .part_size = sizeof(struct riv_rows_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED,
    .open = remember_open,
    .part_open = part_open,
    .part_close = riv__rows_part_close,
    .part_begin = riv__rows_part_begin,
    .take = take,
    .end = remember_end,
    .standing = &standing,
};
