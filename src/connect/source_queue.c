/* connect/source_queue.c - the queue of pushed rows, and the input that gives
 * them to batches. A push copies under a lock; a cut moves whole stores of rows
 * over and copies nothing. Stores that batches are done with are used again. */
#include <stdlib.h>

#include "connect/queue.h"
#include "connect/sources.h"
#include "data/rows.h"

enum { SPARE_MAX = 4 };

struct store {
    struct riv_rows rows;
    struct store *next;
    size_t bytes;
};

struct riv_queue {
    const struct riv_layout *layout;
    enum riv_queue_take how;
    struct riv_lock lock;
    /* protected by lock */
    struct store *first, *last; /* pushed, oldest first */
    struct store *spare;
    size_t nspare, bytes, limit_bytes;
    bool closed;
    struct riv_input *input; /* NULL: not tied yet */
    /* @thread driver */
    struct store *running; /* in batches that are not done */
};

struct queue_input {
    struct riv_input base;
    struct riv_queue *queue;
};

int riv__queue_new(const struct riv_layout *layout, size_t limit_bytes,
                   enum riv_queue_take how, struct riv_queue **ret,
                   struct riv_err *err)
{
    struct riv_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a queue");
    queue->layout = layout;
    queue->limit_bytes = limit_bytes;
    queue->how = how;
    riv__lock_init(&queue->lock);
    *ret = queue;
    return 0;
}

static void free_stores(struct store *store)
{
    while (store) {
        struct store *next = store->next;
        riv__rows_fini(&store->rows);
        free(store);
        store = next;
    }
}

void riv__queue_free(struct riv_queue *queue)
{
    if (!queue)
        return;
    free_stores(queue->first);
    free_stores(queue->running);
    free_stores(queue->spare);
    riv__lock_fini(&queue->lock);
    free(queue);
}

/* @locks queue->lock */
static struct store *get_store(struct riv_queue *queue)
{
    struct store *store = queue->spare;
    if (store) {
        queue->spare = store->next;
        queue->nspare--;
        store->next = NULL;
        return store;
    }
    store = calloc(1, sizeof *store);
    if (store)
        riv__rows_init(&store->rows, queue->layout);
    return store;
}

/* @locks queue->lock */
static void put_store(struct riv_queue *queue, struct store *store)
{
    store->next = NULL;
    store->bytes = 0;
    if (queue->nspare == SPARE_MAX) {
        free_stores(store);
        return;
    }
    riv__rows_reset(&store->rows);
    store->next = queue->spare;
    queue->spare = store;
    queue->nspare++;
}

static size_t deep_bytes(const struct riv_layout *layout, const char *row,
                         size_t n)
{
    size_t bytes = n * layout->size;
    for (size_t i = 0; i < n && layout->nstr > 0; i++, row += layout->size) {
        for (uint32_t k = 0; k < layout->nstr; k++)
            bytes +=
                ((const riv_str *)(const void *)(row + layout->str_offset[k]))
                    ->n;
    }
    return bytes;
}

/* @locks queue->lock. A store that takes the rows: the last, or one more. */
static struct store *open_store(struct riv_queue *queue)
{
    if (queue->how == RIV__QUEUE_ALL && queue->last)
        return queue->last;
    struct store *store = get_store(queue);
    if (!store)
        return NULL;
    if (queue->last)
        queue->last->next = store;
    else
        queue->first = store;
    queue->last = store;
    return store;
}

/* @locks queue->lock */
static int push(struct riv_queue *queue, const void *rows, size_t n,
                size_t bytes)
{
    if (queue->closed)
        return RIV_ESTOPPED;
    if (queue->bytes > 0 && (bytes > queue->limit_bytes ||
                             queue->bytes > queue->limit_bytes - bytes))
        return RIV_EBUSY;
    struct store *store = open_store(queue);
    if (!store)
        return RIV_ENOMEM;
    size_t before = store->rows.n;
    int rc = riv__rows_append(&store->rows, rows, n);
    if (rc < 0) {
        store->rows.n = before; /* the strings stay until the reset */
        return rc;
    }
    store->bytes += bytes;
    queue->bytes += bytes;
    return 0;
}

