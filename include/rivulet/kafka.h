/* rivulet/kafka.h - records of Kafka with all that belongs to them. Lines of
 * their values alone need no more than riv_text(r, "kafka://HOST:PORT/TOPIC").
 * docs/kafka.md says what holds for inputs and outputs. */
#ifndef RIVULET_KAFKA_H
#define RIVULET_KAFKA_H

#include <rivulet.h>

typedef struct riv_kafka_record {
    riv_str key, value; /* any bytes; empty where there is none: flags. Without
                           a key key.p is NULL */
    riv_str headers;    /* riv_kafka_header reads it */
    riv_str topic;
    int64_t offset;
    int64_t
        timestamp; /* milliseconds since 1970, as the broker says; -1: none */
    int32_t partition;
    uint32_t flags; /* RIV_KAFKA_* */
} riv_kafka_record;

enum {
    RIV_KAFKA_NO_KEY = 1,
    RIV_KAFKA_NO_VALUE = 2 /* a tombstone: the key is deleted */
};

RIV_STRUCT(riv_kafka_record, key, value, headers, topic, offset, timestamp,
           partition, flags);

/* Reads records of topics: a DStream.
 *   uri  "kafka://HOST:PORT[,...]/TOPIC[,...]", where a topic with * or [..] is a
 *        pattern; behind it perhaps "?start=" with committed, earliest, latest,
 *        milliseconds since 1970 or PARTITION:OFFSET,..., and, with "&" between
 *        them, "start.TOPIC=" with one of these for one topic, "until=end": the
 *        end of the input is where the topics end when it starts,
 *        "records=lines", "length32" or "varint": each value holds many records
 *   o    .uid
 * Returns a dataset of riv_kafka_record, a partition for each of the topics'
 * that has records (a large one may be several). A build without the client
 * library fails the job with RIV_EINVAL, and says which package it needs.
 * @thread builder. */
RIV_API riv_ds *riv_kafka(riv *r, const char *uri, const riv_opt *o);

/* The value of the last header of this name: true, and *ret points into the
 * record. False: there is none. @thread any. */
RIV_API bool riv_kafka_header(const riv_kafka_record *record, const char *name,
                              riv_str *ret);

/* Writes records into a topic, as riv_save_text(in, "kafka://...") writes lines:
 * at least once, or with kafka.delivery = exactly_once and a state directory
 * each batch as one transaction. Equal keys go to one partition, by the hash of
 * Kafka's own clients.
 *   in   riv_str: values; or pairs of two riv_str: a key and a value. A key whose
 *        p is NULL is none, as riv_kafka gives it; a record without a value (a
 *        tombstone) cannot be written
 *   uri  "kafka://HOST:PORT[,...]/TOPIC"
 *   o    .uid
 * @thread builder. */
RIV_API void riv_save_kafka(riv_ds *in, const char *uri, const riv_opt *o);

#endif
