/* ops_stream.c - the graphs of streams.jsonl, one row of the table per op. */
#include "conformance.h"

static riv_opt *options(const struct run *run, riv_opt *o)
{
    o->struct_size = sizeof *o;
    o->partitions = (int)param(run, "num_partitions", 0);
    return o;
}

/* ------------------------------------------------------- record by record */

RIV_MAP(to_text, int64_t, riv_str);
static int to_text(const int64_t *x, riv_str *out, riv_task *t)
{
    *out = int_text(t, *x);
    return 0;
}

RIV_FLAT_MAP(x_2x, int64_t, int64_t);
static int x_2x(const int64_t *x, x_2x_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, *x);
    riv_emit(out, 2 * *x);
    return 0;
}

RIV_FILTER(even, int64_t);
static int even(const int64_t *x, riv_task *t)
{
    (void)t;
    return *x % 2 == 0;
}

RIV_MAP_PARTITIONS(sum_of, int64_t, int64_t);
static int sum_of(const int64_t *rows, size_t n, sum_of_out *out, riv_task *t)
{
    int64_t *sum = riv_local(t, sizeof *sum, NULL);
    for (size_t i = 0; i < n; i++)
        *sum += rows[i];
    if (n == 0)
        riv_emit(out, *sum);
    return 0;
}

RIV_MAP(plus, int64_t, int64_t);
static int plus(const int64_t *x, int64_t *out, riv_task *t)
{
    *out = *x + *riv_arg(t, int64_t);
    return 0;
}

RIV_MAP(with_1, riv_str, word_int);
static int with_1(const riv_str *word, word_int *out, riv_task *t)
{
    (void)t;
    *out = (word_int){ *word, 1 };
    return 0;
}

RIV_MAP(with_x, riv_str, word_word);
static int with_x(const riv_str *word, word_word *out, riv_task *t)
{
    (void)t;
    *out = (word_word){ *word, { "x", 1 } };
    return 0;
}

static riv_ds *map_to_string(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_map(a, to_text_fn, NULL);
}

static riv_ds *flat_map_x_2x(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_flat_map(a, x_2x_fn, NULL);
}

static riv_ds *filter_even(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_filter(a, even_fn, NULL);
}

static riv_ds *glom_lists(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return glom(a);
}

static riv_ds *map_partitions_sum(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_map_partitions(a, sum_of_fn, NULL);
}

static riv_ds *repartition(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    return riv_repartition(a, (int)param(run, "num_partitions", 2));
}

static riv_ds *plus_n(riv_ds *in, int64_t n)
{
    return riv_map(in, plus_fn, RIV_OPT(.arg = RIV_COPY(n)));
}

static riv_ds *union_plus4(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_union(a, plus_n(a, 4));
}

static riv_ds *union_plus4_plus8(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_union(riv_union(a, plus_n(a, 4)), plus_n(a, 8));
}

/* -------------------------------------------------------------- transform */

static riv_ds *texts(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return riv_map(rdd, to_text_fn, NULL);
}

static riv_ds *nothing(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)rdd, (void)time, (void)arg;
    return NULL;
}

static riv_ds *transform_to_string(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_transform(a, texts, &riv_type_riv_str, NULL);
}

static riv_ds *transform_nothing(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_transform(a, nothing, &riv_type_int64_t, NULL);
}

RIV_JOIN(one_and_x, word_int, word_word, word_any);
static int one_and_x(const riv_str *key, const int64_t *l, const riv_str *r,
                     one_and_x_out *out, riv_task *t)
{
    struct text text = { 0 };
    text_add(&text, int_text(t, *l));
    text_add(&text, word_text(t, *r));
    word_any row = { *key, text_list(&text, t) };
    text_fini(&text);
    riv_emit(out, row);
    return 0;
}

static riv_ds *joined_rdds(riv_ds *a, riv_ds *b, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return riv_join(a, b, one_and_x_fn, RIV_INNER, NULL);
}

static riv_ds *united_rdds(riv_ds *a, riv_ds *b, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return riv_union(a, b);
}

