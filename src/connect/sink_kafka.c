/* connect/sink_kafka.c - "kafka://HOST:PORT[,...]/TOPIC" as an output: a record
 * for each line, or for each pair of riv_save_kafka.
 *
 * At least once: records go to the broker as they come, and a batch is done when
 * all are acknowledged. One that is run again writes again; headers say which
 * batch, and which record of it, so that a reader can tell.
 *
 * Exactly once: a batch waits here, goes into the journal's outbox with the
 * commit, and then out as one transaction (kafka_transaction.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "connect/kafka_err.h"
#include "connect/kafka_library.h"
#include "connect/kafka_output.h"
#include "connect/sinks.h"
#include "data/le.h"

enum {
    BOX_BYTES_MAX = 256 * 1024 * 1024,  /* of a batch */
    REST_BYTES_MAX = 256 * 1024 * 1024, /* of a record that has begun */
    FLUSH_MS = 100,
    RECORD_HEAD_BYTES = 36, /* of a record, as the library counts them */
};

static struct riv_kafka_output *self_of(struct riv_sink *sink)
{
    return (struct riv_kafka_output *)sink;
}

static bool kafka_exact(const struct riv_settings *conf)
{
    return conf->kafka_delivery == RIV__EXACTLY_ONCE;
}

/* ------------------------------------------------------------------ opening */

static int producer_make(struct riv_kafka_output *self, struct riv_err *err)
{
    static const struct riv_kafka_fixed fixed[] = {
        { "enable.idempotence", "true" },
        { "transactional.id", NULL },
        { "bootstrap.servers", NULL },
        { "metadata.broker.list", NULL },
        { NULL, NULL },
    };
    return riv__kafka_producer(self, fixed, &self->rk, err);
}

static int kafka_open(struct riv_sink *sink, struct riv_err *err)
{
    struct riv_kafka_output *self = self_of(sink);
    const char *rest = strchr(sink->uri, ':') + 1;
    riv__buf_init(&self->rest, REST_BYTES_MAX);
    riv__buf_init(&self->box, BOX_BYTES_MAX);
    self->framed = strcmp(sink->format, "frames") == 0;
    RIV__TRY(riv__kafka_uri_read(rest, "committed", &self->uri, err));
    if (self->uri.ntopic != 1 || strchr(rest, '?'))
        return riv__err_set(err, RIV_EINVAL,
                            "an output is one topic: kafka://HOST:PORT/TOPIC");
    if (kafka_exact(sink->conf) && !sink->owner)
        return riv__err_set(err, RIV_EINVAL,
                            "kafka.delivery = exactly_once is for streams with "
                            "a state directory (state.dir), which remembers "
                            "what was written");
    return kafka_exact(sink->conf) ? riv__kafka_transaction_check(self, err)
                                   : producer_make(self, err);
}

/* ---------------------------------------------------------------- at least once */

static void put_number(rd_kafka_headers_t *headers, const char *name,
                       int64_t value)
{
    char text[RIV__NUM_TEXT];
    const size_t n = riv__num_put_i64(text, value);
    riv__rdk->header_add(headers, name, -1, text, (ssize_t)n);
}

static int write_now(struct riv_kafka_output *self,
                     const struct riv_kafka_frame *frame, struct riv_err *err)
{
    const struct riv_sink *sink = &self->base;
    rd_kafka_headers_t *headers = riv__rdk->headers_new(3);
    if (self->sequence_ms != sink->time_ms)
        self->sequence = 0;
    self->sequence_ms = sink->time_ms;
    riv__rdk->header_add(headers, "rivulet-application", -1,
                         sink->owner ? sink->owner : sink->conf->name, -1);
    put_number(headers, "rivulet-batch", sink->time_ms);
    put_number(headers, "rivulet-sequence", self->sequence++);
    return riv__kafka_produce(self, self->rk, frame, headers, err);
}

/* ------------------------------------------------------- records out of text */

/* One that no transaction can have is refused before it is in the journal. */
static int put_box(struct riv_kafka_output *self,
                   const struct riv_kafka_frame *frame, struct riv_err *err)
{
    char head[RIV__KAFKA_FRAME_HEAD];
    if (frame->key.n + frame->value.n + RECORD_HEAD_BYTES >
        self->record_bytes_max)
        return riv__kafka_too_large(err, self->uri.topic[0]);
    riv__le_put32(head,
                  frame->key.p ? (uint32_t)frame->key.n : RIV__KAFKA_NO_KEY);
    riv__le_put32(head + 4, (uint32_t)frame->value.n);
    riv__buf_add(&self->box, head, sizeof head);
    riv__buf_add(&self->box, frame->key.p ? frame->key.p : "", frame->key.n);
    riv__buf_add(&self->box, frame->value.p, frame->value.n);
    return self->box.failed
               ? riv__err_set(err, RIV_ENOMEM,
                              "a batch has more than %d MiB for one "
                              "transaction; smaller batches (rate.max, "
                              "batch.interval) have room",
                              BOX_BYTES_MAX >> 20)
               : 0;
}

