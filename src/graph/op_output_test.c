/* graph/op_output_test.c - functions over RDDs: what they refuse and keep. */
#include "graph/fixture_graph.h"

static int each(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)rdd, (void)time, (void)arg;
    return 0;
}

static riv_ds *same(riv_ds *rdd, int64_t time, const void *arg)
{
    (void)time, (void)arg;
    return rdd;
}

static void hooks_need_a_function_and_transform_a_type(void **state)
{
    (void)state;
    riv_foreach_rdd(lines, NULL, NULL);
    error_is(&graph, RIV_EINVAL, "riv_foreach_rdd: no function");
    finish(NULL);
    start_with_lines(NULL);
    riv_transform(lines, NULL, &riv_type_wc, NULL);
    error_is(&graph, RIV_EINVAL, "riv_transform: no function");
    finish(NULL);
    start_with_lines(NULL);
    riv_transform(lines, same, NULL, NULL);
    error_is(&graph, RIV_EINVAL, "riv_transform: no result type");
}

static riv_ds *first_of(riv_ds *const *rdd, size_t n, int64_t time,
                        const void *arg)
{
    (void)n, (void)time, (void)arg;
    return rdd[0];
}

static riv_ds *left_of(riv_ds *a, riv_ds *b, int64_t time, const void *arg)
{
    (void)b, (void)time, (void)arg;
    return a;
}

static void a_transform_of_several_needs_all_of_them(void **state)
{
    riv_ds *list[] = { lines, NULL };
    (void)state;
    riv_transform_with(lines, NULL, left_of, &riv_type_wc, NULL);
    error_is(&graph, RIV_EINVAL,
             "riv_transform_with: its input number 2 is NULL");
    finish(NULL);
    start_with_lines(NULL);
    riv_transform_with(lines, lines, NULL, &riv_type_wc, NULL);
    error_is(&graph, RIV_EINVAL, "riv_transform_with: no function");
    finish(NULL);
    start_with_lines(NULL);
    list[0] = lines;
    riv__op_transform_all(&graph, list, 2, first_of, &riv_type_wc, NULL);
    error_is(&graph, RIV_EINVAL,
             "riv_transform_all: its input number 2 is NULL");
    finish(NULL);
    start_with_lines(NULL);
    assert_non_null(
        riv__op_transform_all(&graph, list, 0, first_of, &riv_type_wc, NULL));
    error_is(&graph, RIV_EINVAL,
             "riv_transform_all: a list of 0 datasets; 1 to 255 are allowed");
}

static void a_hook_keeps_its_function_and_argument(void **state)
{
    int number = 4;
    (void)state;
    riv_foreach_rdd(lines, each, RIV_OPT(.arg = RIV_COPY(number)));
    const riv_ds *ds = graph.node[graph.n - 1];
    const struct riv_hook_param *param = ds->param;
    assert_true(ds->output);
    assert_ptr_equal(param->each, each);
    assert_int_equal(*(const int *)ds->arg, 4);
    riv_ds *made = riv_transform(lines, same, &riv_type_wc, NULL);
    param = made->param;
    assert_ptr_equal(param->transform, same);
    assert_false(made->output);
    assert_true(riv__type_equal(riv_ds_type(made), &riv_type_wc));
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, start_with_lines, finish)
    const struct CMUnitTest tests[] = {
        TEST(hooks_need_a_function_and_transform_a_type),
        TEST(a_transform_of_several_needs_all_of_them),
        TEST(a_hook_keeps_its_function_and_argument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
