/* tests/rows/core_rdd_test.c - rows of the table "RDDs of any element" that are
 * no lines of data: each test is named by its row's id. */
#include "fixture.h"

/* nums of the table: 1, 2, 3, 4 in two partitions. */
static riv_ds *nums(riv *r)
{
    return numbers(r, 1, 4, 2);
}

RIV_FILTER(no_record, int64_t);
static int no_record(const int64_t *x, riv_task *t)
{
    (void)x, (void)t;
    return 0;
}

RIV_MAP(thousandth, int64_t, int64_t);
static int thousandth(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *x % 1000;
    return 0;
}

static void near(double share, int64_t want, int64_t got)
{
    const double off = (double)(got - want) / (double)want;
    if (off > share || off < -share)
        fail_msg("%lld is not within %g of %lld", (long long)got, share,
                 (long long)want);
}

/* ------------------------------------------------------------------- RD-01 */

RIV_TEST(rd_01_an_iterator_gives_partition_after_partition)
{
    static const char *const want[] = { "1 2", "3 4" };
    FOR_THREADS(r)
    {
        riv_local_iterator it;
        riv_result res = { .struct_size = sizeof res };
        riv_to_local_iterator(counting(nums(r)), &it);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(riv_next(&it, &res), 1);
            result_is(&res, AS_IT_IS, want[i]);
            assert_int_equal(seen_take(), 2); /* one at a time */
        }
        assert_int_equal(riv_next(&it, &res), 0);
    }
}

/* ------------------------------------------------------------------- RD-03 */

/* 2^p bytes: p = 8, p = 12, and the accuracies of the row; 0.5 is beyond what
 * is offered, 0.4 stands for it. */
RIV_TEST(rd_03_distinct_values_are_counted_as_accurately_as_asked)
{
    static const struct {
        double accuracy, within;
    } row[] = {
        { 1.054 / 16, .2 }, { 1.054 / 64, .1 }, { .02, .1 }, { .4, .4 }
    };
    FOR_THREADS(r)
    {
        riv_ds *ds = riv_map(numbers(r, 0, 4999, 7), thousandth_fn, NULL);
        for (size_t i = 0; i < 4; i++) {
            int64_t n = -1;
            riv_count_approx_distinct(ds, row[i].accuracy, &n);
            fine(r);
            near(row[i].within, 1000, n);
        }
    }
}

/* ------------------------------------------------------------------- RD-06 */

RIV_FOLD(add_up, int64_t, int64_t);
static void add_up(int64_t *acc, const int64_t *x, riv_task *t)
{
    (void)t;
    *acc += *x;
}

static void add_up_merge(int64_t *acc, const int64_t *other, riv_task *t)
{
    (void)t;
    *acc += *other;
}

RIV_TEST(rd_06_trees_of_any_depth_give_the_sum)
{
    FOR_THREADS(r)
    {
        riv_ds *ds = numbers(r, -1000, 999, 10);
        for (int depth = 1; depth < 10; depth++) {
            int64_t reduced = 0, folded = 0;
            riv_tree_reduce(ds, riv_sum_i64, depth, &reduced);
            riv_tree_aggregate(ds, NULL, add_up_fn, depth, &folded);
            fine(r);
            assert_int_equal(reduced, -1000);
            assert_int_equal(folded, -1000);
        }
    }
}

RIV_TEST(rd_06_a_tree_of_depth_0_is_refused)
{
    riv *r = riv_new(NULL);
    int64_t v;
    assert_int_equal(riv_tree_reduce(nums(r), riv_sum_i64, 0, &v), RIV_EINVAL);
    riv_free(r);
}

/* ------------------------------------------------------------------- RD-08 */

RIV_MAP(poisoned, int64_t, int64_t);
static int poisoned(const int64_t *x, int64_t *out, riv_task *t)
{
    *out = *x;
    return *x == 3 ? riv_fail(t, "three is poison") : 0;
}

RIV_TEST(rd_08_what_is_cached_is_collected_alike_three_times)
{
    FOR_THREADS(r)
    {
        riv_ds *ds = riv_persist(counting(nums(r)), RIV_MEMORY);
        for (int i = 0; i < 3; i++)
            gives(ds, "1 2 3 4");
        assert_int_equal(seen_take(), 4);
    }
}

RIV_TEST(rd_08_a_cached_partition_that_fails_says_why)
{
    FOR_THREADS(r)
    {
        riv_result res = { .struct_size = sizeof res };
        riv_ds *ds =
            riv_persist(riv_map(nums(r), poisoned_fn, NULL), RIV_MEMORY);
        assert_int_equal(riv_collect(ds, &res), RIV_ERECORD);
        error_says(r, RIV_ERECORD, "three is poison");
    }
}