static riv_ds *all_united(riv_ds *const *rdd, size_t n, int64_t time,
                          const void *arg)
{
    riv_ds *all = rdd[0];
    (void)time, (void)arg;
    for (size_t i = 1; i < n; i++)
        all = riv_union(all, rdd[i]);
    return all;
}

static riv_ds *transform_with_join(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run;
    return riv_transform_with(riv_map(a, with_1_fn, NULL),
                              riv_map(b, with_x_fn, NULL), joined_rdds,
                              &riv_type_word_any, NULL);
}

static riv_ds *transform_with_union(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run;
    return riv_transform_with(a, b, united_rdds, &riv_type_riv_str, NULL);
}

static riv_ds *transform_union_plus4_plus8(struct run *run, riv_ds *a,
                                           riv_ds *b)
{
    riv_ds *const all[] = { a, plus_n(a, 4), plus_n(a, 8) };
    (void)b;
    return riv_transform_all(run->r, all, 3, all_united, &riv_type_int64_t,
                             NULL);
}

/* ---------------------------------------------------------- whole batches */

static riv_ds *reduce_sum(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_reduce(a, riv_sum_i64, NULL);
}

static riv_ds *count(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)run, (void)b;
    return riv_count(a);
}

static riv_ds *count_by_value(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    riv_opt o = { 0 };
    return riv_count_by_value(a, options(run, &o));
}

/* ------------------------------------------------------------------ by key */

RIV_GROUP(numbers_of, word_int, word_any);
static int numbers_of(const riv_str *key, const int64_t *v, size_t n,
                      numbers_of_out *out, riv_task *t)
{
    struct text text = { 0 };
    for (size_t i = 0; i < n; i++)
        text_add(&text, int_text(t, v[i]));
    word_any row = { *key, text_list(&text, t) };
    text_fini(&text);
    riv_emit(out, row);
    return 0;
}

RIV_MAP_VALUES(plus_10, word_int, word_int);
static int plus_10(const riv_str *key, const int64_t *v, int64_t *out,
                   riv_task *t)
{
    (void)key, (void)t;
    *out = *v + 10;
    return 0;
}

/* flat_map_values by flat_map, which means the same for the records. */
RIV_FLAT_MAP(v_and_plus_10, word_int, word_int);
static int v_and_plus_10(const word_int *in, v_and_plus_10_out *out,
                         riv_task *t)
{
    (void)t;
    riv_emit(out, *in);
    riv_emit(out, (word_int){ in->key, in->val + 10 });
    return 0;
}

static riv_ds *word_group(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    riv_opt o = { 0 };
    return riv_group_by_key(riv_map(a, with_1_fn, NULL), numbers_of_fn,
                            options(run, &o));
}

static riv_ds *word_count(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    riv_opt o = { 0 };
    return riv_reduce_by_key(riv_map(a, with_1_fn, NULL), riv_sum_i64,
                             options(run, &o));
}

static riv_ds *word_count_map_values(struct run *run, riv_ds *a, riv_ds *b)
{
    return riv_map_values(word_count(run, a, b), plus_10_fn, NULL);
}

static riv_ds *word_count_flat_map_values(struct run *run, riv_ds *a, riv_ds *b)
{
    return riv_flat_map(word_count(run, a, b), v_and_plus_10_fn, NULL);
}

/* ------------------------------------------------------------------- joins */

RIV_JOIN(both, word_int, word_word, word_any);
static int both(const riv_str *key, const int64_t *l, const riv_str *r,
                both_out *out, riv_task *t)
{
    struct text text = { 0 };
    text_add(&text, l ? int_text(t, *l) : riv_cstr("null"));
    text_add(&text, r ? word_text(t, *r) : riv_cstr("null"));
    word_any row = { *key, text_list(&text, t) };
    text_fini(&text);
    riv_emit(out, row);
    return 0;
}

