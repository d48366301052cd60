/* connect/kafka_start.c - the partitions of the topics, and where each begins: at
 * the journal's place, else as `start` says. Every place is a number before the
 * first record is taken, so that it can be written down. What is asked here may
 * take a second, on the source's thread. */
#include <stdlib.h>

#include "base/vec.h"
#include "connect/kafka_err.h"
#include "connect/kafka_input.h"
#include "connect/kafka_library.h"

enum { FEW_PARTITIONS = 16 }; /* no reason to make a client anew */

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory for a partition");
}

/* ------------------------------------------------------ which there are */

/* How many partitions a topic has. */
static int ask_partitions(struct riv_kafka_input *self, const char *topic,
                          int *ret, struct riv_err *err)
{
    const struct rd_kafka_metadata *answer;
    rd_kafka_topic_t *rkt = riv__rdk->topic_new(self->rk, topic, NULL);
    if (!rkt)
        return riv__kafka_err(err, riv__rdk->last_error(), topic, NULL);
    rd_kafka_resp_err_t code =
        riv__rdk->metadata(self->rk, 0, rkt, &answer, RIV__KAFKA_ASK_MS);
    riv__rdk->topic_destroy(rkt);
    if (code)
        return riv__kafka_unanswered(self, code, "no broker answers", err);
    const struct rd_kafka_metadata_topic *found = answer->topics;
    const bool is_one = answer->topic_cnt == 1;
    if (is_one && !found->err)
        *ret = found->partition_cnt;
    code = is_one ? found->err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    riv__rdk->metadata_destroy(answer);
    if (!code)
        return 0;
    if (riv__kafka_code(code) == RIV_ENOINPUT)
        return riv__kafka_no_topic(err, topic);
    riv__kafka_err(err, code, topic, NULL);
    return riv__kafka_input_right(self, code, topic, err);
}

/* --------------------------------------------------- where each begins */

static int ask_ends(struct riv_kafka_input *self, const char *topic,
                    int32_t partition, int64_t *low, int64_t *high,
                    struct riv_err *err)
{
    rd_kafka_resp_err_t code = riv__rdk->query_watermark_offsets(
        self->rk, topic, partition, low, high, RIV__KAFKA_ASK_MS);
    return code ? riv__kafka_unanswered(self, code, "the ends of a partition",
                                        err)
                : 0;
}

static const struct riv_kafka_place *place_of(
    const struct riv_kafka_input *self, uint32_t topic, int32_t partition)
{
    static const struct riv_kafka_place none = { .offset = -1,
                                                 .seen = { -1, -1 } };
    for (size_t i = 0; i < self->nplace; i++)
        if (self->place[i].topic == topic &&
            self->place[i].partition == partition)
            return &self->place[i];
    return &none;
}

/* A question about one partition that has an offset as its answer; -1: there is
 * none. */
static int ask_one(struct riv_kafka_input *self, const char *topic,
                   int32_t partition, const struct riv_kafka_where *where,
                   int64_t *ret, struct riv_err *err)
{
    const bool by_time = where->start == RIV__KAFKA_TIME;
    rd_kafka_topic_partition_list_t *list =
        riv__rdk->topic_partition_list_new(1);
    rd_kafka_topic_partition_t *at =
        riv__rdk->topic_partition_list_add(list, topic, partition);
    at->offset = where->ms;
    rd_kafka_resp_err_t code =
        by_time ? riv__rdk->offsets_for_times(self->rk, list, RIV__KAFKA_ASK_MS)
                : riv__rdk->committed(self->rk, list, RIV__KAFKA_ASK_MS);
    if (!code)
        code = at->err;
    *ret = at->offset;
    riv__rdk->topic_partition_list_destroy(list);
    return code ? riv__kafka_unanswered(self, code,
                                        by_time ? "offsets of a time"
                                                : "the offsets of the group",
                                        err)
                : 0;
}

