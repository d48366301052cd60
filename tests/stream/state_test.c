/* tests/stream/state_test.c - state of keys: what functions see, what comes out,
 * what stays. The names of cases in brackets are those of the conformance data.
 */
#include "stream/fixture.h"

#define PAIRS &riv_type_count

/* -------------------------------------------------------------- functions */

RIV_MAP_WITH_STATE(sum, count, int64_t, count);
static int sum(const riv_str *key, const int64_t *v, int64_t *state,
               sum_out *out, riv_task *t)
{
    (void)t;
    *state += *v;
    riv_emit(out, (count){ *key, *state });
    return 0;
}

/* State there: goes, and the key is emitted; else it is made, silently. */
RIV_MAP_WITH_STATE(toggle, count, int64_t, count);
static int toggle(const riv_str *key, const int64_t *v, int64_t *state,
                  toggle_out *out, riv_task *t)
{
    (void)v;
    if (riv_state_is_new(t)) {
        *state = 1;
        return 0;
    }
    riv_emit(out, (count){ *key, *state });
    return RIV_REMOVE;
}

/* Emits the key when it times out, and -1 for a state made by nobody. */
RIV_MAP_WITH_STATE(expire, count, int64_t, count);
static int expire(const riv_str *key, const int64_t *v, int64_t *state,
                  expire_out *out, riv_task *t)
{
    (void)t;
    if (v)
        *state += *v;
    else
        riv_emit(out, (count){ *key, *state });
    return 0;
}

/* Writes into the state, emits, and fails for a negative value. */
RIV_MAP_WITH_STATE(picky, count, int64_t, count);
static int picky(const riv_str *key, const int64_t *v, int64_t *state,
                 picky_out *out, riv_task *t)
{
    *state += 100 + *v;
    riv_emit(out, (count){ *key, *state });
    return *v < 0 ? riv_fail(t, "negative") : 0;
}

RIV_UPDATE_STATE(total, count, count);
static int total(const riv_str *key, const int64_t *v, size_t n, int64_t *state,
                 riv_task *t)
{
    (void)key, (void)t;
    for (size_t i = 0; i < n; i++)
        *state += v[i];
    return 0;
}

typedef struct {
    int64_t sum, idle;
} idling;
RIV_STRUCT(idling, sum, idle);
RIV_PAIR(idling_of, riv_str, idling);

RIV_UPDATE_STATE(drop_idle, count, idling_of);
static int drop_idle(const riv_str *key, const int64_t *v, size_t n, idling *s,
                     riv_task *t)
{
    (void)key, (void)t;
    for (size_t i = 0; i < n; i++)
        s->sum += v[i];
    s->idle = n ? 0 : s->idle + 1;
    return s->idle >= 2 ? RIV_REMOVE : 0;
}

RIV_MAP(sum_of, idling_of, count);
static int sum_of(const idling_of *in, count *out, riv_task *t)
{
    (void)t;
    *out = (count){ in->key, in->val.sum };
    return 0;
}

RIV_UPDATE_STATE(grumble, count, count);
static int grumble(const riv_str *key, const int64_t *v, size_t n,
                   int64_t *state, riv_task *t)
{
    (void)key;
    for (size_t i = 0; i < n; i++) {
        *state += v[i];
        if (v[i] < 0)
            return riv_fail(t, "negative");
    }
    return 0;
}

/* The batch time, added up in batches with values. */
RIV_UPDATE_STATE(add_time, count, count);
static int add_time(const riv_str *key, const int64_t *v, size_t n,
                    int64_t *state, riv_task *t)
{
    (void)key, (void)v;
    *state += n ? t->time : 0;
    return 0;
}

/* ------------------------------------------------------------------ graphs */

static riv_ds *map_sum(riv_ds *in)
{
    return riv_map_with_state(in, sum_fn, NULL);
}

static riv_ds *map_sum_seen(riv_ds *in)
{
    return riv_state_snapshots(map_sum(in));
}

static riv_ds *map_toggle(riv_ds *in)
{
    return riv_map_with_state(in, toggle_fn, NULL);
}

