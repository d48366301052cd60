/* tests/rows/pair_rdd_test.c - rows of the table "Key-value RDDs, partitioners,
 * sorting, numbers" that are no lines of data: each test is named by its row's
 * id. */
#include "fixture.h"

#include <float.h>

static riv_ds *pairs(riv *r, const int_int *row, size_t n, int parts)
{
    return riv_parallelize(r, &riv_type_int_int, row, n,
                           RIV_OPT(.partitions = parts));
}

static const int_int five[] = {
    { 1, 1 }, { 1, 2 }, { 1, 3 }, { 1, 1 }, { 2, 1 }
};

/* ------------------------------------------------------------ PR-03, PR-05 */

RIV_TEST(pr_03_reduced_values_are_collected_as_a_map)
{
    FOR_THREADS(r)
    {
        riv_result res = { .struct_size = sizeof res };
        riv_ds *sums =
            riv_reduce_by_key(pairs(r, five, 5, 3), riv_sum_i64, NULL);
        assert_int_equal(riv_collect_as_map(sums, &res), 0);
        result_is(&res, AS_A_SET, "1:7 2:1");
    }
}

/* A list of small numbers, as a value that a reducer may change. */
typedef struct list {
    int64_t n;
    char item[8];
} list;
RIV_STRUCT(list, n, item);
RIV_PAIR(int_list, int64_t, list);

RIV_REDUCE(append, list);
static void append(list *acc, const list *v, riv_task *t)
{
    (void)t;
    for (int64_t i = 0; i < v->n && acc->n < 8; i++)
        acc->item[acc->n++] = v->item[i];
}

RIV_MAP(as_list, int_int, int_list);
static int as_list(const int_int *in, int_list *out, riv_task *t)
{
    (void)t;
    *out = (int_list){ in->key, { 1, { (char)('0' + in->val) } } };
    return 0;
}

RIV_MAP(list_text, int_list, int_word);
static int list_text(const int_list *in, int_word *out, riv_task *t)
{
    *out = (int_word){ in->key, riv_dup(t, in->val.item, (size_t)in->val.n) };
    return 0;
}

/* One partition, so that the order of the values is that of the input. */
RIV_TEST(pr_05_a_zero_that_is_changed_in_place_starts_every_key_anew)
{
    FOR_THREADS(r)
    {
        const list zero = { 0 };
        riv_ds *in = riv_persist(
            riv_map(pairs(r, five, 5, 1), as_list_fn, NULL), RIV_MEMORY);
        riv_ds *folded = riv_fold_by_key(in, &zero, append_fn, NULL);
        for (int i = 0; i < 2; i++)
            gives_set(riv_map(folded, list_text_fn, NULL), "1:1231 2:1");
        gives(riv_map(in, list_text_fn, NULL), "1:1 1:2 1:3 1:1 2:1");
    }
}

/* ------------------------------------------------------------------- PR-06 */

/* Key i has i different values, each of them several times. */
RIV_FLAT_MAP(as_many_as_key, int64_t, int_int);
static int as_many_as_key(const int64_t *key, as_many_as_key_out *out,
                          riv_task *t)
{
    (void)t;
    for (int64_t i = 0; i < 3 * *key; i++)
        riv_emit(out, (int_int){ *key, i % *key });
    return 0;
}

RIV_TEST(pr_06_distinct_values_of_a_key_are_counted_as_accurately_as_asked)
{
    FOR_THREADS(r)
    {
        riv_result res = { .struct_size = sizeof res };
        riv_ds *pairs_of =
            riv_flat_map(numbers(r, 1, 100, 3), as_many_as_key_fn, NULL);
        riv_ds *counts =
            riv_count_approx_distinct_by_key(pairs_of, .0083, NULL);
        assert_int_equal(riv_collect(counts, &res), 0);
        assert_int_equal(res.n, 100);
        int64_t sum = 0;
        for (size_t i = 0; i < res.n; i++) {
            const int_int *row = (const int_int *)res.rows + i;
            assert_in_range(row->val, row->key - 1, row->key + 1);
            sum += row->val;
        }
        assert_in_range(sum, 5000, 5100); /* 5,050 within one percent */
        riv_result_free(&res);
    }
}

