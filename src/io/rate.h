/* io/rate.h - how much of an input the next batch may take, by what the last
 * ones cost: Spark's PID estimator, and what is made of it here.
 *
 * A ring that is full stops a source; so memory is bounded without any rate.
 * What a rate adds is that a batch of slow functions over a full ring does not
 * take ten intervals. Plain arithmetic, no clock, no lock. @thread driver */
#ifndef RIV_IO_RATE_H
#define RIV_IO_RATE_H

#include <stddef.h>

#include "base/err.h"
#include "conf/settings.h"

/* ------------------------------------------------------ the PID estimator
 * After Spark's PIDRateEstimator: a batch was processed with r elements a
 * second, and the backlog, in time, is the batch's scheduling delay. With
 *     error = last rate - r, hist = delay * r / interval,
 *     new = max(last rate - P error - I hist - D d(error)/dt, min_rate).
 * An element is whatever the caller counts: bytes, records. */
struct riv_pid_conf {
    int64_t batch_ms;
    double p, i, d; /* not below 0 */
    double min_rate;
};

struct riv_pid {
    struct riv_pid_conf conf;
    double last_ms, last_rate, last_error;
    bool began;
};

/* One completed batch of one input. */
struct riv_pid_batch {
    double end_ms; /* when its processing ended; of any zero */
    double elements;
    double processing_ms, scheduling_ms;
};

/* RIV_EINVAL names what is not above 0, or below. */
int riv__pid_init(struct riv_pid *pid, const struct riv_pid_conf *conf,
                  struct riv_err *err) RIV__MUST_USE;
/* True: *ret_rate is the new rate. False: the batch teaches nothing (no time
 * has passed, nothing was read or processed), or it is the first. */
bool riv__pid_learn(struct riv_pid *pid, const struct riv_pid_batch *batch,
                    double *ret_rate);

/* ------------------------------------------------------- one input's rate */

/* What a rate is learned from, and how much of an interval a batch of it is to
 * take, in hundredths: no batch takes exactly what those before it let expect. */
enum { RIV__RATE_KEPT = 4, RIV__RATE_BUSY = 85 };
/* In so many pieces a batch takes what the rate allows. */
enum { RIV__RATE_PIECES = 4 };

struct riv_rate {
    struct riv_pid pid;
    bool is_on;
    struct riv_pid_batch kept[RIV__RATE_KEPT]; /* the last that had data */
    unsigned nkept;                            /* ever */
    double learned, initial, most;             /* bytes a second; 0: none */
    uint64_t left, taken;                      /* of the open batch */
    uint64_t bound; /* what else bounds its next cut */
    uint64_t piece; /* and what the batch has time for.. */
    bool is_paced;  /* ..if this is set */
};

/* By the settings rate.* and batch.interval. */
int riv__rate_init(struct riv_rate *rate, const struct riv_settings *conf,
                   struct riv_err *err) RIV__MUST_USE;
/* It learns nothing: rate.max is all that holds. */
void riv__rate_fix(struct riv_rate *rate);
/* Bytes a second; 0: no limit. What was learned comes from the last few batches
 * together, without the slowest: one that was held up by something else teaches
 * nothing, and one that was small little. */
double riv__rate_limit(const struct riv_rate *rate);
/* What was learned so far, for another run to begin with; 0: nothing. */
uint64_t riv__rate_learned(const struct riv_rate *rate);
/* An earlier run had learned this: it limits until this one has learned more. The
 * estimator itself begins anew, as Spark's does. */
void riv__rate_recall(struct riv_rate *rate, uint64_t bytes_per_s);
/* A batch opens: from here on riv__rate_left counts down. */
void riv__rate_open(struct riv_rate *rate);
/* The next cut takes at most so many bytes, whatever the rate; UINT64_MAX: there
 * is no other bound. */
void riv__rate_bound(struct riv_rate *rate, uint64_t bytes);
/* The batch has been at work for busy_ns, and so many bytes wait. Is that nearly all
 * that the rate allows, then the next cut takes a piece of it, and no more than
 * this batch, as fast as it is, has time for: what the last ones let expect need not
 * hold for this one. True: more than that piece waits, and there is time for it. */
bool riv__rate_pace(struct riv_rate *rate, int64_t busy_ns, uint64_t waiting);
/* What the batch may still take; UINT64_MAX: all there is. */
uint64_t riv__rate_left(const struct riv_rate *rate);
void riv__rate_took(struct riv_rate *rate, uint64_t bytes);
/* The batch is done. */
void riv__rate_learn(struct riv_rate *rate, int64_t end_ns, int64_t busy_ns,
                     int64_t late_ns);

/* ------------------------------------- one rate over partitions with a lag
 * After Spark's DirectKafkaInputDStream: each partition's share of the rate is
 * its share of the lag, and at most its own limit. */
struct riv_share_conf {
    int64_t batch_ms;
    double rate;      /* elements a second for all together; 0: none */
    int64_t at_least; /* elements a partition and batch, where it has some */
};

/* How many elements each of n partitions may give to the batch: lag[i] waits,
 * most[i] (elements a second) is its own limit or 0. False: no limit. */
bool riv__rate_shares(const struct riv_share_conf *conf, const int64_t *lag,
                      const double *most, size_t n, int64_t *ret);

#endif
