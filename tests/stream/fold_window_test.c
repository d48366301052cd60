/* tests/stream/fold_window_test.c - windows that fold: sums with and without an
 * inverse, least and greatest, counts, groups; first case by case, then random
 * batches against a fold over all records of the window. The names of cases in
 * brackets are those of the conformance data. */
#include "stream/fixture.h"

#define PAIRS &riv_type_count
#define NUMBERS &riv_type_int64_t

RIV_REDUCE(add, int64_t);
static void add(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc += *v;
}

RIV_REDUCE(subtract, int64_t);
static void subtract(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc -= *v;
}

RIV_FILTER(nonzero, count);
static int nonzero(const count *in, riv_task *t)
{
    (void)t;
    return in->val != 0;
}

RIV_FILTER(above_one, count);
static int above_one(const count *in, riv_task *t)
{
    (void)t;
    return in->val > 1;
}

/* "1,1,2" of the values of a key. */
RIV_PAIR(listed, riv_str, riv_str);
RIV_GROUP(list, count, riv_str);
static int list(const riv_str *key, const int64_t *v, size_t n, list_out *out,
                riv_task *t)
{
    char text[64];
    size_t used =
        (size_t)snprintf(text, sizeof text, "%.*s=", (int)key->n, key->p);
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%lld,",
                                 (long long)v[i]);
    riv_emit(out, riv_dup(t, text, used));
    return 0;
}

static int64_t length_ms = 2000, slide_ms = 1000;

static riv_ds *sum_inverse(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, add_fn, length_ms, slide_ms,
                                        RIV_OPT(.subtract = subtract_fn));
}

static riv_ds *sum_stack(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, add_fn, length_ms, slide_ms, NULL);
}

static riv_ds *sum_builtin(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, riv_sum_i64, length_ms, slide_ms,
                                        NULL);
}

static riv_ds *max_builtin(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, riv_max_i64, length_ms, slide_ms,
                                        NULL);
}

static riv_ds *sum_kept(riv_ds *in)
{
    return riv_reduce_by_key_and_window(
        in, add_fn, length_ms, slide_ms,
        RIV_OPT(.subtract = subtract_fn, .keep_empty = true));
}

static riv_ds *sum_builtin_kept(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, riv_sum_i64, length_ms, slide_ms,
                                        RIV_OPT(.keep_empty = true));
}

static riv_ds *sum_nonzero(riv_ds *in)
{
    return riv_reduce_by_key_and_window(
        in, add_fn, length_ms, slide_ms,
        RIV_OPT(.subtract = subtract_fn, .keep = nonzero_fn));
}

static riv_ds *sum_above_one(riv_ds *in)
{
    return riv_reduce_by_key_and_window(
        in, add_fn, length_ms, slide_ms,
        RIV_OPT(.subtract = subtract_fn, .keep = above_one_fn));
}

static riv_ds *by_window(riv_ds *in)
{
    return riv_reduce_by_window(in, add_fn, length_ms, slide_ms, NULL);
}

static riv_ds *by_window_kept(riv_ds *in)
{
    return riv_reduce_by_window(
        in, add_fn, length_ms, slide_ms,
        RIV_OPT(.subtract = subtract_fn, .keep_empty = true));
}

static riv_ds *counted(riv_ds *in)
{
    return riv_count_by_window(in, length_ms, slide_ms, NULL);
}

static riv_ds *counted_kept(riv_ds *in)
{
    return riv_count_by_window(in, length_ms, slide_ms,
                               RIV_OPT(.keep_empty = true));
}

static riv_ds *grouped(riv_ds *in)
{
    return riv_group_by_key_and_window(in, list_fn, length_ms, slide_ms, NULL);
}

static void span(int64_t length, int64_t slide)
{
    length_ms = RIV_SEC(length);
    slide_ms = RIV_SEC(slide);
}

/* The three ways to sum mean the same. */
static void expect_sums(const char *batches, const char *want)
{
    expect(sum_stack, PAIRS, batches, want);
    expect(sum_inverse, PAIRS, batches, want);
    expect(sum_builtin, PAIRS, batches, want);
}

/* [WO-11 to WO-14] */
RIV_TEST(a_key_leaves_the_window_with_its_last_record)
{
    span(2, 1);
    expect_sums("a:1 a:3|", "a:4 | a:4 | ");
    expect_sums("a:1|a:1|", "a:1 | a:2 | a:1 | ");
    expect_sums("a:1|a:1||", "a:1 | a:2 | a:1 | | ");
}

