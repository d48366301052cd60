/* ops_rdd_key.c - operations of rdd.jsonl: records by their keys. */
#include "ops_rdd.h"

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

const struct rdd_op rdd_ops_key[] = {
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
    { "subtract_by_key", PAIR, PAIR, subtract_by_key },
    { "lookup", PAIR, NULL, lookup },
    { 0 },
};
