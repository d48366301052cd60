/* connect/kafka_producer.c - what both ways of writing to a topic share: a
 * producer of the client library, a record through it, what it says of records
 * and of brokers, and records as they come (frames). For sink_kafka.c and
 * kafka_transaction.c, of which it knows nothing. */
#include <stdio.h>

#include "connect/kafka_err.h"
#include "connect/kafka_library.h"
#include "connect/kafka_output.h"
#include "data/le.h"

enum { POLL_MS = 100 };

/* ------------------------------------------------------------- its name */

void riv__kafka_own_name(const struct riv_kafka_output *self,
                         char dst[RIV__KAFKA_ID_BYTES])
{
    const char *name = self->base.conf->name;
    snprintf(dst, RIV__KAFKA_ID_BYTES, "rivulet-%s-%u",
             name[0] ? name : self->base.owner, self->output);
}

int riv__kafka_output_right(struct riv_kafka_output *self,
                            rd_kafka_resp_err_t code, struct riv_err *err)
{
    char own[RIV__KAFKA_ID_BYTES];
    riv__kafka_own_name(self, own);
    return riv__kafka_right(
        err, code,
        &(struct riv_kafka_rights){ .operation = "Write",
                                    .topic = self->uri.topic[0],
                                    .group = own,
                                    .id = own });
}

/* ------------------------------------------------- what the library says */

void riv__kafka_output_trouble(struct riv_kafka_output *self,
                               const struct riv_err *err)
{
    self->troubled = true;
    riv__sink_trouble(&self->base, err);
}

void riv__kafka_output_recovered(struct riv_kafka_output *self)
{
    if (self->troubled)
        riv__sink_trouble(&self->base, NULL);
    self->troubled = false;
    self->reason[0] = '\0';
}

static int not_written(struct riv_kafka_output *self, rd_kafka_resp_err_t code,
                       struct riv_err *err)
{
    const char *topic = self->uri.topic[0];
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
        return riv__kafka_too_large(err, topic);
    if (riv__kafka_code(code) == RIV_ENOINPUT)
        return riv__kafka_no_topic(err, topic);
    riv__kafka_err(err, code, "a record was not written",
                   riv__kafka_code(code) == RIV_EUNAVAIL ? self->reason : NULL);
    return riv__kafka_output_right(self, code, err);
}

/* Which of the records failed, and why: the first counts. */
static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *msg,
                        void *opaque)
{
    struct riv_kafka_output *self = opaque;
    (void)rk;
    if (msg->err && self->failed.code == 0)
        (void)not_written(self, msg->err, &self->failed);
    else if (!msg->err)
        riv__kafka_output_recovered(self);
}

void riv__kafka_output_error(rd_kafka_t *rk, int code, const char *reason,
                             void *opaque)
{
    struct riv_kafka_output *self = opaque;
    (void)rk;
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        return;
    struct riv_err why = { .code = 0 };
    self->troubles++;
    riv__kafka_reason(self->reason, sizeof self->reason, code, reason);
    riv__kafka_err(&why, (rd_kafka_resp_err_t)code, "the brokers",
                   self->reason);
    if (why.code == RIV_EUNAVAIL) /* others end the batch */
        riv__kafka_output_trouble(self, &why);
}

/* ------------------------------------------------------------ a producer */

