/* io/rate.c - the estimator, an input's allowance, shares by lag. */
#include "io/rate.h"

#include <math.h>

#include "base/macro.h"

/* ------------------------------------------------------ the PID estimator */

int riv__pid_init(struct riv_pid *pid, const struct riv_pid_conf *conf,
                  struct riv_err *err)
{
    *pid = (struct riv_pid){ .conf = *conf };
    if (conf->batch_ms <= 0)
        return riv__err_set(err, RIV_EINVAL,
                            "rate control: the batch interval must be above 0");
    if (!(conf->p >= 0 && conf->i >= 0 && conf->d >= 0))
        return riv__err_set(err, RIV_EINVAL,
                            "rate control: the proportional, integral and "
                            "derivative gains must not be below 0");
    if (!(conf->min_rate > 0))
        return riv__err_set(err, RIV_EINVAL,
                            "rate control: the lowest rate must be above 0");
    return 0;
}

bool riv__pid_learn(struct riv_pid *pid, const struct riv_pid_batch *batch,
                    double *ret_rate)
{
    const struct riv_pid_conf *c = &pid->conf;
    const bool is_first = !pid->began;
    if ((!is_first && batch->end_ms <= pid->last_ms) || batch->elements <= 0 ||
        batch->processing_ms <= 0)
        return false;
    const double r = batch->elements / batch->processing_ms * 1000;
    const double error = pid->last_rate - r;
    const double hist = batch->scheduling_ms * r / (double)c->batch_ms;
    const double dt = (batch->end_ms - pid->last_ms) / 1000;
    const double derr = (error - pid->last_error) / dt;
    const double rate = pid->last_rate - c->p * error - c->i * hist -
                        (c->d > 0 ? c->d * derr : 0);
    pid->began = true;
    pid->last_ms = batch->end_ms;
    pid->last_rate = is_first ? r : fmax(rate, c->min_rate);
    pid->last_error = is_first ? 0 : error;
    *ret_rate = pid->last_rate;
    return !is_first;
}

/* ------------------------------------------------------- one input's rate */

int riv__rate_init(struct riv_rate *rate, const struct riv_settings *conf,
                   struct riv_err *err)
{
    const struct riv_pid_conf pid = { .batch_ms = conf->interval_ms,
                                      .p = 1,
                                      .i = 0.2,
                                      .d = 0,
                                      .min_rate = (double)conf->rate_min };
    *rate = (struct riv_rate){ .is_on = conf->rate_control,
                               .initial = (double)conf->rate_initial,
                               .most = (double)conf->rate_max,
                               .left = UINT64_MAX,
                               .bound = UINT64_MAX };
    return conf->rate_control || rate->initial > 0 || rate->most > 0
               ? riv__pid_init(&rate->pid, &pid, err)
               : 0;
}

void riv__rate_fix(struct riv_rate *rate)
{
    rate->is_on = false;
    rate->initial = 0;
}

uint64_t riv__rate_learned(const struct riv_rate *rate)
{
    return (uint64_t)fmin(rate->learned, 0x1p62);
}

void riv__rate_recall(struct riv_rate *rate, uint64_t bytes_per_s)
{
    if (rate->is_on && rate->learned <= 0)
        rate->learned = (double)bytes_per_s;
}

double riv__rate_limit(const struct riv_rate *rate)
{
    const double limit = rate->learned > 0 ? rate->learned : rate->initial;
    return rate->most > 0 && (limit <= 0 || limit > rate->most) ? rate->most
                                                                : limit;
}

void riv__rate_open(struct riv_rate *rate)
{
    const double bytes =
        riv__rate_limit(rate) * (double)rate->pid.conf.batch_ms / 1000;
    rate->taken = 0;
    rate->left = UINT64_MAX;
    rate->is_paced = false;
    if (bytes > 0 && bytes < 0x1p62)
        rate->left = RIV__MAX((uint64_t)bytes, (uint64_t)1);
}

void riv__rate_bound(struct riv_rate *rate, uint64_t bytes)
{
    rate->bound = bytes;
}

/* What fits into the time that is left, at the speed so far; less than half a piece
 * is not worth another pass. */