/* ------------------------------------------------------------------- PR-07 */

RIV_PAIR(int_real, int64_t, double);

RIV_MAP(stratum, int64_t, int_int);
static int stratum(const int64_t *x, int_int *out, riv_task *t)
{
    (void)t;
    *out = (int_int){ *x % 10 < 3, *x };
    return 0;
}

/* Two strata, three and seven tenths of the records. */
static void check_strata(riv *r, int64_t n, double fraction, int how)
{
    const int_real share[] = { { 0, fraction }, { 1, fraction } };
    const int64_t size[] = { n * 7 / 10, n * 3 / 10 };
    riv_result res = { .struct_size = sizeof res };
    riv_ds *in = riv_map(numbers(r, 0, n - 1, 5), stratum_fn, NULL);
    riv_ds *ds = riv_sample_by_key(in, &riv_type_int_real, share, 2, how, 3);
    assert_int_equal(riv_count_by_key(ds, &res), 0);
    for (size_t i = 0; i < res.n; i++) {
        const int_int *row = (const int_int *)res.rows + i;
        const double want = fraction * (double)size[row->key];
        const double off = (double)row->val - want;
        if (how == RIV_SAMPLE_EXACT)
            assert_true(off >= -1e-6 && off < 1); /* rounded up */
        else                                      /* five standard deviations */
            assert_true(off * off <= 25 * (want + 1));
    }
    if (how == RIV_SAMPLE_EXACT || fraction * (double)n >= 100)
        assert_int_equal(res.n, 2);
    riv_result_free(&res);
}

RIV_TEST(pr_07_every_stratum_is_sampled_by_its_fraction)
{
    static const double fraction[] = { .01, .1, .5 };
    static const int64_t n[] = { 100, 1000, 1000000 };
    for (size_t i = 0; i < 3; i++) {
        riv *r = riv_new(RIV_CONFIG(.threads = thread_counts[i]));
        for (size_t f = 0; f < 3; f++)
            for (int how = RIV_SAMPLE_ONCE; how <= RIV_SAMPLE_EXACT; how++)
                check_strata(r, n[i], fraction[f], how);
        riv_free(r);
    }
}

/* ------------------------------------------------------------ PR-19, PR-21 */

RIV_COGROUP(sizes, int_int, int_int, int_word);
static int sizes(const int64_t *key, const int64_t *l, size_t nl,
                 const int64_t *r, size_t nr, sizes_out *out, riv_task *t)
{
    (void)l, (void)r;
    riv_emit(out, (int_word){ *key, riv_fmt(t, "%zu/%zu", nl, nr) });
    return 0;
}

RIV_GROUP(number_of_values, int_int, int_int);
static int number_of_values(const int64_t *key, const int64_t *v, size_t n,
                            number_of_values_out *out, riv_task *t)
{
    (void)v, (void)t;
    riv_emit(out, (int_int){ *key, (int64_t)n });
    return 0;
}

RIV_TEST(pr_19_a_cogroup_with_nothing_keeps_the_rows)
{
    FOR_THREADS(r)
    {
        riv_ds *in = pairs(r, five, 5, 3), *none = pairs(r, five, 0, 3);
        gives_set(riv_cogroup(in, none, sizes_fn, NULL), "1:4/0 2:1/0");
        gives_set(riv_cogroup(none, in, sizes_fn, NULL), "1:0/4 2:0/1");
        riv_ds *groups = riv_group_by_key(none, number_of_values_fn, NULL);
        gives_set(riv_cogroup(in, groups, sizes_fn, NULL), "1:4/0 2:1/0");
        riv_ds *empty = riv_empty(r, &riv_type_int_int);
        gives_set(riv_cogroup(in, empty, sizes_fn, NULL), "1:4/0 2:1/0");
        riv_ds *sums = riv_reduce_by_key(empty, riv_sum_i64, NULL);
        assert_int_equal(partitions_of(sums), 0); /* none at all */
        gives_set(riv_cogroup(in, sums, sizes_fn, NULL), "1:4/0 2:1/0");
    }
}

