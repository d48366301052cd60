/* exec/memory.c - what the system says the process has, against memory.limit. */
#include "exec/memory.h"

enum {
    BUFFERS_SHARE = 16, /* all inputs' buffers: a 16th. What a batch makes of
                           its bytes may be several times as large */
    CACHE_SHARE = 4,    /* persisted rows: a quarter */
    BUFFER_MIN_BYTES = 256 * 1024
};

void riv__memory_share(struct riv_settings *conf, size_t ninput)
{
    const int64_t limit = conf->memory_bytes_max;
    if (limit == 0)
        return;
    const int64_t inputs = (int64_t)RIV__MAX(ninput, (size_t)1);
    const int64_t buffer =
        RIV__MAX(limit / BUFFERS_SHARE / inputs, (int64_t)BUFFER_MIN_BYTES);
    conf->buffer_bytes = RIV__MIN(conf->buffer_bytes, buffer);
    conf->kafka_buffer_bytes = RIV__MIN(conf->kafka_buffer_bytes, buffer);
    conf->cache_bytes = RIV__MIN(conf->cache_bytes, limit / CACHE_SHARE);
}

/* 0: not known, or nobody asks. */
static int64_t used(struct riv_exec *exec, bool gives_back)
{
    struct riv_sys *sys = exec->sys;
    if (exec->conf->memory_bytes_max == 0 || !sys->memory)
        return 0;
    const int64_t bytes = RIV__MAX(sys->memory(sys, gives_back), 0);
    exec->memory_most = RIV__MAX(exec->memory_most, bytes);
    return bytes;
}

int64_t riv__memory_now(struct riv_exec *exec)
{
    return used(exec, false);
}

void riv__memory_give_back(struct riv_exec *exec)
{
    (void)used(exec, true);
}

bool riv__memory_is_tight(struct riv_exec *exec)
{
    return used(exec, false) > exec->conf->memory_bytes_max / 2;
}

int riv__memory_percent(struct riv_exec *exec)
{
    const int64_t limit = exec->conf->memory_bytes_max;
    return limit ? (int)(used(exec, false) / (limit / 100 + 1)) : 0;
}

static int exceeds(struct riv_exec *exec, int64_t most, const char *when,
                   struct riv_err *err)
{
    if (used(exec, false) <= most)
        return 0;
    const int64_t bytes = used(exec, true);
    if (bytes <= most)
        return 0;
    return riv__err_set(
        err, RIV_ENOMEM,
        "the process has %lld MiB %s, and memory.limit is %lld MiB: state, "
        "windows or a batch's rows do not fit, or a function does not give back "
        "what it takes",
        (long long)(bytes >> 20), when,
        (long long)(exec->conf->memory_bytes_max >> 20));
}

int riv__memory_check(struct riv_exec *exec, struct riv_err *err)
{
    const int64_t limit = exec->conf->memory_bytes_max;
    return exceeds(exec, limit + limit / 20, "in the middle of a batch", err);
}

int riv__memory_settle(struct riv_exec *exec, struct riv_err *err)
{
    return exceeds(exec, exec->conf->memory_bytes_max, "after a batch", err);
}
