/* tests/rows/context_test.c - rows of the table "Context, scheduler, listeners":
 * each test is named by its row's id. Streams run for real here, in batches of
 * an hour that only a drain ends, or of a few milliseconds and then until
 * something has been seen; nothing hangs on how long that takes. */
#include "fixture.h"

#include <dirent.h>
#include <sched.h>

#include "rows/event.h"

enum { HOUR_MS = 3600000, SHORT_MS = 2 };

RIV_MAP(same, int64_t, int64_t);
static int same(const int64_t *x, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *x;
    return 0;
}

RIV_MAP(refuses_3, int64_t, int64_t);
static int refuses_3(const int64_t *x, int64_t *out, riv_task *t)
{
    *out = *x;
    return *x == 3 ? riv_fail(t, "no threes here") : 0;
}

RIV_FOREACH(ignore, int64_t);
static int ignore(const int64_t *x, riv_task *t)
{
    (void)x, (void)t;
    return 0;
}

static atomic_llong total;

RIV_FOREACH(add, int64_t);
static int add(const int64_t *x, riv_task *t)
{
    (void)t;
    atomic_fetch_add(&total, *x);
    return 0;
}

/* A stream that does nothing with what is pushed. */
static riv_ds *idle(riv *r)
{
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_foreach(in, ignore_fn, NULL);
    return in;
}

static int threads_running(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/task");
    if (!dir)
        return -1;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

/* A thread that has been joined stands in that folder for a moment longer. One that
 * does not end keeps the test here, and its time-out fails it. */
static void wait_for_threads(int most)
{
    while (threads_running() > most)
        sched_yield();
}

/* ------------------------------------------------------------------- SC-01 */

static void on_completed(void *arg, const riv_batch_info *info)
{
    *(riv_batch_info *)arg = *info;
}

RIV_TEST(sc_01_a_context_is_made_from_defaults_and_from_settings)
{
    riv_batch_info info = { 0 };
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &info,
                                    .batch_completed = on_completed };
    static const int64_t want[] = { 1000, 2000, 3000 };
    for (int i = 0; i < 3; i++) {
        riv *r = riv_new(
            i == 0 ? &(riv_config){ .struct_size = sizeof(riv_config),
                                    .listener = &listener }
                   : RIV_CONFIG(.batch_ms = 2000, .listener = &listener));
        if (i == 2)
            riv_set(r, "batch.interval", "3s");
        idle(r);
        assert_int_equal(riv_error(r), 0);
        assert_string_equal(riv_errmsg(r), "");
        riv_step(r, 1);
        fine(r);
        assert_int_equal(info.interval_ms, want[i]);
        assert_int_equal(info.time, want[i]);
        riv_free(r);
    }
    riv *r = riv_new(NULL);
    riv_set(r, "batch.intervall", "3s");
    error_says(r, RIV_EINVAL, "batch.interval");
    riv_free(r);
}

/* --------------------------------------------- SC-04, SC-06, SC-08, SC-09 */

RIV_TEST(sc_04_a_context_is_built_then_runs_then_has_ended)
{
    FOR_THREADS(r)
    {
        riv_set(r, "batch.interval", "1h");
        idle(r);
        assert_int_equal(riv_wait(r, 0), 0); /* nothing runs */
        assert_int_equal(riv_start(r), 0);
        assert_int_equal(riv_wait(r, 0), RIV_ETIMEOUT);
        riv_stop(r, RIV_DRAIN);
        assert_int_equal(riv_wait(r, -1), 0);
        assert_int_equal(riv_run(r), RIV_EINVAL);
    }
}

RIV_TEST(sc_06_a_start_that_fails_leaves_nothing_running)
{
    const int before = threads_running();
    FOR_THREADS(r)
    {
        riv_foreach(riv_text(r, "dir:/no/such/folder", NULL), NULL,
                    NULL); /* and no function, either */
        assert_true(riv_start(r) < 0);
        assert_int_equal(riv_wait(r, -1), riv_error(r));
    }
    FOR_THREADS(r)
    {
        riv_print(riv_text(r, "dir:/no/such/folder", NULL), 1);
        assert_int_equal(riv_start(r), RIV_ENOINPUT);
        assert_int_equal(riv_wait(r, -1), RIV_ENOINPUT);
        error_says(r, RIV_ENOINPUT, "/no/such/folder");
        assert_int_equal(riv_run(r), RIV_ENOINPUT);
    }
    wait_for_threads(before);
}

