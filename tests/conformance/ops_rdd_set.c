/* ops_rdd_set.c - operations of rdd.jsonl: sets of records, and which partition they are in. */
#include "ops_rdd.h"

static int union_op(struct run *run)
{
    return collect(run, riv_union(run->in[0], run->in[1]));
}

static int union_self(struct run *run)
{
    return collect(run, riv_union(run->in[0], run->in[0]));
}

static int subtract(struct run *run)
{
    riv_opt o = { 0 };
    return collect(run, riv_subtract(run->in[0], run->in[1], options(run, &o)));
}

static int intersection(struct run *run)
{
    riv_opt o = { 0 };
    return collect(run,
                   riv_intersection(run->in[0], run->in[1], options(run, &o)));
}

static int coalesce(struct run *run)
{
    enum { no_shuffle };
    return collect(
        run, riv_coalesce(run->in[0], (int)param(run, "num_partitions", 2),
                          no_shuffle));
}

static int repartition(struct run *run)
{
    return collect(
        run, riv_repartition(run->in[0], (int)param(run, "num_partitions", 2)));
}

RIV_MAP(any_int_of, int64_t, any);
static int any_int_of(const int64_t *x, any *out, riv_task *t)
{
    (void)t;
    *out = any_of_int(*x);
    return 0;
}

RIV_MAP(any_real_of, double, any);
static int any_real_of(const double *x, any *out, riv_task *t)
{
    (void)t;
    *out = any_of_real(*x);
    return 0;
}

RIV_MAP(any_pair_of, any_any, any);
static int any_pair_of(const any_any *pair, any *out, riv_task *t)
{
    *out = any_of_json(riv_fmt(t, "[" RIV_S "," RIV_S "]",
                               RIV_P(any_text(t, &pair->key)),
                               RIV_P(any_text(t, &pair->val))));
    return 0;
}

RIV_MAP(any_word_of, riv_str, any);
static int any_word_of(const riv_str *s, any *out, riv_task *t)
{
    (void)t;
    *out = any_of_word(*s);
    return 0;
}

/* Records of one type, so that pairs of them have one, too. */
static riv_ds *as_any(riv_ds *in)
{
    switch (riv_ds_type(in)->kind) {
    case RIV_K_I64: return riv_map(in, any_int_of_fn, NULL);
    case RIV_K_F64: return riv_map(in, any_real_of_fn, NULL);
    case RIV_K_STR: return riv_map(in, any_word_of_fn, NULL);
    case RIV_K_PAIR: return riv_map(in, any_pair_of_fn, NULL);
    default: return in;
    }
}

static int cartesian(struct run *run)
{
    return collect(run, riv_cartesian(as_any(run->in[0]), as_any(run->in[1])));
}

static int zip(struct run *run)
{
    return collect(run, riv_zip(as_any(run->in[0]), as_any(run->in[1])));
}

static int zip_with_index(struct run *run)
{
    return collect(run, riv_zip_with_index(run->in[0]));
}

/* The first input is made anew, in n partitions: none at all is an error. */
static int slices(struct run *run)
{
    int64_t n = param(run, "n", 2);
    const json_t *in = member(run, "in");
    void *rows;
    size_t count_in;
    const riv_type *type = type_of(in);
    if (!rows_of_json(type, in, &run->pool, &rows, &count_in))
        return RIV_EINVAL;
    if (n == 0) { /* 0 is "by size" here, not a number of slices */
        run->weaker = true;
        return RIV_EINVAL;
    }
    return collect(run, riv_parallelize(run->r, type, rows, count_in,
                                        RIV_OPT(.partitions = (int)n)));
}

const struct rdd_op rdd_ops_set[] = {
    { "union", NULL, NULL, union_op },
    { "union_self", NULL, NULL, union_self },
    { "subtract", NULL, NULL, subtract },
    { "intersection", NULL, NULL, intersection },
    { "cartesian", NULL, NULL, cartesian },
    { "zip", NULL, NULL, zip },
    { "zip_with_index", NULL, NULL, zip_with_index },
    { "coalesce", NULL, NULL, coalesce },
    { "repartition", NULL, NULL, repartition },
    { "slices", NULL, NULL, slices },
    { 0 },
};
