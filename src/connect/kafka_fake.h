/* connect/kafka_fake.h - a client library without brokers, for transactions: what
 * it is asked is written down, what a topic and a group have lies in memory, and a
 * call fails when a test says so. Unlike the library's mock brokers it keeps what
 * transactions promise: one that is not committed is not there, a producer made
 * later fences those before it, and ends what they left open. No sockets, no
 * threads, no clock but its own. Only for *_test.c files. */
#ifndef RIV_CONNECT_KAFKA_FAKE_H
#define RIV_CONNECT_KAFKA_FAKE_H

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "connect/kafka_library.h"
#include "connect/kafka_output.h"

enum { FAKE_TEXT = 4096, FAKE_PLANS = 64 };

/* What becomes of a transaction whose commit fails. */
enum fake_fate {
    FAKE_LOST,    /* nothing of it is there */
    FAKE_THERE,   /* all of it is */
    FAKE_ON_WAY,  /* it will be when another producer begins */
    FAKE_PENDING, /* as long as none does it is open, and then nothing of it */
};

/* The next call of that name fails; code 0: it does not, but what is beside it
 * happens. */
struct fake_plan {
    const char *call; /* NULL: it has happened */
    rd_kafka_resp_err_t code;
    bool retriable, aborts;
    rd_kafka_resp_err_t cause; /* that it tells whoever begins again */
    enum fake_fate fate;
    int64_t takes_ms;
    rd_kafka_resp_err_t
        record;    /* of the record that is not delivered meanwhile */
    bool troubles; /* the brokers are said to be away meanwhile */
};

struct fake_error {
    rd_kafka_resp_err_t code;
    bool retriable, aborts;
};

struct fake_client {
    rd_kafka_conf_t *conf;
    rd_kafka_type_t type;
    unsigned epoch;
    bool open, fenced;
    rd_kafka_resp_err_t cause;
    char records[FAKE_TEXT / 4], words[256];
    int64_t number;
};

static struct fake {
    struct riv_rdk rdk;
    const struct riv_rdk *real;
    struct riv_kafka_output *output; /* whom it tells of troubles */
    void (*delivered)(rd_kafka_t *, const rd_kafka_message_t *, void *);
    struct fake_plan plan[FAKE_PLANS];
    size_t nplan;
    char asked[FAKE_TEXT]; /* "now init stable begin put:x number:1 commit " */
    char topic[FAKE_TEXT]; /* records that are there */
    char group[128], id[128];
    int64_t number; /* -1001: none */
    char words[256];
    unsigned epoch;
    struct fake_client left; /* whose transaction is open, or on its way */
    bool on_way, pending;
    atomic_int clients, errors; /* that nobody has ended */
    int64_t now_ns, wall_ms;
    int64_t wall_step_ms; /* at each planned call: the machine slept */
    struct riv_sys sys;
} fake;

static void fake_ask(const char *fmt, ...) RIV__FORMAT(1, 2);
static void fake_ask(const char *fmt, ...)
{
    const size_t n = strlen(fake.asked);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(fake.asked + n, sizeof fake.asked - n, fmt, ap);
    va_end(ap);
}

static void fake_fails(struct fake_plan plan)
{
    assert_true(fake.nplan < FAKE_PLANS);
    fake.plan[fake.nplan++] = plan;
}

/* What is planned for this call, once. */
static struct fake_plan fake_next(const char *call)
{
    for (size_t i = 0; i < fake.nplan; i++) {
        struct fake_plan plan = fake.plan[i];
        if (!plan.call || strcmp(plan.call, call) != 0)
            continue;
        fake.plan[i].call = NULL;
        fake.now_ns += plan.takes_ms * 1000000;
        fake.wall_ms += plan.takes_ms + fake.wall_step_ms;
        if (plan.record)
            fake.delivered(NULL, &(rd_kafka_message_t){ .err = plan.record },
                           fake.output);
        if (plan.troubles)
            riv__kafka_output_error(NULL, RD_KAFKA_RESP_ERR__TRANSPORT, "away",
                                    fake.output);
        return plan;
    }
    return (struct fake_plan){ .call = NULL };
}

