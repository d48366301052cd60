/* ops_rdd.c - the operations of rdd.jsonl, one row of the table per op: inputs
 * by riv_parallelize, results by actions. */
#include "conformance.h"

#include <math.h>
#include <stdlib.h>

#include "data/sort.h"
#include "graph/graph.h"
#include "graph/partitioner.h"

static riv_opt *options(const struct run *run, riv_opt *o)
{
    o->struct_size = sizeof *o;
    o->partitions = (int)param(run, "num_partitions", 0);
    return o;
}

/* The result: all partitions apart, or all records. */
static int collect(struct run *run, riv_ds *ds)
{
    const char *how = json_string_value(member(run, "compare"));
    if (how && strcmp(how, "parts") == 0)
        return collect_parts(ds, &run->got);
    return collect_json(ds, &run->got);
}

static int result(struct run *run, int rc, riv_result *res)
{
    if (rc == 0)
        run->got = json_of_result(res);
    riv_result_free(res);
    return rc;
}

static int value(struct run *run, int rc, json_t *v)
{
    run->got = v;
    return rc;
}

static int one(struct run *run, int rc, const void *row)
{
    if (rc == 0)
        run->got = json_of_row(riv_ds_type(run->in[0]), row);
    return rc;
}

typedef union row {
    int64_t num;
    double real;
    riv_str text;
    any any;
    any_any pair;
} row;

static double real_param(const struct run *run, const char *name,
                         double otherwise)
{
    double x = otherwise;
    number_of_json(json_object_get(run->params, name), &x);
    return x;
}

static bool reals(const struct run *run)
{
    return riv_ds_type(run->in[0])->kind == RIV_K_F64;
}

/* ------------------------------------------------------------- as they are */

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

/* ------------------------------------------------------- record by record */

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

RIV_MAP_PARTITIONS(sum_of, int64_t, int64_t);
static int sum_of(const int64_t *rows, size_t n, sum_of_out *out, riv_task *t)
{
    int64_t *total = riv_local(t, sizeof *total, NULL);
    for (size_t i = 0; i < n; i++)
        *total += rows[i];
    if (n == 0)
        riv_emit(out, *total);
    return 0;
}

RIV_MAP_PARTITIONS(sum_of_reals, double, double);
static int sum_of_reals(const double *rows, size_t n, sum_of_reals_out *out,
                        riv_task *t)
{
    double *total = riv_local(t, sizeof *total, NULL);
    for (size_t i = 0; i < n; i++)
        *total += rows[i];
    if (n == 0)
        riv_emit(out, *total);
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
    return collect(
        run, riv_map_partitions(
                 run->in[0], reals(run) ? sum_of_reals_fn : sum_of_fn, NULL));
}

static int map_partitions_with_index_sum(struct run *run)
{
    return collect(run, riv_map_partitions(run->in[0], index_and_sum_fn, NULL));
}

/* -------------------------------------------------------- sets, partitions */

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

/* ----------------------------------------------------------------- by key */

RIV_GROUP(list_of, any_any, any_any);
static int list_of(const any *key, const any *v, size_t n, list_of_out *out,
                   riv_task *t)
{
    struct text text = { 0 };
    for (size_t i = 0; i < n; i++)
        text_add(&text, any_text(t, &v[i]));
    any_any pair = { *key, text_list(&text, t) };
    text_fini(&text);
    riv_emit(out, pair);
    return 0;
}

static int group_by_key(struct run *run)
{
    riv_opt o = { 0 };
    return collect(run,
                   riv_group_by_key(run->in[0], list_of_fn, options(run, &o)));
}

/* The set of a key's values: distinct pairs, grouped. An accumulator has a
 * fixed size, so a set of any size cannot be one. */
static int aggregate_by_key_set(struct run *run)
{
    riv_opt o = { 0 };
    return collect(run, riv_group_by_key(riv_distinct(run->in[0], NULL),
                                         list_of_fn, options(run, &o)));
}

