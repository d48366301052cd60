/* api/checkpoint_test.c - RDDs that are cut off from what they were made from,
 * in files and in memory: the same data, computed once. */
#include <sys/stat.h>

#include "api/context.h"
#include "api/fixture.h"
#include "exec/cache.h"
#include "sys/file.h"

static char home[64];
static riv *r;

static atomic_int calls;

RIV_MAP(called, int64_t, int64_t);
static int called(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in * 2;
    atomic_fetch_add(&calls, 1);
    return *in == *riv_arg(t, int64_t) ? riv_fail(t, "no") : 0;
}

static riv *context(int threads)
{
    riv *c = riv_new(RIV_CONFIG(.threads = threads));
    riv_set(c, "checkpoint.dir", "saved/here");
    riv_set(c, "cache.dir", ".");
    return c;
}

static int start(void **state)
{
    (void)state;
    snprintf(home, sizeof home, "/tmp/riv-checkpoint-XXXXXX");
    r = context(2);
    atomic_store(&calls, 0);
    return mkdtemp(home) && chdir(home) == 0 ? 0 : -1;
}

static void remove_all(const char *folder)
{
    char **list, path[512];
    size_t n;
    if (riv__file_list(riv__sys_real(), folder, &list, &n, NULL) < 0)
        return;
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%.200s/%.200s", folder, list[i]);
        if (unlink(path) < 0)
            remove_all(path);
    }
    free(list);
    rmdir(folder);
}

static int finish(void **state)
{
    (void)state;
    riv_free(r);
    remove_all(home);
    return 0;
}

static size_t folders(void)
{
    char **list;
    size_t n;
    if (riv__file_list(riv__sys_real(), "saved/here", &list, &n, NULL) < 0)
        return 0;
    free(list);
    return n;
}

static riv_ds *numbers(int64_t n, int parts)
{
    const int64_t never = -1;
    return riv_map(riv_range(r, 0, n, 1, RIV_OPT(.partitions = parts)),
                   called_fn, RIV_OPT(.arg = RIV_COPY(never)));
}

static int64_t sum_of(riv_ds *ds)
{
    int64_t sum = 0;
    if (riv_reduce_now(ds, riv_sum_i64, &sum) < 0)
        fail_msg("%s", riv_errmsg(r));
    return sum;
}

static void take_lines(void *arg, const char *text, size_t n)
{
    riv__buf_add(arg, text, n);
}

static size_t lines_of_lineage(const riv_ds *ds)
{
    struct riv_buf text;
    size_t n = 0;
    riv__buf_init(&text, 0);
    assert_int_equal(riv_to_debug_string(ds, take_lines, &text), 0);
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    riv__buf_fini(&text);
    return n;
}

static riv_ds *mark(riv_ds *ds, int local)
{
    return local ? riv_local_checkpoint(ds) : riv_checkpoint(ds, 0);
}

/* Case CK-01 of the conformance data. */
static void the_first_job_replaces_the_lineage(void **state)
{
    (void)state;
    for (int local = 0; local < 2; local++) {
        riv_ds *ds = riv_distinct(numbers(100, 4), NULL);
        const size_t before = lines_of_lineage(ds);
        atomic_store(&calls, 0);
        assert_ptr_equal(mark(ds, local), ds);
        mark(ds, local); /* twice is once */
        assert_int_equal(lines_of_lineage(ds), before);
        assert_int_equal(sum_of(ds), 9900);
        assert_int_equal(atomic_load(&calls), 100);
        assert_int_equal(lines_of_lineage(ds), 1);
        assert_int_equal(sum_of(ds), 9900);
        assert_int_equal(sum_of(riv_union(ds, ds)), 2 * 9900);
        assert_int_equal(atomic_load(&calls), 100);
    }
    no_error(r);
}

RIV_COGROUP(counts, pair, pair, pair);
static int counts(const int64_t *key, const int64_t *a, size_t na,
                  const int64_t *b, size_t nb, counts_out *out, riv_task *t)
{
    (void)a, (void)b, (void)t;
    riv_emit(out, (pair){ *key, (int64_t)(10 * na + nb) });
    return 0;
}

RIV_MAP(mod_7, int64_t, pair);
static int mod_7(const int64_t *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ *in % 7, *in };
    return 0;
}

static void same_rows(riv_result *a, riv_result *b)
{
    assert_int_equal(a->n, b->n);
    if (a->n > 0)
        assert_memory_equal(a->rows, b->rows, a->n * a->type->size);
    riv_result_free(a);
    riv_result_free(b);
}

