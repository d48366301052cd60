/* stream/kept_state.c - states of keys for the journal: the batch's changes,
 * pieces of all of them, and the way back. A key goes where its hash says, so
 * another number of partitions is no matter. */
#include <stdlib.h>
#include <string.h>

#include "data/hash.h"
#include "exec/kept.h"
#include "stream/keyed.h"
#include "stream/run_state.h"

enum { PIECE_BYTES = 1000 * 1000 };

static void layouts(const riv_ds *ds, const struct riv_layout **ret_key,
                    const struct riv_layout **ret_val)
{
    const struct riv_state_param *param = ds->param;
    *ret_key = param->key;
    *ret_val = param->state;
}

static uint32_t parts(struct riv_op *op)
{
    return riv__state_op(op)->npart;
}

static int delta(struct riv_op *op, uint32_t k, struct riv_buf *to,
                 struct riv_err *err)
{
    return riv__state_delta(&riv__state_op(op)->part[k].state, to, err);
}

static int piece(struct riv_op *op, uint32_t k, uint64_t *at,
                 struct riv_buf *to, struct riv_err *err)
{
    return riv__state_piece(&riv__state_op(op)->part[k].state, at, PIECE_BYTES,
                            to, err);
}

static uint64_t bytes(struct riv_op *op)
{
    const struct riv_state_op *self = riv__state_op(op);
    uint64_t sum = 0;
    for (uint32_t k = 0; k < self->npart; k++) {
        const struct riv_slots *slots = &self->part[k].state.slots;
        sum +=
            (uint64_t)slots->live * slots->tab.entry_bytes + slots->string_live;
    }
    return sum;
}

/* States that were read and wait to be put into the table together: of one
 * partition, which is all of a piece unless the number of partitions has
 * changed. */
struct batch {
    struct riv_state_op *op;
    uint32_t part;
    size_t n;
    char *key, *val;
    int64_t touched[RIV__STATE_GROUPS];
};

static int batch_flush(struct batch *b, struct riv_err *err)
{
    struct riv_state *state = &b->op->part[b->part].state;
    const size_t n = b->n;
    b->n = 0;
    state->lists = false; /* the journal has it */
    return n ? riv__state_load(state, b->key, b->val, b->touched, n, err) : 0;
}

/* The state that was read last stands at the end of the batch. */
static int batch_add(struct batch *b, struct riv_err *err)
{
    const struct riv_state_param *param = b->op->param;
    const size_t key_bytes = param->key->size, val_bytes = param->state->size;
    const char *key = b->key + b->n * key_bytes;
    const char *val = b->val + b->n * val_bytes;
    const uint32_t part = riv__keyed_partition(param->key, key, b->op->npart);
    if (part != b->part && b->n > 0) {
        const int64_t touched = b->touched[b->n];
        RIV__TRY(batch_flush(b, err));
        memmove(b->key, key, key_bytes);
        memmove(b->val, val, val_bytes);
        b->touched[0] = touched;
    }
    b->part = part;
    return ++b->n == RIV__STATE_GROUPS ? batch_flush(b, err) : 0;
}

static int load_rows(struct batch *b, const struct riv_kept_from *from,
                     riv_str in, struct riv_err *err)
{
    const struct riv_state_param *param = b->op->param;
    const char *p = in.p, *end = in.p + in.n;
    while (p < end) {
        p = riv__state_read(
            param, from->val, p, end, b->key + b->n * param->key->size,
            b->val + b->n * param->state->size, &b->touched[b->n], err);
        if (!p) /* damaged, or a function of the program failed */
            return err && err->code < 0 ? err->code : RIV_ECHECKPOINT;
        RIV__TRY(batch_add(b, err));
    }
    return batch_flush(b, err);
}

static int load(struct riv_op *op, const struct riv_kept_from *from, riv_str in,
                struct riv_err *err)
{
    struct riv_state_op *self = riv__state_op(op);
    struct batch b = { .op = self };
    self->loaded = true;
    b.key = malloc((size_t)RIV__STATE_GROUPS * self->param->key->size);
    b.val = malloc((size_t)RIV__STATE_GROUPS * self->param->state->size);
    int rc = b.key && b.val
                 ? load_rows(&b, from, in, err)
                 : riv__err_set(err, RIV_ENOMEM, "no memory for states");
    free(b.key);
    free(b.val);
    return rc;
}

static int loaded(struct riv_op *op, int64_t time, struct riv_err *err)
{
    struct riv_state_op *self = riv__state_op(op);
    self->loaded = true;
    for (uint32_t k = 0; k < self->npart; k++) {
        struct riv_state *state = &self->part[k].state;
        state->time = time;
        state->lists = op->exec->journaled;
        RIV__TRY(riv__state_loaded(state, err));
    }
    return 0;
}

static uint64_t keys(struct riv_op *op)
{
    uint64_t n = 0;
    for (uint32_t k = 0; k < riv__state_op(op)->npart; k++)
        n += riv__state_op(op)->part[k].state.slots.live;
    return n;
}

const struct riv_kept_ops riv__kept_state = {
    .layouts = layouts,
    .parts = parts,
    .delta = delta,
    .piece = piece,
    .bytes = bytes,
    .keys = keys,
    .load_piece = load,
    .load_delta = load,
    .loaded = loaded,
};
