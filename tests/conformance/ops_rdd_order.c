/* ops_rdd_order.c - operations of rdd.jsonl: records in order: top, sorted, ranges. */
#include "ops_rdd.h"

#include <math.h>
#include <stdlib.h>

#include "data/sort.h"
#include "graph/partitioner.h"

static int take(struct run *run)
{
    riv_result res = { .struct_size = sizeof res };
    int64_t n = param(run, "n", 0);
    int rc = riv_take(run->in[0], n > 0 ? (size_t)n : 0, &res);
    return result(run, rc, &res);
}

static bool reverse(const struct run *run)
{
    return json_is_true(json_object_get(run->params, "reverse"));
}

static int ends(struct run *run, bool greatest)
{
    riv_result res = { .struct_size = sizeof res };
    int64_t n = param(run, "n", 0);
    size_t most = n > 0 ? (size_t)n : 0;
    int rc = greatest ? riv_top(run->in[0], most, NULL, &res)
                      : riv_take_ordered(run->in[0], most, NULL, &res);
    return result(run, rc, &res);
}

static int top(struct run *run)
{
    return ends(run, !reverse(run));
}

static int take_ordered(struct run *run)
{
    return ends(run, reverse(run));
}

static int sort_by_key(struct run *run)
{
    riv_opt o = { 0 };
    return collect(
        run, riv_sort_by_key(run->in[0], RIV_ASCENDING, options(run, &o)));
}

RIV_MAP(field_of, riv_str, riv_str);
static int field_of(const riv_str *line, riv_str *out, riv_task *t)
{
    riv_str rest = *line;
    for (int64_t i = *riv_arg(t, int64_t); i >= 0; i--)
        if (!riv_cut(&rest, '|', out))
            return riv_fail(t, "no such field");
    return 0;
}

static int sort_by_field(struct run *run)
{
    int64_t field = param(run, "field", 0);
    bool down = json_is_true(json_object_get(run->params, "descending"));
    return collect(
        run, riv_sort_by(
                 run->in[0], field_of_fn, down ? RIV_DESCENDING : RIV_ASCENDING,
                 RIV_OPT(.arg = RIV_COPY(field),
                         .partitions = (int)param(run, "num_partitions", 0))));
}

RIV_PAIR(real_real, double, double);

#define TWICE(f, T, Pair) \
    RIV_MAP(f, T, Pair); \
    static int f(const T *x, Pair *out, riv_task *t) \
    { \
        (void)t; \
        *out = (Pair){ *x, *x }; \
        return 0; \
    }

TWICE(twice, int64_t, int_int)
TWICE(twice_real, double, real_real)

static int filter_by_range(struct run *run)
{
    const bool real = reals(run);
    riv_opt o = { 0 };
    double least = real_param(run, "lower", 0),
           most = real_param(run, "upper", 0);
    int64_t lower = (int64_t)ceil(least), upper = (int64_t)floor(most);
    riv_ds *pairs = riv_map(run->in[0], real ? twice_real_fn : twice_fn, NULL);
    riv_ds *ranges =
        riv_partition_by_range(pairs, RIV_ASCENDING, options(run, &o));
    return collect(run, real ? riv_filter_by_range(ranges, &least, &most)
                             : riv_filter_by_range(ranges, &lower, &upper));
}

/* Candidates are only spoken of, too: their weights are fractions of records. */
static double weight_of(const any *v)
{
    return v->kind == VALUE_REAL ? v->real : (double)v->num;
}

static json_t *bounds_of(const struct riv_order *order, const riv_result *res,
                         size_t parts, struct pool *pool)
{
    const any_any *pair = res->rows;
    struct riv_ref *ref = pool_alloc(pool, res->n * sizeof *ref);
    double *weight = pool_alloc(pool, res->n * sizeof *weight);
    size_t *bound = pool_alloc(pool, parts * sizeof *bound);
    for (size_t i = 0; i < res->n; i++) {
        ref[i].row = (const char *)&pair[i];
        ref[i].prefix = riv__order_prefix(order, ref[i].row);
        weight[i] = weight_of(&pair[i].val);
    }
    size_t n = riv__range_bounds(order, ref, weight, res->n, parts, bound);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list,
                              json_of_row(&riv_type_any, &pair[bound[i]].key));
    return list;
}

static int range_bounds(struct run *run)
{
    riv_result res = { .struct_size = sizeof res };
    struct riv_order order;
    const int64_t parts = param(run, "num_partitions", 2);
    riv_ds *sorted = riv_sort_by_key(run->in[0], RIV_ASCENDING, NULL);
    int rc = riv_collect(sorted, &res);
    riv__order_init(&order, riv_keys(run->in[0])->layout, 0, false);
    if (rc == 0 && parts > 0)
        run->got = bounds_of(&order, &res, (size_t)parts, &run->pool);
    riv_result_free(&res);
    return rc;
}

/* Inputs are only spoken of: what is asked is the planner's rule. */
static int default_partitions(struct run *run)
{
    const json_t *in = member(run, "in");
    const size_t n = json_array_size(in);
    struct riv_partitioner *of = pool_alloc(&run->pool, n * sizeof *of);
    for (size_t i = 0; i < n; i++) {
        const json_t *input = json_array_get(in, i);
        of[i].n = (uint32_t)json_integer_value(json_array_get(input, 0));
        of[i].hashed = json_is_true(json_array_get(input, 1));
    }
    run->got = json_integer(
        riv__default_partitions(of, n, (uint32_t)param(run, "default", 0)));
    return 0;
}

/* Sorted inside by (key, value), so the whole pair is made the key. */
typedef struct key_value {
    int64_t key, val;
} key_value;
RIV_STRUCT(key_value, key, val);
RIV_PAIR(pair_key, key_value, int64_t);

RIV_MAP(pair_as_key, int_int, pair_key);
static int pair_as_key(const int_int *in, pair_key *out, riv_task *t)
{
    (void)t;
    *out = (pair_key){ { in->key, in->val }, 0 };
    return 0;
}

RIV_MAP(key_as_pair, pair_key, any);
static int key_as_pair(const pair_key *in, any *out, riv_task *t)
{
    *out = any_of_json(riv_fmt(t, "[%lld,%lld]", (long long)in->key.key,
                               (long long)in->key.val));
    return 0;
}

static uint32_t mod_2(const void *key, uint32_t n, const void *arg)
{
    (void)arg;
    return (uint32_t)(((const key_value *)key)->key & 1) % n;
}

static int repartition_and_sort_mod2(struct run *run)
{
    riv_ds *pairs = riv_map(run->in[0], pair_as_key_fn, NULL);
    riv_ds *sorted = riv_repartition_and_sort_within_partitions(
        pairs, mod_2,
        RIV_OPT(.partitions = (int)param(run, "num_partitions", 2)));
    return collect(run, riv_map(sorted, key_as_pair_fn, NULL));
}

const struct rdd_op rdd_ops_order[] = {
    { "take", NULL, NULL, take },
    { "top", NULL, NULL, top },
    { "take_ordered", NULL, NULL, take_ordered },
    { "sort_by_key", PAIR, NULL, sort_by_key },
    { "sort_by_field", WORD, NULL, sort_by_field },
    { "filter_by_range", NULL, NULL, filter_by_range },
    { "repartition_and_sort_mod2", &riv_type_int_int, NULL,
      repartition_and_sort_mod2 },
    { "default_partitions", NULL, NULL, default_partitions },
    { "range_bounds", PAIR, NULL, range_bounds },
    { 0 },
};
