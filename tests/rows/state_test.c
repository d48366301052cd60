/* tests/rows/state_test.c - rows of the table "State, below the stream", and of
 * map_with_state in "Streams", that are more than lines of data (those are in
 * conformance/rows.jsonl): copies of the state, many sequences, handles, types.
 * A copy is a snapshot that a window holds while the state goes on. */
#include "fixture.h"

/* 2 removes the key's state, from 100 on the value is put. What times out is
 * told. */
RIV_MAP_WITH_STATE(by_code, word_int, int64_t, word_int);
static int by_code(const riv_str *key, const int64_t *v, int64_t *state,
                   by_code_out *out, riv_task *t)
{
    (void)t;
    if (!v)
        riv_emit(out, (word_int){ *key, *state });
    if (!v || *v == 2)
        return RIV_REMOVE;
    *state = *v;
    return 0;
}

/* ------------------------------------------------------- steps and copies */

static int keep_text(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_collect(rdd, &res);
    if (rc == 0)
        result_text(*(struct text *const *)arg, &res, AS_A_SET);
    riv_result_free(&res);
    return rc;
}

static void watch(riv_ds *ds, struct text *text)
{
    *text = (struct text){ .n = 0 };
    riv_foreach_rdd(ds, keep_text, RIV_OPT(.arg = RIV_COPY(text)));
}

struct table {
    riv *r;
    riv_ds *in;
    struct text child;          /* all states after the batch */
    struct text child_and_copy; /* and those after the batch before */
};

static void table_init(struct table *tab, int threads)
{
    tab->r = riv_new(RIV_CONFIG(.threads = threads, .batch_ms = 10));
    tab->in = riv_queue(tab->r, &riv_type_word_int, NULL);
    riv_ds *all = riv_state_snapshots(
        riv_map_with_state(tab->in, by_code_fn, RIV_OPT(.partitions = 2)));
    watch(all, &tab->child);
    watch(riv_window(all, 20, 10), &tab->child_and_copy);
}

/* A batch: "1:100 2:200 1:-" puts twice and removes. */
static void step(struct table *tab, const char *text)
{
    word_int row[8];
    size_t n = 0;
    for (const char *p = text; *p; p += *p == ' ') {
        size_t key = strcspn(p, ":"), all = strcspn(p, " ");
        row[n++] = (word_int){
            { p, key }, p[key + 1] == '-' ? 2 : strtoll(p + key + 1, NULL, 10)
        };
        p += all;
    }
    if (n > 0)
        assert_int_equal(riv_push(tab->in, row, n), 0);
    riv_step(tab->r, 1);
    fine(tab->r);
}

static void parent(struct table *tab)
{
    step(tab, "1:100");
    step(tab, "2:200 1:-");
    assert_string_equal(tab->child.p, "2:200");
}

#define WITH_TABLE(tab) \
    static struct table tab; \
    for (size_t riv_i = 0; riv_i < 3; riv_i++) \
        for (table_init(&tab, thread_counts[riv_i]); tab.r; \
             riv_free(tab.r), tab.r = NULL)

RIV_TEST(sm_05_a_copy_has_what_its_parent_had)
{
    WITH_TABLE(tab)
    {
        parent(&tab);
        step(&tab, "");
        assert_string_equal(tab.child.p, "2:200");
        assert_string_equal(tab.child_and_copy.p, "2:200 2:200");
    }
}

RIV_TEST(sm_06_what_the_child_gets_does_not_reach_its_parent)
{
    WITH_TABLE(tab)
    {
        parent(&tab);
        step(&tab, "3:300 4:400");
        assert_string_equal(tab.child.p, "2:200 3:300 4:400");
        assert_string_equal(tab.child_and_copy.p, "2:200 2:200 3:300 4:400");
    }
}

RIV_TEST(sm_07_what_the_child_loses_stays_with_its_parent)
{
    WITH_TABLE(tab)
    {
        parent(&tab);
        step(&tab, "3:300 4:400 4:- 2:-");
        assert_string_equal(tab.child.p, "3:300");
        assert_string_equal(tab.child_and_copy.p, "2:200 3:300");
    }
}

RIV_TEST(sm_08_what_the_child_overwrites_stays_with_its_parent)
{
    WITH_TABLE(tab)
    {
        parent(&tab);
        step(&tab, "3:300 4:400 4:- 2:- 1:1000 2:2000 3:3000 4:4000");
        assert_string_equal(tab.child.p, "1:1000 2:2000 3:3000 4:4000");
        assert_string_equal(tab.child_and_copy.p,
                            "1:1000 2:200 2:2000 3:3000 4:4000");
    }
}

/* ------------------------------------------------------------------- SM-10 */

/* Every sequence of nine puts and removes, one a key. */
enum { STEPS = 9, KEYS = 1 << STEPS };

struct reference {
    bool there[KEYS];
    int64_t val[KEYS], time[KEYS];
};

