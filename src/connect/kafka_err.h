/* connect/kafka_err.h - errors of Kafka's client library in plain words, with the
 * way out where there is one. Only in builds that have librdkafka. */
#ifndef RIV_CONNECT_KAFKA_ERR_H
#define RIV_CONNECT_KAFKA_ERR_H

#include <librdkafka/rdkafka.h>

#include "base/err.h"

/* The code that an error of the library is here: RIV_EUNAVAIL for what may pass,
 * RIV_EPERM for what somebody forbids, RIV_ENOINPUT for what is not there,
 * RIV_EBUSY where another process has taken over a transactional id. */
int riv__kafka_code(rd_kafka_resp_err_t code);
/* Sets code and text: "what: the library's words". Returns the code. */
int riv__kafka_err(struct riv_err *err, rd_kafka_resp_err_t code,
                   const char *what, const char *reason);

/* The last words of the library, into n bytes at dst. That all brokers are down
 * says less than what it has said of one of them. */
void riv__kafka_reason(char *dst, size_t n, int code, const char *words);

/* What a client works on, as kafka-acls names it; NULL where it has none. */
struct riv_kafka_rights {
    const char *operation; /* on the topic: "Read", "Write" */
    const char *topic, *group;
    const char *id; /* that transactional ids begin with */
};

/* Behind the words of an error that refuses a right: which, and how it is given.
 * Of other errors nothing changes. Returns err's code. */
int riv__kafka_right(struct riv_err *err, rd_kafka_resp_err_t code,
                     const struct riv_kafka_rights *rights);
/* RIV_ENOINPUT: the topic is to be made first. */
int riv__kafka_no_topic(struct riv_err *err, const char *topic);
/* RIV_EINVAL: no broker takes a record of this topic that is so large. */
int riv__kafka_too_large(struct riv_err *err, const char *topic);
/* RIV_EINVAL: the client's queue, empty as it is, has no room for it. */
int riv__kafka_no_room(struct riv_err *err, const char *topic);

#endif