int riv__queue_push(struct riv_queue *queue, const void *rows, size_t n)
{
    size_t bytes = deep_bytes(queue->layout, rows, n);
    struct riv_input *wake = NULL;
    riv__lock(&queue->lock);
    bool was_below = queue->bytes < queue->limit_bytes / 2;
    int rc = push(queue, rows, n, bytes);
    if (was_below && queue->bytes >= queue->limit_bytes / 2)
        wake = queue->input;
    if (wake && wake->driver) /* before the input can be freed */
        wake->sys->wake_raise(wake->sys, wake->driver);
    riv__unlock(&queue->lock);
    return rc;
}

void riv__queue_close(struct riv_queue *queue)
{
    riv__lock(&queue->lock);
    queue->closed = true;
    riv__unlock(&queue->lock);
}

void riv__queue_tie(struct riv_queue *queue, struct riv_input *input)
{
    struct queue_input *self = (struct queue_input *)input;
    RIV__ASSERT(input->ops == &riv__source_queue);
    self->queue = queue;
    riv__lock(&queue->lock);
    queue->input = input;
    riv__unlock(&queue->lock);
}

static int queue_open(struct riv_input *input, struct riv_err *err)
{
    if (*input->rest)
        return riv__err_set(err, RIV_EINVAL,
                            "a queue has no address: only "
                            "riv_queue and riv_push make one");
    return 0;
}

static int add_chunks(struct riv_input *input, struct riv_cut *cut,
                      const struct store *store, struct riv_err *err)
{
    const size_t size = store->rows.layout->size;
    size_t n;
    const void *rows = riv__rows_chunk(&store->rows, 0, &n);
    for (size_t k = 0; n > 0; rows = riv__rows_chunk(&store->rows, ++k, &n)) {
        struct riv_range range = {
            .kind = RIV__RANGE_ROWS,
            .source = input->index,
            .until = n * size,
            .rows = rows,
            .n = n,
        };
        RIV__TRY(riv__cut_add(cut, &range, err));
    }
    return 0;
}

/* Takes the first store off the queue. @locks queue->lock */
static struct store *take_first(struct riv_queue *queue)
{
    struct store *store = queue->first;
    queue->first = store->next;
    if (!queue->first)
        queue->last = NULL;
    queue->bytes -= store->bytes;
    store->next = queue->running;
    queue->running = store;
    return store;
}

static int queue_cut(struct riv_input *input, struct riv_cut *cut,
                     struct riv_err *err)
{
    struct riv_queue *queue = ((struct queue_input *)input)->queue;
    int rc = 0;
    if (!queue)
        return riv__err_set(err, RIV_EINVAL,
                            "no queue belongs to this input: "
                            "riv_queue makes one");
    riv__lock(&queue->lock);
    bool all = queue->how == RIV__QUEUE_ALL;
    if (atomic_load_explicit(&input->stopping, memory_order_acquire))
        all = queue->closed = true;
    bool more = queue->first != NULL;
    while (more && rc == 0) {
        rc = add_chunks(input, cut, take_first(queue), err);
        more = all && queue->first;
    }
    bool end = queue->closed && !queue->first;
    riv__unlock(&queue->lock);
    if (rc < 0)
        return rc;
    return end ? RIV__READ_END : RIV__READ_MORE;
}

static void queue_release(struct riv_input *input)
{
    struct riv_queue *queue = ((struct queue_input *)input)->queue;
    if (!queue)
        return;
    riv__lock(&queue->lock);
    while (queue->running) {
        struct store *store = queue->running;
        queue->running = store->next;
        put_store(queue, store);
    }
    riv__unlock(&queue->lock);
}

static void queue_close(struct riv_input *input)
{
    struct riv_queue *queue = ((struct queue_input *)input)->queue;
    if (!queue)
        return;
    riv__lock(&queue->lock);
    queue->input = NULL;
    riv__unlock(&queue->lock);
}

const struct riv_source_ops riv__source_queue = {
    .name = "queue",
    .input_size = sizeof(struct queue_input),
    .flags = RIV__SOURCE_ROWS,
    .open = queue_open,
    .cut = queue_cut,
    .close = queue_close,
    .release = queue_release,
};
