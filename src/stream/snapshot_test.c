/* stream/snapshot_test.c - when state is written down whole, what its head says,
 * and what then may go: by the numbers of batches alone, without a job. */
#include <stdlib.h>

#include "support/state_bed.h"

enum { OP = 1, PARTS = 2, BATCHES_MAX = 64 };

static struct world {
    struct bed bed;
    struct riv_kept_ops kept;
    struct riv_op_ops ops;
    struct riv_op op;
    struct riv_durable_op state;
    struct riv_durable_time time[BATCHES_MAX];
    uint64_t has; /* bytes of state */
} * world;

static uint32_t parts(struct riv_op *op)
{
    (void)op;
    return PARTS;
}

static int64_t reach(struct riv_op *op)
{
    (void)op;
    return 3000;
}

static uint64_t bytes(struct riv_op *op)
{
    (void)op;
    return world->has;
}

/* Two pieces of each partition, from its begin on. */
static int piece(struct riv_op *op, uint32_t k, uint64_t *at,
                 struct riv_buf *to, struct riv_err *err)
{
    (void)op, (void)err;
    assert_true(k < PARTS && *at < 2);
    riv__buf_str(to, "state");
    return ++*at < 2;
}

static int make(void **state)
{
    (void)state;
    world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct world *w = world;
    bed_init(&w->bed);
    w->bed.conf.settings.snapshot_bytes_min = 100;
    w->kept = (struct riv_kept_ops){
        .parts = parts, .reach_ms = reach, .bytes = bytes, .piece = piece
    };
    w->ops.kept = &w->kept;
    w->op = (struct riv_op){ .ops = &w->ops };
    w->state = (struct riv_durable_op){ .op = &w->op, .id = OP };
    w->bed.durable.op = &w->state;
    w->bed.durable.nop = 1;
    w->bed.durable.time = w->time;
    bed_open(&w->bed);
    bed_start_writer(&w->bed);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    if (world->bed.durable.open)
        riv__writer_drop(world->bed.durable.writer, world->bed.durable.open);
    FINE(&world->bed,
         riv__writer_stop(world->bed.durable.writer, true, &world->bed.err));
    world->bed.durable.journal = NULL; /* it was the writer's */
    bed_fini(&world->bed);
    free(world);
    return 0;
}

/* The next batch, at number * 1000, with so many bytes of delta. */
static void batch(uint64_t delta)
{
    struct riv_durable *d = &world->bed.durable;
    if (d->open)
        riv__writer_drop(d->writer, d->open);
    d->open = riv__writer_take(d->writer, &world->bed.err);
    assert_non_null(d->open);
    d->batch++;
    d->time_ms = (int64_t)d->batch * 1000;
    riv__durable_grew(d, &world->state, delta);
    d->time[d->ntime++] = (struct riv_durable_time){ d->batch, d->time_ms };
}

/* The head row in the message, or NULL. */
static const struct riv_commit_blob *head(void)
{
    const struct riv_commit *commit = world->bed.durable.open;
    for (size_t i = 0; i < commit->nblob; i++)
        if (commit->blob[i].kind == RIV__BLOB_SNAPSHOT)
            return &commit->blob[i];
    return NULL;
}

static int pieces(void)
{
    const struct riv_commit *commit = world->bed.durable.open;
    int n = 0;
    for (size_t i = 0; i < commit->nblob; i++)
        n += commit->blob[i].kind == RIV__BLOB_PIECE;
    return n;
}

static void a_snapshot_begins_when_deltas_outgrow_the_state(void **state)
{
    (void)state;
    world->has = 150;
    batch(99);
    assert_false(world->state.under_way);
    batch(50); /* more than the least, less than the state */
    assert_false(world->state.under_way);
    batch(1);
    assert_true(world->state.under_way);
    assert_int_equal(world->state.base, 3);
    batch(1000); /* only one at a time */
    assert_int_equal(world->state.base, 3);
}

