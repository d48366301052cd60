/* api/long_test.c - programs that loop over `ds = riv_map(ds, ...)`: a hundred
 * thousand steps are pushed, walked and described on a stack of 1 MiB, which is
 * what a thread has in many hosts. */
#include <pthread.h>

#include "api/fixture.h"

/* Sanitizers make each step ten times as dear. */
enum { SOME = RIV_TEST_SLOWNESS > 1 ? 1000 : 10000 };
enum { MANY = 100000, STACK_BYTES = 1024 * 1024 };

RIV_MAP(add_one, int64_t, int64_t);
static int add_one(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in + 1;
    return 0;
}

/* A chain of these is a pile of calls: each hands over within its function. */
RIV_FLAT_MAP(flat_add_one, int64_t, int64_t);
static int flat_add_one(const int64_t *in, flat_add_one_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, *in + 1);
    return 0;
}

RIV_MAP_PARTITIONS(pass, int64_t, int64_t);
static int pass(const int64_t *rows, size_t n, pass_out *out, riv_task *t)
{
    (void)t;
    for (size_t i = 0; i < n; i++)
        riv_emit(out, rows[i]);
    return 0;
}

static atomic_int calls;

RIV_FOREACH(count_call, int64_t);
static int count_call(const int64_t *in, riv_task *t)
{
    (void)in, (void)t;
    atomic_fetch_add(&calls, 1);
    return 0;
}

static riv_ds *few(riv *r)
{
    static const int64_t rows[] = { 1, 2, 3, 4, 5 };
    return riv_parallelize(r, &riv_type_int64_t, rows, 5,
                           RIV_OPT(.partitions = 2));
}

/* A test that runs on a small stack. */
static void on_small_stack(void *(*test)(void *))
{
    pthread_attr_t attr;
    pthread_t thread;
    void *failed = NULL;
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstacksize(&attr, STACK_BYTES), 0);
    assert_int_equal(pthread_create(&thread, &attr, test, NULL), 0);
    assert_int_equal(pthread_join(thread, &failed), 0);
    pthread_attr_destroy(&attr);
    if (failed)
        fail_msg("%s", (const char *)failed);
}

/* The sum of five rows through so many steps; NULL, or what is wrong. */
static const char *sums_to(riv *r, riv_ds *ds, int64_t want)
{
    static char text[RIV__ERR_TEXT_MAX + 64];
    int64_t sum = 0;
    int rc = riv_reduce_now(ds, riv_sum_i64, &sum);
    snprintf(text, sizeof text, "%d: %lld, not %lld; %s", rc, (long long)sum,
             (long long)want, riv_errmsg(r));
    riv_free(r);
    return rc == 0 && sum == want ? NULL : text;
}

static void *maps(void *arg)
{
    (void)arg;
    riv *r = riv_new(RIV_CONFIG(.threads = 1));
    riv_ds *ds = few(r);
    for (int i = 0; i < MANY; i++)
        ds = riv_map(ds, add_one_fn, NULL);
    return (void *)(uintptr_t)sums_to(r, ds, 15 + 5 * (int64_t)MANY);
}

static void *flat_maps(void *arg)
{
    (void)arg;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_ds *ds = few(r);
    for (int i = 0; i < SOME; i++)
        ds = riv_flat_map(ds, flat_add_one_fn,
                          RIV_OPT(.on_error = i % 2 ? RIV_SKIP : RIV_FAIL_JOB));
    return (void *)(uintptr_t)sums_to(r, ds, 15 + 5 * (int64_t)SOME);
}

static void *mixed(void *arg)
{
    (void)arg;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_ds *ds = few(r);
    for (int i = 0; i < SOME / 2; i++) {
        ds = riv_map(ds, add_one_fn, NULL);
        ds = i % 3 ? riv_map(ds, add_one_fn, NULL)
                   : riv_map_partitions(ds, pass_fn, NULL);
    }
    int64_t steps = 0;
    for (int i = 0; i < SOME / 2; i++)
        steps += i % 3 ? 2 : 1;
    return (void *)(uintptr_t)sums_to(r, ds, 15 + 5 * steps);
}

/* A loop that keeps every step and asks at the end: each is a stage of its own,
 * and the plan does not hold for each of them what it holds for all. */
