/* stream/run_state.c - map_with_state and update_state_by_key. The rows of a
 * batch are dealt out by key when they arrive; the partitions' states are gone
 * through when the result is read, one task a partition, so that what the
 * functions emit goes on at once. A batch without rows and without anything
 * that could time out costs nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "exec/chain.h"
#include "exec/job.h"
#include "exec/kept.h"
#include "exec/run_rows.h"
#include "graph/partitioner.h"
#include "stream/keyed.h"
#include "stream/run_state.h"
#include "stream/runners.h"

static struct riv_state_op *self_of(struct riv_op *op)
{
    return riv__state_op(op);
}

static bool updates(const struct riv_op *op)
{
    return op->ds->kind == &riv__kind_update_state;
}

static int state_open(struct riv_op *op, struct riv_err *err)
{
    struct riv_state_op *self = self_of(op);
    const int64_t interval_ms = op->exec->conf->interval_ms;
    const uint32_t asked = riv__op_partitions(op);
    const uint32_t n = asked ? asked : RIV__PARTITIONS_AUTO;
    self->param = op->ds->param;
    self->part = calloc(n, sizeof *self->part);
    if (!self->part)
        return riv__err_set(err, RIV_ENOMEM, "no memory for states");
    for (; self->npart < n; self->npart++) {
        struct riv_state_part *part = &self->part[self->npart];
        RIV__TRY(riv__state_init(&part->state, self->param, interval_ms, err));
        part->state.lists = op->exec->journaled;
    }
    return 0;
}

static void values_fini(struct riv_state_values *values)
{
    free(values->slot);
    free(values->value);
    free(values->start);
    free(values->side);
}

static void state_close(struct riv_op *op)
{
    struct riv_state_op *self = self_of(op);
    const uint32_t asked = riv__op_partitions(op);
    const uint32_t n = asked ? asked : RIV__PARTITIONS_AUTO;
    for (uint32_t k = 0; self->part && k < n; k++) {
        riv__state_fini(&self->part[k].state);
        values_fini(&self->part[k].values);
    }
    free(self->part);
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    const struct riv_state_op *self = self_of(part->op);
    return riv__keyed_open(part, self->param->key, self->npart, err);
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    return riv__op_take_keyed(part, side, self_of(part->op)->param->key,
                              (struct riv_rows_in){ rows, n }, riv__keyed_take,
                              err);
}

/* -------------------------------------------------------- initial states */

static int load_rows(struct riv_state_op *self, const struct riv_rows *rows,
                     struct riv_err *err)
{
    const size_t at = rows->layout->type->fields[1].offset;
    for (size_t i = 0; i < rows->n; i++) {
        const char *row = riv__rows_at(rows, i);
        uint32_t k = riv__keyed_partition(self->param->key, row, self->npart);
        RIV__TRY(riv__state_set(&self->part[k].state, row, row + at, err));
    }
    return 0;
}

static int load_run(struct riv_state_op *self, const riv_ds *collect,
                    struct riv_err *err)
{
    struct riv_plan *plan = NULL;
    RIV__TRY(riv__plan_new(self->base.exec, &collect, 1, &plan, err));
    int rc = riv__job_now(plan, self->base.time, err);
    struct riv_op *op = rc == 0 ? riv__plan_op(plan, collect) : NULL;
    for (uint32_t i = 0; rc == 0 && i < op->npart; i++)
        rc =
            load_rows(self, ((struct riv_rows_part *)op->part[i])->bucket, err);
    riv__plan_free(plan);
    return rc;
}

/* A job of its own in front of the first batch: the RDD is read once. */
static int load(struct riv_state_op *self, struct riv_err *err)
{
    struct riv_graph *graph = self->base.exec->graph;
    struct riv_arena *was = graph->arena;
    struct riv_arena arena;
    riv_ds *initial = self->param->initial;
    const bool frozen = graph->frozen;
    self->loaded = true;
    if (!initial)
        return 0;
    riv__arena_init(&arena, 1024);
    const size_t mark = riv__graph_mark(graph, &arena);
    const riv_ds *collect = riv__graph_add(
        graph, &(struct riv_node_spec){
                   .kind = &riv__kind_collect, .in = &initial, .nin = 1 });
    int rc = graph->err.code;
    if (rc == 0)
        rc = load_run(self, collect, err);
    else if (err)
        *err = graph->err;
    riv__graph_release(graph, mark);
    graph->arena = was;
    graph->frozen = frozen;
    riv__arena_fini(&arena);
    return rc;
}

