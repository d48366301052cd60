/* connect/kafka_transaction.c - a batch as one transaction, whatever happens on
 * the way. With its records goes an offset of a group of our own: the number of
 * the batch. So the log itself says which batch was the last, and that is asked
 * whenever it is not known: after a start, and after an error that leaves it
 * open. Nothing is sent again before the answer.
 *
 * The transactional id is the job's and the output's: a new producer of that id
 * ends what the one before left open. After a commit that was slow, or failed,
 * the next has a new id: Kafka's older protocol may apply a delayed commit to
 * the transaction that then is open (KIP-890), and finds none. */
#include <stdio.h>

#include "base/point.h"
#include "connect/kafka_output.h"

enum {
    GIVE_UP_MS = 120000, /* on one batch: then the job ends */
    ASK_MS = 10000,      /* a step of a transaction, before it is tried again */
    TRIES = 6,           /* of such a step */
    PAUSE_MS = 200,      /* between tries of all */
    SLOW_MS = 1000,      /* a commit that takes longer may be answered later */
    ID_BYTES = 128,
};

static void group_of(const struct riv_kafka_output *self, uint32_t output,
                     char *dst, size_t room)
{
    snprintf(dst, room, "rivulet-%s-%u", self->base.owner, output);
}

static void drop(struct riv_kafka_output *self)
{
    if (self->rk)
        riv__kafka_end(RIV__TAKE(self->rk));
    self->failed.code = 0;
}

/* Code and words of a transaction's error, which is freed. */
static int said(struct riv_err *err, rd_kafka_error_t *error, const char *what)
{
    const int rc = riv__kafka_err(err, rd_kafka_error_code(error), what,
                                  rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return rc;
}

/* -------------------------------------------------------------- a producer */

static int make(struct riv_kafka_output *self, uint32_t output,
                struct riv_err *err)
{
    char group[ID_BYTES], id[ID_BYTES + 16];
    group_of(self, output, group, sizeof group);
    snprintf(id, sizeof id, "%s-%u", group, self->generation);
    const struct riv_kafka_fixed fixed[] = {
        { "transactional.id", id },
        { "enable.idempotence", "true" },
        { "bootstrap.servers", NULL },
        { "metadata.broker.list", NULL },
        { NULL, NULL },
    };
    RIV__TRY(riv__kafka_producer(self, fixed, &self->rk, err));
    rd_kafka_error_t *error = rd_kafka_init_transactions(self->rk, ASK_MS);
    if (!error)
        return 0;
    const int rc = said(err, error, "the begin of transactions");
    drop(self);
    return rc;
}

int riv__kafka_transaction_check(struct riv_kafka_output *self,
                                 struct riv_err *err)
{
    static const struct riv_kafka_fixed fixed[] = {
        { "transactional.id", "check" },
        { "enable.idempotence", "true" },
        { "bootstrap.servers", NULL },
        { "metadata.broker.list", NULL },
        { NULL, NULL },
    };
    RIV__TRY(riv__kafka_producer(self, fixed, &self->rk, err));
    drop(self);
    return 0;
}

/* --------------------------------------------------------------- the fate */

/* The last batch that was written; 0: none. Waits for transactions that are
 * open: the answer is stable. */
static int ask_fate(struct riv_kafka_output *self, uint32_t output,
                    uint64_t *ret, struct riv_err *err)
{
    char group[ID_BYTES];
    group_of(self, output, group, sizeof group);
    const struct riv_kafka_fixed fixed[] = {
        { "group.id", group },
        { "isolation.level", "read_committed" },
        { "enable.auto.commit", "false" },
        { NULL, NULL },
    };
    static const struct riv_kafka_fixed wanted[] = { { "client.id", "rivulet" },
                                                     { NULL, NULL } };
    rd_kafka_conf_t *conf;
    rd_kafka_t *rk;
    RIV__TRY(riv__kafka_conf(
        &(struct riv_kafka_conf_spec){ .sys = self->base.sys,
                                       .conf = self->base.conf,
                                       .brokers = self->uri.brokers,
                                       .fixed = fixed,
                                       .wanted = wanted,
                                       .only_connects = true },
        &conf, err));
    RIV__TRY(riv__kafka_new(RD_KAFKA_CONSUMER, conf, &rk, err));
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *at =
        rd_kafka_topic_partition_list_add(list, self->uri.topic[0], 0);
    rd_kafka_resp_err_t code = rd_kafka_committed(rk, list, ASK_MS);
    code = code ? code : at->err;
    const int64_t offset = at->offset;
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    if (code)
        return riv__kafka_err(err, code, "what was written last", NULL);
    *ret = offset > 0 ? (uint64_t)offset : 0;
    return 0;
}

/* ---------------------------------------------------------- a transaction */

static int put_all(struct riv_kafka_output *self, riv_str frames,
                   struct riv_err *err)
{
    struct riv_kafka_frame frame;
    size_t n;
    while ((n = riv__kafka_frame(frames.p, frames.n, &frame)) > 0) {
        RIV__TRY(riv__kafka_produce(self, self->rk, &frame, NULL, err));
        frames.p += n;
        frames.n -= n;
    }
    return frames.n == 0 ? 0
                         : riv__err_set(err, RIV_ECHECKPOINT,
                                        "a batch in the outbox is damaged");
}

static rd_kafka_error_t *put_number(struct riv_kafka_output *self,
                                    uint32_t output, uint64_t batch)
{
    char group[ID_BYTES];
    group_of(self, output, group, sizeof group);
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, self->uri.topic[0], 0)->offset =
        (int64_t)batch;
    rd_kafka_consumer_group_metadata_t *member =
        rd_kafka_consumer_group_metadata_new(group);
    rd_kafka_error_t *error;
    int tries = 0;
    while ((error = rd_kafka_send_offsets_to_transaction(self->rk, list, member,
                                                         ASK_MS)) &&
           rd_kafka_error_is_retriable(error) && ++tries < TRIES)
        rd_kafka_error_destroy(error);
    rd_kafka_consumer_group_metadata_destroy(member);
    rd_kafka_topic_partition_list_destroy(list);
    return error;
}