/* Without a place from the journal. */
static int begin_by_rule(struct riv_kafka_input *self, uint32_t topic,
                         int32_t partition, const int64_t ends[2], int64_t *ret,
                         struct riv_err *err)
{
    int64_t at = -1;
    const char *name = self->uri.topic[topic];
    const struct riv_kafka_where where =
        riv__kafka_uri_start(&self->uri, name, partition, &at);
    const enum riv_kafka_start start = where.start;
    const bool is_new = self->known[topic];
    const bool asks = start == RIV__KAFKA_TIME ||
                      (start == RIV__KAFKA_COMMITTED && self->grouped);
    if (!is_new && asks)
        RIV__TRY(ask_one(self, name, partition, &where, &at, err));
    if (at >= 0 && !is_new)
        *ret = at;
    else if (!is_new &&
             (start == RIV__KAFKA_LATEST || start == RIV__KAFKA_TIME))
        *ret = ends[1];
    else
        *ret = ends[0];
    return 0;
}

static int gone(const struct riv_kafka_input *self, const char *topic,
                int32_t partition, int64_t at, const int64_t ends[2],
                int64_t *ret, struct riv_err *err)
{
    if (at >= ends[0] && at <= ends[1]) {
        *ret = at;
        return 0;
    }
    if (self->base.conf->kafka_gone == RIV__GONE_EARLIEST)
        *ret = ends[0];
    else if (self->base.conf->kafka_gone == RIV__GONE_LATEST)
        *ret = ends[1];
    else if (at < ends[0])
        return riv__err_set(
            err, RIV_ENOINPUT,
            "topic %s, partition %d: records %lld to %lld are gone (retention). "
            "kafka.gone = earliest goes on at %lld without them, latest at %lld",
            topic, (int)partition, (long long)at, (long long)ends[0] - 1,
            (long long)ends[0], (long long)ends[1]);
    else
        return riv__err_set(
            err, RIV_ENOINPUT,
            "topic %s, partition %d ends at offset %lld, and is to be read from "
            "%lld: it was created anew, its broker has lost records, or the "
            "start is wrong. kafka.gone = earliest reads what there is now, latest what will "
            "come",
            topic, (int)partition, (long long)ends[1], (long long)at);
    return 0;
}

/* The right place for a partition that is new to this run. */
static int find_begin(struct riv_kafka_input *self, uint32_t topic,
                      int32_t partition, struct riv_lane_begin *ret,
                      struct riv_err *err)
{
    const char *name = self->uri.topic[topic];
    const struct riv_kafka_place *place = place_of(self, topic, partition);
    int64_t ends[2], at = place->offset;
    RIV__TRY(ask_ends(self, name, partition, &ends[0], &ends[1], err));
    if (at < 0)
        RIV__TRY(begin_by_rule(self, topic, partition, ends, &at, err));
    RIV__TRY(gone(self, name, partition, at, ends, &at, err));
    *ret = (struct riv_lane_begin){
        .partition = partition, .offset = at, .end = ends[1], .seen = { -1, -1 }
    };
    if (at == place->offset && place->seen.ms >= 0 &&
        place->seen.offset >= ends[0])
        ret->seen = place->seen;
    return 0;
}

static int add_parts(struct riv_kafka_input *self, uint32_t topic,
                     const struct riv_lane_begin *begin, size_t n,
                     struct riv_err *err)
{
    if (RIV__VEC_ROOM(self->part, self->part_cap, self->npart + n) < 0)
        return no_memory(err);
    if (riv__lanes_add_all(&self->lanes, self->uri.topic[topic], begin, n) < 0)
        return riv__err_set(err, RIV_EINVAL,
                            "more than %d partitions in one input",
                            RIV__LANES_MAX);
    for (size_t i = 0; i < n; i++)
        self->part[self->npart++] = (struct riv_kafka_part){
            .topic = topic,
            .partition = begin[i].partition,
            .finish = self->uri.ends ? begin[i].end : INT64_MAX,
            .seen = begin[i].seen,
        };
    return 0;
}

