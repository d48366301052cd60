/* Tests of api/action*.c: every action against a naive loop over the same rows,
 * on 1, 2 and 4 threads, and what misuse is told. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "data/hash.h"
#include "data/type.h"

RIV_PAIR(pair, riv_str, int64_t);
RIV_PAIR(ipair, int64_t, int64_t);

typedef struct sums {
    int64_t n, sum;
} sums;
RIV_STRUCT(sums, n, sum);

RIV_REDUCE(add, int64_t);
static void add(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc += *v;
}

RIV_FOLD(tally, int64_t, sums);
static void tally(sums *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    acc->n++;
    acc->sum += *v;
}
static void tally_merge(sums *acc, const sums *other, riv_task *t)
{
    (void)t;
    acc->n += other->n;
    acc->sum += other->sum;
}

RIV_MAP(last_digit, int64_t, int64_t);
static int last_digit(const int64_t *v, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *v % 10;
    return 0;
}

RIV_FILTER(nothing, int64_t);
static int nothing(const int64_t *v, riv_task *t)
{
    (void)v, (void)t;
    return 0;
}

RIV_FOREACH(seen, int64_t);
static int seen(const int64_t *v, riv_task *t)
{
    riv_counter_add(t, *(riv_counter *const *)t->arg, *v);
    return 0;
}

RIV_FOREACH_PARTITION(ends, int64_t);
static int ends(const int64_t *rows, size_t n, riv_task *t)
{
    (void)rows;
    riv_counter_add(t, *(riv_counter *const *)t->arg, n == 0);
    return 0;
}

enum { NUMBERS = 5000 };

static int64_t numbers[NUMBERS];

static void numbers_make(uint64_t seed)
{
    for (size_t i = 0; i < NUMBERS; i++)
        numbers[i] =
            (int64_t)(riv__hash_i64((int64_t)(seed + i)) % 2001) - 1000;
}

static riv_ds *numbers_in(riv *r, int parts)
{
    return riv_parallelize(r, &riv_type_int64_t, numbers, NUMBERS,
                           RIV_OPT(.partitions = parts));
}

static riv *context(int threads)
{
    return riv_new(RIV_CONFIG(.threads = threads));
}

static void ok(riv *r, int rc)
{
    if (rc != 0)
        fail_msg("%s", riv_errmsg(r));
}

static int i64_order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

#define EACH_SHAPE(threads, parts) \
    for (int threads = 1; threads <= 4; threads *= 2) \
        for (int parts = 1; parts <= 40; parts += 13)

RIV_TEST(the_first_record_is_that_of_the_first_partition_with_any)
{
    riv *r = context(2);
    int64_t v = 7, two[2] = { 5, 6 };
    bool empty = true;
    ok(r, riv_first(riv_parallelize(r, &riv_type_int64_t, two, 2,
                                    RIV_OPT(.partitions = 9)),
                    &v));
    assert_int_equal(v, 5);
    ok(r, riv_is_empty(numbers_in(r, 3), &empty));
    assert_false(empty);
    ok(r, riv_is_empty(riv_filter(numbers_in(r, 3), nothing_fn, NULL), &empty));
    assert_true(empty);
    riv_free(r);
}

RIV_TEST(the_least_and_the_greatest_are_those_of_a_sorted_list)
{
    int64_t sorted[NUMBERS];
    numbers_make(11);
    memcpy(sorted, numbers, sizeof sorted);
    qsort(sorted, NUMBERS, sizeof *sorted, i64_order);
    EACH_SHAPE(threads, parts)
    {
        riv *r = context(threads);
        riv_result low = { 0 }, high = { 0 };
        int64_t least, greatest;
        ok(r, riv_take_ordered(numbers_in(r, parts), 20, NULL, &low));
        ok(r, riv_top(numbers_in(r, parts), 3000, NULL, &high));
        assert_int_equal(low.n, 20);
        assert_int_equal(high.n, 3000);
        for (size_t i = 0; i < low.n; i++)
            assert_int_equal(((const int64_t *)low.rows)[i], sorted[i]);
        for (size_t i = 0; i < high.n; i++)
            assert_int_equal(((const int64_t *)high.rows)[i],
                             sorted[NUMBERS - 1 - i]);
        ok(r, riv_min(numbers_in(r, parts), NULL, &least));
        ok(r, riv_max(numbers_in(r, parts), NULL, &greatest));
        assert_int_equal(least, sorted[0]);
        assert_int_equal(greatest, sorted[NUMBERS - 1]);
        riv_result_free(&low);
        riv_result_free(&high);
        riv_free(r);
    }
}

RIV_TEST(of_equal_keys_the_earlier_record_comes_first)
{
    const int64_t in[] = { 31, 22, 12, 41, 52, 11, 90 };
    const int64_t want[] = { 90, 31, 41, 11, 22 };
    riv *r = context(1);
    riv_result res = { 0 };
    ok(r, riv_take_ordered(riv_parallelize(r, &riv_type_int64_t, in, 7,
                                           RIV_OPT(.partitions = 3)),
                           5, last_digit_fn, &res));
    assert_int_equal(res.n, 5);
    assert_memory_equal(res.rows, want, sizeof want);
    riv_result_free(&res);
    ok(r, riv_take_ordered(numbers_in(r, 2), 0, NULL, &res));
    assert_int_equal(res.n, 0);
    riv_result_free(&res);
    riv_free(r);
}

RIV_TEST(statistics_are_those_of_the_textbook)
{
    numbers_make(5);
    double mean = 0, m2 = 0;
    for (size_t i = 0; i < NUMBERS; i++)
        mean += (double)numbers[i] / NUMBERS;
    for (size_t i = 0; i < NUMBERS; i++)
        m2 += ((double)numbers[i] - mean) * ((double)numbers[i] - mean);
    EACH_SHAPE(threads, parts)
    {
        riv *r = context(threads);
        riv_statistics s = RIV_STATISTICS;
        double sum, m;
        ok(r, riv_stats(numbers_in(r, parts), &s));
        assert_int_equal(s.count, NUMBERS);
        assert_true(fabs(s.mean - mean) < 1e-9);
        assert_true(fabs(s.variance - m2 / NUMBERS) < 1e-6);
        assert_true(fabs(s.sample_variance - m2 / (NUMBERS - 1)) < 1e-6);
        ok(r, riv_sum(numbers_in(r, parts), &sum));
        ok(r, riv_mean(numbers_in(r, parts), &m));
        assert_true(fabs(sum - mean * NUMBERS) < 1e-6);
        assert_true(fabs(m - mean) < 1e-9);
        riv_free(r);
    }
}

RIV_TEST(nothing_has_a_mean_of_zero_and_no_variance)
{
    riv *r = context(1);
    riv_statistics s = RIV_STATISTICS;
    ok(r, riv_stats(riv_filter(numbers_in(r, 2), nothing_fn, NULL), &s));
    assert_int_equal(s.count, 0);
    assert_true(s.mean == 0 && isnan(s.variance) && isnan(s.sample_stdev));
    riv_free(r);
}

RIV_TEST(a_histogram_closes_its_last_bucket_and_ignores_what_is_outside)
{
    const double in[] = { -0.01, 0,  1,   2,   3,     5,  6,
                          11.01, 12, 199, 200, 200.1, NAN };
    const double bound[] = { 0, 5, 11, 12, 200, NAN };
    const int64_t plain[] = { 4, 2, 1, 3 }, with_nan[] = { 4, 2, 1, 2, 3 };
    int64_t count[5];
    riv *r = context(2);
    riv_ds *ds =
        riv_parallelize(r, &riv_type_double, in, 13, RIV_OPT(.partitions = 4));
    ok(r, riv_histogram(ds, bound, 5, count));
    assert_memory_equal(count, plain, sizeof plain);
    ok(r, riv_histogram(ds, bound, 6, count));
    assert_memory_equal(count, with_nan, sizeof with_nan);
    riv_free(r);
}

RIV_TEST(even_buckets_lie_between_the_least_and_the_greatest)
{
    const int64_t in[] = { 1, 1, 1, 2, 3, 3 }, want[] = { 3, 0, 1, 2 };
    double bound[5];
    int64_t count[4];
    size_t made = 0;
    riv *r = context(1);
    riv_ds *ds = riv_parallelize(r, &riv_type_int64_t, in, 6, NULL);
    ok(r, riv_histogram_even(ds, 4, bound, count, &made));
    assert_int_equal(made, 4);
    assert_memory_equal(count, want, sizeof want);
    assert_true(bound[0] == 1 && bound[4] == 3);
    ds = riv_parallelize(r, &riv_type_int64_t, in, 3, NULL);
    ok(r, riv_histogram_even(ds, 4, bound, count, &made));
    assert_int_equal(made, 1);
    assert_int_equal(count[0], 3);
    riv_free(r);
}

RIV_TEST(zero_enters_a_fold_once_a_partition_and_once_more)
{
    numbers_make(3);
    int64_t zero = 100, sum = 0, got;
    for (size_t i = 0; i < NUMBERS; i++)
        sum += numbers[i];
    EACH_SHAPE(threads, parts)
    {
        riv *r = context(threads);
        sums s;
        ok(r, riv_fold(numbers_in(r, parts), &zero, add_fn, &got));
        assert_int_equal(got, sum + zero * (parts + 1));
        ok(r, riv_aggregate(numbers_in(r, parts), NULL, tally_fn, &s));
        assert_int_equal(s.sum, sum);
        assert_int_equal(s.n, NUMBERS);
        ok(r, riv_tree_reduce(numbers_in(r, parts), add_fn, 3, &got));
        assert_int_equal(got, sum);
        ok(r, riv_tree_aggregate(numbers_in(r, parts), NULL, tally_fn, 2, &s));
        assert_int_equal(s.sum, sum);
        riv_free(r);
    }
}

RIV_TEST(actions_by_key_give_counts_last_values_and_lookups)
{
    const pair in[] = { { { "a", 1 }, 1 },
                        { { "b", 1 }, 2 },
                        { { "a", 1 }, 3 },
                        { { "a", 1 }, 4 } };
    riv *r = context(2);
    riv_result res = { 0 };
    riv_ds *ds =
        riv_parallelize(r, &riv_type_pair, in, 4, RIV_OPT(.partitions = 3));
    ok(r, riv_count_by_key(ds, &res));
    assert_int_equal(res.n, 2);
    for (size_t i = 0; i < 2; i++) {
        const pair *p = (const pair *)res.rows + i;
        assert_int_equal(p->val, *p->key.p == 'a' ? 3 : 1);
    }
    assert_true(riv__type_equal(res.type, &riv_type_pair));
    riv_result_free(&res);
    ok(r, riv_collect_as_map(ds, &res));
    assert_int_equal(res.n, 2);
    for (size_t i = 0; i < 2; i++) {
        const pair *p = (const pair *)res.rows + i;
        assert_int_equal(p->val, *p->key.p == 'a' ? 4 : 2);
    }
    riv_result_free(&res);
    ok(r, riv_reduce_by_key_locally(ds, add_fn, &res));
    for (size_t i = 0; i < 2; i++) {
        const pair *p = (const pair *)res.rows + i;
        assert_int_equal(p->val, *p->key.p == 'a' ? 8 : 2);
    }
    riv_result_free(&res);
    riv_str key = { "a", 1 };
    const int64_t want[] = { 1, 3, 4 };
    ok(r, riv_lookup(ds, &key, &res));
    assert_int_equal(res.n, 3);
    assert_memory_equal(res.rows, want, sizeof want);
    riv_result_free(&res);
    ok(r, riv_count_by_value_now(numbers_in(r, 3), &res));
    int64_t all = 0;
    for (size_t i = 0; i < res.n; i++)
        all += ((const ipair *)res.rows)[i].val;
    assert_int_equal(all, NUMBERS);
    riv_result_free(&res);
    riv_free(r);
}

RIV_TEST(every_record_is_seen_and_every_partition_ended_even_an_empty_one)
{
    riv *r = context(2);
    riv_counter *sum = riv_counter_new(r, "sum");
    riv_counter *parts = riv_counter_new(r, "parts");
    const int64_t in[] = { 1, 2, 3 };
    int64_t n = 0;
    riv_ds *ds =
        riv_parallelize(r, &riv_type_int64_t, in, 3, RIV_OPT(.partitions = 20));
    ok(r, riv_foreach_now(ds, seen_fn, RIV_OPT(.arg = RIV_COPY(sum))));
    assert_int_equal(riv_counter_value(sum), 6);
    ok(r, riv_foreach_partition(ds, ends_fn, RIV_OPT(.arg = RIV_COPY(parts))));
    assert_int_equal(riv_counter_value(parts), 20);
    ok(r, riv_partitions_now(ds, &n));
    assert_int_equal(n, 20);
    riv_free(r);
}

RIV_TEST(a_sample_has_the_size_asked_for_and_only_records_there_are)
{
    int64_t all[1000];
    for (int64_t i = 0; i < 1000; i++)
        all[i] = i;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *ds = riv_parallelize(r, &riv_type_int64_t, all, 1000,
                                     RIV_OPT(.partitions = 7));
        bool taken[1000] = { false };
        riv_result a = { 0 }, b = { 0 };
        ok(r, riv_take_sample(ds, RIV_WITHOUT_REPLACEMENT, 100, 42, &a));
        ok(r, riv_take_sample(ds, RIV_WITHOUT_REPLACEMENT, 100, 42, &b));
        assert_int_equal(a.n, 100);
        assert_memory_equal(a.rows, b.rows, 100 * sizeof(int64_t));
        for (size_t i = 0; i < a.n; i++) {
            int64_t v = ((const int64_t *)a.rows)[i];
            assert_false(taken[v]);
            taken[v] = true;
        }
        riv_result_free(&a);
        riv_result_free(&b);
        ok(r, riv_take_sample(ds, RIV_WITHOUT_REPLACEMENT, 5000, 1, &a));
        assert_int_equal(a.n, 1000);
        riv_result_free(&a);
        ok(r, riv_take_sample(ds, RIV_WITH_REPLACEMENT, 5000, 1, &a));
        assert_int_equal(a.n, 5000);
        riv_result_free(&a);
        ok(r, riv_take_sample(ds, RIV_WITH_REPLACEMENT, 0, 1, &a));
        assert_int_equal(a.n, 0);
        riv_result_free(&a);
        riv_free(r);
    }
}

RIV_TEST(distinct_records_are_estimated_within_the_accuracy)
{
    int64_t many[5000], n = 0;
    riv *r = context(2);
    for (int64_t i = 0; i < 5000; i++)
        many[i] = i % 1000;
    riv_ds *ds = riv_parallelize(r, &riv_type_int64_t, many, 5000,
                                 RIV_OPT(.partitions = 5));
    ok(r, riv_count_approx_distinct(ds, 0.02, &n));
    if (n < 900 || n > 1100)
        fail_msg("%lld instead of 1000", (long long)n);
    riv_free(r);
}

struct misuse {
    int (*call)(riv *r);
    const char *says;
};

static int wrong_top(riv *r)
{
    int64_t v;
    return riv_max(riv_filter(numbers_in(r, 2), nothing_fn, NULL), NULL, &v);
}

static int wrong_first(riv *r)
{
    int64_t v;
    return riv_first(riv_filter(numbers_in(r, 2), nothing_fn, NULL), &v);
}

static int wrong_reduce(riv *r)
{
    int64_t v;
    return riv_reduce_now(riv_filter(numbers_in(r, 2), nothing_fn, NULL),
                          add_fn, &v);
}

static int wrong_bounds(riv *r)
{
    double one = 1;
    int64_t n;
    return riv_histogram(numbers_in(r, 2), &one, 1, &n);
}

static int wrong_range(riv *r)
{
    double bound[2];
    int64_t n;
    size_t made;
    return riv_histogram_even(riv_filter(numbers_in(r, 2), nothing_fn, NULL), 1,
                              bound, &n, &made);
}

static int wrong_numbers(riv *r)
{
    pair one = { { "a", 1 }, 1 };
    double v;
    return riv_sum(riv_parallelize(r, &riv_type_pair, &one, 1, NULL), &v);
}

static int wrong_accuracy(riv *r)
{
    int64_t n;
    return riv_count_approx_distinct(numbers_in(r, 2), 0.0, &n);
}

static int wrong_depth(riv *r)
{
    int64_t v;
    return riv_tree_reduce(numbers_in(r, 2), add_fn, 0, &v);
}

static int wrong_stream(riv *r)
{
    int64_t v;
    return riv_first(riv_queue(r, &riv_type_int64_t, NULL), &v);
}

static int wrong_lookup(riv *r)
{
    riv_result res = { 0 };
    int64_t key = 1;
    return riv_lookup(numbers_in(r, 2), &key, &res);
}

RIV_TEST(misuse_is_told_in_plain_words)
{
    static const struct misuse list[] = {
        { wrong_top, "riv_max: the dataset is empty" },
        { wrong_first, "riv_first: the dataset is empty" },
        { wrong_reduce, "riv_reduce_now: the dataset is empty" },
        { wrong_bounds, "riv_histogram: 1 bounds" },
        { wrong_range, "riv_histogram_even: the dataset is empty" },
        { wrong_numbers, "riv_sum: takes records of one number" },
        { wrong_accuracy, "riv_count_approx_distinct: an accuracy of 0" },
        { wrong_depth, "riv_tree_reduce: a depth of 0" },
        { wrong_stream, "is a stream" },
        { wrong_lookup, "not pairs" },
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        riv *r = context(1);
        assert_true(list[i].call(r) < 0);
        if (!strstr(riv_errmsg(r), list[i].says))
            fail_msg("\"%s\" does not say \"%s\"", riv_errmsg(r), list[i].says);
        riv_free(r);
    }
}

static void text_add(void *arg, const char *text, size_t n)
{
    char *to = arg;
    size_t had = strlen(to);
    memcpy(to + had, text, n);
    to[had + n] = '\0';
}

RIV_TEST(lineage_shows_parents_and_where_records_are_exchanged)
{
    char text[4096] = "";
    riv *r = context(1);
    riv_ds *ds = riv_filter(
        riv_distinct(riv_map(numbers_in(r, 1), last_digit_fn, NULL), NULL),
        nothing_fn, NULL);
    ok(r, riv_to_debug_string(ds, text_add, text));
    assert_non_null(strstr(text, "#3 riv_filter(nothing"));
    assert_non_null(strstr(text, "#2 riv_distinct #2  <- #1"));
    assert_non_null(strstr(text, "(exchange)\n  #1 riv_map(last_digit"));
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(the_first_record_is_that_of_the_first_partition_with_any),
        RIV_CASE(the_least_and_the_greatest_are_those_of_a_sorted_list),
        RIV_CASE(of_equal_keys_the_earlier_record_comes_first),
        RIV_CASE(statistics_are_those_of_the_textbook),
        RIV_CASE(nothing_has_a_mean_of_zero_and_no_variance),
        RIV_CASE(
            a_histogram_closes_its_last_bucket_and_ignores_what_is_outside),
        RIV_CASE(even_buckets_lie_between_the_least_and_the_greatest),
        RIV_CASE(zero_enters_a_fold_once_a_partition_and_once_more),
        RIV_CASE(actions_by_key_give_counts_last_values_and_lookups),
        RIV_CASE(
            every_record_is_seen_and_every_partition_ended_even_an_empty_one),
        RIV_CASE(a_sample_has_the_size_asked_for_and_only_records_there_are),
        RIV_CASE(distinct_records_are_estimated_within_the_accuracy),
        RIV_CASE(misuse_is_told_in_plain_words),
        RIV_CASE(lineage_shows_parents_and_where_records_are_exchanged),
    };
    return RIV_RUN(tests);
}
