/* exec/run_hook_test.c - functions over the RDD of a batch: what they build is
 * run at once, for this batch alone. Actions in them: api/action_test.c. */
#include "exec/fixture.h"

RIV_MAP(twice, int64_t, int64_t);
static int twice(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = 2 * *in;
    return 0;
}

RIV_MAP(length, riv_str, int64_t);
static int length(const riv_str *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = (int64_t)in->n;
    return 0;
}

/* what the hooks saw */
static struct {
    int calls;
    int64_t time;
    int number;
    bool prints, fails;
} seen;

static riv_ds *doubled(riv_ds *rdd, int64_t time, const void *arg)
{
    seen.calls++;
    seen.time = time;
    seen.number = arg ? *(const int *)arg : 0;
    if (seen.prints)
        riv_print(rdd, 1);
    return riv_distinct(riv_map(rdd, twice_fn, NULL), NULL);
}

static riv_ds *unchanged(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return rdd;
}

static riv_ds *counted(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return riv_count_by_value(rdd, NULL);
}

static riv_ds *nothing(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)rdd, (void)time, (void)arg;
    return NULL;
}

static riv_ds *nested(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    riv_ds *inner = riv_transform(rdd, doubled, &riv_type_int64_t, NULL);
    return riv_map(inner, twice_fn, NULL);
}

static int each(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)arg;
    seen.calls++;
    seen.time = time;
    riv_print(riv_map(rdd, twice_fn, NULL), 100);
    riv_print(riv_count(rdd), 1);
    return seen.fails ? RIV_EBUSY : 0;
}

static int outer(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)time, (void)arg;
    riv_foreach_rdd(riv_map(rdd, twice_fn, NULL), each, NULL);
    return 0;
}

static int64_t rows[] = { 3, 1, 3, 2 };

static riv_ds *numbers(struct bench *b, int parts)
{
    seen.calls = 0;
    seen.prints = seen.fails = false;
    return bench_rows(b, &riv_type_int64_t, rows, RIV__LEN(rows), parts);
}

static void a_transform_gives_what_its_function_builds(void **state)
{
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        for (int parts = 1; parts <= 4; parts++) {
            struct bench b;
            int number = 17;
            bench_init(&b, bench_threads[i]);
            riv_ds *out =
                riv_transform(numbers(&b, parts), doubled, &riv_type_int64_t,
                              RIV_OPT(.arg = RIV_COPY(number)));
            assert_string_equal(bench_sorted(&b, out), "2\n4\n6\n");
            assert_int_equal(seen.calls, 1);
            assert_int_equal(seen.number, 17);
            /* and is an input like any other */
            assert_string_equal(
                bench_sorted(&b, riv_map(riv_union(out, out), twice_fn, NULL)),
                "12\n12\n4\n4\n8\n8\n");
            bench_fini(&b);
        }
    }
}

static void the_rdd_itself_may_be_given_back(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 2);
    riv_ds *out =
        riv_transform(numbers(&b, 3), unchanged, &riv_type_int64_t, NULL);
    assert_string_equal(bench_csv(&b, out), "3\n1\n3\n2\n");
    bench_fini(&b);
}

static void a_transform_must_give_what_it_promised(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = numbers(&b, 1);
    bench_fails(&b, riv_transform(in, nothing, &riv_type_int64_t, NULL),
                RIV_EINVAL, "its function returned no dataset");
    bench_fails(&b, riv_transform(in, unchanged, &riv_type_pair, NULL),
                RIV_ETYPE, "riv_transform: promised pair");
    /* a type of the engine's own making */
    riv_ds *out = riv_transform(in, counted, &riv_type_pair, NULL);
    assert_string_equal(bench_sorted(&b, out), "1,1\n2,1\n3,2\n");
    bench_fini(&b);
}

static riv_ds *a_then_twice_b(riv_ds *a, riv_ds *b, int64_t time,
                              const void *arg)
{
    seen.calls++;
    seen.time = time;
    seen.number = arg ? *(const int *)arg : 0;
    return riv_union(a, riv_map(b, twice_fn, NULL));
}

static riv_ds *nothing_of_two(riv_ds *a, riv_ds *b, int64_t time,
                              const void *arg)
{
    (void)a, (void)b, (void)time, (void)arg;
    return NULL;
}

RIV_MAP(value_of, pair, int64_t);
static int value_of(const pair *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = in->val;
    return 0;
}

/* Of datasets of different types: the values of the second, then the rest. */
static riv_ds *second_first(riv_ds *const *rdd, size_t n, int64_t time,
                            const void *arg)
{
    (void)time, (void)arg;
    riv_ds *all = riv_map(rdd[1], value_of_fn, NULL);
    seen.number = (int)n;
    for (size_t i = 0; i < n; i++)
        all = i == 1 ? all : riv_union(all, rdd[i]);
    return all;
}

static void a_transform_of_two_sees_both_batches_apart(void **state)
{
    static const int64_t more[] = { 10, 20, 30 };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bench_threads); i++) {
        for (int parts = 1; parts <= 4; parts++) {
            struct bench b;
            int number = 17;
            bench_init(&b, bench_threads[i]);
            riv_ds *l = numbers(&b, parts);
            riv_ds *r = bench_rows(&b, &riv_type_int64_t, more, 3, 5 - parts);
            riv_ds *out =
                riv_transform_with(l, r, a_then_twice_b, &riv_type_int64_t,
                                   RIV_OPT(.arg = RIV_COPY(number)));
            assert_string_equal(bench_csv(&b, out), "3\n1\n3\n2\n20\n40\n60\n");
            assert_int_equal(seen.calls, 1);
            assert_int_equal(seen.number, 17);
            /* a dataset beside itself, and one that comes by several ways */
            assert_string_equal(
                bench_csv(&b,
                          riv_transform_with(l, riv_union(l, r), a_then_twice_b,
                                             &riv_type_int64_t, NULL)),
                "3\n1\n3\n2\n6\n2\n6\n4\n20\n40\n60\n");
            bench_fini(&b);
        }
    }
}

