/* stream/loading_test.c - which pieces and deltas an operator is given, in which
 * order and of which batch: for state, and for windows, which must see each batch
 * once. The operator writes down what it is asked; the journal lies in memory. */
#include "stream/loading.h"
#include "stream/segment.h"

#include <stdlib.h>

#include "support/state_bed.h"

enum { NODE = 1, PARTS = 2, BATCHES = 5 };

static struct world {
    struct bed bed;
    struct riv_kept_ops kept;
    struct riv_op_ops ops;
    struct riv_op op;
    struct riv_durable_op state;
    struct riv_durable_time time[BATCHES];
    struct riv_match match;
    struct riv_recovering rec;
    riv_ds *ds;
    struct riv_graph graph;
    int64_t now_ms, step_ms;
} * world;

/* ------------------------------------------------------------ the operator */

static void note(const char *what, const struct riv_kept_from *from,
                 riv_str bytes)
{
    bed_see(&world->bed, "%s%u/%u@%lld:%.*s ", what, from->part, from->of,
            (long long)from->time, (int)bytes.n, bytes.p);
}

static int load_piece(struct riv_op *op, const struct riv_kept_from *from,
                      riv_str bytes, struct riv_err *err)
{
    (void)op, (void)err;
    note("piece", from, bytes);
    return 0;
}

static int load_delta(struct riv_op *op, const struct riv_kept_from *from,
                      riv_str bytes, struct riv_err *err)
{
    (void)op;
    note("delta", from, bytes);
    return riv_eq(bytes, riv_cstr("bad"))
               ? riv__err_set(err, RIV_ECHECKPOINT, "it makes no sense")
               : 0;
}

static int loaded(struct riv_op *op, int64_t time, struct riv_err *err)
{
    (void)op, (void)err;
    note("end", &(struct riv_kept_from){ .time = time }, riv_cstr(""));
    return 0;
}

static uint32_t parts(struct riv_op *op)
{
    (void)op;
    return PARTS;
}

static int piece(struct riv_op *op, uint32_t k, uint64_t *at,
                 struct riv_buf *to, struct riv_err *err)
{
    (void)op, (void)err;
    riv__buf_printf(to, "new%u.%u", k, (unsigned)*at);
    return ++*at < 2;
}

/* --------------------------------------------------------------- the world */

static int64_t mono(struct riv_sys *sys)
{
    (void)sys;
    world->now_ms += world->step_ms;
    return world->now_ms * 1000000;
}

static void make_durable(void)
{
    struct riv_durable *d = &world->bed.durable;
    world->bed.exec.graph = &world->graph;
    d->op = &world->state;
    d->nop = 1;
    d->time = world->time;
    bed_open(&world->bed);
}

static void make_op(unsigned flags)
{
    static const struct riv_kind kind = { .name = "riv_map_with_state" };
    struct world *w = world;
    w->kept = (struct riv_kept_ops){ .flags = flags,
                                     .parts = parts,
                                     .piece = piece,
                                     .load_piece = load_piece,
                                     .load_delta = load_delta,
                                     .loaded = loaded };
    w->ops.kept = &w->kept;
    riv__graph_init(&w->graph, NULL);
    w->ds = riv__arena_alloc(w->graph.arena, sizeof *w->ds);
    *w->ds = (riv_ds){ .kind = &kind, .graph = &w->graph, .uid = "sums" };
    w->op =
        (struct riv_op){ .ops = &w->ops, .ds = w->ds, .exec = &w->bed.exec };
    w->state = (struct riv_durable_op){ .op = &w->op, .id = NODE };
    w->match = (struct riv_match){ .verdict = RIV__MATCH_KEPT,
                                   .role = RIV__NODE_STATE,
                                   .ds = w->ds };
    w->rec =
        (struct riv_recovering){ .durable = &w->bed.durable,
                                 .say = bed_say,
                                 .arg = &w->bed,
                                 .matches = { .match = &w->match, .n = 1 } };
}

static int make(void **state)
{
    (void)state;
    world = calloc(1, sizeof *world);
    assert_non_null(world);
    bed_init(&world->bed);
    world->bed.disk.sys.mono_ns = mono;
    make_op(0);
    make_durable();
    return 0;
}

