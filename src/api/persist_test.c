/* api/persist_test.c - persist through the public interface: what is kept is
 * not computed again, what is lost is computed again, and only that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <rivulet.h>

#include "api/context.h"
#include "exec/cache.h"

enum { ROWS = 1000, PARTS = 10 };

static _Atomic int64_t calls; /* of the mapping function */

RIV_MAP(twice, int64_t, int64_t);
static int twice(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    atomic_fetch_add(&calls, 1);
    *out = 2 * *in;
    return 0;
}

RIV_PAIR(text_int, riv_str, int64_t);
RIV_MAP(with_text, int64_t, text_int);
static int with_text(const int64_t *in, text_int *out, riv_task *t)
{
    atomic_fetch_add(&calls, 1);
    *out = (text_int){ riv_fmt(t, "key number %lld", (long long)*in), *in };
    return 0;
}

static riv_ds *numbers(riv *r)
{
    static int64_t rows[ROWS];
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = i;
    return riv_parallelize(r, &riv_type_int64_t, rows, ROWS,
                           RIV_OPT(.partitions = PARTS));
}

static struct riv_cache *cache_of(riv_ds *ds)
{
    return (struct riv_cache *)(void *)ds->persisted->cell->keep;
}

static int64_t sum_of(riv *r, riv_ds *ds)
{
    int64_t sum = -1;
    assert_int_equal(riv_reduce_now(ds, riv_sum_i64, &sum), 0);
    assert_int_equal(riv_error(r), 0);
    return sum;
}

static riv *context(const char *key, const char *value)
{
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    if (key)
        riv_set(r, key, value);
    atomic_store(&calls, 0);
    return r;
}

static void kept_rows_are_not_computed_again(void **state)
{
    (void)state;
    for (int level = RIV_MEMORY; level <= RIV_DISK; level++) {
        riv *r = context(NULL, NULL);
        riv_ds *ds = riv_persist(riv_map(numbers(r), twice_fn, NULL), level);
        assert_int_equal(sum_of(r, ds), ROWS * (ROWS - 1));
        assert_int_equal(sum_of(r, ds), ROWS * (ROWS - 1));
        assert_int_equal(atomic_load(&calls), ROWS);
        riv_free(r);
    }
}

static void without_persist_every_action_computes(void **state)
{
    (void)state;
    riv *r = context(NULL, NULL);
    riv_ds *ds = riv_map(numbers(r), twice_fn, NULL);
    sum_of(r, ds);
    sum_of(r, ds);
    assert_int_equal(atomic_load(&calls), 2 * ROWS);
    riv_free(r);
}

static void a_dropped_partition_alone_is_computed_again(void **state)
{
    (void)state;
    riv *r = context(NULL, NULL);
    riv_ds *ds = riv_persist(riv_map(numbers(r), twice_fn, NULL), RIV_MEMORY);
    sum_of(r, ds);
    riv__cache_drop(cache_of(ds), 3);
    riv__cache_drop(cache_of(ds), 7);
    assert_int_equal(sum_of(r, ds), ROWS * (ROWS - 1));
    assert_int_equal(atomic_load(&calls), ROWS + 2 * ROWS / PARTS);
    assert_int_equal(sum_of(r, ds), ROWS * (ROWS - 1));
    assert_int_equal(atomic_load(&calls), ROWS + 2 * ROWS / PARTS);
    riv_free(r);
}

static void a_damaged_partition_is_found_and_computed_again(void **state)
{
    (void)state;
    riv *r = context(NULL, NULL);
    riv_ds *ds =
        riv_persist(riv_map(numbers(r), twice_fn, NULL), RIV_MEMORY_ENCODED);
    sum_of(r, ds);
    cache_of(ds)->part[4].bytes[17] ^= 1;
    assert_int_equal(sum_of(r, ds), ROWS * (ROWS - 1));
    assert_int_equal(atomic_load(&calls), ROWS + ROWS / PARTS);
    riv_free(r);
}