static bool has_part(const struct riv_kafka_input *self, uint32_t topic,
                     int32_t partition)
{
    for (size_t i = 0; i < self->npart; i++)
        if (self->part[i].topic == topic &&
            self->part[i].partition == partition)
            return true;
    return false;
}

/* Those of one topic. All of them get their lanes, or, if a broker does not
 * answer for one, none does until the next look: where the topic stands is
 * written down for all of it. */
static int look_topic(struct riv_kafka_input *self, uint32_t topic,
                      struct riv_err *err)
{
    int n = 0;
    size_t found = 0;
    RIV__TRY(ask_partitions(self, self->uri.topic[topic], &n, err));
    RIV__TRY(riv__kafka_cluster_check(self, self->uri.topic[topic], err));
    if (n == 0 || (self->uri.ends && self->looked[topic]))
        return 0;
    struct riv_lane_begin *begin = calloc((size_t)n, sizeof *begin);
    int rc = begin ? 0 : no_memory(err);
    for (int32_t p = 0; rc == 0 && p < n; p++)
        if (!has_part(self, topic, p))
            rc = find_begin(self, topic, p, &begin[found++], err);
    if (rc == 0)
        rc = add_parts(self, topic, begin, found, err);
    free(begin);
    if (rc == 0)
        self->known[topic] = self->looked[topic] = true;
    return rc;
}

/* ------------------------------------------------------------- assigning */

/* Each partition has a queue of its own, and writes into `arrived` when it has
 * something: so a full lane stops its partition, and no other. */
static int take_queue(struct riv_kafka_input *self, struct riv_kafka_part *part,
                      struct riv_err *err)
{
    static const uint64_t one = 1;
    part->queue = riv__rdk->queue_get_partition(
        self->rk, self->uri.topic[part->topic], part->partition);
    if (!part->queue)
        return no_memory(err);
    riv__rdk->queue_forward(part->queue, NULL);
    riv__rdk->queue_io_event_enable(part->queue, self->arrived.fd, &one,
                                    sizeof one);
    return 0;
}

static int assign(struct riv_kafka_input *self, size_t from,
                  struct riv_err *err)
{
    struct riv_lane lane;
    rd_kafka_topic_partition_list_t *list =
        riv__rdk->topic_partition_list_new((int)(self->npart - from));
    int rc = 0;
    for (size_t i = from; rc == 0 && i < self->npart; i++) {
        rc = take_queue(self, &self->part[i], err);
        if (rc == 0 && riv__lanes_get(&self->lanes, i, &lane))
            riv__rdk->topic_partition_list_add(list, lane.topic, lane.partition)
                ->offset = self->part[i].seen.offset >= 0
                               ? self->part[i].seen.offset
                               : lane.came;
    }
    if (rc == 0) {
        rd_kafka_error_t *error = riv__rdk->incremental_assign(self->rk, list);
        if (error)
            rc = riv__kafka_err(err, riv__rdk->error_code(error),
                                "assigning partitions",
                                riv__rdk->error_string(error));
        riv__rdk->error_destroy(error);
    }
    riv__rdk->topic_partition_list_destroy(list);
    for (size_t i = from; rc < 0 && i < self->npart; i++)
        if (self->part[i].queue)
            riv__rdk->queue_destroy(RIV__TAKE(self->part[i].queue));
    return rc;
}

static size_t first_without_queue(const struct riv_kafka_input *self)
{
    size_t i = 0;
    while (i < self->npart && self->part[i].queue)
        i++;
    return i;
}