static int drop(void **state)
{
    (void)state;
    riv__graph_fini(&world->graph);
    bed_fini(&world->bed);
    free(world);
    return 0;
}

/* "0:a 1:b" as the segments of a blob that was made at `time_ms`. */
static void put_segments(struct riv_buf *to, const char *words, int64_t time_ms)
{
    for (; *words;
         words += strcspn(words, " ") + (strchr(words, ' ') != NULL)) {
        const size_t begin =
            riv__segment_begin(to, (uint32_t)(words[0] - '0'), PARTS, time_ms);
        riv__buf_add(to, words + 2, strcspn(words, " ") - 2);
        riv__segment_end(to, begin, true);
    }
}

/* Batches 1, 2, ... at 1000, 2000, ...; NULL: it left no delta. */
static void put_batches(const char *const *delta, size_t n)
{
    struct riv_journal *journal = world->bed.durable.journal;
    for (uint64_t i = 1; i <= n; i++) {
        struct riv_buf bytes;
        const struct riv_batch_row row = { .number = i,
                                           .time_ms = (int64_t)i * 1000,
                                           .status = RIV__BATCH_DONE };
        riv__buf_init(&bytes, 0);
        bed_begin(&world->bed);
        if (i == 1)
            FINE(&world->bed,
                 riv__journal_put_node(
                     journal,
                     &(struct riv_node_row){ .role = RIV__NODE_STATE,
                                             .uid = riv_cstr("sums") },
                     &world->match.row.id, &world->bed.err));
        if (delta[i - 1]) {
            put_segments(&bytes, delta[i - 1], row.time_ms);
            FINE(&world->bed,
                 riv__journal_put_delta(journal, i, NODE,
                                        (riv_str){ bytes.p, bytes.n },
                                        &world->bed.err));
        }
        FINE(&world->bed,
             riv__journal_put_batch(journal, &row, &world->bed.err));
        bed_commit(&world->bed);
        riv__buf_fini(&bytes);
        world->time[i - 1] = (struct riv_durable_time){ i, row.time_ms };
    }
    world->bed.durable.ntime = world->bed.durable.batch = n;
    world->bed.durable.time_ms = (int64_t)n * 1000;
    assert_int_equal(world->match.row.id, NODE);
}

/* Two pieces, of the partitions, taken at these times. */
static void put_snapshot(uint64_t base, int64_t time0, int64_t time1)
{
    struct riv_journal *journal = world->bed.durable.journal;
    bed_begin(&world->bed);
    for (uint32_t k = 0; k < PARTS; k++) {
        struct riv_buf bytes;
        riv__buf_init(&bytes, 0);
        put_segments(&bytes, k ? "1:q" : "0:p", k ? time1 : time0);
        FINE(&world->bed, riv__journal_put_piece(journal, NODE, 1,
                                                 (riv_str){ bytes.p, bytes.n },
                                                 &world->bed.err));
        riv__buf_fini(&bytes);
    }
    FINE(&world->bed,
         riv__journal_put_snapshot(journal, NODE, 1, base, &world->bed.err));
    bed_commit(&world->bed);
}

static void loads(const char *want)
{
    FINE(&world->bed, riv__loading_all(&world->rec, &world->bed.err));
    assert_string_equal(world->bed.trace, want);
}

/* --------------------------------------------------------------- the tests */

static const char *const deltas[BATCHES] = { "0:a", "0:b 1:c", NULL, "1:d",
                                             "0:e" };

static void without_a_snapshot_all_deltas_come_in_order(void **state)
{
    (void)state;
    put_batches(deltas, BATCHES);
    loads("delta0/2@1000:a delta0/2@2000:b delta1/2@2000:c delta1/2@4000:d "
          "delta0/2@5000:e end0/0@5000: ");
    assert_int_equal(world->state.delta_bytes,
                     5 * (RIV__SEGMENT_HEAD + strlen("x")));
    assert_int_equal(world->state.snapshot, 0);
}

