/* exec/plan_test.c - the graph as stages: what is fused, what is computed once,
 * which level an operator is complete at. */
#include "exec/fixture.h"

RIV_MAP(inc, int64_t, int64_t);
static int inc(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in + 1;
    return 0;
}

RIV_MAP(refuse, int64_t, int64_t);
static int refuse(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    return *in % 2 ? riv_fail(t, "odd") : 0;
}

RIV_MAP(raw, riv_bad_record, riv_str);
static int raw(const riv_bad_record *in, riv_str *out, riv_task *t)
{
    (void)t;
    *out = in->raw;
    return 0;
}

RIV_MAP(keyed, int64_t, pair);
static int keyed(const int64_t *in, pair *out, riv_task *t)
{
    (void)t;
    *out = (pair){ *in % 2, *in };
    return 0;
}

static int64_t rows[] = { 1, 2, 3, 4, 5 };

static riv_ds *numbers(struct bench *b)
{
    return bench_rows(b, &riv_type_int64_t, rows, RIV__LEN(rows), 2);
}

static void narrow_operators_are_one_stage(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *ds = numbers(&b);
    for (int i = 0; i < 5; i++)
        ds = riv_map(ds, inc_fn, NULL);
    assert_string_equal(bench_csv(&b, ds), "6\n7\n8\n9\n10\n");
    assert_int_equal(b.plan->nstage, 1);
    assert_int_equal(b.plan->stage[0].nstep, 5);
    assert_int_equal(b.plan->nlevel, 1);
    bench_fini(&b);
}

static void what_no_output_needs_is_not_compiled(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *ds = numbers(&b);
    riv_map(riv_distinct(ds, NULL), inc_fn, NULL);
    riv_ds *other = riv_map(numbers(&b), inc_fn, NULL);
    (void)other;
    assert_string_equal(bench_csv(&b, riv_map(ds, inc_fn, NULL)),
                        "2\n3\n4\n5\n6\n");
    assert_int_equal(b.plan->nstage, 1);
    assert_int_equal(b.plan->stage[0].nstep, 1);
    assert_int_equal(b.plan->nop, 1);
    bench_fini(&b);
}

static void outputs_of_one_input_share_one_pass(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *ds = riv_map(numbers(&b), inc_fn, NULL);
    const riv_ds *list[] = { bench_collect_of(&b, ds),
                             bench_collect_of(&b, riv_map(ds, inc_fn, NULL)),
                             bench_collect_of(&b, riv_count(ds)) };
    assert_int_equal(bench_run(&b, list, 3), 0);
    assert_int_equal(b.plan->nstage, 2); /* the input, the count */
    assert_int_equal(b.plan->stage[0].nfeeds, 3);
    assert_int_equal(b.plan->stats.records_in, RIV__LEN(rows));
    bench_show(&b, list[1]);
    assert_string_equal(b.text.p, "3\n4\n5\n6\n7\n");
    bench_show(&b, list[2]);
    assert_string_equal(b.text.p, "5\n");
    bench_fini(&b);
}

static void a_dataset_united_with_itself_is_there_twice(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = numbers(&b);
    riv_ds *m = riv_map(in, inc_fn, NULL);
    assert_string_equal(bench_sorted(&b, riv_union(in, in)),
                        "1\n1\n2\n2\n3\n3\n4\n4\n5\n5\n");
    assert_string_equal(bench_csv(&b, riv_count(riv_union(m, m))), "10\n");
    riv_ds *twice = riv_union(riv_union(m, m), riv_union(m, in));
    assert_string_equal(bench_csv(&b, riv_count(twice)), "20\n");
    riv_ds *sums =
        riv_reduce_by_key(riv_map(in, keyed_fn, NULL), riv_sum_i64, NULL);
    assert_string_equal(bench_sorted(&b, riv_union(sums, sums)),
                        "0,6\n0,6\n1,9\n1,9\n");
    bench_fini(&b);
}

static void a_diamond_comes_together_once(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = numbers(&b);
    riv_ds *left = riv_map(in, inc_fn, NULL);
    riv_ds *right = riv_map(riv_map(in, inc_fn, NULL), inc_fn, NULL);
    riv_ds *both = riv_map(riv_union(left, right), keyed_fn, NULL);
    assert_string_equal(
        bench_sorted(&b, riv_reduce_by_key(both, riv_sum_i64, NULL)),
        "0,22\n1,23\n");
    assert_int_equal(b.plan->nstage, 2);
    bench_fini(&b);
}

