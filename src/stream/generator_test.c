/* stream/generator_test.c - the storage thread keeps out of the way of a batch:
 * from its first cut until it is with that thread, and also while it is fed before
 * its tick. What a batch takes in where room is short, how a drain begins, and which
 * time the first batch has. A plan without stages, an input and an output that write
 * down whether a batch is at work when they are asked; the journal lies in memory. */
#include <stdlib.h>

#include "stream/generator.h"
#include "support/state_bed.h"

static struct world {
    struct bed bed;
    struct riv_plan plan;
    struct riv_generator gen;
    struct riv_input input, *inputs[1];
    struct riv_durable_output out;
} * world;

static void see(const char *what)
{
    struct riv_writer *writer = world->bed.durable.writer;
    const bool at_work = riv__writer_at_work(writer, false);
    (void)riv__writer_at_work(writer, at_work);
    bed_see(&world->bed, "%s%s ", what, at_work ? "" : "(idle)");
}

static int cut(struct riv_input *input, struct riv_cut *to, struct riv_err *err)
{
    (void)input, (void)to, (void)err;
    see("cut");
    return RIV__READ_MORE;
}

/* Once; and then it is at its end. */
static bool presses(struct riv_input *input)
{
    see("presses");
    return !atomic_exchange(&input->ended, true);
}

static const struct riv_source_ops source = { .name = "source",
                                              .cut = cut,
                                              .presses = presses };

static int sink_commit(struct riv_sink *self, uint32_t output,
                       struct riv_commit *commit, struct riv_err *err)
{
    (void)self, (void)output, (void)commit, (void)err;
    see("commit");
    return 0;
}

static int sink_complete(struct riv_sink *self, uint32_t output,
                         struct riv_commit *commit, struct riv_err *err)
{
    (void)self, (void)output, (void)commit, (void)err;
    return 0;
}

static const struct riv_sink_ops sink = { .name = "sink",
                                          .sink_size = sizeof(struct riv_sink),
                                          .open = bed_sink_open,
                                          .close = bed_sink_close,
                                          .commit = sink_commit,
                                          .complete = sink_complete };
static const struct riv_sink_ops *const sinks[] = { &sink, NULL };

static void completed(void *arg, const riv_batch_info *info)
{
    (void)arg, (void)info;
    see("told");
}

static int make(void **state)
{
    (void)state;
    struct world *w = world = calloc(1, sizeof *w);
    assert_non_null(w);
    struct riv_durable *d = &w->bed.durable;
    bed_init(&w->bed);
    bed_open(&w->bed);
    w->input = (struct riv_input){ .ops = &source,
                                   .sys = &w->bed.disk.sys,
                                   .rate = { .left = UINT64_MAX,
                                             .bound = UINT64_MAX } };
    w->inputs[0] = &w->input;
    w->out = (struct riv_durable_output){
        .sink = bed_sink(&w->bed, sinks, "out"),
        .id = bed_put_node(&w->bed, RIV__NODE_OUTPUT, "out"),
    };
    w->plan.exec = &w->bed.exec;
    d->plan = &w->plan;
    d->output = &w->out;
    d->noutput = 1;
    bed_start_writer(&w->bed);
    FINE(&w->bed, riv__generator_init(&w->gen, &w->bed.exec, &w->bed.err));
    w->gen.plan = &w->plan;
    w->gen.input = w->inputs;
    w->gen.ninput = 1;
    w->gen.durable = d;
    w->gen.completed = completed;
    return 0;
}

static int drop(void **state)
{
    struct riv_durable *d = &world->bed.durable;
    (void)state;
    FINE(&world->bed, riv__writer_stop(d->writer, true, &world->bed.err));
    d->journal = NULL; /* it was the writer's */
    riv__generator_fini(&world->gen);
    riv__buf_fini(&d->body);
    free(d->time);
    riv__sink_free(world->out.sink);
    bed_fini(&world->bed);
    free(world);
    return 0;
}

static void a_batch_is_at_work_until_storage_has_it(void **state)
{
    (void)state;
    atomic_store(&world->input.ended, true);
    FINE(&world->bed, riv__generator_run(&world->gen, &world->bed.err));
    assert_string_equal(world->bed.trace, "cut commit told(idle) ");
}

static void a_batch_that_begins_early_is_at_work_while_it_is_fed(void **state)
{
    (void)state;
    FINE(&world->bed, riv__generator_run(&world->gen, &world->bed.err));
    assert_string_equal(world->bed.trace,
                        "presses(idle) cut commit told(idle) ");
}

/* Whether the disk has room for more. */
static atomic_bool is_full;

static int space(struct riv_sys *sys, const char *path, struct riv_space *ret)
{
    (void)sys, (void)path;
    *ret =
        (struct riv_space){ .free_bytes =
                                atomic_load(&is_full) ? 0 : UINT64_C(1) << 40 };
    return 0;
}

