/* api/union_test.c - datasets put together: the partitions of the left, then
 * those of the right, also where both come from one input and one task reads
 * rows for both. Every operator below a union sees them so. */
#include <stdlib.h>

#include "api/context.h"
#include "api/fixture.h"
#include "exec/cache.h"

enum { ROWS = 4000 };

typedef struct {
    int64_t part, n, sum;
} seen;
RIV_STRUCT(seen, part, n, sum);

RIV_MAP(more, int64_t, int64_t);
static int more(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in + 10000;
    return 0;
}

/* One record for each partition, from what riv_local kept of it. */
RIV_MAP_PARTITIONS(see, int64_t, seen);
static int see(const int64_t *rows, size_t n, see_out *out, riv_task *t)
{
    seen *s = riv_local(t, sizeof *s, NULL);
    s->part = riv_partition(t);
    s->n += (int64_t)n;
    for (size_t i = 0; i < n; i++)
        s->sum += rows[i];
    if (n == 0)
        riv_emit(out, *s);
    return 0;
}

RIV_MAP(mod_ten, int64_t, pair);
static int mod_ten(const int64_t *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ *in % 10, *in };
    return 0;
}

static riv_ds *numbers(riv *r, size_t n, int parts)
{
    static int64_t rows[ROWS];
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = i;
    return riv_parallelize(r, &riv_type_int64_t, rows, n,
                           RIV_OPT(.partitions = parts));
}

static riv *context(int threads)
{
    return riv_new(RIV_CONFIG(.threads = threads));
}

static int by_part(const void *a, const void *b)
{
    const seen *l = a, *r = b;
    return (l->part > r->part) - (l->part < r->part);
}

/* What each partition of `ds` saw, in the order of their numbers. */
static seen *seen_of(riv *r, riv_ds *ds, size_t *n)
{
    riv_result res = { 0 };
    (void)riv_collect(riv_map_partitions(ds, see_fn, NULL), &res);
    no_error(r);
    seen *all = malloc((res.n + 1) * sizeof *all);
    assert_non_null(all);
    if (res.n > 0)
        memcpy(all, res.rows, res.n * sizeof *all);
    *n = res.n;
    riv_result_free(&res);
    qsort(all, *n, sizeof *all, by_part);
    return all;
}

/* Numbers 0, 1, 2 ... with these rows and sums. */
static void sees(riv *r, riv_ds *ds, const seen *want, size_t n)
{
    size_t found;
    seen *all = seen_of(r, ds, &found);
    assert_int_equal(found, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(all[i].part, want[i].part);
        assert_int_equal(all[i].n, want[i].n);
        assert_int_equal(all[i].sum, want[i].sum);
    }
    free(all);
}

/* riv_partition repeated numbers below a union, and a task that brought rows
 * for both sides gave their functions one riv_local and one end. */
static void partitions_below_a_union_are_the_lefts_then_the_rights(void **state)
{
    (void)state;
    const seen itself[] = {
        { 0, 2, 1 }, { 1, 2, 5 }, { 2, 2, 20001 }, { 3, 2, 20005 }
    };
    const seen apart[] = { { 0, 2, 1 }, { 1, 2, 5 }, { 2, 3, 3 } };
    const seen other_way[] = { { 0, 3, 3 }, { 1, 2, 1 }, { 2, 2, 5 } };
    const seen deep[] = { { 0, 3, 3 },     { 1, 2, 1 },     { 2, 2, 5 },
                          { 3, 2, 20001 }, { 4, 2, 20005 }, { 5, 3, 3 } };
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *in = numbers(r, 4, 2), *one = numbers(r, 3, 1);
        riv_ds *up = riv_map(in, more_fn, NULL);
        sees(r, riv_union(in, up), itself, 4);
        sees(r, riv_union(in, one), apart, 3);
        sees(r, riv_union(one, in), other_way, 3);
        sees(r, riv_union(riv_union(one, in), riv_union(up, one)), deep, 6);
        riv_free(r);
    }
}

static void partitions_of_exchanges_are_numbered_through_in_a_union(
    void **state)
{
    (void)state;
    const seen want[] = { { 0, 3, 3 }, { 1, 6, 15 } };
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *few = riv_repartition(numbers(r, 3, 2), 1);
        riv_ds *all = riv_repartition(numbers(r, 6, 2), 1);
        sees(r, riv_union(few, all), want, 2);
        riv_free(r);
    }
}

/* The sides are not computed together: no number can be known of the right that
 * follows the left's, but each partition has one of its own. */
