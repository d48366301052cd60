/* connect/kafka_client.h - what inputs and outputs of Kafka share of the client
 * library: its configuration from ours, its end; its errors are in kafka_err.h.
 * Only in builds that have librdkafka. */
#ifndef RIV_CONNECT_KAFKA_CLIENT_H
#define RIV_CONNECT_KAFKA_CLIENT_H

#include <librdkafka/rdkafka.h>

#include "base/err.h"
#include "conf/settings.h"
#include "sys/sys.h"

/* A setting that the engine needs as it is; the user's must not differ. */
struct riv_kafka_fixed {
    const char *name, *value; /* value NULL: nobody may set it */
};

struct riv_kafka_conf_spec {
    struct riv_sys *sys;
    const struct riv_settings *conf;
    const char *brokers;
    /* Ends with a name that is NULL. Those of `wanted` hold unless the user says
     * otherwise, and where the library does not know them they are left out. */
    const struct riv_kafka_fixed *fixed, *wanted; /* wanted: or NULL */
    /* Told of what the library cannot do now; NULL: nobody. */
    void (*on_error)(rd_kafka_t *rk, int code, const char *reason,
                     void *opaque);
    void *opaque;       /* for the callbacks */
    bool only_connects; /* of the user's settings those of the connection; what
                           is wrong with the others has been said */
};

/* *ret is the caller's until rd_kafka_new takes it. RIV_EINVAL names the setting
 * the library does not know, or cannot do, and what would help. */
int riv__kafka_conf(const struct riv_kafka_conf_spec *spec,
                    rd_kafka_conf_t **ret, struct riv_err *err) RIV__MUST_USE;
/* Takes conf, also when it fails. */
int riv__kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                   rd_kafka_t **ret, struct riv_err *err) RIV__MUST_USE;

/* Takes rk, of which nobody has queues or lists any more. Returns after some
 * seconds at the latest: the library does not end a client whose topic was
 * deleted just before (its issues 3007, 4362). Such a one is left to the end of
 * the process, with its threads asleep. @thread any */
void riv__kafka_end(rd_kafka_t *rk);

#endif