RIV_MAP(as_pair, int64_t, int_int);
static int as_pair(const int64_t *x, int_int *out, riv_task *t)
{
    (void)t;
    *out = (int_int){ *x % 7, *x };
    return 0;
}

/* Without a number the size of the data decides, not the 2,000 partitions; a
 * number that is asked for holds. */
RIV_TEST(pr_21_partitions_of_a_result_go_by_the_data_or_by_what_is_asked)
{
    FOR_THREADS(r)
    {
        riv_ds *many = riv_map(numbers(r, 1, 4000, 2000), as_pair_fn, NULL);
        riv_ds *two = riv_map(numbers(r, 1, 100, 2), as_pair_fn, NULL);
        riv_ds *groups = riv_group_by_key(many, number_of_values_fn, NULL);
        riv_ds *met = riv_cogroup(two, many, sizes_fn, NULL);
        assert_int_equal(sum_of(riv_values(groups)), 4000);
        assert_in_range(partitions_of(groups), 1, 16);
        assert_int_equal(count_of(met), 7);
        assert_in_range(partitions_of(met), 1, 16);
        riv_ds *asked = riv_group_by_key(many, number_of_values_fn,
                                         RIV_OPT(.partitions = 300));
        assert_int_equal(partitions_of(asked), 300);
        assert_int_equal(count_of(asked), 7);
    }
}

RIV_MAP_VALUES(negated, int_int, int_int);
static int negated(const int64_t *key, const int64_t *v, int64_t *out,
                   riv_task *t)
{
    (void)key, (void)t;
    *out = -*v;
    return 0;
}

RIV_FILTER(is_small, int_int);
static int is_small(const int_int *in, riv_task *t)
{
    (void)t;
    return in->val < 1000;
}

RIV_MAP(turned, int_int, int_int);
static int turned(const int_int *in, int_int *out, riv_task *t)
{
    (void)t;
    *out = (int_int){ in->val, in->key };
    return 0;
}

/* --------------------------------------------- PR-04, PR-22, PR-23, PT-01 */

static riv_ds *hashed(riv_ds *in, int n)
{
    return riv_partition_by(in, NULL, RIV_OPT(.partitions = n));
}

RIV_TEST(pr_04_a_fold_of_what_is_partitioned_exchanges_once)
{
    FOR_THREADS(r)
    {
        riv_ds *parts = hashed(pairs(r, five, 5, 3), 7);
        riv_ds *sums = riv_reduce_by_key(parts, riv_sum_i64, NULL);
        riv_ds *groups = riv_group_by_key(parts, number_of_values_fn,
                                          RIV_OPT(.partitions = 2));
        assert_int_equal(exchanges_of(sums), 1);
        assert_int_equal(exchanges_of(groups), 1);
        assert_int_equal(partitions_of(sums), 7);
        assert_int_equal(partitions_of(groups), 2);
        gives_set(sums, "1:7 2:1");
    }
}

RIV_TEST(pr_04_a_join_of_what_is_partitioned_exchanges_once)
{
    FOR_THREADS(r)
    {
        riv_ds *l = hashed(pairs(r, five, 5, 3), 7);
        riv_ds *met =
            riv_cogroup(l, hashed(pairs(r, five, 5, 2), 7), sizes_fn, NULL);
        assert_int_equal(exchanges_of(met), 1);
        assert_int_equal(partitions_of(met), 7);
        assert_int_equal(count_of(met), 2);
    }
}

