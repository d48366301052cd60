/* stream/run_window.c - riv_window: the records of the last batches, as they
 * are. What the tasks of a batch kept is taken over whole when the batch ends,
 * and given back when it has left the window: a record is copied once, but few
 * records are packed, lest each of a thousand small batches keeps a whole
 * piece. The result has one partition for each task of each batch, in the order
 * of time. */
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "exec/chain.h"
#include "exec/run_rows.h"
#include "stream/runners.h"
#include "stream/window.h"

enum { PACK_BELOW = RIV__CHUNK_ROWS / 4 }; /* rows */

/* What one task of one batch gave. */
struct store {
    int64_t time; /* of the batch */
    struct riv_rows rows;
    void *few; /* instead: so many rows, packed */
    size_t nfew;
    struct riv_arena packed;
};

struct window_op {
    struct riv_op base;
    struct riv_window window;
    struct store *store; /* in the order of time, from `first` on */
    size_t first, n, cap;
};

static struct window_op *self_of(struct riv_op *op)
{
    return (struct window_op *)op;
}

static int window_open(struct riv_op *op, struct riv_err *err)
{
    return riv__window_init(&self_of(op)->window, op, err);
}

static void store_fini(struct store *store)
{
    riv__rows_fini(&store->rows);
    riv__arena_fini(&store->packed);
}

static void window_close(struct riv_op *op)
{
    struct window_op *self = self_of(op);
    for (size_t i = 0; i < self->n; i++)
        store_fini(&self->store[self->first + i]);
    free(self->store);
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    return riv__rows_part_open(part, 1, err);
}

static int no_memory(struct riv_op *op, struct riv_err *err)
{
    char show[256];
    return riv__err_set(err, RIV_ENOMEM, "%s: no memory for its rows",
                        riv__ds_show(op->ds, show, sizeof show));
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    struct riv_rows_part *p = (struct riv_rows_part *)part;
    (void)side;
    if (riv__rows_append(&p->bucket[0], rows, n) < 0)
        return no_memory(part->op, err);
    return 0;
}

static void forget(struct window_op *self, int64_t left)
{
    while (self->n > 0 && self->store[self->first].time <= left) {
        store_fini(&self->store[self->first]);
        self->first++;
        self->n--;
    }
}

/* Room for one more behind the last: what has left makes room first, when it is
 * the larger half. */
static int store_room(struct window_op *self)
{
    if (self->first > self->n) {
        memmove(self->store, self->store + self->first,
                self->n * sizeof *self->store);
        self->first = 0;
    }
    return RIV__VEC_ROOM(self->store, self->cap, self->first + self->n + 1);
}

static int store_pack(struct store *store, const struct riv_rows *rows)
{
    const size_t bytes = rows->n * rows->layout->size;
    riv__arena_init(&store->packed, bytes);
    store->few = riv__arena_copy(&store->packed, riv__rows_at(rows, 0), bytes);
    if (!store->few)
        return RIV_ENOMEM;
    store->nfew = rows->n;
    return riv__rows_own(rows->layout, store->few, rows->n, &store->packed);
}

/* Takes the rows of one task over; the part begins anew. */
static int keep(struct window_op *self, struct riv_rows *rows)
{
    RIV__TRY(store_room(self));
    struct store *store = &self->store[self->first + self->n++];
    *store = (struct store){ .time = self->base.time };
    riv__rows_init(&store->rows, rows->layout);
    if (rows->n < PACK_BELOW)
        return store_pack(store, rows);
    const struct riv_rows empty = store->rows;
    store->rows = *rows;
    *rows = empty;
    return 0;
}

static int window_end(struct riv_op *op, struct riv_err *err)
{
    struct window_op *self = self_of(op);
    forget(self, riv__window_left(&self->window, op->time));
    if (!riv__window_needs(&self->window, op->plan->zero, op->time))
        return 0;
    for (uint32_t i = 0; i < op->npart; i++) {
        struct riv_rows_part *p = (struct riv_rows_part *)op->part[i];
        if (p->bucket[0].n > 0 && keep(self, &p->bucket[0]) < 0)
            return no_memory(op, err);
    }
    return 0;
}

static uint32_t parts(struct riv_op *op)
{
    return (uint32_t)self_of(op)->n;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    struct window_op *self = self_of(op);
    const struct store *store = &self->store[self->first + k];
    return store->few ? riv__chain_push(chain, store->few, store->nfew)
                      : riv__rows_scan(&store->rows, chain);
}

const struct riv_op_ops riv__run_window = {
    .op_size = sizeof(struct window_op),
    .part_size = sizeof(struct riv_rows_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED,
    .open = window_open,
    .close = window_close,
    .part_open = part_open,
    .part_close = riv__rows_part_close,
    .part_begin = riv__rows_part_begin,
    .take = take,
    .end = window_end,
    .parts = parts,
    .scan = scan,
};
