/* graph/op_text_test.c - ready-made operators over text: what they take, what
 * they give, what they refuse in words. */
#include "graph/fixture_graph.h"

#include "data/regex.h"

static void strings_come_in_and_strings_go_out(void **state)
{
    (void)state;
    riv_ds *ds = riv_words(lines, NULL);
    ds = riv_split(ds, ',', NULL);
    ds = riv_nth_field(ds, '\t', 1, NULL);
    ds = riv_contains(ds, "x", NULL);
    ds = riv_starts_with(ds, "", NULL);
    assert_int_equal(graph.err.code, 0);
    assert_true(riv__type_equal(riv_ds_type(ds), &riv__type_str));
}

static void a_key_by_field_is_a_pair(void **state)
{
    char show[160];
    (void)state;
    riv_ds *ds = riv_key_by_field(lines, ' ', 7, NULL);
    assert_int_equal(graph.err.code, 0);
    assert_int_equal(ds->layout->type->kind, RIV_K_PAIR);
    assert_non_null(strstr(riv__type_show(riv_ds_type(ds), show, sizeof show),
                           "{key str, val str}"));
}

static void other_records_are_refused(void **state)
{
    (void)state;
    riv_words(riv_count(lines), NULL);
    error_is(&graph, RIV_ETYPE,
             "riv_words: takes riv_str records, but its input gives i64");
}

static void there_is_no_field_0(void **state)
{
    (void)state;
    riv_nth_field(lines, ' ', 0, NULL);
    error_has(&graph, RIV_EINVAL,
              "riv_nth_field: there is no field 0; the first is 1");
}

static void lines_are_not_split_at_their_ends(void **state)
{
    (void)state;
    riv_split(lines, '\n', NULL);
    error_has(&graph, RIV_EINVAL, "riv_split: a line break separates lines");
}

static void a_literal_must_be_there_and_not_too_long(void **state)
{
    char *text = malloc(5001);
    (void)state;
    memset(text, 'x', 5000);
    text[5000] = '\0';
    riv_contains(lines, text, NULL);
    error_is(&graph, RIV_EINVAL,
             "riv_contains: the literal is longer than 4096 bytes");
    free(text);
}

static void a_prefix_must_be_there(void **state)
{
    (void)state;
    riv_starts_with(lines, NULL, NULL);
    error_is(&graph, RIV_EINVAL, "riv_starts_with: no prefix; pass a text");
}

static void a_wrong_pattern_is_an_error_of_the_graph(void **state)
{
    (void)state;
    riv_matches(lines, "[", NULL);
    error_has(&graph, RIV_EINVAL,
              riv__regex_version() ? "riv_matches: the pattern '[' is wrong"
                                   : "riv_matches: this build has no");
}

/* The pattern is freed with the graph, or at once: a sanitizer tells. */
static void patterns_are_freed_whatever_happens(void **state)
{
    (void)state;
    if (!riv__regex_version())
        return;
    riv_matches(lines, "a", NULL);
    assert_int_equal(graph.err.code, 0);
    riv_matches(riv_count(lines), "a", NULL);
    error_has(&graph, RIV_ETYPE, "riv_matches: takes riv_str records");
    riv_matches(lines, "b", NULL);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start_with_lines, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(strings_come_in_and_strings_go_out),
        CASE(a_key_by_field_is_a_pair),
        CASE(other_records_are_refused),
        CASE(there_is_no_field_0),
        CASE(lines_are_not_split_at_their_ends),
        CASE(a_literal_must_be_there_and_not_too_long),
        CASE(a_prefix_must_be_there),
        CASE(a_wrong_pattern_is_an_error_of_the_graph),
        CASE(patterns_are_freed_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
