/* connect/kafka_match.c - which topics an input reads: those that are named, and
 * those that match a pattern, as they are found. A topic never leaves the list;
 * one that is deleted is an error of the next look at it. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "connect/kafka_err.h"
#include "connect/kafka_input.h"
#include "connect/kafka_library.h"

static int index_of(const struct riv_kafka_input *self, riv_str name)
{
    const size_t n = atomic_load(&self->topics);
    for (size_t i = 0; i < n; i++)
        if (riv_eq(riv_cstr(self->uri.topic[i]), name))
            return (int)i;
    return -1;
}

static bool matches(const struct riv_kafka_uri *uri, riv_str name)
{
    char text[RIV__KAFKA_TOPIC_BYTES];
    if (name.n >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", (int)name.n, name.p);
    for (size_t i = 0; i < uri->npattern; i++) {
        const bool own = strncmp(text, "__", 2) == 0; /* Kafka's */
        if (own && uri->pattern[i][0] != '_')
            continue;
        if (fnmatch(uri->pattern[i], text, 0) == 0)
            return true;
    }
    return false;
}

bool riv__kafka_reads(const struct riv_kafka_input *self, riv_str name)
{
    return index_of(self, name) >= 0 || matches(&self->uri, name);
}

static int add(struct riv_kafka_input *self, riv_str name, struct riv_err *err)
{
    struct riv_kafka_uri *uri = &self->uri;
    if (uri->ntopic == RIV__KAFKA_TOPICS_MAX)
        return riv__err_set(err, RIV_EINVAL,
                            "more than %d topics match: name fewer, or start "
                            "several jobs",
                            RIV__KAFKA_TOPICS_MAX);
    char *topic = strndup(name.p, name.n);
    if (!topic)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a topic");
    uri->topic[uri->ntopic++] = topic;
    atomic_store(&self->topics, uri->ntopic);
    return (int)uri->ntopic - 1;
}

int riv__kafka_topic(struct riv_kafka_input *self, riv_str name,
                     struct riv_err *err)
{
    const int index = index_of(self, name);
    if (index >= 0)
        return index;
    if (!matches(&self->uri, name))
        return RIV_ENOINPUT;
    return add(self, name, err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct rd_kafka_metadata_topic *)a)->topic,
                  ((const struct rd_kafka_metadata_topic *)b)->topic);
}

int riv__kafka_match(struct riv_kafka_input *self, struct riv_err *err)
{
    const struct rd_kafka_metadata *answer;
    if (self->uri.npattern == 0)
        return 0;
    rd_kafka_resp_err_t code =
        riv__rdk->metadata(self->rk, 1, NULL, &answer, RIV__KAFKA_ASK_MS);
    if (code)
        return riv__kafka_unanswered(self, code, "no broker answers", err);
    int rc = 0;
    qsort(answer->topics, (size_t)answer->topic_cnt, sizeof *answer->topics,
          by_name);
    for (int i = 0; rc >= 0 && i < answer->topic_cnt; i++) {
        const size_t before = self->uri.ntopic;
        rc = riv__kafka_topic(self, riv_cstr(answer->topics[i].topic), err);
        if (self->uri.ntopic > before)
            self->known[before] = self->matched;
        if (rc == RIV_ENOINPUT)
            rc = 0;
    }
    riv__rdk->metadata_destroy(answer);
    if (rc < 0)
        return rc;
    self->matched = true;
    if (self->uri.ends && self->uri.ntopic == 0)
        return riv__err_set(err, RIV_ENOINPUT, "no topic matches %s",
                            self->uri.pattern[0]);
    return 0;
}
