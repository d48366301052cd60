/* api/status_test.c - "why is there no output?": stalls that are made on purpose,
 * under a clock that stands still, and the cause that the status names. */
#include "api/context.h"
#include "api/fixture.h"
#include "api/status.h"
#include "base/test.h"
#include "sys/clock.h"
#include "sys/thread.h"

enum { SECOND = 1000 };

struct world {
    struct riv_manual_clock clock;
    riv *r;
    char said[16384]; /* what the status said */
};

static struct world *now; /* for the functions of the jobs */

static void keep(void *arg, const char *text, size_t n)
{
    struct world *w = arg;
    n = RIV__MIN(n, sizeof w->said - 1);
    memcpy(w->said, text, n);
    w->said[n] = '\0';
}

static void look(struct world *w, int form)
{
    assert_int_equal(riv_status(w->r, form, keep, w), 0);
}

static void world_begin(struct world *w)
{
    memset(w, 0, sizeof *w);
    riv__manual_clock_init(&w->clock, riv__sys_real(), 1000000);
    w->r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = SECOND));
    w->r->sys = &w->clock.sys;
    now = w;
}

static void pass(struct world *w, int64_t ms)
{
    riv__manual_clock_advance(&w->clock, ms);
}

static void step(struct world *w)
{
    pass(w, SECOND);
    riv_step(w->r, 1);
}

static void push(riv_ds *queue, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        assert_int_equal(riv_push(queue, &i, 1), 0);
}

/* -------------------------------------------------------------- the stalls */

static atomic_llong taken;

RIV_FOREACH(take_it, int64_t);
static int take_it(const int64_t *in, riv_task *t)
{
    (void)t;
    atomic_fetch_add(&taken, *in);
    return 0;
}

RIV_FILTER(none, int64_t);
static int none(const int64_t *in, riv_task *t)
{
    (void)in, (void)t;
    return 0;
}

RIV_MAP(hangs, int64_t, int64_t);
static int hangs(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in;
    pass(now, 12 * SECOND);
    look(now, RIV_STATUS_JSON);
    return 0;
}

RIV_MAP(line_length, riv_str, int64_t);
static int line_length(const riv_str *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = (int64_t)in->n;
    return 0;
}

RIV_MAP(refuses, int64_t, int64_t);
static int refuses(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    return riv_fail(t, "not this one");
}

static void waits_for_input(struct world *w)
{
    riv_foreach(riv_queue(w->r, &riv_type_int64_t, NULL), take_it_fn, NULL);
    step(w);
    pass(w, 9 * SECOND);
    look(w, RIV_STATUS_JSON);
}

static void had_input_once(struct world *w)
{
    riv_ds *in = riv_queue(w->r, &riv_type_int64_t, NULL);
    riv_foreach(in, take_it_fn, NULL);
    push(in, 3);
    for (int i = 0; i < 5; i++)
        step(w);
    look(w, RIV_STATUS_JSON);
}

static void a_function_hangs(struct world *w)
{
    riv_ds *in = riv_queue(w->r, &riv_type_int64_t, NULL);
    riv_foreach(riv_map(in, hangs_fn, NULL), take_it_fn, NULL);
    push(in, 1);
    step(w);
}

static void a_filter_lets_none_through(struct world *w)
{
    riv_ds *in = riv_queue(w->r, &riv_type_int64_t, NULL);
    riv_foreach(riv_filter(in, none_fn, NULL), take_it_fn, NULL);
    for (int i = 0; i < 5; i++) {
        push(in, 3);
        step(w);
    }
    look(w, RIV_STATUS_JSON);
}

static void all_are_refused(struct world *w)
{
    riv_ds *in = riv_queue(w->r, &riv_type_int64_t, NULL);
    riv_foreach(riv_map(in, refuses_fn, RIV_OPT(.on_error = RIV_SKIP)),
                take_it_fn, NULL);
    push(in, 3);
    step(w);
    look(w, RIV_STATUS_JSON);
}

static void a_window_is_not_due(struct world *w)
{
    riv_ds *in = riv_queue(w->r, &riv_type_int64_t, NULL);
    riv_foreach(riv_window(in, 60 * SECOND, 60 * SECOND), take_it_fn, NULL);
    for (int i = 0; i < 5; i++) {
        push(in, 1);
        step(w);
    }
    look(w, RIV_STATUS_JSON);
}