static rd_kafka_error_t *fake_error(struct fake_plan plan)
{
    if (!plan.code)
        return NULL;
    struct fake_error *error = malloc(sizeof *error);
    assert_non_null(error);
    *error = (struct fake_error){ plan.code, plan.retriable, plan.aborts };
    atomic_fetch_add(&fake.errors, 1);
    return (rd_kafka_error_t *)error;
}

/* It can do nothing any more, not even abort. */
static rd_kafka_error_t *fake_fenced(void)
{
    return fake_error(
        (struct fake_plan){ .code = RD_KAFKA_RESP_ERR_PRODUCER_FENCED });
}

static rd_kafka_error_t *fake_refuse(struct fake_client *client,
                                     struct fake_plan plan)
{
    client->fenced |= plan.code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED;
    client->cause = plan.cause ? plan.cause : RD_KAFKA_RESP_ERR__STATE;
    return fake_error(plan);
}

static rd_kafka_resp_err_t fake_error_code(const rd_kafka_error_t *error)
{
    return error ? ((const struct fake_error *)error)->code : 0;
}

static const char *fake_error_string(const rd_kafka_error_t *error)
{
    return rd_kafka_err2str(fake_error_code(error));
}

static int fake_retriable(const rd_kafka_error_t *error)
{
    return ((const struct fake_error *)error)->retriable;
}

static int fake_aborts(const rd_kafka_error_t *error)
{
    return ((const struct fake_error *)error)->aborts;
}

static void fake_error_destroy(rd_kafka_error_t *error)
{
    if (error)
        atomic_fetch_sub(&fake.errors, 1);
    free(error);
}

/* ----------------------------------------------------------------- a client */

static struct fake_client *fake_of(rd_kafka_t *rk)
{
    return (struct fake_client *)rk;
}

static rd_kafka_t *fake_new(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                            char *text, size_t n)
{
    struct fake_client *client = calloc(1, sizeof *client);
    (void)text, (void)n;
    assert_non_null(client);
    client->type = type;
    client->conf = conf;
    atomic_fetch_add(&fake.clients, 1);
    return (rd_kafka_t *)client;
}

static const rd_kafka_conf_t *fake_conf(rd_kafka_t *rk)
{
    return fake_of(rk)->conf;
}

static bool fake_has(rd_kafka_t *rk, const char *name, const char *value)
{
    char text[128] = "";
    size_t n = sizeof text;
    (void)rd_kafka_conf_get(fake_of(rk)->conf, name, text, &n);
    return strcmp(text, value) == 0;
}

/* A producer that ends with a transaction leaves it open. */
static void fake_end(rd_kafka_t *rk, int flags)
{
    struct fake_client *client = fake_of(rk);
    (void)flags;
    rd_kafka_conf_destroy(client->conf);
    free(client);
    atomic_fetch_sub(&fake.clients, 1);
}

static void fake_delivers(rd_kafka_conf_t *conf,
                          void (*cb)(rd_kafka_t *, const rd_kafka_message_t *,
                                     void *))
{
    fake.delivered = cb;
    rd_kafka_conf_set_dr_msg_cb(conf, cb);
}

static int fake_poll(rd_kafka_t *rk, int ms)
{
    (void)rk, (void)ms;
    (void)fake_next("poll");
    return 0;
}

/* ------------------------------------------------------------- transactions */

/* All of it, and the number with it. */
static void fake_apply(const struct fake_client *of)
{
    const size_t n = strlen(fake.topic);
    snprintf(fake.topic + n, sizeof fake.topic - n, "%s", of->records);
    if (of->number < 0)
        return;
    fake.number = of->number;
    memcpy(fake.words, of->words, sizeof fake.words);
}

