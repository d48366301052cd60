/* exec/run_rows_test.c - rows that are kept: collected for an action, spread
 * over partitions. */
#include "exec/fixture.h"

enum { ROWS = 10000 };

static void collected_rows_keep_the_order_of_partitions(void **state)
{
    struct riv_buf text;
    (void)state;
    riv__buf_init(&text, 0);
    for (int i = 0; i < 60000; i++)
        riv__buf_printf(&text, "%d\n", i);
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        b.conf.settings.share_bytes = 65536;
        riv_ds *in = bench_text(&b, text.p, text.n);
        bench_csv(&b, in);
        assert_int_equal(b.text.n, text.n + 1);
        assert_memory_equal(b.text.p, text.p, text.n);
        bench_fini(&b);
    }
    riv__buf_fini(&text);
}

static void a_repartitioned_dataset_has_even_partitions(void **state)
{
    int64_t *rows = calloc(ROWS, sizeof *rows);
    (void)state;
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = i;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        for (int parts = 1; parts <= 20; parts += 19) {
            struct bench b;
            bench_init(&b, bench_threads[i]);
            riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, ROWS, parts);
            riv_ds *out = riv_repartition(in, 7);
            const riv_ds *node = bench_collect_of(&b, out);
            assert_int_equal(bench_run(&b, &node, 1), 0);
            struct riv_op *op = riv__plan_op(b.plan, node);
            assert_int_equal(op->npart, 7);
            for (size_t k = 0; k < 7; k++) {
                struct riv_rows_part *p = (struct riv_rows_part *)op->part[k];
                assert_in_range(p->bucket[0].n, ROWS / 7 - 20, ROWS / 7 + 20);
            }
            assert_string_equal(
                bench_csv(&b, riv_reduce(out, riv_sum_i64, NULL)),
                "49995000\n");
            assert_string_equal(
                bench_csv(&b, riv_count(riv_distinct(out, NULL))), "10000\n");
            bench_fini(&b);
        }
    }
    free(rows);
}

static void a_repartition_is_the_same_on_any_number_of_workers(void **state)
{
    int64_t rows[500];
    char *first = NULL;
    (void)state;
    for (int64_t i = 0; i < 500; i++)
        rows[i] = i;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        struct bench b;
        bench_init(&b, bench_threads[i]);
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 500, 33);
        const char *text = bench_csv(&b, riv_repartition(in, 3));
        first = first ? first : strdup(text);
        assert_string_equal(text, first);
        bench_fini(&b);
    }
    free(first);
}

static void more_partitions_than_rows_are_empty_ones(void **state)
{
    struct bench b;
    int64_t rows[] = { 1, 2 };
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 2, 1);
    assert_string_equal(bench_sorted(&b, riv_repartition(in, 50)), "1\n2\n");
    riv_ds *none = bench_rows(&b, &riv_type_int64_t, rows, 0, 1);
    assert_string_equal(bench_csv(&b, riv_repartition(none, 5)), "");
    bench_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collected_rows_keep_the_order_of_partitions),
        cmocka_unit_test(a_repartitioned_dataset_has_even_partitions),
        cmocka_unit_test(a_repartition_is_the_same_on_any_number_of_workers),
        cmocka_unit_test(more_partitions_than_rows_are_empty_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
