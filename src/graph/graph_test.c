/* graph/graph_test.c - nodes, options, the error that sticks, pieces of graph,
 * and programs that were compiled against a shorter header. */
#include "graph/graph.h"

#include "graph/fixture_graph.h"

static void nodes_stand_in_the_order_they_were_made(void **state)
{
    (void)state;
    riv_ds *a = text_of(&graph);
    riv_ds *b = riv_map(a, to_reading_fn, NULL);
    riv_ds *c = riv_filter(b, hot_fn, NULL);
    assert_int_equal(graph.err.code, 0);
    assert_int_equal(graph.n, 3);
    assert_ptr_equal(graph.node[1], b);
    assert_int_equal(c->id, 2);
    assert_ptr_equal(c->parent[0], b);
    assert_true(riv__type_equal(riv_ds_type(c), &riv_type_reading));
}

static void a_dataset_is_live_below_a_live_input(void **state)
{
    (void)state;
    riv_ds *fin = text_of(&graph);
    riv_ds *live = riv__op_text(&graph, "tail:x", true, NULL);
    assert_false(riv_count(fin)->live);
    assert_true(riv_count(live)->live);
    assert_true(riv_union(fin, live)->live);
    assert_true(riv_union(live, fin)->live);
}

static void the_first_error_stays(void **state)
{
    (void)state;
    riv_ds *a = text_of(&graph);
    assert_int_equal(riv__graph_fail(&graph, RIV_ETYPE, "first %d", 1),
                     RIV_ETYPE);
    assert_int_equal(riv__graph_fail(&graph, RIV_EINVAL, "second"), RIV_ETYPE);
    error_is(&graph, RIV_ETYPE, "first 1");
    /* builders hand their input back, whatever they are given */
    size_t n = graph.n;
    assert_ptr_equal(riv_map(a, NULL, NULL), a);
    assert_ptr_equal(riv_map_values(a, half_fn, NULL), a);
    assert_ptr_equal(riv_union(a, NULL), a);
    assert_ptr_equal(riv_repartition(a, -1), a);
    assert_ptr_equal(riv_distinct(a, NULL), a);
    assert_ptr_equal(riv_count(a), a);
    assert_ptr_equal(riv_bad(a), a);
    assert_ptr_equal(riv_decode(a, NULL, NULL, NULL), a);
    assert_ptr_equal(riv_transform(a, NULL, NULL, NULL), a);
    assert_ptr_equal(riv_group_by_key(a, NULL, NULL), a);
    assert_ptr_equal(riv_count_by_value(a, NULL), a);
    assert_ptr_equal(riv_reduce_by_key(a, riv_sum_i64, NULL), a);
    assert_ptr_equal(riv_aggregate_by_key(a, mean_fn, NULL), a);
    riv_print(a, 1);
    riv_save_text(a, NULL, NULL);
    riv_foreach(a, NULL, NULL);
    riv_foreach_rdd(a, NULL, NULL);
    assert_int_equal(graph.n, n);
    error_is(&graph, RIV_ETYPE, "first 1");
    assert_non_null(text_of(&graph));
    assert_int_equal(graph.n, n);
}

static void builders_pass_a_null_dataset_on(void **state)
{
    (void)state;
    assert_null(riv_map(NULL, to_reading_fn, NULL));
    assert_null(riv_union(NULL, NULL));
    assert_null(riv_count(NULL));
    assert_null(riv_ds_type(NULL));
    riv_print(NULL, 1);
    riv_save_text(NULL, "x", NULL);
    assert_int_equal(graph.err.code, 0);
}

static void a_uid_names_one_operator(void **state)
{
    (void)state;
    riv_ds *a = riv_map(text_of(&graph), to_reading_fn, RIV_OPT(.uid = "one"));
    assert_string_equal(a->uid, "one");
    riv_filter(a, hot_fn, RIV_OPT(.uid = "two"));
    assert_int_equal(graph.err.code, 0);
    riv_filter(a, hot_fn, RIV_OPT(.uid = "one"));
    error_has(&graph, RIV_EINVAL,
              "uid \"one\" is used twice, first by riv_map(to_reading, ");
}

