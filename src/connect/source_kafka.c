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

#include "base/num.h"
#include "base/str.h"
#include "base/vec.h"
#include "conf/pass.h"
#include "connect/kafka_input.h"
#include "connect/sources.h"
#include "data/le.h"
#include "data/type.h"

enum {
    RECORDS = 256, /* that are moved at once */
    ROUNDS = 8,    /* of these, before another partition's turn */
    RECORD_BYTES_FIRST = 1024,
    LOOK_MS = 10000, /* for new partitions */
    REST_MS = 500,   /* the library's errors are looked at this often */
    CLOSE_MS = 2000, /* for the last commit to the group */
    CLOSE_STEP_MS = 50,
    KEY_BYTES = RIV__KAFKA_TOPIC_BYTES + 8,
};

static struct riv_kafka_input *self_of(struct riv_input *input)
{
    return (struct riv_kafka_input *)input;
}

/* ------------------------------------------------- what the library says */

/* While a broker is away the library tries by itself, for ever; people see it. */
static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    struct riv_kafka_input *self = opaque;
    char text[256];
    if (code == RD_KAFKA_RESP_ERR__FATAL)
        code = (int)rd_kafka_fatal_error(rk, text, sizeof text);
    riv__str_show(self->reason, sizeof self->reason, riv_cstr(reason));
    struct riv_err why = { .code = 0 };
    riv__kafka_err(&why, (rd_kafka_resp_err_t)code, "the brokers", reason);
    if (why.code != RIV_EUNAVAIL) {
        self->failed = why;
        return;
    }
    riv__err_prefix(&why, "input %s", self->base.shown);
    self->troubled = true;
    if (self->npart > 0) /* before that read() fails, and is tried again */
        riv__input_trouble(&self->base, &why);
}

static void on_commit(rd_kafka_t *rk, rd_kafka_resp_err_t code,
                      rd_kafka_topic_partition_list_t *offsets, void *opaque)
{
    struct riv_kafka_input *self = opaque;
    (void)rk, (void)code, (void)offsets;
    atomic_fetch_sub(&self->commits, 1);
}

static void recovered(struct riv_kafka_input *self)
{
    if (!self->troubled)
        return;
    self->troubled = false;
    riv__input_trouble(&self->base, NULL);
}

/* ------------------------------------------------------- making a client */

/* Of each partition, in the library. An older one looks at a queue that was full
 * only once a second, so it needs more to go on with meanwhile. */
static int64_t queue_kib(int64_t buffer_bytes)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    const bool looks_often =
        rd_kafka_conf_set(conf, "fetch.queue.backoff.ms", "5", NULL, 0) ==
        RD_KAFKA_CONF_OK;
    rd_kafka_conf_destroy(conf);
    const int64_t kib = buffer_bytes / (looks_often ? 16 : 4) / 1024;
    return RIV__MAX(RIV__MIN(kib, 16384), 512);
}

static int client_make(struct riv_kafka_input *self, struct riv_err *err)
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
    char queue[RIV__NUM_TEXT], fetch[RIV__NUM_TEXT];
    const int64_t most = RIV__MAX(conf->buffer_bytes, INT64_C(1) << 20);
    riv__num_put_i64(queue, queue_kib(most));
    riv__num_put_i64(fetch, RIV__MIN(most, INT64_C(50) << 20));
    const struct riv_kafka_fixed wanted[] = {
        { "client.id", "rivulet" },
        { "group.id", conf->name[0] ? conf->name : "rivulet-unnamed" },
        { "isolation.level", "read_committed" },
        { "check.crcs", "true" },
        { "queued.max.messages.kbytes", queue },
        { "fetch.max.bytes", fetch },
        { "fetch.wait.max.ms", "100" },
        { "fetch.queue.backoff.ms", "5" },
        { "reconnect.backoff.ms", "20" },
        { "reconnect.backoff.max.ms", "2000" },
        { NULL, NULL },
    };
    rd_kafka_conf_t *made;
    RIV__TRY(riv__kafka_conf(
        &(struct riv_kafka_conf_spec){ .sys = self->base.sys,
                                       .conf = conf,
                                       .brokers = self->uri.brokers,
                                       .fixed = fixed,
                                       .wanted = wanted },
        &made, err));
    rd_kafka_conf_set_opaque(made, self);
    rd_kafka_conf_set_error_cb(made, on_error);
    rd_kafka_conf_set_offset_commit_cb(made, on_commit);
    RIV__TRY(riv__kafka_new(RD_KAFKA_CONSUMER, made, &self->rk, err));
    rd_kafka_poll_set_consumer(self->rk);
    return 0;
}

