/* ops_rdd_step.c - operations of rdd.jsonl: record by record, partition by partition. */
#include "ops_rdd.h"

#include <math.h>

RIV_FILTER(above, int64_t);
static int above(const int64_t *x, riv_task *t)
{
    return *x > *riv_arg(t, int64_t);
}

RIV_FILTER(real_above, double);
static int real_above(const double *x, riv_task *t)
{
    return *x > *riv_arg(t, double);
}

RIV_FLAT_MAP(one_to_x, int64_t, int64_t);
static int one_to_x(const int64_t *x, one_to_x_out *out, riv_task *t)
{
    (void)t;
    for (int64_t i = 1; i <= *x; i++)
        riv_emit(out, i);
    return 0;
}

RIV_FLAT_MAP(texts_from, int64_t, riv_str);
static int texts_from(const int64_t *x, texts_from_out *out, riv_task *t)
{
    if (*x >= *riv_arg(t, int64_t))
        riv_emit(out, int_text(t, *x));
    return 0;
}

RIV_MAP(by_text, int64_t, word_int);
static int by_text(const int64_t *x, word_int *out, riv_task *t)
{
    *out = (word_int){ int_text(t, *x), *x };
    return 0;
}

RIV_MAP_PARTITIONS(index_and_sum, int64_t, int_int);
static int index_and_sum(const int64_t *rows, size_t n, index_and_sum_out *out,
                         riv_task *t)
{
    int64_t *total = riv_local(t, sizeof *total, NULL);
    for (size_t i = 0; i < n; i++)
        *total += rows[i];
    if (n == 0)
        riv_emit(out, (int_int){ riv_partition(t), *total });
    return 0;
}

static int filter_above(struct run *run)
{
    int64_t limit = param(run, "limit", 0);
    double real = real_param(run, "limit", 0);
    if (reals(run))
        return collect(run, riv_filter(run->in[0], real_above_fn,
                                       RIV_OPT(.arg = RIV_COPY(real))));
    limit = (int64_t)floor(real); /* x > 2.5 is x > 2 of integers */
    return collect(
        run, riv_filter(run->in[0], above_fn, RIV_OPT(.arg = RIV_COPY(limit))));
}

static int flat_map_one_to_x(struct run *run)
{
    return collect(run, riv_flat_map(run->in[0], one_to_x_fn, NULL));
}

static int collect_strings_from(struct run *run)
{
    int64_t limit = param(run, "limit", 0);
    return collect(run, riv_flat_map(run->in[0], texts_from_fn,
                                     RIV_OPT(.arg = RIV_COPY(limit))));
}

static int key_by_string(struct run *run)
{
    return collect(run, riv_map(run->in[0], by_text_fn, NULL));
}

static int map_partitions_sum(struct run *run)
{
    return collect(run, sums_of_partitions(run->in[0]));
}

static int map_partitions_with_index_sum(struct run *run)
{
    return collect(run, riv_map_partitions(run->in[0], index_and_sum_fn, NULL));
}

const struct rdd_op rdd_ops_step[] = {
    { "filter_above", NULL, NULL, filter_above },
    { "flat_map_one_to_x", INT, NULL, flat_map_one_to_x },
    { "collect_strings_from", INT, NULL, collect_strings_from },
    { "key_by_string", INT, NULL, key_by_string },
    { "map_partitions_sum", NULL, NULL, map_partitions_sum },
    { "map_partitions_with_index_sum", INT, NULL,
      map_partitions_with_index_sum },
    { 0 },
};
