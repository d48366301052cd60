/* Tests of sorts, partitions and samples as a program sees them: against qsort
 * and counting, on random rows (the seed is printed), 1, 2 and 4 threads. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "data/hash.h"

RIV_PAIR(kv, int64_t, int64_t);
RIV_PAIR(sv, riv_str, int64_t);
RIV_PAIR(part_of_key, int64_t, int64_t);
RIV_PAIR(fraction, int64_t, double);

/* The partition of each pair, and its value. */
RIV_MAP_PARTITIONS(places, kv, part_of_key);
static int places(const kv *rows, size_t n, places_out *out, riv_task *t)
{
    for (size_t i = 0; i < n; i++)
        riv_emit(out, (part_of_key){ riv_partition(t), rows[i].key });
    return 0;
}

RIV_MAP(negated, kv, int64_t);
static int negated(const kv *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = -in->key;
    return 0;
}

RIV_MAP(odd_keys_fail, kv, int64_t);
static int odd_keys_fail(const kv *in, int64_t *out, riv_task *t)
{
    *out = in->key;
    return in->key % 2 ? riv_fail(t, "odd") : 0;
}

enum { ROWS = 3000 };

static kv rows[ROWS];

static void rows_make(uint64_t seed, int64_t keys)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = (kv){ (int64_t)(riv__hash_i64((int64_t)seed * ROWS + i) %
                                  (uint64_t)keys) -
                            keys / 2,
                        i };
}

static riv *context(int threads)
{
    return riv_new(RIV_CONFIG(.threads = threads));
}

static riv_ds *rows_in(riv *r, int parts)
{
    return riv_parallelize(r, &riv_type_kv, rows, ROWS,
                           RIV_OPT(.partitions = parts));
}

static void collect(riv *r, riv_ds *ds, riv_result *res)
{
    if (riv_collect(ds, res) != 0)
        fail_msg("%s", riv_errmsg(r));
}

/* By key, then by value: values are the places the rows had. */
static int up(const void *a, const void *b)
{
    const kv *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->val > y->val) - (x->val < y->val);
}

static int down(const void *a, const void *b)
{
    const kv *x = a, *y = b;
    if (x->key != y->key)
        return x->key > y->key ? -1 : 1;
    return (x->val > y->val) - (x->val < y->val);
}

static void same_as(const riv_result *res,
                    int (*order)(const void *, const void *))
{
    kv want[ROWS];
    memcpy(want, rows, sizeof want);
    qsort(want, ROWS, sizeof *want, order);
    assert_int_equal(res->n, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        const kv *have = (const kv *)res->rows + i;
        if (have->key != want[i].key || have->val != want[i].val)
            fail_msg("row %zu is (%lld, %lld) instead of (%lld, %lld)", i,
                     (long long)have->key, (long long)have->val,
                     (long long)want[i].key, (long long)want[i].val);
    }
}

RIV_TEST(a_sort_is_global_and_stable_in_both_directions)
{
    for (uint64_t seed = 1; seed < 4; seed++)
        for (int threads = 1; threads <= 4; threads *= 2)
            for (int parts = 1; parts <= 60; parts += 29) {
                riv *r = context(threads);
                riv_result res = { 0 };
                rows_make(seed, seed == 1 ? 7 : 100000);
                collect(r,
                        riv_sort_by_key(rows_in(r, parts), RIV_ASCENDING,
                                        RIV_OPT(.partitions = 1 + parts / 2)),
                        &res);
                same_as(&res, up);
                riv_result_free(&res);
                collect(
                    r, riv_sort_by_key(rows_in(r, parts), RIV_DESCENDING, NULL),
                    &res);
                same_as(&res, down);
                riv_result_free(&res);
                collect(r,
                        riv_sort_by(rows_in(r, parts), negated_fn,
                                    RIV_ASCENDING, NULL),
                        &res);
                same_as(&res, down);
                riv_result_free(&res);
                riv_free(r);
            }
}