static int take_frame(struct riv_kafka_output *self,
                      const struct riv_kafka_frame *frame, struct riv_err *err)
{
    return kafka_exact(self->base.conf) ? put_box(self, frame, err)
                                        : write_now(self, frame, err);
}

/* The next record of what has come; 0: it is not whole yet. */
static size_t next_frame(const struct riv_kafka_output *self, const char *p,
                         size_t n, struct riv_kafka_frame *ret)
{
    if (self->framed)
        return riv__kafka_frame(p, n, ret);
    const char *end = n > 0 ? memchr(p, '\n', n) : NULL;
    if (!end)
        return 0;
    *ret = (struct riv_kafka_frame){ .value = { p, (size_t)(end - p) } };
    return ret->value.n + 1;
}

/* Text comes in pieces that may end anywhere. */
static int kafka_write(struct riv_sink *sink, const char *p, size_t n,
                       struct riv_err *err)
{
    struct riv_kafka_output *self = self_of(sink);
    struct riv_kafka_frame frame;
    const bool joined = self->rest.n > 0;
    size_t used = 0, step;
    if (joined) {
        riv__buf_add(&self->rest, p, n);
        p = self->rest.p;
        n = self->rest.n;
    }
    while ((step = next_frame(self, p + used, n - used, &frame)) > 0) {
        RIV__TRY(take_frame(self, &frame, err));
        used += step;
    }
    if (joined) {
        memmove(self->rest.p, self->rest.p + used, n - used);
        self->rest.n -= used;
    } else {
        riv__buf_add(&self->rest, p + used, n - used);
    }
    return self->rest.failed
               ? riv__err_set(err, RIV_ENOMEM, "no memory for a record")
               : 0;
}

/* All of the batch is with the broker, on as many of its replicas as it keeps
 * in step. Exactly once it waits in the box; the client is the storage thread's
 * then, which may end it at this moment. */
static int kafka_batch(struct riv_sink *sink, struct riv_err *err)
{
    struct riv_kafka_output *self = self_of(sink);
    if (kafka_exact(sink->conf))
        return 0;
    while (riv__rdk->outq_len(self->rk) > 0 && self->failed.code == 0)
        (void)riv__rdk->flush(self->rk, FLUSH_MS);
    return riv__kafka_had_failed(self, err);
}

/* -------------------------------------------------------------- exactly once */

static int kafka_commit(struct riv_sink *sink, uint32_t output,
                        struct riv_commit *commit, struct riv_err *err)
{
    struct riv_kafka_output *self = self_of(sink);
    if (self->box.n == 0)
        return 0;
    struct riv_commit_blob *blob =
        riv__commit_blob(commit, RIV__BLOB_OUTBOX, output);
    if (!blob)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a batch");
    const struct riv_buf empty = blob->bytes;
    blob->bytes = self->box; /* swapped, not copied */
    self->box = empty;
    self->box.max = BOX_BYTES_MAX;
    riv__buf_reset(&self->box);
    commit->publishes = true;
    return 0;
}

static int kafka_complete(struct riv_sink *sink, uint32_t output,
                          struct riv_commit *commit, struct riv_err *err)
{
    (void)sink, (void)output, (void)commit, (void)err;
    return 0; /* each batch was complete */
}

static int no_file(struct riv_err *err)
{
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "the journal knows files of it, but it is a topic");
}

static int kafka_sync(struct riv_sink *sink, const struct riv_file_row *row,
                      struct riv_err *err)
{
    (void)sink, (void)row;
    return no_file(err);
}

static int kafka_resume(struct riv_sink *sink, struct riv_file_row *row,
                        struct riv_err *err)
{
    (void)sink;
    return row ? no_file(err) : 0;
}

static int kafka_send(struct riv_sink *sink, uint32_t output, uint64_t batch,
                      riv_str bytes, struct riv_err *err)
{
    return riv__kafka_transaction(self_of(sink), output, batch, bytes, err);
}

static void kafka_close(struct riv_sink *sink)
{
    struct riv_kafka_output *self = self_of(sink);
    if (self->rk)
        riv__kafka_end(self->rk);
    riv__kafka_uri_fini(&self->uri);
    riv__buf_fini(&self->rest);
    riv__buf_fini(&self->box);
}

const struct riv_sink_ops riv__sink_kafka = {
    .name = "kafka",
    .sink_size = sizeof(struct riv_kafka_output),
    .exact = kafka_exact,
    .open = kafka_open,
    .write = kafka_write,
    .batch = kafka_batch,
    .close = kafka_close,
    .commit = kafka_commit,
    .complete = kafka_complete,
    .sync = kafka_sync,
    .show = kafka_sync,
    .resume = kafka_resume,
    .send = kafka_send,
};
