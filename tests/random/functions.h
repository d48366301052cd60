/* tests/random/functions.h - the functions that graphs are built with, for
 * numbers and for pairs with both kinds of keys. What they compute is in
 * graph.h, as the reference computes it. Included by engine_build.c alone. */
#ifndef RIV_TESTS_RANDOM_FUNCTIONS_H
#define RIV_TESTS_RANDOM_FUNCTIONS_H

#include <stdatomic.h>

#include "random/engine_job.h"

/* Captured by every function. */
struct arg {
    int64_t a, b;
    bool ordered; /* of the inputs */
};

#define ARG(t) const struct arg *arg = riv_arg(t, struct arg)

/* Says now and then that what it needs is not to be had; when the task is tried
 * again it is. */
static atomic_llong calls, next_fault;
static atomic_int faults_left;

enum { FAULT_EVERY = 37 };

static void faults_set(int n)
{
    atomic_store(&calls, 0);
    atomic_store(&next_fault, FAULT_EVERY);
    atomic_store(&faults_left, n);
}

static bool is_fault(void)
{
    if (atomic_load_explicit(&faults_left, memory_order_relaxed) == 0)
        return false;
    long long next = atomic_load(&next_fault);
    return atomic_fetch_add(&calls, 1) >= next &&
           atomic_compare_exchange_strong(&next_fault, &next,
                                          next + FAULT_EVERY) &&
           atomic_fetch_sub(&faults_left, 1) > 0;
}

#define FAULT(t) \
    if (is_fault()) { \
        riv_fail(t, "a fault, once"); \
        return RIV_EUNAVAIL; \
    }

#define INT_KEY(key) (*(key))
#define WORD_KEY(key) word_number(*(key))

/* ----------------------------------------------------------------- numbers */

RIV_MAP(parse_line, riv_str, int64_t);
static int parse_line(const riv_str *line, int64_t *out, riv_task *t)
{
    return riv_to_i64(*line, out) ? 0 : riv_fail(t, "no number");
}

RIV_MAP(map_number, int64_t, int64_t);
static int map_number(const int64_t *x, int64_t *out, riv_task *t)
{
    ARG(t);
    FAULT(t);
    *out = affine(*x, arg->a, arg->b);
    return 0;
}

RIV_FILTER(filter_number, int64_t);
static int filter_number(const int64_t *x, riv_task *t)
{
    ARG(t);
    FAULT(t);
    return mix(0, *x, arg->a) % (2 + arg->b % 4) != 0;
}

RIV_FLAT_MAP(flat_number, int64_t, int64_t);
static int flat_number(const int64_t *x, flat_number_out *out, riv_task *t)
{
    ARG(t);
    const int64_t n = mix(0, *x, arg->a) % 3;
    for (int64_t i = 0; i < n; i++)
        riv_emit(out, wrap_add(*x, i));
    FAULT(t);
    return 0;
}

RIV_MAP(to_pair, int64_t, pair);
static int to_pair(const int64_t *x, pair *out, riv_task *t)
{
    ARG(t);
    *out = (pair){ modulo(*x, arg->a), *x };
    return 0;
}

RIV_MAP(modulo_of, int64_t, int64_t);
static int modulo_of(const int64_t *x, int64_t *out, riv_task *t)
{
    ARG(t);
    *out = modulo(*x, arg->a);
    return 0;
}

/* The key of a riv_group_by, which has no argument. */
RIV_MAP(modulo_7, int64_t, int64_t);
static int modulo_7(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = modulo(*x, 7);
    return 0;
}

RIV_MAP_PARTITIONS(sum_of, int64_t, int64_t);
static int sum_of(const int64_t *rows, size_t n, sum_of_out *out, riv_task *t)
{
    int64_t *sum = riv_local(t, sizeof *sum, NULL);
    for (size_t i = 0; i < n; i++)
        *sum = wrap_add(*sum, rows[i]);
    if (n == 0)
        riv_emit(out, *sum);
    return 0;
}

RIV_GLOM(size_of, int64_t, int64_t);
static int size_of(const int64_t *rows, size_t n, size_of_out *out, riv_task *t)
{
    (void)rows, (void)t;
    riv_emit(out, (int64_t)n);
    return 0;
}

