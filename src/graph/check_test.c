/* graph/check_test.c - every sentence a wrong graph is refused with: operator,
 * function with file and line, both types, the way out. */
#include "graph/check.h"

#include <stdio.h>

#include "graph/fixture.h"

static struct riv_graph graph;
static riv_ds *lines, *words, *reads;

static int start(void **state)
{
    (void)state;
    riv__graph_init(&graph, NULL);
    lines = text_of(&graph);
    words = riv_flat_map(lines, split_fn, NULL);
    reads = riv_map(lines, to_reading_fn, NULL);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    riv__graph_fini(&graph);
    return 0;
}

/* The words of the error, with "@f" for the place of a function. */
static void refused(int code, const char *fmt, ...) RIV__FORMAT(2, 3);

static void refused(int code, const char *fmt, ...)
{
    char words_of[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(words_of, sizeof words_of, fmt, ap);
    va_end(ap);
    error_is(&graph, code, words_of);
}

static void a_function_takes_what_its_input_gives(void **state)
{
    (void)state;
    riv_filter(lines, hot_fn, NULL);
    refused(RIV_ETYPE,
            "riv_filter(hot, %s): takes reading {sensor str, temp f64}"
            ", but its input (riv_text \"in.txt\") gives str",
            hot_fn->where);
}

static void the_input_is_named_as_well(void **state)
{
    (void)state;
    riv_map_values(reads, half_fn, NULL);
    refused(RIV_ETYPE,
            "riv_map_values(half, %s): takes wc {key str, val i64}, "
            "but its input (riv_map(to_reading, %s)) gives reading {sensor "
            "str, temp f64}",
            half_fn->where, to_reading_fn->where);
}

static void a_function_is_for_one_operator(void **state)
{
    (void)state;
    riv_map(reads, hot_fn, NULL);
    refused(RIV_ETYPE,
            "riv_map: hot (%s) is a RIV_FILTER function; riv_map takes RIV_MAP",
            hot_fn->where);
}

/* Every builder that takes a function, given one of another kind. */
static void every_builder_knows_its_macro(void **state)
{
    (void)state;
    static const struct {
        riv_ds *(*build)(riv_ds *, const riv_fn *, const riv_opt *);
        const char *words;
    } builders[] = {
        { riv_map, "riv_map takes RIV_MAP" },
        { riv_flat_map, "riv_flat_map takes RIV_FLAT_MAP" },
        { riv_filter, "riv_filter takes RIV_FILTER" },
        { riv_map_values, "riv_map_values takes RIV_MAP_VALUES" },
        { riv_map_partitions, "riv_map_partitions takes RIV_MAP_PARTITIONS" },
        { riv_reduce_by_key, "riv_reduce_by_key takes RIV_REDUCE" },
        { riv_aggregate_by_key, "riv_aggregate_by_key takes RIV_AGGREGATE" },
        { riv_group_by_key, "riv_group_by_key takes RIV_GROUP" },
        { riv_reduce, "riv_reduce takes RIV_REDUCE" },
    };
    for (size_t i = 0; i < RIV__LEN(builders); i++) {
        riv_fn fn = *look_fn;
        const char *macro = strrchr(builders[i].words, ' ') + 1;
        builders[i].build(words, &fn, NULL);
        error_has(&graph, RIV_ETYPE, builders[i].words);
        error_has(&graph, RIV_ETYPE, "is a RIV_FOREACH function");
        riv__graph_fini(&graph);
        start(NULL);
        builders[i].build(words, NULL, NULL);
        error_has(&graph, RIV_EINVAL, "no function; pass NAME_fn, which ");
        error_has(&graph, RIV_EINVAL, macro);
        riv__graph_fini(&graph);
        start(NULL);
        fn.op = 999;
        builders[i].build(words, &fn, NULL);
        error_has(&graph, RIV_ETYPE, "is a later version's function");
        riv__graph_fini(&graph);
        start(NULL);
    }
    riv_foreach(words, hot_fn, NULL);
    error_has(&graph, RIV_ETYPE, "riv_foreach takes RIV_FOREACH");
}

static void keyed_operators_want_pairs(void **state)
{
    (void)state;
    riv_reduce_by_key(reads, riv_sum_f64, NULL);
    refused(RIV_ETYPE,
            "riv_reduce_by_key(riv_sum_f64): its input (riv_map(to_reading, "
            "%s)) gives reading {sensor str, temp f64}, not pairs "
            "(RIV_PAIR); make pairs of key and value with riv_map first",
            to_reading_fn->where);
}

static void every_keyed_operator_says_so(void **state)
{
    (void)state;
    riv_aggregate_by_key(lines, mean_fn, NULL);
    error_has(&graph, RIV_ETYPE, "riv_aggregate_by_key(mean): its input");
    finish(NULL);
    start(NULL);
    riv_group_by_key(lines, all_fn, NULL);
    error_has(&graph, RIV_ETYPE, "riv_group_by_key(all): its input");
}

static void a_reducer_folds_the_values(void **state)
{
    (void)state;
    riv_reduce_by_key(words, riv_sum_f64, NULL);
    refused(RIV_ETYPE, "riv_reduce_by_key(riv_sum_f64, built in): reduces "
                       "f64, but the values of its input are i64");
}

static void a_reducer_of_whole_records_folds_those(void **state)
{
    (void)state;
    riv_reduce(words, longest_fn, NULL);
    refused(RIV_ETYPE,
            "riv_reduce(longest, %s): takes str, but its input "
            "(riv_flat_map(split, %s)) gives wc {key str, val i64}",
            longest_fn->where, split_fn->where);
}

static void other_keyed_functions_take_their_pairs(void **state)
{
    (void)state;
    riv_ds *floats = riv_map_values(words, half_fn, NULL);
    riv_aggregate_by_key(floats, mean_fn, NULL);
    error_has(&graph, RIV_ETYPE,
              "takes wc {key str, val i64}, but its input "
              "(riv_map_values(half, ");
    finish(NULL);
    start(NULL);
    riv_group_by_key(riv_map_values(words, half_fn, NULL), all_fn, NULL);
    error_has(&graph, RIV_ETYPE, "gives wf {key str, val f64}");
}

static void what_fits_is_not_refused(void **state)
{
    (void)state;
    riv_filter(reads, hot_fn, NULL);
    riv_map_partitions(words, few_fn, NULL);
    riv_reduce_by_key(words, riv_sum_i64, NULL);
    riv_aggregate_by_key(words, mean_fn, NULL);
    riv_group_by_key(words, all_fn, NULL);
    riv_reduce(lines, longest_fn, NULL);
    riv_foreach(words, look_fn, NULL);
    riv_distinct(reads, NULL);
    riv_count_by_value(reads, NULL);
    if (graph.err.code < 0)
        fail_msg("%s", graph.err.text);
    assert_int_equal(graph.n, 12);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(a_function_takes_what_its_input_gives),
        TEST(the_input_is_named_as_well),
        TEST(a_function_is_for_one_operator),
        TEST(every_builder_knows_its_macro),
        TEST(keyed_operators_want_pairs),
        TEST(every_keyed_operator_says_so),
        TEST(a_reducer_folds_the_values),
        TEST(a_reducer_of_whole_records_folds_those),
        TEST(other_keyed_functions_take_their_pairs),
        TEST(what_fits_is_not_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
