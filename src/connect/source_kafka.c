/* connect/source_kafka.c - "kafka://HOST:PORT[,...]/TOPIC[,...]": records of
 * topics. The client library fetches on threads of its own into a queue for each
 * partition; the source's thread moves them into lanes (connect/lanes.h), from
 * which batches take. Where a batch ends is an offset of every partition, and
 * goes into the journal; the group hears of it afterwards, for others to see.
 * Partitions are ours by assignment, not by a group's rebalance: the journal is
 * the truth, and one process works on it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "conf/pass.h"
#include "connect/kafka_input.h"
#include "connect/kafka_library.h"
#include "connect/sources.h"
#include "data/type.h"

enum {
    RECORD_BYTES_FIRST = 1024,
    LOOK_MS = 10000, /* for new partitions */
    REST_MS = 500,   /* the library's errors are looked at this often */
    PATIENCE_MS = 1, /* with a library that sleeps; doubled each time */
    NUDGE_MS = 1,    /* the question is what counts, not its answer */
    CLOSE_MS = 2000, /* for the last commit to the group */
    CLOSE_STEP_MS = 50,
    SHOWN_BYTES = 100, /* of a topic's name */
};

static struct riv_kafka_input *self_of(struct riv_input *input)
{
    return (struct riv_kafka_input *)input;
}

static bool is_grouped(const struct riv_settings *conf)
{
    struct riv_pass pass;
    bool any = conf->name[0] != '\0';
    for (size_t at = 0; riv__pass_next(conf, &at, &pass);)
        any |= strcmp(pass.name, "group.id") == 0;
    return any;
}

static void message_destroy(void *msg)
{
    riv__rdk->message_destroy(msg);
}

static int kafka_open(struct riv_input *input, struct riv_err *err)
{
    struct riv_kafka_input *self = self_of(input);
    struct riv_sys *sys = input->sys;
    self->record_bytes = RECORD_BYTES_FIRST;
    self->patience_ms = PATIENCE_MS;
    self->grouped = is_grouped(input->conf);
    atomic_init(&self->commits, 0);
    atomic_init(&self->heard, 0);
    atomic_init(&self->missed, false);
    atomic_init(&self->journaled, false);
    atomic_init(&self->cluster_known, false);
    riv__buf_init(&self->headers, 0);
    input->feed.limit_bytes = (size_t)input->conf->kafka_buffer_bytes;
    riv__lanes_init(&self->lanes, sys, input->driver, input->feed.limit_bytes,
                    false);
    self->lanes.give_back = message_destroy;
    self->has_lanes = true;
    const char *start = input->conf->kafka_start;
    RIV__TRY(riv__kafka_uri_read(input->rest, start[0] ? start : "committed",
                                 &self->uri, err));
    atomic_init(&self->topics, self->uri.ntopic);
    self->lanes.pieces = self->uri.pieces;
    int rc = sys->wake_open(sys, &self->arrived);
    if (rc < 0)
        return riv__err_sys(err, -rc, "eventfd", NULL);
    self->has_arrived = true;
    riv__input_note(input, "asking %s for %zu topics", self->uri.brokers,
                    self->uri.ntopic + self->uri.npattern);
    return riv__kafka_client(self, 0, err);
}

/* --------------------------------------------------------------- reading */

/* Errors and answers to commits. */
static int serve(struct riv_kafka_input *self, struct riv_err *err)
{
    riv__kafka_hear(self);
    return self->failed.code < 0
               ? riv__err_set(err, self->failed.code, "%s", self->failed.text)
               : 0;
}

/* until=end: has everything come that was there at the start? */
static bool has_all(struct riv_kafka_input *self)
{
    struct riv_lane lane;
    for (size_t i = 0; i < self->npart; i++)
        if (riv__lanes_get(&self->lanes, i, &lane) &&
            lane.came < self->part[i].finish)
            return false;
    return self->uri.ends;
}

static int look_again(struct riv_kafka_input *self, struct riv_err *err)
{
    struct riv_input *input = &self->base;
    const int64_t now = input->sys->mono_ns(input->sys);
    if (self->npart > 0 &&
        (self->uri.ends || now - self->looked_ns < LOOK_MS * INT64_C(1000000)))
        return 0;
    self->looked_ns = now;
    struct riv_err why = { .code = 0 };
    int rc = riv__kafka_look(self, &why);
    if (rc > 0) {
        riv__input_note(input, "%zu partitions", self->npart);
        riv__kafka_recovered(self);
    }
    if (rc >= 0 || (rc == RIV_EUNAVAIL && self->npart > 0))
        return 0; /* it goes on with those it has */
    return riv__err_set(err, rc, "%s", why.text);
}

/* The next partition that has more on the broker, room in its lane, and nothing
 * in the library; -1: there is none. */
