/* connect/kafka_transaction.c - a batch as one transaction, whatever happens on
 * the way. With its records goes its number (kafka_fate.c). So the log itself says
 * which batch was the last, and that is asked whenever it is not known: after a
 * start, and after an error that leaves it open. Nothing is sent again before the
 * answer.
 *
 * The transactional id is the job's and the output's: a new producer of that id
 * ends what the one before left open, and raises the id's epoch, so that one of
 * another process is fenced. Kafka's older protocol may apply a delayed commit to
 * the transaction that then is open (KIP-890): after a commit that was slow, or
 * had trouble on its way, the producer is made anew, too, and the broker refuses
 * what comes late by its epoch. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/point.h"
#include "connect/kafka_err.h"
#include "connect/kafka_library.h"
#include "connect/kafka_output.h"
#include "data/sum.h"

enum {
    GIVE_UP_MS = 120000, /* on one batch: then the job ends */
    TRIES = 6,           /* of such a step */
    PAUSE_MS = 200,      /* between tries of all */
    FENCED_MS = 1000,    /* after a fence: who has come may write something */
    SLOW_MS = 1000,      /* a commit that takes longer may be answered later */
    FENCED_MAX = 1, /* in a row, that may be our own: of a time-out, or of a
                       request that came late */
};

static void drop(struct riv_kafka_output *self)
{
    if (self->rk)
        riv__kafka_end(RIV__TAKE(self->rk));
    self->failed.code = 0;
}

/* Code and words of a transaction's error, which is freed. */
static int said(struct riv_kafka_output *self, rd_kafka_error_t *error,
                const char *what, struct riv_err *err)
{
    char text[256];
    rd_kafka_resp_err_t code = riv__rdk->error_code(error);
    snprintf(text, sizeof text, "%s", riv__rdk->error_string(error));
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        code = riv__rdk->fatal_error(self->rk, text, sizeof text);
    riv__rdk->error_destroy(error);
    if (riv__kafka_code(code) == RIV_ENOINPUT)
        return riv__kafka_no_topic(err, self->uri.topic[0]);
    riv__kafka_err(err, code, what, text);
    return riv__kafka_output_right(self, code, err);
}

/* -------------------------------------------------------------- a producer */

static int producer(struct riv_kafka_output *self, struct riv_err *err)
{
    char id[RIV__KAFKA_ID_BYTES];
    riv__kafka_own_name(self, id);
    const struct riv_kafka_fixed fixed[] = {
        { "transactional.id", id },
        { "enable.idempotence", "true" },
        { "bootstrap.servers", NULL },
        { "metadata.broker.list", NULL },
        { NULL, NULL },
    };
    return riv__kafka_producer(self, fixed, &self->rk, err);
}

static int make(struct riv_kafka_output *self, struct riv_err *err)
{
    RIV__TRY(producer(self, err));
    rd_kafka_error_t *error =
        riv__rdk->init_transactions(self->rk, self->step_ms);
    if (!error)
        return 0;
    const int rc = said(self, error, "the begin of transactions", err);
    drop(self);
    return rc;
}

static int64_t number_of(const struct riv_kafka_output *self, const char *name)
{
    char text[RIV__NUM_TEXT] = "";
    size_t room = sizeof text;
    (void)riv__rdk->conf_get(riv__rdk->conf(self->rk), name, text, &room);
    return strtoll(text, NULL, 10);
}

int riv__kafka_transaction_check(struct riv_kafka_output *self,
                                 struct riv_err *err)
{
    RIV__TRY(producer(self, err));
    self->record_bytes_max = (size_t)number_of(self, "message.max.bytes");
    self->open_ms_max = number_of(self, "transaction.timeout.ms");
    self->step_ms = RIV__KAFKA_STEP_MS;
    drop(self);
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
                                    const struct riv_kafka_fate *batch)
{
    char group[RIV__KAFKA_ID_BYTES];
    riv__kafka_own_name(self, group);
    rd_kafka_topic_partition_list_t *list =
        riv__rdk->topic_partition_list_new(1);
    rd_kafka_topic_partition_t *at =
        riv__rdk->topic_partition_list_add(list, self->uri.topic[0], 0);
    at->offset = (int64_t)batch->batch;
    char *words = riv__kafka_fate_words(self, batch->sum);
    at->metadata = words; /* freed with the list */
    at->metadata_size = words ? strlen(words) : 0;
    rd_kafka_consumer_group_metadata_t *member =
        riv__rdk->consumer_group_metadata_new(group);
    rd_kafka_error_t *error;
    int tries = 0;
    while ((error = riv__rdk->send_offsets_to_transaction(
                self->rk, list, member, self->step_ms)) &&
           riv__rdk->error_is_retriable(error) && ++tries < TRIES) {
        riv__rdk->error_destroy(error);
        (void)riv__rdk->poll(self->rk, 0); /* what the library has to tell */
    }
    riv__rdk->consumer_group_metadata_destroy(member);
    riv__rdk->topic_partition_list_destroy(list);
    return error;
}