/* ------------------------------------------------------------------- RD-09 */

RIV_TEST(rd_09_reducing_nothing_is_an_error_that_says_empty)
{
    int64_t v;
    riv *r = riv_new(NULL);
    assert_int_equal(riv_reduce_now(numbers(r, 1, 0, 3), riv_sum_i64, &v),
                     RIV_EINVAL);
    error_says(r, RIV_EINVAL, "empty");
    riv_free(r);
    r = riv_new(NULL);
    riv_ds *none = riv_empty(r, &riv_type_int64_t);
    assert_int_equal(partitions_of(none), 0);
    assert_int_equal(riv_reduce_now(none, riv_sum_i64, &v), RIV_EINVAL);
    error_says(r, RIV_EINVAL, "empty");
    riv_free(r);
}

/* ---------------------------------------------------- RD-10, RD-11, RD-12 */

RIV_TEST(rd_10_repartition_gives_as_many_partitions_none_empty_at_the_ends)
{
    FOR_THREADS(r)
    {
        for (int n = 2; n <= 20; n += 18) {
            int64_t size[20];
            riv_ds *ds = riv_repartition(numbers(r, 1, 1000, 10), n);
            assert_int_equal(sizes_of(ds, size, 20), n);
            assert_true(size[0] > 0 && size[n - 1] > 0);
            assert_int_equal(count_of(ds), 1000);
            assert_int_equal(sum_of(ds), 500500);
            assert_int_equal(count_of(riv_distinct(ds, NULL)), 1000);
        }
    }
}

/* None is empty, none has more than the mean and one for each that gave. */
static void is_balanced(riv *r, int64_t n, int from, int to)
{
    int64_t *size = calloc((size_t)to, sizeof *size);
    assert_non_null(size);
    riv_ds *ds = riv_repartition(numbers(r, 1, n, from), to);
    assert_int_equal(sizes_of(ds, size, (size_t)to), to);
    for (int k = 0; k < to; k++)
        assert_in_range(size[k], 1, n / to + from);
    free(size);
}

RIV_TEST(rd_11_partitions_after_repartition_are_about_as_large)
{
    FOR_THREADS(r)
    {
        int64_t size[2];
        riv_ds *ds = riv_repartition(numbers(r, 1, 1000, 10), 2);
        assert_int_equal(sizes_of(ds, size, 2), 2);
        assert_in_range(size[0], 490, 510);
        assert_in_range(size[1], 490, 510);
        is_balanced(r, 100, 10, 20);
        is_balanced(r, 20000, 20, 100);
        is_balanced(r, 1000, 250, 128);
    }
}

static void into_text(void *arg, const char *text, size_t n)
{
    struct text *to = arg;
    assert_true(to->n + n < sizeof to->p);
    memcpy(to->p + to->n, text, n);
    to->p[to->n += n] = '\0';
}

RIV_TEST(rd_12_coalesce_with_a_shuffle_may_make_more_partitions)
{
    static struct text lineage;
    FOR_THREADS(r)
    {
        int64_t size[20];
        riv_ds *one = riv_coalesce(numbers(r, 1, 10, 10), 1, RIV_SHUFFLE);
        riv_ds *more = riv_coalesce(numbers(r, 1, 1000, 10), 20, RIV_SHUFFLE);
        lineage = (struct text){ .n = 0 };
        assert_int_equal(riv_to_debug_string(one, into_text, &lineage), 0);
        assert_non_null(strstr(lineage.p, "riv_repartition"));
        gives_set(one, "1 10 2 3 4 5 6 7 8 9");
        assert_int_equal(sizes_of(one, size, 20), 1);
        assert_int_equal(sizes_of(more, size, 20), 20);
        assert_int_equal(count_of(more), 1000);
    }
}

/* ------------------------------------------------------------ RD-17, RD-18 */

RIV_ZIP_PARTITIONS3(all_sizes, int64_t, int64_t, int64_t, int64_t);
static int all_sizes(const int64_t *a, size_t na, const int64_t *b, size_t nb,
                     const int64_t *c, size_t nc, all_sizes_out *out,
                     riv_task *t)
{
    (void)a, (void)b, (void)c, (void)t;
    riv_emit(out, (int64_t)na);
    riv_emit(out, (int64_t)nb);
    riv_emit(out, (int64_t)nc);
    return 0;
}

