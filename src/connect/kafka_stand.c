/* connect/kafka_stand.c - where an input stands: in words for the journal, which
 * are "topic/NAME=PARTITION:OFFSET,..." for each topic ("topics=0" before the
 * brokers have said where that is) and of the last record that was read
 * "seen/NAME=PARTITION:OFFSET,..." and "times/NAME=PARTITION:MS,...", by which the
 * topic is known again, and "cluster=ID"; and as offsets for the group, which hears of
 * them afterwards, for others to see. For source_kafka.c. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "base/vec.h"
#include "connect/kafka_input.h"
#include "connect/kafka_library.h"

enum { KEY_BYTES = RIV__KAFKA_TOPIC_BYTES + 8 };
#define TOPIC "topic/"
#define SEEN "seen/"
#define TIMES "times/"
#define CLUSTER "cluster"

static struct riv_kafka_input *self_of(struct riv_input *input)
{
    return (struct riv_kafka_input *)input;
}

/* ------------------------------------------------------- telling the group */

static rd_kafka_topic_partition_list_t *standing_of(
    struct riv_kafka_input *self)
{
    struct riv_lane lane;
    rd_kafka_topic_partition_list_t *list =
        riv__rdk->topic_partition_list_new(16);
    for (size_t i = 0; riv__lanes_get(&self->lanes, i, &lane); i++)
        riv__rdk->topic_partition_list_add(list, lane.topic, lane.partition)
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

static void commit(struct riv_kafka_input *self)
{
    atomic_store(&self->missed, false);
    atomic_fetch_add(&self->commits, 1);
    if (riv__rdk->commit(self->rk, self->told, 1) != RD_KAFKA_RESP_ERR_NO_ERROR)
        atomic_fetch_sub(&self->commits, 1);
}

/* Takes the list. What others see; if it fails, the next one says more, or it is
 * told again. */
static void tell(struct riv_kafka_input *self,
                 rd_kafka_topic_partition_list_t *list)
{
    if (!self->grouped || is_told(self, list)) {
        riv__rdk->topic_partition_list_destroy(list);
        return;
    }
    if (self->told)
        riv__rdk->topic_partition_list_destroy(self->told);
    self->told = list;
    commit(self);
}

void riv__kafka_tell_again(struct riv_kafka_input *self)
{
    if (self->told && atomic_load(&self->missed))
        commit(self);
}

void riv__kafka_tell(struct riv_kafka_input *self)
{
    tell(self, standing_of(self));
}

void riv__kafka_ack(struct riv_input *input)
{
    struct riv_kafka_input *self = self_of(input);
    if (self->standing)
        tell(self, RIV__TAKE(self->standing));
}

/* --------------------------------------------------------- for the journal */

/* What is said of each partition, and by which word. */
static const char *const said[] = { TOPIC, SEEN, TIMES };
enum { PLACE, OFFSET, MS, SAID };

/* The next "KEY=TEXT" among the words. False: there are no more. */
static bool next_word(riv_str *words, riv_str *key, riv_str *text)
{
    while (words->n > 0) {
        const char *blank = memchr(words->p, ' ', words->n);
        const size_t n = blank ? (size_t)(blank - words->p) : words->n;
        const riv_str word = riv__str(words->p, n);
        const size_t skip = blank ? n + 1 : n;
        *words = riv__str(words->p + skip, words->n - skip);
        const char *equals = memchr(word.p, '=', n);
        if (!equals)
            continue;
        const size_t m = (size_t)(equals - word.p);
        *key = riv__str(word.p, m);
        *text = riv__str(equals + 1, n - m - 1);
        return true;
    }
    return false;
}

static void put_number(struct riv_buf *to, int32_t partition, int64_t number)
{
    if (number >= 0)
        riv__buf_printf(to, "%s%d:%lld", to->n > 0 ? "," : "", (int)partition,
                        (long long)number);
}

static void put_all(struct riv_buf to[SAID], int32_t partition, int64_t place,
                    struct riv_lane_seen seen)
{
    put_number(&to[PLACE], partition, place);
    if (seen.offset < 0 || seen.ms < 0)
        return;
    put_number(&to[OFFSET], partition, seen.offset);
    put_number(&to[MS], partition, seen.ms);
}

static void put_places(struct riv_kafka_input *self, uint32_t topic,
                       struct riv_buf to[SAID])
{
    struct riv_lane lane;
    bool any = false;
    for (size_t i = 0; riv__lanes_get(&self->lanes, i, &lane); i++) {
        if (lane.topic != self->uri.topic[topic])
            continue;
        put_all(to, lane.partition, lane.cut, lane.seen);
        any = true;
    }
    for (size_t i = 0; !any && i < self->nplace; i++) {
        const struct riv_kafka_place *place = &self->place[i];
        if (place->topic == topic)
            put_all(to, place->partition, place->offset, place->seen);
    }
}

static void put_word(struct riv_kafka_input *self, uint32_t topic, int what,
                     struct riv_buf *value, struct riv_stand *to)
{
    char key[KEY_BYTES];
    snprintf(key, sizeof key, "%s%s", said[what], self->uri.topic[topic]);
    if (value->n > 0)
        riv__stand_put_text(to, key, riv__str(value->p, value->n));
    to->failed |= value->failed;
    riv__buf_fini(value);
}

/* Of one topic, with one walk over the lanes: where it stands, and apart from that
 * by which it is known again. */
static void put_words(struct riv_kafka_input *self, uint32_t topic,
                      struct riv_stand *to, struct riv_stand *seen)
{
    struct riv_buf value[SAID];
    for (int i = 0; i < SAID; i++)
        riv__buf_init(&value[i], RIV__STAND_BYTES_MAX);
    put_places(self, topic, value);
    put_word(self, topic, PLACE, &value[PLACE], to);
    put_word(self, topic, OFFSET, &value[OFFSET], seen);
    put_word(self, topic, MS, &value[MS], seen);
}

/* Behind all places, as far as there is room: whole words. */
static void put_seen(const struct riv_stand *seen, const char *cluster,
                     struct riv_stand *to)
{
    const size_t last = sizeof CLUSTER + strlen(cluster) + 1;
    riv_str rest = riv__str(seen->words.p, seen->words.n), key, text;
    char name[KEY_BYTES];
    while (next_word(&rest, &key, &text)) {
        if (to->words.n + key.n + text.n + 2 + last > RIV__STAND_BYTES_MAX)
            continue;
        snprintf(name, sizeof name, RIV_S, RIV_P(key));
        riv__stand_put_text(to, name, text);
    }
    if (cluster[0])
        riv__stand_put_text(to, CLUSTER, riv_cstr(cluster));
}

int riv__kafka_stand(struct riv_input *input, struct riv_stand *to,
                     struct riv_err *err)
{
    struct riv_kafka_input *self = self_of(input);
    struct riv_stand seen;
    (void)err;
    self->journaled = true;
    riv__stand_init(&seen);
    const size_t n = atomic_load(&self->topics);
    for (uint32_t i = 0; i < n; i++)
        put_words(self, i, to, &seen);
    if (to->words.n > 0)
        put_seen(&seen, riv__kafka_cluster(self), to);
    riv__stand_fini(&seen);
    if (to->words.n == 0)
        riv__stand_put(to, "topics", 0);
    if (self->standing)
        riv__rdk->topic_partition_list_destroy(self->standing);
    self->standing = standing_of(self);
    return 0;
}

static int seek_topic(struct riv_kafka_input *self, uint32_t topic,
                      riv_str text, struct riv_err *err)
{
    struct riv_kafka_place place = { .topic = topic, .seen = { -1, -1 } };
    int rc;
    while ((rc = riv__kafka_place_next(&text, &place.partition,
                                       &place.offset)) > 0) {
        if (RIV__VEC_ROOM(self->place, self->place_cap, self->nplace + 1) < 0)
            return riv__err_set(err, RIV_ENOMEM, "no memory for a place");
        self->place[self->nplace++] = place;
    }
    self->known[topic] = true;
    return rc;
}

/* The next "topic/NAME=TEXT" among the words, or "seen/..", "times/..". False:
 * there are no more. */
static bool next_topic(riv_str *words, const char *kind, riv_str *name,
                       riv_str *text)
{
    const size_t k = strlen(kind);
    riv_str key;
    while (next_word(words, &key, text)) {
        if (!riv__str_starts(key, kind))
            continue;
        *name = riv__str(key.p + k, key.n - k);
        return true;
    }
    return false;
}

/* Numbers of places that are there. */
static int seek_seen(struct riv_kafka_input *self, riv_str words, int what,
                     struct riv_err *err)
{
    riv_str rest = words, name, text;
    int32_t partition;
    int64_t number;
    int rc = 0;
    while (rc == 0 && next_topic(&rest, said[what], &name, &text))
        while ((rc = riv__kafka_place_next(&text, &partition, &number)) > 0)
            for (size_t i = 0; i < self->nplace; i++) {
                struct riv_kafka_place *place = &self->place[i];
                if (place->partition == partition &&
                    riv_eq(riv_cstr(self->uri.topic[place->topic]), name))
                    *(what == OFFSET ? &place->seen.offset : &place->seen.ms) =
                        number;
            }
    return rc < 0 ? riv__stand_damaged(words, err) : 0;
}

int riv__kafka_seek(struct riv_input *input, riv_str words, struct riv_err *err)
{
    struct riv_kafka_input *self = self_of(input);
    riv_str rest = words, name, text;
    self->journaled = true;
    if (riv__stand_get_text(words, CLUSTER, &text))
        riv__kafka_cluster_was(self, text);
    while (next_topic(&rest, TOPIC, &name, &text)) {
        self->matched = true;
        const int topic = riv__kafka_topic(self, name, err);
        if (topic == RIV_ENOINPUT) /* the job no longer reads it */
            continue;
        RIV__TRY(topic);
        const int rc = seek_topic(self, (uint32_t)topic, text, err);
        if (rc == RIV_ECHECKPOINT)
            return riv__stand_damaged(words, err);
        RIV__TRY(rc);
    }
    RIV__TRY(seek_seen(self, words, OFFSET, err));
    return seek_seen(self, words, MS, err);
}

/* 1: all of it has come. */
static int reach_topic(struct riv_kafka_input *self, riv_str topic,
                       riv_str text)
{
    int32_t partition;
    int64_t until;
    int rc, all = 1;
    while ((rc = riv__kafka_place_next(&text, &partition, &until)) > 0) {
        const int lane = riv__lanes_find(&self->lanes, topic, partition);
        if (lane < 0 || !riv__lanes_reach(&self->lanes, (size_t)lane, until))
            all = 0;
    }
    return rc < 0 ? rc : all;
}

int riv__kafka_reach(struct riv_input *input, riv_str words,
                     struct riv_err *err)
{
    struct riv_kafka_input *self = self_of(input);
    riv_str rest = words, name, text;
    int all = 1;
    while (next_topic(&rest, TOPIC, &name, &text)) {
        if (!riv__kafka_reads(self, name))
            continue;
        const int rc = reach_topic(self, name, text);
        if (rc < 0)
            return riv__stand_damaged(words, err);
        all &= rc;
    }
    input->ops->release(input); /* the limit holds no longer */
    return all;
}