/* No other try has more rights, a smaller record, or a topic. */
static bool may_pass(int rc)
{
    return rc != RIV_EPERM && rc != RIV_EINVAL && rc != RIV_ENOINPUT &&
           rc != RIV_ECHECKPOINT && rc != RIV_ENOMEM;
}

/* The library says of a step that the state is wrong; what made it so it says to
 * whoever begins a transaction in that state. */
static void take_cause(struct riv_kafka_output *self, struct riv_err *err)
{
    rd_kafka_error_t *error = riv__rdk->begin_transaction(self->rk);
    if (!error)
        return;
    if (riv__rdk->error_code(error) == RD_KAFKA_RESP_ERR__STATE)
        riv__rdk->error_destroy(error);
    else
        (void)said(self, error, "a batch", err);
}

/* 0: nothing of it is there, and it may be tried again; below 0: who knows, or no
 * other try is better. */
static int give_up(struct riv_kafka_output *self, struct riv_err *err)
{
    const struct riv_err failed = self->failed;
    take_cause(self, err);
    const int code = err->code;
    rd_kafka_error_t *error =
        riv__rdk->abort_transaction(self->rk, self->step_ms);
    self->failed.code = 0;
    if (error)
        riv__rdk->error_destroy(error);
    if (failed.code < 0 && !may_pass(failed.code))
        return riv__err_set(err, failed.code, "%s", failed.text);
    return error || !may_pass(code) ? code : 0;
}

/* A step of it takes so long only while a broker is slow: it goes on then. */
static rd_kafka_error_t *commit(struct riv_kafka_output *self)
{
    rd_kafka_error_t *error;
    int tries = 0;
    while ((error = riv__rdk->commit_transaction(self->rk, self->step_ms)) &&
           riv__rdk->error_is_retriable(error) && ++tries < TRIES)
        riv__rdk->error_destroy(error);
    (void)riv__rdk->poll(self->rk, 0); /* what the library has to tell of it */
    return error;
}

static int end(struct riv_kafka_output *self, struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    const int64_t began_ns = sys->mono_ns(sys);
    const unsigned troubles = self->troubles;
    RIV_POINT("kafka.before_commit");
    rd_kafka_error_t *error = commit(self);
    RIV_POINT("kafka.committed");
    const bool slow = sys->mono_ns(sys) - began_ns > SLOW_MS * INT64_C(1000000);
    if (!error) {
        if (slow || troubles != self->troubles)
            drop(self); /* the next has a higher epoch */
        return 1;
    }
    const bool aborts = riv__rdk->error_txn_requires_abort(error);
    const int rc = said(self, error, "the commit of a batch", err);
    return aborts ? give_up(self, err) : rc;
}

static int try_once(struct riv_kafka_output *self,
                    const struct riv_kafka_fate *batch, riv_str frames,
                    struct riv_err *err)
{
    rd_kafka_error_t *error = riv__rdk->begin_transaction(self->rk);
    if (error)
        return said(self, error, "the begin of a batch", err);
    const int rc = put_all(self, frames, err);
    if (rc == RIV_ECHECKPOINT)
        return rc;
    if (rc < 0)
        return give_up(self, err);
    error = put_number(self, batch);
    if (error) {
        (void)said(self, error, "the number of a batch", err);
        return give_up(self, err);
    }
    return end(self, err);
}

/* As riv__kafka_fate_judge. */
static int look(struct riv_kafka_output *self, enum riv_kafka_ask how,
                const struct riv_kafka_fate *batch, struct riv_kafka_fate *ret,
                struct riv_err *err)
{
    RIV__TRY(riv__kafka_fate_ask(self, how, ret, err));
    const int rc = riv__kafka_fate_judge(self, ret, batch, err);
    if (rc == RIV_EBUSY) /* it is certain */
        self->fenced = FENCED_MAX;
    return rc;
}

