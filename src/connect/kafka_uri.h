/* connect/kafka_uri.h - "//HOST:PORT[,...]/TOPIC[,...]?start=...&until=..." in
 * parts. The same for inputs and outputs; the latter have one topic and no
 * options. Knows nothing of a client library. A TOPIC with * or [..] in it is a
 * pattern: the topics there are of such names. */
#ifndef RIV_CONNECT_KAFKA_URI_H
#define RIV_CONNECT_KAFKA_URI_H

#include "base/err.h"
#include "data/pieces.h"

enum {
    RIV__KAFKA_TOPICS_MAX = 64,
    RIV__KAFKA_TOPIC_BYTES = 250, /* Kafka's limit, and a NUL */
};

enum riv_kafka_start {
    RIV__KAFKA_COMMITTED, /* where the group stands, else the earliest */
    RIV__KAFKA_EARLIEST,
    RIV__KAFKA_LATEST,
    RIV__KAFKA_TIME,   /* the first record of this time or later */
    RIV__KAFKA_PLACES, /* at an offset of each partition that is named */
};

struct riv_kafka_where {
    enum riv_kafka_start start;
    int64_t ms;
    char *places; /* "PARTITION:OFFSET,..." */
};

/* "&start.TOPIC=..." */
struct riv_kafka_own {
    char *topic;
    struct riv_kafka_where where;
};

struct riv_kafka_uri {
    char *brokers; /* "HOST:PORT,HOST:PORT" */
    char *topic[RIV__KAFKA_TOPICS_MAX];
    size_t ntopic;
    char *pattern[RIV__KAFKA_TOPICS_MAX];
    size_t npattern;
    struct riv_kafka_where start;
    struct riv_kafka_own own[RIV__KAFKA_TOPICS_MAX]; /* go before `start` */
    size_t nown;
    bool ends; /* until=end: an end there was at the start is the end */
    enum riv_pieces pieces; /* records in a value */
};

/* rest: behind "kafka:". `start` is what holds when the URI says nothing.
 * RIV_EINVAL says what a right one looks like. riv__kafka_uri_fini also after
 * an error. */
int riv__kafka_uri_read(const char *rest, const char *start,
                        struct riv_kafka_uri *ret, struct riv_err *err)
    RIV__MUST_USE;
void riv__kafka_uri_fini(struct riv_kafka_uri *uri);

/* Where a partition of this topic begins; start is never RIV__KAFKA_PLACES when
 * *ret_offset is below 0: no offset of this partition is given. */
struct riv_kafka_where riv__kafka_uri_start(const struct riv_kafka_uri *uri,
                                            const char *topic,
                                            int32_t partition,
                                            int64_t *ret_offset);

/* The next "PARTITION:OFFSET" of a list with commas. 1; 0: there are no more;
 * RIV_ECHECKPOINT: it is none. */
int riv__kafka_place_next(riv_str *rest, int32_t *partition, int64_t *offset);

#endif