static void behind_a_snapshot_come_the_deltas_above_its_base(void **state)
{
    (void)state;
    put_batches(deltas, BATCHES);
    put_snapshot(3, 3000, 4000);
    /* state is absolute: a delta that a piece contains may come again */
    loads("piece0/2@3000:p piece1/2@4000:q delta1/2@4000:d delta0/2@5000:e "
          "end0/0@5000: ");
    assert_int_equal(world->state.snapshot, 1);
    assert_int_equal(world->state.last_base, 3);
    assert_int_equal(world->state.oldest_base, 0); /* the one before is kept */
}

/* Its number is not given again: what is left of it would be taken for pieces of
 * the next. */
static void a_snapshot_that_was_not_completed_keeps_its_number(void **state)
{
    struct riv_journal *journal = world->bed.durable.journal;
    (void)state;
    put_batches(deltas, BATCHES);
    put_snapshot(3, 3000, 4000);
    bed_begin(&world->bed);
    FINE(&world->bed, riv__journal_put_piece(journal, NODE, 2, riv_cstr("half"),
                                             &world->bed.err));
    bed_commit(&world->bed);
    loads("piece0/2@3000:p piece1/2@4000:q delta1/2@4000:d delta0/2@5000:e "
          "end0/0@5000: ");
    assert_int_equal(world->state.snapshot, 2);
}

static void a_window_sees_batches_that_gave_it_nothing(void **state)
{
    (void)state;
    world->kept.flags = RIV__KEPT_REPLAYS;
    put_batches(deltas, 4);
    loads("delta0/2@1000:a delta1/2@1000: delta0/2@2000:b delta1/2@2000:c "
          "delta0/2@3000: delta1/2@3000: delta1/2@4000:d delta0/2@4000: "
          "end0/0@4000: ");
}

static void a_window_sees_empty_batches_at_the_end_too(void **state)
{
    static const char *const few[] = { "0:a", NULL, NULL };
    (void)state;
    world->kept.flags = RIV__KEPT_REPLAYS;
    put_batches(few, 3);
    loads("delta0/2@1000:a delta1/2@1000: delta0/2@2000: delta1/2@2000: "
          "delta0/2@3000: delta1/2@3000: end0/0@3000: ");
}

/* Its pieces were taken at two batches: what came in before each is in it. */
static void no_batch_enters_a_window_twice(void **state)
{
    (void)state;
    world->kept.flags = RIV__KEPT_REPLAYS;
    put_batches(deltas, BATCHES);
    put_snapshot(1, 2000, 4000);
    loads("piece0/2@2000:p piece1/2@4000:q delta0/2@3000: delta0/2@4000: "
          "delta0/2@5000:e delta1/2@5000: end0/0@5000: ");
}

/* The third gave it nothing, and is the one the pieces were taken at. */
static void nor_does_it_slide_twice_over_an_empty_batch(void **state)
{
    (void)state;
    world->kept.flags = RIV__KEPT_REPLAYS;
    put_batches(deltas, BATCHES);
    put_snapshot(1, 3000, 3000);
    loads("piece0/2@3000:p piece1/2@3000:q delta1/2@4000:d delta0/2@4000: "
          "delta0/2@5000:e delta1/2@5000: end0/0@5000: ");
}

/* Neither the batch it is of, nor one that had nothing right behind it. */
static void behind_a_snapshot_a_window_slides_on_from_its_base(void **state)
{
    static const char *const few[] = { "0:a", NULL, "1:c" };
    (void)state;
    world->kept.flags = RIV__KEPT_REPLAYS;
    put_batches(few, 3);
    put_snapshot(1, 1000, 1000);
    loads("piece0/2@1000:p piece1/2@1000:q delta0/2@2000: delta1/2@2000: "
          "delta1/2@3000:c delta0/2@3000: end0/0@3000: ");
}

/* It is a head alone: all that was before it has left the window. */
static void what_has_left_a_window_does_not_slide_in_it(void **state)
{
    struct riv_journal *journal = world->bed.durable.journal;
    (void)state;
    world->kept.flags = RIV__KEPT_REPLAYS;
    put_batches(deltas, BATCHES);
    bed_begin(&world->bed);
    FINE(&world->bed,
         riv__journal_put_snapshot(journal, NODE, 1, 3, &world->bed.err));
    bed_commit(&world->bed);
    loads("delta1/2@4000:d delta0/2@4000: delta0/2@5000:e delta1/2@5000: "
          "end0/0@5000: ");
}