/* The next batch, and what was asked for it. */
static void step_is(const char *want)
{
    world->bed.trace[0] = '\0';
    FINE(&world->bed, riv__generator_step(&world->gen, 1, &world->bed.err));
    assert_string_equal(world->bed.trace, want);
}

/* Room is looked at behind each commit. */
static void where_room_is_short_batches_take_nothing_in(void **state)
{
    (void)state;
    world->bed.disk.sys.space = space;
    atomic_store(&is_full, false);
    step_is("cut commit told(idle) ");
    atomic_store(&is_full, true);
    step_is("cut commit told(idle) ");
    step_is("commit told(idle) ");
    atomic_store(&is_full, false);
    step_is("commit told(idle) ");
    step_is("cut commit told(idle) ");
}

/* Its outputs may have acted on it: it is what it was. */
static void where_room_is_short_a_batch_is_run_again_all_the_same(void **state)
{
    (void)state;
    world->bed.disk.sys.space = space;
    atomic_store(&is_full, true);
    step_is("cut commit told(idle) ");
    world->bed.durable.redoes = true;
    world->bed.durable.redo_ms = world->gen.time + 1000;
    step_is("cut commit told(idle) ");
    step_is("commit told(idle) ");
}

/* ------------------------------------------------------------ the clock */

static int64_t now_ms;

static int64_t mono_ns(struct riv_sys *sys)
{
    (void)sys;
    return now_ms * 1000000;
}

static int64_t wall_ms(struct riv_sys *sys)
{
    (void)sys;
    return now_ms;
}

/* The driver waits for its tick, which comes at once. */
static int poll_tick(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                     struct riv_wake *wake, int64_t until_ns)
{
    (void)sys, (void)fds, (void)n, (void)wake;
    now_ms = RIV__MAX(now_ms, until_ns / 1000000);
    bed_see(&world->bed, "tick ");
    return 0;
}

static void use_clock(int64_t ms)
{
    struct riv_sys *sys = &world->bed.disk.sys;
    now_ms = ms;
    sys->mono_ns = mono_ns;
    sys->wall_ms = wall_ms;
    sys->poll = poll_tick;
}

static size_t waits_much(struct riv_input *input)
{
    (void)input;
    return 1000000;
}

/* Takes what it may; each piece keeps the batch at work for 300 ms. */
static int cut_slowly(struct riv_input *input, struct riv_cut *to,
                      struct riv_err *err)
{
    (void)to, (void)err;
    const uint64_t most = riv__rate_left(&input->rate);
    bed_see(&world->bed, "%d ", (int)most);
    riv__rate_took(&input->rate, most);
    now_ms += most > 0 ? 300 : 0;
    return RIV__READ_MORE;
}

static bool presses_not(struct riv_input *input)
{
    (void)input;
    return false;
}

static void told_late(void *arg, const riv_batch_info *info)
{
    (void)arg;
    bed_see(&world->bed, "late %d", (int)info->late_ms);
    riv__generator_stop(&world->gen, RIV_NOW);
}

/* It had learned that a batch does 1,000 bytes in its second, and this one does
 * 250 in 300 ms: the fourth piece would end behind it. */
static void a_batch_of_a_backlog_ends_with_its_time(void **state)
{
    static const struct riv_source_ops backlog = { .name = "backlog",
                                                   .cut = cut_slowly,
                                                   .waiting = waits_much,
                                                   .presses = presses_not };
    (void)state;
    use_clock(500);
    world->input.ops = &backlog;
    world->input.has_feed = true;
    world->bed.conf.settings.rate_control = true;
    FINE(&world->bed,
         riv__rate_init(&world->input.rate, &world->bed.conf.settings,
                        &world->bed.err));
    riv__rate_recall(&world->input.rate, 1000);
    world->gen.completed = told_late;
    world->gen.durable = NULL; /* whose thread would move the clock, too */
    assert_int_equal(riv__generator_run(&world->gen, &world->bed.err),
                     RIV_ESTOPPED);
    assert_string_equal(world->bed.trace, "tick 250 250 208 0 late 0");
}

/* From the third tick on. */
static int space_later(struct riv_sys *sys, const char *path,
                       struct riv_space *ret)
{
    atomic_store(&is_full, now_ms < 3000);
    return space(sys, path, ret);
}

/* Room has been looked at by then. Without ticks time would stand still. */
static void completed_durably(void *arg, const riv_batch_info *info)
{
    int *batches = arg;
    (void)info;
    FINE(&world->bed,
         riv__writer_wait(world->bed.durable.writer, &world->bed.err));
    if (++*batches > 4)
        now_ms = 3000;
}