/* A map as bytes, because an accumulator has a fixed size: for each key the
 * length of its JSON text, the text, and the sum. */
enum { MAP_BYTES = 4000 };

typedef struct sums {
    int64_t used;
    char map[MAP_BYTES];
} sums;
RIV_STRUCT(sums, used, map);

static void sums_add(sums *acc, riv_str key, int64_t v)
{
    const size_t head = sizeof(uint32_t), tail = sizeof v;
    char *p = acc->map, *end = p + acc->used;
    uint32_t n;
    int64_t sum = 0;
    for (; p < end; p += head + n + tail) {
        memcpy(&n, p, head);
        if (riv_eq(key, (riv_str){ p + head, n }))
            break;
    }
    if (p == end && p + head + key.n + tail > acc->map + MAP_BYTES)
        return; /* the sum is then missing in the result */
    n = (uint32_t)key.n;
    if (p == end)
        acc->used += (int64_t)(head + n + tail);
    else
        memcpy(&sum, p + head + n, tail);
    sum += v;
    memcpy(p, &n, head);
    memcpy(p + head, key.p, n);
    memcpy(p + head + n, &sum, tail);
}

/* The next entry at *at. */
static bool sums_next(const sums *acc, size_t *at, riv_str *key, int64_t *v)
{
    const char *p = acc->map + *at;
    uint32_t n;
    if (*at >= (size_t)acc->used)
        return false;
    memcpy(&n, p, sizeof n);
    *key = (riv_str){ p + sizeof n, n };
    memcpy(v, p + sizeof n + n, sizeof *v);
    *at += sizeof n + n + sizeof *v;
    return true;
}

RIV_FOLD(add_pair, any_int, sums);
static void add_pair(sums *acc, const any_int *pair, riv_task *t)
{
    sums_add(acc, any_text(t, &pair->key), pair->val);
}

static void add_pair_merge(sums *acc, const sums *other, riv_task *t)
{
    riv_str key;
    int64_t v;
    (void)t;
    for (size_t at = 0; sums_next(other, &at, &key, &v);)
        sums_add(acc, key, v);
}