RIV_COGROUP(all_of, word_int, word_word, word_any);
static int all_of(const riv_str *key, const int64_t *l, size_t nl,
                  const riv_str *r, size_t nr, all_of_out *out, riv_task *t)
{
    struct text a = { 0 }, b = { 0 }, sides = { 0 };
    for (size_t i = 0; i < nl; i++)
        text_add(&a, int_text(t, l[i]));
    for (size_t i = 0; i < nr; i++)
        text_add(&b, word_text(t, r[i]));
    text_add(&sides, text_list(&a, t).text);
    text_add(&sides, text_list(&b, t).text);
    word_any row = { *key, text_list(&sides, t) };
    text_fini(&a);
    text_fini(&b);
    text_fini(&sides);
    riv_emit(out, row);
    return 0;
}

static riv_ds *joined(struct run *run, riv_ds *a, riv_ds *b, int how)
{
    riv_opt o = { 0 };
    return riv_join(riv_map(a, with_1_fn, NULL), riv_map(b, with_x_fn, NULL),
                    both_fn, how, options(run, &o));
}

static riv_ds *join(struct run *run, riv_ds *a, riv_ds *b)
{
    return joined(run, a, b, RIV_INNER);
}

static riv_ds *left_outer_join(struct run *run, riv_ds *a, riv_ds *b)
{
    return joined(run, a, b, RIV_LEFT);
}

static riv_ds *right_outer_join(struct run *run, riv_ds *a, riv_ds *b)
{
    return joined(run, a, b, RIV_RIGHT);
}

static riv_ds *full_outer_join(struct run *run, riv_ds *a, riv_ds *b)
{
    return joined(run, a, b, RIV_FULL);
}

static riv_ds *cogroup(struct run *run, riv_ds *a, riv_ds *b)
{
    riv_opt o = { 0 };
    return riv_cogroup(riv_map(a, with_1_fn, NULL), riv_map(b, with_x_fn, NULL),
                       all_of_fn, options(run, &o));
}

/* ------------------------------------------------------------------- state */

static riv_opt *state_options(struct run *run, riv_opt *o)
{
    const json_t *initial = json_object_get(run->params, "initial");
    void *rows;
    size_t n;
    o->struct_size = sizeof *o;
    o->partitions = (int)param(run, "state_partitions", 0);
    o->timeout_ms = param(run, "timeout_ms", 0);
    if (initial &&
        rows_of_json(&riv_type_word_int, initial, &run->pool, &rows, &n))
        o->initial = riv_parallelize(run->r, &riv_type_word_int, rows, n, NULL);
    return o;
}

RIV_UPDATE_STATE(add_values, word_int, word_int);
static int add_values(const riv_str *key, const int64_t *v, size_t n,
                      int64_t *state, riv_task *t)
{
    (void)key, (void)t;
    for (size_t i = 0; i < n; i++)
        *state += v[i];
    return 0;
}

RIV_UPDATE_STATE(add_time, word_int, word_int);
static int add_time(const riv_str *key, const int64_t *v, size_t n,
                    int64_t *state, riv_task *t)
{
    (void)key, (void)v;
    if (n > 0)
        *state += t->time;
    return 0;
}

typedef struct idle_count {
    int64_t count, idle;
} idle_count;
RIV_STRUCT(idle_count, count, idle);
RIV_PAIR(word_idle, riv_str, idle_count);

RIV_UPDATE_STATE(drop_idle, word_int, word_idle);
static int drop_idle(const riv_str *key, const int64_t *v, size_t n,
                     idle_count *state, riv_task *t)
{
    (void)key, (void)t;
    for (size_t i = 0; i < n; i++)
        state->count += v[i];
    state->idle = n > 0 ? 0 : state->idle + 1;
    return state->idle >= 2 ? RIV_REMOVE : 0;
}

RIV_MAP_VALUES(its_count, word_idle, word_int);
static int its_count(const riv_str *key, const idle_count *v, int64_t *out,
                     riv_task *t)
{
    (void)key, (void)t;
    *out = v->count;
    return 0;
}

static riv_ds *updated(struct run *run, riv_ds *pairs, const riv_fn *f)
{
    riv_opt o = { 0 };
    return riv_update_state_by_key(pairs, f, state_options(run, &o));
}

