/* connect/kafka_input.h - a running kafka:// input, for source_kafka.c (the
 * contract), kafka_consumer.c (the library's client), kafka_match.c (patterns of
 * topics), kafka_start.c (which partitions there are, and where each begins),
 * kafka_cluster.c (in which cluster),
 * kafka_take.c (reading) and kafka_stand.c (where it stands). */
#ifndef RIV_CONNECT_KAFKA_INPUT_H
#define RIV_CONNECT_KAFKA_INPUT_H

#include <stdatomic.h>

#include "base/buf.h"
#include "connect/kafka_client.h"
#include "connect/kafka_uri.h"
#include "connect/lanes.h"
#include "io/source.h"

enum {
    RIV__KAFKA_ASK_MS = 1000, /* a question to the brokers; then the next try */
    RIV__KAFKA_CLUSTER_BYTES = 64, /* of a cluster's id; Kafka's have 22 */
    /* Of a broker, to one fetch. From 32 MiB on, which 16 partitions have, the C
     * library maps an answer by itself, and all of its pages are new each time:
     * twice the CPU time for 1 GB of records. */
    RIV__KAFKA_ANSWER_BYTES_MAX = 16 << 20,
};

/* Where an earlier run stood, or this one is told to begin. */
struct riv_kafka_place {
    uint32_t topic; /* of the URI's */
    int32_t partition;
    int64_t offset;
    struct riv_lane_seen seen;
};

/* A partition, beside its lane. @thread source */
struct riv_kafka_part {
    uint32_t topic;
    int32_t partition;
    rd_kafka_queue_t *queue;
    int64_t finish; /* until=end: nothing from here on; else INT64_MAX */
    struct riv_lane_seen seen; /* the record to be read first, once more; below
                                  0: none */
};

struct riv_kafka_input {
    struct riv_input base;
    struct riv_kafka_uri uri;
    atomic_size_t topics; /* uri.ntopic; grows where there are patterns */
    rd_kafka_t *rk;
    struct riv_lanes lanes;
    bool has_lanes;
    struct riv_wake arrived; /* the library, or the driver, has something */
    bool has_arrived;
    bool fits;    /* the client, to how many partitions there are */
    bool grouped; /* somebody has named a group: without a name two jobs would
                     be one, so none is asked or told */
    /* from seek, before the thread starts */
    struct riv_kafka_place *place;
    size_t nplace, place_cap;
    char cluster_was[RIV__KAFKA_CLUSTER_BYTES]; /* its id; "": not known */
    /* @thread source; when it is known any */
    char cluster[RIV__KAFKA_CLUSTER_BYTES];
    atomic_bool cluster_known;
    /* This run, or an earlier one, has seen all partitions of it: one that is new
     * begins at its start. */
    bool known[RIV__KAFKA_TOPICS_MAX];
    bool matched; /* the same of topics that match a pattern */
    /* @thread source */
    struct riv_kafka_part *part; /* part[i] is lane i */
    size_t npart, part_cap;
    int64_t looked_ns;                  /* at the list of partitions */
    bool looked[RIV__KAFKA_TOPICS_MAX]; /* all partitions of it have a lane */
    size_t record_bytes;                /* about, of one */
    size_t beside_bytes; /* that came since the last record that was borrowed */
    bool sleeps;         /* the library; kafka_consumer.c says how */
    size_t nudged;       /* the last that was */
    int patience_ms;     /* until the next is */
    struct riv_buf headers; /* of the records in hand */
    struct riv_err failed;  /* final; code 0: none */
    char reason[256];       /* the library's last words */
    bool troubled;
    atomic_bool journaled; /* said by the driver, read by any */
    /* @thread driver */
    int64_t *most; /* what each lane may give: for the cut */
    int64_t *lag;
    double *free_rate;
    size_t most_cap, lag_cap, free_cap;
    rd_kafka_topic_partition_list_t *told; /* the group, of where we stand */
    rd_kafka_topic_partition_list_t *standing;
    atomic_int commits; /* under way */
    atomic_bool missed; /* one has failed, and may succeed */
    atomic_int heard;   /* the group has been told so many times; and why it
                           was not, the last time */
    rd_kafka_resp_err_t unheard; /* @thread source */
};