RIV_TEST(rd_17_partitions_of_unlike_sizes_are_seen_side_by_side)
{
    FOR_THREADS(r)
    {
        gives(riv_zip_partitions3(numbers(r, 1, 4, 2), numbers(r, 1, 6, 2),
                                  numbers(r, 1, 2, 2), all_sizes_fn, NULL),
              "2 3 1 2 3 1");
    }
}

RIV_FILTER(in_partition, int64_t);
static int in_partition(const int64_t *x, riv_task *t)
{
    (void)x;
    return riv_partition(t) == *riv_arg(t, uint32_t);
}

RIV_TEST(rd_18_one_partition_alone_can_be_looked_at)
{
    FOR_THREADS(r)
    {
        const uint32_t which = 9;
        gives(riv_filter(numbers(r, 1, 10, 10), in_partition_fn,
                         RIV_OPT(.arg = RIV_COPY(which))),
              "10");
    }
}

RIV_TEST(rd_18_many_empty_partitions_lose_nothing)
{
    FOR_THREADS(r)
    {
        riv_ds *ds = riv_repartition(numbers(r, 1, 10, 1000), 2001);
        gives_set(ds, "1 10 2 3 4 5 6 7 8 9");
        assert_int_equal(partitions_of(ds), 2001);
    }
}

/* ------------------------------------------------------------ RD-19, RD-20 */

static void takes(riv_ds *ds, size_t n, size_t want)
{
    riv_result res = { .struct_size = sizeof res };
    assert_int_equal(riv_take(ds, n, &res), 0);
    assert_int_equal(res.n, want);
    for (size_t i = 0; i < res.n; i++)
        assert_int_equal(((const int64_t *)res.rows)[i], i + 1);
    riv_result_free(&res);
}

RIV_TEST(rd_19_take_gives_the_first_of_any_number_of_partitions)
{
    static const size_t n[] = { 0, 1, 3, 500, 501, 999, 1000 };
    static const int parts[] = { 1, 2, 100, 1000 };
    FOR_THREADS(r)
    {
        for (size_t p = 0; p < 4; p++) {
            riv_ds *ds = numbers(r, 1, 999, parts[p]);
            for (size_t i = 0; i < 7; i++)
                takes(ds, n[i], n[i] < 999 ? n[i] : 999);
        }
        takes(numbers(r, 1, 2, 2), 2147483638, 2);
    }
}

/* 50 of 101 records in 100 partitions need half of the partitions. */
RIV_TEST(rd_20_take_computes_no_more_partitions_than_it_needs)
{
    FOR_THREADS(r)
    {
        riv_ds *ds = counting(numbers(r, 1, 101, 100));
        takes(ds, 50, 50);
        assert_in_range(seen_partitions(), 1, 50);
    }
}

/* ------------------------------------------------------------ RD-21, RD-22 */

RIV_TEST(rd_21_nothing_is_the_greatest_of_empty_partitions)
{
    FOR_THREADS(r)
    {
        riv_result res = { .struct_size = sizeof res };
        riv_ds *none = riv_filter(numbers(r, 1, 10, 5), no_record_fn, NULL);
        riv_top(none, 3, NULL, &res);
        fine(r);
        result_is(&res, AS_IT_IS, "");
        riv_take_ordered(none, 3, NULL, &res);
        fine(r);
        result_is(&res, AS_IT_IS, "");
    }
}

static bool is_empty(riv_ds *ds)
{
    bool empty = false;
    assert_int_equal(riv_is_empty(ds, &empty), 0);
    return empty;
}

RIV_TEST(rd_22_a_dataset_is_empty_when_no_partition_has_a_record)
{
    FOR_THREADS(r)
    {
        riv_ds *ds = numbers(r, 1, 10, 4);
        assert_true(is_empty(numbers(r, 1, 0, 4)));
        assert_true(is_empty(riv_filter(ds, no_record_fn, NULL)));
        assert_false(is_empty(ds));
        assert_false(is_empty(numbers(r, 1, 1, 4)));
    }
}

/* ------------------------------------------------------------------- RD-23 */

RIV_TEST(rd_23_a_sample_stays_in_its_partitions)
{
    FOR_THREADS(r)
    {
        int64_t all[6], some[6];
        riv_ds *ds = numbers(r, 1, 6000, 6);
        assert_int_equal(sizes_of(ds, all, 6), 6);
        assert_int_equal(sizes_of(riv_sample(ds, .5, 7), some, 6), 6);
        for (int k = 0; k < 6; k++) {
            assert_int_equal(all[k], 1000);
            assert_in_range(some[k], 350, 650);
        }
    }
}