static int aggregate_to_map(struct run *run)
{
    sums acc = { 0 };
    riv_str key;
    int64_t v;
    int rc = riv_aggregate(run->in[0], NULL, add_pair_fn, &acc);
    json_t *map = json_array();
    for (size_t at = 0; rc == 0 && sums_next(&acc, &at, &key, &v);) {
        json_t *pair = json_array();
        json_array_append_new(
            pair,
            json_loadb(key.p, key.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
        json_array_append_new(pair, json_integer(v));
        json_array_append_new(map, pair);
    }
    return value(run, rc, map);
}

/* Pairs with values of one type of number: the same as { any; int64_t } or
 * { any; double }. */
RIV_PAIR(any_real, any, double);

RIV_MAP(with_int, any_any, any_int);
static int with_int(const any_any *in, any_int *out, riv_task *t)
{
    if (in->val.kind != VALUE_INT)
        return riv_fail(t, "a value is not a number");
    *out = (any_int){ in->key, in->val.num };
    return 0;
}

RIV_MAP(with_real, any_any, any_real);
static int with_real(const any_any *in, any_real *out, riv_task *t)
{
    if (in->val.kind != VALUE_REAL)
        return riv_fail(t, "a value is not a number");
    *out = (any_real){ in->key, in->val.real };
    return 0;
}

/* normal.c has made all values reals, or none. */
static bool real_values(const struct run *run)
{
    const json_t *pair = json_array_get(member(run, "in"), 0);
    return json_is_real(json_array_get(pair, 1)) ||
           json_is_object(json_array_get(pair, 1));
}

static int reduce_by_key_sum(struct run *run)
{
    riv_opt o = { 0 };
    const bool real = real_values(run);
    riv_ds *in = riv_map(run->in[0], real ? with_real_fn : with_int_fn, NULL);
    return collect(run, riv_reduce_by_key(in, real ? riv_sum_f64 : riv_sum_i64,
                                          options(run, &o)));
}

static int fold_by_key_sum(struct run *run)
{
    riv_opt o = { 0 };
    const row zero = { 0 }; /* of either type */
    const bool real = real_values(run);
    riv_ds *in = riv_map(run->in[0], real ? with_real_fn : with_int_fn, NULL);
    return collect(run,
                   riv_fold_by_key(in, &zero, real ? riv_sum_f64 : riv_sum_i64,
                                   options(run, &o)));
}

RIV_JOIN(both, any_any, any_any, any_any);
static int both(const any *key, const any *l, const any *r, both_out *out,
                riv_task *t)
{
    struct text text = { 0 };
    text_add(&text, l ? any_text(t, l) : riv_cstr("null"));
    text_add(&text, r ? any_text(t, r) : riv_cstr("null"));
    any_any pair = { *key, text_list(&text, t) };
    text_fini(&text);
    riv_emit(out, pair);
    return 0;
}

static int joined(struct run *run, int how)
{
    riv_opt o = { 0 };
    return collect(
        run, riv_join(run->in[0], run->in[1], both_fn, how, options(run, &o)));
}

static int join(struct run *run)
{
    return joined(run, RIV_INNER);
}

static int left_outer_join(struct run *run)
{
    return joined(run, RIV_LEFT);
}

static int right_outer_join(struct run *run)
{
    return joined(run, RIV_RIGHT);
}

static int full_outer_join(struct run *run)
{
    return joined(run, RIV_FULL);
}

static void add_side(struct text *sides, riv_task *t, const any *v, size_t n)
{
    struct text text = { 0 };
    for (size_t i = 0; i < n; i++)
        text_add(&text, any_text(t, &v[i]));
    text_add(sides, text_list(&text, t).text);
    text_fini(&text);
}

RIV_COGROUP(all_of_2, any_any, any_any, any_any);
static int all_of_2(const any *key, const any *a, size_t na, const any *b,
                    size_t nb, all_of_2_out *out, riv_task *t)
{
    struct text sides = { 0 };
    add_side(&sides, t, a, na);
    add_side(&sides, t, b, nb);
    any_any pair = { *key, text_list(&sides, t) };
    text_fini(&sides);
    riv_emit(out, pair);
    return 0;
}

RIV_COGROUP3(all_of_3, any_any, any_any, any_any, any_any);
static int all_of_3(const any *key, const any *a, size_t na, const any *b,
                    size_t nb, const any *c, size_t nc, all_of_3_out *out,
                    riv_task *t)
{
    struct text sides = { 0 };
    add_side(&sides, t, a, na);
    add_side(&sides, t, b, nb);
    add_side(&sides, t, c, nc);
    any_any pair = { *key, text_list(&sides, t) };
    text_fini(&sides);
    riv_emit(out, pair);
    return 0;
}

RIV_COGROUP4(all_of_4, any_any, any_any, any_any, any_any, any_any);
static int all_of_4(const any *key, const any *a, size_t na, const any *b,
                    size_t nb, const any *c, size_t nc, const any *d, size_t nd,
                    all_of_4_out *out, riv_task *t)
{
    struct text sides = { 0 };
    add_side(&sides, t, a, na);
    add_side(&sides, t, b, nb);
    add_side(&sides, t, c, nc);
    add_side(&sides, t, d, nd);
    any_any pair = { *key, text_list(&sides, t) };
    text_fini(&sides);
    riv_emit(out, pair);
    return 0;
}

static int cogroup(struct run *run)
{
    riv_opt o = { 0 };
    riv_ds **in = run->in;
    options(run, &o);
    if (!in[2])
        return collect(run, riv_cogroup(in[0], in[1], all_of_2_fn, &o));
    if (!in[3])
        return collect(run, riv_cogroup3(in[0], in[1], in[2], all_of_3_fn, &o));
    return collect(run,
                   riv_cogroup4(in[0], in[1], in[2], in[3], all_of_4_fn, &o));
}

static int subtract_by_key(struct run *run)
{
    riv_opt o = { 0 };
    return collect(
        run, riv_subtract_by_key(run->in[0], run->in[1], options(run, &o)));
}

static int lookup(struct run *run)
{
    json_t *key = json_array();
    json_array_append(key, json_object_get(run->params, "key"));
    void *k = NULL;
    size_t n;
    riv_result res = { .struct_size = sizeof res };
    int rc = RIV_EINVAL;
    if (rows_of_json(&riv_type_any, key, &run->pool, &k, &n))
        rc = riv_lookup(run->in[0], k, &res);
    json_decref(key);
    return result(run, rc, &res);
}

/* ---------------------------------------------------------------- in order */

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

/* ----------------------------------------------------------------- numbers */

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

/* --------------------------------------------------------------- the table */

#define INT &riv_type_int64_t
#define REAL &riv_type_double
#define WORD &riv_type_riv_str
#define PAIR &riv_type_any_any
#define SUMS &riv_type_any_int

const struct rdd_op rdd_ops[] = {
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
    { "filter_above", NULL, NULL, filter_above },
    { "flat_map_one_to_x", INT, NULL, flat_map_one_to_x },
    { "union", NULL, NULL, union_op },
    { "union_self", NULL, NULL, union_self },
    { "collect_strings_from", INT, NULL, collect_strings_from },
    { "key_by_string", INT, NULL, key_by_string },
    { "map_partitions_sum", NULL, NULL, map_partitions_sum },
    { "map_partitions_with_index_sum", INT, NULL,
      map_partitions_with_index_sum },
    { "aggregate_to_map", SUMS, NULL, aggregate_to_map },
    { "aggregate_by_key_set", PAIR, NULL, aggregate_by_key_set },
    { "group_by_key", PAIR, NULL, group_by_key },
    { "reduce_by_key_sum", PAIR, NULL, reduce_by_key_sum },
    { "fold_by_key_sum", PAIR, NULL, fold_by_key_sum },
    { "join", PAIR, PAIR, join },
    { "left_outer_join", PAIR, PAIR, left_outer_join },
    { "right_outer_join", PAIR, PAIR, right_outer_join },
    { "full_outer_join", PAIR, PAIR, full_outer_join },
    { "cogroup", PAIR, PAIR, cogroup },
    { "subtract", NULL, NULL, subtract },
    { "subtract_by_key", PAIR, PAIR, subtract_by_key },
    { "intersection", NULL, NULL, intersection },
    { "cartesian", NULL, NULL, cartesian },
    { "lookup", PAIR, NULL, lookup },
    { "zip", NULL, NULL, zip },
    { "zip_with_index", NULL, NULL, zip_with_index },
    { "coalesce", NULL, NULL, coalesce },
    { "repartition", NULL, NULL, repartition },
    { "take", NULL, NULL, take },
    { "top", NULL, NULL, top },
    { "take_ordered", NULL, NULL, take_ordered },
    { "sort_by_key", PAIR, NULL, sort_by_key },
    { "sort_by_field", WORD, NULL, sort_by_field },
    { "filter_by_range", NULL, NULL, filter_by_range },
    { "repartition_and_sort_mod2", &riv_type_int_int, NULL,
      repartition_and_sort_mod2 },
    { "slices", NULL, NULL, slices },
    { "default_partitions", NULL, NULL, default_partitions },
    { "range_bounds", PAIR, NULL, range_bounds },
    { "stats", REAL, NULL, stats },
    { "histogram_bounds", REAL, NULL, histogram_bounds },
    { "histogram_buckets", REAL, NULL, histogram_buckets },
    { 0 },
};
