/* connect/kafka_consumer.c - the library's client of a kafka:// input: how it is
 * set up, and what it says: errors, and answers to commits of its group. */
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "conf/pass.h"
#include "connect/kafka_err.h"
#include "connect/kafka_input.h"
#include "connect/kafka_library.h"

enum {
    GROUP_BYTES = 256,
    /* of a partition, in the library, and of it in one answer */
    QUEUE_BYTES_MIN = 64 << 10,
    QUEUE_BYTES = 512 << 10,
    QUEUE_BYTES_MAX = 8 << 20,
    PIECE_BYTES_MAX = 2 << 20,
};

/* ------------------------------------------------- what the library says */

static void name_group(const struct riv_kafka_input *self,
                       char dst[GROUP_BYTES])
{
    size_t n = GROUP_BYTES;
    if (riv__rdk->conf_get(riv__rdk->conf(self->rk), "group.id", dst, &n) !=
        RD_KAFKA_CONF_OK)
        dst[0] = '\0';
}

int riv__kafka_input_right(const struct riv_kafka_input *self,
                           rd_kafka_resp_err_t code, const char *topic,
                           struct riv_err *err)
{
    char group[GROUP_BYTES];
    name_group(self, group);
    return riv__kafka_right(err, code,
                            &(struct riv_kafka_rights){ .operation = "Read",
                                                        .topic = topic,
                                                        .group = group });
}

/* While a broker is away the library tries by itself, for ever; people see it. */
void riv__kafka_trouble(struct riv_kafka_input *self, int code,
                        const char *reason)
{
    char text[256];
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        code = (int)riv__rdk->fatal_error(self->rk, text, sizeof text);
    riv__kafka_reason(self->reason, sizeof self->reason, code, reason);
    struct riv_err why = { .code = 0 };
    riv__kafka_err(&why, (rd_kafka_resp_err_t)code, "the brokers",
                   self->reason);
    riv__kafka_input_right(self, (rd_kafka_resp_err_t)code, NULL, &why);
    if (why.code != RIV_EUNAVAIL) {
        self->failed = why;
        return;
    }
    riv__err_prefix(&why, "input %s", self->base.shown);
    self->troubled = true;
    if (self->npart > 0) /* before that read() fails, and is tried again */
        riv__input_trouble(&self->base, &why);
}