/* What another producer of the id left is ended, and whoever it was is fenced. */
static rd_kafka_error_t *fake_init(rd_kafka_t *rk, int ms)
{
    struct fake_client *client = fake_of(rk);
    size_t n = sizeof fake.id;
    (void)ms;
    fake_ask("init ");
    assert_true(fake_has(rk, "enable.idempotence", "true"));
    (void)rd_kafka_conf_get(client->conf, "transactional.id", fake.id, &n);
    const struct fake_plan plan = fake_next("init");
    if (plan.code)
        return fake_error(plan);
    client->epoch = ++fake.epoch;
    if (fake.on_way)
        fake_apply(&fake.left);
    fake.on_way = fake.pending = false;
    return NULL;
}

static rd_kafka_error_t *fake_begin(rd_kafka_t *rk)
{
    struct fake_client *client = fake_of(rk);
    if (client->fenced)
        return fake_fenced();
    if (client->open) /* it is asked what made a step fail */
        return fake_error((struct fake_plan){ .code = client->cause });
    fake_ask("begin ");
    const struct fake_plan plan = fake_next("begin");
    if (plan.code)
        return fake_refuse(client, plan);
    client->open = true;
    client->records[0] = '\0';
    client->number = -1;
    return NULL;
}

static rd_kafka_error_t *fake_produce(rd_kafka_t *rk, const rd_kafka_vu_t *vu,
                                      size_t n)
{
    struct fake_client *client = fake_of(rk);
    const struct fake_plan plan = fake_next("put");
    if (plan.code)
        return fake_refuse(client, plan);
    for (size_t i = 0; i < n; i++) {
        if (vu[i].vtype != RD_KAFKA_VTYPE_VALUE)
            continue;
        const size_t had = strlen(client->records);
        snprintf(client->records + had, sizeof client->records - had, "%.*s;",
                 (int)vu[i].u.mem.size, (const char *)vu[i].u.mem.ptr);
        fake_ask("put:%.*s ", (int)vu[i].u.mem.size,
                 (const char *)vu[i].u.mem.ptr);
    }
    return NULL;
}

static rd_kafka_consumer_group_metadata_t *fake_group(const char *group)
{
    snprintf(fake.group, sizeof fake.group, "%s", group);
    return rd_kafka_consumer_group_metadata_new(group);
}

static rd_kafka_error_t *fake_put_number(
    rd_kafka_t *rk, const rd_kafka_topic_partition_list_t *list,
    const rd_kafka_consumer_group_metadata_t *member, int ms)
{
    struct fake_client *client = fake_of(rk);
    const rd_kafka_topic_partition_t *at = &list->elems[0];
    (void)member, (void)ms;
    fake_ask("number:%lld ", (long long)at->offset);
    const struct fake_plan plan = fake_next("number");
    if (plan.code)
        return fake_refuse(client, plan);
    client->number = at->offset;
    snprintf(client->words, sizeof client->words, "%.*s",
             (int)at->metadata_size, (const char *)at->metadata);
    return NULL;
}

/* A commit that is open: it may have happened, may yet, or not. */
static void fake_leave(const struct fake_client *client, enum fake_fate fate)
{
    if (fate == FAKE_THERE)
        fake_apply(client);
    fake.left = *client;
    fake.on_way = fate == FAKE_ON_WAY;
    fake.pending = fake.on_way || fate == FAKE_PENDING;
}

static rd_kafka_error_t *fake_commit(rd_kafka_t *rk, int ms)
{
    struct fake_client *client = fake_of(rk);
    (void)ms;
    fake_ask("commit ");
    const struct fake_plan plan = fake_next("commit");
    if (plan.code) {
        if (!plan.retriable && !plan.aborts)
            fake_leave(client, plan.fate);
        return fake_refuse(client, plan);
    }
    assert_true(client->open);
    client->open = false;
    if (client->epoch != fake.epoch)
        return fake_fenced();
    fake_apply(client);
    return NULL;
}

