/* graph/op_save_test.c - outputs into files: what they refuse, what they keep. */
#include "graph/fixture.h"

static struct riv_graph graph;
static riv_ds *lines, *stream;

static int start(void **state)
{
    (void)state;
    riv__graph_init(&graph, NULL);
    lines = text_of(&graph);
    stream = riv__op_text(&graph, "tail:x", true, NULL);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    riv__graph_fini(&graph);
    return 0;
}

/* The last node: an output with its path. */
static const riv_ds *saved(const char *path, const struct riv_kind *kind)
{
    const riv_ds *ds = graph.node[graph.n - 1];
    assert_int_equal(graph.err.code, 0);
    assert_true(ds->output);
    assert_ptr_equal(ds->kind, kind);
    assert_string_equal(ds->text, path);
    return ds;
}

static void the_end_of_a_name_says_the_format(void **state)
{
    static const struct {
        const char *path;
        enum riv_format format;
    } names[] = {
        { "a.csv", RIV__FORMAT_CSV },    { "a.json", RIV__FORMAT_JSON },
        { "json", RIV__FORMAT_CSV },     { ".json", RIV__FORMAT_JSON },
        { "a.json.x", RIV__FORMAT_CSV }, { "-", RIV__FORMAT_CSV }
    };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(names); i++) {
        riv_save_text(lines, names[i].path, NULL);
        const riv_ds *ds = saved(names[i].path, &riv__kind_save_text);
        const struct riv_save_param *param = ds->param;
        assert_int_equal(param->format, names[i].format);
    }
}

static void a_slash_at_the_end_asks_for_a_folder(void **state)
{
    (void)state;
    riv_save_text(lines, "out/", NULL);
    const struct riv_save_param *param =
        saved("out/", &riv__kind_save_parts)->param;
    assert_int_equal(param->format, RIV__FORMAT_CSV);
    riv_save_text(lines, "out.json//", NULL);
    param = saved("out.json//", &riv__kind_save_parts)->param;
    assert_int_equal(param->format, RIV__FORMAT_JSON);
    riv_save_encoded(lines, "out", NULL);
    param = saved("out", &riv__kind_save_encoded)->param;
    assert_int_equal(param->format, RIV__FORMAT_ENCODED);
}

static void every_batch_may_have_a_folder(void **state)
{
    (void)state;
    riv_save_text_files(stream, "out/a", "json", NULL);
    const struct riv_save_param *param =
        saved("out/a", &riv__kind_save_text_files)->param;
    assert_int_equal(param->format, RIV__FORMAT_JSON);
    assert_true(param->every_batch);
    assert_string_equal(param->suffix, "json");
    riv_save_encoded_files(stream, "a", NULL, NULL);
    param = saved("a", &riv__kind_save_encoded_files)->param;
    assert_int_equal(param->format, RIV__FORMAT_ENCODED);
    assert_string_equal(param->suffix, "");
    riv_save_text_files(stream, "a", "x/y", NULL);
    error_is(&graph, RIV_EINVAL,
             "riv_save_text_files \"a\": the suffix \"x/y\" has a slash");
}

static void a_file_needs_a_path(void **state)
{
    (void)state;
    riv_save_text(lines, "", NULL);
    error_is(&graph, RIV_EINVAL,
             "riv_save_text: no path; \"-\" is the standard output");
    finish(NULL);
    start(NULL);
    riv_save_text(lines, NULL, NULL);
    error_has(&graph, RIV_EINVAL, "riv_save_text: no path");
    finish(NULL);
    start(NULL);
    riv_save_encoded(lines, NULL, NULL);
    error_is(&graph, RIV_EINVAL, "riv_save_encoded: no path");
}

/* A script whose name of a topic was empty filled a folder "kafka:" with what it
 * should have sent, and ended with 0. */
static void an_address_is_no_folder(void **state)
{
    (void)state;
    riv_save_text(lines, "kafka://h:9092/", NULL);
    saved("kafka://h:9092/", &riv__kind_save_text);
    riv_save_encoded(lines, "kafka://h:9092/t", NULL);
    error_has(&graph, RIV_EINVAL,
              "riv_save_encoded \"kafka://h:9092/t\": it writes files");
    finish(NULL);
    start(NULL);
    riv_save_text_files(stream, "kafka://h:9092/t", "csv", NULL);
    error_has(&graph, RIV_EINVAL, "riv_save_text takes one");
}

static void what_a_stream_cannot_have_is_said(void **state)
{
    (void)state;
    riv_save_text(stream, "out/", NULL); /* rolled files */
    saved("out/", &riv__kind_save_text);
    riv_save_text(stream, "out/", RIV_OPT(.header = true));
    error_has(&graph, RIV_EINVAL,
              "riv_save_text \"out/\": .header is not for the rolled files");
    finish(NULL);
    start(NULL);
    riv_save_encoded(stream, "out", NULL);
    error_has(&graph, RIV_EINVAL, "its input is a stream");
}

static void names_of_fields_stand_above_csv_only(void **state)
{
    (void)state;
    riv_save_text(lines, "a.csv", RIV_OPT(.header = true));
    const struct riv_save_param *param =
        saved("a.csv", &riv__kind_save_text)->param;
    assert_true(param->header);
    riv_save_text(lines, "a.json", RIV_OPT(.header = true));
    error_is(&graph, RIV_EINVAL,
             "riv_save_text \"a.json\": .header is a line of names above CSV");
}

static int destroyed;

static void destroy(void *p)
{
    (void)p;
    destroyed++;
}

static void what_options_own_is_given_up(void **state)
{
    static int own[2];
    (void)state;
    destroyed = 0;
    riv_save_text(lines, "", RIV_OPT(.arg = RIV_OWN(&own[0], destroy)));
    riv_save_encoded(lines, "out", RIV_OPT(.arg = RIV_OWN(&own[1], destroy)));
    finish(NULL);
    assert_int_equal(destroyed, 2);
    start(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(the_end_of_a_name_says_the_format),
        TEST(a_slash_at_the_end_asks_for_a_folder),
        TEST(every_batch_may_have_a_folder),
        TEST(a_file_needs_a_path),
        TEST(an_address_is_no_folder),
        TEST(what_a_stream_cannot_have_is_said),
        TEST(names_of_fields_stand_above_csv_only),
        TEST(what_options_own_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
