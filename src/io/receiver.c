/* io/receiver.c - a source on its thread. Reading stops by itself when the feed
 * is full, because appending waits. A failure that may pass is kept as the
 * input's status and tried again; what cannot pass, or does not within
 * connect.retries, ends the input and with it the job, which hears of it in
 * riv__input_cut. */
#include "io/receiver.h"

enum { QUIET_MS = 30000 };

int64_t riv__retry_next(struct riv_retry *retry,
                        const struct riv_settings *conf, int64_t now_ns)
{
    const int64_t quiet_ms = conf->retry_ms_max + QUIET_MS;
    if (retry->count > 0 && now_ns - retry->last_ns > quiet_ms * 1000000)
        retry->count = 0;
    if (retry->count == 0)
        retry->pause_ms = conf->retry_ms_min;
    else if (retry->pause_ms < conf->retry_ms_max / 2)
        retry->pause_ms = RIV__MAX(retry->pause_ms * 2, 1);
    else
        retry->pause_ms = conf->retry_ms_max;
    retry->count++;
    retry->last_ns = now_ns;
    if (conf->retries_max > 0 && retry->count > conf->retries_max)
        return -1;
    return RIV__MIN(retry->pause_ms, conf->retry_ms_max);
}

static bool stopping(struct riv_input *input)
{
    return atomic_load_explicit(&input->stopping, memory_order_acquire);
}

/* One wait, not a loop until the time: with a clock that stands still it ends
 * at once. */
static void pause_for(struct riv_input *input, int64_t ms)
{
    struct riv_sys *sys = input->sys;
    int64_t until = sys->mono_ns(sys) + ms * 1000000;
    (void)sys->poll(sys, NULL, 0, &input->wake, until);
}

/* True: go on. False: the input has failed for good. */
static bool survive(struct riv_input *input, struct riv_retry *retry,
                    struct riv_err *err)
{
    if (stopping(input))
        return true;
    int64_t ms = -1;
    if (riv__err_class(err->code) == RIV__CLASS_R)
        ms = riv__retry_next(retry, input->conf,
                             input->sys->mono_ns(input->sys));
    if (ms < 0 && retry->count > 1)
        riv__err_prefix(err,
                        "given up after %lld failures in a row "
                        "(connect.retries)",
                        (long long)retry->count);
    riv__err_prefix(err, "input %s", input->shown);
    atomic_store(&input->gives_up, ms < 0);
    riv__input_trouble(input, err);
    if (ms >= 0)
        pause_for(input, ms);
    return ms >= 0;
}

void riv__receiver_run(void *arg)
{
    struct riv_input *input = arg;
    struct riv_retry retry = { .count = 0 };
    bool good = true;
    int rc = RIV__READ_MORE;
    while (good && rc != RIV__READ_END && !stopping(input)) {
        struct riv_err err = { .code = 0 };
        rc = input->ops->read(input, &err);
        if (rc < 0) {
            err.code = rc;
            good = survive(input, &retry, &err);
        } else if (rc == RIV__READ_MORE && retry.count > 0) {
            retry.count = 0;
            riv__input_trouble(input, NULL);
        }
    }
    if (!good)
        atomic_store_explicit(&input->failed, true, memory_order_release);
    atomic_store_explicit(&input->ended, true, memory_order_release);
    if (input->driver)
        input->sys->wake_raise(input->sys, input->driver);
}