static int by_number(const void *a, const void *b)
{
    const int64_t l = *(const int64_t *)a, r = *(const int64_t *)b;
    return (l > r) - (l < r);
}

/* How many of the sampled numbers are different. */
static size_t different(riv_ds *ds, int how, size_t n, size_t want)
{
    riv_result res = { .struct_size = sizeof res };
    size_t distinct = 0;
    assert_int_equal(riv_take_sample(ds, how, n, 11, &res), 0);
    assert_int_equal(res.n, want);
    int64_t *v = malloc((res.n + 1) * sizeof *v);
    assert_non_null(v);
    if (res.n > 0)
        memcpy(v, res.rows, res.n * sizeof *v);
    qsort(v, res.n, sizeof *v, by_number);
    for (size_t i = 0; i < res.n; i++)
        distinct += i == 0 || v[i] != v[i - 1];
    free(v);
    riv_result_free(&res);
    return distinct;
}

RIV_TEST(rd_23_take_sample_gives_exactly_as_many_as_asked)
{
    static const size_t n[] = { 5, 20, 100 };
    FOR_THREADS(r)
    {
        riv_ds *many = numbers(r, 1, 1000000, 2);
        riv_ds *few = numbers(r, 1, 100, 3);
        riv_ds *none = numbers(r, 1, 0, 3);
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(
                different(many, RIV_WITHOUT_REPLACEMENT, n[i], n[i]), n[i]);
            different(many, RIV_WITH_REPLACEMENT, n[i], n[i]);
        }
        assert_in_range(different(few, RIV_WITH_REPLACEMENT, 100, 100), 20, 99);
        assert_in_range(different(few, RIV_WITH_REPLACEMENT, 200, 200), 20,
                        100);
        assert_int_equal(different(few, RIV_WITHOUT_REPLACEMENT, 200, 100),
                         100);
        different(none, RIV_WITH_REPLACEMENT, 5, 0);
        different(none, RIV_WITHOUT_REPLACEMENT, 5, 0);
    }
}

RIV_TEST(rd_23_a_random_split_loses_nothing_and_keeps_its_shares)
{
    static const double weight[] = { 1, 2, 3 };
    FOR_THREADS(r)
    {
        riv_ds *part[3];
        riv_ds *ds = numbers(r, 1, 600, 4);
        assert_int_equal(riv_random_split(ds, weight, 3, 11, part), 0);
        for (int i = 0; i < 3; i++)
            assert_in_range(count_of(part[i]), 100 * (i + 1) - 50,
                            100 * (i + 1) + 50);
        riv_ds *whole = riv_union(riv_union(part[0], part[1]), part[2]);
        assert_int_equal(count_of(whole), 600);
        assert_int_equal(count_of(riv_distinct(whole, NULL)), 600);
        assert_int_equal(sum_of(whole), 600 * 601 / 2);
    }
}

/* ------------------------------------------------------------------- RD-25 */

typedef struct person {
    riv_str first, last;
    int64_t age;
} person;
RIV_STRUCT(person, first, last, age);

typedef struct full_name {
    riv_str last, first;
} full_name;
RIV_STRUCT(full_name, last, first);

RIV_MAP(age_of, person, int64_t);
static int age_of(const person *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = in->age;
    return 0;
}

RIV_MAP(name_of, person, full_name);
static int name_of(const person *in, full_name *out, riv_task *t)
{
    (void)t;
    *out = (full_name){ in->last, in->first };
    return 0;
}

#define NAMED(first, last, age) \
    { \
        { first, sizeof first - 1 }, { last, sizeof last - 1 }, age \
    }

static riv_ds *people(riv *r)
{
    static const person row[] = { NAMED("Bob", "Smith", 45),
                                  NAMED("Jane", "Smith", 22),
                                  NAMED("Thomas", "Williams", 32),
                                  NAMED("Jack", "Ace", 25),
                                  NAMED("Ann", "Young", 60) };
    return riv_parallelize(r, &riv_type_person, row, 5,
                           RIV_OPT(.partitions = 3));
}

