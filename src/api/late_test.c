/* api/late_test.c - ticks, in a world whose clock goes on when somebody waits and
 * not otherwise: batches come on time, a process that was asleep for long does
 * not run a batch for each tick that it missed, and work counts for its batch. */
#include "api/context.h"
#include "api/fixture.h"

enum { SECOND_MS = 1000, HOUR_MS = 3600000, BATCHES_MAX = 64 };

/* Waiting takes no time here: the clock goes to the end of it. */
static atomic_llong now_ns;

static int64_t mono(struct riv_sys *sys)
{
    (void)sys;
    return atomic_load(&now_ns);
}

static int64_t wall(struct riv_sys *sys)
{
    return mono(sys) / 1000000;
}

static int wait_none(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                     struct riv_wake *wake, int64_t until_ns)
{
    struct riv_sys *real = riv__sys_real();
    if (until_ns == INT64_MAX)
        return real->poll(real, fds, n, wake, until_ns);
    if (mono(sys) < until_ns)
        atomic_store(&now_ns, until_ns);
    return real->poll(real, fds, n, wake, 0);
}

struct run {
    riv *r;
    struct riv_sys sys;
    const char *recording; /* its lines are batches; NULL: a queue */
    int slide[2];          /* of two windows, in seconds */
    int n, windows;        /* batches; results of windows with the record */
    int64_t time[BATCHES_MAX], done[BATCHES_MAX]; /* by the clock, in ms */
    int64_t length[BATCHES_MAX];
    int64_t asleep_ms; /* after the first batch, of a recording after each */
    int64_t until_ms;  /* the time of the last one */
};

static void completed(void *arg, const riv_batch_info *info)
{
    struct run *run = arg;
    if (run->n < BATCHES_MAX) {
        run->time[run->n] = info->time;
        run->done[run->n] = wall(&run->sys);
        run->length[run->n] = info->interval_ms;
    }
    if (run->n++ == 0 || run->recording)
        atomic_fetch_add(&now_ns, run->asleep_ms * 1000000);
    if (info->time >= run->until_ms || run->n >= BATCHES_MAX)
        riv_stop(run->r, RIV_NOW);
}

static int see(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct run *run = *(struct run *const *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    const int rc = riv_collect(rdd, &res);
    run->windows += rc == 0 && res.n > 0 && *(const int64_t *)res.rows > 0;
    riv_result_free(&res);
    return rc;
}

/* One record before the first batch, or a recording; windows of two slides. */
static void run_it(struct run *run)
{
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = run,
                                    .batch_completed = completed };
    const int64_t one = 1;
    atomic_store(&now_ns, INT64_C(1000000) * (SECOND_MS / 2));
    run->sys = *riv__sys_real();
    run->sys.mono_ns = mono;
    run->sys.wall_ms = wall;
    run->sys.poll = wait_none;
    run->r = riv_new(
        RIV_CONFIG(.threads = 1, .batch_ms = SECOND_MS, .listener = &listener));
    run->r->sys = &run->sys;
    riv_ds *in = run->recording ? riv_text(run->r, run->recording, NULL)
                                : riv_queue(run->r, &riv_type_int64_t, NULL);
    for (int i = 0; i < 2; i++) {
        const int64_t slide_ms = run->slide[i] * SECOND_MS;
        riv_foreach_rdd(riv_count_by_window(in, 2 * slide_ms, slide_ms, NULL),
                        see, RIV_OPT(.arg = RIV_COPY(run)));
    }
    if (run->recording) {
        assert_int_equal(riv_run(run->r), RIV_OK);
    } else {
        assert_int_equal(riv_push(in, &one, 1), 0);
        assert_int_equal(riv_run(run->r), RIV_ESTOPPED);
    }
    riv_free(run->r);
}

static void a_batch_comes_at_each_tick(void **state)
{
    struct run run = { .slide = { 2, 3 }, .until_ms = 20 * SECOND_MS };
    (void)state;
    run_it(&run);
    assert_int_equal(run.n, 20);
    for (int i = 0; i < run.n; i++) {
        assert_int_equal(run.time[i], (i + 1) * SECOND_MS);
        assert_int_equal(run.done[i], run.time[i]);
        assert_int_equal(run.length[i], SECOND_MS);
    }
    assert_int_equal(run.windows, 4); /* two of each */
}