static void what_is_new_begins_empty(void **state)
{
    (void)state;
    put_batches(deltas, BATCHES);
    world->match.verdict = RIV__MATCH_NEW;
    loads("");
}

static int see_version(void *arg, const struct riv_node_row *row,
                       struct riv_err *err)
{
    unsigned *version = arg;
    (void)err;
    if (row->id == NODE)
        *version = (unsigned)row->version;
    return 0;
}

/* With the state in the new form stands which form it is. */
static void converted_state_is_written_down_as_a_whole(void **state)
{
    struct riv_snapshot_row row;
    (void)state;
    put_batches(deltas, BATCHES);
    put_snapshot(3, 3000, 4000);
    world->match.verdict = RIV__MATCH_CHANGED;
    world->match.row.uid = riv_cstr("sums");
    world->match.row.version = 7;
    world->match.row.role = RIV__NODE_STATE;
    FINE(&world->bed, riv__loading_all(&world->rec, &world->bed.err));
    FINE(&world->bed, riv__journal_find_snapshot(world->bed.durable.journal,
                                                 NODE, &row, &world->bed.err));
    assert_int_equal(row.snapshot, 2);
    assert_int_equal(row.base, BATCHES);
    assert_int_equal(row.pieces, 4); /* two of each partition */
    assert_int_equal(world->state.last_base, BATCHES);
    assert_int_equal(world->state.delta_bytes, 0);
    unsigned version = 0;
    FINE(&world->bed,
         riv__journal_each_node(world->bed.durable.journal, see_version,
                                &version, &world->bed.err));
    assert_int_equal(version, 7);
    /* another start reads that, and nothing of the old type */
    world->bed.trace[0] = '\0';
    world->match.verdict = RIV__MATCH_KEPT;
    loads("piece0/2@5000:new0.0 piece0/2@5000:new0.1 piece1/2@5000:new1.0 "
          "piece1/2@5000:new1.1 end0/0@5000: ");
}

static void an_error_names_the_operator(void **state)
{
    static const char *const bad[] = { "0:a", "1:bad" };
    (void)state;
    put_batches(bad, 2);
    assert_int_equal(riv__loading_all(&world->rec, &world->bed.err),
                     RIV_ECHECKPOINT);
    assert_non_null(strstr(world->bed.err.text, "state of riv_map_with_state"));
    assert_non_null(strstr(world->bed.err.text, "it makes no sense"));
}

static void what_takes_long_says_how_far_it_is(void **state)
{
    (void)state;
    put_batches(deltas, BATCHES);
    world->step_ms = 100;
    FINE(&world->bed, riv__loading_all(&world->rec, &world->bed.err));
    assert_string_equal(world->bed.said, "");
    world->step_ms = 1500; /* four deltas: the second and the fourth tell */
    FINE(&world->bed, riv__loading_all(&world->rec, &world->bed.err));
    assert_non_null(strstr(world->bed.said, "75 B loaded in 3 s"));
    assert_non_null(strstr(world->bed.said, "125 B loaded in 6 s"));
    assert_null(strstr(world->bed.said, "25 B loaded in 1 s"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_snapshot_all_deltas_come_in_order),
        TEST(behind_a_snapshot_come_the_deltas_above_its_base),
        TEST(a_snapshot_that_was_not_completed_keeps_its_number),
        TEST(a_window_sees_batches_that_gave_it_nothing),
        TEST(a_window_sees_empty_batches_at_the_end_too),
        TEST(no_batch_enters_a_window_twice),
        TEST(nor_does_it_slide_twice_over_an_empty_batch),
        TEST(behind_a_snapshot_a_window_slides_on_from_its_base),
        TEST(what_has_left_a_window_does_not_slide_in_it),
        TEST(what_is_new_begins_empty),
        TEST(converted_state_is_written_down_as_a_whole),
        TEST(an_error_names_the_operator),
        TEST(what_takes_long_says_how_far_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