RIV_ZIP_PARTITIONS(size_and_sum, int64_t, int64_t, int64_t);
static int size_and_sum(const int64_t *l, size_t nl, const int64_t *r,
                        size_t nr, size_and_sum_out *out, riv_task *t)
{
    int64_t sum = 31 * (int64_t)nl;
    (void)l, (void)t;
    for (size_t i = 0; i < nr; i++)
        sum = wrap_add(sum, r[i]);
    riv_emit(out, sum);
    return 0;
}

RIV_REDUCE(own_max, int64_t);
static void own_max(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    if (*v > *acc)
        *acc = *v;
}

RIV_REDUCE(take_away, int64_t);
static void take_away(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc = (int64_t)((uint64_t)*acc - (uint64_t)*v);
}

RIV_MAP(swap_pair, pair, pair);
static int swap_pair(const pair *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ modulo(in->val, 50), in->key };
    return 0;
}

RIV_MAP(to_word, pair, word);
static int to_word(const pair *in, word *out, riv_task *t)
{
    char text[64];
    const int n = key_text(text, sizeof text, in->key);
    *out = (word){ riv_dup(t, text, (size_t)n), in->val };
    return 0;
}

RIV_MAP(to_int, word, pair);
static int to_int(const word *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ word_number(in->key), in->val };
    return 0;
}

/* ------------------------------------------------------------------- pairs */

static int64_t weigh(const int64_t *v, size_t n, int64_t plus)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = wrap_add(sum, wrap_add(v[i], plus));
    return sum;
}

/* A side of a cogroup into the hash of its key. */
static int64_t chain_side(int64_t h, const int64_t *v, size_t n, bool ordered)
{
    for (size_t i = 0; ordered && i < n; i++)
        h = chained(h, v[i]);
    if (!ordered)
        h = chained(h, weigh(v, n, 5));
    return chained(h, -9);
}

static int64_t join_values(const int64_t *l, const int64_t *r)
{
    return (int64_t)((uint64_t)(l ? *l : -1) * 31 +
                     (uint64_t)(r ? *r : -2) * 17);
}