int riv__kafka_producer(struct riv_kafka_output *self,
                        const struct riv_kafka_fixed *fixed, rd_kafka_t **ret,
                        struct riv_err *err)
{
    static const struct riv_kafka_fixed wanted[] = {
        /* within a transaction as long as that may take, by the library */
        { "message.timeout.ms", "60000" },
        { "linger.ms", "2" },
        { "transaction.timeout.ms", "60000" },
        /* a topic that nobody has made; the library waits 30 s for it */
        { "topic.metadata.propagation.max.ms", "5000" },
        { "queue.buffering.max.kbytes", "65536" },
        { "partitioner", "murmur2_random" }, /* as Kafka's own client does */
        { NULL, NULL },
    };
    const bool exact = self->base.conf->kafka_delivery == RIV__EXACTLY_ONCE;
    rd_kafka_conf_t *made;
    RIV__TRY(riv__kafka_conf(
        &(struct riv_kafka_conf_spec){ .sys = self->base.sys,
                                       .conf = self->base.conf,
                                       .brokers = self->uri.brokers,
                                       .fixed = fixed,
                                       .wanted = wanted + exact,
                                       .on_error = riv__kafka_output_error,
                                       .opaque = self },
        &made, err));
    riv__rdk->conf_set_dr_msg_cb(made, on_delivery);
    return riv__kafka_new(RD_KAFKA_PRODUCER, made, ret, err);
}

/* -------------------------------------------------------------- a record */

int riv__kafka_had_failed(struct riv_kafka_output *self, struct riv_err *err)
{
    return self->failed.code < 0
               ? riv__err_set(err, self->failed.code, "%s", self->failed.text)
               : 0;
}

/* On success the library has the headers. */
static rd_kafka_resp_err_t put_now(rd_kafka_t *rk, const char *topic,
                                   const struct riv_kafka_frame *frame,
                                   rd_kafka_headers_t *headers)
{
    const union {
        const char *in;
        void *out;
    } key = { frame->key.p }, value = { frame->value.p };
    const rd_kafka_vu_t part[] = {
        { .vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic },
        { .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY },
        { .vtype = RD_KAFKA_VTYPE_VALUE,
          .u.mem = { value.out, frame->value.n } },
        { .vtype = RD_KAFKA_VTYPE_KEY, .u.mem = { key.out, frame->key.n } },
        { .vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers },
    };
    rd_kafka_error_t *error =
        riv__rdk->produceva(rk, part, RIV__LEN(part) - (headers ? 0 : 1));
    const rd_kafka_resp_err_t code = riv__rdk->error_code(error);
    riv__rdk->error_destroy(error);
    return code;
}

/* The library's queue is full while a broker is slow or away: that holds up the
 * batch, and so the sources. Records time out there after message.timeout.ms. A
 * record that has no room in an empty one never will. */
int riv__kafka_produce(struct riv_kafka_output *self, rd_kafka_t *rk,
                       const struct riv_kafka_frame *frame,
                       rd_kafka_headers_t *headers, struct riv_err *err)
{
    const char *topic = self->uri.topic[0];
    for (bool alone = false;;) {
        rd_kafka_resp_err_t code = put_now(rk, topic, frame, headers);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            return riv__kafka_had_failed(self, err);
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            if (headers)
                riv__rdk->headers_destroy(headers);
            return not_written(self, code, err);
        }
        const bool never = alone;
        alone = riv__rdk->outq_len(rk) == 0;
        if (!alone)
            riv__rdk->poll(rk, POLL_MS);
        if (!never && self->failed.code == 0)
            continue;
        if (headers)
            riv__rdk->headers_destroy(headers);
        RIV__TRY(riv__kafka_had_failed(self, err));
        return riv__kafka_no_room(err, topic);
    }
}

size_t riv__kafka_frame(const char *p, size_t n, struct riv_kafka_frame *ret)
{
    if (n < RIV__KAFKA_FRAME_HEAD)
        return 0;
    const uint32_t key = riv__le_get32(p), value = riv__le_get32(p + 4);
    const size_t key_n = key == RIV__KAFKA_NO_KEY ? 0 : key;
    if (key_n > n - RIV__KAFKA_FRAME_HEAD ||
        value > n - RIV__KAFKA_FRAME_HEAD - key_n)
        return 0;
    p += RIV__KAFKA_FRAME_HEAD;
    *ret = (struct riv_kafka_frame){
        .key = { key == RIV__KAFKA_NO_KEY ? NULL : p, key_n },
        .value = { p + key_n, value },
    };
    return RIV__KAFKA_FRAME_HEAD + key_n + value;
}