/* [WO-15, WO-44] */
RIV_TEST(a_slide_of_two_batches_gives_every_second_result)
{
    span(4, 2);
    expect_sums("a:1|a:2|a:3|a:4|a:5|a:6||", "a:3 | a:10 | a:18 | a:11 | ");
    expect_sums("a:1|b:2|c:3|d:4|e:5|",
                "a:1 b:2 | a:1 b:2 c:3 d:4 | c:3 d:4 e:5 | ");
}

/* [WO-16] */
RIV_TEST(keys_come_go_and_come_back)
{
    span(2, 1);
    expect_sums("a:1|a:1 b:1|a:1 b:1 c:1|a:1 b:1|a:1||a:1|a:1 b:1|a:1 b:1 c:1|"
                "a:1 b:1|a:1|",
                "a:1 | a:2 b:1 | a:2 b:2 c:1 | a:2 b:2 c:1 | a:2 b:1 | a:1 | "
                "a:1 | a:2 b:1 | a:2 b:2 c:1 | a:2 b:2 c:1 | a:2 b:1 | a:1 | ");
}

/* [WO-24, WO-47]: Spark's way, when it is asked for. */
RIV_TEST(a_kept_key_stays_with_zero)
{
    span(2, 1);
    const char *batches = "a:1|b:1|||a:5|";
    const char *want =
        "a:1 | a:1 b:1 | a:0 b:1 | a:0 b:0 | a:5 b:0 | a:5 b:0 | ";
    expect(sum_kept, PAIRS, batches, want);
    expect(sum_builtin_kept, PAIRS, batches, want);
}

/* [WO-48, WO-42] */
RIV_TEST(the_filter_drops_results_but_not_what_they_are_made_of)
{
    span(2, 1);
    expect(sum_nonzero, PAIRS, "a:1|b:1|||a:5|",
           "a:1 | a:1 b:1 | b:1 | | a:5 | a:5 | ");
    expect(sum_above_one, PAIRS, "a:1||b:1|", "| | | | ");
    expect(sum_above_one, PAIRS, "a:1|a:1||", "| a:2 | | | ");
}

/* [WO-41]: Spark adds the batches between two windows as well. */
RIV_TEST(a_slide_longer_than_the_window_leaves_batches_out)
{
    span(2, 3);
    expect_sums("k:1|k:10|k:100|k:1000 x:7|k:10000|k:100000",
                "k:110 | k:110000 | ");
}

RIV_TEST(the_greatest_leaves_and_the_next_is_known)
{
    span(3, 1);
    expect(max_builtin, PAIRS, "a:9 b:-1|a:5|a:7 b:-3|a:1|a:2||",
           "a:9 b:-1 | a:9 b:-1 | a:9 b:-1 | a:7 b:-3 | a:7 b:-3 | a:2 | a:2 "
           "| ");
}

/* [JA-03, WO-49] */
RIV_TEST(a_window_without_keys_has_one_result_or_none)
{
    span(2, 1);
    expect(by_window, NUMBERS, "1 2 3|4 5 6|7 8 9|", "6 | 21 | 39 | 24 | ");
    span(2, 2);
    expect(by_window, NUMBERS, "1 2|3|||4|", "6 | | 4 | ");
}

/* [WO-43b] */
RIV_TEST(a_kept_result_begins_with_the_first_record_ever)
{
    span(2, 1);
    expect(by_window_kept, NUMBERS, "||5|||", "| | 5 | 5 | 0 | 0 | ");
}

/* [WO-33, WO-43] */
RIV_TEST(a_count_is_nothing_or_zero_for_an_empty_window)
{
    span(2, 1);
    expect(counted_kept, NUMBERS, "1|1|1 2|0||", "1 | 2 | 3 | 3 | 1 | 0 | ");
    expect(counted_kept, NUMBERS, "||5|||", "| | 1 | 1 | 0 | 0 | ");
    expect(counted, NUMBERS, "1|1|1 2|0||", "1 | 2 | 3 | 3 | 1 | | ");
}

/* [JA-04]; pairs of a pair and a number have no text here: sums over them. */
RIV_MAP(number_of, int64_t, int64_t);
static int number_of(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in;
    return 0;
}