/* A batch for each of the slides, which hardly ever fall together: not for each
 * of their ticks. The record is shown. */
static void an_hour_asleep_costs_some_batches_and_loses_nothing(void **state)
{
    struct run run = { .slide = { 59, 61 },
                       .asleep_ms = HOUR_MS,
                       .until_ms = HOUR_MS + 6 * SECOND_MS };
    (void)state;
    run_it(&run);
    assert_in_range(run.n, 3, 16);
    for (int i = 1; i < run.n; i++) {
        assert_true(run.time[i] > run.time[i - 1]);
        assert_int_equal(run.length[i], run.time[i] - run.time[i - 1]);
    }
    assert_true(run.windows >= 2);
}

/* Every batch took ten times its interval, and the windows of three batches had
 * one: what a job gave for a file hung on the machine. */
static void a_recording_is_never_late(void **state)
{
    enum { LINES = 12 };
    static const char lines[] = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n";
    char path[32], uri[64];
    (void)state;
    file_make(path, lines, sizeof lines - 1);
    snprintf(uri, sizeof uri, "replay:1:%s", path);
    struct run run = { .recording = uri,
                       .slide = { 2, 3 },
                       .asleep_ms = 10 * SECOND_MS,
                       .until_ms = HOUR_MS };
    run_it(&run);
    unlink(path);
    assert_int_equal(run.n, LINES);
    for (int i = 0; i < run.n; i++) {
        assert_int_equal(run.time[i], (i + 1) * SECOND_MS);
        assert_int_equal(run.length[i], SECOND_MS);
    }
    assert_int_equal(run.windows, LINES / 2 + LINES / 3);
}

/* -------------------------------------------- work before the tick */

enum { LINE = 200, LINES = 3000 }; /* more than half of the buffer */

static struct early {
    struct riv_sys sys;
    riv *r;
    int n; /* batches */
    int64_t processing_us[3];
} early;

/* The source's own thread waits as ever: only the driver, which is the test's
 * thread, makes time go on. */
static _Thread_local bool drives;

static int driver_waits(struct riv_sys *sys, struct riv_pollfd *fds, unsigned n,
                        struct riv_wake *wake, int64_t until_ns)
{
    struct riv_sys *real = riv__sys_real();
    if (drives)
        return wait_none(sys, fds, n, wake, until_ns);
    return real->poll(real, fds, n, wake, INT64_MAX);
}

/* Each record takes a millisecond. */
RIV_FOREACH(work, riv_str);
static int work(const riv_str *line, riv_task *t)
{
    (void)line, (void)t;
    atomic_fetch_add(&now_ns, 1000000);
    return 0;
}

/* After the first batch so much comes at once that the second begins early. */
static void early_completed(void *arg, const riv_batch_info *info)
{
    char line[LINE];
    (void)arg;
    memset(line, 'x', sizeof line);
    line[LINE - 1] = '\n';
    early.processing_us[early.n++] = info->processing_us;
    for (int i = 0; early.n == 1 && i < LINES; i++)
        assert_int_equal(
            riv__feed_append(&early.r->gen->input[0]->feed, line, LINE, NULL),
            0);
    if (early.n == 3)
        riv_stop(early.r, RIV_NOW);
}

static void work_before_a_tick_counts_for_that_batch_alone(void **state)
{
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .batch_completed = early_completed };
    (void)state;
    drives = true;
    early = (struct early){ .sys = *riv__sys_real() };
    early.sys.mono_ns = mono;
    early.sys.wall_ms = wall;
    early.sys.poll = driver_waits;
    early.r = riv_new(
        RIV_CONFIG(.threads = 1, .batch_ms = HOUR_MS, .listener = &listener));
    early.r->sys = &early.sys;
    riv_set(early.r, "input.buffer", "1M");
    riv_foreach(riv_text(early.r, "listen://127.0.0.1:0", NULL), work_fn, NULL);
    assert_int_equal(riv_run(early.r), RIV_ESTOPPED);
    riv_free(early.r);
    assert_int_equal(early.processing_us[0], 0);
    assert_int_equal(early.processing_us[1], LINES * 1000);
    assert_int_equal(early.processing_us[2], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_comes_at_each_tick),
        cmocka_unit_test(an_hour_asleep_costs_some_batches_and_loses_nothing),
        cmocka_unit_test(a_recording_is_never_late),
        cmocka_unit_test(work_before_a_tick_counts_for_that_batch_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
