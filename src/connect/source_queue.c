/* connect/source_queue.c - the queue of pushed rows, and the input that gives
 * them to batches. A push copies under a lock; a cut moves whole stores of rows
 * over and copies nothing. Stores that batches are done with are used again. */
#include <stdlib.h>

#include "connect/queue.h"
#include "connect/sources.h"
#include "connect/stores.h"

struct riv_queue {
    size_t limit_bytes;
    enum riv_queue_take how;
    struct riv_lock lock;
    /* protected by lock */
    struct riv_stores stores;
    bool closed;
    uint64_t pushed, taken;  /* rows */
    struct riv_input *input; /* NULL: not tied yet */
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
    riv__stores_init(&queue->stores, layout);
    queue->limit_bytes = limit_bytes;
    queue->how = how;
    riv__lock_init(&queue->lock);
    *ret = queue;
    return 0;
}

void riv__queue_free(struct riv_queue *queue)
{
    if (!queue)
        return;
    riv__stores_fini(&queue->stores);
    riv__lock_fini(&queue->lock);
    free(queue);
}

/* @locks queue->lock */
static int push(struct riv_queue *queue, const void *rows, size_t n,
                size_t bytes)
{
    if (queue->closed)
        return RIV_ESTOPPED;
    if (!riv__stores_room(&queue->stores, bytes, queue->limit_bytes))
        return RIV_EBUSY;
    return riv__stores_add(&queue->stores, rows, n, bytes,
                           queue->how == RIV__QUEUE_EACH);
}

int riv__queue_push(struct riv_queue *queue, const void *rows, size_t n)
{
    const size_t bytes = riv__stores_bytes(queue->stores.layout, rows, n);
    const size_t half = queue->limit_bytes / 2;
    struct riv_input *wake = NULL;
    riv__lock(&queue->lock);
    bool was_below = queue->stores.bytes < half;
    int rc = push(queue, rows, n, bytes);
    queue->pushed += rc == 0 ? n : 0;
    if (was_below && queue->stores.bytes >= half)
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

/* Of the first store what the batch may still take; one push, where each is a
 * batch, is taken whole. @locks queue->lock */
static int cut_first(struct riv_queue *queue, struct riv_input *input,
                     struct riv_cut *cut, struct riv_err *err)
{
    const struct riv_store *first = queue->stores.first;
    const size_t most =
        queue->how == RIV__QUEUE_ALL
            ? riv__stores_fit(&queue->stores, riv__rate_left(&input->rate))
            : SIZE_MAX;
    size_t n = 0;
    RIV__TRY(riv__stores_cut(&queue->stores, input->index, most, cut, &n, err));
    queue->taken += n;
    riv__rate_took(&input->rate, riv__stores_have(first, n));
    return 0;
}

static size_t queue_waiting(struct riv_input *input)
{
    struct riv_queue *queue = ((struct queue_input *)input)->queue;
    if (!queue)
        return 0;
    riv__lock(&queue->lock);
    const size_t bytes = queue->stores.bytes;
    riv__unlock(&queue->lock);
    return bytes;
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
    bool more = queue->stores.first && riv__rate_left(&input->rate) > 0;
    while (more && rc == 0) {
        rc = cut_first(queue, input, cut, err);
        more = all && queue->stores.first && riv__rate_left(&input->rate) > 0;
    }
    bool end = queue->closed && !queue->stores.first;
    riv__unlock(&queue->lock);
    if (rc < 0)
        return rc;
    return end ? RIV__READ_END : RIV__READ_MORE;
}

static void queue_parts(struct riv_input *input, riv__part_fn *each, void *arg)
{
    struct riv_queue *queue = ((struct queue_input *)input)->queue;
    struct riv_input_part part = { .name = "" };
    if (!queue)
        return;
    riv__lock(&queue->lock);
    part.position = (int64_t)queue->taken;
    part.end = (int64_t)queue->pushed;
    riv__unlock(&queue->lock);
    each(arg, &part);
}

static void queue_release(struct riv_input *input)
{
    struct riv_queue *queue = ((struct queue_input *)input)->queue;
    if (!queue)
        return;
    riv__lock(&queue->lock);
    riv__stores_release(&queue->stores);
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
    .flags = RIV__SOURCE_ROWS | RIV__SOURCE_WHOLE,
    .open = queue_open,
    .cut = queue_cut,
    .waiting = queue_waiting,
    .close = queue_close,
    .release = queue_release,
    .parts = queue_parts,
    .unit = "records",
};