/* Nothing listens on port 1 of this machine; connecting fails at once. */
static void a_source_cannot_be_reached(struct world *w)
{
    char note[128];
    struct riv_err status = { 0 };
    riv_foreach(riv_map(riv_text(w->r, "tcp://127.0.0.1:1", NULL),
                        line_length_fn, NULL),
                take_it_fn, NULL);
    step(w);
    while (status.code == 0) {
        struct riv_pollfd none_fd = { .fd = -1 };
        struct riv_sys *real = riv__sys_real();
        real->poll(real, &none_fd, 1, NULL, real->mono_ns(real) + 1000000);
        riv__input_look(w->r->step_gen->input[0], note, sizeof note, &status);
    }
    look(w, RIV_STATUS_JSON);
}

/* What the board says, however it came to: the disk, the memory, the journal. */
static void stepped(struct world *w)
{
    riv_foreach(riv_queue(w->r, &riv_type_int64_t, NULL), take_it_fn, NULL);
    step(w);
}

static void the_disk_is_short(struct world *w)
{
    stepped(w);
    atomic_store(&w->r->board->disk_short, true);
    look(w, RIV_STATUS_JSON);
}

static void memory_is_tight(struct world *w)
{
    stepped(w);
    atomic_store(&w->r->board->memory_tight, true);
    look(w, RIV_STATUS_JSON);
}

/* In the log, too, which is there when nobody asks. */
static void an_output_cannot_go_on(struct world *w)
{
    stepped(w);
    struct riv_board *board = w->r->board;
    riv__board_trouble(board, board->output[0], "no broker of it answers");
    look(w, RIV_STATUS_JSON);
}

static void the_journal_does_not_take_it(struct world *w)
{
    stepped(w);
    riv__board_phase(w->r->board, RIV__PHASE_COMMITS,
                     w->clock.sys.mono_ns(&w->clock.sys));
    pass(w, 8 * SECOND);
    look(w, RIV_STATUS_JSON);
}

static int fails_once(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    int64_t n = 0;
    (void)r, (void)time, (void)arg;
    (void)riv_count_now(riv_map(rdd, refuses_fn, NULL), &n);
    return riv_error(r);
}

static void an_output_fails(struct world *w)
{
    riv_ds *in = riv_queue(w->r, &riv_type_int64_t, NULL);
    riv_foreach_rdd(in, fails_once, NULL);
    push(in, 3);
    step(w);
    look(w, RIV_STATUS_JSON);
}

static const struct {
    const char *cause;
    void (*make)(struct world *w);
    const char *words[3]; /* the place, and the way out */
} stalls[] = {
    { "input", waits_for_input, { "for 9 s", "queue:" } },
    { "input", had_input_once, { "for 4 s" } },
    { "running", a_function_hangs, { "for 12", "riv_map(hangs, " } },
    { "filter", a_filter_lets_none_through, { "Records come in (15" } },
    { "refused", all_are_refused, { "All 3 records", "rivulet letters" } },
    { "window", a_window_is_not_due, { "slide of a window" } },
    { "source",
      a_source_cannot_be_reached,
      { "1 of 1 inputs", "127.0.0.1:1", "refused" } },
    { "disk", the_disk_is_short, { "Nothing is taken in" } },
    { "memory", memory_is_tight, { "memory.limit" } },
    { "sink",
      an_output_cannot_go_on,
      { "cannot be written: no broker of it answers",
        "no broker of it answers; it is tried again" } },
    { "journal", the_journal_does_not_take_it, { "for 8" } },
    { "failed", an_output_fails, { "not this one" } },
};

static void says(const struct world *w, const char *words)
{
    if (words && !strstr(w->said, words))
        fail_msg("no \"%s\" in: %s", words, w->said);
}

RIV_TEST(the_status_names_the_cause_of_each_stall)
{
    static struct world w;
    char cause[64];
    for (size_t i = 0; i < RIV__LEN(stalls); i++) {
        world_begin(&w);
        stalls[i].make(&w);
        snprintf(cause, sizeof cause, "\"cause\":\"%s\"", stalls[i].cause);
        says(&w, cause);
        for (size_t k = 0; k < RIV__LEN(stalls[i].words); k++)
            says(&w, stalls[i].words[k]);
        riv_free(w.r);
    }
}

RIV_TEST(a_job_that_runs_well_has_no_cause)
{
    static struct world w;
    world_begin(&w);
    riv_ds *in = riv_queue(w.r, &riv_type_int64_t, NULL);
    riv_foreach(in, take_it_fn, NULL);
    push(in, 3);
    step(&w);
    look(&w, RIV_STATUS_JSON);
    says(&w, "{\"cause\":\"fine\",\"well\":true,");
    says(&w, "\"records\":3,");
    look(&w, RIV_STATUS_TEXT);
    says(&w, "Nothing holds it up.\n");
    says(&w, "3 in all, 3 in the last batch");
    riv_free(w.r);
}