RIV_TEST(sc_08_a_second_start_does_nothing)
{
    FOR_THREADS(r)
    {
        riv_set(r, "batch.interval", "1h");
        atomic_store(&total, 0);
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        const int64_t row = 5;
        riv_foreach(in, add_fn, NULL);
        assert_int_equal(riv_start(r), 0);
        assert_int_equal(riv_start(r), 0);
        assert_int_equal(riv_push(in, &row, 1), 0);
        riv_stop(r, RIV_DRAIN);
        assert_int_equal(riv_wait(r, -1), 0);
        fine(r);
        assert_int_equal(atomic_load(&total), 5);
    }
}

RIV_TEST(sc_08_stopping_twice_is_fine)
{
    FOR_THREADS(r)
    {
        riv_set(r, "batch.interval", "1h");
        idle(r);
        assert_int_equal(riv_start(r), 0);
        riv_stop(r, RIV_DRAIN);
        riv_stop(r, RIV_DRAIN);
        assert_int_equal(riv_wait(r, -1), 0);
        riv_stop(r, RIV_NOW);
        assert_int_equal(riv_wait(r, -1), 0);
    }
}

RIV_TEST(sc_08_a_stop_before_the_start_ends_it_at_once)
{
    FOR_THREADS(r)
    {
        riv_set(r, "batch.interval", "1h");
        idle(r);
        riv_stop(r, RIV_NOW);
        const int rc = riv_start(r);
        assert_true(rc == 0 || rc == RIV_ESTOPPED);
        assert_int_equal(riv_wait(r, -1), RIV_ESTOPPED);
    }
}

RIV_TEST(sc_09_a_context_that_has_ended_does_not_start_again)
{
    FOR_THREADS(r)
    {
        riv_set(r, "batch.interval", "1h");
        idle(r);
        assert_int_equal(riv_start(r), 0);
        riv_stop(r, RIV_DRAIN);
        assert_int_equal(riv_wait(r, -1), 0);
        assert_int_equal(riv_start(r), RIV_EINVAL);
        error_says(r, RIV_EINVAL, "a context runs once");
        assert_int_equal(riv_wait(r, -1), 0); /* what it ended with */
    }
}

/* ------------------------------------------------------------ SC-12, SC-13 */

struct pusher {
    riv_ds *in;
    int64_t stored;
    int rc;
};

/* Stores 1, 2, 3 ... until it is told that all is over. */
static void *push_numbers(void *arg)
{
    struct pusher *p = arg;
    for (int64_t next = 1; p->rc == 0 || p->rc == RIV_EBUSY;) {
        p->rc = riv_push(p->in, &next, 1);
        if (p->rc == 0)
            p->stored += next++;
    }
    return NULL;
}

static struct event batches = EVENT;

static void count_batch(void *arg, const riv_batch_info *info)
{
    (void)arg;
    if (info->records_in > 0)
        event_add(&batches, 1);
}

RIV_TEST(sc_12_a_drain_processes_exactly_what_was_stored)
{
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .batch_completed = count_batch };
    for (int round = 0; round < 4; round++) {
        pthread_t thread;
        riv *r = riv_new(RIV_CONFIG(.threads = 1 + round, .batch_ms = SHORT_MS,
                                    .listener = &listener));
        struct pusher p = { .in = riv_queue(r, &riv_type_int64_t, NULL) };
        atomic_store(&total, 0);
        event_set(&batches, 0);
        riv_foreach(p.in, add_fn, NULL);
        assert_int_equal(riv_start(r), 0);
        assert_int_equal(pthread_create(&thread, NULL, push_numbers, &p), 0);
        event_wait(&batches, 2);
        riv_stop(r, RIV_DRAIN);
        assert_int_equal(riv_wait(r, -1), 0);
        pthread_join(thread, NULL);
        assert_int_equal(p.rc, RIV_ESTOPPED);
        assert_int_equal(atomic_load(&total), p.stored);
        assert_true(p.stored > 0);
        riv_free(r);
    }
}