RIV_TEST(ranges_are_of_about_the_same_size_and_do_not_overlap)
{
    riv *r = context(2);
    riv_result res = { 0 };
    rows_make(9, 1 << 30);
    collect(r,
            riv_map_partitions(riv_sort_by_key(rows_in(r, 20), RIV_ASCENDING,
                                               RIV_OPT(.partitions = 10)),
                               places_fn, NULL),
            &res);
    size_t count[10] = { 0 };
    for (size_t i = 0; i < res.n; i++) {
        const part_of_key *p = (const part_of_key *)res.rows + i;
        count[p->key]++;
        if (i > 0)
            assert_true(p[-1].val <= p->val && p[-1].key <= p->key);
    }
    for (size_t i = 0; i < 10; i++)
        assert_in_range(count[i], ROWS / 20, ROWS / 5);
    riv_result_free(&res);
    riv_free(r);
}

RIV_TEST(nothing_sorted_is_one_empty_partition_and_few_rows_fill_few)
{
    riv *r = context(1);
    int64_t n = 0;
    kv three[] = { { 3, 0 }, { 1, 1 }, { 2, 2 } };
    riv_ds *none = riv_parallelize(r, &riv_type_kv, rows, 0, NULL);
    riv_ds *few = riv_parallelize(r, &riv_type_kv, three, 3, NULL);
    assert_int_equal(
        riv_partitions_now(
            riv_sort_by_key(none, RIV_ASCENDING, RIV_OPT(.partitions = 2)), &n),
        0);
    assert_int_equal(n, 1);
    assert_int_equal(
        riv_partitions_now(
            riv_sort_by_key(few, RIV_ASCENDING, RIV_OPT(.partitions = 22)), &n),
        0);
    assert_int_equal(n, 3);
    riv_free(r);
}

RIV_TEST(text_is_sorted_by_its_bytes)
{
    const sv in[] = { { { "banana", 6 }, 1 },
                      { { "b", 1 }, 2 },
                      { { "", 0 }, 3 },
                      { { "banana\0", 7 }, 4 },
                      { { "bananas and", 11 }, 5 },
                      { { "bananas", 7 }, 6 },
                      { { "\xff", 1 }, 7 } };
    const int64_t want[] = { 3, 2, 1, 4, 6, 5, 7 };
    riv *r = context(2);
    riv_result res = { 0 };
    collect(r,
            riv_sort_by_key(riv_parallelize(r, &riv_type_sv, in, 7,
                                            RIV_OPT(.partitions = 3)),
                            RIV_ASCENDING, NULL),
            &res);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(((const sv *)res.rows)[i].val, want[i]);
    riv_result_free(&res);
    riv_free(r);
}

RIV_TEST(a_record_without_a_key_is_skipped_by_policy)
{
    riv *r = context(1);
    riv_result res = { 0 };
    rows_make(4, 1000);
    size_t even = 0;
    for (size_t i = 0; i < ROWS; i++)
        even += rows[i].key % 2 == 0;
    collect(r,
            riv_sort_by(rows_in(r, 3), odd_keys_fail_fn, RIV_ASCENDING,
                        RIV_OPT(.on_error = RIV_SKIP)),
            &res);
    assert_int_equal(res.n, even);
    for (size_t i = 1; i < res.n; i++)
        assert_true(up((const kv *)res.rows + i - 1, (const kv *)res.rows + i) <
                    0);
    riv_result_free(&res);
    riv_free(r);
}

static uint32_t by_mod(const void *key, uint32_t n, const void *arg)
{
    int64_t k;
    memcpy(&k, key, sizeof k);
    (void)arg;
    return (uint32_t)(((k % n) + n) % n);
}

static uint32_t too_far(const void *key, uint32_t n, const void *arg)
{
    (void)key, (void)arg;
    return n;
}

RIV_TEST(an_own_function_places_every_pair_and_order_is_kept)
{
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_result res = { 0 };
        rows_make(6, 100);
        collect(r,
                riv_map_partitions(riv_partition_by(rows_in(r, 30), by_mod,
                                                    RIV_OPT(.partitions = 7)),
                                   places_fn, NULL),
                &res);
        assert_int_equal(res.n, ROWS);
        for (size_t i = 0; i < res.n; i++) {
            const part_of_key *p = (const part_of_key *)res.rows + i;
            assert_int_equal(p->key, by_mod(&p->val, 7, NULL));
        }
        riv_result_free(&res);
        collect(r,
                riv_repartition_and_sort_within_partitions(
                    rows_in(r, 30), by_mod, RIV_OPT(.partitions = 2)),
                &res);
        assert_int_equal(res.n, ROWS);
        for (size_t i = 1; i < res.n; i++) {
            const kv *p = (const kv *)res.rows + i;
            if (by_mod(&p->key, 2, NULL) == by_mod(&p[-1].key, 2, NULL))
                assert_true(up(p - 1, p) < 0);
        }
        riv_result_free(&res);
        riv_free(r);
    }
}