static riv_ds *map_toggle_seen(riv_ds *in)
{
    return riv_state_snapshots(map_toggle(in));
}

static riv_ds *map_expire(riv_ds *in)
{
    return riv_map_with_state(in, expire_fn, RIV_OPT(.timeout_ms = RIV_SEC(3)));
}

static riv_ds *map_expire_seen(riv_ds *in)
{
    return riv_state_snapshots(map_expire(in));
}

static riv_ds *update_total(riv_ds *in)
{
    return riv_update_state_by_key(in, total_fn, NULL);
}

static riv_ds *update_add_time(riv_ds *in)
{
    return riv_update_state_by_key(in, add_time_fn, NULL);
}

static riv_ds *update_drop_idle(riv_ds *in)
{
    return riv_map(riv_update_state_by_key(in, drop_idle_fn, NULL), sum_of_fn,
                   NULL);
}

/* The context behind a dataset, for the initial RDD of a graph. */
static riv *context;

static riv_ds *first_states(void)
{
    static const count rows[] = { { { "a", 1 }, 1 }, { { "c", 1 }, 2 } };
    return riv_parallelize(context, PAIRS, rows, 2, NULL);
}

static riv_ds *update_initial(riv_ds *in)
{
    return riv_update_state_by_key(in, total_fn,
                                   RIV_OPT(.initial = first_states()));
}

static riv_ds *map_initial(riv_ds *in)
{
    return riv_state_snapshots(riv_map_with_state(
        in, expire_fn,
        RIV_OPT(.initial = first_states(), .timeout_ms = RIV_SEC(3))));
}

static void expect_with_context(build_fn *build, const char *batches,
                                const char *want)
{
    static struct seen seen;
    context = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_queue(context, PAIRS, NULL);
    output(build(in), &seen);
    if (run_batches(context, in, batches) < 0)
        fail_msg("%s", riv_errmsg(context));
    assert_string_equal(seen.text, want);
    riv_free(context);
}

/* ------------------------------------------------------------------- cases */

/* [MS-05] */
RIV_TEST(a_state_is_kept_over_batches_and_only_its_records_cost)
{
    expect(map_sum, PAIRS, "|a:1|a:1 b:1|a:1 b:1 c:1|a:1 b:1|a:1|",
           "| a:1 | a:2 b:1 | a:3 b:2 c:1 | a:4 b:3 | a:5 | | ");
}

/* [MS-02] */
RIV_TEST(snapshots_have_all_keys_after_each_batch)
{
    expect(map_sum_seen, PAIRS, "|a:1|a:1 b:1|a:1 b:1 c:1|a:1 b:1|a:1|",
           "| a:1 | a:2 b:1 | a:3 b:2 c:1 | a:4 b:3 c:1 | a:5 b:3 c:1 "
           "| a:5 b:3 c:1 | ");
}

/* [MS-12] */
RIV_TEST(a_second_record_of_a_key_sees_what_the_first_did)
{
    expect(map_sum, PAIRS, "a:1 b:1 a:1 a:1|a:1", "a:1 a:2 a:3 b:1 | a:4 | ");
    expect(map_toggle, PAIRS, "a:1 a:1 a:1|a:1", "a:1 | a:1 | ");
}

RIV_TEST(a_removed_key_begins_anew)
{
    expect(map_toggle_seen, PAIRS, "a:1 b:1|a:1||a:1",
           "a:1 b:1 | b:1 | b:1 "
           "| a:1 b:1 | ");
}

/* [MS-08b]: a key goes in the first batch in which it is too old. */
RIV_TEST(an_idle_key_times_out_in_the_first_batch_it_is_too_old)
{
    expect(map_expire, PAIRS, "a:1 b:1 c:1|a:1 b:1|a:1|||a:1|a:1|a:1|a:1||||||",
           "| | | | c:1 | b:2 | | | | | | | a:7 | | | ");
    expect(map_expire_seen, PAIRS, "a:1 b:1 c:1|a:1 b:1|a:1|||a:1|",
           "a:1 b:1 c:1 | a:2 b:2 c:1 | a:3 b:2 c:1 | a:3 b:2 c:1 | a:3 b:2 | "
           "a:4 | a:4 | ");
}