RIV_TEST(sc_13_a_drain_right_after_the_start_ends)
{
    static const char *const uri[] = { "listen://127.0.0.1:0", "demo:words",
                                       "dir:/tmp" };
    for (size_t i = 0; i < 3; i++) {
        riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = SHORT_MS));
        riv_print(riv_text(r, uri[i], NULL), 1);
        assert_int_equal(riv_start(r), 0);
        riv_stop(r, RIV_DRAIN);
        assert_int_equal(riv_wait(r, -1), 0);
        riv_free(r);
    }
}

/* ----------------------------------------------------- SC-16, SC-17, SC-19 */

static void *stop_it(void *arg)
{
    riv_stop(arg, RIV_DRAIN);
    return NULL;
}

RIV_TEST(sc_16_a_wait_ends_with_a_stop_from_another_thread)
{
    FOR_THREADS(r)
    {
        pthread_t thread;
        riv_set(r, "batch.interval", "1h");
        idle(r);
        assert_int_equal(riv_start(r), 0); /* returns while it runs */
        assert_int_equal(riv_wait(r, 1), RIV_ETIMEOUT);
        assert_int_equal(pthread_create(&thread, NULL, stop_it, r), 0);
        assert_int_equal(riv_wait(r, -1), 0);
        assert_int_equal(riv_wait(r, -1), 0); /* at once */
        pthread_join(thread, NULL);
    }
}

RIV_TEST(sc_17_the_error_of_a_task_comes_out_of_the_wait)
{
    FOR_THREADS(r)
    {
        riv_set(r, "batch.interval", "2ms");
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        const int64_t row[] = { 1, 2, 3 };
        riv_foreach(riv_map(in, refuses_3_fn, NULL), ignore_fn, NULL);
        assert_int_equal(riv_push(in, row, 3), 0);
        assert_int_equal(riv_start(r), 0);
        assert_int_equal(riv_wait(r, -1), RIV_ERECORD);
        error_says(r, RIV_ERECORD, "no threes here");
    }
}

RIV_TEST(sc_19_a_wait_may_end_before_the_job)
{
    FOR_THREADS(r)
    {
        riv_set(r, "batch.interval", "1h");
        idle(r);
        assert_int_equal(riv_start(r), 0);
        assert_int_equal(riv_wait(r, 0), RIV_ETIMEOUT);
        assert_int_equal(riv_wait(r, 1), RIV_ETIMEOUT);
        riv_stop(r, RIV_DRAIN);
        assert_int_equal(riv_wait(r, HOUR_MS), 0);
    }
}

/* ----------------------------------------------------- SC-22, SC-23, SC-24 */

RIV_TEST(sc_22_several_contexts_run_side_by_side)
{
    enum { CONTEXTS = 3 };
    riv *r[CONTEXTS];
    riv_ds *in[CONTEXTS];
    atomic_store(&total, 0);
    for (int64_t i = 0; i < CONTEXTS; i++) {
        r[i] = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = HOUR_MS));
        in[i] = riv_queue(r[i], &riv_type_int64_t, NULL);
        riv_foreach(in[i], add_fn, NULL);
        assert_int_equal(riv_start(r[i]), 0);
    }
    for (int64_t i = 0; i < CONTEXTS; i++) {
        const int64_t row = 1 << 4 * i;
        assert_int_equal(riv_wait(r[i], 0), RIV_ETIMEOUT);
        assert_int_equal(riv_push(in[i], &row, 1), 0);
        riv_stop(r[i], RIV_DRAIN);
        assert_int_equal(riv_wait(r[i], -1), 0);
    }
    assert_int_equal(atomic_load(&total), 0x111);
    for (int64_t i = 0; i < CONTEXTS; i++)
        riv_free(r[i]);
}

static void late_input(riv *r, riv_ds *in)
{
    (void)in;
    riv_queue(r, &riv_type_int64_t, NULL);
}

static void late_operator(riv *r, riv_ds *in)
{
    (void)r;
    riv_map(in, same_fn, NULL);
}

static void late_output(riv *r, riv_ds *in)
{
    (void)r;
    riv_print(in, 1);
}