RIV_PAIR(often, int64_t, int64_t);
RIV_MAP(often_text, often, riv_str);
static int often_text(const often *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%lld:%lld", (long long)in->key, (long long)in->val);
    return 0;
}

static riv_ds *values_counted(riv_ds *in)
{
    riv_ds *numbers = riv_map(in, number_of_fn, NULL);
    return riv_map(
        riv_count_by_value_and_window(numbers, length_ms, slide_ms, NULL),
        often_text_fn, NULL);
}

RIV_TEST(values_are_counted_while_they_are_in_the_window)
{
    span(2, 1);
    expect(values_counted, NUMBERS, "1 2|1 3 3|1||",
           "1:1 2:1 | 1:2 2:1 3:2 | 1:2 3:2 | 1:1 | | ");
}

/* [WO-32] */
RIV_TEST(a_group_has_the_values_of_the_window_in_order)
{
    span(2, 1);
    expect(grouped, PAIRS, "a:1|a:2 b:1|a:3 a:4 c:1|||",
           "a=1, | a=1,2, b=1, | a=2,3,4, b=1, c=1, | a=3,4, c=1, | | | ");
}

RIV_TEST(a_window_over_a_window_slides_with_it)
{
    span(2, 2);
    static struct seen seen;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, PAIRS, NULL);
    riv_ds *first = sum_stack(in);
    span(4, 2);
    output(sum_inverse(first), &seen);
    assert_int_equal(run_batches(r, in, "a:1|a:2|b:3|a:4||a:5||"), 0);
    assert_string_equal(seen.text, "a:3 | a:7 b:3 | a:9 b:3 | a:5 | ");
    riv_free(r);
}

/* ---------------------------------------------------------- random batches */

enum { KEYS = 400, BATCHES_MAX = 200 };

RIV_PAIR(numbered, int64_t, int64_t);

/* A value with strings: the longest text, then the greatest, and a sum. */
typedef struct {
    riv_str text;
    int64_t sum;
} best;
RIV_STRUCT(best, text, sum);
RIV_PAIR(best_of, int64_t, best);

RIV_MAP(to_best, numbered, best_of);
static int to_best(const numbered *in, best_of *out, riv_task *t)
{
    *out = (best_of){ in->key,
                      { riv_fmt(t, "%0*lld", (int)(in->val % 40) + 1,
                                (long long)in->val),
                        in->val } };
    return 0;
}

/* Text and sum are put together anew each time: strings of the step. */
RIV_REDUCE(better, best);
static void better(best *acc, const best *v, riv_task *t)
{
    const bool other = v->text.n > acc->text.n ||
                       (v->text.n == acc->text.n && v->text.n > 0 &&
                        memcmp(v->text.p, acc->text.p, v->text.n) > 0);
    acc->text = riv_dup(t, other ? v->text.p : acc->text.p,
                        other ? v->text.n : acc->text.n);
    acc->sum += v->sum;
}

RIV_MAP(best_number, best_of, numbered);
static int best_number(const best_of *in, numbered *out, riv_task *t)
{
    int64_t v;
    if (!riv_to_i64(in->val.text, &v))
        return riv_fail(t, "text " RIV_S, RIV_P(in->val.text));
    *out = (numbered){ in->key, v * 1000000 + in->val.sum };
    return 0;
}

enum way { WAY_INVERSE, WAY_STACK, WAY_BUILTIN, WAY_MIN, WAY_MAX, WAY_BEST };

struct trial {
    enum way way;
    int64_t panes, slide; /* batches */
    int64_t batch;
    size_t n[BATCHES_MAX];
    numbered *rows[BATCHES_MAX];
};

static riv_ds *trial_graph(riv_ds *in, const struct trial *trial)
{
    const int64_t length = RIV_SEC(trial->panes);
    const int64_t slide = RIV_SEC(trial->slide);
    switch (trial->way) {
    case WAY_INVERSE:
        return riv_reduce_by_key_and_window(in, add_fn, length, slide,
                                            RIV_OPT(.subtract = subtract_fn));
    case WAY_STACK:
        return riv_reduce_by_key_and_window(in, add_fn, length, slide, NULL);
    case WAY_BUILTIN:
        return riv_reduce_by_key_and_window(in, riv_sum_i64, length, slide,
                                            NULL);
    case WAY_MIN:
        return riv_reduce_by_key_and_window(in, riv_min_i64, length, slide,
                                            RIV_OPT(.partitions = 3));
    case WAY_MAX:
        return riv_reduce_by_key_and_window(in, riv_max_i64, length, slide,
                                            RIV_OPT(.partitions = 1));
    case WAY_BEST:
        return riv_map(riv_reduce_by_key_and_window(
                           riv_map(in, to_best_fn, NULL), better_fn, length,
                           slide, RIV_OPT(.partitions = 2)),
                       best_number_fn, NULL);
    }
    return in;
}