RIV_TEST(pr_22_a_difference_takes_over_how_its_left_is_partitioned)
{
    static const int_int l[] = { { 1, 1 }, { 2, 2 }, { 3, 3 } };
    static const int_int other[] = { { 2, 2 }, { 3, 33 }, { 4, 4 } };
    FOR_THREADS(r)
    {
        riv_ds *left = riv_persist(hashed(pairs(r, l, 3, 2), 17), RIV_MEMORY);
        riv_ds *rest = riv_subtract(left, pairs(r, other, 3, 4), NULL);
        assert_int_equal(partitions_of(rest), 17);
        gives_set(rest, "1:1 3:3");
    }
}

RIV_TEST(pr_23_a_difference_by_key_is_partitioned_as_its_left)
{
    static const int_int l[] = { { 1, 1 }, { 1, 2 }, { 2, 2 }, { 3, 3 } };
    static const int_int other[] = { { 2, 20 }, { 3, 33 } };
    FOR_THREADS(r)
    {
        riv_ds *left = riv_persist(hashed(pairs(r, l, 4, 2), 10), RIV_MEMORY);
        riv_ds *rest = riv_subtract_by_key(left, pairs(r, other, 2, 40), NULL);
        riv_ds *sums = riv_reduce_by_key(rest, riv_sum_i64, NULL);
        assert_int_equal(partitions_of(rest), 10);
        assert_int_equal(partitions_of(sums), 10);
        gives_set(rest, "1:1 1:2");
    }
}

RIV_TEST(pt_01_hashes_are_equal_when_their_numbers_of_partitions_are)
{
    FOR_THREADS(r)
    {
        riv_ds *two = hashed(pairs(r, five, 5, 3), 2);
        riv_ds *mean =
            riv_reduce_by_key(riv_persist(two, RIV_MEMORY), riv_sum_i64, NULL);
        assert_ptr_equal(hashed(two, 2), two);
        assert_ptr_not_equal(hashed(two, 3), two);
        assert_ptr_not_equal(riv_partition_by_range(two, RIV_ASCENDING,
                                                    RIV_OPT(.partitions = 2)),
                             two);
        assert_int_equal(partitions_of(mean), 2);
    }
}

/* The same keys in the same partitions, whoever put them there. */
RIV_TEST(pt_01_a_fold_and_partition_by_place_keys_alike)
{
    FOR_THREADS(r)
    {
        riv_ds *keys = riv_map(numbers(r, 1, 100, 4), as_pair_fn, NULL);
        riv_ds *folded =
            riv_reduce_by_key(keys, riv_max_i64, RIV_OPT(.partitions = 5));
        riv_ds *placed = hashed(riv_reduce_by_key(keys, riv_max_i64, NULL), 5);
        riv_local_iterator a = { .struct_size = sizeof a }, b = a;
        riv_to_local_iterator(folded, &a);
        riv_to_local_iterator(placed, &b);
        for (int i = 0; i < 5; i++) {
            riv_result l = { .struct_size = sizeof l }, p = l;
            static struct text want;
            assert_int_equal(riv_next(&a, &l), 1);
            assert_int_equal(riv_next(&b, &p), 1);
            result_text(&want, &l, AS_A_SET);
            riv_result_free(&l);
            result_is(&p, AS_A_SET, want.p);
        }
    }
}

/* ------------------------------------------------------------------- PT-08 */

