/* connect/stores.c - rows between who gives them and batches. */
#include "connect/stores.h"

#include <stdlib.h>

#include "data/frame.h"

enum { SPARE_MAX = 4 };

void riv__stores_init(struct riv_stores *stores,
                      const struct riv_layout *layout)
{
    *stores = (struct riv_stores){ .layout = layout };
}

static void free_all(struct riv_store *store)
{
    while (store) {
        struct riv_store *next = store->next;
        riv__rows_fini(&store->rows);
        free(store);
        store = next;
    }
}

void riv__stores_fini(struct riv_stores *stores)
{
    free_all(stores->first);
    free_all(stores->running);
    free_all(stores->spare);
    *stores = (struct riv_stores){ .layout = stores->layout };
}

static struct riv_store *get_store(struct riv_stores *stores)
{
    struct riv_store *store = stores->spare;
    if (store) {
        stores->spare = store->next;
        stores->nspare--;
        store->next = NULL;
        return store;
    }
    store = calloc(1, sizeof *store);
    if (store)
        riv__rows_init(&store->rows, stores->layout);
    return store;
}

static void put_store(struct riv_stores *stores, struct riv_store *store)
{
    store->next = NULL;
    store->bytes = store->taken = 0;
    if (stores->nspare == SPARE_MAX) {
        free_all(store);
        return;
    }
    riv__rows_reset(&store->rows);
    store->next = stores->spare;
    stores->spare = store;
    stores->nspare++;
}

size_t riv__stores_bytes(const struct riv_layout *layout, const void *rows,
                         size_t n)
{
    const char *row = rows;
    size_t bytes = n * layout->size;
    for (size_t i = 0; i < n && layout->nstr > 0; i++, row += layout->size) {
        for (uint32_t k = 0; k < layout->nstr; k++)
            bytes +=
                ((const riv_str *)(const void *)(row + layout->str_offset[k]))
                    ->n;
    }
    return bytes;
}

bool riv__stores_room(const struct riv_stores *stores, size_t bytes,
                      size_t limit)
{
    return stores->bytes == 0 ||
           (bytes <= limit && stores->bytes <= limit - bytes);
}

/* A store that takes the rows: the last, or one more. */
static struct riv_store *open_store(struct riv_stores *stores, bool apart)
{
    if (!apart && stores->last)
        return stores->last;
    struct riv_store *store = get_store(stores);
    if (!store)
        return NULL;
    if (stores->last)
        stores->last->next = store;
    else
        stores->first = store;
    stores->last = store;
    return store;
}

int riv__stores_add(struct riv_stores *stores, const void *rows, size_t n,
                    size_t bytes, bool apart)
{
    struct riv_store *store = open_store(stores, apart);
    if (!store)
        return RIV_ENOMEM;
    size_t before = store->rows.n;
    int rc = riv__rows_append(&store->rows, rows, n);
    if (rc < 0) {
        store->rows.n = before; /* the strings stay until the reset */
        return rc;
    }
    store->bytes += bytes;
    stores->bytes += bytes;
    return 0;
}

size_t riv__stores_fit(const struct riv_stores *stores, uint64_t bytes)
{
    const struct riv_store *first = stores->first;
    if (!first || bytes >= first->bytes)
        return SIZE_MAX;
    const double rows =
        (double)bytes / (double)first->bytes * (double)first->rows.n;
    return rows < 1 ? 1 : (size_t)rows;
}

uint64_t riv__stores_have(const struct riv_store *store, size_t rows)
{
    const double each = (double)store->bytes / (double)store->rows.n;
    return (uint64_t)(each * (double)rows);
}

struct store_cut {
    struct riv_cut *cut;
    uint32_t source, part;
};

/* The rows from `taken` on, in the store's pieces: one part, so that they are
 * one task until they are many, and another one than the store before them. */
static int add_ranges(struct riv_store *store, const struct store_cut *to,
                      size_t until, struct riv_err *err)
{
    const size_t size = store->rows.layout->size;
    while (store->taken < until) {
        const size_t inside = store->taken % RIV__CHUNK_ROWS;
        const size_t n =
            RIV__MIN(until - store->taken, RIV__CHUNK_ROWS - inside);
        const struct riv_range range = {
            .kind = RIV__RANGE_ROWS,
            .source = to->source,
            .part = to->part,
            .until = n * size,
            .rows = riv__rows_at(&store->rows, store->taken),
            .n = n,
        };
        RIV__TRY(riv__cut_add(to->cut, &range, err));
        store->taken += n;
    }
    return 0;
}

static void take_first(struct riv_stores *stores)
{
    struct riv_store *store = stores->first;
    stores->first = store->next;
    if (!stores->first)
        stores->last = NULL;
    stores->bytes -= store->bytes;
    store->next = stores->running;
    stores->running = store;
}

int riv__stores_cut(struct riv_stores *stores, uint32_t source, size_t most,
                    struct riv_cut *cut, size_t *ret_n, struct riv_err *err)
{
    struct riv_store *store = stores->first;
    *ret_n = 0;
    if (!store)
        return 0;
    const size_t before = store->taken;
    const size_t n = RIV__MIN(store->rows.n - before, most);
    const struct store_cut to = {
        .cut = cut,
        .source = source,
        .part = 1 + stores->ncut++ % 2,
    };
    int rc = add_ranges(store, &to, before + n, err);
    *ret_n = store->taken - before;
    if (store->taken == store->rows.n)
        take_first(stores);
    return rc;
}

void riv__stores_release(struct riv_stores *stores)
{
    while (stores->running) {
        struct riv_store *store = stores->running;
        stores->running = store->next;
        put_store(stores, store);
    }
}
