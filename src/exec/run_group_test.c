/* exec/run_group_test.c - group_by_key: a key with all its values of the batch,
 * in the order of arrival. */
#include "exec/fixture.h"

RIV_PAIR(named, riv_str, riv_str);

/* "key: v v v", the values in the order they came */
RIV_GROUP(listed, pair, riv_str);
static int listed(const int64_t *key, const int64_t *v, size_t n,
                  listed_out *out, riv_task *t)
{
    riv_str text = riv_fmt(t, "%lld:", (long long)*key);
    for (size_t i = 0; i < n; i++)
        text = riv_fmt(t, RIV_S " %lld", RIV_P(text), (long long)v[i]);
    riv_emit(out, text);
    return 0;
}

/* keys and values of strings: handed on as they are, not copied */
RIV_GROUP(first_and_last, named, named);
static int first_and_last(const riv_str *key, const riv_str *v, size_t n,
                          first_and_last_out *out, riv_task *t)
{
    (void)t;
    riv_emit(out, (named){ *key, v[0] });
    riv_emit(out, (named){ *key, v[n - 1] });
    return 0;
}

/* emits each value, then refuses groups of two */
RIV_GROUP(not_two, pair, int64_t);
static int not_two(const int64_t *key, const int64_t *v, size_t n,
                   not_two_out *out, riv_task *t)
{
    for (size_t i = 0; i < n; i++)
        riv_emit(out, v[i]);
    return n == 2 ? riv_fail(t, "two of %lld", (long long)*key) : 0;
}

RIV_MAP(inc, int64_t, int64_t);
static int inc(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in + 1;
    return 0;
}

enum { ROWS = 10000, KEYS = 300 };

static void values_come_in_the_order_of_arrival(void **state)
{
    pair rows[] = { { 2, 9 }, { 1, 8 }, { 2, 7 }, { 1, 6 }, { 2, 5 },
                    { 3, 4 }, { 2, 3 }, { 1, 2 }, { 2, 1 } };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        for (int parts = 1; parts <= 9; parts++) {
            struct bench b;
            bench_init(&b, bench_threads[i]);
            riv_ds *in = bench_rows(&b, &riv_type_pair, rows, 9, parts);
            riv_ds *out = riv_group_by_key(in, listed_fn,
                                           RIV_OPT(.partitions = parts % 4));
            assert_string_equal(bench_sorted(&b, out),
                                "1: 8 6 2\n2: 9 7 5 3 1\n3: 4\n");
            bench_fini(&b);
        }
    }
}

static void large_groups_and_many_have_all_their_values(void **state)
{
    pair *rows = calloc(ROWS, sizeof *rows);
    (void)state;
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = (pair){ i % 3 == 0 ? -1 : i % KEYS, i };
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        for (int parts = 1; parts <= 30; parts += 29) {
            struct bench b;
            bench_init(&b, bench_threads[i]);
            riv_ds *in = bench_rows(&b, &riv_type_pair, rows, ROWS, parts);
            riv_ds *out = riv_group_by_key(in, not_two_fn, NULL);
            assert_string_equal(
                bench_csv(&b, riv_reduce(out, riv_sum_i64, NULL)),
                "49995000\n");
            assert_string_equal(bench_csv(&b, riv_count(out)), "10000\n");
            /* the function's own stage goes on */
            assert_string_equal(
                bench_csv(&b, riv_reduce(riv_map(out, inc_fn, NULL),
                                         riv_sum_i64, NULL)),
                "50005000\n");
            bench_fini(&b);
        }
    }
    free(rows);
}

/* Keys of more than 16 bytes, values that live in the rows of the batch. */
static void keys_and_values_may_be_strings(void **state)
{
    struct riv_buf text;
    (void)state;
    riv__buf_init(&text, 0);
    for (int i = 0; i < 6000; i++)
        riv__buf_printf(&text, "%s%030d,%0*d\n", i % 2 ? "x" : "", i % 10,
                        1 + i % 40, i);
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        b.conf.settings.share_bytes = 65536;
        riv_ds *in = riv_decode(bench_text(&b, text.p, text.n), &riv_type_named,
                                "csv", NULL);
        riv_ds *out = riv_group_by_key(in, first_and_last_fn, NULL);
        assert_string_equal(bench_csv(&b, riv_count(out)), "20\n");
        bench_sorted(&b, riv_distinct(out, NULL));
        assert_memory_equal(b.text.p, "000000000000000000000000000000,0\n", 33);
        bench_fini(&b);
    }
    riv__buf_fini(&text);
}

static void a_refused_group_takes_back_what_it_emitted(void **state)
{
    struct bench b;
    pair rows[] = { { 1, 10 }, { 2, 20 }, { 1, 11 }, { 3, 30 } };
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_pair, rows, 4, 1);
    riv_ds *out =
        riv_group_by_key(in, not_two_fn, RIV_OPT(.on_error = RIV_SKIP));
    assert_string_equal(bench_csv(&b, out), "20\n30\n");
    assert_int_equal(b.plan->stats.records_bad, 1);
    bench_fails(&b, riv_group_by_key(in, not_two_fn, NULL), RIV_ERECORD,
                "two of 1");
    bench_fini(&b);
}

static void an_empty_batch_has_no_group(void **state)
{
    struct bench b;
    pair row = { 0, 0 };
    (void)state;
    bench_init(&b, 1);
    for (int parts = 1; parts <= 2; parts++) {
        riv_ds *in = bench_rows(&b, &riv_type_pair, &row, 0, parts);
        riv_ds *out = riv_group_by_key(in, not_two_fn, NULL);
        assert_string_equal(bench_csv(&b, out), "");
    }
    bench_fini(&b);
}

static void a_batch_forgets_the_groups_of_the_last(void **state)
{
    (void)state;
    for (int parts = 1; parts <= 4; parts += 3) {
        struct bench b;
        pair rows[] = { { 1, 10 }, { 1, 11 }, { 1, 12 }, { 2, 5 } };
        bench_init(&b, 2);
        riv_ds *in = bench_rows(&b, &riv_type_pair, rows, 4, parts);
        const riv_ds *node =
            bench_collect_of(&b, riv_group_by_key(in, listed_fn, NULL));
        assert_int_equal(bench_run(&b, &node, 1), 0);
        for (int i = 0; i < 3; i++)
            rows[i].key = 7;
        assert_int_equal(riv__job_now(b.plan, 0, &b.err), 0);
        bench_show(&b, node);
        assert_non_null(strstr(b.text.p, "7: 10 11 12\n"));
        assert_null(strstr(b.text.p, "1: "));
        bench_fini(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_in_the_order_of_arrival),
        cmocka_unit_test(large_groups_and_many_have_all_their_values),
        cmocka_unit_test(keys_and_values_may_be_strings),
        cmocka_unit_test(a_refused_group_takes_back_what_it_emitted),
        cmocka_unit_test(an_empty_batch_has_no_group),
        cmocka_unit_test(a_batch_forgets_the_groups_of_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