RIV_TEST(rd_25_sort_by_takes_any_order_of_the_program)
{
    FOR_THREADS(r)
    {
        gives(riv_sort_by(people(r), age_of_fn, RIV_ASCENDING, NULL),
              "Jane:Smith:22 Jack:Ace:25 Thomas:Williams:32 Bob:Smith:45 "
              "Ann:Young:60");
        gives(riv_sort_by(people(r), name_of_fn, RIV_ASCENDING, NULL),
              "Jack:Ace:25 Bob:Smith:45 Jane:Smith:22 Thomas:Williams:32 "
              "Ann:Young:60");
        gives(riv_sort_by(people(r), name_of_fn, RIV_DESCENDING, NULL),
              "Ann:Young:60 Thomas:Williams:32 Jane:Smith:22 Bob:Smith:45 "
              "Jack:Ace:25");
    }
}

/* ---------------------------------------------------- RD-27, RD-28, RD-29 */

RIV_TEST(rd_26_a_sort_within_partitions_exchanges_once)
{
    static const int_int row[] = { { 5, 1 }, { 2, 1 }, { 5, 2 }, { 1, 1 } };
    FOR_THREADS(r)
    {
        riv_ds *parts = riv_partition_by(
            riv_parallelize(r, &riv_type_int_int, row, 4, NULL), NULL,
            RIV_OPT(.partitions = 3));
        riv_ds *sorted = riv_repartition_and_sort_within_partitions(
            parts, NULL, RIV_OPT(.partitions = 3));
        assert_int_equal(exchanges_of(sorted), 1);
        assert_int_equal(partitions_of(sorted), 3);
        gives_set(sorted, "1:1 2:1 5:1 5:2");
    }
}

RIV_TEST(rd_27_a_product_of_too_many_partitions_is_refused)
{
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_result res = { .struct_size = sizeof res };
    riv_ds *ds =
        riv_cartesian(numbers(r, 1, 1, 65536), numbers(r, 1, 1, 65536));
    assert_int_equal(riv_collect(ds, &res), RIV_EINVAL);
    error_says(r, RIV_EINVAL, "65536 times 65536 partitions");
    riv_free(r);
}

static riv_ds *some(riv *r, const int64_t *row, size_t n)
{
    return riv_parallelize(r, &riv_type_int64_t, row, n,
                           RIV_OPT(.partitions = 3));
}

RIV_TEST(rd_28_an_intersection_is_the_same_either_way_round)
{
    static const int64_t a[] = { 1, 2, 2, 3, 4, 5, 6 };
    static const int64_t b[] = { 2, 4, 4, 6, 8, 10, 12 };
    FOR_THREADS(r)
    {
        gives_set(riv_intersection(some(r, a, 7), some(r, b, 7), NULL),
                  "2 4 6");
        gives_set(riv_intersection(some(r, b, 7), some(r, a, 7), NULL),
                  "2 4 6");
    }
}

RIV_TEST(rd_29_records_are_numbered_after_an_exchange_too)
{
    FOR_THREADS(r)
    {
        riv_ds *ds =
            riv_zip_with_index(riv_repartition(numbers(r, 0, 9, 3), 4));
        assert_int_equal(count_of(ds), 10);
        gives_set(riv_values(ds), "0 1 2 3 4 5 6 7 8 9");
        riv_ds *ids = riv_values(riv_zip_with_unique_id(numbers(r, 0, 9, 3)));
        assert_int_equal(count_of(riv_distinct(ids, NULL)), 10);
    }
}

/* ------------------------------------------------------------------- RD-31 */

static riv_ds *seen_by_function;

RIV_MAP(counts_inside, int64_t, int64_t);
static int counts_inside(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)x, (void)t;
    return riv_count_now(seen_by_function, out);
}

RIV_TEST(rd_31_an_action_inside_a_function_fails_the_job_and_says_so)
{
    FOR_THREADS(r)
    {
        int64_t n;
        seen_by_function = numbers(r, 1, 9, 9);
        riv_ds *ds = riv_map(seen_by_function, counts_inside_fn, NULL);
        assert_int_equal(riv_count_now(ds, &n), RIV_EINVAL);
        error_says(r, RIV_EINVAL, "riv_count_now: called by a function");
    }
}

static int counts_in_callback(riv *r, riv_ds *rdd, int64_t time,
                              const void *arg)
{
    (void)r, (void)time;
    return riv_count_now(rdd, *(int64_t *const *)arg);
}

RIV_TEST(rd_31_an_action_is_refused_after_the_stop_and_works_in_a_callback)
{
    FOR_THREADS(r)
    {
        int64_t n = 0, *at = &n;
        riv_ds *ds = numbers(r, 1, 9, 3);
        riv_foreach_rdd(ds, counts_in_callback, RIV_OPT(.arg = RIV_COPY(at)));
        assert_int_equal(riv_run(r), 0);
        assert_int_equal(n, 9);
        riv_stop(r, RIV_DRAIN);
        assert_int_equal(riv_count_now(ds, &n), RIV_EINVAL);
        error_says(r, RIV_EINVAL, "the job was stopped");
    }
}

