/* exec/run_fold_test.c - count and reduce: one row of a batch, also of an empty
 * one where that has a meaning. */
#include "exec/chain.h"
#include "exec/fixture.h"

/* hands on what it got: the read buffer, or memory of riv_alloc */
RIV_REDUCE(longest, riv_str);
static void longest(riv_str *acc, const riv_str *v, riv_task *t)
{
    if (v->n > acc->n || (v->n == acc->n && memcmp(v->p, acc->p, v->n) < 0))
        *acc = v->n % 2 ? *v : riv_dup(t, v->p, v->n);
}

static unsigned threads_now;
static size_t memory_most; /* of the reducers' riv_alloc */

/* a fold of structs, whose function takes memory for every value */
RIV_REDUCE(add_both, pair);
static void add_both(pair *acc, const pair *v, riv_task *t)
{
    int64_t *spoil = riv_alloc(t, 4096);
    *spoil = 7;
    if (riv__step_of(t)->arena.total_bytes > memory_most && threads_now == 1)
        memory_most = riv__step_of(t)->arena.total_bytes;
    acc->key += v->key;
    acc->val ^= v->val;
}

enum { ROWS = 30000 };

static void a_count_is_one_row_also_of_nothing(void **state)
{
    (void)state;
    for (int parts = 1; parts <= 3; parts++) {
        struct bench b;
        int64_t rows[5000] = { 0 };
        bench_init(&b, 2);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 5000, parts);
        riv_ds *none = bench_rows(&b, &riv_type_int64_t, rows, 0, parts);
        assert_string_equal(bench_csv(&b, riv_count(in)), "5000\n");
        assert_string_equal(bench_csv(&b, riv_count(none)), "0\n");
        riv_ds *empty = bench_lines(&b, "");
        assert_string_equal(bench_csv(&b, riv_count(empty)), "0\n");
        assert_string_equal(bench_csv(&b, riv_count(riv_count(in))), "1\n");
        bench_fini(&b);
    }
}

static void a_fold_of_nothing_is_nothing(void **state)
{
    struct bench b;
    int64_t row = 0;
    (void)state;
    bench_init(&b, 1);
    riv_ds *none = bench_rows(&b, &riv_type_int64_t, &row, 0, 2);
    assert_string_equal(bench_csv(&b, riv_reduce(none, riv_sum_i64, NULL)), "");
    bench_fini(&b);
}

static void folds_do_not_depend_on_the_cuts(void **state)
{
    pair *rows = calloc(ROWS, sizeof *rows);
    int64_t key = 0, val = 0;
    char want[64];
    (void)state;
    for (int64_t i = 0; i < ROWS; i++) {
        rows[i] = (pair){ i, i * i };
        key += i;
        val ^= i * i;
    }
    snprintf(want, sizeof want, "%lld,%lld\n", (long long)key, (long long)val);
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        for (int parts = 1; parts <= 50; parts += 7) {
            struct bench b;
            bench_init(&b, bench_threads[i]);
            threads_now = bench_threads[i];
            riv_ds *in = bench_rows(&b, &riv_type_pair, rows, ROWS, parts);
            assert_string_equal(
                bench_csv(&b, riv_reduce(in, add_both_fn, NULL)), want);
            bench_fini(&b);
        }
    }
    /* that of a chunk, not of a batch: it was kept until the job ended */
    assert_in_range(memory_most, 4096, 16 << 20);
    free(rows);
}

static void the_engines_reducers_fold_whole_datasets(void **state)
{
    int64_t ints[] = { 5, -3, 8, 0 };
    double reals[] = { 0.5, 0.25, -1, 4 };
    (void)state;
    for (int parts = 1; parts <= 5; parts++) {
        struct bench b;
        bench_init(&b, 1);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, ints, 4, parts);
        riv_ds *re = bench_rows(&b, &riv_type_double, reals, 4, parts);
        assert_string_equal(bench_csv(&b, riv_reduce(in, riv_sum_i64, NULL)),
                            "10\n");
        assert_string_equal(bench_csv(&b, riv_reduce(in, riv_min_i64, NULL)),
                            "-3\n");
        assert_string_equal(bench_csv(&b, riv_reduce(in, riv_max_i64, NULL)),
                            "8\n");
        assert_string_equal(bench_csv(&b, riv_reduce(re, riv_sum_f64, NULL)),
                            "3.75\n");
        bench_fini(&b);
    }
}

static void a_fold_of_strings_keeps_them(void **state)
{
    struct riv_buf text;
    (void)state;
    riv__buf_init(&text, 0);
    for (int i = 0; i < 40000; i++)
        riv__buf_printf(&text, "%0*d\n", i > 0 ? 2 + (40000 - i) / 2000 : 1,
                        i); /* the longest is not the first */
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        b.conf.settings.share_bytes = 65536;
        riv_ds *in = bench_text(&b, text.p, text.n);
        char want[64];
        snprintf(want, sizeof want, "%021d\n", 1);
        assert_string_equal(bench_csv(&b, riv_reduce(in, longest_fn, NULL)),
                            want);
        bench_fini(&b);
    }
    riv__buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_count_is_one_row_also_of_nothing),
        cmocka_unit_test(a_fold_of_nothing_is_nothing),
        cmocka_unit_test(folds_do_not_depend_on_the_cuts),
        cmocka_unit_test(the_engines_reducers_fold_whole_datasets),
        cmocka_unit_test(a_fold_of_strings_keeps_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
