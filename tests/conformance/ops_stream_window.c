/* ops_stream_window.c - operations of streams.jsonl: windows. */
#include "ops_stream.h"

RIV_REDUCE(minus, int64_t);
static void minus(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc -= *v;
}

RIV_FILTER(nonzero, word_int);
static int nonzero(const word_int *pair, riv_task *t)
{
    (void)t;
    return pair->val != 0;
}

RIV_FILTER(above_one, word_int);
static int above_one(const word_int *pair, riv_task *t)
{
    (void)t;
    return pair->val > 1;
}

static int64_t length(const struct run *run)
{
    return param(run, "window_ms", 0);
}

static int64_t slide(const struct run *run)
{
    return param(run, "slide_ms", 0);
}

/* Spark's way: keys stay unless a filter takes them. */
static riv_opt *inverse(const struct run *run, riv_opt *o)
{
    const char *keep = json_string_value(json_object_get(run->params, "keep"));
    options(run, o);
    o->subtract = minus_fn;
    if (keep && strcmp(keep, "nonzero") == 0)
        o->keep = nonzero_fn;
    else if (keep)
        o->keep = above_one_fn;
    o->keep_empty = !keep;
    return o;
}

static riv_ds *window(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    return riv_window(a, length(run), slide(run));
}

static riv_ds *reduce_by_window(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    return riv_reduce_by_window(a, riv_sum_i64, length(run), slide(run), NULL);
}

static riv_ds *reduce_by_window_inv(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    riv_opt o = { 0 };
    return riv_reduce_by_window(a, riv_sum_i64, length(run), slide(run),
                                inverse(run, &o));
}

static riv_ds *count_by_window(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    return riv_count_by_window(a, length(run), slide(run),
                               RIV_OPT(.keep_empty = true));
}

static riv_ds *count_by_value_and_window(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    riv_opt o = { 0 };
    return riv_count_by_value_and_window(a, length(run), slide(run),
                                         options(run, &o));
}

static riv_ds *group_by_key_and_window(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    riv_opt o = { 0 };
    return riv_group_by_key_and_window(a, numbers_of, length(run), slide(run),
                                       options(run, &o));
}

static riv_ds *reduce_by_key_and_window(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    riv_opt o = { 0 };
    return riv_reduce_by_key_and_window(a, riv_sum_i64, length(run), slide(run),
                                        options(run, &o));
}

static riv_ds *reduce_by_key_and_window_inv(struct run *run, riv_ds *a,
                                            riv_ds *b)
{
    (void)b;
    riv_opt o = { 0 };
    return riv_reduce_by_key_and_window(a, riv_sum_i64, length(run), slide(run),
                                        inverse(run, &o));
}

static riv_ds *word_count_window_inv(struct run *run, riv_ds *a, riv_ds *b)
{
    return reduce_by_key_and_window_inv(run, with_ones(a), b);
}

const struct stream_op stream_ops_window[] = {
    { "window", NULL, NULL, window },
    { "reduce_by_window", INT, NULL, reduce_by_window },
    { "reduce_by_window_inv", INT, NULL, reduce_by_window_inv },
    { "count_by_window", NULL, NULL, count_by_window },
    { "count_by_value_and_window", NULL, NULL, count_by_value_and_window },
    { "group_by_key_and_window", PAIR, NULL, group_by_key_and_window },
    { "reduce_by_key_and_window", PAIR, NULL, reduce_by_key_and_window },
    { "reduce_by_key_and_window_inv", PAIR, NULL,
      reduce_by_key_and_window_inv },
    { "word_count_window_inv", WORD, NULL, word_count_window_inv },
    { 0 },
};