/* ------------------------------------------------------------------- PC-07 */

/* First, last, and how many that do not follow the one before. */
RIV_GLOM(ends_and_breaks, int64_t, int_int);
static int ends_and_breaks(const int64_t *rows, size_t n,
                           ends_and_breaks_out *out, riv_task *t)
{
    (void)t;
    for (size_t i = 1; i < n; i++)
        if (rows[i] != rows[i - 1] + 1)
            return riv_fail(t, "a number is missing");
    if (n > 0)
        riv_emit(out, (int_int){ rows[0], rows[n - 1] });
    return 0;
}

static void check_slices(riv *r, int64_t from, int64_t until, int64_t slices)
{
    riv_result res = { .struct_size = sizeof res };
    riv_ds *ds =
        riv_range(r, from, until, 1, RIV_OPT(.partitions = (int)slices));
    assert_int_equal(riv_collect(riv_glom(ds, ends_and_breaks_fn, NULL), &res),
                     0);
    assert_int_equal(res.n, slices);
    const int64_t each = (until - from) / slices;
    for (size_t k = 0; k < res.n; k++) {
        const int_int *ends = (const int_int *)res.rows + k;
        assert_int_equal(ends->key, from + (int64_t)k * each);
        assert_int_equal(ends->val, from + (int64_t)(k + 1) * each - 1);
    }
    riv_result_free(&res);
}

RIV_TEST(pc_07_slices_of_many_numbers_do_not_overflow)
{
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    check_slices(r, 0, 100000000, 40);
    check_slices(r, INT64_MAX - 400, INT64_MAX, 4);
    check_slices(r, INT64_MIN, INT64_MIN + 400, 4);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(rd_01_an_iterator_gives_partition_after_partition),
        RIV_CASE(rd_03_distinct_values_are_counted_as_accurately_as_asked),
        RIV_CASE(rd_06_trees_of_any_depth_give_the_sum),
        RIV_CASE(rd_06_a_tree_of_depth_0_is_refused),
        RIV_CASE(rd_08_what_is_cached_is_collected_alike_three_times),
        RIV_CASE(rd_08_a_cached_partition_that_fails_says_why),
        RIV_CASE(rd_09_reducing_nothing_is_an_error_that_says_empty),
        RIV_CASE(
            rd_10_repartition_gives_as_many_partitions_none_empty_at_the_ends),
        RIV_CASE(rd_11_partitions_after_repartition_are_about_as_large),
        RIV_CASE(rd_12_coalesce_with_a_shuffle_may_make_more_partitions),
        RIV_CASE(rd_17_partitions_of_unlike_sizes_are_seen_side_by_side),
        RIV_CASE(rd_18_one_partition_alone_can_be_looked_at),
        RIV_CASE(rd_18_many_empty_partitions_lose_nothing),
        RIV_CASE(rd_19_take_gives_the_first_of_any_number_of_partitions),
        RIV_CASE(rd_20_take_computes_no_more_partitions_than_it_needs),
        RIV_CASE(rd_21_nothing_is_the_greatest_of_empty_partitions),
        RIV_CASE(rd_22_a_dataset_is_empty_when_no_partition_has_a_record),
        RIV_CASE(rd_23_a_sample_stays_in_its_partitions),
        RIV_CASE(rd_23_take_sample_gives_exactly_as_many_as_asked),
        RIV_CASE(rd_23_a_random_split_loses_nothing_and_keeps_its_shares),
        RIV_CASE(rd_25_sort_by_takes_any_order_of_the_program),
        RIV_CASE(rd_26_a_sort_within_partitions_exchanges_once),
        RIV_CASE(rd_27_a_product_of_too_many_partitions_is_refused),
        RIV_CASE(rd_28_an_intersection_is_the_same_either_way_round),
        RIV_CASE(rd_29_records_are_numbered_after_an_exchange_too),
        RIV_CASE(rd_31_an_action_inside_a_function_fails_the_job_and_says_so),
        RIV_CASE(
            rd_31_an_action_is_refused_after_the_stop_and_works_in_a_callback),
        RIV_CASE(pc_07_slices_of_many_numbers_do_not_overflow),
    };
    return RIV_RUN(tests);
}
