/* api/memory_test.c - functions that ask for memory nobody has: riv_alloc and
 * riv_local never return NULL, the function is left where it stands and the job
 * fails in words. Whatever kind of function it is, and nothing leaks. */
#include "api/fixture.h"

enum { ROWS = 3000 };

/* Never to be had, and refused without asking the system. */
static void ask_too_much(riv_task *t)
{
    char *p = riv_alloc(t, PTRDIFF_MAX);
    memset(p, 1, 64); /* nobody comes here */
    fail_msg("riv_alloc returned");
}

static bool is_last(int64_t v)
{
    return v % ROWS == ROWS - 1;
}

RIV_MAP(map_asks, int64_t, riv_str);
static int map_asks(const int64_t *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%lld", (long long)*in);
    if (is_last(*in))
        ask_too_much(t);
    return 0;
}

RIV_FLAT_MAP(flat_asks, int64_t, riv_str);
static int flat_asks(const int64_t *in, flat_asks_out *out, riv_task *t)
{
    for (int i = 0; i < 5000 / RIV_TEST_SLOWNESS; i++)
        riv_emit(out, riv_fmt(t, "%d", i));
    if (is_last(*in) || *in == 2000)
        ask_too_much(t);
    return 0;
}

RIV_FILTER(filter_asks, int64_t);
static int filter_asks(const int64_t *in, riv_task *t)
{
    if (is_last(*in))
        (void)riv_local(t, PTRDIFF_MAX, NULL);
    return 1;
}

RIV_MAP(mod_seven, int64_t, pair);
static int mod_seven(const int64_t *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ *in % 7, *in };
    return 0;
}

RIV_REDUCE(fold_asks, int64_t);
static void fold_asks(int64_t *acc, const int64_t *v, riv_task *t)
{
    *acc = *v;
    if (is_last(*v))
        ask_too_much(t);
}

RIV_REDUCE(text_asks, riv_str);
static void text_asks(riv_str *acc, const riv_str *v, riv_task *t)
{
    *acc = riv_fmt(t, RIV_S, RIV_P(*v));
    ask_too_much(t);
}

RIV_GROUP(group_asks, pair, int64_t);
static int group_asks(const int64_t *key, const int64_t *v, size_t n,
                      group_asks_out *out, riv_task *t)
{
    (void)v, (void)n;
    riv_emit(out, *key);
    if (*key == 3)
        ask_too_much(t);
    return 0;
}

RIV_MAP(plain, int64_t, riv_str);
static int plain(const int64_t *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%lld", (long long)*in);
    return 0;
}

static riv_ds *numbers(riv *r)
{
    static int64_t rows[ROWS];
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = i;
    return riv_parallelize(r, &riv_type_int64_t, rows, ROWS,
                           RIV_OPT(.partitions = 5));
}

static void job_fails(riv *r, riv_ds *ds, const char *words)
{
    riv_result res = { 0 };
    assert_int_equal(riv_collect(ds, &res), RIV_ENOMEM);
    error_has(r, RIV_ENOMEM, words);
    error_has(r, RIV_ENOMEM, "no memory for 9223372036854775807 bytes");
    riv_free(r);
}

static void a_function_that_gets_no_memory_is_left(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        for (int policy = RIV_FAIL_JOB; policy <= RIV_SKIP; policy++) {
            const riv_opt *o = RIV_OPT(.on_error = policy);
            riv *r = riv_new(RIV_CONFIG(.threads = threads));
            job_fails(r, riv_map(numbers(r), map_asks_fn, o),
                      "riv_map(map_asks, ");
            r = riv_new(RIV_CONFIG(.threads = threads));
            job_fails(r, riv_flat_map(numbers(r), flat_asks_fn, o),
                      "riv_flat_map(flat_asks, ");
            r = riv_new(RIV_CONFIG(.threads = threads));
            job_fails(r, riv_filter(numbers(r), filter_asks_fn, o),
                      "riv_local");
            r = riv_new(RIV_CONFIG(.threads = threads));
            job_fails(r,
                      riv_group_by_key(riv_map(numbers(r), mod_seven_fn, NULL),
                                       group_asks_fn, o),
                      "riv_group_by_key(group_asks, ");
        }
    }
}

static void a_reducer_that_gets_no_memory_is_left(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        job_fails(r, riv_reduce(numbers(r), fold_asks_fn, NULL),
                  "riv_reduce(fold_asks, ");
        r = riv_new(RIV_CONFIG(.threads = threads));
        job_fails(r,
                  riv_reduce_by_key(riv_map(numbers(r), mod_seven_fn, NULL),
                                    fold_asks_fn, NULL),
                  "riv_reduce_by_key(fold_asks, ");
        r = riv_new(RIV_CONFIG(.threads = threads));
        job_fails(
            r,
            riv_reduce(riv_map(numbers(r), plain_fn, NULL), text_asks_fn, NULL),
            "riv_reduce(text_asks, ");
    }
}

/* Where parts are put together nobody is within a task. */
static void a_reducer_of_a_window_is_left(void **state)
{
    int64_t rows[] = { 0, 7, 14, ROWS - 1 };
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_ds *pairs = riv_map(in, mod_seven_fn, NULL);
    riv_print(
        riv_reduce_by_key_and_window(pairs, fold_asks_fn, 3000, 1000, NULL),
        10);
    int rc = 0;
    for (int i = 0; rc == 0 && i < 8; i++) {
        assert_int_equal(riv_push(in, rows, i < 2 ? 3 : 4), 0);
        rc = riv_step(r, 1);
    }
    assert_int_equal(rc, RIV_ENOMEM);
    error_has(r, RIV_ENOMEM, "fold_asks");
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function_that_gets_no_memory_is_left),
        cmocka_unit_test(a_reducer_that_gets_no_memory_is_left),
        cmocka_unit_test(a_reducer_of_a_window_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