static uint64_t fitting(const struct riv_rate *rate, int64_t busy_ns,
                        uint64_t piece)
{
    const double all_ms =
        (double)rate->pid.conf.batch_ms * RIV__RATE_BUSY / 100;
    const double busy_ms = (double)busy_ns / 1e6;
    if (rate->taken == 0 || busy_ms <= 0)
        return piece;
    const double fits =
        (double)rate->taken / busy_ms * fmax(all_ms - busy_ms, 0);
    return fits < (double)piece / 2 ? 0 : (uint64_t)fmin(fits, (double)piece);
}

bool riv__rate_pace(struct riv_rate *rate, int64_t busy_ns, uint64_t waiting)
{
    const uint64_t all = rate->taken + rate->left;
    rate->is_paced = rate->left != UINT64_MAX && rate->learned > 0 &&
                     rate->taken + waiting >= all / 4 * 3;
    if (!rate->is_paced)
        return false;
    rate->piece =
        fitting(rate, busy_ns, RIV__MAX(all / RIV__RATE_PIECES, (uint64_t)1));
    const uint64_t next = riv__rate_left(rate);
    return next > 0 && next < rate->left && next < waiting;
}

uint64_t riv__rate_left(const struct riv_rate *rate)
{
    const uint64_t left = RIV__MIN(rate->left, rate->bound);
    return rate->is_paced ? RIV__MIN(left, rate->piece) : left;
}

void riv__rate_took(struct riv_rate *rate, uint64_t bytes)
{
    rate->taken += bytes;
    if (rate->left != UINT64_MAX)
        rate->left -= RIV__MIN(rate->left, bytes);
    if (rate->bound != UINT64_MAX)
        rate->bound -= RIV__MIN(rate->bound, bytes);
    rate->piece -= RIV__MIN(rate->piece, bytes);
}

/* Those that are kept, as one batch: what they took in what time, without the
 * slowest. By bytes, so a small batch, whose speed tells little of a large one's,
 * counts for little; and late by what all of them were. */
static struct riv_pid_batch together(const struct riv_rate *rate)
{
    const unsigned n = RIV__MIN(rate->nkept, RIV__RATE_KEPT);
    const struct riv_pid_batch *slowest = &rate->kept[0];
    struct riv_pid_batch all = { .scheduling_ms = HUGE_VAL };
    for (unsigned i = 0; i < n; i++) {
        const struct riv_pid_batch *one = &rate->kept[i];
        if (one->elements * slowest->processing_ms <
            slowest->elements * one->processing_ms)
            slowest = one;
        all.elements += one->elements;
        all.processing_ms += one->processing_ms;
        all.scheduling_ms = fmin(all.scheduling_ms, one->scheduling_ms);
    }
    if (n > 1) {
        all.elements -= slowest->elements;
        all.processing_ms -= slowest->processing_ms;
    }
    return all;
}

void riv__rate_learn(struct riv_rate *rate, int64_t end_ns, int64_t busy_ns,
                     int64_t late_ns)
{
    double to;
    if (!rate->is_on || rate->taken == 0 || busy_ns <= 0)
        return;
    rate->kept[rate->nkept++ % RIV__RATE_KEPT] = (struct riv_pid_batch){
        .elements = (double)rate->taken,
        .processing_ms = (double)busy_ns / 1e6,
        .scheduling_ms = (double)late_ns / 1e6,
    };
    struct riv_pid_batch batch = together(rate);
    batch.end_ms = (double)end_ns / 1e6;
    if (riv__pid_learn(&rate->pid, &batch, &to))
        rate->learned = fmax(floor(to * RIV__RATE_BUSY / 100), 1);
}

/* ------------------------------------- one rate over partitions with a lag */

static double share_of(const struct riv_share_conf *conf, double lag,
                       double all, double most)
{
    if (conf->rate <= 0)
        return most;
    const double share = all > 0 ? lag / all * conf->rate : 0;
    return most > 0 ? fmin(share, most) : share;
}

bool riv__rate_shares(const struct riv_share_conf *conf, const int64_t *lag,
                      const double *most, size_t n, int64_t *ret)
{
    double all = 0, sum = 0;
    for (size_t i = 0; i < n; i++)
        all += (double)lag[i];
    for (size_t i = 0; i < n; i++) {
        const double share = share_of(conf, (double)lag[i], all, most[i]);
        const double count = floor(share * (double)conf->batch_ms / 1000);
        sum += share;
        ret[i] = RIV__MAX((int64_t)fmin(count, 0x1p62), conf->at_least);
    }
    return sum > 0;
}
