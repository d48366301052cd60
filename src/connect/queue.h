/* connect/queue.h - rows that the program pushes: the queue behind riv_queue
 * and riv_push. It exists from the building of the graph on; the running input
 * (source_queue.c) is tied to it before the first batch. */
#ifndef RIV_CONNECT_QUEUE_H
#define RIV_CONNECT_QUEUE_H

#include "data/layout.h"
#include "io/source.h"

struct riv_queue;

enum riv_queue_take {
    RIV__QUEUE_ALL,  /* a batch takes all that was pushed before its tick */
    RIV__QUEUE_EACH, /* one push a batch: Spark's oneAtATime */
};

/* layout is borrowed as long as the queue lives. limit_bytes: rows and strings
 * that wait; a push into an empty queue is always taken. */
int riv__queue_new(const struct riv_layout *layout, size_t limit_bytes,
                   enum riv_queue_take how, struct riv_queue **ret,
                   struct riv_err *err) RIV__MUST_USE;
/* After the input that it is tied to. */
void riv__queue_free(struct riv_queue *queue);

/* Copies n rows with their strings, all or none. 0, RIV_EBUSY (full: again
 * after the next batch), RIV_ENOMEM, RIV_ESTOPPED (closed). @thread any */
int riv__queue_push(struct riv_queue *queue, const void *rows, size_t n)
    RIV__MUST_USE;

/* No more pushes; what waits still runs, then the input ends. @thread any */
void riv__queue_close(struct riv_queue *queue);

/* Ties an input of riv__source_queue to its queue. @thread builder */
void riv__queue_tie(struct riv_queue *queue, struct riv_input *input);

#endif
