/* stream/commit_test.c - a batch on its way: in which order it is synced, committed,
 * shown and sent, and when its sources are told. Two sources and an output that
 * write down what they are asked; the journal lies in memory. */
#include <sched.h>
#include <stdlib.h>

#include "base/point.h"
#include "stream/durable.h"
#include "support/state_bed.h"

static struct world {
    struct bed bed;
    struct riv_plan plan;
    struct riv_input input[2]; /* one that can go back, one that receives */
    struct riv_durable_input in[2];
    struct riv_durable_output out;
    struct riv_sink *sink;
    atomic_bool held; /* the disk does not answer */
    bool notes;       /* the source has a name in batch 1, and drops it in 2 */
} * world;

#define see(...) bed_see(&world->bed, __VA_ARGS__)

/* -------------------------------------------------------- the source, the output */

static int stand(struct riv_input *input, struct riv_stand *to,
                 struct riv_err *err)
{
    (void)input, (void)err;
    riv__stand_put(to, "at", world->bed.durable.batch);
    if (world->notes && world->bed.durable.batch == 1)
        riv__stand_note(to, riv_cstr("name"), riv_cstr("bytes=1"));
    else if (world->notes)
        riv__stand_drop(to, riv_cstr("name"));
    return 0;
}

static void ack(struct riv_input *input)
{
    (void)input;
    see("ack ");
}

static const struct riv_source_ops source = { .name = "source",
                                              .stand = stand,
                                              .ack = ack };

static void ack_received(struct riv_input *input)
{
    (void)input;
    see("received ");
}

static const struct riv_source_ops receiver = { .name = "receiver",
                                                .ack = ack_received };

static int sink_commit(struct riv_sink *sink, uint32_t output,
                       struct riv_commit *commit, struct riv_err *err)
{
    const struct riv_file_row row = { .output = output,
                                      .number = 1,
                                      .status = RIV__FILE_CLOSED,
                                      .batch = commit->batch.number,
                                      .folder = riv_cstr("out/"),
                                      .temporary = riv_cstr(".a"),
                                      .name = riv_cstr("a") };
    struct riv_commit_blob *blob =
        riv__commit_blob(commit, RIV__BLOB_OUTBOX, output);
    (void)sink, (void)err;
    assert_non_null(blob);
    riv__buf_str(&blob->bytes, "text");
    commit->publishes = true;
    return riv__commit_file(commit, &row);
}

static int sink_complete(struct riv_sink *sink, uint32_t output,
                         struct riv_commit *commit, struct riv_err *err)
{
    (void)sink, (void)output, (void)commit, (void)err;
    return see("complete ");
}

static int sink_sync(struct riv_sink *sink, const struct riv_file_row *row,
                     struct riv_err *err)
{
    (void)sink, (void)row, (void)err;
    while (atomic_load(&world->held))
        sched_yield();
    return see("sync ");
}

static int sink_show(struct riv_sink *sink, const struct riv_file_row *row,
                     struct riv_err *err)
{
    (void)sink, (void)row, (void)err;
    return see("show ");
}

static int sink_send(struct riv_sink *sink, uint32_t output, uint64_t batch,
                     riv_str bytes, struct riv_err *err)
{
    (void)sink, (void)output, (void)err;
    return see("send %llu:%.*s ", (unsigned long long)batch, (int)bytes.n,
               bytes.p);
}

static const struct riv_sink_ops kind = {
    .name = "kind",
    .sink_size = sizeof(struct riv_sink),
    .open = bed_sink_open,
    .close = bed_sink_close,
    .commit = sink_commit,
    .complete = sink_complete,
    .sync = sink_sync,
    .show = sink_show,
    .send = sink_send,
};
static const struct riv_sink_ops *const kinds[] = { &kind, &kind, NULL };

/* --------------------------------------------------------------- the world */

static void reached(struct riv_point_hook *hook, const char *name)
{
    (void)hook;
    if (strcmp(name, "journal.after_commit") == 0)
        see("committed ");
}