static void *kept(void *arg)
{
    (void)arg;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_ds *ds = few(r);
    for (int i = 0; i < SOME; i++)
        ds = riv_persist(riv_map(ds, add_one_fn, NULL), RIV_MEMORY);
    return (void *)(uintptr_t)sums_to(r, ds, 15 + 5 * (int64_t)SOME);
}

/* Each step has an output of its own, made after the chain: so the chain is not
 * the last thing that is done with a step's rows. */
static void *outputs(void *arg)
{
    (void)arg;
    riv *r = riv_new(RIV_CONFIG(.threads = 1));
    riv_ds **ds = calloc(SOME + 1, sizeof *ds);
    ds[0] = few(r);
    for (int i = 0; i < SOME; i++)
        ds[i + 1] = riv_map(ds[i], add_one_fn, NULL);
    for (int i = 0; i < SOME; i++)
        riv_foreach(ds[i + 1], count_call_fn, NULL);
    atomic_store(&calls, 0);
    int rc = riv_run(r);
    free(ds);
    riv_free(r);
    return rc == 0 && atomic_load(&calls) == 5 * SOME ? NULL : "outputs differ";
}

static void count_bytes(void *arg, const char *text, size_t n)
{
    size_t *lines = arg;
    for (size_t i = 0; i < n; i++)
        *lines += text[i] == '\n';
}

static void *texts(void *arg)
{
    size_t lineage = 0, plan = 0, dot = 0;
    (void)arg;
    riv *r = riv_new(NULL);
    riv_ds *ds = few(r);
    for (int i = 0; i < MANY; i++)
        ds = i % 10 ? riv_map(ds, add_one_fn, NULL)
                    : riv_flat_map(ds, flat_add_one_fn, NULL);
    bool good = riv_to_debug_string(ds, count_bytes, &lineage) == 0;
    riv_print(ds, 1); /* one line more than the lineage has */
    good &= riv_describe(r, RIV_PLAN_TEXT, count_bytes, &plan) == 0;
    good &= riv_describe(r, RIV_PLAN_DOT, count_bytes, &dot) == 0;
    riv_free(r);
    /* long piles of flat_map are cut: a line more for each cut */
    good &= lineage == MANY + 1 + (MANY / 10 - 1) / 64;
    return good && plan == lineage + 1 && dot > plan ? NULL : "texts are wrong";
}

static void a_hundred_thousand_maps_run_on_a_small_stack(void **state)
{
    (void)state;
    on_small_stack(maps);
}

static void ten_thousand_flat_maps_run_on_a_small_stack(void **state)
{
    (void)state;
    on_small_stack(flat_maps);
    on_small_stack(mixed);
}

static void ten_thousand_kept_steps_run_on_a_small_stack(void **state)
{
    (void)state;
    on_small_stack(kept);
}

static void a_long_chain_with_outputs_everywhere_runs_on_a_small_stack(
    void **state)
{
    (void)state;
    on_small_stack(outputs);
}

static void long_lineages_are_described_on_a_small_stack(void **state)
{
    (void)state;
    on_small_stack(texts);
}

/* Where a pile is cut, partitions stay what they are. */
RIV_MAP(partition, int64_t, int64_t);
static int partition(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in * 0 + riv_partition(t);
    return 0;
}

static void partitions_stay_where_a_long_chain_is_cut(void **state)
{
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.threads = 4));
    riv_ds *ds = few(r);
    for (int i = 0; i < 200; i++)
        ds = riv_flat_map(ds, flat_add_one_fn, NULL);
    collected(ds, "201\n202\n203\n204\n205\n");
    collected(riv_map(ds, partition_fn, NULL), "0\n0\n1\n1\n1\n");
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_thousand_maps_run_on_a_small_stack),
        cmocka_unit_test(ten_thousand_flat_maps_run_on_a_small_stack),
        cmocka_unit_test(ten_thousand_kept_steps_run_on_a_small_stack),
        cmocka_unit_test(
            a_long_chain_with_outputs_everywhere_runs_on_a_small_stack),
        cmocka_unit_test(long_lineages_are_described_on_a_small_stack),
        cmocka_unit_test(partitions_stay_where_a_long_chain_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
