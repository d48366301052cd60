/* stream/received_test.c - lines of a source that cannot give them again: they are
 * in the journal before a peer is told, once, and come back where batches stand.
 * The source is a feed that the test fills; the journal lies in memory. */
#include "stream/received.h"

#include <stdlib.h>

#include "support/state_bed.h"

static struct world {
    struct bed bed;
    struct riv_input input;
    struct riv_durable_input in;
    struct riv_intake intake;
    int told;       /* how often a peer was */
    uint64_t bytes; /* that it was asked to count */
} * world;

static int kept(struct riv_input *input, const struct riv_news *news,
                struct riv_stand *to)
{
    char text[32];
    (void)input;
    world->bytes += news->bytes.n;
    snprintf(text, sizeof text, "bytes=%llu", (unsigned long long)world->bytes);
    riv__stand_note(to, riv_cstr("peer"), riv_cstr(text));
    return 0;
}

static void ack(struct riv_input *input)
{
    (void)input;
    world->told++;
}

static const struct riv_source_ops kind = { .name = "kind",
                                            .kept = kept,
                                            .ack = ack };

static struct riv_journal *journal(void)
{
    return world->bed.durable.journal;
}

static int make(void **state)
{
    (void)state;
    world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct world *w = world;
    bed_init(&w->bed);
    bed_open(&w->bed);
    w->input = (struct riv_input){ .ops = &kind,
                                   .sys = &w->bed.disk.sys,
                                   .has_feed = true };
    FINE(&w->bed, riv__feed_init(&w->input.feed, w->input.sys, NULL, 1 << 20,
                                 &w->bed.err));
    w->in.input = &w->input;
    w->bed.durable.input = &w->in;
    w->bed.durable.ninput = 1;
    w->in.id = bed_put_node(&w->bed, RIV__NODE_SOURCE, "in");
    w->intake = riv__received_intake(&w->bed.durable);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    riv__feed_fini(&world->input.feed);
    riv__news_fini(&world->in.news);
    riv__stand_fini(&world->in.kept);
    bed_fini(&world->bed);
    free(world);
    return 0;
}

static void come(const char *lines)
{
    assert_int_equal(
        riv__feed_append(&world->input.feed, lines, strlen(lines), NULL), 0);
}

static void put(void)
{
    bed_begin(&world->bed);
    FINE(&world->bed,
         world->intake.put(world->intake.arg, journal(), &world->bed.err));
}

static void put_and_commit(void)
{
    put();
    bed_commit(&world->bed);
    world->intake.done(world->intake.arg);
}

static int see_block(void *arg, uint64_t from, riv_str bytes,
                     struct riv_err *err)
{
    (void)arg, (void)err;
    return bed_see(&world->bed, "%llu:%.*s ", (unsigned long long)from,
                   (int)bytes.n, bytes.p);
}

/* What the journal has, by offsets. */
static void blocks_are(const char *want)
{
    world->bed.trace[0] = '\0';
    FINE(&world->bed,
         riv__journal_each_block(journal(), world->in.id, see_block, NULL,
                                 &world->bed.err));
    assert_string_equal(world->bed.trace, want);
}

static bool has(void)
{
    return world->intake.has(world->intake.arg);
}

static void a_peer_is_told_when_its_lines_are_durable_and_once(void **state)
{
    (void)state;
    riv__feed_keep(&world->input.feed, 0);
    assert_false(has());
    come("a\nb\n");
    assert_true(has());
    put();
    assert_int_equal(world->told, 0);
    bed_commit(&world->bed);
    assert_int_equal(world->told, 0);
    world->intake.done(world->intake.arg);
    assert_int_equal(world->told, 1);
    assert_false(has());
    world->intake.done(world->intake.arg);
    assert_int_equal(world->told, 1);
    blocks_are("0:a\nb\n ");
}

/* On a full disk; what comes meanwhile is for the next one. */
static void a_transaction_that_is_tried_again_has_the_same_lines(void **state)
{
    (void)state;
    riv__feed_keep(&world->input.feed, 0);
    come("a\n");
    put();
    riv__journal_rollback(journal());
    come("b\n");
    put_and_commit();
    blocks_are("0:a\n ");
    put_and_commit();
    blocks_are("0:a\n 2:b\n ");
    assert_int_equal(world->told, 2);
}

static int see_note(void *arg, riv_str key, riv_str value, struct riv_err *err)
{
    (void)arg, (void)err;
    return bed_see(&world->bed, "%.*s:%.*s ", (int)key.n, key.p, (int)value.n,
                   value.p);
}

static void notes_are(const char *want)
{
    world->bed.trace[0] = '\0';
    FINE(&world->bed, riv__journal_each_note(journal(), world->in.id, see_note,
                                             NULL, &world->bed.err));
    assert_string_equal(world->bed.trace, want);
}