/* Before another process is fenced: is there one, and further on than this? Then
 * a producer of the same id ends what is open, and the log is asked again. 1: the
 * batch is there. */
static int find_out(struct riv_kafka_output *self,
                    const struct riv_kafka_fate *batch, struct riv_err *err)
{
    struct riv_kafka_fate now;
    int rc = look(self, RIV__KAFKA_NOW, batch, &now, err);
    if (rc != 0)
        return rc;
    RIV__TRY(make(self, err));
    rc = look(self, RIV__KAFKA_STABLE, batch, &now, err);
    if (rc < 0) {
        drop(self);
        return rc;
    }
    self->known = now;
    self->begun = true;
    return rc;
}

static void pause_for(struct riv_kafka_output *self)
{
    struct riv_sys *sys = self->base.sys;
    const int64_t ms = self->fenced > 0 ? FENCED_MS : PAUSE_MS;
    (void)sys->poll(sys, NULL, 0, NULL, sys->mono_ns(sys) + ms * 1000000);
}

/* The broker has ended a transaction that was open for too long, and fenced its
 * producer: the process was stopped, or the machine asleep, or the brokers slow. */
static int overdue(struct riv_kafka_output *self, int rc, int64_t ms,
                   struct riv_err *err)
{
    if (rc != RIV_EBUSY || ms < self->open_ms_max)
        return rc;
    return riv__err_set(err, RIV_EUNAVAIL,
                        "the transaction was open for %lld ms, and may be for "
                        "%lld (kafka.transaction.timeout.ms)",
                        (long long)ms, (long long)self->open_ms_max);
}

static int try_in_time(struct riv_kafka_output *self,
                       const struct riv_kafka_fate *batch, riv_str frames,
                       struct riv_err *err)
{
    struct riv_sys *sys = self->base.sys;
    const int64_t began_ns = sys->mono_ns(sys), began_ms = sys->wall_ms(sys);
    const int rc = try_once(self, batch, frames, err);
    const int64_t ms = (sys->mono_ns(sys) - began_ns) / 1000000;
    return overdue(self, rc, RIV__MAX(ms, sys->wall_ms(sys) - began_ms), err);
}

/* It is not known, or this producer cannot go on. False: no other will. */
static bool goes_on(struct riv_kafka_output *self, int rc)
{
    drop(self);
    if (rc == RIV_EBUSY)
        return self->fenced++ < FENCED_MAX;
    return may_pass(rc);
}

static int write_batch(struct riv_kafka_output *self,
                       const struct riv_kafka_fate *batch, riv_str frames,
                       struct riv_err *why)
{
    struct riv_sys *sys = self->base.sys;
    const int64_t until = sys->mono_ns(sys) + GIVE_UP_MS * INT64_C(1000000);
    int rc = 0;
    for (bool again = false; !again || sys->mono_ns(sys) < until;
         again = true) {
        if (again)
            pause_for(self);
        rc = self->rk ? 0 : find_out(self, batch, why);
        if (rc == 0)
            rc = try_in_time(self, batch, frames, why);
        if (rc > 0)
            return rc;
        if (rc < 0 && !goes_on(self, rc))
            break;
        if (why->code < 0)
            riv__kafka_output_trouble(self, why);
    }
    return why->code < 0 ? why->code : rc < 0 ? rc : RIV_EUNAVAIL;
}

int riv__kafka_transaction(struct riv_kafka_output *self, uint32_t output,
                           uint64_t batch, riv_str frames, struct riv_err *err)
{
    const struct riv_kafka_fate fate = { .batch = batch,
                                         .sum = riv__sum_of(frames.p, frames.n),
                                         .ours = true };
    struct riv_err why = { .code = 0 };
    self->output = output;
    /* Of boxes that were left a later one is out. */
    if (self->begun && self->known.ours && self->known.batch >= batch)
        return 0;
    const int rc = write_batch(self, &fate, frames, &why);
    if (rc < 0)
        return riv__err_set(
            err, rc, "batch %llu is not written%s: %s",
            (unsigned long long)batch,
            may_pass(rc) && rc != RIV_EBUSY
                ? ", for two minutes (it must be through within "
                  "kafka.transaction.timeout.ms)"
                : "",
            why.text[0] ? why.text : "it was given up");
    self->fenced = 0;
    if (self->known.batch < batch || !self->known.ours)
        self->known = fate;
    riv__kafka_output_recovered(self);
    return 0;
}
