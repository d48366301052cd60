/* stream/run_window.c - riv_window: the records of the last batches, as they
 * are. What the tasks of a batch kept is taken over whole when the batch ends,
 * and given back when it has left the window: a record is copied once, but few
 * records are packed, lest each of a thousand small batches keeps a whole
 * piece. The result has one partition for each task of each batch, in the order
 * of time. */
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "data/encode.h"
#include "data/le.h"
#include "exec/chain.h"
#include "exec/kept.h"
#include "exec/run_rows.h"
#include "exec/standing.h"
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
    uint64_t bytes; /* of the rows */
};

struct window_op {
    struct riv_op base;
    struct riv_window window;
    struct store *store; /* in the order of time, from `first` on */
    size_t first, n, cap;
    uint64_t bytes; /* of all of them */
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
        self->bytes -= self->store[self->first].bytes;
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
    *store = (struct store){ .time = self->base.time,
                             .bytes = riv__rows_bytes(rows) };
    self->bytes += store->bytes;
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

/* ------------------------------------------------------------- for a journal
 * u32 stores, each: u32 rows, the rows. What batches brought within the length
 * of the window is all there is, so there are deltas and no snapshots. */

static void put_u32(struct riv_buf *to, uint32_t v)
{
    char bytes[4];
    riv__le_put32(bytes, v);
    riv__buf_add(to, bytes, sizeof bytes);
}

static const void *store_row(const struct store *store, size_t i, size_t size)
{
    return store->few ? (const char *)store->few + i * size
                      : (const char *)riv__rows_at(&store->rows, i);
}

static void put_store(const struct store *store,
                      const struct riv_layout *layout, struct riv_buf *to)
{
    const size_t n = store->few ? store->nfew : store->rows.n;
    put_u32(to, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        const void *row = store_row(store, i, layout->size);
        const size_t bytes = riv__encode_bytes(layout, row);
        char *at = riv__buf_room(to, bytes);
        if (at)
            riv__encode_row(layout, row, at);
        to->n += at ? bytes : 0;
    }
}

static int delta(struct riv_op *op, uint32_t k, struct riv_buf *to,
                 struct riv_err *err)
{
    const struct window_op *self = self_of(op);
    size_t from = self->n;
    (void)k;
    while (from > 0 && self->store[self->first + from - 1].time == op->time)
        from--;
    if (from == self->n)
        return 0;
    put_u32(to, (uint32_t)(self->n - from));
    for (size_t i = from; i < self->n; i++)
        put_store(&self->store[self->first + i], riv__op_in(op), to);
    return to->failed ? no_memory(op, err) : 0;
}

static int damaged(struct riv_op *op, struct riv_err *err)
{
    char show[256];
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "%s: the rows of a batch are "
                        "damaged",
                        riv__ds_show(op->ds, show, sizeof show));
}

/* One store from p on. The end of what was read, or NULL. */
static const char *load_store(struct riv_op *op, int64_t time, const char *p,
                              const char *end, struct riv_err *err)
{
    const struct riv_layout *layout = riv__op_in(op);
    struct riv_rows rows;
    char row[RIV__ROW_BYTES_MAX];
    if (end - p < 4)
        return NULL;
    uint32_t n = riv__le_get32(p);
    riv__rows_init(&rows, layout);
    for (p += 4; p && n > 0; n--) {
        memset(row, 0, layout->size);
        p = riv__decode_row(layout, p, end, row, err);
        if (p && riv__rows_append(&rows, row, 1) < 0)
            p = NULL;
    }
    op->time = time;
    if (p && rows.n > 0 && keep(self_of(op), &rows) < 0)
        p = NULL;
    riv__rows_fini(&rows);
    return p;
}

static int load_delta(struct riv_op *op, const struct riv_kept_from *from,
                      riv_str in, struct riv_err *err)
{
    const char *p = in.p, *end = in.p + in.n;
    if (in.n < 4)
        return damaged(op, err);
    uint32_t n = riv__le_get32(p);
    for (p += 4; p && n > 0; n--)
        p = load_store(op, from->time, p, end, err);
    return p == end ? 0 : damaged(op, err);
}

static void kept_layouts(const riv_ds *ds, const struct riv_layout **ret_key,
                         const struct riv_layout **ret_val)
{
    *ret_key = NULL;
    *ret_val = ds->parent[0]->layout;
}

static uint32_t kept_parts(struct riv_op *op)
{
    (void)op;
    return 1;
}

static int64_t reach_ms(struct riv_op *op)
{
    return self_of(op)->window.length_ms;
}

const struct riv_kept_ops riv__kept_window = {
    .flags = RIV__KEPT_DELTAS_ONLY,
    .layouts = kept_layouts,
    .parts = kept_parts,
    .reach_ms = reach_ms,
    .delta = delta,
    .load_delta = load_delta,
};

/* ------------------------------------------------------------ what stands */

static int64_t stands_ms(const struct riv_op *op)
{
    return ((const struct window_op *)op)->window.length_ms;
}

static uint64_t stands(const struct riv_op *op, int64_t since_ms)
{
    const struct window_op *self = (const struct window_op *)op;
    uint64_t bytes = self->bytes;
    for (size_t i = 0; i < self->n; i++) {
        const struct store *store = &self->store[self->first + i];
        if (store->time > since_ms)
            break;
        bytes -= store->bytes;
    }
    return bytes;
}

static const struct riv_standing_ops standing = { stands_ms, stands };

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
    .kept = &riv__kept_window,
    .standing = &standing,
};