static rd_kafka_error_t *fake_abort(rd_kafka_t *rk, int ms)
{
    struct fake_client *client = fake_of(rk);
    (void)ms;
    fake_ask("abort ");
    const struct fake_plan plan = fake_next("abort");
    if (plan.code)
        return fake_refuse(client, plan);
    if (client->fenced)
        return fake_fenced();
    client->open = false;
    return NULL;
}

/* Whoever waits for what is stable gets no answer while something is open. */
static rd_kafka_resp_err_t fake_committed(rd_kafka_t *rk,
                                          rd_kafka_topic_partition_list_t *list,
                                          int ms)
{
    const bool stable = fake_has(rk, "isolation.level", "read_committed");
    rd_kafka_topic_partition_t *at = &list->elems[0];
    (void)ms;
    assert_true(fake_has(rk, "enable.auto.commit", "false"));
    assert_true(
        fake_has(rk, "group.id", fake.group[0] ? fake.group : fake.id) ||
        !fake.id[0]);
    fake_ask(stable ? "stable " : "now ");
    const struct fake_plan all = fake_next(stable ? "stable" : "now");
    if (all.code)
        return all.code;
    at->err = fake_next("partition").code;
    if (stable && fake.pending)
        return RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (at->err)
        return 0;
    at->offset = fake.number;
    if (fake.number >= 0) {
        at->metadata = strdup(fake.words);
        at->metadata_size = strlen(fake.words);
    }
    return 0;
}

/* -------------------------------------------------------------------- clocks */

static int64_t fake_mono_ns(struct riv_sys *sys)
{
    (void)sys;
    return fake.now_ns;
}

static int64_t fake_wall_ms(struct riv_sys *sys)
{
    (void)sys;
    return fake.wall_ms;
}

static int fake_pause(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                      struct riv_wake *wake, int64_t until_ns)
{
    (void)sys, (void)fds, (void)n, (void)wake;
    fake_ask("pause:%lld ", (long long)(until_ns - fake.now_ns) / 1000000);
    fake.wall_ms += (until_ns - fake.now_ns) / 1000000;
    fake.now_ns = until_ns;
    return 0;
}

/* ----------------------------------------------------------- begin and end */

static void fake_start(void)
{
    struct riv_err err = { .code = 0 };
    assert_int_equal(riv__rdk_load(&err), 0);
    fake = (struct fake){ .rdk = *riv__rdk, .real = riv__rdk, .number = -1001 };
    struct riv_rdk *rdk = &fake.rdk;
    rdk->new = fake_new;
    rdk->conf = fake_conf;
    rdk->destroy_flags = fake_end;
    rdk->conf_set_dr_msg_cb = fake_delivers;
    rdk->poll = fake_poll;
    rdk->error_code = fake_error_code;
    rdk->error_string = fake_error_string;
    rdk->error_is_retriable = fake_retriable;
    rdk->error_txn_requires_abort = fake_aborts;
    rdk->error_destroy = fake_error_destroy;
    rdk->init_transactions = fake_init;
    rdk->begin_transaction = fake_begin;
    rdk->produceva = fake_produce;
    rdk->consumer_group_metadata_new = fake_group;
    rdk->send_offsets_to_transaction = fake_put_number;
    rdk->commit_transaction = fake_commit;
    rdk->abort_transaction = fake_abort;
    rdk->committed = fake_committed;
    riv__rdk = rdk;
    fake.sys = *riv__sys_real();
    fake.sys.mono_ns = fake_mono_ns;
    fake.sys.wall_ms = fake_wall_ms;
    fake.sys.poll = fake_pause;
    fake.now_ns = INT64_C(5000000000);
    fake.wall_ms = INT64_C(1700000000000);
}

/* Nobody has left a client or an error. */
static void fake_stop(void)
{
    riv__rdk = fake.real;
    assert_int_equal(atomic_load(&fake.errors), 0);
    assert_int_equal(atomic_load(&fake.clients), 0);
}

#endif
