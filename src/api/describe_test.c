/* api/describe_test.c - the graph in words and for Graphviz. */
#include "api/fixture.h"

static void collect(void *arg, const char *text, size_t n)
{
    riv__buf_add(arg, text, n);
}

/* A job whose names need care in a picture. */
static riv *job(void)
{
    riv *r = riv_new(NULL);
    riv_ds *in = riv_text(r, "a \"b\" \\.txt", NULL);
    riv_ds *words = riv_distinct(in, RIV_OPT(.uid = "words"));
    riv_print(riv_count(riv_union(words, in)), 5);
    riv_print(riv_queue(r, &riv_type_wc, NULL), 1);
    no_error(r);
    return r;
}

static void the_text_names_every_dataset(void **state)
{
    struct riv_buf buf;
    riv *r = job();
    (void)state;
    riv__buf_init(&buf, 0);
    assert_int_equal(riv_describe(r, RIV_PLAN_TEXT, collect, &buf), 0);
    riv__buf_char(&buf, '\0');
    static const char *const parts[] = {
        "stage 0  #0 riv_text \"a \"b\" \\.txt\"  gives str  (finite: an RDD)",
        ("stage 0  #1 riv_distinct \"words\"  <- #0  gives str  (exchange)  uid "
         "words"),
        "stage 1  #2 riv_union #2  <- #1, #0",
        "stage 1  #3 riv_count #3  <- #2  gives i64  (exchange)",
        "stage 2  #4 riv_print #4  <- #3  (output)",
        "#5 riv_queue #5  gives wc {key str, val i64}  (live: a DStream)",
    };
    for (size_t i = 0; i < RIV__LEN(parts); i++)
        if (!strstr(buf.p, parts[i]))
            fail_msg("no \"%s\" in:\n%s", parts[i], buf.p);
    riv__buf_fini(&buf);
    riv_free(r);
}

static void the_picture_quotes_what_programs_wrote(void **state)
{
    struct riv_buf buf;
    riv *r = job();
    (void)state;
    riv__buf_init(&buf, 0);
    assert_int_equal(riv_describe(r, RIV_PLAN_DOT, collect, &buf), 0);
    riv__buf_char(&buf, '\0');
    assert_memory_equal(buf.p, "digraph plan {\n", 15);
    assert_non_null(strstr(buf.p, "riv_text \\\"a \\\"b\\\" \\\\.txt\\\""));
    assert_non_null(strstr(buf.p, "n1 -> n2;\n"));
    assert_string_equal(buf.p + strlen(buf.p) - 2, "}\n");
    riv__buf_fini(&buf);
    riv_free(r);
}

static void a_described_graph_cannot_grow(void **state)
{
    struct riv_buf buf;
    riv *r = job();
    (void)state;
    riv__buf_init(&buf, 0);
    assert_int_equal(riv_describe(r, RIV_PLAN_TEXT, collect, &buf), 0);
    riv_text(r, "more.txt", NULL);
    error_has(r, RIV_EINVAL, "cannot change after the start");
    riv__buf_fini(&buf);
    riv_free(r);
}

static void a_wrong_graph_is_not_described(void **state)
{
    struct riv_buf buf;
    riv *r = job();
    (void)state;
    riv__buf_init(&buf, 0);
    riv_invalid(r, "wrong");
    assert_int_equal(riv_describe(r, RIV_PLAN_TEXT, collect, &buf), RIV_EINVAL);
    assert_int_equal(buf.n, 0);
    riv_free(r);
    r = job();
    assert_int_equal(riv_describe(r, 7, collect, &buf), RIV_EINVAL);
    assert_int_equal(buf.n, 0);
    error_has(r, RIV_EINVAL, "riv_describe: how is 7");
    riv__buf_fini(&buf);
    riv_free(r);
}

/* What riv_run says before it opens anything. */
static void a_graph_that_no_start_takes_is_not_described(void **state)
{
    struct riv_buf buf;
    (void)state;
    riv__buf_init(&buf, 0);
    riv *r = riv_new(RIV_CONFIG(.batch_ms = 1000));
    riv_print(riv_window(riv_queue(r, &riv_type_wc, NULL), 1500, 0), 1);
    assert_int_equal(riv_describe(r, RIV_PLAN_TEXT, collect, &buf), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "must be multiples of 1000 ms");
    riv_free(r);
    r = riv_new(NULL);
    riv_distinct(riv_range(r, 0, 9, 1, NULL), NULL);
    assert_int_equal(riv_describe(r, RIV_PLAN_TEXT, collect, &buf), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "the job has no output");
    assert_int_equal(buf.n, 0);
    riv__buf_fini(&buf);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_names_every_dataset),
        cmocka_unit_test(the_picture_quotes_what_programs_wrote),
        cmocka_unit_test(a_described_graph_cannot_grow),
        cmocka_unit_test(a_wrong_graph_is_not_described),
        cmocka_unit_test(a_graph_that_no_start_takes_is_not_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