RIV_PAIR(key_sum, int64_t, int64_t);

RIV_MAP(keyed, int64_t, key_sum);
static int keyed(const int64_t *in, key_sum *out, riv_task *t)
{
    (void)t;
    *out = (key_sum){ *in, 1 };
    return 0;
}

RIV_FOREACH(take_pair, key_sum);
static int take_pair(const key_sum *in, riv_task *t)
{
    (void)in, (void)t;
    return 0;
}

RIV_TEST(keys_that_a_window_keeps_are_counted_until_they_leave)
{
    static struct world w;
    world_begin(&w);
    riv_ds *in = riv_queue(w.r, &riv_type_int64_t, NULL);
    riv_ds *sums = riv_reduce_by_key_and_window(
        riv_map(in, keyed_fn, NULL), riv_sum_i64, 2 * SECOND, SECOND, NULL);
    riv_foreach(sums, take_pair_fn, NULL);
    push(in, 7);
    step(&w);
    look(&w, RIV_STATUS_JSON);
    says(&w, "\"keys\":7,");
    step(&w);
    step(&w);
    look(&w, RIV_STATUS_JSON);
    says(&w, "\"keys\":0,");
    look(&w, RIV_STATUS_TEXT);
    says(&w, "0 keys in state and windows");
    riv_free(w.r);
}

RIV_TEST(a_job_can_be_looked_at_before_it_starts_and_after_it_ends)
{
    static struct world w;
    world_begin(&w);
    riv_ds *in = riv_queue(w.r, &riv_type_int64_t, NULL);
    riv_foreach(in, take_it_fn, NULL);
    look(&w, RIV_STATUS_JSON);
    says(&w, "\"doing\":\"not started\"");
    w.r->sys = riv__sys_real();
    push(in, 3);
    riv_stop(w.r, RIV_DRAIN);
    assert_int_equal(riv_run(w.r), 0);
    look(&w, RIV_STATUS_JSON);
    says(&w, "\"cause\":\"ended\"");
    says(&w, "\"done\":1,");
    riv_free(w.r);
}

RIV_FOREACH(take_line, riv_str);
static int take_line(const riv_str *in, riv_task *t)
{
    (void)in, (void)t;
    return 0;
}

struct looker {
    struct world w;
    struct riv_thread thread;
    atomic_bool is_enough;
};

static void look_again(void *arg)
{
    struct looker *l = arg;
    while (!atomic_load(&l->is_enough))
        look(&l->w, RIV_STATUS_JSON);
}

/* Whoever looks may come between two steps of the start: the thread sanitizer
 * is the judge, and more inputs make the start longer. */
RIV_TEST(a_job_can_be_looked_at_while_its_inputs_start)
{
    enum { INPUTS = 32, HOUR_MS = 3600 * 1000 };
    static struct looker l;
    memset(&l, 0, sizeof l);
    riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = HOUR_MS));
    l.w.r = r;
    for (int i = 0; i < INPUTS; i++)
        riv_foreach(riv_text(r, "demo:words?rate=1", NULL), take_line_fn, NULL);
    assert_int_equal(
        riv__thread_start(&l.thread, "looker", look_again, &l, NULL), 0);
    assert_int_equal(riv_start(r), 0);
    atomic_store(&l.is_enough, true);
    riv__thread_join(&l.thread);
    look(&l.w, RIV_STATUS_JSON);
    says(&l.w, "\"buffer_bytes\":");
    assert_null(strstr(l.w.said, "\"buffer_bytes\":0,"));
    riv_stop(r, RIV_NOW);
    assert_int_equal(riv_wait(r, -1), RIV_ESTOPPED);
    riv_free(r);
}

RIV_TEST(an_unknown_form_is_refused)
{
    static struct world w;
    world_begin(&w);
    assert_int_equal(riv_status(w.r, 77, keep, &w), RIV_EINVAL);
    assert_int_equal(riv_status(w.r, RIV_STATUS_TEXT, NULL, &w), RIV_EINVAL);
    riv_free(w.r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(the_status_names_the_cause_of_each_stall),
        RIV_CASE(a_job_that_runs_well_has_no_cause),
        RIV_CASE(keys_that_a_window_keeps_are_counted_until_they_leave),
        RIV_CASE(a_job_can_be_looked_at_before_it_starts_and_after_it_ends),
        RIV_CASE(a_job_can_be_looked_at_while_its_inputs_start),
        RIV_CASE(an_unknown_form_is_refused),
    };
    return RIV_RUN(tests);
}