static void kept_files_that_are_cut_short_are_computed_again(void **state)
{
    (void)state;
    riv *r = context(NULL, NULL);
    riv_ds *ds = riv_persist(riv_map(numbers(r), twice_fn, NULL), RIV_DISK);
    sum_of(r, ds);
    for (int k = 0; k < 3; k++)
        assert_int_equal(ftruncate(cache_of(ds)->part[k].fd, 0), 0);
    assert_int_equal(sum_of(r, ds), ROWS * (ROWS - 1));
    assert_int_equal(atomic_load(&calls), ROWS + 3 * ROWS / PARTS);
    riv_free(r);
}

static _Atomic int64_t later; /* calls of what reads the kept rows */

RIV_MAP(read_it, int64_t, int64_t);
static int read_it(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    atomic_fetch_add(&later, 1);
    *out = *in;
    return 0;
}

/* The whole job ran again. Only the task that met the loss does, and of each
 * kept dataset only what was lost is computed. */
static void what_reads_a_lost_partition_alone_runs_again(void **state)
{
    (void)state;
    for (int deep = 0; deep < 2; deep++) {
        riv *r = context(NULL, NULL);
        riv_ds *low = riv_persist(riv_map(numbers(r), twice_fn, NULL),
                                  RIV_MEMORY_ENCODED);
        riv_ds *high = riv_map(low, read_it_fn, NULL);
        riv_persist(high, RIV_MEMORY_ENCODED);
        riv_ds *out = riv_map(high, read_it_fn, NULL);
        assert_int_equal(sum_of(r, out), ROWS * (ROWS - 1));
        atomic_store(&later, 0);
        cache_of(high)->part[4].bytes[17] ^= 1;
        if (deep)
            cache_of(low)->part[4].bytes[17] ^= 1;
        assert_int_equal(sum_of(r, out), ROWS * (ROWS - 1));
        assert_int_equal(atomic_load(&later), ROWS + ROWS / PARTS);
        assert_int_equal(atomic_load(&calls), ROWS + (deep ? ROWS / PARTS : 0));
        riv_free(r);
    }
}

/* A peer that is away has the same code as a loss had: the job ran four times. */
static _Atomic int away;

RIV_MAP(ask, int64_t, int64_t);
static int ask(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    atomic_fetch_add(&away, *in == 0);
    return *in == 0 ? riv_fail(t, "nobody there"), RIV_EUNAVAIL : 0;
}

static void a_peer_that_is_away_is_no_lost_partition(void **state)
{
    (void)state;
    riv *r = context("task.attempts", "1");
    riv_ds *ds = riv_map(numbers(r), ask_fn, NULL);
    int64_t n = 0;
    atomic_store(&away, 0);
    assert_int_equal(riv_count_now(ds, &n), RIV_EUNAVAIL);
    assert_int_equal(atomic_load(&away), 1);
    riv_free(r);
}

static void unpersist_forgets(void **state)
{
    (void)state;
    riv *r = context(NULL, NULL);
    riv_ds *ds = riv_persist(riv_map(numbers(r), twice_fn, NULL), RIV_MEMORY);
    sum_of(r, ds);
    riv_unpersist(ds);
    sum_of(r, ds);
    assert_int_equal(atomic_load(&calls), 2 * ROWS);
    riv_free(r);
}

static void memory_that_does_not_suffice_costs_time_not_results(void **state)
{
    (void)state;
    riv *r = context("cache.memory", "4K");
    riv_ds *ds = riv_persist(riv_map(numbers(r), twice_fn, NULL), RIV_MEMORY);
    assert_int_equal(sum_of(r, ds), ROWS * (ROWS - 1));
    assert_int_equal(sum_of(r, ds), ROWS * (ROWS - 1));
    int64_t again = atomic_load(&calls) - ROWS;
    assert_true(again > 0 && again < ROWS);
    riv_free(r);
}

static void what_memory_does_not_hold_goes_to_disk(void **state)
{
    (void)state;
    riv *r = context("cache.memory", "4K");
    riv_ds *ds = riv_persist(riv_map(numbers(r), with_text_fn, NULL),
                             RIV_MEMORY_AND_DISK);
    for (int i = 0; i < 2; i++) {
        riv_result res = { 0 };
        assert_int_equal(riv_collect(ds, &res), 0);
        assert_int_equal(res.n, ROWS);
        const text_int *row = res.rows;
        for (size_t k = 0; k < res.n; k++) {
            char want[40];
            snprintf(want, sizeof want, "key number %zu", k);
            assert_int_equal(row[k].val, k);
            assert_true(riv_eq(row[k].key, riv_cstr(want)));
        }
        riv_result_free(&res);
    }
    assert_int_equal(atomic_load(&calls), ROWS);
    riv_free(r);
}

