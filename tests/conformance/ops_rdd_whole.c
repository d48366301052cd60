/* ops_rdd_whole.c - operations of rdd.jsonl: all records as they are, or one value of them. */
#include "ops_rdd.h"

static int collect_op(struct run *run)
{
    return collect(run, run->in[0]);
}

static int count(struct run *run)
{
    int64_t n = 0;
    int rc = riv_count_now(run->in[0], &n);
    return value(run, rc, json_integer(n));
}

static int is_empty(struct run *run)
{
    bool empty = false;
    int rc = riv_is_empty(run->in[0], &empty);
    return value(run, rc, json_boolean(empty));
}

static int max(struct run *run)
{
    row r = { 0 };
    return one(run, riv_max(run->in[0], NULL, &r), &r);
}

static int min(struct run *run)
{
    row r = { 0 };
    return one(run, riv_min(run->in[0], NULL, &r), &r);
}

static int sum(struct run *run)
{
    double v = 0;
    int rc = riv_sum(run->in[0], &v);
    return value(run, rc, json_of_row(&riv_type_double, &v));
}

static int distinct(struct run *run)
{
    riv_opt o = { 0 };
    return collect(run, riv_distinct(run->in[0], options(run, &o)));
}

static int glom_op(struct run *run)
{
    return collect_json(glom(run->in[0]), &run->got);
}

static int reduce_sum(struct run *run)
{
    row r = { 0 };
    int rc =
        riv_reduce_now(run->in[0], reals(run) ? riv_sum_f64 : riv_sum_i64, &r);
    return one(run, rc, &r);
}

static int fold_sum(struct run *run)
{
    row r = { 0 }, zero = { 0 };
    const json_t *v = json_object_get(run->params, "zero");
    if (reals(run))
        number_of_json(v, &zero.real);
    else
        zero.num = (int64_t)json_integer_value(v);
    int rc =
        riv_fold(run->in[0], &zero, reals(run) ? riv_sum_f64 : riv_sum_i64, &r);
    return one(run, rc, &r);
}

const struct rdd_op rdd_ops_whole[] = {
    { "collect", NULL, NULL, collect_op },
    { "count", NULL, NULL, count },
    { "is_empty", NULL, NULL, is_empty },
    { "max", NULL, NULL, max },
    { "min", NULL, NULL, min },
    { "sum", REAL, NULL, sum },
    { "distinct", NULL, NULL, distinct },
    { "glom", NULL, NULL, glom_op },
    { "reduce_sum", NULL, NULL, reduce_sum },
    { "fold_sum", NULL, NULL, fold_sum },
    { 0 },
};