RIV_TEST(sc_23_a_graph_does_not_change_after_the_start)
{
    static void (*const late[])(riv *, riv_ds *) = { late_input, late_operator,
                                                     late_output };
    for (size_t i = 0; i < 6; i++) {
        riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = HOUR_MS));
        riv_ds *in = idle(r);
        assert_int_equal(riv_start(r), 0);
        if (i >= 3) { /* also when it has ended */
            riv_stop(r, RIV_DRAIN);
            assert_int_equal(riv_wait(r, -1), 0);
        }
        late[i % 3](r, in);
        error_says(r, RIV_EINVAL, "start");
        riv_free(r);
    }
}

static void into_text(void *arg, const char *text, size_t n)
{
    struct text *to = arg;
    assert_true(to->n + n < sizeof to->p);
    memcpy(to->p + to->n, text, n);
    to->p[to->n += n] = '\0';
}

RIV_TEST(sc_24_messages_and_plans_name_the_place_in_the_program)
{
    static struct text plan;
    int64_t n;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    plan = (struct text){ .n = 0 };
    riv_ds *ds = riv_map(numbers(r, 1, 9, 3), refuses_3_fn, NULL);
    assert_int_equal(riv_to_debug_string(ds, into_text, &plan), 0);
    assert_non_null(strstr(plan.p, "riv_map(refuses_3, "));
    assert_non_null(strstr(plan.p, refuses_3_fn->where));
    assert_true(riv_count_now(ds, &n) < 0);
    error_says(r, RIV_ERECORD, refuses_3_fn->where);
    assert_non_null(strstr(refuses_3_fn->where, "context_test.c:"));
    riv_free(r);
}

/* --------------------------------------------------------------- SL, SP-01 */

struct story {
    riv *r;
    int started, completed, wrong;
    int64_t last;
};

static void story_started(void *arg, int64_t time)
{
    struct story *s = arg;
    s->wrong += time <= s->last || s->started != s->completed;
    s->last = time;
    s->started++;
}

static void story_completed(void *arg, const riv_batch_info *info)
{
    struct story *s = arg;
    s->completed++;
    s->wrong += info->time != s->last || info->records_in != 1 ||
                info->records_bad != 0 || info->scheduling_us < 0 ||
                info->processing_us < 0 || info->late_ms < 0;
    s->wrong += riv_error(s->r) != 0 || riv_errmsg(s->r)[0] != '\0';
}

static riv *story_begin(struct story *s, const riv_listener *listener,
                        riv_ds **in)
{
    *s = (struct story){ .r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000,
                                                 .listener = listener)) };
    *in = idle(s->r);
    return s->r;
}

RIV_TEST(sl_05_good_batches_start_and_complete_without_a_reason_to_fail)
{
    static struct story s;
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &s,
                                    .batch_started = story_started,
                                    .batch_completed = story_completed };
    riv_ds *in;
    riv *r = story_begin(&s, &listener, &in);
    for (int64_t i = 0; i < 4; i++)
        push_step(r, in, &i, 1);
    assert_int_equal(s.started, 4);
    assert_int_equal(s.completed, 4);
    assert_int_equal(s.wrong, 0);
    riv_free(r);
}

/* ---------------------------------------------------- SL-01, SL-02, II-01 */

/* The records of each input of a batch, as "name:records ". */
static void inputs_of(void *arg, const riv_batch_info *info)
{
    struct text *text = arg;
    char word[64];
    for (size_t i = 0; i < info->ninputs; i++) {
        snprintf(word, sizeof word, "%.20s:%lld ", info->inputs[i].name,
                 (long long)info->inputs[i].records);
        text_add(text, word);
    }
    text_add(text, "| ");
}

RIV_TEST(sl_01_a_batch_tells_what_it_had_of_its_input)
{
    static struct text text;
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &text,
                                    .batch_completed = inputs_of };
    text = (struct text){ .n = 0 };
    riv *r = riv_new(
        RIV_CONFIG(.threads = 2, .batch_ms = 1000, .listener = &listener));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "0"));
    riv_foreach(in, add_fn, NULL);
    for (int64_t i = 0; i < 4; i++)
        push_step(r, in, &i, 1);
    assert_string_equal(text.p, "0:1 | 0:1 | 0:1 | 0:1 | ");
    riv_free(r);
}