static int make(void **state)
{
    static struct riv_point_hook hook = { reached };
    (void)state;
    world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct world *w = world;
    struct riv_durable *d = &w->bed.durable;
    bed_init(&w->bed);
    bed_open(&w->bed);
    for (int i = 0; i < 2; i++) {
        w->input[i] = (struct riv_input){ .ops = i ? &receiver : &source,
                                          .sys = &w->bed.disk.sys };
        w->in[i] = (struct riv_durable_input){
            .input = &w->input[i],
            .id = bed_put_node(&w->bed, RIV__NODE_SOURCE, i ? "b" : "a")
        };
    }
    FINE(&w->bed, riv__feed_init(&w->input[1].feed, w->input[1].sys, NULL,
                                 1 << 20, &w->bed.err));
    w->sink = bed_sink(&w->bed, kinds, "out/");
    w->out = (struct riv_durable_output){
        .sink = w->sink, .id = bed_put_node(&w->bed, RIV__NODE_OUTPUT, "out")
    };
    w->plan.exec = &w->bed.exec;
    d->plan = &w->plan;
    d->input = w->in;
    d->ninput = 2;
    d->output = &w->out;
    d->noutput = 1;
    bed_start_writer(&w->bed);
    riv__point_hook = &hook;
    return 0;
}

static int drop(void **state)
{
    struct riv_durable *d = &world->bed.durable;
    (void)state;
    atomic_store(&world->held, false);
    FINE(&world->bed, riv__writer_stop(d->writer, true, &world->bed.err));
    riv__point_hook = NULL; /* which the writer's thread had read */
    d->journal = NULL;      /* it was the writer's */
    for (int i = 0; i < 2; i++) {
        riv__stand_fini(&world->in[i].stand);
        riv__buf_fini(&world->in[i].words);
    }
    riv__feed_fini(&world->input[1].feed);
    riv__buf_fini(&d->body);
    free(d->time);
    riv__sink_free(world->sink);
    bed_fini(&world->bed);
    free(world);
    return 0;
}

static void batch(int64_t time)
{
    world->plan.time = time;
    FINE(&world->bed,
         riv__durable_batch(&world->bed.durable, 0, &world->bed.err));
}

/* --------------------------------------------------------------- the tests */

static void what_is_shown_and_sent_is_durable_before(void **state)
{
    (void)state;
    batch(1000);
    FINE(&world->bed, riv__durable_wait(&world->bed.durable, &world->bed.err));
    /* the last commit forgets what was shown and sent */
    assert_string_equal(world->bed.trace,
                        "sync committed show send 1:text committed ack ");
}

/* Somebody may throw away what it has on hearing that. */
static void a_source_is_not_told_of_what_is_under_way(void **state)
{
    struct riv_durable *d = &world->bed.durable;
    (void)state;
    atomic_store(&world->held, true);
    batch(1000);
    FINE(&world->bed, riv__durable_look(d, &world->bed.err));
    assert_null(strstr(world->bed.trace, "ack"));
    atomic_store(&world->held, false);
    FINE(&world->bed, riv__writer_wait(d->writer, &world->bed.err));
    assert_null(strstr(world->bed.trace, "ack"));
    world->bed.trace[0] = '\0';
    FINE(&world->bed, riv__durable_look(d, &world->bed.err));
    FINE(&world->bed, riv__durable_look(d, &world->bed.err));
    assert_string_equal(world->bed.trace, "ack "); /* and once */
}

/* Its lines are counted while they are being written down: a peer was told of forty
 * that no commit had yet, and a kill lost them. */
static void what_was_received_is_told_by_whoever_writes_it_down(void **state)
{
    (void)state;
    batch(1000);
    FINE(&world->bed, riv__durable_wait(&world->bed.durable, &world->bed.err));
    assert_non_null(strstr(world->bed.trace, "ack "));
    assert_null(strstr(world->bed.trace, "received "));
}

static int see_range(void *arg, const struct riv_range_row *row,
                     struct riv_err *err)
{
    (void)arg, (void)err;
    return row->source == world->in[0].id
               ? see("%.*s-%.*s ", (int)row->from.n, row->from.p,
                     (int)row->until.n, row->until.p)
               : 0;
}

/* Each range begins where the one before it ends. */
static void what_a_batch_read_is_written_down_from_and_until(void **state)
{
    struct riv_durable *d = &world->bed.durable;
    (void)state;
    for (int i = 1; i <= 3; i++)
        batch(1000 * i);
    FINE(&world->bed, riv__durable_wait(d, &world->bed.err));
    world->bed.trace[0] = '\0';
    for (uint64_t n = 1; n <= 3; n++)
        FINE(&world->bed, riv__journal_each_range(d->journal, n, see_range,
                                                  NULL, &world->bed.err));
    assert_string_equal(world->bed.trace, "-at=1 at=1-at=2 at=2-at=3 ");
}

static int see_note(void *arg, riv_str key, riv_str value, struct riv_err *err)
{
    (void)arg, (void)err;
    return see(RIV_S "=" RIV_S " ", RIV_P(key), RIV_P(value));
}