RIV_TEST(pt_08_who_keeps_takes_over_and_loses_a_partitioner)
{
    FOR_THREADS(r)
    {
        riv_ds *in = riv_map(numbers(r, 1, 10, 4), as_pair_fn, NULL);
        riv_ds *two = riv_cache(hashed(in, 2)),
               *four = riv_cache(hashed(in, 4));
        riv_ds *sums2 = riv_reduce_by_key(two, riv_sum_i64, NULL);
        riv_ds *sums4 = riv_reduce_by_key(four, riv_sum_i64, NULL);
        const riv_opt three = *RIV_OPT(.partitions = 3);
        assert_int_equal(partitions_of(sums2), 2);
        assert_int_equal(partitions_of(sums4), 4);
        assert_int_equal(
            partitions_of(riv_reduce_by_key(sums2, riv_sum_i64, &three)), 3);
        assert_int_equal(
            partitions_of(riv_cogroup(sums2, sums4, sizes_fn, NULL)), 4);
        assert_int_equal(partitions_of(riv_cogroup(two, sums2, sizes_fn, NULL)),
                         2);
        riv_ds *kept = riv_filter(riv_map_values(two, negated_fn, NULL),
                                  is_small_fn, NULL);
        assert_int_equal(
            partitions_of(riv_reduce_by_key(kept, riv_sum_i64, NULL)), 2);
        riv_ds *lost = riv_reduce_by_key(riv_map(four, turned_fn, NULL),
                                         riv_sum_i64, NULL);
        assert_true(partitions_of(lost) != 4);
    }
}

/* ------------------------------------------------------------------- PR-24 */

static uint32_t by_key(const void *key, uint32_t n, const void *arg)
{
    (void)arg;
    return (uint32_t)(*(const int64_t *)key % (int64_t)n);
}

/* Of a number below zero it makes one that is far too large. */
static uint32_t negative(const void *key, uint32_t n, const void *arg)
{
    (void)n, (void)arg;
    return (uint32_t) - *(const int64_t *)key;
}

RIV_TEST(pr_24_lookup_finds_the_same_in_partitions_of_the_programs_own)
{
    static const int_int row[] = { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 5, 7 } };
    static const int64_t key[] = { 1, 5, -1 };
    static const char *const want[] = { "2", "6 7", "" };
    FOR_THREADS(r)
    {
        riv_ds *in = pairs(r, row, 4, 2);
        riv_ds *own = riv_partition_by(in, by_key, RIV_OPT(.partitions = 3));
        riv_ds *hashed = riv_partition_by(in, NULL, RIV_OPT(.partitions = 3));
        for (size_t i = 0; i < 3; i++) {
            riv_ds *const ds[] = { in, own, hashed };
            for (size_t k = 0; k < 3; k++) {
                riv_result res = { .struct_size = sizeof res };
                assert_int_equal(riv_lookup(ds[k], &key[i], &res), 0);
                result_is(&res, AS_IT_IS, want[i]);
            }
        }
    }
}

RIV_TEST(pr_24_a_partition_that_is_none_fails_the_job)
{
    FOR_THREADS(r)
    {
        riv_result res = { .struct_size = sizeof res };
        riv_ds *ds = riv_partition_by(pairs(r, five, 5, 2), negative,
                                      RIV_OPT(.partitions = 2));
        assert_true(riv_lookup(ds, &five[0].key, &res) < 0);
        error_says(r, riv_error(r), "partitions are 0 to 1");
    }
}

/* ----------------------------------------------------- PT-03, PT-07, SO-01 */

/* First and last key of each partition, and how many there are. */
RIV_GLOM(ends_of, int_int, int_int);
static int ends_of(const int_int *rows, size_t n, ends_of_out *out, riv_task *t)
{
    int64_t least = INT64_MAX, most = INT64_MIN;
    (void)t;
    for (size_t i = 0; i < n; i++) {
        least = rows[i].key < least ? rows[i].key : least;
        most = rows[i].key > most ? rows[i].key : most;
    }
    if (n > 0)
        riv_emit(out, (int_int){ least, most });
    return 0;
}

RIV_MAP(key_and_0, int64_t, int_int);
static int key_and_0(const int64_t *x, int_int *out, riv_task *t)
{
    (void)t;
    *out = (int_int){ *x, 0 };
    return 0;
}