static riv_ds *update_state_count(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    return updated(run, riv_map(a, with_1_fn, NULL), add_values_fn);
}

static riv_ds *update_state_add_time(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    return updated(run, riv_map(a, with_1_fn, NULL), add_time_fn);
}

static riv_ds *update_state_drop_idle(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    return riv_map_values(
        updated(run, riv_map(a, with_1_fn, NULL), drop_idle_fn), its_count_fn,
        NULL);
}

static riv_ds *update_state_sum(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    return updated(run, a, add_values_fn);
}

RIV_MAP_WITH_STATE(emit_sum, word_int, int64_t, int64_t);
static int emit_sum(const riv_str *key, const int64_t *v, int64_t *state,
                    emit_sum_out *out, riv_task *t)
{
    (void)key, (void)t;
    if (!v)
        return 0;
    *state += *v;
    riv_emit(out, *state);
    return 0;
}

RIV_MAP_WITH_STATE(emit_twice, word_int, int64_t, riv_str);
static int emit_twice(const riv_str *key, const int64_t *v, int64_t *state,
                      emit_twice_out *out, riv_task *t)
{
    if (!v)
        return 0;
    *state += *v;
    char *p = riv_alloc(t, 2 * key->n + 1);
    memcpy(p, key->p, key->n);
    memcpy(p + key->n, key->p, key->n);
    riv_emit(out, (riv_str){ p, 2 * key->n });
    return 0;
}

RIV_MAP_WITH_STATE(emit_pair, word_int, int64_t, word_int);
static int emit_pair(const riv_str *key, const int64_t *v, int64_t *state,
                     emit_pair_out *out, riv_task *t)
{
    (void)t;
    if (!v)
        return 0;
    *state += *v;
    riv_emit(out, (word_int){ *key, *state });
    return 0;
}

RIV_MAP_WITH_STATE(emit_nothing, word_int, int64_t, int64_t);
static int emit_nothing(const riv_str *key, const int64_t *v, int64_t *state,
                        emit_nothing_out *out, riv_task *t)
{
    (void)key, (void)out, (void)t;
    if (v)
        *state += *v;
    return 0;
}

RIV_MAP_WITH_STATE(toggle, word_int, int64_t, riv_str);
static int toggle(const riv_str *key, const int64_t *v, int64_t *state,
                  toggle_out *out, riv_task *t)
{
    if (!v)
        return 0;
    if (riv_state_is_new(t)) {
        *state = 1;
        return 0;
    }
    riv_emit(out, *key);
    return RIV_REMOVE;
}

RIV_MAP_WITH_STATE(expire, word_int, int64_t, riv_str);
static int expire(const riv_str *key, const int64_t *v, int64_t *state,
                  expire_out *out, riv_task *t)
{
    (void)t;
    if (v)
        *state = 1;
    else
        riv_emit(out, *key);
    return 0;
}

/* The value of a record says what is done with its key's state: 0 nothing, 1
 * one more, or 0 where there is none, 2 removes it, 3 gives it or -1; from 100
 * on it becomes the value. What went is told. */
RIV_MAP_WITH_STATE(by_code, word_int, int64_t, riv_str);
static int by_code(const riv_str *key, const int64_t *v, int64_t *state,
                   by_code_out *out, riv_task *t)
{
    const bool none = riv_state_is_new(t);
    if (!v || (*v == 2 && !none))
        riv_emit(out, riv_fmt(t, RIV_S " %s %lld", RIV_P(*key),
                              v ? "removed" : "timed out", (long long)*state));
    if (!v)
        return 0;
    if (*v == 3)
        riv_emit(out, riv_fmt(t, RIV_S " is %lld", RIV_P(*key),
                              none ? -1LL : (long long)*state));
    if (*v == 1)
        *state = none ? 0 : *state + 1;
    if (*v >= 100)
        *state = *v;
    const bool writes = *v == 1 || *v >= 100;
    return *v == 2 || (none && !writes) ? RIV_REMOVE : 0;
}