/* What the library holds is by partition; how many there are is known now. */
static int fit(struct riv_kafka_input *self, struct riv_err *err)
{
    size_t all = 0;
    for (uint32_t i = 0; i < self->uri.ntopic; i++) {
        int n = 0;
        RIV__TRY(ask_partitions(self, self->uri.topic[i], &n, err));
        all += (size_t)n;
    }
    self->fits = true;
    return all > FEW_PARTITIONS ? riv__kafka_client(self, all, err) : 0;
}

int riv__kafka_look(struct riv_kafka_input *self, struct riv_err *err)
{
    RIV__TRY(riv__kafka_match(self, err));
    if (!self->fits && self->npart == 0)
        RIV__TRY(fit(self, err));
    for (uint32_t i = 0; i < self->uri.ntopic; i++)
        RIV__TRY(look_topic(self, i, err));
    self->looked_ns = self->base.sys->mono_ns(self->base.sys);
    const size_t from = first_without_queue(self);
    if (from == self->npart)
        return 0;
    RIV__TRY(assign(self, from, err));
    return 1;
}

/* ---------------------------------------------------- gone in the middle */

/* Lane i goes on at this offset. */
static int go_on(struct riv_kafka_input *self, size_t i,
                 const struct riv_lane *lane, int64_t at, struct riv_err *err)
{
    rd_kafka_topic_partition_list_t *list =
        riv__rdk->topic_partition_list_new(1);
    riv__rdk->topic_partition_list_add(list, lane->topic, lane->partition)
        ->offset = at;
    rd_kafka_error_t *error =
        riv__rdk->seek_partitions(self->rk, list, RIV__KAFKA_ASK_MS);
    int rc = error ? riv__kafka_err(err, riv__rdk->error_code(error),
                                    "going on elsewhere",
                                    riv__rdk->error_string(error))
                   : 0;
    riv__rdk->error_destroy(error);
    riv__rdk->topic_partition_list_destroy(list);
    if (rc == 0)
        riv__lanes_jump(&self->lanes, i, at);
    return rc;
}

int riv__kafka_gone(struct riv_kafka_input *self, size_t i, struct riv_err *err)
{
    struct riv_lane lane;
    int64_t ends[2], at = 0;
    if (!riv__lanes_get(&self->lanes, i, &lane))
        return 0;
    self->part[i].seen.offset = -1;
    RIV__TRY(
        ask_ends(self, lane.topic, lane.partition, &ends[0], &ends[1], err));
    RIV__TRY(gone(self, lane.topic, lane.partition, lane.came, ends, &at, err));
    return go_on(self, i, &lane, at, err);
}

/* ------------------------------------------------- another log of that name */

static int anew(const struct riv_lane *lane, const struct riv_lane_seen *seen,
                int64_t ms, struct riv_err *err)
{
    return riv__err_set(
        err, RIV_ENOINPUT,
        "topic %s, partition %d was created anew: the record at offset %lld is "
        "of %lld ms after 1970, and the one that was read there was of %lld. "
        "kafka.gone = earliest reads what there is now, latest what will come",
        lane->topic, (int)lane->partition, (long long)seen->offset,
        (long long)ms, (long long)seen->ms);
}

int riv__kafka_known(struct riv_kafka_input *self, size_t i, int64_t offset,
                     int64_t ms, struct riv_err *err)
{
    const struct riv_lane_seen seen = self->part[i].seen;
    const int64_t policy = self->base.conf->kafka_gone;
    struct riv_lane lane;
    int64_t ends[2];
    if (offset != seen.offset || ms == seen.ms ||
        !riv__lanes_get(&self->lanes, i, &lane)) {
        self->part[i].seen.offset = -1;
        return 0;
    }
    if (policy == RIV__GONE_STOP)
        return anew(&lane, &seen, ms, err);
    RIV__TRY(
        ask_ends(self, lane.topic, lane.partition, &ends[0], &ends[1], err));
    RIV__TRY(go_on(self, i, &lane, ends[policy == RIV__GONE_LATEST], err));
    self->part[i].seen.offset = -1;
    return 1;
}
