/* graph/op_narrow_test.c - union, decode, bad: what they refuse, and what they
 * give. */
#include "data/json_read.h"
#include "graph/fixture_graph.h"

#include "data/csv.h"

static void a_union_has_one_type(void **state)
{
    (void)state;
    riv_ds *u = riv_union(lines, riv_distinct(lines, NULL));
    assert_int_equal(graph.err.code, 0);
    assert_int_equal(u->nparent, 2);
    riv_union(lines, riv_flat_map(lines, split_fn, NULL));
    error_is(&graph, RIV_ETYPE,
             "riv_union: its inputs differ: str and wc {key str, "
             "val i64}");
}

/* It gave its left side alone, and nobody was told. */
static void a_union_needs_both_sides(void **state)
{
    (void)state;
    riv_union(lines, NULL);
    error_has(&graph, RIV_EINVAL, "riv_union: no right side");
}

static void a_union_with_a_broken_context_is_an_error_here_too(void **state)
{
    struct riv_graph other;
    (void)state;
    riv__graph_init(&other, NULL);
    riv_ds *theirs = text_of(&other);
    riv__graph_fail(&other, RIV_EINVAL, "broken");
    riv_union(lines, theirs);
    error_is(&graph, RIV_EINVAL,
             "riv_union: its input belongs to another context");
    riv__graph_fini(&other);
}

static void decode_reads_csv_lines(void **state)
{
    (void)state;
    riv_ds *ds = riv_decode(lines, &riv_type_reading, "csv", NULL);
    assert_int_equal(graph.err.code, 0);
    assert_true(riv__type_equal(riv_ds_type(ds), &riv_type_reading));
}

static void decode_says_which_formats_there_are(void **state)
{
    (void)state;
    riv_decode(lines, &riv_type_reading, "xml", NULL);
    error_is(&graph, RIV_EINVAL,
             "riv_decode(reading): format \"xml\" is not known; \"csv\" and "
             "\"json\" are");
}

static void decode_reads_json_where_the_build_does(void **state)
{
    (void)state;
    riv_decode(lines, &riv_type_reading, "json", NULL);
    if (riv__json_reader_name())
        assert_int_equal(graph.err.code, 0);
    else
        error_is(&graph, RIV_EINVAL,
                 "riv_decode(reading): this build reads no JSON; libsimdjson "
                 "was not there when it was made");
}

static void columns_may_be_picked(void **state)
{
    (void)state;
    riv_ds *ds = riv_decode(lines, &riv_type_reading, "csv:4,2", NULL);
    assert_int_equal(graph.err.code, 0);
    const struct riv_decode_param *param = ds->param;
    assert_int_equal(param->columns->n, 4);
    assert_int_equal(param->columns->leaf[0], RIV__CSV_NO_LEAF);
    assert_int_equal(param->columns->leaf[1], 1);
    assert_int_equal(param->columns->leaf[3], 0);
}

static void columns_must_fit_the_fields(void **state)
{
    static const struct {
        const char *format, *why;
    } wrong[] = {
        { "csv:1", "there are fewer columns than fields" },
        { "csv:1,2,3", "there are more columns than fields" },
        { "csv:2,2", "a column may be for one field only" },
        { "csv:0,1", "columns are numbers from 1" },
        { "csv:1,x", "columns are numbers from 1" },
        { "csv:", "columns are numbers from 1" },
        { "csv:1,5000", "columns are numbers from 1" },
    };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        struct riv_graph other;
        riv__graph_init(&other, NULL);
        riv_decode(text_of(&other), &riv_type_reading, wrong[i].format, NULL);
        error_has(&other, RIV_EINVAL, wrong[i].why);
        riv__graph_fini(&other);
    }
}

static void names_of_fields_are_of_csv_only(void **state)
{
    (void)state;
    riv_ds *ds =
        riv_decode(lines, &riv_type_reading, "csv", RIV_OPT(.header = true));
    const struct riv_decode_param *param = ds->param;
    assert_true(param->has_names);
    if (!riv__json_reader_name())
        return;
    riv_decode(lines, &riv_type_reading, "json", RIV_OPT(.header = true));
    error_has(&graph, RIV_EINVAL, ".header is a line of names above CSV");
}

