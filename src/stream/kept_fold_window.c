/* stream/kept_fold_window.c - windows that fold, for the journal. A delta is
 * what the batch brought, and loading it is sliding again: so a window after a
 * restart is what it would have been, flips and rounding included. A partition
 * is one piece of a snapshot, as of its own batch. */
#include <stdlib.h>

#include "base/vec.h"
#include "data/encode.h"
#include "data/le.h"
#include "exec/kept.h"
#include "stream/run_fold_window.h"

static void layouts(const riv_ds *ds, const struct riv_layout **ret_key,
                    const struct riv_layout **ret_val)
{
    const struct riv_window_param *param = ds->param;
    *ret_key = param->keyed ? param->reduce.key : NULL;
    *ret_val = param->reduce.acc;
}

static uint32_t parts(struct riv_op *op)
{
    return riv__fold_window_op(op)->npart;
}

/* The rows that the tasks dealt to the partition are there until the next
 * batch. */
static int delta(struct riv_op *op, uint32_t k, struct riv_buf *to,
                 struct riv_err *err)
{
    const struct riv_layout *layout = riv__op_in(op);
    for (uint32_t i = 0; i < op->npart; i++) {
        const struct riv_keyed_bucket *b = riv__keyed_rows(op, i, k);
        const char *row = b->rows;
        for (size_t r = 0; r < b->n; r++, row += layout->size) {
            const size_t n = riv__encode_bytes(layout, row);
            char *at = riv__buf_room(to, n);
            if (!at)
                return riv__err_set(err, RIV_ENOMEM,
                                    "no memory to write a batch down");
            riv__encode_row(layout, row, at);
            to->n += n;
        }
    }
    return 0;
}

static int piece(struct riv_op *op, uint32_t k, uint64_t *at,
                 struct riv_buf *to, struct riv_err *err)
{
    *at = 1;
    return riv__fold_window_write(&riv__fold_window_op(op)->part[k], to, err);
}

static uint64_t bytes(struct riv_op *op)
{
    const struct riv_fold_window_op *self = riv__fold_window_op(op);
    uint64_t sum = 0;
    for (uint32_t k = 0; k < self->npart; k++) {
        const struct riv_fold_window *fw = &self->part[k];
        sum += (uint64_t)fw->slots.live * fw->slots.tab.entry_bytes;
        for (size_t i = 0; i < fw->n; i++)
            sum += (uint64_t)fw->pane[fw->first + i].n * (fw->acc->size + 4);
    }
    return sum;
}

/* ------------------------------------------------------------- number of parts */

/* Takes another number of partitions, with the keys that are there. */
static int parts_set(struct riv_fold_window_op *self, uint32_t n,
                     struct riv_err *err)
{
    struct riv_fold_window *to = NULL;
    uint32_t made = 0;
    if (n == self->npart)
        return 0;
    int rc = riv__fold_window_make(&self->base, n, &to, &made, err);
    for (uint32_t k = 0; rc == 0 && k < self->npart; k++) {
        rc = riv__fold_window_settle(&self->part[k]);
        if (rc < 0)
            rc = riv__err_set(err, rc, "no memory for a window");
    }
    for (uint32_t k = 0; rc == 0 && k < self->npart; k++)
        rc = riv__fold_window_deal(&self->part[k], to, n, err);
    if (rc < 0) {
        riv__fold_window_drop(to, made);
        return rc;
    }
    riv__fold_window_drop(self->part, self->made);
    self->part = to;
    self->made = made;
    self->npart = n;
    return 0;
}

/* As many as wrote the bytes: a piece is a partition. */
static int parts_follow(struct riv_op *op, const struct riv_kept_from *from,
                        struct riv_err *err)
{
    if (from->of == 0 || from->of > 1 << 16 || from->part >= from->of)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "a piece of a window is damaged: partition %u of "
                            "%u",
                            from->part, from->of);
    return parts_set(riv__fold_window_op(op), from->of, err);
}

/* ---------------------------------------------------------------------- loading */

static int load_piece(struct riv_op *op, const struct riv_kept_from *from,
                      riv_str in, struct riv_err *err)
{
    RIV__TRY(parts_follow(op, from, err));
    struct riv_fold_window *fw = &riv__fold_window_op(op)->part[from->part];
    if (fw->slots.tab.nslot > 0 || fw->n > 0)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "partition %u of a window is there twice",
                            from->part);
    return riv__fold_window_read(fw, in, err);
}

/* The rows of a delta; their strings stay in the bytes. */
static int rows_read(struct riv_op *op, riv_str in,
                     struct riv_keyed_bucket *ret, struct riv_err *err)
{
    const struct riv_layout *layout = riv__op_in(op);
    const char *p = in.p, *end = in.p + in.n;
    while (p < end) {
        char *rows = ret->rows;
        if (riv__vec_room((void **)&rows, &ret->cap, ret->n + 1, layout->size) <
            0)
            return riv__err_set(err, RIV_ENOMEM, "no memory for a batch");
        ret->rows = rows;
        char *row = rows + ret->n++ * layout->size;
        memset(row, 0, layout->size);
        p = riv__decode_row(layout, p, end, row, err);
        if (!p)
            return RIV_ECHECKPOINT;
    }
    return 0;
}

static int load_delta(struct riv_op *op, const struct riv_kept_from *from,
                      riv_str in, struct riv_err *err)
{
    struct riv_keyed_bucket run = { .rows = NULL };
    RIV__TRY(parts_follow(op, from, err));
    int rc = rows_read(op, in, &run, err);
    const struct riv_fold_rows rows = {
        .run = &run,
        .nrun = 1,
        .size = riv__op_in(op)->size,
        .time = from->time,
        .zero = op->plan->zero,
    };
    if (rc == 0)
        rc = riv__fold_window_slide(&riv__fold_window_op(op)->part[from->part],
                                    &rows, err);
    free(run.rows);
    return rc;
}

static int loaded(struct riv_op *op, int64_t time, struct riv_err *err)
{
    (void)time;
    return parts_set(riv__fold_window_op(op), riv__fold_window_parts(op), err);
}

static uint64_t keys(struct riv_op *op)
{
    const struct riv_fold_window_op *self = riv__fold_window_op(op);
    uint64_t n = 0;
    for (uint32_t k = 0; k < self->npart; k++)
        n += self->part[k].slots.live;
    return n;
}

const struct riv_kept_ops riv__kept_fold_window = {
    .flags = RIV__KEPT_REPLAYS,
    .layouts = layouts,
    .parts = parts,
    .delta = delta,
    .piece = piece,
    .bytes = bytes,
    .keys = keys,
    .load_piece = load_piece,
    .load_delta = load_delta,
    .loaded = loaded,
};