static word_int record(int key, int s)
{
    static char name[KEYS][8];
    int n = snprintf(name[key], sizeof name[key], "%d", key);
    return (word_int){ { name[key], (size_t)n }, key >> s & 1 ? 100 + s : 2 };
}

static void reference_step(struct reference *ref, int key, int s, int64_t time)
{
    ref->there[key] = key >> s & 1;
    ref->val[key] = 100 + s;
    ref->time[key] = time;
}

/* What riv_collect gave of the states of one batch. */
struct states {
    bool there[KEYS];
    int64_t val[KEYS];
    int n;
};

static int keep_states(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct states *states = *(struct states *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_collect(rdd, &res);
    *states = (struct states){ .n = (int)res.n };
    for (size_t i = 0; rc == 0 && i < res.n; i++) {
        const word_int *row = (const word_int *)res.rows + i;
        int64_t key = -1;
        assert_true(riv_to_i64(row->key, &key));
        states->there[key] = true;
        states->val[key] = row->val;
    }
    riv_result_free(&res);
    return rc;
}

static riv_ds *sequences(riv *r, struct states *states, riv_ds **in,
                         int64_t timeout_ms)
{
    *in = riv_queue(r, &riv_type_word_int, NULL);
    riv_ds *mapped =
        riv_map_with_state(*in, by_code_fn, RIV_OPT(.timeout_ms = timeout_ms));
    riv_foreach_rdd(riv_state_snapshots(mapped), keep_states,
                    RIV_OPT(.arg = RIV_COPY(states)));
    return mapped;
}

static void same_states(const struct reference *ref,
                        const struct states *states)
{
    for (int key = 0; key < KEYS; key++) {
        assert_int_equal(ref->there[key], states->there[key]);
        if (ref->there[key])
            assert_int_equal(ref->val[key], states->val[key]);
    }
}

/* `each`: steps that are in one batch. */
static void check_sequences(int threads, int each)
{
    static struct states states, *at = &states;
    static struct reference ref;
    riv *r = riv_new(RIV_CONFIG(.threads = threads, .batch_ms = 10));
    riv_ds *in;
    sequences(r, at, &in, 0);
    ref = (struct reference){ .there = { false } };
    for (int s = 0; s < STEPS; s++) {
        for (int key = 0; key < KEYS; key++) {
            const word_int row = record(key, s);
            assert_int_equal(riv_push(in, &row, 1), 0);
            reference_step(&ref, key, s, 0);
        }
        if ((s + 1) % each != 0)
            continue;
        riv_step(r, 1);
        fine(r);
        same_states(&ref, &states);
    }
    riv_free(r);
}

RIV_TEST(sm_10_every_sequence_of_steps_leaves_what_a_map_would_have)
{
    for (size_t i = 0; i < 3; i++) {
        check_sequences(thread_counts[i], 1);
        check_sequences(thread_counts[i], 3);
        check_sequences(thread_counts[i], 9);
    }
}

/* What is older than any limit: entries time out when their time is strictly
 * before that of the batch less the time-out. */
static void check_older(int threads, int64_t timeout_ms)
{
    static struct states states, *at = &states, gone, *gone_at = &gone;
    static struct reference ref;
    riv *r = riv_new(RIV_CONFIG(.threads = threads, .batch_ms = 10));
    riv_ds *in;
    riv_ds *mapped = sequences(r, at, &in, timeout_ms);
    riv_foreach_rdd(mapped, keep_states, RIV_OPT(.arg = RIV_COPY(gone_at)));
    ref = (struct reference){ .there = { false } };
    for (int s = 0; s < STEPS + 3; s++) {
        const int64_t time = (s + 1) * 10;
        for (int key = 0; s < STEPS && key < KEYS; key += 1 + s % 3) {
            const word_int row = record(key, s);
            assert_int_equal(riv_push(in, &row, 1), 0);
            reference_step(&ref, key, s, time);
        }
        riv_step(r, 1);
        fine(r);
        for (int key = 0; key < KEYS; key++) {
            const bool old =
                ref.there[key] && ref.time[key] < time - timeout_ms;
            assert_int_equal(gone.there[key], old);
            ref.there[key] &= !old;
        }
        same_states(&ref, &states);
    }
    riv_free(r);
}

RIV_TEST(sm_10_what_is_too_old_is_found_for_every_limit)
{
    for (int64_t timeout_ms = 5; timeout_ms <= 105; timeout_ms += 5)
        check_older(thread_counts[timeout_ms / 5 % 3], timeout_ms);
}

/* ------------------------------------------------------------------- MR-30 */

static int count_partitions(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)time;
    return riv_partitions_now(rdd, *(int64_t *const *)arg);
}

