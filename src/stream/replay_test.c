/* stream/replay_test.c - which dead letters are given to a job again, and when they
 * are gone: a line goes through the whole graph of its input, so it is given only
 * where that means the refused record, and once. The journal lies in memory. */
#include "stream/replay.h"

#include <stdlib.h>

#include "base/str.h"
#include "graph/graph.h"
#include "graph/ops.h"
#include "support/state_bed.h"

enum { NODES = 8 };

static struct world {
    struct bed bed;
    struct riv_graph graph;
    riv_ds ds[NODES], *parent[NODES], *node[NODES];
    const riv_ds *source[1];
    struct riv_cut cut;
} * world;

static const struct riv_kind text = { .name = "riv_text",
                                      .role = RIV__ROLE_SOURCE };
static const struct riv_kind one = { .name = "riv_map",
                                     .role = RIV__ROLE_OP,
                                     .traits = RIV__ONE_TO_ONE };
static const struct riv_kind many = { .name = "riv_flat_map",
                                      .role = RIV__ROLE_OP };

static const struct riv_layout of_lines = { .type = &riv_type_riv_str };
static const struct riv_layout of_numbers = { .type = &riv_type_int64_t };

/* The next node of the graph, behind the one of that place. */
static void node(const struct riv_kind *kind, const char *uid, size_t behind)
{
    const size_t at = world->graph.n++;
    assert_true(at < NODES);
    riv_ds *ds = &world->ds[at];
    *ds = (riv_ds){ .kind = kind, .uid = uid, .id = (uint32_t)at };
    world->node[at] = ds;
    if (kind == &text)
        return;
    world->parent[at] = &world->ds[behind];
    ds->nparent = 1;
    ds->parent = &world->parent[at];
}

static int make(void **state)
{
    (void)state;
    world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct world *w = world;
    bed_init(&w->bed);
    w->bed.conf.settings.letters_replay = true;
    w->graph.node = w->node;
    w->bed.exec.graph = &w->graph;
    w->bed.durable.ninput = 1;
    node(&text, "in", 0);
    w->ds[0].text = "tail:x";
    w->ds[0].layout = &of_lines;
    w->source[0] = &w->ds[0];
    riv__cut_init(&w->cut);
    bed_open(&w->bed);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    riv__cut_fini(&world->cut);
    riv__replay_fini(&world->bed.durable);
    bed_fini(&world->bed);
    free(world);
    return 0;
}

static struct riv_letter_row letter(const char *op, const char *line)
{
    return (struct riv_letter_row){ .batch = 1,
                                    .op = riv_cstr(op),
                                    .source = riv_cstr("tail:x"),
                                    .offset = 7,
                                    .reason = riv_cstr("bad"),
                                    .raw = riv_cstr(line) };
}

static void put(struct riv_letter_row row)
{
    bed_begin(&world->bed);
    FINE(&world->bed, riv__journal_put_letter(world->bed.durable.journal, &row,
                                              &world->bed.err));
    bed_commit(&world->bed);
}

/* The lines that the job is given, each as LINE@OFFSET. */
static void gives(const char *want)
{
    struct riv_durable *d = &world->bed.durable;
    world->bed.trace[0] = '\0';
    riv__replay_fini(d);
    riv__cut_reset(&world->cut);
    FINE(&world->bed, riv__replay_load(d, world->source, bed_say, &world->bed,
                                       &world->bed.err));
    FINE(&world->bed, riv__replay_cut(d, &world->cut, &world->bed.err));
    for (size_t i = 0; i < world->cut.n; i++) {
        const struct riv_range *range = &world->cut.range[i];
        bed_see(&world->bed, "%.*s@%llu ",
                (int)(range->until - range->from - 1),
                (const char *)range->block->bytes + range->from,
                (unsigned long long)range->offset);
        assert_int_equal(range->block->bytes[range->until - 1], '\n');
    }
    assert_string_equal(world->bed.trace, want);
}

static void a_line_is_given_where_its_operator_is_all_there_is(void **state)
{
    (void)state;
    node(&one, "parse", 0);
    node(&one, "small", 1);
    node(&riv__kind_bad, "bad", 1); /* what it refuses is no way on */
    put(letter("parse", "a"));
    put(letter("small", "b"));
    gives("a@7 b@7 ");
}

/* The record was one of several of its line: the others would come again. */
static void not_behind_what_makes_several_records_of_one(void **state)
{
    (void)state;
    node(&many, "split", 0);
    node(&one, "small", 1);
    put(letter("split", "a")); /* it refused the line itself */
    put(letter("small", "b"));
    gives("a@7 ");
    assert_non_null(strstr(world->bed.said, "1 dead letters stay"));
}