static void decode_needs_a_format_a_type_and_lines(void **state)
{
    (void)state;
    riv_decode(lines, &riv_type_reading, NULL, NULL);
    error_has(&graph, RIV_EINVAL, "format \"(null)\" is not known");
    finish(NULL);
    start_with_lines(NULL);
    riv_decode(lines, NULL, "csv", NULL);
    error_is(&graph, RIV_EINVAL,
             "riv_decode: no record type; pass &riv_type_NAME, which "
             "RIV_STRUCT makes");
    finish(NULL);
    start_with_lines(NULL);
    riv_decode(riv_count(lines), &riv_type_reading, "csv", NULL);
    error_is(&graph, RIV_ETYPE,
             "riv_decode(reading): takes riv_str lines, but its input gives "
             "i64");
}

/* rivulet.h: "of an operator that has RIV_DEAD_LETTER; any other is an error".
 * RIV_SKIP passed. */
static void letters_come_from_operators_that_set_them_aside(void **state)
{
    (void)state;
    static const int wrong[] = { RIV_FAIL_JOB, RIV_SKIP };
    riv_ds *ds =
        riv_map(lines, to_reading_fn, RIV_OPT(.on_error = RIV_DEAD_LETTER));
    riv_ds *bad = riv_bad(ds);
    assert_int_equal(graph.err.code, 0);
    assert_true(riv__type_equal(riv_ds_type(bad), &riv_type_riv_bad_record));
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        riv_bad(riv_map(lines, to_reading_fn, RIV_OPT(.on_error = wrong[i])));
        error_has(&graph, RIV_EINVAL, "give it .on_error = RIV_DEAD_LETTER");
        finish(NULL);
        start_with_lines(NULL);
    }
}

/* group_by_key calls a function that may refuse a group, like any other. */
static void groups_can_be_set_aside(void **state)
{
    (void)state;
    riv_ds *words = riv_flat_map(lines, split_fn, NULL);
    riv_ds *ds =
        riv_group_by_key(words, all_fn, RIV_OPT(.on_error = RIV_DEAD_LETTER));
    riv_bad(ds);
    if (graph.err.code < 0)
        fail_msg("%s", graph.err.text);
}

static void what_refuses_nothing_has_no_letters(void **state)
{
    (void)state;
    static const riv_opt opt = { .struct_size = sizeof opt,
                                 .on_error = RIV_DEAD_LETTER };
    for (int i = 0; i < 5; i++) {
        riv_ds *of = i == 0   ? lines
                     : i == 1 ? riv_union(lines, lines)
                     : i == 2 ? riv_repartition(lines, 2)
                     : i == 3 ? riv_count(lines)
                              : riv_bad(riv_map(lines, to_reading_fn, &opt));
        riv_bad(of);
        error_has(&graph, RIV_EINVAL, "cannot refuse records");
        finish(NULL);
        start_with_lines(NULL);
    }
}

static void an_output_has_no_dataset(void **state)
{
    (void)state;
    size_t n = graph.n;
    riv_foreach(riv_flat_map(lines, split_fn, NULL), look_fn, NULL);
    assert_int_equal(graph.n, n + 2);
    assert_true(graph.node[n + 1]->output);
    assert_null(graph.node[n + 1]->layout);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, start_with_lines, finish)
    const struct CMUnitTest tests[] = {
        TEST(a_union_has_one_type),
        TEST(a_union_needs_both_sides),
        TEST(a_union_with_a_broken_context_is_an_error_here_too),
        TEST(decode_reads_csv_lines),
        TEST(decode_says_which_formats_there_are),
        TEST(decode_reads_json_where_the_build_does),
        TEST(columns_may_be_picked),
        TEST(columns_must_fit_the_fields),
        TEST(names_of_fields_are_of_csv_only),
        TEST(decode_needs_a_format_a_type_and_lines),
        TEST(letters_come_from_operators_that_set_them_aside),
        TEST(groups_can_be_set_aside),
        TEST(what_refuses_nothing_has_no_letters),
        TEST(an_output_has_no_dataset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