void riv__kafka_hear(struct riv_kafka_input *self)
{
    rd_kafka_message_t *msg = riv__rdk->consumer_poll(self->rk, 0);
    if (!msg)
        return;
    if (msg->err && msg->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
        riv__kafka_trouble(self, msg->err, riv__rdk->message_errstr(msg));
    riv__rdk->message_destroy(msg);
}

/* The last words of the library say more than "timed out". */
int riv__kafka_unanswered(struct riv_kafka_input *self,
                          rd_kafka_resp_err_t code, const char *what,
                          struct riv_err *err)
{
    riv__kafka_hear(self);
    if (self->failed.code < 0)
        return riv__err_set(err, self->failed.code, "%s", self->failed.text);
    riv__kafka_err(err, code, what,
                   riv__kafka_code(code) == RIV_EUNAVAIL ? self->reason : NULL);
    return riv__kafka_input_right(self, code, NULL, err);
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    (void)rk;
    riv__kafka_trouble(opaque, code, reason);
}

/* What others show is wrong then; without a journal also where this job will
 * begin. */
static void unheard(struct riv_kafka_input *self, rd_kafka_resp_err_t code)
{
    struct riv_err why = { .code = 0 };
    riv__kafka_err(&why, code, "its group was not told where it stands", NULL);
    riv__kafka_input_right(self, code, NULL, &why);
    riv__input_event(&self->base, "%s; %s", why.text,
                     self->journaled
                         ? "lag that others show is too large, the job itself "
                           "goes on"
                         : "started again it reads again what it has read");
}

static void on_commit(rd_kafka_t *rk, rd_kafka_resp_err_t code,
                      rd_kafka_topic_partition_list_t *offsets, void *opaque)
{
    struct riv_kafka_input *self = opaque;
    (void)rk, (void)offsets;
    atomic_fetch_sub(&self->commits, 1);
    if (!code)
        atomic_fetch_add(&self->heard, 1);
    else if (code != self->unheard)
        unheard(self, code);
    if (code && riv__kafka_code(code) == RIV_EUNAVAIL)
        atomic_store(&self->missed, true);
    self->unheard = code;
}

void riv__kafka_recovered(struct riv_kafka_input *self)
{
    if (!self->troubled)
        return;
    self->troubled = false;
    self->reason[0] = '\0';
    riv__input_trouble(&self->base, NULL);
}

/* ------------------------------------------------------- making a client */

/* An older library looks only once a second at a queue that was full. */
static bool looks_often(void)
{
    rd_kafka_conf_t *conf = riv__rdk->conf_new();
    const bool often = riv__rdk->conf_set(conf, "fetch.queue.backoff.ms", "5",
                                          NULL, 0) == RD_KAFKA_CONF_OK;
    riv__rdk->conf_destroy(conf);
    return often;
}

/* Of each partition, in the library: enough to go on with until the next answer,
 * for one that has nearly all records, too; with 2 MiB such a topic was read a
 * third slower. What waits for a batch waits in lanes, whose memory is used again and again;
 * the library's is new with each answer, which costs more than the copy. Of many
 * partitions it is less, so that all together have no more than the lanes. */
static int64_t queue_bytes(int64_t buffer_bytes, size_t partitions)
{
    const int64_t each =
        RIV__MAX(RIV__MIN(buffer_bytes / 16, QUEUE_BYTES_MAX), QUEUE_BYTES);
    const int64_t share = buffer_bytes / (int64_t)RIV__MAX(partitions, 1u);
    return RIV__MIN(each, RIV__MAX(share, QUEUE_BYTES_MIN));
}

/* Of an answer: the library insists that the largest record the user allows fits.
 */
static int64_t answer_bytes(const struct riv_settings *conf)
{
    const int64_t most = RIV__MAX(conf->kafka_buffer_bytes, INT64_C(1) << 20);
    int64_t record = 0;
    struct riv_pass pass;
    for (size_t at = 0; riv__pass_next(conf, &at, &pass);)
        if (strcmp(pass.name, "message.max.bytes") == 0)
            (void)riv__num_i64(riv_cstr(pass.value), &record);
    return RIV__MAX(RIV__MIN(most, (int64_t)RIV__KAFKA_ANSWER_BYTES_MAX),
                    record);
}

static int check_group(const rd_kafka_conf_t *made, struct riv_err *err)
{
    char group[GROUP_BYTES] = "";
    size_t n = sizeof group;
    (void)riv__rdk->conf_get(made, "group.id", group, &n);
    return group[0] ? 0
                    : riv__err_set(err, RIV_EINVAL,
                                   "setting kafka.group.id: it is empty; "
                                   "without it the group is the name of the "
                                   "job (name)");
}

int riv__kafka_client(struct riv_kafka_input *self, size_t partitions,
                      struct riv_err *err)
{
    static const struct riv_kafka_fixed fixed[] = {
        { "enable.auto.commit", "false" },
        { "enable.auto.offset.store", "false" },
        { "auto.offset.reset", "error" },
        { "enable.partition.eof", "true" },
        { "bootstrap.servers", NULL }, /* the URI has them */
        { "metadata.broker.list", NULL },
        { "group.instance.id", NULL },
        { NULL, NULL },
    };
    const struct riv_settings *conf = self->base.conf;
    char queue[RIV__NUM_TEXT], fetch[RIV__NUM_TEXT], piece[RIV__NUM_TEXT];
    const int64_t most = RIV__MAX(conf->kafka_buffer_bytes, INT64_C(1) << 20);
    const int64_t each = queue_bytes(most, partitions);
    riv__num_put_i64(queue, each / 1024);
    riv__num_put_i64(piece, RIV__MIN(each, PIECE_BYTES_MAX));
    riv__num_put_i64(fetch, answer_bytes(conf));
    const struct riv_kafka_fixed wanted[] = {
        { "group.id", conf->name[0] ? conf->name : "rivulet-unnamed" },
        { "isolation.level", "read_committed" },
        { "check.crcs", "true" },
        { "queued.max.messages.kbytes", queue },
        { "fetch.max.bytes", fetch },
        { "fetch.message.max.bytes", piece }, /* a larger one comes alone */
        { "fetch.wait.max.ms", "100" },
        { "fetch.queue.backoff.ms", "5" },
        { NULL, NULL },
    };
    rd_kafka_conf_t *made;
    RIV__TRY(riv__kafka_conf(
        &(struct riv_kafka_conf_spec){ .sys = self->base.sys,
                                       .conf = conf,
                                       .brokers = self->uri.brokers,
                                       .fixed = fixed,
                                       .wanted = wanted,
                                       .on_error = on_error,
                                       .opaque = self },
        &made, err));
    if (check_group(made, err) < 0) {
        riv__rdk->conf_destroy(made);
        return err->code;
    }
    self->sleeps = !looks_often();
    riv__rdk->conf_set_offset_commit_cb(made, on_commit);
    if (self->rk)
        riv__kafka_end(RIV__TAKE(self->rk));
    RIV__TRY(riv__kafka_new(RD_KAFKA_CONSUMER, made, &self->rk, err));
    riv__rdk->poll_set_consumer(self->rk);
    return 0;
}