static int64_t longer(int64_t a, int64_t b)
{
    int64_t na = a % 40 + 1 < 4 ? 4 : a % 40 + 1;
    int64_t nb = b % 40 + 1 < 4 ? 4 : b % 40 + 1;
    return na != nb ? (na > nb ? a : b) : a > b ? a : b;
}

static void model_fold(enum way way, int64_t v, bool first, int64_t *acc,
                       int64_t *text)
{
    switch (way) {
    case WAY_MIN: *acc = first || v < *acc ? v : *acc; return;
    case WAY_MAX: *acc = first || v > *acc ? v : *acc; return;
    case WAY_BEST: *text = first ? v : longer(*text, v); break;
    default: break;
    }
    *acc = first ? v : *acc + v;
}

/* All records of the window that ends with the trial's batch, once more. */
static int compare(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    static int64_t acc[KEYS * BATCHES_MAX], text[KEYS * BATCHES_MAX];
    static bool there[KEYS * BATCHES_MAX];
    const struct trial *trial = *(struct trial *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    size_t want = 0;
    (void)r;
    assert_int_equal(time, RIV_SEC(trial->batch));
    assert_int_equal(trial->batch % trial->slide, 0);
    memset(there, 0, sizeof there);
    int64_t from = trial->batch - trial->panes + 1;
    for (int64_t b = from < 1 ? 1 : from; b <= trial->batch; b++) {
        for (size_t i = 0; i < trial->n[b]; i++) {
            const numbered *row = &trial->rows[b][i];
            model_fold(trial->way, row->val, !there[row->key], &acc[row->key],
                       &text[row->key]);
            want += !there[row->key];
            there[row->key] = true;
        }
    }
    int rc = riv_collect(rdd, &res);
    assert_int_equal(rc, 0);
    assert_int_equal(res.n, want);
    const numbered *row = res.rows;
    for (size_t i = 0; i < res.n; i++) {
        int64_t k = row[i].key;
        assert_true(there[k]);
        there[k] = false;
        assert_int_equal(row[i].val, trial->way == WAY_BEST
                                         ? text[k] * 1000000 + acc[k]
                                         : acc[k]);
    }
    riv_result_free(&res);
    return 0;
}

static uint64_t next_random(uint64_t *seed)
{
    *seed =
        *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

/* Keys of three kinds of batches: all, few, and ones that never come back. */
static void trial_batch(struct trial *trial, uint64_t *seed)
{
    const int64_t b = trial->batch;
    size_t n = next_random(seed) % 4 == 0 ? 0 : next_random(seed) % 300;
    uint64_t kind = next_random(seed) % 3;
    if (trial->way == WAY_INVERSE || trial->way == WAY_STACK)
        n *= 4;
    trial->n[b] = n;
    trial->rows[b] = calloc(n + 1, sizeof *trial->rows[b]);
    for (size_t i = 0; i < n; i++) {
        int64_t key = (int64_t)(next_random(seed) % (kind == 1 ? 5 : KEYS));
        if (kind == 2)
            key += b * KEYS;
        trial->rows[b][i] =
            (numbered){ key, 1000 + (int64_t)(next_random(seed) % 1000) };
    }
}

static void run_trial(struct trial *trial, uint64_t seed, int batches)
{
    struct trial *at = trial;
    riv *r =
        riv_new(RIV_CONFIG(.threads = 1 + (int)(seed % 3), .batch_ms = 1000));
    riv_ds *in = riv_queue(r, &riv_type_numbered, NULL);
    riv_foreach_rdd(trial_graph(in, trial), compare,
                    RIV_OPT(.arg = RIV_COPY(at)));
    for (trial->batch = 1; trial->batch <= batches; trial->batch++) {
        const int64_t b = trial->batch;
        trial_batch(trial, &seed);
        if (trial->n[b] > 0)
            assert_int_equal(riv_push(in, trial->rows[b], trial->n[b]), 0);
        if (riv_step(r, 1) < 0)
            fail_msg("%s", riv_errmsg(r));
    }
    riv_free(r);
    for (int b = 1; b <= batches; b++)
        free(trial->rows[b]);
}

static void run_trials(enum way way)
{
    static const int64_t spans[][2] = { { 1, 1 }, { 2, 1 }, { 5, 1 }, { 6, 3 },
                                        { 7, 2 }, { 3, 5 }, { 60, 1 } };
    static struct trial trial;
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        trial = (struct trial){ .way = way,
                                .panes = spans[i][0],
                                .slide = spans[i][1] };
        run_trial(&trial, (uint64_t)way * 100 + i, 150);
    }
}

RIV_TEST(random_sums_with_an_inverse_are_those_of_all_records)
{
    run_trials(WAY_INVERSE);
}

RIV_TEST(random_sums_without_an_inverse_are_those_of_all_records)
{
    run_trials(WAY_STACK);
}

RIV_TEST(random_sums_of_the_engine_are_those_of_all_records)
{
    run_trials(WAY_BUILTIN);
}

RIV_TEST(random_least_and_greatest_are_those_of_all_records)
{
    run_trials(WAY_MIN);
    run_trials(WAY_MAX);
}

RIV_TEST(random_values_with_strings_are_those_of_all_records)
{
    run_trials(WAY_BEST);
}

/* ----------------------------------------------------------------- refused */

RIV_REDUCE(other, double);
static void other(double *acc, const double *v, riv_task *t)
{
    (void)t;
    *acc -= *v;
}

static riv_ds *other_inverse(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, add_fn, 2000, 0,
                                        RIV_OPT(.subtract = other_fn));
}

