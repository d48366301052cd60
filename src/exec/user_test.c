/* exec/user_test.c - what a user's function may call: memory, formatted text,
 * scratch of a task, its partition, rows from other languages. */
#include "exec/fixture.h"
#include "exec/user.h"

RIV_MAP(long_text, int64_t, riv_str);
static int long_text(const int64_t *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%0*d", (int)*in, 7);
    return 0;
}

RIV_MAP(length, riv_str, int64_t);
static int length(const riv_str *in, int64_t *out, riv_task *t)
{
    if (in->n == 0 || in->p[in->n - 1] != '7')
        return riv_fail(t, "torn text");
    *out = (int64_t)in->n;
    return 0;
}

/* the n-th record of its partition; counts how often the scratch is dropped */
struct scratch {
    int64_t seen;
    char more[100];
};

static atomic_int ended;
static atomic_int dirty;

static void scratch_end(void *p)
{
    struct scratch *s = p;
    atomic_fetch_add(&ended, s->seen > 0);
}

RIV_MAP(nth, int64_t, int64_t);
static int nth(const int64_t *in, int64_t *out, riv_task *t)
{
    struct scratch *s = riv_local(t, sizeof *s, scratch_end);
    if (s->seen == 0)
        for (size_t i = 0; i < sizeof s->more; i++)
            atomic_fetch_add(&dirty, s->more[i] != 0);
    memset(s->more, 1, sizeof s->more);
    *out = ++s->seen;
    return *in < 0 ? riv_fail(t, "below 0") : 0;
}

RIV_MAP(where, int64_t, int64_t);
static int where(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)in;
    *out = riv_partition(t);
    return 0;
}

/* rows by riv_put: as many as asked for, in one call */
RIV_FLAT_MAP(put, int64_t, pair);
static int put(const int64_t *in, put_out *out, riv_task *t)
{
    pair *rows = riv_alloc(t, (size_t)(*in + 1) * sizeof *rows);
    (void)out;
    for (int64_t i = 0; i < *in; i++)
        rows[i] = (pair){ *in, i };
    riv_put(t, rows, (size_t)*in);
    return *in == 5 ? riv_fail(t, "five") : 0;
}

RIV_MAP(add, int64_t, int64_t);
static int add(const int64_t *in, int64_t *out, riv_task *t)
{
    riv_counter_add(t, *(riv_counter *const *)t->arg, *in);
    *out = *in;
    return 0;
}

RIV_MAP(die, int64_t, int64_t);
static int die(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    return *in == 2 ? riv_die(t, "no licence for %s", "this") : 0;
}

static void text_may_be_longer_than_any_buffer(void **state)
{
    struct bench b;
    int64_t rows[] = { 1, 255, 256, 257, 300000 };
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 5, 1);
    riv_ds *out = riv_map(riv_map(in, long_text_fn, NULL), length_fn, NULL);
    assert_string_equal(bench_csv(&b, out), "1\n255\n256\n257\n300000\n");
    bench_fini(&b);
}

static void scratch_is_zeroed_for_each_task_and_ended_with_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        int64_t rows[12] = { 0 };
        bench_init(&b, bench_threads[i]);
        atomic_store(&ended, 0);
        atomic_store(&dirty, 0);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 12, 4);
        assert_string_equal(bench_csv(&b, riv_map(in, nth_fn, NULL)),
                            "1\n2\n3\n1\n2\n3\n1\n2\n3\n1\n2\n3\n");
        assert_int_equal(atomic_load(&ended), 4);
        assert_int_equal(atomic_load(&dirty), 0);
        bench_fini(&b);
    }
}

static void scratch_of_a_failed_task_is_ended_too(void **state)
{
    struct bench b;
    int64_t rows[] = { 1, -1 };
    (void)state;
    bench_init(&b, 1);
    atomic_store(&ended, 0);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 2, 1);
    bench_fails(&b, riv_map(in, nth_fn, NULL), RIV_ERECORD, "below 0");
    assert_int_equal(atomic_load(&ended), 1);
    bench_fini(&b);
}

static void a_task_knows_its_partition(void **state)
{
    struct bench b;
    int64_t rows[5] = { 0 };
    (void)state;
    bench_init(&b, 2);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 5, 5);
    assert_string_equal(bench_csv(&b, riv_map(in, where_fn, NULL)),
                        "0\n1\n2\n3\n4\n");
    bench_fini(&b);
}