static void check_ranges(riv *r, int parts)
{
    riv_result res = { .struct_size = sizeof res };
    riv_ds *in = riv_map(numbers(r, 1, 2000, 4), key_and_0_fn, NULL);
    riv_ds *ds =
        riv_partition_by_range(in, RIV_ASCENDING, RIV_OPT(.partitions = parts));
    assert_int_equal(riv_collect(riv_glom(ds, ends_of_fn, NULL), &res), 0);
    assert_in_range(res.n, 1, parts);
    assert_int_equal(res.n > (size_t)parts / 2, 1);
    int64_t next = 1;
    for (size_t i = 0; i < res.n; i++) {
        const int_int *ends = (const int_int *)res.rows + i;
        assert_int_equal(ends->key, next);
        next = ends->val + 1;
    }
    assert_int_equal(next, 2001);
    riv_result_free(&res);
}

RIV_TEST(pt_03_a_range_holds_the_keys_between_its_bounds)
{
    static const int parts[] = { 1, 2, 10, 100, 500, 1000, 1500 };
    FOR_THREADS(r)
    {
        for (size_t i = 0; i < 7; i++)
            check_ranges(r, parts[i]);
    }
}

/* Empty partitions may stand for those that Spark leaves out. */
RIV_TEST(pt_07_few_keys_have_few_ranges)
{
    FOR_THREADS(r)
    {
        riv_ds *none = pairs(r, five, 0, 3);
        riv_ds *three = riv_map(numbers(r, 1, 3, 1), key_and_0_fn, NULL);
        for (int asked = 0; asked <= 2; asked += 2) {
            riv_ds *ds = riv_partition_by_range(none, RIV_ASCENDING,
                                                RIV_OPT(.partitions = asked));
            assert_int_equal(count_of(ds), 0);
            assert_in_range(partitions_of(ds), 0, 2);
        }
        riv_ds *ds = riv_partition_by_range(three, RIV_ASCENDING,
                                            RIV_OPT(.partitions = 22));
        gives(riv_keys(ds), "1 2 3");
        assert_in_range(partitions_of(ds), 3, 22);
    }
}

enum { RANDOM = 1000 };

static riv_ds *random_pairs(riv *r, size_t n, int parts)
{
    static int_int row[RANDOM];
    uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        row[i] = (int_int){ (int64_t)(x >> 40), (int64_t)i };
    }
    return pairs(r, row, n, parts);
}

static void check_sorted(riv *r, size_t n, int parts, int order)
{
    riv_result res = { .struct_size = sizeof res };
    riv_ds *ds = riv_sort_by_key(random_pairs(r, n, 3), order,
                                 RIV_OPT(.partitions = parts));
    assert_int_equal(riv_collect(ds, &res), 0);
    assert_int_equal(res.n, n);
    const int_int *row = res.rows;
    for (size_t i = 1; i < res.n; i++)
        assert_true(order == RIV_ASCENDING ? row[i - 1].key <= row[i].key
                                           : row[i - 1].key >= row[i].key);
    riv_result_free(&res);
    assert_in_range(partitions_of(ds), n < (size_t)parts ? n : 1, parts);
    if (n > 10 * (size_t)parts)
        assert_int_equal(partitions_of(ds), parts);
}

RIV_TEST(so_01_keys_come_sorted_in_as_many_partitions_as_asked)
{
    FOR_THREADS(r)
    {
        for (int order = RIV_ASCENDING; order <= RIV_DESCENDING; order++) {
            check_sorted(r, RANDOM, 1, order);
            check_sorted(r, RANDOM, 2, order);
            check_sorted(r, RANDOM, 20, order);
            check_sorted(r, 10, 30, order);
        }
    }
}

/* ------------------------------------------------------------ SO-03, DR-15 */

static void check_filtered(riv_ds *in, int64_t lower, int64_t upper, int step)
{
    riv_result res = { .struct_size = sizeof res };
    assert_int_equal(
        riv_collect(riv_keys(riv_filter_by_range(in, &lower, &upper)), &res),
        0);
    assert_int_equal(res.n, upper - lower + 1);
    const int64_t first = step > 0 ? lower : upper;
    for (size_t i = 0; step != 0 && i < res.n; i++)
        assert_int_equal(((const int64_t *)res.rows)[i],
                         first + step * (int64_t)i);
    riv_result_free(&res);
}