static riv_ds *kept_without_inverse(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, riv_max_i64, 2000, 0,
                                        RIV_OPT(.keep_empty = true));
}

static riv_ds *keep_of_numbers(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, add_fn, 2000, 0,
                                        RIV_OPT(.keep = add_fn));
}

static riv_ds *no_pairs(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, add_fn, 2000, 0, NULL);
}

static riv_ds *odd_length(riv_ds *in)
{
    return riv_count_by_window(in, 2500, 0, NULL);
}

RIV_TEST(misuse_is_refused_in_words)
{
    expect_error(other_inverse, PAIRS, "", RIV_ETYPE, ".subtract other (");
    expect_error(kept_without_inverse, PAIRS, "", RIV_EINVAL,
                 ".keep_empty needs .subtract");
    expect_error(keep_of_numbers, PAIRS, "", RIV_ETYPE,
                 "riv_reduce_by_key_and_window takes RIV_FILTER");
    expect_error(no_pairs, NUMBERS, "", RIV_ETYPE, "not pairs");
    expect_error(odd_length, NUMBERS, "1", RIV_EINVAL,
                 "must be multiples of 1000 ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_key_leaves_the_window_with_its_last_record),
        RIV_CASE(a_slide_of_two_batches_gives_every_second_result),
        RIV_CASE(keys_come_go_and_come_back),
        RIV_CASE(a_kept_key_stays_with_zero),
        RIV_CASE(the_filter_drops_results_but_not_what_they_are_made_of),
        RIV_CASE(a_slide_longer_than_the_window_leaves_batches_out),
        RIV_CASE(the_greatest_leaves_and_the_next_is_known),
        RIV_CASE(a_window_without_keys_has_one_result_or_none),
        RIV_CASE(a_kept_result_begins_with_the_first_record_ever),
        RIV_CASE(a_count_is_nothing_or_zero_for_an_empty_window),
        RIV_CASE(values_are_counted_while_they_are_in_the_window),
        RIV_CASE(a_group_has_the_values_of_the_window_in_order),
        RIV_CASE(a_window_over_a_window_slides_with_it),
        RIV_CASE(random_sums_with_an_inverse_are_those_of_all_records),
        RIV_CASE(random_sums_without_an_inverse_are_those_of_all_records),
        RIV_CASE(random_sums_of_the_engine_are_those_of_all_records),
        RIV_CASE(random_least_and_greatest_are_those_of_all_records),
        RIV_CASE(random_values_with_strings_are_those_of_all_records),
        RIV_CASE(misuse_is_refused_in_words),
    };
    return RIV_RUN(tests);
}