static int state_end(struct riv_op *op, struct riv_err *err)
{
    struct riv_state_op *self = self_of(op);
    for (uint32_t k = 0; k < self->npart; k++)
        self->part[k].state.time = op->time;
    return self->loaded ? 0 : load(self, err);
}

/* -------------------------------------------------------- going through it */

static int key_failed(const struct riv_op *op, int rc, struct riv_chain *chain)
{
    char show[256];
    return riv__chain_fail(chain, rc, "%s: no memory for its keys",
                           riv__ds_show(op->ds, show, sizeof show));
}

/* One record after the other, in the order of arrival; a call of them at a time,
 * so that their states are still near when they are copied. */
static int map_rows(struct riv_op *op, struct riv_state *state, const char *row,
                    size_t n, struct riv_chain *chain)
{
    const size_t size = riv__op_in(op)->size;
    uint32_t slot[RIV__STATE_GROUPS];
    int rc = riv__table_slots(&state->slots.tab, row, size, n, slot);
    if (rc < 0)
        return key_failed(op, rc, chain);
    return riv__state_map(state,
                          (struct riv_state_rows){
                              .row = row,
                              .size = size,
                              .n = n,
                              .val_offset = self_of(op)->param->val_offset,
                          },
                          slot, chain);
}

static int map_part(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    struct riv_state *state = &self_of(op)->part[k].state;
    const size_t size = riv__op_in(op)->size;
    for (uint32_t i = 0; i < op->npart; i++) {
        const struct riv_keyed_bucket *b = riv__keyed_rows(op, i, k);
        for (size_t at = 0, n; at < b->n; at += n) {
            n = RIV__MIN(b->n - at, (size_t)RIV__STATE_GROUPS);
            RIV__TRY(map_rows(op, state, b->rows + at * size, n, chain));
        }
    }
    return riv__state_time_out(state, chain);
}

static int values_room(struct riv_op *op, uint32_t k,
                       struct riv_state_values *values)
{
    const size_t n = riv__keyed_count(op, k);
    RIV__TRY(RIV__VEC_ROOM(values->slot, values->slot_cap, n + 1));
    return RIV__VEC_ROOM(values->value, values->value_cap, n + 1);
}

/* The slots of all rows, and where each call's values begin. */
static int values_count(struct riv_op *op, uint32_t k,
                        struct riv_state_values *values)
{
    struct riv_table *tab = &self_of(op)->part[k].state.slots.tab;
    const size_t size = riv__op_in(op)->size;
    uint32_t *slot = values->slot;
    for (uint32_t i = 0; i < op->npart; i++) {
        const struct riv_keyed_bucket *b = riv__keyed_rows(op, i, k);
        RIV__TRY(riv__table_slots(tab, b->rows, size, b->n, slot));
        slot += b->n;
    }
    const size_t calls = tab->nslot / RIV__STATE_GROUPS + 1;
    RIV__TRY(RIV__VEC_ROOM(values->start, values->start_cap, calls + 2));
    memset(values->start, 0, (calls + 2) * sizeof *values->start);
    for (const uint32_t *s = values->slot; s < slot; s++)
        values->start[*s / RIV__STATE_GROUPS + 2]++;
    uint32_t most = 0;
    for (size_t i = 0; i < calls; i++) {
        most = RIV__MAX(most, values->start[i + 2]);
        values->start[i + 2] += values->start[i + 1];
    }
    return RIV__VEC_ROOM(values->side, values->side_cap,
                         most * riv__op_in(op)->type->fields[1].length + 1);
}

/* start[c + 1] is where the next value of call c goes, and becomes its end. */
static void values_place(struct riv_op *op, uint32_t k,
                         struct riv_state_values *values)
{
    const size_t size = riv__op_in(op)->size;
    const uint32_t *slot = values->slot;
    for (uint32_t i = 0; i < op->npart; i++) {
        const struct riv_keyed_bucket *b = riv__keyed_rows(op, i, k);
        const char *p = b->rows + self_of(op)->param->val_offset;
        for (size_t r = 0; r < b->n; r++, p += size, slot++) {
            uint32_t *at = &values->start[*slot / RIV__STATE_GROUPS + 1];
            values->value[(*at)++] = (struct riv_state_value){ p, *slot };
        }
    }
}

