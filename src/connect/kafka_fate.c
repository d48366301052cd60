/* connect/kafka_fate.c - which batch a topic has last, and who wrote it. Each
 * transaction commits the number of its batch as an offset of a group of our own,
 * and beside it, as Kafka's metadata of an offset, the state directory it is of and
 * a sum of its bytes. So the log itself says whether a batch is there, and also
 * whether another process has gone on with a copy of this state, or under this
 * name: then nothing more may be written. For kafka_transaction.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connect/kafka_err.h"
#include "connect/kafka_library.h"
#include "connect/kafka_output.h"

enum {
    WORDS_BYTES = 160,
};

/* ------------------------------------------------------------- as words */

char *riv__kafka_fate_words(const struct riv_kafka_output *self, uint64_t sum)
{
    char text[WORDS_BYTES];
    snprintf(text, sizeof text, "%s %016llx", self->base.owner,
             (unsigned long long)sum);
    return strdup(text);
}

static void read_words(const struct riv_kafka_output *self, const char *p,
                       size_t n, struct riv_kafka_fate *ret)
{
    char text[WORDS_BYTES];
    const size_t k = strlen(self->base.owner);
    snprintf(text, sizeof text, "%.*s", (int)(n < sizeof text ? n : 0), p);
    ret->ours = strncmp(text, self->base.owner, k) == 0 && text[k] == ' ';
    const char *blank = strrchr(text, ' ');
    ret->sum = blank ? strtoull(blank + 1, NULL, 16) : 0;
}

/* -------------------------------------------------------------- the question */

static int client(struct riv_kafka_output *self, const char *group,
                  enum riv_kafka_ask how, rd_kafka_t **ret, struct riv_err *err)
{
    const struct riv_kafka_fixed fixed[] = {
        { "group.id", group },
        { "isolation.level",
          how == RIV__KAFKA_STABLE ? "read_committed" : "read_uncommitted" },
        { "enable.auto.commit", "false" },
        { NULL, NULL },
    };
    rd_kafka_conf_t *conf;
    RIV__TRY(riv__kafka_conf(
        &(struct riv_kafka_conf_spec){ .sys = self->base.sys,
                                       .conf = self->base.conf,
                                       .brokers = self->uri.brokers,
                                       .fixed = fixed,
                                       .only_connects = true,
                                       .on_error = riv__kafka_output_error,
                                       .opaque = self },
        &conf, err));
    return riv__kafka_new(RD_KAFKA_CONSUMER, conf, ret, err);
}

int riv__kafka_fate_ask(struct riv_kafka_output *self, enum riv_kafka_ask how,
                        struct riv_kafka_fate *ret, struct riv_err *err)
{
    char group[RIV__KAFKA_ID_BYTES];
    rd_kafka_t *rk;
    riv__kafka_own_name(self, group);
    RIV__TRY(client(self, group, how, &rk, err));
    rd_kafka_topic_partition_list_t *list =
        riv__rdk->topic_partition_list_new(1);
    rd_kafka_topic_partition_t *at =
        riv__rdk->topic_partition_list_add(list, self->uri.topic[0], 0);
    rd_kafka_resp_err_t code = riv__rdk->committed(rk, list, self->step_ms);
    (void)riv__rdk->poll(rk, 0); /* why there is no answer */
    code = code ? code : at->err;
    *ret = (struct riv_kafka_fate){ .batch = 0 };
    if (!code && at->offset > 0) {
        ret->batch = (uint64_t)at->offset;
        read_words(self, at->metadata ? at->metadata : "",
                   at->metadata ? at->metadata_size : 0, ret);
    }
    riv__rdk->topic_partition_list_destroy(list);
    riv__rdk->destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    if (!code)
        return 0;
    riv__kafka_err(err, code, "what was written last",
                   riv__kafka_code(code) == RIV_EUNAVAIL ? self->reason : NULL);
    return riv__kafka_output_right(self, code, err);
}

/* --------------------------------------------------------------- the answer */

static bool is_same(const struct riv_kafka_fate *a,
                    const struct riv_kafka_fate *b)
{
    return a->batch == b->batch && a->sum == b->sum && a->ours == b->ours;
}

static int older_copy(const struct riv_kafka_output *self,
                      const struct riv_kafka_fate *now,
                      const struct riv_kafka_fate *batch, struct riv_err *err)
{
    return riv__err_set(
        err, RIV_ECHECKPOINT,
        "topic %s has batch %llu of this job, and the state directory comes to "
        "%llu only, or to another one of that number: it is an older copy of one "
        "that is, or was, in use. Go on with that one",
        self->uri.topic[0], (unsigned long long)now->batch,
        (unsigned long long)batch->batch);
}

static int other_writes(const struct riv_kafka_output *self,
                        struct riv_err *err)
{
    return riv__err_set(
        err, RIV_EBUSY,
        "another process writes to topic %s as job %s: one of the two may. "
        "This one ends; it can go on when the other has ended, or under another "
        "name",
        self->uri.topic[0],
        self->base.conf->name[0] ? self->base.conf->name : self->base.owner);
}

int riv__kafka_fate_judge(struct riv_kafka_output *self,
                          const struct riv_kafka_fate *now,
                          const struct riv_kafka_fate *batch,
                          struct riv_err *err)
{
    if (is_same(now, batch))
        return 1;
    if (self->begun && now->batch > 0) /* a broker forgets, in time */
        return is_same(now, &self->known) ? 0 : other_writes(self, err);
    if (!now->ours || now->batch < batch->batch)
        return 0;
    /* More than one box was left, and a later one is out. */
    if (!self->base.sends_own && now->batch > batch->batch)
        return 1;
    return older_copy(self, now, batch, err);
}
