/* connect/kafka_err.c - what an error of the client library means for a job: its
 * code, its words, the way out. For inputs and outputs of Kafka. */
#include "connect/kafka_err.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "connect/kafka_library.h"

enum {
    SCRAM_SINCE = 0x02060100, /* as rd_kafka_version() has it */
};

int riv__kafka_code(rd_kafka_resp_err_t code)
{
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
        return RIV_EPERM;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: return RIV_ENOINPUT;
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH: return RIV_EBUSY;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG: return RIV_EIO;
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION: return RIV_EINVAL;
    default: return RIV_EUNAVAIL;
    }
}

/* Where the words of a code alone do not tell the way out. Until 2.6.1 the library
 * put its nonce into an answer twice; brokers let that pass until Kafka 4, and say
 * then that the password is wrong. */
static const char *hint(rd_kafka_resp_err_t code, const char *shown)
{
    if (riv__kafka_code(code) == RIV_EBUSY)
        return ". Another process writes under the name of this job: one of the "
               "two may";
    if (code == RD_KAFKA_RESP_ERR_INVALID_RECORD)
        return ". A compacted topic takes only records with a key: "
               "riv_save_kafka with pairs, or another cleanup.policy of the "
               "topic";
    if (code == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP)
        return ". Set the clock of this machine, or "
               "message.timestamp.before.max.ms and .after.max.ms of the topic";
    if (code == RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT)
        return ". Lower kafka.transaction.timeout.ms, or raise "
               "transaction.max.timeout.ms of the brokers";
    return riv__kafka_code(code) == RIV_EPERM &&
                   riv__rdk->version() < SCRAM_SINCE && strstr(shown, "SCRAM")
               ? ". If the password is right: brokers of Kafka 4 take SCRAM only "
                 "from librdkafka 2.6.1 or newer (rivulet --features shows "
                 "which this is); PLAIN over TLS works with this one"
               : "";
}

int riv__kafka_err(struct riv_err *err, rd_kafka_resp_err_t code,
                   const char *what, const char *reason)
{
    char shown[256];
    riv_str words =
        riv_cstr(reason && reason[0] ? reason : riv__rdk->err2str(code));
    while (words.n > 0 && words.p[words.n - 1] == '.')
        words.n--;
    riv__str_show(shown, sizeof shown, words);
    return riv__err_set(err, riv__kafka_code(code), "%s: %s%s", what, shown,
                        hint(code, shown));
}

void riv__kafka_reason(char *dst, size_t n, int code, const char *words)
{
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !dst[0])
        riv__str_show(dst, n, riv_cstr(words));
}

/* ------------------------------------------------------------ the way out */

/* The option of kafka-acls that names it; "": nothing is known of it. */
static void name_right(char *dst, size_t room, rd_kafka_resp_err_t code,
                       const struct riv_kafka_rights *rights)
{
    dst[0] = '\0';
    if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED && rights->topic)
        snprintf(dst, room, "%s --topic %s", rights->operation, rights->topic);
    else if (code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED &&
             rights->group)
        snprintf(dst, room, "Read --group %s", rights->group);
    else if (code == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED &&
             rights->id)
        snprintf(dst, room, "Write --transactional-id %s", rights->id);
    else if (code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
        snprintf(dst, room, "IdempotentWrite --cluster");
}

int riv__kafka_right(struct riv_err *err, rd_kafka_resp_err_t code,
                     const struct riv_kafka_rights *rights)
{
    char right[320];
    name_right(right, sizeof right, code, rights);
    const size_t n = strlen(err->text);
    if (right[0])
        snprintf(err->text + n, sizeof err->text - n,
                 ". That right is given by kafka-acls --add --allow-principal "
                 "User:NAME --operation %s",
                 right);
    return err->code;
}

int riv__kafka_no_room(struct riv_err *err, const char *topic)
{
    return riv__err_set(err, RIV_EINVAL,
                        "a record for topic %s is larger than all that may "
                        "wait for the brokers. Raise "
                        "kafka.queue.buffering.max.kbytes (65536 unless set), "
                        "and start again",
                        topic);
}

int riv__kafka_no_topic(struct riv_err *err, const char *topic)
{
    return riv__err_set(err, RIV_ENOINPUT,
                        "topic %s does not exist; create it first: "
                        "kafka-topics --create --topic %s",
                        topic, topic);
}

int riv__kafka_too_large(struct riv_err *err, const char *topic)
{
    return riv__err_set(err, RIV_EINVAL,
                        "a record is larger than topic %s takes. Raise "
                        "kafka.message.max.bytes of the job (1000000 unless "
                        "set) and max.message.bytes of the topic "
                        "(kafka-configs --alter --topic %s --add-config "
                        "max.message.bytes=N), and start again",
                        topic, topic);
}