static void a_uid_is_copied_and_has_a_limit(void **state)
{
    char uid[RIV__UID_MAX + 2];
    (void)state;
    memset(uid, 'u', sizeof uid);
    uid[RIV__UID_MAX] = '\0';
    riv_ds *a = riv_distinct(text_of(&graph), RIV_OPT(.uid = uid));
    uid[0] = 'v';
    assert_int_equal(a->uid[0], 'u');
    assert_int_equal(graph.err.code, 0);
    uid[RIV__UID_MAX] = 'u';
    uid[RIV__UID_MAX + 1] = '\0';
    riv_distinct(a, RIV_OPT(.uid = uid));
    error_has(&graph, RIV_EINVAL, "...\" is longer than 128 bytes");
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct {
        riv_opt opt;
        const char *words;
    } wrong[] = {
        { { .on_error = 3 },
          "riv_distinct: on_error 3 is none of RIV_FAIL_JOB, RIV_SKIP, "
          "RIV_DEAD_LETTER" },
        { { .on_error = -1 },
          "riv_distinct: on_error -1 is none of RIV_FAIL_JOB, RIV_SKIP, "
          "RIV_DEAD_LETTER" },
        { { .partitions = -1 },
          "riv_distinct: -1 partitions; allowed are 1 to 65536" },
        { { .partitions = 65537 },
          "riv_distinct: 65537 partitions; allowed are 1 to 65536" },
    };
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        riv_opt opt = wrong[i].opt;
        opt.struct_size = sizeof opt;
        riv_distinct(text_of(&graph), &opt);
        error_is(&graph, RIV_EINVAL, wrong[i].words);
        riv__graph_fini(&graph);
        riv__graph_init(&graph, NULL);
    }
}

/* The options of a program that was compiled when they ended at `uid`: what
 * lies behind them is somebody else's. */
static void shorter_options_of_an_older_program_are_read(void **state)
{
    struct {
        size_t struct_size;
        const char *uid;
        unsigned char behind[sizeof(riv_opt)];
    } old = { .struct_size = offsetof(riv_opt, uid) + sizeof(char *),
              .uid = "old" };
    (void)state;
    memset(old.behind, 0xee, sizeof old.behind);
    riv_ds *a =
        riv_distinct(text_of(&graph), (const riv_opt *)(const void *)&old);
    assert_int_equal(graph.err.code, 0);
    assert_string_equal(a->uid, "old");
    assert_int_equal(a->partitions, 0);
    assert_int_equal(a->on_error, 0);
    assert_null(a->arg);
}

static void longer_options_of_a_newer_program_are_read(void **state)
{
    struct {
        riv_opt opt;
        char more[64];
    } new = { .opt = { .struct_size = sizeof new, .partitions = 3 } };
    (void)state;
    assert_int_equal(riv_distinct(text_of(&graph), &new.opt)->partitions, 3);
    assert_int_equal(graph.err.code, 0);
}

static void a_shorter_function_of_an_older_program_is_read(void **state)
{
    const uint32_t size = offsetof(riv_fn, fold);
    char *old = malloc(size); /* no byte more may be read */
    (void)state;
    memcpy(old, to_reading_fn, size);
    memcpy(old + offsetof(riv_fn, struct_size), &size, sizeof size);
    riv_ds *a = riv_map(text_of(&graph), (const void *)old, NULL);
    assert_int_equal(graph.err.code, 0);
    assert_ptr_equal(a->fn->rows, to_reading_fn->rows);
    assert_null(a->fn->groups);
    free(old);
}

/* ------------------------------------------------------------- captures */

static int destroyed;

static void destroy(void *p)
{
    destroyed += *(int *)p;
}

static void captures_are_copied_taken_or_borrowed(void **state)
{
    int copy = 1, own = 10, borrow = 100;
    (void)state;
    riv_ds *a = text_of(&graph);
    riv_ds *c = riv_map(a, to_reading_fn, RIV_OPT(.arg = RIV_COPY(copy)));
    riv_ds *o =
        riv_map(a, to_reading_fn, RIV_OPT(.arg = RIV_OWN(&own, destroy)));
    riv_ds *b = riv_map(a, to_reading_fn, RIV_OPT(.arg = RIV_BORROW(&borrow)));
    copy = 2;
    assert_int_equal(*(const int *)c->arg, 1);
    assert_ptr_equal(o->arg, &own);
    assert_ptr_equal(b->arg, &borrow);
    destroyed = 0;
    riv__graph_fini(&graph);
    assert_int_equal(destroyed, 10);
    riv__graph_init(&graph, NULL);
}

/* Whatever a builder says to its argument, what it was given to own is its. */
static void an_owned_capture_is_destroyed_also_after_an_error(void **state)
{
    int own[] = { 1, 10, 100, 1000 };
    (void)state;
    destroyed = 0;
    riv_ds *a = text_of(&graph);
    riv_filter(a, hot_fn, RIV_OPT(.arg = RIV_OWN(&own[0], destroy)));
    assert_int_equal(graph.err.code, RIV_ETYPE);
    riv_map(a, to_reading_fn, RIV_OPT(.arg = RIV_OWN(&own[1], destroy)));
    riv_foreach(a, look_fn, RIV_OPT(.arg = RIV_OWN(&own[2], destroy)));
    riv_transform(a, NULL, NULL, RIV_OPT(.arg = RIV_OWN(&own[3], destroy)));
    riv__graph_fini(&graph);
    assert_int_equal(destroyed, 1111);
    riv__graph_init(&graph, NULL);
}