static void rows_can_be_put_without_the_macros(void **state)
{
    (void)state;
    for (int policy = RIV_FAIL_JOB; policy <= RIV_SKIP; policy++) {
        struct bench b;
        int64_t rows[] = { 0, 3, 4000, 5, 1 };
        size_t n = policy == RIV_SKIP ? 5 : 3;
        bench_init(&b, 1);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, n, 1);
        riv_ds *out = riv_flat_map(in, put_fn, RIV_OPT(.on_error = policy));
        riv_ds *sums = riv_reduce_by_key(out, riv_sum_i64, NULL);
        assert_string_equal(
            bench_sorted(&b, sums),
            n == 5 ? "1,0\n3,3\n4000,7998000\n" : "3,3\n4000,7998000\n");
        bench_fini(&b);
    }
}

static void counters_add_up_over_all_tasks(void **state)
{
    struct bench b;
    struct riv_counter counter = { .name = "sum" };
    riv_counter *c = &counter;
    int64_t rows[1000];
    (void)state;
    for (int64_t i = 0; i < 1000; i++)
        rows[i] = i;
    bench_init(&b, 4);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 1000, 16);
    bench_csv(&b, riv_map(in, add_fn, RIV_OPT(.arg = RIV_COPY(c))));
    assert_int_equal(riv_counter_value(&counter), 499500);
    bench_fini(&b);
}

RIV_MAP(add_then_fail, int64_t, int64_t);
static int add_then_fail(const int64_t *in, int64_t *out, riv_task *t)
{
    riv_counter_add(t, *(riv_counter *const *)t->arg, 1);
    *out = *in;
    return *in == 999 ? riv_fail(t, "the last") : 0;
}

RIV_REDUCE(count_folds, int64_t);
static void count_folds(int64_t *acc, const int64_t *v, riv_task *t)
{
    riv_counter_add(t, *(riv_counter *const *)t->arg, 1);
    *acc += *v;
}

/* They counted at once. Two tasks of 500 records, the second fails at its last:
 * what the first counted stays. */
static void a_task_that_fails_counts_nothing(void **state)
{
    int64_t rows[1000];
    (void)state;
    for (int64_t i = 0; i < 1000; i++)
        rows[i] = i;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        struct riv_counter first = { .name = "seen" };
        struct riv_counter other = { .name = "folds", .index = 1 };
        riv_counter *c = &first, *folds = &other;
        bench_init(&b, bench_threads[i]);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 1000, 2);
        riv_ds *out =
            riv_map(in, add_then_fail_fn, RIV_OPT(.arg = RIV_COPY(c)));
        riv_ds *sum =
            riv_reduce(out, count_folds_fn, RIV_OPT(.arg = RIV_COPY(folds)));
        bench_fails(&b, sum, RIV_ERECORD, "the last");
        assert_int_equal(riv_counter_value(&first), 500);
        assert_int_equal(riv_counter_value(&other), 499);
        bench_fini(&b);
    }
}

static void a_function_can_stop_the_job_whatever_the_policy(void **state)
{
    (void)state;
    for (int policy = RIV_FAIL_JOB; policy <= RIV_DEAD_LETTER; policy++) {
        struct bench b;
        int64_t rows[] = { 1, 2, 3 };
        bench_init(&b, 1);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 3, 1);
        bench_fails(&b, riv_map(in, die_fn, RIV_OPT(.on_error = policy)),
                    RIV_EFATAL,
                    "the function stopped the job: no licence for "
                    "this");
        bench_fini(&b);
    }
}

RIV_MAP(mute, int64_t, int64_t);
static int mute(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)out, (void)t;
    return (int)*in; /* as a C programmer returns -EIO */
}

static void a_function_that_stops_the_job_without_words_is_told_of_them(
    void **state)
{
    struct bench b;
    int64_t code = -5;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, &code, 1, 1);
    bench_fails(&b, riv_map(in, mute_fn, NULL), RIV_ENOMEM,
                "the function stopped the job without saying why: it returned "
                "-5, here \"memory\". riv_fail and riv_die");
    code = 1;
    bench_fails(&b, riv_map(in, mute_fn, NULL), RIV_EFATAL,
                "a function returns 0, riv_fail or riv_die (it returned 1)");
    bench_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_may_be_longer_than_any_buffer),
        cmocka_unit_test(scratch_is_zeroed_for_each_task_and_ended_with_it),
        cmocka_unit_test(scratch_of_a_failed_task_is_ended_too),
        cmocka_unit_test(a_task_knows_its_partition),
        cmocka_unit_test(rows_can_be_put_without_the_macros),
        cmocka_unit_test(counters_add_up_over_all_tasks),
        cmocka_unit_test(a_task_that_fails_counts_nothing),
        cmocka_unit_test(a_function_can_stop_the_job_whatever_the_policy),
        cmocka_unit_test(
            a_function_that_stops_the_job_without_words_is_told_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
