/* stream/kept_state.c - states of keys for the journal: the batch's changes,
 * pieces of all of them, and the way back. A key goes where its hash says, so
 * another number of partitions is no matter. */
#include <stdlib.h>

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

/* What scan() wrote before it tidied up; and what changed without a scan: the
 * first states. */
static int delta(struct riv_op *op, uint32_t k, struct riv_buf *to,
                 struct riv_err *err)
{
    struct riv_state_part *part = &riv__state_op(op)->part[k];
    riv__buf_add(to, part->delta.p, part->delta.n);
    riv__buf_reset(&part->delta);
    return riv__state_delta(&part->state, to, err);
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

static int load(struct riv_op *op, const struct riv_kept_from *from, riv_str in,
                struct riv_err *err)
{
    struct riv_state_op *self = riv__state_op(op);
    const struct riv_state_param *param = self->param;
    const char *p = in.p, *end = in.p + in.n;
    char *row = malloc((size_t)param->key->size + param->state->size + 16);
    int rc = row ? 0 : riv__err_set(err, RIV_ENOMEM, "no memory for states");
    char *val = row ? row + RIV__ALIGN_UP((size_t)param->key->size, 16) : NULL;
    self->loaded = true;
    while (rc == 0 && p < end) {
        int64_t touched;
        p = riv__state_read(param, from->val, p, end, row, val, &touched, err);
        if (!p) {
            rc = RIV_ECHECKPOINT;
            break;
        }
        const uint32_t k = riv__keyed_partition(param->key, row, self->npart);
        self->part[k].state.lists = false; /* the journal has it */
        rc = riv__state_load(&self->part[k].state, row, val, touched, err);
    }
    free(row);
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

const struct riv_kept_ops riv__kept_state = {
    .layouts = layouts,
    .parts = parts,
    .delta = delta,
    .piece = piece,
    .bytes = bytes,
    .load_piece = load,
    .load_delta = load,
    .loaded = loaded,
};