static int values_make(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    struct riv_state_values *values = &self_of(op)->part[k].values;
    int rc = values_room(op, k, values);
    if (rc == 0)
        rc = values_count(op, k, values);
    if (rc < 0)
        return key_failed(op, rc, chain);
    values_place(op, k, values);
    return 0;
}

/* Every key that has a state or values, in the order of slots. */
static int update_part(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    struct riv_state_part *part = &self_of(op)->part[k];
    const struct riv_layout *out = op->ds->layout;
    RIV__TRY(values_make(op, k, chain));
    const struct riv_state_updates all = {
        .value = part->values.value,
        .start = part->values.start,
        .val_bytes = riv__op_in(op)->type->fields[1].length,
        .side = part->values.side,
        .row = riv__chain_rows(chain, out->size),
        .row_bytes = out->size,
        .state_offset = out->type->fields[1].offset,
    };
    return all.row ? riv__state_update(&part->state, &all, chain) : chain->rc;
}

/* A partition of nothing is left out, and so is a batch in which nothing can
 * happen. */
static uint32_t parts(struct riv_op *op)
{
    const struct riv_state_op *self = self_of(op);
    const bool looks = updates(op) || self->param->timeout_ms > 0;
    for (uint32_t k = 0; k < self->npart; k++)
        if (riv__keyed_count(op, k) > 0 ||
            (looks && self->part[k].state.slots.live > 0))
            return self->npart;
    return 0;
}

/* States change here, so a batch goes through a partition once. */
static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    struct riv_state_part *part = &self_of(op)->part[k];
    struct riv_err err = { 0 };
    char show[256];
    if (part->ran == op->time)
        return riv__chain_fail(
            chain, RIV_EFATAL,
            "%s: partition %u has changed its states in this batch already; "
            "it cannot run again",
            riv__ds_show(op->ds, show, sizeof show), k);
    part->ran = op->time;
    RIV__TRY(updates(op) ? update_part(op, k, chain) : map_part(op, k, chain));
    if (riv__state_write(&part->state, &err) < 0)
        return riv__chain_fail(chain, err.code, "%s", err.text);
    const int64_t turn = op->time / op->exec->conf->interval_ms;
    const bool own = turn % self_of(op)->npart == k;
    if (riv__state_tidy(&part->state, own ? 1 : 3, &err) < 0)
        return riv__chain_fail(chain, err.code, "%s", err.text);
    return chain->rc;
}

const struct riv_op_ops riv__run_state = {
    .op_size = sizeof(struct riv_state_op),
    .part_size = sizeof(struct riv_keyed_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ONCE | RIV__OP_DEALS,
    .open = state_open,
    .close = state_close,
    .part_open = part_open,
    .part_close = riv__keyed_close,
    .part_begin = riv__keyed_begin,
    .take = take,
    .end = state_end,
    .parts = parts,
    .scan = scan,
    .kept = &riv__kept_state,
};

/* --------------------------------------------------------- all the states */

/* Fed by what the function emitted, which it ignores: that all states are done
 * is what it waits for. */
static int ignore(struct riv_part *part, uint32_t side, const void *rows,
                  size_t n, struct riv_err *err)
{
    (void)part, (void)side, (void)rows, (void)n, (void)err;
    return 0;
}

static struct riv_state_op *watched(const struct riv_op *op)
{
    return self_of(riv__plan_op(op->plan, op->ds->param));
}

static uint32_t snapshots_parts(struct riv_op *op)
{
    return watched(op)->npart;
}

static int snapshots_scan(struct riv_op *op, uint32_t k,
                          struct riv_chain *chain)
{
    return riv__state_scan(&watched(op)->part[k].state,
                           op->ds->layout->type->fields[1].offset,
                           op->ds->layout->size, chain);
}

const struct riv_op_ops riv__run_snapshots = {
    .op_size = sizeof(struct riv_op),
    .part_size = sizeof(struct riv_part),
    .take = ignore,
    .parts = snapshots_parts,
    .scan = snapshots_scan,
};