static const struct riv_cache *watched;
static _Atomic uint64_t held_most; /* in memory while its reader runs */

RIV_MAP(look, text_int, int64_t);
static int look(const text_int *in, int64_t *out, riv_task *t)
{
    uint64_t held = 0;
    (void)t;
    for (size_t k = 0; k < watched->nparts; k++)
        if (watched->part[k].form == RIV__CACHED_BYTES ||
            watched->part[k].form == RIV__CACHED_ROWS)
            held += watched->part[k].n;
    if (held > atomic_load(&held_most))
        atomic_store(&held_most, held);
    *out = 2 * in->val;
    return 0;
}

/* Not only when the job has ended, which has computed all of it. */
static void what_memory_does_not_hold_goes_to_disk_while_the_job_runs(
    void **state)
{
    (void)state;
    riv *r = context("cache.memory", "0");
    riv_ds *ds = riv_persist(riv_map(numbers(r), with_text_fn, NULL),
                             RIV_MEMORY_AND_DISK);
    struct riv_err err = { 0 };
    struct riv_cache *cache;
    assert_int_equal(
        riv_count_now(riv_map(numbers(r), twice_fn, NULL), &(int64_t){ 0 }),
        0); /* the context is ready */
    assert_int_equal(riv__cache_of(&r->exec, ds->persisted, &cache, &err), 0);
    watched = cache;
    atomic_store(&held_most, 0);
    atomic_store(&calls, 0);
    assert_int_equal(sum_of(r, riv_map(ds, look_fn, NULL)), ROWS * (ROWS - 1));
    assert_int_equal(atomic_load(&held_most), 0);
    assert_int_equal(atomic_load(&calls), ROWS);
    riv_free(r);
}

static void a_lost_partition_of_a_kept_union_alone_is_computed_again(
    void **state)
{
    (void)state;
    riv *r = context(NULL, NULL);
    riv_ds *a = riv_map(numbers(r), twice_fn, NULL);
    riv_ds *b = riv_map(numbers(r), twice_fn, NULL);
    riv_ds *ds = riv_persist(riv_union(a, b), RIV_MEMORY);
    assert_int_equal(sum_of(r, ds), 2 * ROWS * (ROWS - 1));
    assert_int_equal(sum_of(r, ds), 2 * ROWS * (ROWS - 1));
    assert_int_equal(atomic_load(&calls), 2 * ROWS);
    riv__cache_drop(cache_of(ds), 0);
    assert_int_equal(sum_of(r, ds), 2 * ROWS * (ROWS - 1));
    assert_int_equal(atomic_load(&calls), 2 * ROWS + ROWS / PARTS);
    riv_free(r);
}

static void another_level_needs_unpersist_first(void **state)
{
    (void)state;
    riv *r = context(NULL, NULL);
    riv_ds *ds = riv_persist(numbers(r), RIV_MEMORY);
    riv_persist(ds, RIV_DISK);
    assert_int_equal(riv_error(r), RIV_EINVAL);
    assert_non_null(strstr(riv_errmsg(r), "riv_unpersist it before"));
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_rows_are_not_computed_again),
        cmocka_unit_test(without_persist_every_action_computes),
        cmocka_unit_test(a_dropped_partition_alone_is_computed_again),
        cmocka_unit_test(a_damaged_partition_is_found_and_computed_again),
        cmocka_unit_test(kept_files_that_are_cut_short_are_computed_again),
        cmocka_unit_test(what_reads_a_lost_partition_alone_runs_again),
        cmocka_unit_test(a_peer_that_is_away_is_no_lost_partition),
        cmocka_unit_test(
            what_memory_does_not_hold_goes_to_disk_while_the_job_runs),
        cmocka_unit_test(unpersist_forgets),
        cmocka_unit_test(memory_that_does_not_suffice_costs_time_not_results),
        cmocka_unit_test(what_memory_does_not_hold_goes_to_disk),
        cmocka_unit_test(
            a_lost_partition_of_a_kept_union_alone_is_computed_again),
        cmocka_unit_test(another_level_needs_unpersist_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