static void partitions_behind_different_exchanges_have_numbers_of_their_own(
    void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *in = numbers(r, 40, 4);
        riv_ds *late = riv_repartition(in, 3);
        size_t n;
        seen *all = seen_of(r, riv_union(late, riv_union(in, in)), &n);
        int64_t rows = 0;
        assert_int_equal(n, 3 + 4 + 4);
        for (size_t i = 0; i < n; i++) {
            assert_true(i == 0 || all[i].part > all[i - 1].part);
            rows += all[i].n;
        }
        assert_int_equal(rows, 3 * 40);
        free(all);
        riv_free(r);
    }
}

static void actions_see_all_partitions_of_a_union_with_itself(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *in = numbers(r, 4, 2);
        riv_ds *both = riv_union(riv_map(in, more_fn, NULL), in);
        int64_t parts = 0, sum = 0, hundred = 100;
        assert_int_equal(riv_partitions_now(both, &parts), 0);
        assert_int_equal(parts, 4);
        assert_int_equal(riv_fold(both, &hundred, riv_sum_i64, &sum), 0);
        assert_int_equal(sum, 40000 + 6 + 6 + 5 * 100);
        riv_free(r);
    }
}

/* Of equal keys the left's come first, whichever was made first. */
static void sorts_and_groups_take_the_left_first(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *in = numbers(r, ROWS, 4);
        riv_ds *other = riv_map(numbers(r, ROWS, 3), more_fn, NULL);
        riv_ds *side[] = { riv_union(riv_map(in, more_fn, NULL), in),
                           riv_union(other, in) };
        for (int i = 0; i < 2; i++) {
            riv_ds *pairs = riv_map(side[i], mod_ten_fn, NULL);
            riv_result res = { 0 };
            (void)riv_collect(riv_sort_by_key(pairs, RIV_ASCENDING, NULL),
                              &res);
            no_error(r);
            assert_int_equal(res.n, 2 * ROWS);
            const pair *rows = res.rows;
            for (size_t k = 0; k < res.n; k++) {
                int64_t key = (int64_t)(k / (2 * ROWS / 10));
                int64_t at = (int64_t)(k % (2 * ROWS / 10));
                int64_t val = key + 10 * (at % (ROWS / 10));
                assert_int_equal(rows[k].key, key);
                assert_int_equal(rows[k].val,
                                 val + (at < ROWS / 10 ? 10000 : 0));
            }
            riv_result_free(&res);
        }
        riv_free(r);
    }
}

/* Are a key's values the left's, in their order, then the right's? */
RIV_GROUP(in_order, pair, pair);
static int in_order(const int64_t *key, const int64_t *v, size_t n,
                    in_order_out *out, riv_task *t)
{
    int64_t good = n == 2 * ROWS / 10;
    (void)t;
    for (size_t i = 1; i < n; i++)
        good &= i == n / 2 ? v[i] < v[i - 1] : v[i] > v[i - 1];
    riv_emit(out, (pair){ *key, good && v[0] >= 10000 });
    return 0;
}

static void groups_have_the_values_of_the_left_first(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *in = numbers(r, ROWS, 4);
        riv_ds *both = riv_union(riv_map(in, more_fn, NULL), in);
        riv_ds *pairs = riv_map(both, mod_ten_fn, NULL);
        collected(riv_sort_by_key(riv_group_by_key(pairs, in_order_fn, NULL),
                                  RIV_ASCENDING, NULL),
                  "0,1\n1,1\n2,1\n3,1\n4,1\n5,1\n6,1\n7,1\n8,1\n9,1\n");
        riv_free(r);
    }
}

/* The last in the order of partitions is one of the right's. */
static void a_map_of_a_union_keeps_the_rights_values(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *in = numbers(r, 20, 4);
        riv_ds *up = riv_map(numbers(r, 20, 4), more_fn, NULL);
        riv_ds *self = riv_map(in, more_fn, NULL);
        riv_ds *side[] = { riv_union(self, in), riv_union(up, in),
                           riv_union(in, self) };
        for (int i = 0; i < 3; i++) {
            riv_result res = { 0 };
            (void)riv_collect_as_map(riv_map(side[i], mod_ten_fn, NULL), &res);
            no_error(r);
            assert_int_equal(res.n, 10);
            const pair *rows = res.rows;
            for (size_t k = 0; k < res.n; k++)
                assert_int_equal(rows[k].val,
                                 rows[k].key + 10 + (i == 2 ? 10000 : 0));
            riv_result_free(&res);
        }
        riv_free(r);
    }
}

