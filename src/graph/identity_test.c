/* graph/identity_test.c - what keeps an operator's identity over changes of the
 * program, and what does not. Two graphs are two versions of a program. */
#include "graph/identity.h"

#include "graph/fixture.h"

struct version {
    struct riv_graph graph;
    struct riv_arena arena;
    const char **identity;
};

static void begin(struct version *v)
{
    riv__graph_init(&v->graph, NULL);
    riv__arena_init(&v->arena, 1024);
}

static void end(struct version *v)
{
    assert_int_equal(v->graph.err.code, 0);
    assert_int_equal(riv__identities(&v->graph, &v->arena, &v->identity, NULL),
                     0);
}

static void drop(struct version *v)
{
    riv__graph_fini(&v->graph);
    riv__arena_fini(&v->arena);
}

/* The last node of two versions: is it the same operator? */
static bool same_last(struct version *a, struct version *b)
{
    end(a);
    end(b);
    const bool same =
        strcmp(a->identity[a->graph.n - 1], b->identity[b->graph.n - 1]) == 0;
    drop(a);
    drop(b);
    return same;
}

static void the_same_program_has_the_same_identities(void **state)
{
    (void)state;
    struct version v[2];
    for (int i = 0; i < 2; i++) {
        begin(&v[i]);
        riv_count(riv_filter(riv_map(text_of(&v[i].graph), to_reading_fn, NULL),
                             hot_fn, NULL));
        end(&v[i]);
    }
    for (size_t i = 0; i < v[0].graph.n; i++)
        assert_string_equal(v[0].identity[i], v[1].identity[i]);
    assert_int_equal(riv__fingerprint(&v[0].graph, v[0].identity),
                     riv__fingerprint(&v[1].graph, v[1].identity));
    drop(&v[0]);
    drop(&v[1]);
}

static void equals_are_told_apart_by_their_order(void **state)
{
    (void)state;
    struct version v;
    begin(&v);
    riv_ds *text = text_of(&v.graph);
    for (int i = 0; i < 3; i++)
        riv_count(text);
    end(&v);
    for (size_t i = 0; i < v.graph.n; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(v.identity[i], v.identity[k]);
    drop(&v);
}

static void an_operator_without_uid_is_another_below_a_new_one(void **state)
{
    (void)state;
    struct version a, b;
    begin(&a);
    begin(&b);
    riv_count(riv_map(text_of(&a.graph), to_reading_fn, NULL));
    riv_count(riv_filter(riv_map(text_of(&b.graph), to_reading_fn, NULL),
                         hot_fn, NULL));
    assert_false(same_last(&a, &b));
}

static void a_uid_stays_and_what_is_below_it_too(void **state)
{
    (void)state;
    struct version a, b;
    begin(&a);
    begin(&b);
    riv_count(
        riv_map(text_of(&a.graph), to_reading_fn, RIV_OPT(.uid = "read")));
    riv_ds *more = riv_union(text_of(&b.graph), text_of(&b.graph));
    riv_count(riv_map(more, to_reading_fn, RIV_OPT(.uid = "read")));
    assert_true(same_last(&a, &b));
}

static void keeping_rows_changes_no_identity(void **state)
{
    (void)state;
    struct version a, b;
    begin(&a);
    begin(&b);
    riv_count(riv_map(text_of(&a.graph), to_reading_fn, NULL));
    riv_count(riv_persist(riv_map(text_of(&b.graph), to_reading_fn, NULL),
                          RIV_MEMORY));
    assert_true(same_last(&a, &b));
}

static void many_nodes_take_no_long_time(void **state)
{
    (void)state;
    struct version v;
    begin(&v);
    riv_ds *ds = text_of(&v.graph);
    for (int i = 0; i < 100000; i++)
        riv_count(ds);
    end(&v);
    drop(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_program_has_the_same_identities),
        cmocka_unit_test(equals_are_told_apart_by_their_order),
        cmocka_unit_test(an_operator_without_uid_is_another_below_a_new_one),
        cmocka_unit_test(a_uid_stays_and_what_is_below_it_too),
        cmocka_unit_test(keeping_rows_changes_no_identity),
        cmocka_unit_test(many_nodes_take_no_long_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
