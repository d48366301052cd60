/* connect/kafka_uri.h - "//HOST:PORT[,...]/TOPIC[,...]?start=...&until=..." in
 * parts. The same for inputs and outputs; the latter have one topic and no
 * options. Knows nothing of a client library. */
#ifndef RIV_CONNECT_KAFKA_URI_H
#define RIV_CONNECT_KAFKA_URI_H

#include "base/err.h"

enum {
    RIV__KAFKA_TOPICS_MAX = 64,
    RIV__KAFKA_TOPIC_BYTES = 250, /* Kafka's limit, and a NUL */
};

enum riv_kafka_start {
    RIV__KAFKA_COMMITTED, /* where the group stands, else the earliest */
    RIV__KAFKA_EARLIEST,
    RIV__KAFKA_LATEST,
    RIV__KAFKA_TIME, /* the first record of this time or later */
};

struct riv_kafka_uri {
    char *brokers; /* "HOST:PORT,HOST:PORT" */
    char *topic[RIV__KAFKA_TOPICS_MAX];
    size_t ntopic;
    enum riv_kafka_start start;
    int64_t start_ms;
    bool ends; /* until=end: an end there was at the start is the end */
};

/* rest: behind "kafka:". `start` is what holds when the URI says nothing.
 * RIV_EINVAL says what a right one looks like. riv__kafka_uri_fini also after
 * an error. */
int riv__kafka_uri_read(const char *rest, const char *start,
                        struct riv_kafka_uri *ret, struct riv_err *err)
    RIV__MUST_USE;
void riv__kafka_uri_fini(struct riv_kafka_uri *uri);

#endif