static void samples_of_a_union_with_itself_take_from_both_sides(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_ds *in = numbers(r, ROWS, 4);
    riv_ds *both = riv_union(in, riv_map(in, more_fn, NULL));
    riv_result res = { 0 };
    size_t left = 0, twins = 0;
    bool taken[ROWS] = { false };
    assert_int_equal(riv_collect(riv_sample(both, 0.5, 7), &res), 0);
    for (size_t i = 0; i < res.n; i++) {
        int64_t v = ((const int64_t *)res.rows)[i];
        left += v < 10000;
        twins += v >= 10000 && taken[v - 10000];
        if (v < 10000)
            taken[v] = true;
    }
    /* half of each; were the draws the same, all would be twins */
    assert_in_range(left, ROWS * 45 / 100, ROWS * 55 / 100);
    assert_in_range(twins, ROWS * 20 / 100, ROWS * 30 / 100);
    riv_result_free(&res);
    assert_int_equal(
        riv_take_sample(both, RIV_WITHOUT_REPLACEMENT, 2 * ROWS, 3, &res), 0);
    assert_int_equal(res.n, 2 * ROWS);
    riv_result_free(&res);
    assert_int_equal(riv_take_sample(both, RIV_WITH_REPLACEMENT, 1000, 3, &res),
                     0);
    assert_int_equal(res.n, 1000);
    left = 0;
    for (size_t i = 0; i < res.n; i++)
        left += ((const int64_t *)res.rows)[i] < 10000;
    assert_in_range(left, 400, 600);
    riv_result_free(&res);
    riv_free(r);
}

/* ------------------------------------------------------------- persistence */

static _Atomic int64_t calls;

RIV_MAP(counted, int64_t, int64_t);
static int counted(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    atomic_fetch_add(&calls, 1);
    *out = *in;
    return 0;
}

static struct riv_cache *cache_of(const riv_ds *ds)
{
    return (struct riv_cache *)(void *)ds->persisted->cell->keep;
}

/* Kept partitions of a union stood in the order in which tasks ended, and were
 * all computed again when one was lost. */
static void a_kept_union_is_the_left_then_the_right(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(threads);
        riv_ds *in = riv_map(numbers(r, 4, 2), counted_fn, NULL);
        riv_ds *one = riv_map(numbers(r, 2, 1), counted_fn, NULL);
        riv_ds *both =
            riv_union(riv_union(one, riv_map(in, more_fn, NULL)), in);
        const char *want = "0\n1\n10000\n10001\n10002\n10003\n0\n1\n2\n3\n";
        riv_persist(both, RIV_MEMORY);
        atomic_store(&calls, 0);
        collected(both, want);
        assert_int_equal(calls, 6);
        collected(both, want);
        assert_int_equal(calls, 6);
        riv__cache_drop(cache_of(both), 4); /* { 2, 3 } of the right */
        collected(both, want);
        assert_int_equal(calls, 8);
        riv__cache_drop(cache_of(both), 0);
        collected(both, want);
        assert_int_equal(calls, 10);
        riv_free(r);
    }
}

static void a_kept_union_behind_different_exchanges_stays_in_order(void **state)
{
    (void)state;
    riv *r = context(2);
    riv_ds *in = riv_map(numbers(r, 4, 2), counted_fn, NULL);
    riv_ds *late = riv_coalesce(riv_map(numbers(r, 3, 3), more_fn, NULL), 2,
                                RIV_NO_SHUFFLE);
    riv_ds *both = riv_persist(riv_union(late, in), RIV_MEMORY);
    atomic_store(&calls, 0);
    for (int i = 0; i < 3; i++) {
        collected(both, "10000\n10001\n10002\n0\n1\n2\n3\n");
        assert_int_equal(calls, i < 2 ? 4 : 6);
        if (i == 1)
            riv__cache_drop(cache_of(both), 3);
    }
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            partitions_below_a_union_are_the_lefts_then_the_rights),
        cmocka_unit_test(
            partitions_of_exchanges_are_numbered_through_in_a_union),
        cmocka_unit_test(
            partitions_behind_different_exchanges_have_numbers_of_their_own),
        cmocka_unit_test(actions_see_all_partitions_of_a_union_with_itself),
        cmocka_unit_test(sorts_and_groups_take_the_left_first),
        cmocka_unit_test(groups_have_the_values_of_the_left_first),
        cmocka_unit_test(a_map_of_a_union_keeps_the_rights_values),
        cmocka_unit_test(samples_of_a_union_with_itself_take_from_both_sides),
        cmocka_unit_test(a_kept_union_is_the_left_then_the_right),
        cmocka_unit_test(
            a_kept_union_behind_different_exchanges_stays_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