RIV_TEST(a_key_with_records_in_the_batch_does_not_time_out)
{
    expect(map_expire, PAIRS, "a:1||||a:1|||||", "| | | | | | | | a:2 | | ");
}

/* [BO-30] */
RIV_TEST(an_update_gives_all_states_in_every_batch)
{
    expect(update_total, PAIRS, "a:1|a:1 b:1|a:1 b:1 c:1|a:1 b:1|a:1|",
           "a:1 | a:2 b:1 | a:3 b:2 c:1 | a:4 b:3 c:1 | a:5 b:3 c:1 "
           "| a:5 b:3 c:1 | ");
}

/* [JA-11] */
RIV_TEST(an_update_sees_all_values_of_a_batch_at_once)
{
    expect(update_total, PAIRS, "ca:1 ca:3 ny:4 ny:1|ca:5 ca:5 ny:3 ny:1|",
           "ca:4 ny:5 | ca:14 ny:9 | ca:14 ny:9 | ");
}

RIV_TEST(a_function_of_state_knows_the_batch_time)
{
    expect(update_add_time, PAIRS, "a:1|b:1|a:1|",
           "a:1000 | a:1000 b:2000 | a:4000 b:2000 | a:4000 b:2000 | ");
}

/* [BO-34] */
RIV_TEST(an_update_may_drop_keys_nothing_came_for)
{
    expect(update_drop_idle, PAIRS, "a:1 b:1||a:1 c:1 a:1|c:1||",
           "a:1 b:1 | a:1 b:1 | a:3 c:1 | a:3 c:2 | c:2 | | ");
}

/* [BO-31] */
RIV_TEST(updates_begin_with_the_initial_states)
{
    expect_with_context(update_initial, "a:1|a:1 b:1|a:1 b:1 c:1|a:1 b:1|a:1|",
                        "a:2 c:2 | a:3 b:1 c:2 | a:4 b:2 c:3 | a:5 b:3 c:3 | "
                        "a:6 b:3 c:3 | a:6 b:3 c:3 | ");
}

/* [MS-11] */
RIV_TEST(initial_states_that_nobody_touches_time_out)
{
    expect_with_context(map_initial, "|a:1|||||",
                        "a:1 c:2 | a:2 c:2 | a:2 c:2 | a:2 c:2 | a:2 | | | ");
}

/* What a failed call wrote and emitted is gone; the next one sees the state as
 * it was before. */
RIV_TEST(a_function_that_fails_leaves_its_state_untouched)
{
    static struct seen out, states, bad;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, PAIRS, NULL);
    riv_ds *ds =
        riv_map_with_state(in, picky_fn, RIV_OPT(.on_error = RIV_DEAD_LETTER));
    output(ds, &out);
    output(riv_state_snapshots(ds), &states);
    output(riv_count(riv_bad(ds)), &bad);
    assert_int_equal(run_batches(r, in, "a:1 a:-5 a:2 b:-1|a:-1|a:3"), 0);
    assert_string_equal(out.text, "a:101 a:203 | | a:306 | ");
    assert_string_equal(states.text, "a:203 | a:203 | a:306 | ");
    assert_string_equal(bad.text, "2 | 1 | 0 | ");
    riv_free(r);
}

RIV_TEST(a_failed_update_gives_the_state_as_it_was)
{
    static struct seen out;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, PAIRS, NULL);
    output(
        riv_update_state_by_key(in, grumble_fn, RIV_OPT(.on_error = RIV_SKIP)),
        &out);
    assert_int_equal(run_batches(r, in, "a:1 b:2|a:5 a:-1 c:-1|a:1"), 0);
    assert_string_equal(out.text, "a:1 b:2 | a:1 b:2 | a:2 b:2 | ");
    riv_free(r);
}

/* The message names the record of the failed call. */
RIV_TEST(a_failure_fails_the_job_and_names_the_record)
{
    static struct seen out;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, PAIRS, NULL);
    output(riv_map_with_state(in, picky_fn, NULL), &out);
    assert_int_equal(run_batches(r, in, "a:1|a:-7"), RIV_ERECORD);
    assert_non_null(strstr(riv_errmsg(r), "negative; the record: "));
    assert_non_null(strstr(riv_errmsg(r), "a,-7"));
    riv_free(r);
}