/* The other way has had the record. */
static void not_where_another_way_leads_on(void **state)
{
    (void)state;
    node(&one, "parse", 0);
    node(&one, "small", 1);
    node(&one, "beside", 1);
    put(letter("small", "a"));
    put(letter("parse", "b"));
    gives("b@7 ");
}

static void not_where_two_operators_have_the_name(void **state)
{
    (void)state;
    node(&one, "parse", 0);
    node(&one, "parse", 1);
    put(letter("parse", "a"));
    put(letter("gone", "b"));
    gives("");
}

static void not_without_the_whole_line_and_its_place(void **state)
{
    struct riv_letter_row row = letter("parse", "a");
    (void)state;
    node(&one, "parse", 0);
    row.offset = -1;
    put(row);
    row = letter("parse", "b");
    row.source = riv_cstr("tail:y");
    put(row);
    char *large = calloc(1, RIV__LETTER_BYTES_MAX + 1);
    assert_non_null(large);
    row = letter("parse", "");
    row.raw = riv__str(large, RIV__LETTER_BYTES_MAX + 1);
    put(row);
    free(large);
    gives("");
    assert_non_null(strstr(world->bed.said, "3 dead letters stay"));
}

/* What it gives is no line. */
static void not_to_an_input_of_other_records(void **state)
{
    (void)state;
    node(&one, "parse", 0);
    world->ds[0].layout = &of_numbers;
    put(letter("parse", "a"));
    gives("");
}

/* It killed the process, and has reached nothing. */
static void a_line_that_was_left_out_is_given_whatever_the_graph(void **state)
{
    (void)state;
    node(&many, "split", 0);
    node(&one, "a", 1);
    node(&one, "b", 1);
    put(letter(RIV__LETTER_CRASH, "x"));
    gives("x@7 ");
}

static int see_letter(void *arg, const struct riv_letter_row *row,
                      struct riv_err *err)
{
    (void)arg, (void)err;
    return bed_see(&world->bed, RIV_S " ", RIV_P(row->raw));
}

/* What a batch that has just been filled leaves in the journal. */
static void commit_leaves(const char *want)
{
    struct riv_durable *d = &world->bed.durable;
    struct riv_commit commit;
    riv__commit_init(&commit);
    d->open = &commit;
    FINE(&world->bed, riv__replay_commit(d, &world->bed.err));
    d->open = NULL;
    commit.batch = (struct riv_batch_row){ .number = 1,
                                           .time_ms = 1000,
                                           .status = RIV__BATCH_DONE };
    bed_begin(&world->bed);
    FINE(&world->bed, riv__commit_put(&commit, d->journal, &world->bed.err));
    world->bed.trace[0] = '\0';
    FINE(&world->bed, riv__journal_each_letter(d->journal, 1, see_letter, NULL,
                                               &world->bed.err));
    bed_commit(&world->bed);
    riv__commit_fini(&commit);
    assert_string_equal(world->bed.trace, want);
}

static void those_that_a_batch_has_had_leave_with_it(void **state)
{
    struct riv_durable *d = &world->bed.durable;
    (void)state;
    node(&one, "parse", 0);
    put(letter("parse", "a"));
    put(letter("gone", "bb"));
    put(letter("parse", "ccc"));
    world->bed.exec.letter_bytes = 6;
    gives("a@7 ccc@7 ");
    commit_leaves("bb ");
    assert_int_equal(world->bed.exec.letter_bytes, 2);
    riv__cut_reset(&world->cut); /* and come once */
    FINE(&world->bed, riv__replay_cut(d, &world->cut, &world->bed.err));
    assert_int_equal(world->cut.n, 0);
}

static void a_batch_that_has_not_had_them_leaves_them(void **state)
{
    (void)state;
    node(&one, "parse", 0);
    put(letter("parse", "a"));
    FINE(&world->bed, riv__replay_load(&world->bed.durable, world->source, NULL,
                                       NULL, &world->bed.err));
    commit_leaves("a ");
}

/* Its input is cut in several steps. */
static void one_batch_has_them_once(void **state)
{
    (void)state;
    node(&one, "parse", 0);
    put(letter("parse", "a"));
    gives("a@7 ");
    FINE(&world->bed,
         riv__replay_cut(&world->bed.durable, &world->cut, &world->bed.err));
    assert_int_equal(world->cut.n, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_is_given_where_its_operator_is_all_there_is),
        TEST(not_behind_what_makes_several_records_of_one),
        TEST(not_where_another_way_leads_on),
        TEST(not_where_two_operators_have_the_name),
        TEST(not_without_the_whole_line_and_its_place),
        TEST(not_to_an_input_of_other_records),
        TEST(a_line_that_was_left_out_is_given_whatever_the_graph),
        TEST(those_that_a_batch_has_had_leave_with_it),
        TEST(a_batch_that_has_not_had_them_leaves_them),
        TEST(one_batch_has_them_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