RIV_TEST(so_03_a_range_of_keys_is_filtered_in_any_order_of_them)
{
    FOR_THREADS(r)
    {
        riv_ds *in = riv_map(numbers(r, 1, 1000, 10), key_and_0_fn, NULL);
        riv_ds *down = riv_sort_by_key(in, RIV_DESCENDING, NULL);
        check_filtered(down, 200, 800, -1);
        check_filtered(riv_sort_by_key(in, RIV_ASCENDING, NULL), 250, 850, 1);
        check_filtered(in, 200, 800, 1);
        riv_ds *mixed = riv_repartition(in, 7);
        check_filtered(mixed, 200, 800, 0);
        int64_t from = 200, until = 800;
        assert_int_equal(
            count_of(riv_distinct(
                riv_keys(riv_filter_by_range(mixed, &from, &until)), NULL)),
            601);
    }
}

RIV_TEST(dr_15_a_million_buckets_are_filled_right)
{
    enum { BUCKETS = 1000000 };
    static const double row[] = { 0, 1e24, 1e30 };
    double *bound = malloc((BUCKETS + 1) * sizeof *bound);
    int64_t *found = malloc(BUCKETS * sizeof *found);
    assert_true(bound && found);
    FOR_THREADS(r)
    {
        size_t made = 0;
        riv_ds *ds = riv_parallelize(r, &riv_type_double, row, 3, NULL);
        assert_int_equal(riv_histogram_even(ds, BUCKETS, bound, found, &made),
                         0);
        assert_int_equal(made, BUCKETS);
        assert_int_equal(found[0], 1);
        assert_int_equal(found[1], 1);
        assert_int_equal(found[BUCKETS - 1], 1);
        for (size_t i = 2; i < BUCKETS - 1; i++)
            assert_int_equal(found[i], 0);
        assert_true(bound[0] == 0 && bound[BUCKETS] == 1e30);
    }
    free(bound);
    free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(pr_03_reduced_values_are_collected_as_a_map),
        RIV_CASE(pr_05_a_zero_that_is_changed_in_place_starts_every_key_anew),
        RIV_CASE(
            pr_06_distinct_values_of_a_key_are_counted_as_accurately_as_asked),
        RIV_CASE(pr_07_every_stratum_is_sampled_by_its_fraction),
        RIV_CASE(pr_19_a_cogroup_with_nothing_keeps_the_rows),
        RIV_CASE(
            pr_21_partitions_of_a_result_go_by_the_data_or_by_what_is_asked),
        RIV_CASE(pr_04_a_fold_of_what_is_partitioned_exchanges_once),
        RIV_CASE(pr_04_a_join_of_what_is_partitioned_exchanges_once),
        RIV_CASE(pr_22_a_difference_takes_over_how_its_left_is_partitioned),
        RIV_CASE(pr_23_a_difference_by_key_is_partitioned_as_its_left),
        RIV_CASE(pt_01_hashes_are_equal_when_their_numbers_of_partitions_are),
        RIV_CASE(pt_01_a_fold_and_partition_by_place_keys_alike),
        RIV_CASE(pt_08_who_keeps_takes_over_and_loses_a_partitioner),
        RIV_CASE(pr_24_lookup_finds_the_same_in_partitions_of_the_programs_own),
        RIV_CASE(pr_24_a_partition_that_is_none_fails_the_job),
        RIV_CASE(pt_03_a_range_holds_the_keys_between_its_bounds),
        RIV_CASE(pt_07_few_keys_have_few_ranges),
        RIV_CASE(so_01_keys_come_sorted_in_as_many_partitions_as_asked),
        RIV_CASE(so_03_a_range_of_keys_is_filtered_in_any_order_of_them),
        RIV_CASE(dr_15_a_million_buckets_are_filled_right),
    };
    return RIV_RUN(tests);
}