static riv_ds *map_with_state_codes(struct run *run, riv_ds *a, riv_ds *b)
{
    riv_opt o = { 0 };
    (void)b;
    run->state = riv_map_with_state(a, by_code_fn, state_options(run, &o));
    return run->state;
}

static riv_ds *mapped(struct run *run, riv_ds *words, const riv_fn *f)
{
    riv_opt o = { 0 };
    run->state = riv_map_with_state(riv_map(words, with_1_fn, NULL), f,
                                    state_options(run, &o));
    return run->state;
}

#define MAPPED(name, f) \
    static riv_ds *name(struct run *run, riv_ds *a, riv_ds *b) \
    { \
        (void)b; \
        return mapped(run, a, f); \
    }

MAPPED(map_with_state_sum, emit_sum_fn)
MAPPED(map_with_state_key_twice, emit_twice_fn)
MAPPED(map_with_state_pair, emit_pair_fn)
MAPPED(map_with_state_silent, emit_nothing_fn)
MAPPED(map_with_state_toggle, toggle_fn)
MAPPED(map_with_state_expire, expire_fn)

/* ----------------------------------------------------------------- windows */

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
    return riv_group_by_key_and_window(a, numbers_of_fn, length(run),
                                       slide(run), options(run, &o));
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
    return reduce_by_key_and_window_inv(run, riv_map(a, with_1_fn, NULL), b);
}

/* --------------------------------------------------------------- the table */

#define INT &riv_type_int64_t
#define WORD &riv_type_riv_str
#define PAIR &riv_type_word_int

const struct stream_op stream_ops[] = {
    { "map_to_string", INT, NULL, map_to_string },
    { "flat_map_x_2x", INT, NULL, flat_map_x_2x },
    { "filter_even", INT, NULL, filter_even },
    { "glom", NULL, NULL, glom_lists },
    { "map_partitions_sum", INT, NULL, map_partitions_sum },
    { "repartition", NULL, NULL, repartition },
    { "union_plus4", INT, NULL, union_plus4 },
    { "union_plus4_plus8", INT, NULL, union_plus4_plus8 },
    { "transform_to_string", INT, NULL, transform_to_string },
    { "transform_nothing", INT, NULL, transform_nothing },
    { "transform_union_plus4_plus8", INT, NULL, transform_union_plus4_plus8 },
    { "transform_with_join", WORD, WORD, transform_with_join },
    { "transform_with_union", WORD, WORD, transform_with_union },
    { "reduce_sum", INT, NULL, reduce_sum },
    { "count", NULL, NULL, count },
    { "count_by_value", NULL, NULL, count_by_value },
    { "word_group", WORD, NULL, word_group },
    { "word_count", WORD, NULL, word_count },
    { "word_count_map_values", WORD, NULL, word_count_map_values },
    { "word_count_flat_map_values", WORD, NULL, word_count_flat_map_values },
    { "cogroup", WORD, WORD, cogroup },
    { "join", WORD, WORD, join },
    { "left_outer_join", WORD, WORD, left_outer_join },
    { "right_outer_join", WORD, WORD, right_outer_join },
    { "full_outer_join", WORD, WORD, full_outer_join },
    { "update_state_count", WORD, NULL, update_state_count },
    /* One form serves here: the kernel sees all keys of a partition. */
    { "update_state_count_iter", WORD, NULL, update_state_count },
    { "update_state_add_time", WORD, NULL, update_state_add_time },
    { "update_state_drop_idle", WORD, NULL, update_state_drop_idle },
    { "update_state_sum", PAIR, NULL, update_state_sum },
    { "map_with_state_sum", WORD, NULL, map_with_state_sum },
    { "map_with_state_key_twice", WORD, NULL, map_with_state_key_twice },
    { "map_with_state_pair", WORD, NULL, map_with_state_pair },
    { "map_with_state_silent", WORD, NULL, map_with_state_silent },
    { "map_with_state_toggle", WORD, NULL, map_with_state_toggle },
    { "map_with_state_expire", WORD, NULL, map_with_state_expire },
    { "map_with_state_codes", PAIR, NULL, map_with_state_codes },
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