RIV_TEST(a_partition_out_of_range_fails_the_job)
{
    riv *r = context(1);
    riv_result res = { 0 };
    int rc = riv_collect(
        riv_partition_by(rows_in(r, 2), too_far, RIV_OPT(.partitions = 4)),
        &res);
    assert_int_equal(rc, RIV_EFATAL);
    assert_non_null(strstr(riv_errmsg(r), "gave 4; partitions are 0 to 3"));
    riv_free(r);
}

RIV_TEST(coalesce_puts_neighbours_together)
{
    riv *r = context(2);
    riv_result res = { 0 };
    int64_t n;
    for (int64_t i = 0; i < 10; i++)
        rows[i] = (kv){ i, i };
    riv_ds *ten =
        riv_parallelize(r, &riv_type_kv, rows, 10, RIV_OPT(.partitions = 10));
    collect(r,
            riv_map_partitions(riv_coalesce(ten, 2, RIV_NO_SHUFFLE), places_fn,
                               NULL),
            &res);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(((const part_of_key *)res.rows)[i].key, i / 5);
    riv_result_free(&res);
    riv_partitions_now(riv_coalesce(ten, 20, RIV_NO_SHUFFLE), &n);
    assert_int_equal(n, 10);
    riv_partitions_now(riv_coalesce(ten, 20, RIV_SHUFFLE), &n);
    assert_int_equal(n, 20);
    riv_coalesce(ten, 0, RIV_NO_SHUFFLE);
    assert_int_equal(riv_error(r), RIV_EINVAL);
    riv_free(r);
}

RIV_TEST(a_few_records_of_each_partition_still_reach_all)
{
    riv *r = context(2);
    riv_result res = { 0 };
    size_t count[20] = { 0 };
    riv_ds *ten =
        riv_parallelize(r, &riv_type_kv, rows, 100, RIV_OPT(.partitions = 10));
    collect(
        r,
        riv_map_partitions(riv_coalesce(ten, 20, RIV_SHUFFLE), places_fn, NULL),
        &res);
    for (size_t i = 0; i < res.n; i++)
        count[((const part_of_key *)res.rows)[i].key]++;
    for (size_t i = 0; i < 20; i++)
        assert_in_range(count[i], 1, 15);
    riv_result_free(&res);
    riv_free(r);
}

RIV_TEST(a_range_of_keys_is_closed_on_both_sides)
{
    riv *r = context(1);
    riv_result res = { 0 };
    int64_t lower = -5, upper = 20, want = 0;
    rows_make(8, 100);
    for (size_t i = 0; i < ROWS; i++)
        want += rows[i].key >= lower && rows[i].key <= upper;
    collect(r, riv_filter_by_range(rows_in(r, 4), &lower, &upper), &res);
    assert_int_equal(res.n, want);
    riv_result_free(&res);
    riv_free(r);
}

RIV_TEST(a_sample_is_near_its_fraction_and_the_same_on_any_threads)
{
    riv_result first = { 0 };
    rows_make(2, 100);
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_result res = { 0 };
        collect(r, riv_sample(rows_in(r, 6), 0.3, 99), &res);
        assert_in_range(res.n, ROWS * 3 / 10 - 150, ROWS * 3 / 10 + 150);
        if (threads == 1)
            first = res;
        else {
            assert_int_equal(res.n, first.n);
            assert_memory_equal(res.rows, first.rows, first.n * sizeof(kv));
            riv_result_free(&res);
        }
        collect(r, riv_sample_with_replacement(rows_in(r, 6), 2.5, 1), &res);
        assert_in_range(res.n, ROWS * 5 / 2 - 600, ROWS * 5 / 2 + 600);
        riv_result_free(&res);
        riv_free(r);
    }
    riv_result_free(&first);
}

