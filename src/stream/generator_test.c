/* stream/generator_test.c - the storage thread keeps out of the way of a batch:
 * from its first cut until it is with that thread, and also while it is fed before
 * its tick. What a batch takes in where room is short, and how a drain begins. A plan without stages, an input and an output that write down whether
 * a batch is at work when they are asked; the journal lies in memory. */
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
        TEST(where_room_is_short_batches_take_nothing_in),
        TEST(a_drain_has_no_rate_and_so_much_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