/* ---------------------------------------------------------- strings, memory */

typedef struct {
    riv_str last, longest;
    int64_t n;
} texts;
RIV_STRUCT(texts, last, longest, n);
RIV_PAIR(word_of, int64_t, riv_str);

RIV_MAP_WITH_STATE(remember, word_of, texts, riv_str);
static int remember(const int64_t *key, const riv_str *v, texts *s,
                    remember_out *out, riv_task *t)
{
    (void)key;
    s->last = riv_fmt(t, "<" RIV_S ">", RIV_P(*v)); /* gone after the call */
    if (v->n > s->longest.n)
        s->longest = *v;
    s->n++;
    riv_emit(out, s->longest);
    return 0;
}

static void push_words(riv_ds *in, int64_t batch, int64_t *longest)
{
    static char text[64][80];
    static word_of rows[64];
    for (int64_t i = 0; i < 64; i++) {
        int64_t n = (batch * 7 + i * 13) % 70 + 1;
        memset(text[i], (int)('a' + (i + batch) % 26), 80);
        rows[i] = (word_of){ i % 16, { text[i], (size_t)n } };
        if (n > longest[i % 16])
            longest[i % 16] = n;
    }
    assert_int_equal(riv_push(in, rows, 64), 0);
    memset(text, '?', sizeof text);
}

struct check {
    int64_t *longest;
    int64_t batch, rows;
};

static int check_texts(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct check *check = *(struct check *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_collect(rdd, &res);
    const struct {
        int64_t key;
        texts val;
    } *row = res.rows;
    for (size_t i = 0; rc == 0 && i < res.n; i++) {
        int64_t last = -1;
        for (int64_t k = row[i].key; k < 64; k += 16)
            last = (check->batch * 7 + k * 13) % 70 + 1;
        assert_int_equal(row[i].val.last.n, last + 2);
        assert_int_equal(row[i].val.last.p[0], '<');
        assert_int_equal(row[i].val.last.p[last + 1], '>');
        assert_int_equal(row[i].val.longest.n, check->longest[row[i].key]);
        for (size_t c = 1; c < row[i].val.longest.n; c++)
            assert_int_equal(row[i].val.longest.p[c], row[i].val.longest.p[0]);
    }
    check->rows = (int64_t)res.n;
    riv_result_free(&res);
    return rc;
}

/* 2,000 batches leave 100 times more string bytes than the states hold: built
 * anew several times, and nothing is lost or mixed up. */
RIV_TEST(strings_of_states_are_the_engines_own)
{
    int64_t longest[16] = { 0 };
    struct check check = { .longest = longest };
    struct check *at = &check;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, &riv_type_word_of, NULL);
    riv_ds *ds = riv_map_with_state(in, remember_fn, RIV_OPT(.partitions = 2));
    riv_foreach_rdd(riv_state_snapshots(ds), check_texts,
                    RIV_OPT(.arg = RIV_COPY(at)));
    for (check.batch = 0; check.batch < 2000; check.batch++) {
        push_words(in, check.batch, longest);
        assert_int_equal(riv_step(r, 1), 0);
        assert_int_equal(check.rows, 16);
    }
    riv_free(r);
}

/* ----------------------------------------------- against a plain reference */

enum { KEYS = 600, TIMEOUT = 5 };

RIV_PAIR(numbered, int64_t, int64_t);

/* value 7: drop the state; 8: fail; else add. Timeouts emit -1. */
RIV_MAP_WITH_STATE(odd, numbered, int64_t, numbered);
static int odd(const int64_t *key, const int64_t *v, int64_t *state,
               odd_out *out, riv_task *t)
{
    if (!v) {
        riv_emit(out, (numbered){ *key, -*state });
        return 0;
    }
    *state += *v + 1;
    riv_emit(out, (numbered){ *key, *state });
    if (*v == 7)
        return RIV_REMOVE;
    return *v == 8 ? riv_fail(t, "eight") : 0;
}