/* Batches would follow each other without a pause, and their times with them. */
static void where_room_is_short_an_end_does_not_hurry_batches(void **state)
{
    int batches = 0;
    (void)state;
    use_clock(500);
    world->bed.disk.sys.space = space_later;
    step_is("cut commit told(idle) ");
    world->bed.trace[0] = '\0';
    world->gen.completed = completed_durably;
    world->gen.arg = &batches;
    atomic_store(&world->input.ended, true);
    FINE(&world->bed, riv__generator_run(&world->gen, &world->bed.err));
    assert_string_equal(world->bed.trace,
                        "tick commit tick commit tick commit cut commit ");
}

/* The times of batches: the first one of a run that is at its end. */
static void started(void *arg, int64_t time)
{
    *(int64_t *)arg = time;
}

static int64_t first_time(bool begun, int64_t last_ms)
{
    int64_t time = 0;
    use_clock(10500);
    world->plan.begun = begun;
    world->gen.time = last_ms;
    world->gen.started = started;
    world->gen.arg = &time;
    world->gen.ended = false;
    atomic_store(&world->input.ended, true);
    FINE(&world->bed, riv__generator_run(&world->gen, &world->bed.err));
    return time;
}

static void the_first_batch_is_at_the_next_tick_of_the_clock(void **state)
{
    (void)state;
    assert_int_equal(first_time(false, 0), 11000);
    assert_int_equal(first_time(true, 4000), 11000);
}

/* Windows and timeouts would go back in time. */
static void behind_an_earlier_run_whose_clock_was_ahead_times_go_on(
    void **state)
{
    (void)state;
    assert_int_equal(first_time(true, 20000), 21000);
}

/* What it has to show, or what leaves it, was due while nothing ran. */
static void a_tick_at_which_a_window_slides_is_not_passed_over(void **state)
{
    static const riv_ds window = { .slide_ms = 3000 };
    struct riv_op op = { .ds = &window }, *ops[] = { &op };
    static const struct riv_op_ops none = { .kept = NULL };
    (void)state;
    op.ops = &none;
    world->plan.op = ops;
    world->plan.nop = 1;
    assert_int_equal(first_time(true, 4000), 6000);
    world->plan.nop = 0;
}

static const struct riv_source_ops recording = { .name = "recording",
                                                 .flags = RIV__SOURCE_RECORDED,
                                                 .cut = cut,
                                                 .presses = presses };

/* However long nothing ran: or its windows would not be what they were. */
static void a_recording_goes_on_an_interval_behind_its_last_batch(void **state)
{
    (void)state;
    world->input.ops = &recording;
    assert_int_equal(first_time(true, 4000), 5000);
}

static void a_recording_begins_at_the_next_tick_of_the_clock(void **state)
{
    (void)state;
    world->input.ops = &recording;
    assert_int_equal(first_time(false, 0), 11000);
}

/* What inputs had in hand is taken at once, and for stop.timeout at most. */
static void a_drain_has_no_rate_and_so_much_time(void **state)
{
    struct riv_generator *gen = &world->gen;
    struct riv_sys *sys = world->bed.exec.sys;
    const int64_t timeout_ns =
        world->bed.conf.settings.stop_timeout_ms * INT64_C(1000000);
    (void)state;
    const int64_t before_ns = sys->mono_ns(sys);
    world->input.rate.left = 0;
    world->input.has_feed = true;
    riv__generator_stop(gen, RIV_DRAIN);
    FINE(&world->bed, riv__generator_run(gen, &world->bed.err));
    const int64_t after_ns = sys->mono_ns(sys);
    assert_true(atomic_load(&world->input.stopping));
    assert_true(timeout_ns > 0);
    assert_true(gen->drain_until_ns > before_ns + timeout_ns);
    assert_true(gen->drain_until_ns <= after_ns + timeout_ns + 1);
    assert_false(gen->is_limited);
    assert_true(world->input.rate.left == UINT64_MAX);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_batch_is_at_work_until_storage_has_it),
        TEST(a_batch_that_begins_early_is_at_work_while_it_is_fed),
        TEST(a_batch_of_a_backlog_ends_with_its_time),
        TEST(where_room_is_short_batches_take_nothing_in),
        TEST(where_room_is_short_a_batch_is_run_again_all_the_same),
        TEST(where_room_is_short_an_end_does_not_hurry_batches),
        TEST(the_first_batch_is_at_the_next_tick_of_the_clock),
        TEST(behind_an_earlier_run_whose_clock_was_ahead_times_go_on),
        TEST(a_tick_at_which_a_window_slides_is_not_passed_over),
        TEST(a_recording_goes_on_an_interval_behind_its_last_batch),
        TEST(a_recording_begins_at_the_next_tick_of_the_clock),
        TEST(a_drain_has_no_rate_and_so_much_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
