/* ops_rdd_number.c - operations of rdd.jsonl: statistics and histograms. */
#include "ops_rdd.h"

static int stats(struct run *run)
{
    riv_statistics s = RIV_STATISTICS;
    int rc = riv_stats(run->in[0], &s);
    json_t *v = json_object();
    json_object_set_new(v, "count", json_integer(s.count));
    json_object_set_new(v, "sum", json_of_row(&riv_type_double, &s.sum));
    json_object_set_new(v, "mean", json_of_row(&riv_type_double, &s.mean));
    json_object_set_new(v, "variance",
                        json_of_row(&riv_type_double, &s.variance));
    json_object_set_new(v, "stdev", json_of_row(&riv_type_double, &s.stdev));
    json_object_set_new(v, "sample_variance",
                        json_of_row(&riv_type_double, &s.sample_variance));
    json_object_set_new(v, "sample_stdev",
                        json_of_row(&riv_type_double, &s.sample_stdev));
    json_object_set_new(v, "max", json_of_row(&riv_type_double, &s.max));
    json_object_set_new(v, "min", json_of_row(&riv_type_double, &s.min));
    return value(run, rc, v);
}
static json_t *counts_json(const int64_t *count_of, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_integer(count_of[i]));
    return list;
}

static int histogram_bounds(struct run *run)
{
    const json_t *bounds = json_object_get(run->params, "bounds");
    size_t n = json_array_size(bounds);
    double *bound = pool_alloc(&run->pool, n * sizeof *bound);
    int64_t *found = pool_alloc(&run->pool, (n + 1) * sizeof *found);
    for (size_t i = 0; i < n; i++)
        if (!number_of_json(json_array_get(bounds, i), &bound[i]))
            wrong(run, "bounds: not a number");
    int rc = riv_histogram(run->in[0], bound, n, found);
    return value(run, rc, counts_json(found, n > 0 ? n - 1 : 0));
}

static int histogram_buckets(struct run *run)
{
    int64_t buckets = param(run, "buckets", 1);
    size_t n = buckets > 0 ? (size_t)buckets : 0, made = 0;
    double *bound = pool_alloc(&run->pool, (n + 1) * sizeof *bound);
    int64_t *found = pool_alloc(&run->pool, (n + 1) * sizeof *found);
    int rc = riv_histogram_even(run->in[0], n, bound, found, &made);
    json_t *v = json_object(), *list = json_array();
    for (size_t i = 0; rc == 0 && i <= made; i++)
        json_array_append_new(list, json_real(bound[i]));
    json_object_set_new(v, "bounds", list);
    json_object_set_new(v, "counts", counts_json(found, made));
    return value(run, rc, v);
}

const struct rdd_op rdd_ops_number[] = {
    { "stats", REAL, NULL, stats },
    { "histogram_bounds", REAL, NULL, histogram_bounds },
    { "histogram_buckets", REAL, NULL, histogram_buckets },
    { 0 },
};