RIV_TEST(ii_01_records_are_counted_for_each_input)
{
    static struct text text;
    static const int64_t rows[300];
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &text,
                                    .batch_completed = inputs_of };
    for (size_t i = 0; i < 3; i++) {
        text = (struct text){ .n = 0 };
        riv *r = riv_new(RIV_CONFIG(.threads = thread_counts[i],
                                    .batch_ms = 1000, .listener = &listener));
        riv_ds *a = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "0"));
        riv_ds *b = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "1"));
        riv_foreach(riv_union(a, b), add_fn, NULL);
        riv_foreach(a, add_fn, NULL);
        assert_int_equal(riv_push(a, rows, 100), 0);
        push_step(r, b, rows, 300);
        push_step(r, b, rows, 1);
        assert_string_equal(text.p, "0:100 1:300 | 0:0 1:1 | ");
        riv_free(r);
    }
}

/* A source that gives a record, waits until a batch has seen it, and is then
 * away for good. */
static struct event seen_batches = EVENT;

static int away_open(const void *arg, uint32_t partition, riv_str offset,
                     void **self)
{
    static int emitted;
    (void)arg, (void)partition, (void)offset;
    emitted = 0;
    *self = &emitted;
    return 0;
}

static int away_read(void *self, riv_task *t)
{
    int *emitted = self;
    const int64_t row = 1;
    pthread_mutex_lock(&seen_batches.lock);
    const bool told = seen_batches.count > 0;
    pthread_mutex_unlock(&seen_batches.lock);
    if (told)
        return RIV_EUNAVAIL;
    if (*emitted)
        return RIV_EBUSY;
    *emitted = 1;
    riv_put(t, &row, 1);
    return 0;
}

static void source_story(void *arg, const char *name, int what,
                         const char *words)
{
    static const char *const names[] = { "", "runs ", "failed ", "notice ",
                                         "ended " };
    struct text *text = arg;
    text_add(text, name);
    text_add(text, " ");
    text_add(text, names[what]);
    if (what == RIV_SOURCE_FAILED && !strstr(words, "the source returned"))
        text_add(text, "without a word ");
}

static void saw_batch(void *arg, const riv_batch_info *info)
{
    (void)arg, (void)info;
    event_add(&seen_batches, 1);
}

RIV_TEST(sl_02_a_source_tells_that_it_runs_fails_and_has_ended)
{
    static struct text text;
    static const riv_source away = { .struct_size = sizeof away,
                                     .type = &riv_type_int64_t,
                                     .open = away_open,
                                     .read = away_read };
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &text,
                                    .batch_completed = saw_batch,
                                    .source_event = source_story };
    text = (struct text){ .n = 0 };
    event_set(&seen_batches, 0);
    riv *r = riv_new(
        RIV_CONFIG(.threads = 2, .batch_ms = SHORT_MS, .listener = &listener));
    riv_set(r, "connect.retries", "2");
    riv_set(r, "connect.retry_min", "1ms");
    riv_foreach(riv_receive(r, &away, RIV_OPT(.uid = "far")), add_fn, NULL);
    assert_int_equal(riv_run(r), RIV_EUNAVAIL);
    riv_free(r);
    assert_string_equal(text.p, "far runs far failed far ended ");
}

static void stop_in_listener(void *arg, const riv_batch_info *info)
{
    (void)info;
    riv_stop(*(riv **)arg, RIV_DRAIN);
}

RIV_TEST(sl_04_a_listener_may_stop_the_job)
{
    static riv *r;
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &r,
                                    .batch_completed = stop_in_listener };
    for (size_t i = 0; i < 3; i++) {
        r = riv_new(RIV_CONFIG(.threads = thread_counts[i],
                               .batch_ms = SHORT_MS, .listener = &listener));
        idle(r);
        assert_int_equal(riv_start(r), 0);
        assert_int_equal(riv_wait(r, -1), 0);
        riv_free(r);
    }
}