static void a_transform_of_many_sees_them_in_order(void **state)
{
    static const pair pairs[] = { { 1, 100 }, { 2, 200 } };
    static const int64_t more[] = { 10, 20, 30 };
    struct bench b;
    (void)state;
    bench_init(&b, 2);
    riv_ds *const in[] = { numbers(&b, 2),
                           bench_rows(&b, &riv_type_pair, pairs, 2, 2),
                           bench_rows(&b, &riv_type_int64_t, more, 3, 1) };
    riv_ds *out = riv__op_transform_all(&b.graph, in, 3, second_first,
                                        &riv_type_int64_t, NULL);
    assert_string_equal(bench_csv(&b, out),
                        "100\n200\n3\n1\n3\n2\n10\n20\n30\n");
    assert_int_equal(seen.number, 3);
    bench_fini(&b);
}

/* An RDD of no partitions is an RDD. */
static void an_input_without_rows_is_an_empty_rdd(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 2);
    riv_ds *lines = riv_map(bench_lines(&b, ""), length_fn, NULL);
    riv_ds *out = riv_transform_with(lines, numbers(&b, 2), a_then_twice_b,
                                     &riv_type_int64_t, NULL);
    assert_string_equal(bench_csv(&b, out), "6\n2\n6\n4\n");
    bench_fini(&b);
}

static void a_transform_of_several_must_give_what_it_promised(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_ds *in = numbers(&b, 1);
    bench_fails(
        &b, riv_transform_with(in, in, nothing_of_two, &riv_type_int64_t, NULL),
        RIV_EINVAL, "riv_transform_with: its function returned no dataset");
    bench_fails(
        &b, riv_transform_with(in, in, a_then_twice_b, &riv_type_pair, NULL),
        RIV_ETYPE, "riv_transform_with: promised pair");
    bench_fini(&b);
}

static void hooks_may_stand_inside_hooks(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 2);
    riv_ds *out =
        riv_transform(numbers(&b, 2), nested, &riv_type_int64_t, NULL);
    assert_string_equal(bench_sorted(&b, out), "12\n4\n8\n");
    riv_foreach_rdd(numbers(&b, 1), outer, NULL);
    assert_int_equal(bench_outputs(&b), 0);
    assert_int_equal(seen.calls, 1);
    bench_fini(&b);
}

static void outputs_of_foreach_rdd_run_when_it_returns(void **state)
{
    (void)state;
    for (int parts = 1; parts <= 4; parts++) {
        struct bench b;
        bench_init(&b, 2);
        riv_foreach_rdd(numbers(&b, parts), each, NULL);
        assert_int_equal(bench_outputs(&b), 0);
        riv__buf_char(&b.text, '\0');
        assert_string_equal(b.text.p, "6\n2\n6\n4\n4\n");
        bench_fini(&b);
    }
}

static void what_foreach_rdd_returns_ends_the_job(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 1);
    riv_foreach_rdd(numbers(&b, 1), each, NULL);
    seen.fails = true;
    assert_int_equal(bench_outputs(&b), RIV_EBUSY);
    assert_non_null(strstr(b.err.text, "its function returned -10"));
    bench_fini(&b);
}

/* Batch after batch: the piece of graph of one is gone with the next, the graph
 * does not grow, and the time is the batch's. */
static void each_batch_builds_its_own_piece_of_graph(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, 2);
    riv_ds *in = numbers(&b, 2);
    riv_foreach_rdd(riv_transform(in, doubled, &riv_type_int64_t, NULL), each,
                    NULL);
    assert_int_equal(bench_outputs(&b), 0);
    size_t nodes = b.graph.n, bytes = b.graph.own.total_bytes;
    char *first = NULL;
    for (int batch = 1; batch <= 200; batch++) {
        riv__buf_reset(&b.text);
        assert_int_equal(riv__job_now(b.plan, batch, &b.err), 0);
        assert_int_equal(seen.time, batch);
        assert_int_equal(b.graph.n, nodes);
        assert_int_equal(b.graph.own.total_bytes, bytes);
        riv__buf_char(&b.text, '\0');
        first = first ? first : strdup(b.text.p);
        assert_string_equal(b.text.p, first);
    }
    assert_int_equal(seen.calls, 2 * 201);
    free(first);
    bench_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transform_gives_what_its_function_builds),
        cmocka_unit_test(the_rdd_itself_may_be_given_back),
        cmocka_unit_test(a_transform_must_give_what_it_promised),
        cmocka_unit_test(a_transform_of_two_sees_both_batches_apart),
        cmocka_unit_test(a_transform_of_many_sees_them_in_order),
        cmocka_unit_test(an_input_without_rows_is_an_empty_rdd),
        cmocka_unit_test(a_transform_of_several_must_give_what_it_promised),
        cmocka_unit_test(hooks_may_stand_inside_hooks),
        cmocka_unit_test(outputs_of_foreach_rdd_run_when_it_returns),
        cmocka_unit_test(what_foreach_rdd_returns_ends_the_job),
        cmocka_unit_test(each_batch_builds_its_own_piece_of_graph),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
