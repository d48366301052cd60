/* api/slice_test.c - batches that are kept for a time, and asked for again. */
#include "api/fixture.h"

static riv *r;
static riv_ds *in;

static int start(void **state)
{
    (void)state;
    r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    in = riv_queue(r, &riv_type_int64_t, NULL);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    riv_free(r);
    return 0;
}

/* Batch after batch: 1, 2, 3 ... */
static void run(int batches)
{
    static int64_t next;
    for (int i = 0; i < batches; i++) {
        int64_t now = ++next;
        assert_int_equal(riv_push(in, &now, 1), 0);
        if (riv_step(r, 1) < 0)
            fail_msg("%s", riv_errmsg(r));
    }
    if (batches == 0)
        next = 0;
}

static void slice_is(int64_t from, int64_t to, const char *want)
{
    riv_result res = { 0 };
    if (riv_slice_now(in, from, to, &res) < 0)
        fail_msg("%s", riv_errmsg(r));
    result_is(&res, want);
}

/* Case BO-35 of the conformance data; later batches are not there. */
static void a_slice_has_the_batches_of_both_ends(void **state)
{
    (void)state;
    run(0);
    assert_ptr_equal(riv_remember(in, RIV_SEC(10)), in);
    riv_print(in, 0);
    run(4);
    slice_is(0, 1000, "1\n");
    slice_is(0, 2000, "1\n2\n");
    slice_is(1000, 2000, "1\n2\n");
    slice_is(2000, 4000, "2\n3\n4\n");
    slice_is(2000, 9000, "2\n3\n4\n");
    slice_is(1999, 3001, "1\n2\n3\n"); /* floored */
    slice_is(3000, 2000, "");
    slice_is(-5000, 0, "");
}

/* Case BO-36. */
static void before_the_first_batch_there_is_no_slice(void **state)
{
    riv_result res = { 0 };
    (void)state;
    run(0);
    riv_remember(in, RIV_SEC(10));
    riv_print(in, 0);
    assert_int_equal(riv_slice_now(in, 0, 1000, &res), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "riv_slice_now: no batch has run yet");
}

static void only_what_is_remembered_can_be_sliced(void **state)
{
    riv_result res = { 0 };
    (void)state;
    run(0);
    riv_print(in, 0);
    run(1);
    assert_int_equal(riv_slice_now(in, 0, 1000, &res), RIV_EINVAL);
    error_has(r, RIV_EINVAL,
              "are not kept; call riv_remember before the "
              "start");
}

/* Case BO-37: nothing older than needed is held. */
static void old_batches_are_forgotten(void **state)
{
    riv_result res = { 0 };
    (void)state;
    run(0);
    riv_remember(in, RIV_SEC(2));
    riv_remember(in, RIV_SEC(3));
    riv_remember(in, RIV_SEC(1)); /* never lowers */
    riv_print(in, 0);
    run(10);
    slice_is(8000, 10000, "8\n9\n10\n");
    assert_int_equal(riv_slice_now(in, 7000, 10000, &res), RIV_EINVAL);
    error_has(r, RIV_EINVAL,
              "riv_slice_now: batches up to 7000 ms are forgotten, 7000 ms is "
              "asked for; riv_remember them longer");
}

static void windows_have_batches_at_their_slide(void **state)
{
    (void)state;
    run(0);
    riv_ds *window = riv_window(in, 4000, 2000);
    riv_remember(window, RIV_SEC(3));
    riv_print(window, 0);
    run(10);
    riv_result res = { 0 };
    assert_int_equal(riv_slice_now(window, 9000, 10000, &res), 0);
    result_is(&res, "5\n6\n7\n8\n7\n8\n9\n10\n");
}

static int64_t sums[16];

static int sum_slice(riv *ctx, riv_ds *rdd, int64_t time, const void *arg)
{
    int64_t n = 0;
    riv_result res = { 0 };
    (void)ctx, (void)rdd, (void)arg;
    riv_ds *last = riv_slice(in, time - 2000, time);
    int rc = riv_count_now(last, &n);
    if (rc == 0)
        rc = riv_collect(riv_reduce(last, riv_sum_i64, NULL), &res);
    sums[time / 1000] =
        rc == 0 && res.n == 1 ? ((const int64_t *)res.rows)[0] : -1;
    riv_result_free(&res);
    return rc;
}

static riv_ds *of_slice(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)arg;
    return riv_union(riv_slice(in, time - 1000, time - 1000), rdd);
}

/* The running batch is among them: it is remembered before the function runs. */
static void functions_over_rdds_may_slice(void **state)
{
    struct said said;
    (void)state;
    riv_free(r);
    said_init(&said);
    r = riv_new(
        RIV_CONFIG(.batch_ms = 1000, .log = said_line, .log_arg = &said));
    in = riv_queue(r, &riv_type_int64_t, NULL);
    run(0);
    riv_remember(in, RIV_SEC(3));
    riv_foreach_rdd(in, sum_slice, NULL);
    riv_print(riv_transform(in, of_slice, &riv_type_int64_t, NULL), 9);
    run(4);
    assert_int_equal(sums[1], 1);
    assert_int_equal(sums[2], 3);
    assert_int_equal(sums[3], 6);
    assert_int_equal(sums[4], 9);
    assert_string_equal(said_all(&said),
                        "--- time 1000 ms, 1 rows ---\n1\n"
                        "--- time 2000 ms, 2 rows ---\n1\n2\n"
                        "--- time 3000 ms, 2 rows ---\n2\n3\n"
                        "--- time 4000 ms, 2 rows ---\n3\n4\n");
    riv_slice(in, 0, 4000);
    error_has(r, RIV_EINVAL, "riv_slice: is for functions over RDDs");
    said_fini(&said);
}

static void what_is_only_remembered_is_no_output(void **state)
{
    (void)state;
    riv_remember(in, RIV_SEC(3));
    assert_int_equal(riv_step(r, 1), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "the job has no output over live input");
}

static void rdds_and_no_time_cannot_be_remembered(void **state)
{
    (void)state;
    riv_remember(riv_range(r, 0, 3, 1, NULL), 1000);
    error_has(r, RIV_EINVAL, "is no stream; riv_persist keeps an RDD");
    finish(NULL);
    start(NULL);
    riv_remember(in, 0);
    error_has(r, RIV_EINVAL, "riv_remember: 0 ms; above 0 is needed");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(a_slice_has_the_batches_of_both_ends),
        TEST(before_the_first_batch_there_is_no_slice),
        TEST(only_what_is_remembered_can_be_sliced),
        TEST(old_batches_are_forgotten),
        TEST(windows_have_batches_at_their_slide),
        TEST(functions_over_rdds_may_slice),
        TEST(what_is_only_remembered_is_no_output),
        TEST(rdds_and_no_time_cannot_be_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
