/* sim/graph.c - functions and operators of the simulated job. */
#include "sim/graph.h"

#include <stdio.h>

RIV_STRUCT(rec, stream, seq, key, val);
RIV_PAIR(pair, riv_str, int64_t);

/* -------------------------------------------------------------- functions */

/* "STREAM SEQ KEY VAL PADDING;" A line that ends early is refused. */
RIV_MAP(parse, riv_str, rec);
static int parse(const riv_str *line, rec *out, riv_task *t)
{
    riv_str rest = *line, stream, seq, val, padding;
    if (!riv_cut(&rest, ' ', &stream) || !riv_cut(&rest, ' ', &seq) ||
        !riv_cut(&rest, ' ', &out->key) || !riv_cut(&rest, ' ', &val) ||
        !riv_cut(&rest, ' ', &padding) || padding.n == 0 ||
        padding.p[padding.n - 1] != ';')
        return riv_fail(t, "not a record");
    return riv_to_i64(stream, &out->stream) && riv_to_i64(seq, &out->seq) &&
                   riv_to_i64(val, &out->val)
               ? 0
               : riv_fail(t, "not a number");
}

RIV_MAP(to_pair, rec, pair);
static int to_pair(const rec *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ in->key, in->val };
    return 0;
}

RIV_REDUCE(most, int64_t);
static void most(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    if (*v > *acc)
        *acc = *v;
}

typedef struct {
    int64_t sum, idle;
} idling;
RIV_STRUCT(idling, sum, idle);
RIV_PAIR(idling_of, riv_str, idling);

RIV_UPDATE_STATE(add_up, pair, idling_of);
static int add_up(const riv_str *key, const int64_t *v, size_t n, idling *s,
                  riv_task *t)
{
    (void)key;
    for (size_t i = 0; i < n; i++)
        s->sum += v[i];
    s->idle = n ? 0 : s->idle + 1;
    return s->idle >= *riv_arg(t, int) ? RIV_REMOVE : 0;
}

RIV_MAP(sum_of, idling_of, pair);
static int sum_of(const idling_of *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ in->key, in->val.sum };
    return 0;
}

RIV_MAP_WITH_STATE(count_up, pair, int64_t, pair);
static int count_up(const riv_str *key, const int64_t *v, int64_t *state,
                    count_up_out *out, riv_task *t)
{
    (void)t;
    if (v)
        riv_emit(out, (pair){ *key, ++*state });
    else
        riv_emit(out, (pair){ *key, -*state });
    return 0;
}

RIV_JOIN(both, pair, pair, pair);
static int both(const riv_str *key, const int64_t *l, const int64_t *r,
                both_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, (pair){ *key, 10000 * *l + *r });
    return 0;
}

/* Of a durable job each line says its batch. */
typedef struct {
    int64_t time, stream, seq;
    riv_str key;
    int64_t val;
} timed_rec;
RIV_STRUCT(timed_rec, time, stream, seq, key, val);

typedef struct {
    int64_t time;
    riv_str key;
    int64_t val;
} timed;
RIV_STRUCT(timed, time, key, val);

RIV_MAP(time_rec, rec, timed_rec);
static int time_rec(const rec *in, timed_rec *out, riv_task *t)
{
    *out = (timed_rec){ t->time, in->stream, in->seq, in->key, in->val };
    return 0;
}

RIV_MAP(time_pair, pair, timed);
static int time_pair(const pair *in, timed *out, riv_task *t)
{
    *out = (timed){ t->time, in->key, in->val };
    return 0;
}

RIV_MAP(time_number, int64_t, timed);
static int time_number(const int64_t *in, timed *out, riv_task *t)
{
    *out = (timed){ t->time, riv_cstr("k0"), *in };
    return 0;
}

/* ---------------------------------------------------------------- outputs */

RIV_FOREACH(see_pair, pair);
static int see_pair(const pair *in, riv_task *t)
{
    struct rows *rows = *(struct rows *const *)t->arg;
    rows_add(rows, stream_key_of(in->key.p, in->key.n), in->val);
    return 0;
}

RIV_FOREACH(see_number, int64_t);
static int see_number(const int64_t *in, riv_task *t)
{
    struct rows *rows = *(struct rows *const *)t->arg;
    rows_add(rows, 0, *in);
    return 0;
}

static int see_count(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct rows *rows = *(struct rows *const *)arg;
    int64_t n = 0;
    (void)r, (void)time;
    int rc = riv_count_now(rdd, &n);
    rows_add(rows, 0, n);
    return rc;
}

struct building {
    riv_ds *all, *pairs, *sum, *max, *state;
    struct check *check;
    const struct check_conf *conf;
};