static bool is_grouped(const struct riv_settings *conf)
{
    struct riv_pass pass;
    bool any = conf->name[0] != '\0';
    for (size_t at = 0; riv__pass_next(conf, &at, &pass);)
        any |= strcmp(pass.name, "group.id") == 0;
    return any;
}

static int kafka_open(struct riv_input *input, struct riv_err *err)
{
    struct riv_kafka_input *self = self_of(input);
    struct riv_sys *sys = input->sys;
    self->record_bytes = RECORD_BYTES_FIRST;
    self->grouped = is_grouped(input->conf);
    atomic_init(&self->commits, 0);
    riv__buf_init(&self->headers, 0);
    riv__lanes_init(&self->lanes, sys, input->driver,
                    (size_t)input->conf->buffer_bytes, false);
    self->has_lanes = true;
    const char *start = input->conf->kafka_start;
    RIV__TRY(riv__kafka_uri_read(input->rest, start[0] ? start : "committed",
                                 &self->uri, err));
    int rc = sys->wake_open(sys, &self->arrived);
    if (rc < 0)
        return riv__err_sys(err, -rc, "eventfd", NULL);
    self->has_arrived = true;
    riv__input_note(input, "asking %s for %zu topics", self->uri.brokers,
                    self->uri.ntopic);
    return client_make(self, err);
}

/* --------------------------------------------------------------- reading */

/* A header: lengths of name and value, then both. */
static void put_header(struct riv_buf *to, const char *name, const void *value,
                       size_t n)
{
    char head[8];
    const size_t length = strlen(name);
    riv__le_put32(head, (uint32_t)length);
    riv__le_put32(head + 4, (uint32_t)n);
    riv__buf_add(to, head, sizeof head);
    riv__buf_add(to, name, length);
    riv__buf_add(to, value, n);
}

/* The length of what was added. */
static size_t put_headers(struct riv_kafka_input *self,
                          const rd_kafka_message_t *msg)
{
    rd_kafka_headers_t *headers;
    const char *name;
    const void *value;
    size_t n, before = self->headers.n;
    if (rd_kafka_message_headers(msg, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return 0;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &n) ==
                       RD_KAFKA_RESP_ERR_NO_ERROR;
         i++)
        put_header(&self->headers, name, value ? value : "", value ? n : 0);
    return self->headers.n - before;
}

static struct riv_lane_record record_of(struct riv_kafka_input *self,
                                        const rd_kafka_message_t *msg)
{
    struct riv_lane_record record = {
        .value = { msg->payload, msg->len },
        .offset = msg->offset,
        .timestamp = -1,
    };
    if (!self->lanes.rows)
        return record;
    rd_kafka_timestamp_type_t type;
    record.key = (riv_str){ msg->key, msg->key_len };
    record.timestamp = rd_kafka_message_timestamp(msg, &type);
    record.headers.n = put_headers(self, msg);
    return record;
}

/* The bytes of headers lie behind each other, and no longer move. */
static void place_headers(struct riv_kafka_input *self,
                          struct riv_lane_record *record, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        record[i].headers.p = self->headers.p ? self->headers.p + at : "";
        at += record[i].headers.n;
    }
}