RIV_TEST(a_random_split_is_disjoint_and_complete)
{
    const double weight[] = { 1, 2, 3 };
    bool taken[ROWS] = { false };
    size_t all = 0;
    riv *r = context(2);
    riv_ds *out[3];
    rows_make(2, 100);
    assert_int_equal(riv_random_split(rows_in(r, 5), weight, 3, 17, out), 0);
    for (size_t k = 0; k < 3; k++) {
        riv_result res = { 0 };
        collect(r, out[k], &res);
        assert_in_range(res.n, ROWS / 6 * (k + 1) - 200,
                        ROWS / 6 * (k + 1) + 200);
        for (size_t i = 0; i < res.n; i++) {
            int64_t at = ((const kv *)res.rows)[i].val;
            assert_false(taken[at]);
            taken[at] = true;
        }
        all += res.n;
        riv_result_free(&res);
    }
    assert_int_equal(all, ROWS);
    riv_free(r);
}

RIV_TEST(exact_samples_by_key_have_exactly_the_fraction_rounded_up)
{
    const fraction f[] = { { 1, 0.5 }, { -1, 0 }, { 0, 0.101 } };
    size_t have[3] = { 0 }, got[3] = { 0 };
    rows_make(12, 3);
    for (size_t i = 0; i < ROWS; i++)
        have[rows[i].key + 1]++;
    for (int how = RIV_SAMPLE_ONCE; how <= RIV_SAMPLE_EXACT; how++) {
        riv *r = context(2);
        riv_result res = { 0 };
        memset(got, 0, sizeof got);
        collect(
            r,
            riv_sample_by_key(rows_in(r, 5), &riv_type_fraction, f, 3, how, 7),
            &res);
        for (size_t i = 0; i < res.n; i++)
            got[((const kv *)res.rows)[i].key + 1]++;
        assert_int_equal(got[0], 0);
        assert_in_range(got[2], have[2] / 2 - 100, have[2] / 2 + 100);
        if (how == RIV_SAMPLE_EXACT) {
            assert_int_equal(got[1], (size_t)ceil((double)have[1] * 0.101));
            assert_int_equal(got[2], (size_t)ceil((double)have[2] * 0.5));
        }
        riv_result_free(&res);
        riv_free(r);
    }
}

RIV_TEST(wrong_parameters_are_told)
{
    const double none[] = { 0, 0 };
    const fraction f[] = { { 1, 0.5 } };
    riv_ds *out[2];
    riv_result res = { 0 };
    for (int k = 0; k < 5; k++) {
        riv *r = context(1);
        riv_ds *ds = rows_in(r, 2);
        static const char *const says[] = {
            "a fraction of 1.5", "a fraction of -1",
            "weights must be 0 or more", "order 7 is neither", "has no fraction"
        };
        switch (k) {
        case 0: riv_sample(ds, 1.5, 1); break;
        case 1: riv_sample_with_replacement(ds, -1, 1); break;
        case 2: riv_random_split(ds, none, 2, 1, out); break;
        case 3: riv_sort_by_key(ds, 7, NULL); break;
        default:
            riv_collect(riv_sample_by_key(ds, &riv_type_fraction, f, 1,
                                          RIV_SAMPLE_ONCE, 1),
                        &res);
        }
        assert_true(riv_error(r) < 0);
        if (!strstr(riv_errmsg(r), says[k]))
            fail_msg("\"%s\" does not say \"%s\"", riv_errmsg(r), says[k]);
        riv_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_sort_is_global_and_stable_in_both_directions),
        RIV_CASE(ranges_are_of_about_the_same_size_and_do_not_overlap),
        RIV_CASE(nothing_sorted_is_one_empty_partition_and_few_rows_fill_few),
        RIV_CASE(text_is_sorted_by_its_bytes),
        RIV_CASE(a_record_without_a_key_is_skipped_by_policy),
        RIV_CASE(an_own_function_places_every_pair_and_order_is_kept),
        RIV_CASE(a_partition_out_of_range_fails_the_job),
        RIV_CASE(coalesce_puts_neighbours_together),
        RIV_CASE(a_few_records_of_each_partition_still_reach_all),
        RIV_CASE(a_range_of_keys_is_closed_on_both_sides),
        RIV_CASE(a_sample_is_near_its_fraction_and_the_same_on_any_threads),
        RIV_CASE(a_random_split_is_disjoint_and_complete),
        RIV_CASE(exact_samples_by_key_have_exactly_the_fraction_rounded_up),
        RIV_CASE(wrong_parameters_are_told),
    };
    return RIV_RUN(tests);
}