static int held_up(struct riv_kafka_input *self)
{
    struct riv_lane lane;
    int64_t low, high;
    for (size_t i = 0; i < self->npart; i++) {
        const size_t at = (self->nudged + 1 + i) % self->npart;
        if (riv__lanes_get(&self->lanes, at, &lane) &&
            riv__rdk->get_watermark_offsets(self->rk, lane.topic,
                                            lane.partition, &low, &high) == 0 &&
            lane.came < high && riv__lanes_room(&self->lanes, at) > 0)
            return (int)at;
    }
    return -1;
}

/* The library's thread that is to fetch may be asleep for a second, because all
 * queues were full when it last looked (before librdkafka 2.3, which has
 * fetch.queue.backoff.ms). Any request to that broker wakes it. */
static void nudge(struct riv_kafka_input *self, size_t at)
{
    struct riv_lane lane;
    int64_t low, high;
    self->nudged = at;
    self->patience_ms = RIV__MIN(2 * self->patience_ms, REST_MS);
    if (riv__lanes_get(&self->lanes, at, &lane))
        (void)riv__rdk->query_watermark_offsets(
            self->rk, lane.topic, lane.partition, &low, &high, NUDGE_MS);
}

/* Nothing has come. */
static int rest(struct riv_kafka_input *self, struct riv_err *err)
{
    struct riv_input *input = &self->base;
    struct riv_pollfd fd = { .fd = self->arrived.fd, .events = RIV__POLL_IN };
    uint64_t count;
    const int late = self->sleeps ? held_up(self) : -1;
    RIV__TRY(riv__input_wait(input, &fd, 1,
                             late >= 0 ? self->patience_ms : REST_MS, err));
    if (fd.revents & RIV__POLL_IN)
        (void)input->sys->read(input->sys, self->arrived.fd, &count,
                               sizeof count);
    else if (late >= 0)
        nudge(self, (size_t)late);
    return RIV__READ_IDLE;
}

static int kafka_read(struct riv_input *input, struct riv_err *err)
{
    struct riv_kafka_input *self = self_of(input);
    int any = 0;
    riv__lanes_are_rows(&self->lanes, input->type != &riv__type_str);
    RIV__TRY(serve(self, err));
    RIV__TRY(look_again(self, err));
    for (size_t i = 0; i < self->npart; i++) {
        const int rc = riv__kafka_take(self, i, err);
        RIV__TRY(rc);
        any |= rc;
    }
    if (has_all(self))
        return RIV__READ_END;
    if (!any)
        return rest(self, err);
    self->patience_ms = PATIENCE_MS;
    return RIV__READ_MORE;
}

/* --------------------------------------------------------------- batches */

static size_t kafka_waiting(struct riv_input *input)
{
    return riv__lanes_waiting(&self_of(input)->lanes);
}

static bool kafka_presses(struct riv_input *input)
{
    return riv__lanes_press(&self_of(input)->lanes);
}

/* The batch's bytes, shared out by what waits on the broker. False: all. */
static bool shares(struct riv_kafka_input *self, struct riv_err *err, int *rc)
{
    struct riv_input *input = &self->base;
    const uint64_t left = riv__rate_left(&input->rate);
    struct riv_lane lane;
    size_t n = 0;
    int64_t low, high;
    *rc = 0;
    for (; riv__lanes_get(&self->lanes, n, &lane); n++) {
        if (RIV__VEC_ROOM(self->most, self->most_cap, n + 1) < 0 ||
            RIV__VEC_ROOM(self->lag, self->lag_cap, n + 1) < 0 ||
            RIV__VEC_ROOM(self->free_rate, self->free_cap, n + 1) < 0) {
            *rc = riv__err_set(err, RIV_ENOMEM, "no memory for a batch");
            return false;
        }
        if (riv__rdk->get_watermark_offsets(self->rk, lane.topic,
                                            lane.partition, &low, &high) == 0 &&
            high >= 0)
            riv__lanes_end(&self->lanes, n, high);
        self->lag[n] = RIV__MAX(lane.end - lane.cut, 0);
        self->free_rate[n] = 0;
    }
    if (left == UINT64_MAX || n == 0)
        return false;
    const struct riv_share_conf conf = { .batch_ms = 1000,
                                         .rate = (double)left,
                                         .at_least = 1 };
    return riv__rate_shares(&conf, self->lag, self->free_rate, n, self->most);
}

static int kafka_cut(struct riv_input *input, struct riv_cut *cut,
                     struct riv_err *err)
{
    struct riv_kafka_input *self = self_of(input);
    const uint64_t before = cut->bytes;
    int rc;
    const bool limited = shares(self, err, &rc);
    RIV__TRY(rc);
    if (riv__rate_left(&input->rate) == 0)
        return RIV__READ_MORE;
    RIV__TRY(riv__lanes_cut(&self->lanes, input->index,
                            limited ? self->most : NULL, cut, err));
    riv__rate_took(&input->rate, cut->bytes - before);
    return RIV__READ_MORE;
}

