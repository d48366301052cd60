/* connect/kafka_name.h - which client library of Kafka there is, for people. */
#ifndef RIV_CONNECT_KAFKA_NAME_H
#define RIV_CONNECT_KAFKA_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* "librdkafka 2.0.2: ssl sasl_scram", into dst. False: this build has none. */
bool riv__kafka_name(char *dst, size_t room);

#endif