static void notes_are(uint64_t batches, const char *want)
{
    struct riv_durable *d = &world->bed.durable;
    while (d->batch < batches)
        batch(1000 * (int64_t)(d->batch + 1));
    FINE(&world->bed, riv__durable_wait(d, &world->bed.err));
    world->bed.trace[0] = '\0';
    FINE(&world->bed, riv__journal_each_note(d->journal, world->in[0].id,
                                             see_note, NULL, &world->bed.err));
    assert_string_equal(world->bed.trace, want);
}

static void what_a_source_drops_is_not_kept(void **state)
{
    (void)state;
    world->notes = true;
    notes_are(1, "name=bytes=1 ");
    notes_are(2, "");
}

/* It would not be written any more, and be lost with the process. */
static void what_one_source_has_used_is_not_of_another(void **state)
{
    (void)state;
    world->input[1].feed.offset = 4;
    batch(1000);
    FINE(&world->bed, riv__durable_wait(&world->bed.durable, &world->bed.err));
    assert_int_equal(atomic_load(&world->in[1].done), 4);
    assert_int_equal(atomic_load(&world->in[0].done), 0);
}

/* Outputs act while it runs: another run must be able to do the same. */
static void a_batch_that_acts_at_once_is_durable_before_it_runs(void **state)
{
    struct riv_durable *d = &world->bed.durable;
    (void)state;
    d->begins = true;
    FINE(&world->bed, riv__durable_begin(d, 1000, &world->bed.err));
    assert_string_equal(world->bed.trace, "committed ");
    batch(1000);
}

static uint32_t no_parts(struct riv_op *op)
{
    (void)op;
    return 0;
}

static uint64_t no_bytes(struct riv_op *op)
{
    (void)op;
    return 0;
}

static int see_oldest(void *arg, const struct riv_batch_row *row,
                      struct riv_err *err)
{
    uint64_t *oldest = arg;
    (void)err;
    *oldest = RIV__MIN(*oldest, row->number);
    return 0;
}

/* A window slides over batches that have left it no delta, too. */
static void history_is_kept_as_far_as_recovery_goes_back(void **state)
{
    enum { BATCHES = 1024, KEPT = 1000, BASE = 10 };
    static const struct riv_kept_ops kept = { .parts = no_parts,
                                              .bytes = no_bytes };
    static const struct riv_op_ops ops = { .kept = &kept };
    struct riv_op op = { .ops = &ops };
    struct riv_durable_op window = { .op = &op, .oldest_base = BASE };
    struct riv_durable *d = &world->bed.durable;
    uint64_t oldest = UINT64_MAX;
    (void)state;
    d->noutput = 0;
    d->op = &window;
    d->nop = 1;
    for (int i = 1; i <= BATCHES; i++)
        batch(1000 * i);
    FINE(&world->bed, riv__durable_wait(d, &world->bed.err));
    FINE(&world->bed, riv__journal_each_batch(d->journal, 0, see_oldest,
                                              &oldest, &world->bed.err));
    assert_int_equal(oldest, BASE);
    d->nop = 0;
    for (int i = 1; i <= 64; i++)
        batch(1000 * (BATCHES + i));
    FINE(&world->bed, riv__durable_wait(d, &world->bed.err));
    oldest = UINT64_MAX;
    FINE(&world->bed, riv__journal_each_batch(d->journal, 0, see_oldest,
                                              &oldest, &world->bed.err));
    assert_int_equal(oldest, BATCHES + 64 - KEPT);
}

static void the_end_of_a_run_completes_files(void **state)
{
    struct riv_durable *d = &world->bed.durable;
    (void)state;
    batch(1000);
    FINE(&world->bed, riv__durable_wait(d, &world->bed.err));
    world->bed.trace[0] = '\0';
    FINE(&world->bed, riv__durable_finish(d, &world->bed.err));
    assert_string_equal(world->bed.trace, "complete ");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_shown_and_sent_is_durable_before),
        TEST(a_source_is_not_told_of_what_is_under_way),
        TEST(what_was_received_is_told_by_whoever_writes_it_down),
        TEST(what_a_batch_read_is_written_down_from_and_until),
        TEST(what_a_source_drops_is_not_kept),
        TEST(what_one_source_has_used_is_not_of_another),
        TEST(a_batch_that_acts_at_once_is_durable_before_it_runs),
        TEST(history_is_kept_as_far_as_recovery_goes_back),
        TEST(the_end_of_a_run_completes_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