static bool may_pass(int rc)
{
    return rc != RIV_EPERM && rc != RIV_EINVAL && rc != RIV_ECHECKPOINT &&
           rc != RIV_ENOMEM;
}

/* 1: written; 0: it was not, and nothing of it is there; below 0: who knows. */
static int give_up(struct riv_kafka_output *self, struct riv_err *err)
{
    const int code = err->code;
    rd_kafka_error_t *error = rd_kafka_abort_transaction(self->rk, ASK_MS);
    self->failed.code = 0;
    if (!error)
        return 0;
    rd_kafka_error_destroy(error);
    return code;
}

static int end(struct riv_kafka_output *self, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    const int64_t began_ns = sys->mono_ns(sys);
    RIV_POINT("kafka.before_commit");
    rd_kafka_error_t *error = rd_kafka_commit_transaction(self->rk, ASK_MS);
    RIV_POINT("kafka.committed");
    const bool slow = sys->mono_ns(sys) - began_ns > SLOW_MS * INT64_C(1000000);
    if (!error) {
        if (slow) { /* one that comes late hits nothing */
            drop(self);
            self->generation++;
        }
        return 1;
    }
    const bool aborts = rd_kafka_error_txn_requires_abort(error);
    const struct riv_err failed = self->failed;
    const int rc = said(err, error, "the commit of a batch");
    if (!aborts)
        return rc;
    const int code = give_up(self, err);
    return failed.code < 0 && !may_pass(failed.code)
               ? riv__err_set(err, failed.code, "%s", failed.text)
               : code;
}

static int try_once(struct riv_kafka_output *self, uint32_t output,
                    uint64_t batch, riv_str frames, struct riv_err *err)
{
    rd_kafka_error_t *error = rd_kafka_begin_transaction(self->rk);
    if (error)
        return said(err, error, "the begin of a batch");
    int rc = put_all(self, frames, err);
    if (rc == RIV_ECHECKPOINT)
        return rc;
    if (rc < 0) { /* no other try has a smaller record, or more rights */
        const int code = give_up(self, err);
        return may_pass(rc) ? code : rc;
    }
    error = put_number(self, output, batch);
    if (error) {
        (void)said(err, error, "the number of a batch");
        return give_up(self, err);
    }
    return end(self, err);
}

/* A producer of the same id as before ends what is open; then the log is asked.
 * 1: the batch is there. */
static int find_out(struct riv_kafka_output *self, uint32_t output,
                    uint64_t batch, struct riv_err *err)
{
    uint64_t last = 0;
    RIV__TRY(make(self, output, err));
    const int rc = ask_fate(self, output, &last, err);
    if (rc < 0)
        drop(self);
    return rc < 0 ? rc : last >= batch;
}

static void pause_for(struct riv_kafka_output *self)
{
    struct riv_sys *sys = self->base.sys;
    (void)sys->poll(sys, NULL, 0, NULL,
                    sys->mono_ns(sys) + PAUSE_MS * INT64_C(1000000));
}

int riv__kafka_transaction(struct riv_kafka_output *self, uint32_t output,
                           uint64_t batch, riv_str frames, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    const int64_t until = sys->mono_ns(sys) + GIVE_UP_MS * INT64_C(1000000);
    struct riv_err why = { .code = 0 };
    int rc = 0;
    for (bool again = false; !again || sys->mono_ns(sys) < until;
         again = true) {
        if (again)
            pause_for(self);
        rc = self->rk ? 0 : find_out(self, output, batch, &why);
        if (rc == 0)
            rc = try_once(self, output, batch, frames, &why);
        if (rc > 0) {
            riv__kafka_output_recovered(self);
            return 0;
        }
        if (why.code < 0)
            riv__kafka_output_trouble(self, &why);
        if (rc < 0) { /* it is not known, or this producer cannot go on */
            drop(self);
            if (!may_pass(rc))
                break;
        }
    }
    rc = why.code < 0 ? why.code : rc < 0 ? rc : RIV_EUNAVAIL;
    return riv__err_set(err, rc, "batch %llu is not written: %s",
                        (unsigned long long)batch,
                        why.text[0] ? why.text : "it was given up");
}