/* A client for so many partitions, in the place of the one there is. Not with
 * lanes: then the driver asks it, too. @thread builder; source */
int riv__kafka_client(struct riv_kafka_input *self, size_t partitions,
                      struct riv_err *err) RIV__MUST_USE;
/* Makes lanes for partitions that have none and assigns them: at first all,
 * later new ones. 1: there are new ones; 0: all as it was. RIV_EUNAVAIL: the
 * brokers do not answer. @thread source */
int riv__kafka_look(struct riv_kafka_input *self, struct riv_err *err)
    RIV__MUST_USE;
/* The topics there are now that match a pattern, and have not been found before,
 * are added to uri.topic. RIV_EUNAVAIL as above. @thread source */
int riv__kafka_match(struct riv_kafka_input *self, struct riv_err *err)
    RIV__MUST_USE;
/* The brokers have said of a topic that it is there: is it the cluster in which an
 * earlier run stood? RIV_ECHECKPOINT: another one. @thread source */
int riv__kafka_cluster_check(struct riv_kafka_input *self, const char *topic,
                             struct riv_err *err) RIV__MUST_USE;
/* So the journal has it. @thread builder */
void riv__kafka_cluster_was(struct riv_kafka_input *self, riv_str id);
/* For the journal; "": not known. @thread driver */
const char *riv__kafka_cluster(struct riv_kafka_input *self);
/* The index of a topic in uri.topic, where one that matches a pattern is added.
 * RIV_ENOINPUT: this input does not read it. @thread source; builder */
int riv__kafka_topic(struct riv_kafka_input *self, riv_str name,
                     struct riv_err *err) RIV__MUST_USE;
/* Does it, now or when there is such a topic? @thread any */
bool riv__kafka_reads(const struct riv_kafka_input *self, riv_str name);

/* The log has nothing at the place of this lane: by kafka.gone an error, or it
 * goes on elsewhere. @thread source */
int riv__kafka_gone(struct riv_kafka_input *self, size_t lane,
                    struct riv_err *err) RIV__MUST_USE;

/* The first record of a lane that was to be known by `seen`: is it the same log?
 * 1: it is not, and by kafka.gone it goes on elsewhere. @thread source */
int riv__kafka_known(struct riv_kafka_input *self, size_t lane, int64_t offset,
                     int64_t ms, struct riv_err *err) RIV__MUST_USE;

/* What the library has of this lane's partition, as far as there is room. 1: it
 * had some. @thread source */
int riv__kafka_take(struct riv_kafka_input *self, size_t lane,
                    struct riv_err *err) RIV__MUST_USE;
/* Behind the words of an error that refuses a right (kafka_err.h); topic may be
 * NULL. */
int riv__kafka_input_right(const struct riv_kafka_input *self,
                           rd_kafka_resp_err_t code, const char *topic,
                           struct riv_err *err);
/* The library's error: what may pass is shown to people until
 * riv__kafka_recovered, another ends the input. @thread source */
void riv__kafka_trouble(struct riv_kafka_input *self, int code,
                        const char *reason);
void riv__kafka_recovered(struct riv_kafka_input *self);
/* What the library has to tell beside records: errors, answers to commits.
 * @thread source */
void riv__kafka_hear(struct riv_kafka_input *self);
/* The error of a question that got no answer, with what the library says of it.
 * @thread source */
int riv__kafka_unanswered(struct riv_kafka_input *self,
                          rd_kafka_resp_err_t code, const char *what,
                          struct riv_err *err);

/* Of the contract (io/source.h). @thread driver; seek: builder */
int riv__kafka_stand(struct riv_input *input, struct riv_stand *to,
                     struct riv_err *err) RIV__MUST_USE;
int riv__kafka_seek(struct riv_input *input, riv_str words, struct riv_err *err)
    RIV__MUST_USE;
int riv__kafka_reach(struct riv_input *input, riv_str words,
                     struct riv_err *err) RIV__MUST_USE;
void riv__kafka_ack(struct riv_input *input);
/* The group, where it stands now. @thread driver */
void riv__kafka_tell(struct riv_kafka_input *self);
/* What it was told last, if it has not heard it. @thread driver */
void riv__kafka_tell_again(struct riv_kafka_input *self);

#endif