static void unions_of_inputs_keep_their_order(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 2);
    riv_ds *a = bench_lines(&b, "a1\na2\n");
    riv_ds *c = bench_lines(&b, "c1\n");
    riv_ds *d = bench_lines(&b, "d1\nd2\n");
    assert_string_equal(bench_csv(&b, riv_union(riv_union(a, c), d)),
                        "a1\na2\nc1\nd1\nd2\n");
    bench_fini(&b);
}

/* An operator below two levels is complete after the later one. */
static void levels_follow_the_longest_way(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 2);
    riv_ds *in = numbers(&b);
    riv_ds *once = riv_distinct(in, NULL);
    riv_ds *again = riv_distinct(riv_union(once, in), NULL);
    riv_ds *last = riv_count(riv_union(riv_union(again, in), once));
    assert_string_equal(bench_csv(&b, last), "15\n");
    assert_int_equal(b.plan->nlevel, 4);
    bench_fini(&b);
}

static void refused_records_go_their_own_way(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *good =
        riv_map(numbers(&b), refuse_fn, RIV_OPT(.on_error = RIV_DEAD_LETTER));
    riv_ds *bad = riv_bad(good);
    const riv_ds *list[] = {
        bench_collect_of(&b, good), bench_collect_of(&b, riv_count(bad)),
        bench_collect_of(&b, riv_distinct(riv_map(bad, raw_fn, NULL), NULL))
    };
    assert_int_equal(bench_run(&b, list, 3), 0);
    bench_show(&b, list[0]);
    assert_string_equal(b.text.p, "2\n4\n");
    bench_show(&b, list[1]);
    assert_string_equal(b.text.p, "3\n");
    assert_int_equal(b.plan->stats.records_in, RIV__LEN(rows));
    /* letters alone, without the good rows */
    assert_string_equal(bench_csv(&b, riv_count(bad)), "3\n");
    bench_fini(&b);
}

static void exchanges_have_a_limit_that_is_said(void **state)
{
    struct bench b;
    (void)state;
    if (RIV_TEST_SLOWNESS > 1)
        RIV_TEST_SKIP("so many take a minute under a sanitizer");
    bench_init(&b, 1);
    riv_ds *ds = numbers(&b);
    for (int i = 0; i < RIV__LEVELS_MAX - 1; i++)
        ds = riv_repartition(ds, 1);
    assert_string_equal(bench_sorted(&b, ds), "1\n2\n3\n4\n5\n");
    bench_fails(&b, riv_repartition(ds, 1), RIV_EINVAL,
                "more than 10240 exchanges");
    bench_fini(&b);
}

/* A plan is run for every batch: nothing of the last one shows. */
static void a_plan_can_be_run_many_times(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 2);
    riv_ds *in = numbers(&b);
    riv_ds *out = riv_union(riv_count(in), riv_distinct(in, NULL));
    const riv_ds *node = bench_collect_of(&b, out);
    assert_int_equal(bench_run(&b, &node, 1), 0);
    bench_show(&b, node);
    char *first = strdup(b.text.p);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(riv__job_now(b.plan, i, &b.err), 0);
        bench_show(&b, node);
        assert_string_equal(b.text.p, first);
        assert_int_equal(b.plan->stats.records_in, RIV__LEN(rows));
    }
    free(first);
    bench_fini(&b);
}

static void a_failed_batch_leaves_the_plan_usable(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 2);
    riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 5, 3);
    const riv_ds *node =
        bench_collect_of(&b, riv_distinct(riv_map(in, refuse_fn, NULL), NULL));
    assert_int_equal(bench_run(&b, &node, 1), RIV_ERECORD);
    for (size_t i = 0; i < 5; i++)
        rows[i] *= 2;
    assert_int_equal(riv__job_now(b.plan, 0, &b.err), 0);
    bench_show(&b, node);
    assert_int_equal(strlen(b.text.p), strlen("2\n4\n6\n8\n10\n"));
    for (size_t i = 0; i < 5; i++)
        rows[i] /= 2;
    bench_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(narrow_operators_are_one_stage),
        cmocka_unit_test(what_no_output_needs_is_not_compiled),
        cmocka_unit_test(outputs_of_one_input_share_one_pass),
        cmocka_unit_test(a_dataset_united_with_itself_is_there_twice),
        cmocka_unit_test(a_diamond_comes_together_once),
        cmocka_unit_test(unions_of_inputs_keep_their_order),
        cmocka_unit_test(levels_follow_the_longest_way),
        cmocka_unit_test(refused_records_go_their_own_way),
        cmocka_unit_test(exchanges_have_a_limit_that_is_said),
        cmocka_unit_test(a_plan_can_be_run_many_times),
        cmocka_unit_test(a_failed_batch_leaves_the_plan_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