RIV_TEST(mr_30_initial_states_lie_in_their_partitions_and_nothing_is_mapped)
{
    static const word_int row[] = { { { "1", 1 }, 1 },
                                    { { "2", 1 }, 2 },
                                    { { "3", 1 }, 3 } };
    static struct text mapped, states;
    FOR_THREADS(r)
    {
        int64_t partitions = 0, *at = &partitions;
        riv_ds *initial = riv_parallelize(r, &riv_type_word_int, row, 3, NULL);
        riv_ds *ds = riv_map_with_state(
            riv_queue(r, &riv_type_word_int, NULL), by_code_fn,
            RIV_OPT(.initial = initial, .partitions = 10));
        watch(ds, &mapped);
        watch(riv_state_snapshots(ds), &states);
        riv_foreach_rdd(riv_state_snapshots(ds), count_partitions,
                        RIV_OPT(.arg = RIV_COPY(at)));
        riv_step(r, 1);
        fine(r);
        assert_string_equal(mapped.p, "");
        assert_string_equal(states.p, "1:1 2:2 3:3");
        assert_int_equal(partitions, 10);
    }
}

/* ------------------------------------------------------------ MS-01, MS-04 */

/* Tells what the function finds of its key: "new", the state, "timing out". It
 * adds 1, removes for a value of 0, and tries to change what times out. */
RIV_MAP_WITH_STATE(tell, word_int, int64_t, riv_str);
static int tell(const riv_str *key, const int64_t *v, int64_t *state,
                tell_out *out, riv_task *t)
{
    (void)key;
    riv_emit(out, riv_fmt(t, "%s%s%lld", riv_state_is_new(t) ? "new," : "",
                          v ? "" : "timing-out,", (long long)*state));
    *state += v ? 1 : 100;
    return v && *v == 0 ? RIV_REMOVE : 0;
}

RIV_TEST(ms_01_a_state_is_new_kept_removed_or_timing_out)
{
    static const char *const want[] = { "new,0", "1",    "2",
                                        "new,0", "",     "timing-out,1",
                                        "",      "new,0" };
    static const int64_t val[] = { 1, 1, 0, 1, -1, -1, -1, 1 }; /* -1: none */
    static struct text seen;
    FOR_THREADS(r)
    {
        riv_ds *in = riv_queue(r, &riv_type_word_int, NULL);
        watch(riv_map_with_state(in, tell_fn, RIV_OPT(.timeout_ms = 1500)),
              &seen);
        for (size_t i = 0; i < 8; i++) {
            const word_int row = { { "a", 1 }, val[i] };
            if (val[i] >= 0)
                assert_int_equal(riv_push(in, &row, 1), 0);
            riv_step(r, 1);
            fine(r);
            assert_string_equal(seen.p, want[i]);
        }
    }
}

static void wrong_key(riv *r)
{
    riv_ds *in = riv_queue(r, &riv_type_int_int, NULL);
    riv_map_with_state(in, tell_fn, NULL);
}

static void wrong_value(riv *r)
{
    riv_ds *in = riv_queue(r, &riv_type_word_word, NULL);
    riv_map_with_state(in, tell_fn, NULL);
}

static void wrong_state(riv *r)
{
    riv_ds *in = riv_queue(r, &riv_type_word_int, NULL);
    riv_ds *initial = riv_parallelize(r, &riv_type_int_int, NULL, 0, NULL);
    riv_map_with_state(in, tell_fn, RIV_OPT(.initial = initial));
}

static void wrong_output(riv *r)
{
    riv_ds *in = riv_queue(r, &riv_type_word_int, NULL);
    riv_map_with_state(riv_map_with_state(in, tell_fn, NULL), tell_fn, NULL);
}

/* A function whose parameters are not those of its macro does not compile:
 * tests/mistakes/wrong_state.c. */
RIV_TEST(ms_04_wrong_types_are_refused_when_the_graph_is_built)
{
    static void (*const build[])(riv *) = { wrong_key, wrong_value, wrong_state,
                                            wrong_output };
    for (size_t i = 0; i < 4; i++) {
        riv *r = riv_new(NULL);
        build[i](r);
        error_says(r, RIV_ETYPE, "riv_map_with_state");
        riv_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(sm_05_a_copy_has_what_its_parent_had),
        RIV_CASE(sm_06_what_the_child_gets_does_not_reach_its_parent),
        RIV_CASE(sm_07_what_the_child_loses_stays_with_its_parent),
        RIV_CASE(sm_08_what_the_child_overwrites_stays_with_its_parent),
        RIV_CASE(sm_10_every_sequence_of_steps_leaves_what_a_map_would_have),
        RIV_CASE(sm_10_what_is_too_old_is_found_for_every_limit),
        RIV_CASE(
            mr_30_initial_states_lie_in_their_partitions_and_nothing_is_mapped),
        RIV_CASE(ms_01_a_state_is_new_kept_removed_or_timing_out),
        RIV_CASE(ms_04_wrong_types_are_refused_when_the_graph_is_built),
    };
    return RIV_RUN(tests);
}
