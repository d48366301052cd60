/* run_rates.c - lines about rates: the PID estimator, and limits of partitions.
 * Neither is in the public header; both are plain functions of io/rate.h. */
#include "conformance.h"

#include "io/rate.h"

static double number(const struct run *run, const char *name, double otherwise)
{
    double x;
    return number_of_json(json_object_get(run->params, name), &x) ? x
                                                                  : otherwise;
}

static double item(const json_t *list, size_t i)
{
    double x = 0;
    number_of_json(json_array_get(list, i), &x);
    return x;
}

/* Calls of the estimator, each [end ms, elements, processing, scheduling]. */
static void run_pid(struct run *run)
{
    const struct riv_pid_conf conf = { .batch_ms = param(run, "batch_ms", 0),
                                       .p = number(run, "p", 1),
                                       .i = number(run, "i", 0.2),
                                       .d = number(run, "d", 0),
                                       .min_rate =
                                           number(run, "min_rate", 100) };
    struct riv_pid pid;
    struct riv_err err = { 0 };
    size_t i;
    json_t *call;
    run->got = json_array();
    if (riv__pid_init(&pid, &conf, &err) < 0) {
        wrong(run, "%s", err.text);
        return;
    }
    json_array_foreach(member(run, "in"), i, call)
    {
        const struct riv_pid_batch batch = { .end_ms = item(call, 0),
                                             .elements = item(call, 1),
                                             .processing_ms = item(call, 2),
                                             .scheduling_ms = item(call, 3) };
        double rate;
        json_array_append_new(run->got, riv__pid_learn(&pid, &batch, &rate)
                                            ? json_real(rate)
                                            : json_null());
    }
}

/* One list of lags each; the limits, or null. A "max_rate" of the line is that
 * of every partition, or a list. */
static json_t *limits(struct run *run, const json_t *lags)
{
    const double rate = number(run, "rate", -1);
    const struct riv_share_conf conf = {
        .batch_ms = param(run, "batch_ms", 0),
        .rate = rate > 0    ? rate
                : rate == 0 ? number(run, "initial_rate", 0)
                            : 0,
        .at_least = param(run, "min_rate", 1),
    };
    const json_t *most = json_object_get(run->params, "max_rate");
    const size_t n = json_array_size(lags);
    int64_t *lag = pool_alloc(&run->pool, n * sizeof *lag);
    int64_t *ret = pool_alloc(&run->pool, n * sizeof *ret);
    double *each = pool_alloc(&run->pool, n * sizeof *each);
    for (size_t i = 0; i < n; i++) {
        lag[i] = (int64_t)item(lags, i);
        each[i] =
            json_is_array(most) ? item(most, i) : number(run, "max_rate", 0);
    }
    if (!riv__rate_shares(&conf, lag, each, n, ret))
        return json_null();
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_integer(ret[i]));
    return list;
}

static void run_limits(struct run *run)
{
    size_t i;
    json_t *lags;
    run->got = json_array();
    json_array_foreach(member(run, "in"), i, lags)
        json_array_append_new(run->got, limits(run, lags));
}

bool run_rates(struct run *run, const char *op)
{
    if (strcmp(op, "pid") == 0)
        run_pid(run);
    else if (strcmp(op, "kafka_limits") == 0)
        run_limits(run);
    else
        return false;
    if (json_is_true(member(run, "error"))) {
        if (run->why[0] == '\0')
            wrong_values(run, "instead of an error", NULL, run->got);
        else
            run->why[0] = '\0';
    } else if (!same(json_string_value(member(run, "compare")),
                     member(run, "out"), run->got))
        wrong_values(run, "not what was expected", member(run, "out"),
                     run->got);
    return true;
}