/* Case CK-02: the same data in the same partitions, whatever it is made from. */
static void every_kind_of_rdd_can_be_cut(void **state)
{
    (void)state;
    for (int local = 0; local < 2; local++) {
        riv_ds *in = numbers(50, 3), *pairs = riv_map(in, mod_7_fn, NULL);
        riv_ds *const list[] = {
            in,
            riv_union(in, riv_union(in, numbers(9, 2))),
            riv_cartesian(in, numbers(4, 2)),
            riv_coalesce(in, 2, RIV_NO_SHUFFLE),
            riv_repartition(in, 5),
            riv_cogroup(pairs, pairs, counts_fn, NULL),
            riv_zip(in, in),
            riv_reduce_by_key(pairs, riv_sum_i64, NULL),
            riv_sort_by_key(pairs, RIV_DESCENDING, NULL),
            riv_empty(r, &riv_type_int64_t),
        };
        for (size_t i = 0; i < RIV__LEN(list); i++) {
            riv_result before = { 0 }, after = { 0 };
            int64_t parts = 0, same = 0;
            assert_int_equal(riv_collect(list[i], &before), 0);
            assert_int_equal(riv_partitions_now(list[i], &parts), 0);
            mark(list[i], local);
            assert_int_equal(riv_partitions_now(list[i], &same), 0);
            assert_int_equal(same, parts);
            assert_int_equal(lines_of_lineage(list[i]), 1);
            if (riv_collect(list[i], &after) < 0)
                fail_msg("%s", riv_errmsg(r));
            same_rows(&before, &after);
        }
        no_error(r);
    }
}

/* Case CK-05. */
static void all_that_are_marked_are_cut_by_one_job(void **state)
{
    (void)state;
    riv_ds *first = riv_checkpoint(numbers(10, 2), 0);
    riv_ds *second = riv_local_checkpoint(riv_distinct(first, NULL));
    assert_int_equal(sum_of(riv_map(second, called_fn,
                                    RIV_OPT(.arg = RIV_COPY((int64_t){ -1 })))),
                     180);
    assert_int_equal(atomic_load(&calls), 20);
    assert_int_equal(sum_of(first) + sum_of(second), 180);
    assert_int_equal(atomic_load(&calls), 20);
}

static void what_it_was_made_from_may_be_gone(void **state)
{
    (void)state;
    for (int local = 0; local < 2; local++) {
        FILE *f = fopen("in", "w");
        fputs("a\nb\nc\n", f);
        fclose(f);
        riv_ds *ds = mark(riv_text(r, "in", NULL), local);
        collected(ds, "a\nb\nc\n");
        unlink("in");
        collected(ds, "a\nb\nc\n");
    }
    no_error(r);
}

static void checkpoints_go_with_their_context(void **state)
{
    (void)state;
    sum_of(riv_checkpoint(numbers(10, 2), 0));
    sum_of(riv_checkpoint(numbers(11, 2), 0));
    assert_int_equal(folders(), 2);
    riv_free(r);
    assert_int_equal(folders(), 0);
    r = context(1);
}

static void a_job_that_fails_leaves_no_checkpoint(void **state)
{
    const int64_t at = 77;
    int64_t sum;
    (void)state;
    riv_ds *ds = riv_checkpoint(
        riv_map(riv_range(r, 0, 100, 1, RIV_OPT(.partitions = 9)), called_fn,
                RIV_OPT(.arg = RIV_COPY(at))),
        0);
    assert_int_equal(riv_reduce_now(ds, riv_sum_i64, &sum), RIV_ERECORD);
    assert_int_equal(folders(), 0);
}

static void a_checkpoint_needs_a_folder(void **state)
{
    int64_t sum;
    (void)state;
    riv_free(r);
    r = riv_new(NULL);
    assert_int_equal(
        riv_reduce_now(riv_checkpoint(numbers(3, 1), 0), riv_sum_i64, &sum),
        RIV_EINVAL);
    error_has(r, RIV_EINVAL, "there is no folder for it; set checkpoint.dir");
    riv_free(r);
    r = riv_new(NULL);
    riv_checkpoint(numbers(3, 1), -1);
    error_has(r, RIV_EINVAL, "riv_checkpoint: an interval of -1 ms");
}

static void damage_names_the_file(void **state)
{
    int64_t sum;
    (void)state;
    riv_ds *ds = riv_checkpoint(numbers(100, 1), 0);
    sum_of(ds);
    char **list, path[256];
    size_t n;
    assert_int_equal(
        riv__file_list(riv__sys_real(), "saved/here", &list, &n, NULL), 0);
    snprintf(path, sizeof path, "saved/here/%.100s/part-00000", list[0]);
    free(list);
    FILE *f = fopen(path, "r+");
    fseek(f, 60, SEEK_SET);
    fputc('x', f);
    fclose(f);
    assert_int_equal(riv_reduce_now(ds, riv_sum_i64, &sum), RIV_EIO);
    error_has(r, RIV_EIO, "part-00000: at byte 27: a block is damaged");
}

