/* window.c - two windows: counts and sums over five intervals with an inverse,
 * after each batch (window); the greatest value over four intervals, without
 * one, every second interval (greatest). */
#include "record.h"

enum { SUM_BATCHES = 5, MAX_BATCHES = 4, MAX_SLIDE = 2 };

RIV_REDUCE(tally_take, tally);
static void tally_take(tally *acc, const tally *v, riv_task *t)
{
    (void)t;
    acc->n -= v->n;
    acc->sum -= v->sum;
}

RIV_MAP(to_value, record, key_value);
static int to_value(const record *in, key_value *out, riv_task *t)
{
    (void)t;
    *out = (key_value){ in->key, in->value };
    return 0;
}

typedef struct {
    int64_t batch_ms;
    riv_str key;
    int64_t value;
} value_row;
RIV_STRUCT(value_row, batch_ms, key, value);

RIV_MAP(value_show, key_value, value_row);
static int value_show(const key_value *in, value_row *out, riv_task *t)
{
    *out = (value_row){ t->time, in->key, in->val };
    return 0;
}

static void build_window(const struct job *job)
{
    const int64_t ms = job->interval_ms;
    riv_ds *window = riv_reduce_by_key_and_window(
        job->tallies, tally_add_fn, SUM_BATCHES * ms, ms,
        RIV_OPT(.uid = "window", .subtract = tally_take_fn));
    riv_ds *greatest = riv_reduce_by_key_and_window(
        riv_map(job->records, to_value_fn, NULL), riv_max_i64, MAX_BATCHES * ms,
        MAX_SLIDE * ms, RIV_OPT(.uid = "greatest"));
    save(job, riv_map(window, tally_show_fn, NULL), "window");
    save(job, riv_map(greatest, value_show_fn, NULL), "greatest");
}

#ifndef ORACLE_PART
RIV_JOB(r, argc, argv)
{
    return job_only(build_window, r, argc, argv);
}
#endif
