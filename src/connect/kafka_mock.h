/* connect/kafka_mock.h - the client library's own mock brokers, which speak the
 * protocol over real sockets in this process. They live in a producer, which may
 * fill their topics. Only for *_test.c files. */
#ifndef RIV_CONNECT_KAFKA_MOCK_H
#define RIV_CONNECT_KAFKA_MOCK_H

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "base/test.h"

/* One broker. rd_kafka_destroy ends it. */
static inline rd_kafka_t *kafka_mock(rd_kafka_mock_cluster_t **ret)
{
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", NULL, 0);
    rd_kafka_conf_set(conf, "linger.ms", "0", NULL, 0);
    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    assert_non_null(rk);
    *ret = rd_kafka_handle_mock_cluster(rk);
    return rk;
}

#endif
