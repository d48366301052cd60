/* ops_stream_state.c - operations of streams.jsonl: state by key. */
#include "ops_stream.h"

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
    return updated(run, with_ones(a), add_values_fn);
}

static riv_ds *update_state_add_time(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    return updated(run, with_ones(a), add_time_fn);
}

static riv_ds *update_state_drop_idle(struct run *run, riv_ds *a, riv_ds *b)
{
    (void)b;
    return riv_map_values(updated(run, with_ones(a), drop_idle_fn),
                          its_count_fn, NULL);
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
    run->state =
        riv_map_with_state(with_ones(words), f, state_options(run, &o));
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

const struct stream_op stream_ops_state[] = {
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
    { 0 },
};