struct model {
    int64_t state[KEYS], touched[KEYS]; /* 0: no state */
    int64_t sum, rows;                  /* of what is emitted in a batch */
    int64_t seen_sum, seen_rows;
};

static void model_emit(struct model *m, int64_t key, int64_t v)
{
    m->sum += (key + 1) * (v + 3);
    m->rows++;
}

static void model_take(struct model *m, const numbered *row, int64_t batch)
{
    int64_t k = row->key, v = row->val;
    int64_t now = (m->touched[k] ? m->state[k] : 0) + v + 1;
    if (v == 8)
        return;
    model_emit(m, k, now);
    m->state[k] = now;
    m->touched[k] = v == 7 ? 0 : batch;
}

static void model_time_out(struct model *m, int64_t batch)
{
    for (int64_t k = 0; k < KEYS; k++) {
        if (m->touched[k] == 0 || m->touched[k] >= batch - TIMEOUT)
            continue;
        model_emit(m, k, -m->state[k]);
        m->touched[k] = 0;
    }
}

static int sum_up(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct model *m = *(struct model *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_collect(rdd, &res);
    const numbered *row = res.rows;
    for (size_t i = 0; rc == 0 && i < res.n; i++)
        m->seen_sum += (row[i].key + 1) * (row[i].val + 3);
    m->seen_rows = (int64_t)res.n;
    riv_result_free(&res);
    return rc;
}

static int check_states(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct model *m = *(struct model *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_collect(rdd, &res);
    const numbered *row = res.rows;
    size_t want = 0;
    for (int64_t k = 0; k < KEYS; k++)
        want += m->touched[k] != 0;
    assert_int_equal(res.n, want);
    for (size_t i = 0; rc == 0 && i < res.n; i++) {
        assert_true(m->touched[row[i].key] != 0);
        assert_int_equal(row[i].val, m->state[row[i].key]);
    }
    riv_result_free(&res);
    return rc;
}

static uint64_t next_random(uint64_t *seed)
{
    *seed =
        *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static void random_run(uint64_t seed, int threads, int partitions)
{
    static struct model m;
    struct model *at = &m;
    static numbered rows[BATCH_MAX];
    m = (struct model){ .sum = 0 };
    riv *r = riv_new(RIV_CONFIG(.threads = threads, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, &riv_type_numbered, NULL);
    riv_ds *ds = riv_map_with_state(
        in, odd_fn,
        RIV_OPT(.timeout_ms = RIV_SEC(TIMEOUT), .on_error = RIV_SKIP,
                .partitions = partitions));
    riv_foreach_rdd(ds, sum_up, RIV_OPT(.arg = RIV_COPY(at)));
    riv_foreach_rdd(riv_state_snapshots(ds), check_states,
                    RIV_OPT(.arg = RIV_COPY(at)));
    for (int64_t batch = 1; batch <= 120; batch++) {
        size_t n = batch % 9 == 0 ? 0 : next_random(&seed) % 1500;
        uint64_t keys = batch % 5 == 0 ? 3 : KEYS;
        m.sum = m.rows = m.seen_sum = m.seen_rows = 0;
        for (size_t i = 0; i < n; i++) {
            rows[i] = (numbered){ (int64_t)(next_random(&seed) % keys),
                                  (int64_t)(next_random(&seed) % 9) };
            model_take(&m, &rows[i], batch);
        }
        model_time_out(&m, batch);
        if (n > 0)
            assert_int_equal(riv_push(in, rows, n), 0);
        assert_int_equal(riv_step(r, 1), 0);
        assert_int_equal(m.seen_rows, m.rows);
        assert_int_equal(m.seen_sum, m.sum);
    }
    riv_free(r);
}

RIV_TEST(random_batches_are_as_a_plain_array_of_states_says)
{
    for (uint64_t seed = 1; seed <= 6; seed++)
        random_run(seed * 977, 1 + (int)(seed % 3), (int)(seed % 3) * 5);
}

/* The values of a batch in order; after a 7, or when nothing came for a multiple
 * of 7, the state is dropped; an 8 fails, and the state is what it was. */
static int next_sum(int64_t *state, const int64_t *v, size_t n)
{
    bool drops = n == 0 && *state % 7 == 0;
    for (size_t i = 0; i < n; i++) {
        if (v[i] == 8)
            return RIV_ERECORD;
        *state = *state * 3 % 1000 + v[i];
        drops = drops || v[i] == 7;
    }
    return drops ? RIV_REMOVE : 0;
}

RIV_UPDATE_STATE(odd_sum, numbered, numbered);
static int odd_sum(const int64_t *key, const int64_t *v, size_t n,
                   int64_t *state, riv_task *t)
{
    (void)key;
    const int rc = next_sum(state, v, n);
    return rc < 0 ? riv_fail(t, "eight") : rc;
}

/* What a batch makes of a key: touched is 1 when it has a state. */
static void model_update(struct model *m, int64_t k, const numbered *rows,
                         size_t nrow)
{
    static int64_t v[BATCH_MAX];
    size_t n = 0;
    for (size_t i = 0; i < nrow; i++)
        if (rows[i].key == k)
            v[n++] = rows[i].val;
    if (n == 0 && m->touched[k] == 0)
        return;
    int64_t now = m->touched[k] ? m->state[k] : 0;
    const int rc = next_sum(&now, v, n);
    if (rc < 0)
        return;
    m->state[k] = now;
    m->touched[k] = rc == 0;
}

/* Keys go and come back, so that slots without a state lie between others. */
static void random_updates(uint64_t seed, int threads, int partitions)
{
    static struct model m;
    struct model *at = &m;
    static numbered rows[BATCH_MAX];
    m = (struct model){ .sum = 0 };
    riv *r = riv_new(RIV_CONFIG(.threads = threads, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, &riv_type_numbered, NULL);
    riv_foreach_rdd(riv_update_state_by_key(in, odd_sum_fn,
                                            RIV_OPT(.on_error = RIV_SKIP,
                                                    .partitions = partitions)),
                    check_states, RIV_OPT(.arg = RIV_COPY(at)));
    for (int64_t batch = 1; batch <= 60; batch++) {
        const size_t n = batch % 9 == 0 ? 0 : next_random(&seed) % 1500;
        const uint64_t keys = batch % 5 == 0 ? 3 : KEYS;
        for (size_t i = 0; i < n; i++)
            rows[i] = (numbered){ (int64_t)(next_random(&seed) % keys),
                                  (int64_t)(next_random(&seed) % 20) };
        for (int64_t k = 0; k < KEYS; k++)
            model_update(&m, k, rows, n);
        if (n > 0)
            assert_int_equal(riv_push(in, rows, n), 0);
        assert_int_equal(riv_step(r, 1), 0);
    }
    riv_free(r);
}

RIV_TEST(random_updates_are_as_a_plain_array_of_states_says)
{
    for (uint64_t seed = 1; seed <= 6; seed++)
        random_updates(seed * 977, 1 + (int)(seed % 3), 1 + (int)(seed % 3));
}

/* A key that comes once and times out, 200,000 of them: what is kept does not
 * grow with those that are gone. */
RIV_TEST(keys_that_never_come_back_are_forgotten_for_good)
{
    static numbered rows[BATCH_MAX];
    static struct model m;
    struct model *at = &m;
    m = (struct model){ .sum = 0 };
    riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, &riv_type_numbered, NULL);
    riv_ds *ds =
        riv_map_with_state(in, odd_fn, RIV_OPT(.timeout_ms = RIV_SEC(2)));
    riv_foreach_rdd(ds, sum_up, RIV_OPT(.arg = RIV_COPY(at)));
    for (int64_t batch = 0; batch < 50; batch++) {
        for (int64_t i = 0; i < BATCH_MAX; i++)
            rows[i] = (numbered){ batch * BATCH_MAX + i, 1 };
        assert_int_equal(riv_push(in, rows, BATCH_MAX), 0);
        assert_int_equal(riv_step(r, 1), 0);
        assert_int_equal(m.seen_rows, batch < 3 ? BATCH_MAX : 2 * BATCH_MAX);
    }
    riv_free(r);
}

/* ----------------------------------------------------------------- refused */

static riv_ds *snapshots_of_nothing(riv_ds *in)
{
    return riv_state_snapshots(in);
}

static riv_ds *negative_timeout(riv_ds *in)
{
    return riv_map_with_state(in, sum_fn, RIV_OPT(.timeout_ms = -1));
}

static riv_ds *timeout_of_update(riv_ds *in)
{
    return riv_update_state_by_key(in, total_fn, RIV_OPT(.timeout_ms = 1000));
}

static riv_ds *live_initial(riv_ds *in)
{
    return riv_map_with_state(in, sum_fn, RIV_OPT(.initial = in));
}

static riv_ds *wrong_macro(riv_ds *in)
{
    return riv_map_with_state(in, total_fn, NULL);
}

RIV_TEST(misuse_is_refused_in_words)
{
    expect_error(snapshots_of_nothing, PAIRS, "", RIV_EINVAL,
                 "give it what riv_map_with_state returned");
    expect_error(negative_timeout, PAIRS, "", RIV_EINVAL, ".timeout_ms is -1");
    expect_error(timeout_of_update, PAIRS, "", RIV_EINVAL,
                 ".timeout_ms is for riv_map_with_state");
    expect_error(live_initial, PAIRS, "", RIV_EINVAL, ".initial is a stream");
    expect_error(wrong_macro, PAIRS, "", RIV_ETYPE,
                 "is a RIV_UPDATE_STATE function");
}

RIV_TEST(state_over_an_rdd_is_refused)
{
    static const count one = { { "a", 1 }, 1 };
    riv *r = riv_new(NULL);
    map_sum(riv_parallelize(r, PAIRS, &one, 1, NULL));
    assert_int_equal(riv_error(r), RIV_EINVAL);
    assert_non_null(strstr(riv_errmsg(r), "is an RDD; state is kept over"));
    riv_free(r);
}

RIV_TEST(initial_states_of_another_type_are_refused)
{
    const int64_t one = 1;
    riv *r = riv_new(NULL);
    riv_map_with_state(riv_queue(r, PAIRS, NULL), sum_fn,
                       RIV_OPT(.initial = riv_parallelize(r, &riv_type_int64_t,
                                                          &one, 1, NULL)));
    assert_int_equal(riv_error(r), RIV_ETYPE);
    assert_non_null(strstr(riv_errmsg(r), ".initial gives"));
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_state_is_kept_over_batches_and_only_its_records_cost),
        RIV_CASE(snapshots_have_all_keys_after_each_batch),
        RIV_CASE(a_second_record_of_a_key_sees_what_the_first_did),
        RIV_CASE(a_removed_key_begins_anew),
        RIV_CASE(an_idle_key_times_out_in_the_first_batch_it_is_too_old),
        RIV_CASE(a_key_with_records_in_the_batch_does_not_time_out),
        RIV_CASE(an_update_gives_all_states_in_every_batch),
        RIV_CASE(an_update_sees_all_values_of_a_batch_at_once),
        RIV_CASE(a_function_of_state_knows_the_batch_time),
        RIV_CASE(an_update_may_drop_keys_nothing_came_for),
        RIV_CASE(updates_begin_with_the_initial_states),
        RIV_CASE(initial_states_that_nobody_touches_time_out),
        RIV_CASE(a_function_that_fails_leaves_its_state_untouched),
        RIV_CASE(a_failed_update_gives_the_state_as_it_was),
        RIV_CASE(a_failure_fails_the_job_and_names_the_record),
        RIV_CASE(strings_of_states_are_the_engines_own),
        RIV_CASE(random_batches_are_as_a_plain_array_of_states_says),
        RIV_CASE(random_updates_are_as_a_plain_array_of_states_says),
        RIV_CASE(keys_that_never_come_back_are_forgotten_for_good),
        RIV_CASE(misuse_is_refused_in_words),
        RIV_CASE(state_over_an_rdd_is_refused),
        RIV_CASE(initial_states_of_another_type_are_refused),
    };
    return RIV_RUN(tests);
}
