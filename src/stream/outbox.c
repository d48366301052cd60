/* stream/outbox.c - outboxes of an earlier run, batch by batch in their order.
 * All are read first, because sending takes time and a statement would stay open:
 * a commit waits for the one before, so there are two at most. */
#include "stream/outbox.h"

#include <stdlib.h>

#include "base/point.h"
#include "base/vec.h"
#include "stream/leftover.h"

struct box {
    uint64_t batch;
    struct riv_buf bytes;
};

struct boxes {
    struct box *box;
    size_t n, cap;
};

static int see_box(void *arg, uint64_t batch, riv_str bytes,
                   struct riv_err *err)
{
    struct boxes *all = arg;
    if (RIV__VEC_ROOM(all->box, all->cap, all->n + 1) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for what is to send");
    struct box *box = &all->box[all->n++];
    box->batch = batch;
    riv__buf_init(&box->bytes, 0);
    riv__buf_add(&box->bytes, bytes.p, bytes.n);
    return box->bytes.failed
               ? riv__err_set(err, RIV_ENOMEM, "no memory for what is to send")
               : 0;
}

static int drop(struct riv_journal *journal, uint32_t output, uint64_t batch,
                struct riv_err *err)
{
    RIV__TRY(riv__journal_begin(journal, err));
    const int rc = riv__journal_drop_outbox(journal, output, batch, err);
    return riv__journal_end(journal, rc, err);
}

static int send_all(struct riv_durable *d, uint32_t output,
                    struct riv_sink *sink, const struct boxes *all,
                    struct riv_err *err)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct box *box = &all->box[i];
        RIV_POINT("outbox.before_send");
        RIV__TRY(riv__sink_send(sink, output, box->batch,
                                (riv_str){ box->bytes.p, box->bytes.n }, err));
        RIV_POINT("outbox.sent");
        RIV__TRY(drop(d->journal, output, box->batch, err));
    }
    return 0;
}

/* A sink for an output that the program no longer has. */
static int with_sink(struct riv_durable *d, uint32_t output, riv_str uri,
                     const struct boxes *all, struct riv_err *err)
{
    struct riv_sink *sink = NULL;
    RIV__TRY(riv__leftover_sink(d, uri, &sink, err));
    const int rc = send_all(d, output, sink, all, err);
    riv__sink_free(sink);
    return rc;
}

int riv__outbox_finish(struct riv_durable *d, uint32_t output,
                       struct riv_sink *sink, riv_str uri, struct riv_err *err)
{
    struct boxes all = { .n = 0 };
    int rc = riv__journal_each_outbox(d->journal, output, see_box, &all, err);
    if (rc == 0 && all.n > 0)
        rc = sink ? send_all(d, output, sink, &all, err)
                  : with_sink(d, output, uri, &all, err);
    for (size_t i = 0; i < all.n; i++)
        riv__buf_fini(&all.box[i].bytes);
    free(all.box);
    return rc;
}