#define PAIR_FUNCTIONS(T, KEY) \
    RIV_FILTER(filter_##T, T); \
    static int filter_##T(const T *x, riv_task *t) \
    { \
        ARG(t); \
        return mix(KEY(&x->key), x->val, arg->a) % (2 + arg->b % 4) != 0; \
    } \
    RIV_FLAT_MAP(flat_##T, T, T); \
    static int flat_##T(const T *x, flat_##T##_out *out, riv_task *t) \
    { \
        ARG(t); \
        const int64_t n = mix(KEY(&x->key), x->val, arg->a) % 3; \
        for (int64_t i = 0; i < n; i++) \
            riv_emit(out, (T){ x->key, wrap_add(x->val, i) }); \
        FAULT(t); \
        return 0; \
    } \
    RIV_MAP_VALUES(values_##T, T, T); \
    static int values_##T(const T##_key *key, const int64_t *v, int64_t *out, \
                          riv_task *t) \
    { \
        ARG(t); \
        *out = affine(wrap_add(*v, KEY(key)), arg->a, arg->b); \
        return 0; \
    } \
    RIV_FLAT_MAP_VALUES(flat_values_##T, T, T); \
    static int flat_values_##T(const T##_key *key, const int64_t *v, \
                               flat_values_##T##_out *out, riv_task *t) \
    { \
        ARG(t); \
        riv_emit_value(out, *v); \
        if (mix(KEY(key), *v, arg->a) % 2) \
            riv_emit_value(out, wrap_add(*v, 1)); \
        return 0; \
    } \
    RIV_AGGREGATE(aggregate_##T, T, T); \
    static void aggregate_##T(int64_t *acc, const int64_t *v, riv_task *t) \
    { \
        (void)t; \
        *acc = wrap_add(*acc, (int64_t)((uint64_t)*v * 2 + 1)); \
    } \
    static void aggregate_##T##_merge(int64_t *acc, const int64_t *other, \
                                      riv_task *t) \
    { \
        (void)t; \
        *acc = wrap_add(*acc, *other); \
    } \
    RIV_COMBINE(combine_##T, T, T); \
    static void combine_##T##_create(int64_t *acc, const int64_t *v, \
                                     riv_task *t) \
    { \
        (void)t; \
        *acc = (int64_t)((uint64_t)*v * 3); \
    } \
    static void combine_##T(int64_t *acc, const int64_t *v, riv_task *t) \
    { \
        (void)t; \
        *acc = wrap_add(*acc, (int64_t)((uint64_t)*v * 3)); \
    } \
    static void combine_##T##_merge(int64_t *acc, const int64_t *other, \
                                    riv_task *t) \
    { \
        (void)t; \
        *acc = wrap_add(*acc, *other); \
    } \
    RIV_GROUP(group_##T, T, T); \
    static int group_##T(const T##_key *key, const int64_t *v, size_t n, \
                         group_##T##_out *out, riv_task *t) \
    { \
        (void)t; \
        riv_emit(out, (T){ *key, weigh(v, n, 1009) }); \
        if (n > 3) \
            riv_emit(out, (T){ *key, (int64_t)n }); \
        FAULT(t); \
        return 0; \
    } \
    RIV_JOIN(join_##T, T, T, T); \
    static int join_##T(const T##_key *key, const int64_t *l, \
                        const int64_t *r, join_##T##_out *out, riv_task *t) \
    { \
        (void)t; \
        riv_emit(out, (T){ *key, join_values(l, r) }); \
        FAULT(t); \
        return 0; \
    } \
    RIV_COGROUP(cogroup_##T, T, T, T); \
    static int cogroup_##T(const T##_key *key, const int64_t *l, size_t nl, \
                           const int64_t *r, size_t nr, \
                           cogroup_##T##_out *out, riv_task *t) \
    { \
        ARG(t); \
        int64_t h = chain_side(1, l, nl, arg->ordered); \
        h = chain_side(h, r, nr, arg->ordered); \
        riv_emit(out, (T){ *key, h }); \
        return 0; \
    } \
    RIV_COGROUP3(cogroup3_##T, T, T, T, T); \
    static int cogroup3_##T(const T##_key *key, const int64_t *a, size_t na, \
                            const int64_t *b, size_t nb, const int64_t *c, \
                            size_t nc, cogroup3_##T##_out *out, riv_task *t) \
    { \
        ARG(t); \
        int64_t h = chain_side(1, a, na, arg->ordered); \
        h = chain_side(h, b, nb, arg->ordered); \
        h = chain_side(h, c, nc, arg->ordered); \
        riv_emit(out, (T){ *key, h }); \
        return 0; \
    } \
    RIV_UPDATE_STATE(update_##T, T, T); \
    static int update_##T(const T##_key *key, const int64_t *v, size_t n, \
                          int64_t *state, riv_task *t) \
    { \
        ARG(t); \
        (void)key; \
        *state = wrap_add(*state, n > 0 ? weigh(v, n, 0) : 1); \
        return modulo(*state, 5) == arg->a % 5 ? RIV_REMOVE : 0; \
    } \
    RIV_MAP_WITH_STATE(mapped_##T, T, int64_t, T); \
    static int mapped_##T(const T##_key *key, const int64_t *v, \
                          int64_t *state, mapped_##T##_out *out, riv_task *t) \
    { \
        ARG(t); \
        if (!v) { \
            riv_emit(out, (T){ *key, wrap_add(*state, -1) }); \
            return 0; \
        } \
        *state = wrap_add(*state, *v); \
        riv_emit(out, (T){ *key, arg->ordered ? *state : *v }); \
        return arg->ordered && modulo(*state, 7) == arg->a % 7 ? RIV_REMOVE \
                                                               : 0; \
    }

PAIR_FUNCTIONS(pair, INT_KEY)
PAIR_FUNCTIONS(word, WORD_KEY)

/* Those of a type of pairs. */
struct functions {
    const riv_fn *filter, *flat_map, *map_values, *flat_map_values, *aggregate,
        *combine, *group, *join, *cogroup, *cogroup3, *update, *map_with_state;
};

#define FUNCTIONS_OF(T) \
    { \
        filter_##T##_fn, flat_##T##_fn, values_##T##_fn, flat_values_##T##_fn, \
            aggregate_##T##_fn, combine_##T##_fn, group_##T##_fn, \
            join_##T##_fn, cogroup_##T##_fn, cogroup3_##T##_fn, \
            update_##T##_fn, mapped_##T##_fn \
    }

#endif
