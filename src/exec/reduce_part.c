/* exec/reduce_part.c - one task of a reduction by key: rows become keys, keys
 * find their accumulators, values are folded in. */
#include <stdlib.h>

#include "base/vec.h"
#include "exec/ready.h"
#include "exec/reduce.h"

static struct riv_reduce_part *part_of(struct riv_part *part)
{
    return (struct riv_reduce_part *)part;
}

/* The first use of a table's memory. */
int riv__reduce_table_open(struct riv_reduce_table *table, const riv_ds *ds,
                           struct riv_err *err)
{
    const struct riv_reduce_param *param = ds->param;
    if (table->open)
        return 0;
    riv__tally_init(&table->tab, param->key, param->acc ? param->acc->size : 0);
    table->open = true;
    if (riv__folder_init(&table->folder, ds) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a reducer");
    return 0;
}

void riv__reduce_table_fini(struct riv_reduce_table *table)
{
    if (!table->open)
        return;
    riv__tally_fini(&table->tab);
    riv__folder_fini(&table->folder);
    riv__arena_fini(&table->blocks);
    table->open = false;
}

int riv__reduce_part_open(struct riv_part *part, struct riv_err *err)
{
    (void)part, (void)err;
    return 0;
}

void riv__reduce_part_close(struct riv_part *part)
{
    riv__reduce_table_fini(&part_of(part)->own);
    riv__reduce_slots_fini(&part_of(part)->held[0].slots);
    riv__reduce_slots_fini(&part_of(part)->held[1].slots);
    free(part_of(part)->aside);
}

static void table_empty(struct riv_reduce_table *table)
{
    riv__tally_reset(&table->tab);
    table->rows = 0;
    table->scatters = false;
}

static void holds(struct riv_reduce_part *p, struct riv_reduce_table *table)
{
    struct riv_reduce_held *held = &p->held[p->nheld++];
    held->in = p->to = table;
    held->first = held->until = table->tab.nslot;
}

/* A task of this wave that has folded into a shared table, and failed. */
static bool is_again(const struct riv_reduce_part *p)
{
    const struct riv_reduce_op *self = riv__reduce_op(p->base.op);
    return p->wave == self->wave && p->nheld > 0 && p->held[0].in != &p->own;
}

static int begin_again(struct riv_reduce_part *p, struct riv_err *err)
{
    p->skip = p->taken;
    if (p->nheld == 2) /* what the second attempt folded stays, too */
        return 0;
    RIV__TRY(riv__reduce_table_open(&p->own, p->base.op->ds, err));
    table_empty(&p->own);
    holds(p, &p->own);
    return 0;
}

static int begin_first(struct riv_reduce_part *p, struct riv_err *err)
{
    const struct riv_part *part = &p->base;
    struct riv_reduce_op *self = riv__reduce_op(part->op);
    const bool shares = self->shares && !riv__reduce_is_direct(part->op);
    struct riv_reduce_table *table =
        shares ? &self->worker[part->chain->worker->index] : &p->own;
    RIV__TRY(riv__reduce_table_open(table, part->op->ds, err));
    if (!shares || table->filling != self->filling)
        table_empty(table);
    table->filling = self->filling;
    p->wave = self->wave;
    p->taken = p->skip = 0;
    p->nheld = 0;
    holds(p, table);
    p->scatters = false;
    return table->scatters ? riv__reduce_scatter_begin(p, err) : 0;
}

int riv__reduce_part_begin(struct riv_part *part, struct riv_err *err)
{
    struct riv_reduce_part *p = part_of(part);
    RIV__TRY(is_again(p) ? begin_again(p, err) : begin_first(p, err));
    riv__folder_begin(&p->to->folder, part->op->time, part->chain);
    return 0;
}

/* Rows are in. A batch of one task needs its table as the result. */
static int took(struct riv_reduce_part *p, struct riv_err *err)
{
    p->held[p->nheld - 1].until = p->to->tab.nslot;
    const struct riv_reduce_op *self = riv__reduce_op(p->base.op);
    if (!self->may_scatter || self->pieces == 1 || p->nheld == 2 ||
        riv__reduce_is_direct(p->base.op) || !riv__reduce_is_worth(p->to))
        return 0;
    p->to->scatters = true;
    return riv__reduce_scatter_begin(p, err);
}

/* How many of the next n rows are in already. */
static size_t passed_over(struct riv_reduce_part *p, size_t n)
{
    const size_t skip = (size_t)RIV__MIN(p->skip, (uint64_t)n);
    p->skip -= skip;
    return skip;
}

static int put_aside(struct riv_reduce_part *p, const char *rows, size_t stride,
                     size_t n, struct riv_err *err)
{
    int rc = riv__reduce_scatter(p, rows, stride, n);
    if (rc < 0)
        return riv__reduce_key_failed(p->base.op, rc, err);
    p->taken += n;
    return 0;
}

/* At most RIV__REDUCE_ROWS; keys that are too long among them are refused. */
static int fold_rows(struct riv_part *part, uint32_t side, const void *rows,
                     size_t n, struct riv_err *err)
{
    struct riv_reduce_part *p = part_of(part);
    struct riv_reduce_table *to = p->to;
    struct riv_keys *keys = part->chain->worker->keys;
    const struct riv_reduce_param *param = riv__reduce_op(part->op)->param;
    const size_t stride = riv__op_in(part->op)->size;
    int rc = riv__keys_make(keys, &to->tab, rows, stride, n);
    if (RIV__RARELY(rc == RIV_EINVAL))
        return riv__op_take_keyed(part, side, param->key,
                                  (struct riv_rows_in){ rows, n }, fold_rows,
                                  err);
    if (rc < 0)
        return riv__reduce_key_failed(part->op, rc, err);
    RIV__TRY(riv__folder_rows(&to->folder, &to->tab, keys, n,
                              (const char *)rows + param->in_offset, stride,
                              err));
    p->taken += n;
    to->rows += n;
    return 0;
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    struct riv_reduce_part *p = part_of(part);
    const size_t stride = riv__op_in(part->op)->size;
    const size_t skip = passed_over(p, n);
    const char *at = (const char *)rows + skip * stride;
    n -= skip;
    if (p->scatters && p->nheld == 1)
        return put_aside(p, at, stride, n, err);
    for (size_t m; n > 0; n -= m, at += m * stride) {
        m = RIV__MIN(n, (size_t)RIV__REDUCE_ROWS);
        RIV__TRY(fold_rows(part, side, at, m, err));
    }
    return took(p, err);
}

/* What is refused is refused by each attempt anew. */
int riv__reduce_take(struct riv_part *part, uint32_t side, const void *rows,
                     size_t n, struct riv_err *err)
{
    const struct riv_layout *key = riv__reduce_op(part->op)->param->key;
    if (RIV__RARELY(part_of(part)->skip > 0))
        return riv__op_take_keyed(part, side, key,
                                  (struct riv_rows_in){ rows, n }, take, err);
    return take(part, side, rows, n, err);
}

static int refuse_slices(struct riv_part *part, struct riv_keys *keys)
{
    for (uint32_t i = 0; i < keys->nwide;) {
        if (keys->slice[i].n <= RIV__KEY_BYTES_MAX) {
            i++;
            continue;
        }
        RIV__TRY(riv__op_refuse_key(part, 0, &keys->slice[i]));
        riv__keys_remove_wide(keys, i);
    }
    return 0;
}

int riv__reduce_take_text(struct riv_part *part, struct riv_step *step,
                          struct riv_text *text, uint64_t *n,
                          struct riv_err *err)
{
    struct riv_reduce_part *p = part_of(part);
    struct riv_tally *tab = &p->to->tab;
    struct riv_keys *keys = part->chain->worker->keys;
    const struct riv_ready_ops *ready = riv__ready_of(step->ds->kind);
    while (text->p < text->end) {
        ready->keys(step, text, tab, keys);
        *n += keys->nword + keys->nwide;
        int rc = riv__keys_bytes(keys);
        if (RIV__RARELY(rc == RIV_EINVAL)) {
            RIV__TRY(refuse_slices(part, keys));
            rc = riv__keys_bytes(keys);
        }
        const uint32_t rows = keys->nword + keys->nwide;
        const size_t skip = passed_over(p, rows);
        if (RIV__RARELY(skip > 0))
            riv__keys_drop(keys, (uint32_t)skip);
        if (rc == 0)
            rc = riv__tally_count(tab, keys);
        if (rc < 0)
            return riv__reduce_key_failed(part->op, rc, err);
        p->taken += rows - skip;
    }
    p->held[p->nheld - 1].until = tab->nslot;
    return 0;
}

void riv__reduce_slots_fini(struct riv_reduce_slots *slots)
{
    free(slots->order);
    free(slots->scratch);
    free(slots->start);
}

int riv__reduce_sort(const struct riv_reduce_op *self,
                     const struct riv_tally *tab, uint32_t first,
                     uint32_t until, struct riv_reduce_slots *slots,
                     struct riv_err *err)
{
    const uint32_t pieces = self->partitions * self->pieces;
    const size_t n = until - first;
    if (!slots->start)
        slots->start = malloc((self->partitions * self->pieces_max + 1) *
                              sizeof *slots->start);
    if (!slots->start ||
        RIV__VEC_ROOM(slots->order, slots->order_cap, n + 1) < 0 ||
        RIV__VEC_ROOM(slots->scratch, slots->scratch_cap, n + 1) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory to order the keys");
    riv__tally_by_part(
        tab, first, until - first,
        &(struct riv_tally_parts){ pieces, slots->order, slots->start,
                                   slots->scratch });
    return 0;
}

int riv__reduce_part_sort(struct riv_reduce_part *p, struct riv_err *err)
{
    for (uint32_t i = 0; i < p->nheld; i++)
        RIV__TRY(riv__reduce_sort(riv__reduce_op(p->base.op),
                                  &p->held[i].in->tab, p->held[i].first,
                                  p->held[i].until, &p->held[i].slots, err));
    return 0;
}

/* Sorting its keys by partition is the task's own work, unless there is but one
 * worker: then its table is the result, most of the time. */
int riv__reduce_part_end(struct riv_part *part, struct riv_err *err)
{
    struct riv_reduce_part *p = part_of(part);
    if (riv__reduce_is_direct(part->op) ||
        (p->held[0].in != &p->own && part->op->exec->nworker == 1))
        return 0;
    return riv__reduce_part_sort(p, err);
}
