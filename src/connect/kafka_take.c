/* connect/kafka_take.c - records from the library's queues into lanes, and what
 * stands between records in a log: its end, an error. One copy of each record,
 * none of large ones that lanes take as they are; 256 messages are taken with one
 * call. For source_kafka.c. */
#include <stdio.h>
#include <string.h>

#include "connect/kafka_err.h"
#include "connect/kafka_input.h"
#include "connect/kafka_library.h"
#include "data/le.h"
#include "data/type.h"

enum {
    RECORDS = 256, /* that are moved at once */
    ROUNDS = 8,    /* of these, before another partition's turn */
};

/* A header: lengths of name and value, then both. */
static void put_header(struct riv_buf *to, const char *name, const void *value,
                       size_t n)
{
    char head[8];
    const size_t length = strlen(name);
    riv__le_put32(head, (uint32_t)length);
    riv__le_put32(head + 4, (uint32_t)n);
    riv__buf_add(to, head, sizeof head);
    riv__buf_add(to, name, length);
    riv__buf_add(to, value, n);
}

/* The length of what was added. */
static size_t put_headers(struct riv_kafka_input *self,
                          const rd_kafka_message_t *msg)
{
    rd_kafka_headers_t *headers;
    const char *name;
    const void *value;
    size_t n, before = self->headers.n;
    if (riv__rdk->message_headers(msg, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0;
    for (size_t i = 0;
         riv__rdk->header_get_all(headers, i, &name, &value, &n) ==
         RD_KAFKA_RESP_ERR_NO_ERROR;
         i++)
        put_header(&self->headers, name, value ? value : "", value ? n : 0);
    return self->headers.n - before;
}

static int64_t time_of(const rd_kafka_message_t *msg)
{
    rd_kafka_timestamp_type_t type;
    return riv__rdk->message_timestamp(msg, &type);
}

/* Records whose lengths do not fit are no records. 0: none is to be taken. */
static int count_pieces(struct riv_kafka_input *self,
                        const rd_kafka_message_t *msg, size_t *ret,
                        struct riv_err *err)
{
    const riv_str value = { msg->payload, msg->len };
    const int64_t n = value.p ? riv__pieces_count(self->uri.pieces, value) : 1;
    char where[320];
    *ret = n > 0 ? (size_t)n : 0;
    if (n >= 0)
        return 0;
    snprintf(
        where, sizeof where,
        "topic %s, partition %d, offset %lld: the lengths in the message do "
        "not fit its %zu bytes, or it has more than %d records",
        riv__rdk->topic_name(msg->rkt), (int)msg->partition,
        (long long)msg->offset, msg->len, RIV__PIECES_MAX);
    if (self->base.conf->kafka_damaged == RIV__DAMAGED_FAIL)
        return riv__err_set(err, RIV_ERECORD,
                            "%s. kafka.damaged = skip goes on without it; "
                            "records=message takes each as it is",
                            where);
    riv__input_event(&self->base, "%s: left out", where);
    return 0;
}

/* A message keeps all that came in the same answer of its broker. So it is offered
 * where records are large, and what came since the last one counts with it. */
static void offer(struct riv_kafka_input *self, rd_kafka_message_t *msg,
                  struct riv_lane_record *record)
{
    if (RIV__MIN(msg->len, self->record_bytes) < RIV__PARCEL_LARGE)
        return;
    record->owner = msg;
    record->beside_bytes =
        RIV__MIN(self->beside_bytes, (size_t)RIV__KAFKA_ANSWER_BYTES_MAX);
    self->beside_bytes = 0;
}

/* What lanes have taken is not in hand any more. */
static void offered(struct riv_kafka_input *self, rd_kafka_message_t **msg,
                    const struct riv_lane_record *record, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (record[i].borrowed)
            msg[i] = NULL;
        else
            self->beside_bytes += record[i].beside_bytes + record[i].value.n;
    }
}

static int record_of(struct riv_kafka_input *self, rd_kafka_message_t *msg,
                     struct riv_lane_record *ret, struct riv_err *err)
{
    *ret = (struct riv_lane_record){
        .value = { msg->payload, msg->len },
        .offset = msg->offset,
        .timestamp = time_of(msg),
    };
    offer(self, msg, ret);
    if (self->uri.pieces != RIV__PIECES_WHOLE)
        RIV__TRY(count_pieces(self, msg, &ret->pieces, err));
    if (!self->lanes.rows)
        return 0;
    ret->key = (riv_str){ msg->key, msg->key_len };
    ret->headers.n = put_headers(self, msg);
    return 0;
}

/* The bytes of headers lie behind each other, and no longer move. */
static void place_headers(struct riv_kafka_input *self,
                          struct riv_lane_record *record, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        record[i].headers.p = self->headers.p ? self->headers.p + at : "";
        at += record[i].headers.n;
    }
}

