/* exec/run_print_test.c - print: the first rows of a batch, in order, and that
 * there were more. */
#include "exec/fixture.h"

static void printed(struct bench *b, const char *want)
{
    if (bench_outputs(b) < 0)
        fail_msg("%s", b->err.text);
    riv__buf_char(&b->text, '\0');
    assert_string_equal(b->text.p, want);
}

static void the_first_rows_are_shown(void **state)
{
    static const char *const want[] = { "...\n",        "1\n...\n",
                                        "1\n2\n...\n",  "1\n2\n3\n...\n",
                                        "1\n2\n3\n4\n", "1\n2\n3\n4\n" };
    int64_t rows[] = { 1, 2, 3, 4 };
    (void)state;
    for (int parts = 1; parts <= 6; parts++) {
        for (int64_t n = 0; n < 6; n++) {
            struct bench b;
            bench_init(&b, 2);
            riv_print(bench_rows(&b, &riv_type_int64_t, rows, 4, parts), n);
            printed(&b, want[n]);
            assert_int_equal(b.plan->stats.records_out, 4);
            bench_fini(&b);
        }
    }
}

static void a_negative_number_shows_none(void **state)
{
    struct bench b;
    int64_t rows[] = { 1, 2 };
    (void)state;
    bench_init(&b, 1);
    riv_print(bench_rows(&b, &riv_type_int64_t, rows, 2, 1), -3);
    printed(&b, "...\n");
    bench_fini(&b);
}

static void nothing_of_nothing_is_shown(void **state)
{
    struct bench b;
    int64_t row = 0;
    (void)state;
    bench_init(&b, 1);
    riv_print(bench_rows(&b, &riv_type_int64_t, &row, 0, 2), 10);
    printed(&b, "");
    bench_fini(&b);
}

static void outputs_are_shown_in_the_order_they_were_made(void **state)
{
    struct bench b;
    wc rows[] = { { riv_cstr("a \"b\", c"), 1 }, { riv_cstr("d"), 2 } };
    (void)state;
    bench_init(&b, 2);
    riv_ds *in = bench_rows(&b, &riv_type_wc, rows, 2, 2);
    riv_print(in, 5);
    riv_print(riv_count(in), 5);
    riv_print(in, 1);
    printed(&b, "\"a \"\"b\"\", c\",1\nd,2\n2\n\"a \"\"b\"\", c\",1\n...\n");
    bench_fini(&b);
}

/* Of a stream each batch has its line with the time, an empty one too. */
static void batches_of_a_stream_have_their_time(void **state)
{
    struct bench b;
    int64_t rows[] = { 1, 2 };
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 2, 1);
    in->live = true;
    riv_print(in, 1);
    printed(&b, "--- time 0 ms, 2 rows ---\n1\n...\n");
    riv__buf_reset(&b.text);
    assert_int_equal(riv__job_begin(b.plan, 2000, &b.err), 0);
    assert_int_equal(riv__job_finish(b.plan, NULL, &b.err), 0);
    riv__buf_char(&b.text, '\0');
    assert_string_equal(b.text.p, "--- time 2000 ms, 2 rows ---\n1\n...\n");
    bench_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_rows_are_shown),
        cmocka_unit_test(a_negative_number_shows_none),
        cmocka_unit_test(nothing_of_nothing_is_shown),
        cmocka_unit_test(outputs_are_shown_in_the_order_they_were_made),
        cmocka_unit_test(batches_of_a_stream_have_their_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