/* Or a peer would send again what is there, and it would be there twice. */
static void how_much_a_peer_gave_is_written_with_its_lines(void **state)
{
    (void)state;
    riv__feed_keep(&world->input.feed, 0);
    come("a\n");
    put();
    riv__journal_rollback(journal());
    notes_are("");
    put_and_commit();
    notes_are("peer:bytes=2 ");
    come("bcd\n");
    put_and_commit();
    notes_are("peer:bytes=6 ");
}

static void lines_wait_for_others_as_long_as_the_setting_says(void **state)
{
    (void)state;
    assert_int_equal(world->intake.group_ms, world->bed.conf.settings.group_ms);
    assert_true(world->intake.group_ms > 0);
}

/* A batch was quicker: its lines are in it. But one byte more is not. */
static void what_batches_are_done_with_is_not_written(void **state)
{
    (void)state;
    riv__feed_keep(&world->input.feed, 0);
    come("a\n");
    atomic_store(&world->in.done, 2);
    put_and_commit();
    blocks_are("");
    assert_int_equal(world->told, 1);
    come("\n");
    put_and_commit();
    blocks_are("2:\n ");
}

/* The batch ended within them: the next one has the rest yet. */
static void lines_that_a_batch_has_not_used_are_written(void **state)
{
    (void)state;
    riv__feed_keep(&world->input.feed, 0);
    come("a\nb\n");
    atomic_store(&world->in.done, 2);
    put_and_commit();
    blocks_are("0:a\nb\n ");
}

static void put_block(uint64_t from, const char *bytes)
{
    bed_begin(&world->bed);
    FINE(&world->bed, riv__journal_put_block(journal(), world->in.id, from,
                                             riv_cstr(bytes), &world->bed.err));
    bed_commit(&world->bed);
}

static int restore(uint64_t at)
{
    world->bed.err = (struct riv_err){ 0 };
    riv__feed_keep(&world->input.feed, at);
    return riv__received_restore(&world->bed.durable, &world->in,
                                 &world->bed.err);
}

static void feed_is(const char *want)
{
    struct riv_cut cut;
    struct riv_buf text;
    size_t held;
    riv__cut_init(&cut);
    riv__buf_init(&text, 0);
    assert_int_equal(riv__feed_cut(&world->input.feed, 0, 0, &cut, &held, NULL),
                     0);
    for (size_t i = 0; i < cut.n; i++)
        riv__buf_add(&text, cut.range[i].block->bytes + cut.range[i].from,
                     cut.range[i].until - cut.range[i].from);
    riv__buf_char(&text, '\0');
    assert_string_equal(text.p, want);
    riv__buf_fini(&text);
    riv__cut_reset(&cut);
    riv__feed_release(&world->input.feed, held);
    riv__cut_fini(&cut);
}

/* Blocks end anywhere, batches behind a line. */
static void lines_come_back_from_where_batches_stand(void **state)
{
    (void)state;
    put_block(0, "a\nb");
    put_block(3, "c\nd\n");
    FINE(&world->bed, restore(2));
    assert_false(has());
    feed_is("bc\nd\n");
    come("e\n");
    put_and_commit();
    blocks_are("0:a\nb 3:c\nd\n 7:e\n ");
}

static void a_line_that_goes_on_in_the_next_block_is_one(void **state)
{
    (void)state;
    put_block(0, "a\nb");
    put_block(3, "c\nd\ne");
    put_block(8, "f\n");
    FINE(&world->bed, restore(0));
    feed_is("a\nbc\nd\nef\n");
}

static void a_block_that_is_used_to_its_end_gives_nothing(void **state)
{
    (void)state;
    put_block(0, "a\n");
    put_block(2, "b\n");
    FINE(&world->bed, restore(2));
    feed_is("b\n");
}

static void bytes_that_are_missing_end_the_start(void **state)
{
    (void)state;
    put_block(4, "c\n");
    assert_int_equal(restore(2), RIV_ECHECKPOINT);
    assert_non_null(
        strstr(world->bed.err.text, "received bytes 2 to 4 are missing"));
}

static void a_line_without_its_end_ends_the_start(void **state)
{
    (void)state;
    put_block(0, "a\nb");
    assert_int_equal(restore(0), RIV_ECHECKPOINT);
    assert_non_null(strstr(world->bed.err.text, "end within a line"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_peer_is_told_when_its_lines_are_durable_and_once),
        TEST(a_transaction_that_is_tried_again_has_the_same_lines),
        TEST(how_much_a_peer_gave_is_written_with_its_lines),
        TEST(lines_wait_for_others_as_long_as_the_setting_says),
        TEST(what_batches_are_done_with_is_not_written),
        TEST(lines_that_a_batch_has_not_used_are_written),
        TEST(lines_come_back_from_where_batches_stand),
        TEST(a_line_that_goes_on_in_the_next_block_is_one),
        TEST(a_block_that_is_used_to_its_end_gives_nothing),
        TEST(bytes_that_are_missing_end_the_start),
        TEST(a_line_without_its_end_ends_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