static void its_head_comes_with_its_last_piece(void **state)
{
    (void)state;
    batch(200);
    for (int i = 1; i < 2 * PARTS; i++) {
        assert_int_equal(
            riv__durable_idle(&world->bed.durable, &world->bed.err), 1);
        assert_int_equal(pieces(), i);
        assert_null(head());
    }
    batch(30); /* came after it had begun: still above it */
    world->state.part = PARTS - 1;
    assert_int_equal(riv__durable_idle(&world->bed.durable, &world->bed.err),
                     0);
    assert_non_null(head());
    assert_int_equal(head()->base, 1);
    assert_int_equal(head()->snapshot, 1);
    assert_int_equal(world->state.delta_bytes, 30);
    assert_int_equal(world->state.last_base, 1);
    assert_int_equal(world->state.oldest_base, 0);
}

static void batches_above_the_last_but_one_are_needed(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 3; n++) {
        batch(200);
        while (riv__durable_idle(&world->bed.durable, &world->bed.err) > 0)
            ;
        assert_int_equal(world->state.last_base, n);
        assert_int_equal(world->state.oldest_base, n - 1);
        assert_int_equal(world->state.delta_bytes, 0);
    }
}

/* A window of 3 s: at 10 s what came at 7 s has just left it. */
static void of_a_window_only_what_has_left_it_may_go(void **state)
{
    (void)state;
    world->kept.flags = RIV__KEPT_DELTAS_ONLY;
    for (int i = 0; i < 10; i++)
        batch(10);
    FINE(&world->bed, riv__durable_trim(&world->bed.durable, &world->bed.err));
    assert_non_null(head());
    assert_int_equal(head()->base, 7);
    assert_int_equal(pieces(), 0);
    batch(10);
    world->state.delta_bytes = 1000;
    FINE(&world->bed, riv__durable_trim(&world->bed.durable, &world->bed.err));
    assert_int_equal(head()->base, 8);
    assert_int_equal(world->state.oldest_base, 7);
}

/* Or each batch wrote a head, and two of those in a row let go what the window
 * still has. */
static void of_a_window_that_nothing_has_left_nothing_is_said(void **state)
{
    struct riv_durable *d = &world->bed.durable;
    (void)state;
    world->kept.flags = RIV__KEPT_DELTAS_ONLY;
    batch(100);
    FINE(&world->bed, riv__durable_trim(d, &world->bed.err));
    assert_null(head());
    for (int i = 0; i < 9; i++)
        batch(10);
    FINE(&world->bed, riv__durable_trim(d, &world->bed.err));
    assert_int_equal(head()->base, 7);
    riv__writer_drop(d->writer, RIV__TAKE(d->open));
    d->open = riv__writer_take(d->writer, &world->bed.err);
    world->state.delta_bytes = 1000;
    FINE(&world->bed, riv__durable_trim(d, &world->bed.err));
    assert_null(head());
    assert_int_equal(world->state.oldest_base, 0);
}

static void times_of_batches_that_may_still_go_are_remembered(void **state)
{
    const struct riv_durable *d = &world->bed.durable;
    (void)state;
    world->kept.flags = RIV__KEPT_DELTAS_ONLY;
    world->bed.conf.settings.snapshot_bytes_min = 1 << 20;
    for (int i = 0; i < 10; i++)
        batch(10);
    FINE(&world->bed, riv__durable_trim(&world->bed.durable, &world->bed.err));
    assert_null(head()); /* it does not pay */
    assert_int_equal(d->time[d->first].number, 1);
    world->bed.conf.settings.snapshot_bytes_min = 100;
    FINE(&world->bed, riv__durable_trim(&world->bed.durable, &world->bed.err));
    assert_int_equal(head()->base, 7);
    assert_int_equal(d->time[d->first].number, 7);
}

static void what_a_job_has_without_windows_is_no_list_of_times(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        batch(1);
        FINE(&world->bed,
             riv__durable_trim(&world->bed.durable, &world->bed.err));
    }
    assert_int_equal(world->bed.durable.time[world->bed.durable.first].number,
                     10);
}