static int put(struct riv_kafka_input *self, size_t lane,
               struct riv_lane_record *record, size_t n, struct riv_err *err)
{
    if (n == 0)
        return 0;
    place_headers(self, record, n);
    if (self->headers.failed ||
        riv__lanes_put(&self->lanes, lane, record, n) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for records");
    riv__buf_reset(&self->headers);
    return 0;
}

/* A message that is none: the end of the log, or an error. */
static int take_event(struct riv_kafka_input *self, size_t lane,
                      const rd_kafka_message_t *msg, struct riv_err *err)
{
    if (msg->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        riv__lanes_came(&self->lanes, lane, msg->offset);
        recovered(self);
        return 0;
    }
    if (msg->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        msg->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
        return riv__kafka_gone(self, lane, err);
    const int rc = riv__kafka_err(err, msg->err, rd_kafka_topic_name(msg->rkt),
                                  rd_kafka_message_errstr(msg));
    if (rc != RIV_EUNAVAIL)
        return rc;
    on_error(self->rk, msg->err, rd_kafka_message_errstr(msg), self);
    return 0;
}

/* Records in a row, and then what stands between them. */
static int take_messages(struct riv_kafka_input *self, size_t lane,
                         rd_kafka_message_t **msg, size_t n,
                         struct riv_err *err)
{
    struct riv_lane_record record[RECORDS];
    size_t k = 0, bytes = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (!msg[i]->err) {
            bytes += msg[i]->len + msg[i]->key_len;
            record[k++] = record_of(self, msg[i]);
            continue;
        }
        rc = put(self, lane, record, k, err);
        k = 0;
        if (rc == 0)
            rc = take_event(self, lane, msg[i], err);
    }
    if (rc == 0)
        rc = put(self, lane, record, k, err);
    if (bytes > 0) {
        recovered(self);
        self->record_bytes = (self->record_bytes * 3 + bytes / n) / 4 + 1;
    }
    return rc;
}

/* What a partition's queue has, as far as there is room. 1: it had some. */
static int take_part(struct riv_kafka_input *self, size_t lane,
                     struct riv_err *err)
{
    rd_kafka_message_t *msg[RECORDS];
    bool any = false;
    for (int round = 0; round < ROUNDS; round++) {
        const size_t room = riv__lanes_room(&self->lanes, lane);
        if (room == 0)
            break;
        const size_t most =
            RIV__MIN(room / self->record_bytes + 1, (size_t)RECORDS);
        const ssize_t n =
            rd_kafka_consume_batch_queue(self->part[lane].queue, 0, msg, most);
        if (n <= 0)
            break;
        any = true;
        int rc = take_messages(self, lane, msg, (size_t)n, err);
        for (ssize_t i = 0; i < n; i++)
            rd_kafka_message_destroy(msg[i]);
        RIV__TRY(rc);
        if ((size_t)n < most)
            break;
    }
    return any;
}

/* Errors and answers to commits. */
static int serve(struct riv_kafka_input *self, struct riv_err *err)
{
    rd_kafka_message_t *msg = rd_kafka_consumer_poll(self->rk, 0);
    if (msg) {
        if (msg->err && msg->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
            on_error(self->rk, msg->err, rd_kafka_message_errstr(msg), self);
        rd_kafka_message_destroy(msg);
    }
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
        recovered(self);
    }
    if (rc >= 0 || (rc == RIV_EUNAVAIL && self->npart > 0))
        return 0; /* it goes on with those it has */
    return riv__err_set(err, rc, "%s", why.text);
}

static int rest(struct riv_kafka_input *self, struct riv_err *err)
{
    struct riv_input *input = &self->base;
    struct riv_pollfd fd = { .fd = self->arrived.fd, .events = RIV__POLL_IN };
    uint64_t count;
    RIV__TRY(riv__input_wait(input, &fd, 1, REST_MS, err));
    if (fd.revents & RIV__POLL_IN)
        (void)input->sys->read(input->sys, self->arrived.fd, &count,
                               sizeof count);
    return RIV__READ_IDLE;
}

static int kafka_read(struct riv_input *input, struct riv_err *err)
{
    struct riv_kafka_input *self = self_of(input);
    int any = 0;
    self->lanes.rows = input->type != &riv__type_str;
    RIV__TRY(serve(self, err));
    RIV__TRY(look_again(self, err));
    for (size_t i = 0; i < self->npart; i++) {
        const int rc = take_part(self, i, err);
        RIV__TRY(rc);
        any |= rc;
    }
    if (has_all(self))
        return RIV__READ_END;
    return any ? RIV__READ_MORE : rest(self, err);
}

/* --------------------------------------------------------------- batches */

static size_t kafka_waiting(struct riv_input *input)
{
    return riv__lanes_waiting(&self_of(input)->lanes);
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
        if (rd_kafka_get_watermark_offsets(self->rk, lane.topic, lane.partition,
                                           &low, &high) == 0 &&
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

/* ------------------------------------------------------- telling the group */

static rd_kafka_topic_partition_list_t *standing_of(
    struct riv_kafka_input *self)
{
    struct riv_lane lane;
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new(16);
    for (size_t i = 0; riv__lanes_get(&self->lanes, i, &lane); i++)
        rd_kafka_topic_partition_list_add(list, lane.topic, lane.partition)
            ->offset = lane.cut;
    return list;
}

static bool is_told(const struct riv_kafka_input *self,
                    const rd_kafka_topic_partition_list_t *list)
{
    const rd_kafka_topic_partition_list_t *told = self->told;
    bool same = told && told->cnt == list->cnt;
    for (int i = 0; same && i < list->cnt; i++)
        same = told->elems[i].offset == list->elems[i].offset;
    return same || list->cnt == 0;
}

/* Takes the list. What others see; if it fails, the next one says more. */
static void tell(struct riv_kafka_input *self,
                 rd_kafka_topic_partition_list_t *list)
{
    if (!self->grouped || is_told(self, list)) {
        rd_kafka_topic_partition_list_destroy(list);
        return;
    }
    atomic_fetch_add(&self->commits, 1);
    if (rd_kafka_commit(self->rk, list, 1) != RD_KAFKA_RESP_ERR_NO_ERROR)
        atomic_fetch_sub(&self->commits, 1);
    if (self->told)
        rd_kafka_topic_partition_list_destroy(self->told);
    self->told = list;
}

static void kafka_ack(struct riv_input *input)
{
    struct riv_kafka_input *self = self_of(input);
    if (self->standing)
        tell(self, RIV__TAKE(self->standing));
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
    if (all > 0)
        riv__input_note(&self->base,
                        "%zu partitions, %lld records behind, %lld of them in "
                        "%s/%d",
                        n, (long long)all, (long long)largest, most.topic,
                        (int)most.partition);
    else if (n > 0)
        riv__input_note(&self->base, "%zu partitions, all read", n);
}

/* Without a journal the group's offsets are all there is. */
static void kafka_done(struct riv_input *input)
{
    struct riv_kafka_input *self = self_of(input);
    note_lag(self);
    if (!self->journaled)
        tell(self, standing_of(self));
}

/* --------------------------------------------------------- for the journal
 * "topic/NAME=PARTITION:OFFSET,..." for each topic; "topics=0" before the
 * brokers have said where that is. */

static bool put_places(struct riv_kafka_input *self, uint32_t topic,
                       struct riv_buf *to)
{
    struct riv_lane lane;
    bool any = false;
    for (size_t i = 0; riv__lanes_get(&self->lanes, i, &lane); i++) {
        if (lane.topic != self->uri.topic[topic])
            continue;
        riv__buf_printf(to, "%s%d:%lld", any ? "," : "", (int)lane.partition,
                        (long long)lane.cut);
        any = true;
    }
    for (size_t i = 0; !any && i < self->nplace; i++) {
        const struct riv_kafka_place *place = &self->place[i];
        if (place->topic == topic)
            riv__buf_printf(to, "%s%d:%lld", to->n > 0 ? "," : "",
                            (int)place->partition, (long long)place->offset);
    }
    return to->n > 0;
}

static int kafka_stand(struct riv_input *input, struct riv_stand *to,
                       struct riv_err *err)
{
    struct riv_kafka_input *self = self_of(input);
    char key[KEY_BYTES];
    struct riv_buf value;
    (void)err;
    self->journaled = true;
    riv__buf_init(&value, RIV__STAND_BYTES_MAX);
    for (uint32_t i = 0; i < self->uri.ntopic; i++) {
        snprintf(key, sizeof key, "topic/%s", self->uri.topic[i]);
        riv__buf_reset(&value);
        if (put_places(self, i, &value))
            riv__stand_put_text(to, key, riv__str(value.p, value.n));
        to->failed |= value.failed;
    }
    riv__buf_fini(&value);
    if (to->words.n == 0)
        riv__stand_put(to, "topics", 0);
    if (self->standing)
        rd_kafka_topic_partition_list_destroy(self->standing);
    self->standing = standing_of(self);
    return 0;
}

/* The next "PARTITION:OFFSET" of a text. 1, 0: no more, below 0: damaged. */
static int next_place(riv_str *rest, int32_t *partition, int64_t *offset)
{
    if (rest->n == 0)
        return 0;
    const char *comma = memchr(rest->p, ',', rest->n);
    const size_t n = comma ? (size_t)(comma - rest->p) : rest->n;
    const char *colon = memchr(rest->p, ':', n);
    int64_t number;
    if (!colon)
        return RIV_ECHECKPOINT;
    const size_t k = (size_t)(colon - rest->p);
    if (!riv__num_i64(riv__str(rest->p, k), &number) || number < 0 ||
        number > INT32_MAX ||
        !riv__num_i64(riv__str(colon + 1, n - k - 1), offset) || *offset < 0)
        return RIV_ECHECKPOINT;
    *partition = (int32_t)number;
    const size_t skip = comma ? n + 1 : n;
    *rest = riv__str(rest->p + skip, rest->n - skip);
    return 1;
}

static int seek_topic(struct riv_kafka_input *self, uint32_t topic,
                      riv_str text, struct riv_err *err)
{
    struct riv_kafka_place place = { .topic = topic };
    int rc;
    while ((rc = next_place(&text, &place.partition, &place.offset)) > 0) {
        if (RIV__VEC_ROOM(self->place, self->place_cap, self->nplace + 1) < 0)
            return riv__err_set(err, RIV_ENOMEM, "no memory for a place");
        self->place[self->nplace++] = place;
    }
    self->known[topic] = true;
    return rc;
}

static int kafka_seek(struct riv_input *input, riv_str words,
                      struct riv_err *err)
{
    struct riv_kafka_input *self = self_of(input);
    char key[KEY_BYTES];
    riv_str text;
    self->journaled = true;
    for (uint32_t i = 0; i < self->uri.ntopic; i++) {
        snprintf(key, sizeof key, "topic/%s", self->uri.topic[i]);
        if (!riv__stand_get_text(words, key, &text))
            continue;
        const int rc = seek_topic(self, i, text, err);
        if (rc == RIV_ECHECKPOINT)
            return riv__stand_damaged(words, err);
        RIV__TRY(rc);
    }
    return 0;
}

/* 1: all of it has come. */
static int reach_topic(struct riv_kafka_input *self, const char *topic,
                       riv_str text)
{
    int32_t partition;
    int64_t until;
    int rc, all = 1;
    while ((rc = next_place(&text, &partition, &until)) > 0) {
        const int lane =
            riv__lanes_find(&self->lanes, riv_cstr(topic), partition);
        if (lane < 0 || !riv__lanes_reach(&self->lanes, (size_t)lane, until))
            all = 0;
    }
    return rc < 0 ? rc : all;
}

static int kafka_reach(struct riv_input *input, riv_str words,
                       struct riv_err *err)
{
    struct riv_kafka_input *self = self_of(input);
    char key[KEY_BYTES];
    riv_str text;
    int all = 1;
    for (uint32_t i = 0; i < self->uri.ntopic; i++) {
        snprintf(key, sizeof key, "topic/%s", self->uri.topic[i]);
        if (!riv__stand_get_text(words, key, &text))
            continue;
        const int rc = reach_topic(self, self->uri.topic[i], text);
        if (rc < 0)
            return riv__stand_damaged(words, err);
        all &= rc;
    }
    kafka_release(input); /* the limit holds no longer */
    return all;
}

/* ------------------------------------------------------------------ the end */

static void await_commits(struct riv_kafka_input *self)
{
    for (int ms = 0;
         ms < CLOSE_MS && atomic_load(&self->commits) > 0 && !self->troubled;
         ms += CLOSE_STEP_MS) {
        rd_kafka_message_t *msg =
            rd_kafka_consumer_poll(self->rk, CLOSE_STEP_MS);
        if (msg)
            rd_kafka_message_destroy(msg);
    }
}

static void client_free(struct riv_kafka_input *self)
{
    await_commits(self);
    for (size_t i = 0; i < self->npart; i++)
        if (self->part[i].queue)
            rd_kafka_queue_destroy(self->part[i].queue);
    rd_kafka_destroy_flags(self->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

static void kafka_close(struct riv_input *input)
{
    struct riv_kafka_input *self = self_of(input);
    if (self->rk)
        client_free(self);
    if (self->told)
        rd_kafka_topic_partition_list_destroy(self->told);
    if (self->standing)
        rd_kafka_topic_partition_list_destroy(self->standing);
    if (self->has_arrived)
        input->sys->wake_close(input->sys, &self->arrived);
    if (self->has_lanes)
        riv__lanes_fini(&self->lanes);
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
    .stand = kafka_stand,
    .seek = kafka_seek,
    .reach = kafka_reach,
    .ack = kafka_ack,
};