static void a_graph_without_memory_takes_nothing(void **state)
{
    (void)state;
    struct riv_graph none = { .err = { RIV_ENOMEM, "out of memory" } };
    int own = 1;
    destroyed = 0;
    riv_ds *a = text_of(&none);
    assert_non_null(a);
    riv_filter(riv_map(a, to_reading_fn, NULL), hot_fn,
               RIV_OPT(.arg = RIV_OWN(&own, destroy)));
    assert_int_equal(destroyed, 1);
    assert_int_equal(none.n, 0);
    error_is(&none, RIV_ENOMEM, "out of memory");
}

static void contexts_do_not_mix(void **state)
{
    struct riv_graph other;
    (void)state;
    riv__graph_init(&other, NULL);
    riv_union(text_of(&graph), text_of(&other));
    error_is(&graph, RIV_EINVAL,
             "riv_union: its input belongs to another context");
    assert_int_equal(other.err.code, 0);
    riv__graph_fini(&other);
}

static void a_frozen_graph_cannot_grow(void **state)
{
    (void)state;
    riv_ds *a = text_of(&graph);
    graph.frozen = true;
    riv_count(a);
    error_is(&graph, RIV_EINVAL,
             "riv_count: the graph cannot change after the start");
    assert_int_equal(graph.n, 1);
}

static void a_piece_of_graph_is_forgotten(void **state)
{
    struct riv_arena arena;
    int own = 5;
    (void)state;
    riv__arena_init(&arena, 1024);
    riv_ds *a = text_of(&graph);
    graph.frozen = true;
    destroyed = 0;
    for (int batch = 0; batch < 3; batch++) {
        size_t mark = riv__graph_mark(&graph, &arena);
        riv_map(a, to_reading_fn,
                RIV_OPT(.uid = "in each batch", .arg = RIV_OWN(&own, destroy)));
        assert_int_equal(graph.n, 2);
        riv__graph_release(&graph, mark);
        riv__arena_reset(&arena, 0);
        assert_int_equal(graph.n, 1);
        assert_true(graph.frozen);
    }
    assert_int_equal(graph.err.code, 0);
    riv__graph_fini(&graph);
    assert_int_equal(destroyed, 15);
    riv__graph_init(&graph, NULL);
    riv__arena_fini(&arena);
}

/* ---------------------------------------------------------------- names */

static void messages_name_a_node_by_what_the_user_wrote(void **state)
{
    char show[256];
    (void)state;
    riv_ds *a = text_of(&graph);
    assert_string_equal(riv__ds_show(a, show, sizeof show),
                        "riv_text \"in.txt\"");
    riv_ds *m = riv_map(a, to_reading_fn, NULL);
    riv__ds_show(m, show, sizeof show);
    assert_memory_equal(show, "riv_map(to_reading, ", 20);
    assert_non_null(strstr(show, "fixture.h:"));
    assert_string_equal(riv__ds_show(riv_distinct(a, NULL), show, sizeof show),
                        "riv_distinct #2");
    assert_string_equal(
        riv__ds_show(riv_distinct(a, RIV_OPT(.uid = "u")), show, sizeof show),
        "riv_distinct \"u\"");
    assert_string_equal(riv__ds_show(riv_decode(a, &riv_type_wc, "csv", NULL),
                                     show, sizeof show),
                        "riv_decode \"wc\"");
    assert_string_equal(riv__ds_show(m, show, 8), "riv_map");
    assert_string_equal(riv__ds_name(m), "to_reading");
    assert_string_equal(riv__ds_name(a), "riv_text");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(nodes_stand_in_the_order_they_were_made),
        TEST(a_dataset_is_live_below_a_live_input),
        TEST(the_first_error_stays),
        TEST(builders_pass_a_null_dataset_on),
        TEST(a_uid_names_one_operator),
        TEST(a_uid_is_copied_and_has_a_limit),
        TEST(options_out_of_range_are_refused),
        TEST(shorter_options_of_an_older_program_are_read),
        TEST(longer_options_of_a_newer_program_are_read),
        TEST(a_shorter_function_of_an_older_program_is_read),
        TEST(captures_are_copied_taken_or_borrowed),
        TEST(an_owned_capture_is_destroyed_also_after_an_error),
        TEST(a_graph_without_memory_takes_nothing),
        TEST(contexts_do_not_mix),
        TEST(a_frozen_graph_cannot_grow),
        TEST(a_piece_of_graph_is_forgotten),
        TEST(messages_name_a_node_by_what_the_user_wrote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