static void kafka_release(struct riv_input *input)
{
    struct riv_kafka_input *self = self_of(input);
    if (riv__lanes_release(&self->lanes))
        input->sys->wake_raise(input->sys, &self->arrived);
}

/* How far behind, as of the last answer of the brokers; where there is most. */
static void note_lag(struct riv_kafka_input *self)
{
    struct riv_lane lane, most = { .topic = "" };
    int64_t all = 0, largest = -1;
    size_t n = 0;
    for (; riv__lanes_get(&self->lanes, n, &lane); n++) {
        const int64_t lag = RIV__MAX(lane.end - lane.cut, 0);
        all += lag;
        if (lag <= largest)
            continue;
        largest = lag;
        most = lane;
    }
    const int told = atomic_load(&self->heard);
    if (all > 0)
        riv__input_note(&self->base,
                        "%zu partitions, %lld records behind, %lld of them in "
                        "%s/%d; commits to the group: %d",
                        n, (long long)all, (long long)largest, most.topic,
                        (int)most.partition, told);
    else if (n > 0)
        riv__input_note(&self->base,
                        "%zu partitions, all read; commits to the group: %d", n,
                        told);
}

/* The log's end as of the last answer of the brokers. */
static void kafka_parts(struct riv_input *input, riv__part_fn *each, void *arg)
{
    struct riv_kafka_input *self = self_of(input);
    char name[SHOWN_BYTES + 16];
    struct riv_lane lane;
    int64_t low, high;
    for (size_t i = 0; riv__lanes_get(&self->lanes, i, &lane); i++) {
        if (riv__rdk->get_watermark_offsets(self->rk, lane.topic,
                                            lane.partition, &low, &high) != 0 ||
            high < 0)
            high = lane.end;
        snprintf(name, sizeof name, "%.*s/%d", SHOWN_BYTES, lane.topic,
                 (int)lane.partition);
        each(arg, &(struct riv_input_part){ .name = name,
                                            .position = lane.cut,
                                            .end = RIV__MAX(high, lane.end) });
    }
}

/* Without a journal the group's offsets are all there is. */
static void kafka_done(struct riv_input *input)
{
    struct riv_kafka_input *self = self_of(input);
    note_lag(self);
    if (!self->journaled)
        riv__kafka_tell(self);
    riv__kafka_tell_again(self);
}

/* ------------------------------------------------------------------ the end */

static void await_commits(struct riv_kafka_input *self)
{
    for (int ms = 0;
         ms < CLOSE_MS && atomic_load(&self->commits) > 0 && !self->troubled;
         ms += CLOSE_STEP_MS) {
        rd_kafka_message_t *msg =
            riv__rdk->consumer_poll(self->rk, CLOSE_STEP_MS);
        if (msg)
            riv__rdk->message_destroy(msg);
    }
}

static void client_free(struct riv_kafka_input *self)
{
    await_commits(self);
    for (size_t i = 0; i < self->npart; i++) {
        if (!self->part[i].queue)
            continue;
        riv__rdk->queue_io_event_enable(self->part[i].queue, -1, NULL, 0);
        riv__rdk->queue_destroy(self->part[i].queue);
    }
    riv__kafka_end(self->rk);
}

static void kafka_close(struct riv_input *input)
{
    struct riv_kafka_input *self = self_of(input);
    if (self->has_lanes) /* what is borrowed is the client's */
        riv__lanes_fini(&self->lanes);
    if (self->rk)
        client_free(self);
    if (self->told)
        riv__rdk->topic_partition_list_destroy(self->told);
    if (self->standing)
        riv__rdk->topic_partition_list_destroy(self->standing);
    if (self->has_arrived)
        input->sys->wake_close(input->sys, &self->arrived);
    riv__kafka_uri_fini(&self->uri);
    riv__buf_fini(&self->headers);
    free(self->place);
    free(self->part);
    free(self->most);
    free(self->lag);
    free(self->free_rate);
}

const struct riv_source_ops riv__source_kafka = {
    .name = "kafka",
    .input_size = sizeof(struct riv_kafka_input),
    .flags = RIV__SOURCE_KAFKA,
    .open = kafka_open,
    .read = kafka_read,
    .cut = kafka_cut,
    .close = kafka_close,
    .release = kafka_release,
    .done = kafka_done,
    .waiting = kafka_waiting,
    .presses = kafka_presses,
    .stand = riv__kafka_stand,
    .seek = riv__kafka_seek,
    .reach = riv__kafka_reach,
    .ack = riv__kafka_ack,
    .parts = kafka_parts,
    .unit = "records",
};