static void see(const struct building *b, riv_ds *ds, unsigned op)
{
    struct rows *rows = check_rows(b->check, op);
    const bool number = riv_ds_type(ds)->kind == RIV_K_I64;
    if (b->conf->durable) {
        riv_save_text(riv_map(ds, number ? time_number_fn : time_pair_fn, NULL),
                      check_folder((unsigned)__builtin_ctz(op)), NULL);
        return;
    }
    riv_foreach(ds, number ? see_number_fn : see_pair_fn,
                RIV_OPT(.arg = RIV_COPY(rows)));
}

/* -------------------------------------------------------------- operators */

static void build_batch(struct building *b)
{
    const unsigned ops = b->conf->ops;
    if (ops & (OP_SUM | OP_JOIN))
        b->sum = riv_reduce_by_key(b->pairs, riv_sum_i64, NULL);
    if (ops & (OP_MAX | OP_JOIN))
        b->max = riv_reduce_by_key(b->pairs, most_fn, NULL);
    if (ops & OP_SUM)
        see(b, b->sum, OP_SUM);
    if (ops & OP_MAX)
        see(b, b->max, OP_MAX);
    if (ops & OP_JOIN)
        see(b, riv_join(b->sum, b->max, both_fn, RIV_INNER, NULL), OP_JOIN);
    if (ops & OP_COUNT)
        see(b, riv_count(b->all), OP_COUNT);
    if (ops & OP_ACTION) {
        struct rows *rows = check_rows(b->check, OP_ACTION);
        riv_foreach_rdd(b->all, see_count, RIV_OPT(.arg = RIV_COPY(rows)));
    }
}

static void build_state(struct building *b)
{
    const unsigned ops = b->conf->ops;
    if (ops & OP_TOTAL) {
        int idle = b->conf->idle_max;
        riv_ds *state = riv_update_state_by_key(
            b->pairs, add_up_fn,
            RIV_OPT(.uid = "total", .arg = RIV_COPY(idle)));
        see(b, riv_map(state, sum_of_fn, NULL), OP_TOTAL);
    }
    if (!(ops & OP_STATE))
        return;
    b->state = riv_map_with_state(
        b->pairs, count_up_fn,
        RIV_OPT(.uid = "state", .timeout_ms = b->conf->timeout_ms));
    see(b, b->state, OP_STATE);
    if (ops & OP_SNAPS)
        see(b, riv_state_snapshots(b->state), OP_SNAPS);
}

static void build_windows(struct building *b)
{
    const unsigned ops = b->conf->ops;
    const int64_t length = b->conf->length_ms, slide = b->conf->slide_ms;
    if (ops & OP_WSUM)
        see(b,
            riv_reduce_by_key_and_window(b->pairs, riv_sum_i64, length, slide,
                                         RIV_OPT(.uid = "wsum")),
            OP_WSUM);
    if (ops & OP_WMAX)
        see(b,
            riv_reduce_by_key_and_window(b->pairs, most_fn, length, slide,
                                         RIV_OPT(.uid = "wmax")),
            OP_WMAX);
    if (ops & OP_WCOUNT)
        see(b, riv_count_by_window(b->all, length, slide, NULL), OP_WCOUNT);
    if (ops & OP_WROWS)
        see(b,
            riv_reduce_by_key(riv_window(b->pairs, length, slide), riv_sum_i64,
                              NULL),
            OP_WROWS);
}

void graph_input(struct graph *g, riv *r, uint32_t i, const char *uri)
{
    g->input[i] =
        *uri ? riv_text(r, uri, NULL) : riv_queue(r, &riv_type_rec, NULL);
}

void graph_build(struct graph *g, riv *r, struct check *check,
                 const struct check_conf *conf)
{
    riv_ds *part[INPUTS_MAX];
    for (unsigned i = 0; i < conf->ninput; i++) {
        char path[32];
        snprintf(path, sizeof path, "/out/raw.%u", i);
        part[i] = g->input[i];
        if (!conf->lines[i])
            continue;
        if (conf->raw[i])
            riv_save_text(g->input[i], path, NULL);
        part[i] = riv_map(g->input[i], parse_fn, RIV_OPT(.on_error = RIV_SKIP));
    }
    g->all = riv_union_all(r, part, conf->ninput);
    if (conf->durable)
        riv_save_text(riv_map(g->all, time_rec_fn, NULL), "/out/all/", NULL);
    else
        riv_save_text(g->all, "/out/all", NULL);
    struct building b = { .all = g->all,
                          .pairs = riv_map(g->all, to_pair_fn, NULL),
                          .check = check,
                          .conf = conf };
    build_batch(&b);
    build_state(&b);
    build_windows(&b);
}