static void room_is_wanted_for_all_state_once_more(void **state)
{
    const struct riv_durable *d = &world->bed.durable;
    (void)state;
    batch(10);
    const uint64_t without = riv__durable_need(d);
    world->has = 5000;
    assert_int_equal(riv__durable_need(d), without + 5000);
    world->kept.flags = RIV__KEPT_DELTAS_ONLY; /* it is never written whole */
    assert_int_equal(riv__durable_need(d), without);
}

/* What a job never has time for is done in the end. */
static void a_job_without_a_pause_writes_its_state_all_the_same(void **state)
{
    int batches = 1;
    (void)state;
    batch(200);
    while (pieces() == 0 && batches < BATCHES_MAX) {
        batch(0);
        batches++;
        FINE(&world->bed,
             riv__durable_trim(&world->bed.durable, &world->bed.err));
    }
    assert_in_range(batches, 2, 20);
}

static void a_message_takes_pieces_up_to_a_step(void **state)
{
    (void)state;
    world->bed.conf.settings.snapshot_step_bytes = 1;
    batch(200);
    for (int i = 0; i < 3; i++) {
        assert_true(riv__durable_idle(&world->bed.durable, &world->bed.err) >=
                    0);
        assert_int_equal(pieces(), 1);
    }
}

/* Sends the message, and waits. */
static void commit(void)
{
    struct riv_durable *d = &world->bed.durable;
    d->open->batch = (struct riv_batch_row){ .number = d->batch,
                                             .time_ms = d->time_ms,
                                             .status = RIV__BATCH_DONE };
    d->sent = riv__writer_send(d->writer, RIV__TAKE(d->open));
    FINE(&world->bed, riv__writer_wait(d->writer, &world->bed.err));
}

/* Two snapshots let all deltas go; more would only fill the disk. */
static void where_room_is_short_state_is_written_twice(void **state)
{
    struct riv_durable *d = &world->bed.durable;
    int snapshots = 0;
    (void)state;
    riv__writer_need(d->writer, UINT64_MAX / 4);
    batch(10);
    commit();
    assert_true(riv__durable_is_short(d));
    for (int i = 0; i < 6; i++) {
        batch(0);
        FINE(&world->bed, riv__durable_trim(d, &world->bed.err));
        while (riv__durable_idle(d, &world->bed.err) > 0)
            ;
        snapshots += head() != NULL;
    }
    assert_int_equal(snapshots, 2);
}

static int snapshots_of(int batches)
{
    struct riv_durable *d = &world->bed.durable;
    int snapshots = 0;
    for (int i = 0; i < batches; i++) {
        batch(0);
        FINE(&world->bed, riv__durable_trim(d, &world->bed.err));
        while (riv__durable_idle(d, &world->bed.err) > 0)
            ;
        snapshots += head() != NULL;
        commit();
    }
    return snapshots;
}

/* Or the second time inputs would wait for room that nobody makes. */
static void where_room_is_short_again_state_is_written_again(void **state)
{
    struct riv_durable *d = &world->bed.durable;
    (void)state;
    for (int time = 0; time < 2; time++) {
        riv__writer_need(d->writer, UINT64_MAX / 4);
        assert_int_equal(snapshots_of(5), 2);
        assert_true(riv__durable_is_short(d));
        riv__writer_need(d->writer, 0);
        assert_int_equal(snapshots_of(2), 0);
        assert_false(riv__durable_is_short(d));
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_snapshot_begins_when_deltas_outgrow_the_state),
        TEST(its_head_comes_with_its_last_piece),
        TEST(batches_above_the_last_but_one_are_needed),
        TEST(of_a_window_only_what_has_left_it_may_go),
        TEST(of_a_window_that_nothing_has_left_nothing_is_said),
        TEST(times_of_batches_that_may_still_go_are_remembered),
        TEST(what_a_job_has_without_windows_is_no_list_of_times),
        TEST(room_is_wanted_for_all_state_once_more),
        TEST(a_job_without_a_pause_writes_its_state_all_the_same),
        TEST(a_message_takes_pieces_up_to_a_step),
        TEST(where_room_is_short_state_is_written_twice),
        TEST(where_room_is_short_again_state_is_written_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