RIV_TEST(sl_06_an_output_that_fails_is_named)
{
    FOR_THREADS(r)
    {
        riv_set(r, "batch.interval", "2ms");
        riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
        const int64_t row[] = { 1, 2, 3 };
        riv_foreach(in, ignore_fn, RIV_OPT(.uid = "good"));
        riv_foreach(riv_map(in, refuses_3_fn, RIV_OPT(.uid = "threes")),
                    ignore_fn, RIV_OPT(.uid = "bad"));
        assert_int_equal(riv_push(in, row, 3), 0);
        assert_int_equal(riv_start(r), 0);
        assert_int_equal(riv_wait(r, -1), RIV_ERECORD);
        error_says(r, RIV_ERECORD, "refuses_3");
        error_says(r, RIV_ERECORD, "no threes here");
        assert_null(strstr(riv_errmsg(r), "ignore"));
    }
}

RIV_TEST(sl_08_after_the_end_nobody_hears_anything)
{
    static struct story s;
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &s,
                                    .batch_started = story_started };
    const int64_t row = 1;
    riv_ds *in;
    riv *r = story_begin(&s, &listener, &in);
    riv_set(r, "batch.interval", "1h");
    assert_int_equal(riv_start(r), 0);
    riv_stop(r, RIV_DRAIN);
    assert_int_equal(riv_wait(r, -1), 0);
    const int heard = s.started;
    assert_int_equal(riv_push(in, &row, 1), RIV_ESTOPPED);
    riv_stop(r, RIV_DRAIN);
    assert_int_equal(riv_step(r, 1), RIV_EINVAL);
    assert_int_equal(s.started, heard);
    riv_free(r);
}

RIV_TEST(sp_01_operators_are_named_in_the_plan)
{
    static struct text plan;
    static const char *const want[] = { "riv_queue ", "uid numbers",
                                        "riv_map(same, ", "uid copies",
                                        "riv_foreach(ignore, " };
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    plan = (struct text){ .n = 0 };
    riv_ds *in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "numbers"));
    riv_foreach(riv_map(in, same_fn, RIV_OPT(.uid = "copies")), ignore_fn,
                NULL);
    assert_int_equal(riv_describe(r, RIV_PLAN_TEXT, into_text, &plan), 0);
    const char *at = plan.p;
    for (size_t i = 0; i < 5; i++) {
        at = strstr(at, want[i]);
        if (!at)
            fail_msg("\"%s\" is not in its place in\n%s", want[i], plan.p);
    }
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(sc_01_a_context_is_made_from_defaults_and_from_settings),
        RIV_CASE(sc_04_a_context_is_built_then_runs_then_has_ended),
        RIV_CASE(sc_06_a_start_that_fails_leaves_nothing_running),
        RIV_CASE(sc_08_a_second_start_does_nothing),
        RIV_CASE(sc_08_stopping_twice_is_fine),
        RIV_CASE(sc_08_a_stop_before_the_start_ends_it_at_once),
        RIV_CASE(sc_09_a_context_that_has_ended_does_not_start_again),
        RIV_CASE(sc_12_a_drain_processes_exactly_what_was_stored),
        RIV_CASE(sc_13_a_drain_right_after_the_start_ends),
        RIV_CASE(sc_16_a_wait_ends_with_a_stop_from_another_thread),
        RIV_CASE(sc_17_the_error_of_a_task_comes_out_of_the_wait),
        RIV_CASE(sc_19_a_wait_may_end_before_the_job),
        RIV_CASE(sc_22_several_contexts_run_side_by_side),
        RIV_CASE(sc_23_a_graph_does_not_change_after_the_start),
        RIV_CASE(sc_24_messages_and_plans_name_the_place_in_the_program),
        RIV_CASE(ii_01_records_are_counted_for_each_input),
        RIV_CASE(sl_01_a_batch_tells_what_it_had_of_its_input),
        RIV_CASE(sl_02_a_source_tells_that_it_runs_fails_and_has_ended),
        RIV_CASE(sl_04_a_listener_may_stop_the_job),
        RIV_CASE(
            sl_05_good_batches_start_and_complete_without_a_reason_to_fail),
        RIV_CASE(sl_06_an_output_that_fails_is_named),
        RIV_CASE(sl_08_after_the_end_nobody_hears_anything),
        RIV_CASE(sp_01_operators_are_named_in_the_plan),
    };
    return RIV_RUN(tests);
}