/* Case CK-06. */
static void a_lost_local_partition_fails_the_job(void **state)
{
    int64_t sum;
    (void)state;
    riv_ds *ds = riv_local_checkpoint(numbers(100, 4));
    sum_of(ds);
    riv__cache_drop((struct riv_cache *)(void *)ds->persisted->cell->keep, 2);
    assert_int_equal(riv_reduce_now(ds, riv_sum_i64, &sum), RIV_EFATAL);
    error_has(r, RIV_EFATAL,
              "partition 2 was lost (it was dropped), and after a local "
              "checkpoint nothing can compute it again");
}

/* Beyond cache.memory it is on disk; where there is no disk it stays. */
static void a_local_checkpoint_is_never_dropped_for_want_of_memory(void **state)
{
    (void)state;
    for (int disk = 0; disk < 2; disk++) {
        riv_free(r);
        r = context(2);
        riv_set(r, "cache.memory", "0");
        riv_set(r, "cache.dir", disk ? "." : "/nowhere/at/all");
        atomic_store(&calls, 0);
        riv_ds *ds = riv_local_checkpoint(numbers(1000, 4));
        for (int i = 0; i < 3; i++)
            assert_int_equal(sum_of(ds), 999000);
        assert_int_equal(atomic_load(&calls), 1000);
        const struct riv_cache *cache =
            (const struct riv_cache *)(void *)ds->persisted->cell->keep;
        const enum riv_cached form = cache->part[0].form;
        assert_int_equal(form == RIV__CACHED_FILE, disk);
        assert_int_not_equal(form, RIV__CACHED_NOT);
        no_error(r);
    }
}

static void what_is_persisted_may_be_cut_and_given_back(void **state)
{
    (void)state;
    riv_ds *ds = riv_persist(numbers(10, 2), RIV_MEMORY);
    assert_int_equal(sum_of(ds), 90);
    riv_checkpoint(ds, 0);
    riv_persist(ds, RIV_DISK); /* it is kept already */
    assert_int_equal(sum_of(ds), 90);
    assert_int_equal(atomic_load(&calls), 10); /* written from what was kept */
    riv_unpersist(ds);
    riv_unpersist(ds);
    assert_int_equal(sum_of(ds), 90);
    assert_int_equal(atomic_load(&calls), 10);
    no_error(r);
}

RIV_MAP(plus_1, int64_t, int64_t);
static int plus_1(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in + 1;
    return 0;
}

/* 10,000 steps: each job sees those since the last cut. */
static void long_lineages_stay_short(void **state)
{
    (void)state;
    riv_ds *ds = numbers(10, 2);
    for (int i = 1; i <= 10000; i++) {
        ds = riv_map(ds, plus_1_fn, NULL);
        if (i % 100 == 0)
            assert_int_equal(sum_of(mark(ds, i % 200 == 0)), 90 + 10 * i);
    }
    assert_int_equal(lines_of_lineage(ds), 1);
    assert_int_equal(atomic_load(&calls), 10);
    no_error(r);
}

static int cut_twice(riv *ctx, riv_ds *rdd, int64_t time, const void *arg)
{
    int64_t n = 0;
    const int64_t never = -1;
    (void)ctx, (void)time, (void)arg;
    riv_ds *ds = riv_map(rdd, called_fn, RIV_OPT(.arg = RIV_COPY(never)));
    riv_checkpoint(ds, 0);
    for (int i = 0; i < 3; i++)
        if (riv_count_now(ds, &n) < 0)
            return riv_error(ctx);
    return 0;
}

static void the_rdd_of_a_batch_may_be_cut(void **state)
{
    (void)state;
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_foreach_rdd(riv_checkpoint(in, RIV_SEC(10)), cut_twice, NULL);
    for (int64_t i = 0; i < 3; i++) {
        assert_int_equal(riv_push(in, &i, 1), 0);
        assert_int_equal(riv_step(r, 1), 0);
        assert_int_equal(atomic_load(&calls), i + 1);
        assert_int_equal(folders(), 0);
    }
    no_error(r);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(the_first_job_replaces_the_lineage),
        TEST(every_kind_of_rdd_can_be_cut),
        TEST(all_that_are_marked_are_cut_by_one_job),
        TEST(what_it_was_made_from_may_be_gone),
        TEST(checkpoints_go_with_their_context),
        TEST(a_job_that_fails_leaves_no_checkpoint),
        TEST(a_checkpoint_needs_a_folder),
        TEST(damage_names_the_file),
        TEST(a_lost_local_partition_fails_the_job),
        TEST(a_local_checkpoint_is_never_dropped_for_want_of_memory),
        TEST(what_is_persisted_may_be_cut_and_given_back),
        TEST(long_lineages_stay_short),
        TEST(the_rdd_of_a_batch_may_be_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
