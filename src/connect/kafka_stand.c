/* connect/kafka_stand.c - where an input stands: in words for the journal, which
 * are "topic/NAME=PARTITION:OFFSET,..." for each topic ("topics=0" before the
 * brokers have said where that is), and as offsets for the group, which hears of
 * them afterwards, for others to see. For source_kafka.c. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "base/vec.h"
#include "connect/kafka_input.h"

enum { KEY_BYTES = RIV__KAFKA_TOPIC_BYTES + 8 };

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

int riv__kafka_stand(struct riv_input *input, struct riv_stand *to,
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

int riv__kafka_seek(struct riv_input *input, riv_str words, struct riv_err *err)
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

int riv__kafka_reach(struct riv_input *input, riv_str words,
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
    input->ops->release(input); /* the limit holds no longer */
    return all;
}