/* The records of n messages. */
static int put(struct riv_kafka_input *self, size_t lane,
               struct riv_lane_record *record, rd_kafka_message_t **msg,
               size_t n, struct riv_err *err)
{
    if (n == 0)
        return 0;
    place_headers(self, record, n);
    const int rc = self->headers.failed
                       ? RIV_ENOMEM
                       : riv__lanes_put(&self->lanes, lane, record, n);
    offered(self, msg, record, n);
    if (rc < 0)
        return riv__err_set(err, rc, "no memory for records");
    riv__buf_reset(&self->headers);
    return 0;
}

/* A message that is none: the end of the log, or an error. */
static int take_event(struct riv_kafka_input *self, size_t lane,
                      const rd_kafka_message_t *msg, struct riv_err *err)
{
    if (msg->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        riv__lanes_came(&self->lanes, lane, msg->offset);
        riv__kafka_recovered(self);
        return 0;
    }
    if (msg->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        msg->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
        return riv__kafka_gone(self, lane, err);
    const int rc = riv__kafka_err(err, msg->err, riv__rdk->topic_name(msg->rkt),
                                  riv__rdk->message_errstr(msg));
    if (rc != RIV_EUNAVAIL)
        return riv__kafka_input_right(self, msg->err,
                                      riv__rdk->topic_name(msg->rkt), err);
    riv__kafka_trouble(self, msg->err, riv__rdk->message_errstr(msg));
    return 0;
}

/* 1: what has come is of another log than the place was in. */
static int check_log(struct riv_kafka_input *self, size_t lane,
                     const rd_kafka_message_t *msg, struct riv_err *err)
{
    if (self->part[lane].seen.offset < 0 || msg->err)
        return 0;
    return riv__kafka_known(self, lane, msg->offset, time_of(msg), err);
}

/* Records in a row, and then what stands between them. */
static int take_messages(struct riv_kafka_input *self, size_t lane,
                         rd_kafka_message_t **msg, size_t n,
                         struct riv_err *err)
{
    struct riv_lane_record record[RECORDS];
    size_t k = 0, bytes = 0;
    int rc = check_log(self, lane, msg[0], err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (!msg[i]->err) {
            bytes += msg[i]->len + msg[i]->key_len;
            rc = record_of(self, msg[i], &record[k++], err);
            continue;
        }
        rc = put(self, lane, record, msg + i - k, k, err);
        k = 0;
        if (rc == 0)
            rc = take_event(self, lane, msg[i], err);
    }
    if (rc == 0)
        rc = put(self, lane, record, msg + n - k, k, err);
    if (bytes > 0) {
        riv__kafka_recovered(self);
        self->record_bytes = (self->record_bytes * 3 + bytes / n) / 4 + 1;
    }
    return rc;
}

int riv__kafka_take(struct riv_kafka_input *self, size_t lane,
                    struct riv_err *err)
{
    rd_kafka_message_t *msg[RECORDS];
    bool any = false;
    for (int round = 0; round < ROUNDS; round++) {
        const size_t room = riv__lanes_room(&self->lanes, lane);
        if (room == 0)
            break;
        const size_t most =
            RIV__MIN(room / self->record_bytes + 1, (size_t)RECORDS);
        const ssize_t n =
            riv__rdk->consume_batch_queue(self->part[lane].queue, 0, msg, most);
        if (n <= 0)
            break;
        any = true;
        int rc = take_messages(self, lane, msg, (size_t)n, err);
        for (ssize_t i = 0; i < n; i++)
            if (msg[i])
                riv__rdk->message_destroy(msg[i]);
        RIV__TRY(rc);
        if ((size_t)n < most)
            break;
    }
    return any;
}
