/* api/run_test.c - running a context: here, in the background, step by step;
 * stopping; what fails on the way. Batches of an hour never end by themselves,
 * so nothing here depends on time. */
#include "api/context.h"
#include "api/fixture.h"
#include "sys/clock.h"

enum { HOUR_MS = 3600000 };

static atomic_llong sum;

RIV_FOREACH(add, int64_t);
static int add(const int64_t *in, riv_task *t)
{
    (void)t;
    atomic_fetch_add(&sum, *in);
    return 0;
}

RIV_MAP(named, int64_t, riv_str);
static int named(const int64_t *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%lld", (long long)*in);
    return 0;
}

RIV_MAP(deny, int64_t, int64_t);
static int deny(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    return riv_fail(t, "not this one");
}

RIV_MAP(time_of, int64_t, int64_t);
static int time_of(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)in;
    *out = t->time;
    return 0;
}

RIV_REDUCE(time_seen, int64_t);
static void time_seen(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)v;
    *acc = t->time;
}

RIV_AGGREGATE(times, pair, pair);
static void times(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)v;
    *acc = t->time;
}
static void times_merge(int64_t *acc, const int64_t *other, riv_task *t)
{
    *acc = *other == t->time ? t->time : -1;
}

static riv_ds *numbers(riv *r)
{
    static const int64_t rows[] = { 1, 2, 3, 4 };
    return riv_parallelize(r, &riv_type_int64_t, rows, 4,
                           RIV_OPT(.partitions = 2));
}

static void a_context_runs_once(void **state)
{
    riv *r = riv_new(NULL);
    (void)state;
    atomic_store(&sum, 0);
    riv_foreach(numbers(r), add_fn, NULL);
    assert_int_equal(riv_run(r), 0);
    assert_int_equal(atomic_load(&sum), 10);
    assert_int_equal(riv_run(r), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "a context runs once; make a new one");
    assert_int_equal(riv_start(r), RIV_EINVAL);
    assert_int_equal(riv_step(r, 1), RIV_EINVAL);
    assert_int_equal(atomic_load(&sum), 10);
    riv_free(r);
}

static void a_job_without_output_says_what_ends_a_dataset(void **state)
{
    riv *r = riv_new(NULL);
    (void)state;
    riv_distinct(numbers(r), NULL);
    assert_int_equal(riv_run(r), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "the job has no output");
    riv_free(r);
    r = riv_new(NULL);
    riv_print(numbers(r), 1);
    assert_int_equal(riv_step(r, 1), RIV_EINVAL);
    error_has(r, RIV_EINVAL, "no output over live input");
    riv_free(r);
}

static void a_graph_error_is_what_a_run_returns(void **state)
{
    riv *r = riv_new(NULL);
    (void)state;
    riv_print(numbers(r), 1);
    assert_int_equal(riv_invalid(r, "usage: %s", "job FILE"), RIV_EINVAL);
    assert_int_equal(riv_run(r), RIV_EINVAL);
    assert_string_equal(riv_errmsg(r), "usage: job FILE");
    assert_int_equal(riv_start(r), RIV_EINVAL);
    assert_int_equal(riv_step(r, 1), RIV_EINVAL);
    riv_free(r);
}

/* ------------------------------------------------------ in the background */

static void a_stream_is_drained(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads, .batch_ms = HOUR_MS));
        int64_t rows[] = { 5, 6 };
        atomic_store(&sum, 0);
        riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
        riv_foreach(queue, add_fn, NULL);
        assert_int_equal(riv_push(queue, rows, 1), 0);
        assert_int_equal(riv_start(r), 0);
        assert_int_equal(riv_wait(r, 0), RIV_ETIMEOUT);
        assert_int_equal(riv_push(queue, rows + 1, 1), 0);
        riv_stop(r, RIV_DRAIN);
        assert_int_equal(riv_wait(r, -1), 0);
        assert_int_equal(atomic_load(&sum), 11);
        assert_int_equal(riv_push(queue, rows, 1), RIV_ESTOPPED);
        assert_int_equal(riv_wait(r, 0), 0);
        riv_free(r);
    }
}

static void a_stream_is_stopped_at_once(void **state)
{
    riv *r = riv_new(RIV_CONFIG(.batch_ms = HOUR_MS));
    int64_t row = 5;
    (void)state;
    atomic_store(&sum, 0);
    riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
    riv_foreach(queue, add_fn, NULL);
    assert_int_equal(riv_start(r), 0);
    assert_int_equal(riv_push(queue, &row, 1), 0);
    riv_stop(r, RIV_NOW);
    assert_int_equal(riv_wait(r, -1), RIV_ESTOPPED);
    error_has(r, RIV_ESTOPPED, "stopped");
    assert_int_equal(atomic_load(&sum), 0);
    riv_free(r);
}

static void a_running_stream_can_be_freed(void **state)
{
    riv *r = riv_new(RIV_CONFIG(.batch_ms = HOUR_MS, .threads = 2));
    (void)state;
    riv_foreach(riv_queue(r, &riv_type_int64_t, NULL), add_fn, NULL);
    assert_int_equal(riv_start(r), 0);
    riv_free(r);
    riv_free(NULL);
}

/* More time than a clock of nanoseconds can count to. */
static void a_wait_may_have_any_limit(void **state)
{
    riv *r = riv_new(RIV_CONFIG(.batch_ms = HOUR_MS));
    (void)state;
    riv_foreach(riv_queue(r, &riv_type_int64_t, NULL), add_fn, NULL);
    assert_int_equal(riv_start(r), 0);
    riv_stop(r, RIV_DRAIN);
    assert_int_equal(riv_wait(r, INT64_MAX), 0);
    assert_int_equal(riv_wait(r, INT64_MAX / 1000000), 0);
    assert_int_equal(riv_wait(r, INT64_MIN), 0);
    riv_free(r);
}

static void a_source_that_cannot_be_opened_fails_the_start(void **state)
{
    riv *r = riv_new(RIV_CONFIG(.batch_ms = HOUR_MS));
    (void)state;
    riv_print(riv_text(r, "replay:1:/nowhere/at/all", NULL), 1);
    assert_int_equal(riv_start(r), RIV_ENOINPUT);
    error_has(r, RIV_ENOINPUT, "/nowhere/at/all");
    assert_int_equal(riv_wait(r, -1), RIV_ENOINPUT);
    riv_free(r);
}

static struct riv_gen gate_open;

RIV_FOREACH(wait_for_gate, int64_t);
static int wait_for_gate(const int64_t *in, riv_task *t)
{
    (void)in, (void)t;
    riv__gen_wait(&gate_open, 0, 1);
    return 0;
}

/* riv_start came back when a job over files had ended. Here its function waits
 * for something that happens after riv_start. */
static void a_job_over_finite_input_runs_in_the_background_too(void **state)
{
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    (void)state;
    gate_open = (struct riv_gen){ 0 };
    riv_foreach(numbers(r), wait_for_gate_fn, NULL);
    assert_int_equal(riv_start(r), 0);
    assert_int_equal(riv_wait(r, 0), RIV_ETIMEOUT);
    riv__gen_bump(&gate_open);
    assert_int_equal(riv_wait(r, -1), 0);
    riv_free(r);
}

static void a_missing_file_fails_the_start(void **state)
{
    riv *r = riv_new(NULL);
    (void)state;
    riv_print(riv_text(r, "/nowhere/at/all", NULL), 1);
    assert_int_equal(riv_start(r), RIV_ENOINPUT);
    riv_free(r);
}

/* An action runs on this thread, the job on another: what one took for the
 * worker's stack is not the other's. Every string seemed to point there. */
static void a_job_may_run_on_another_thread_than_an_action(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        char *heap = malloc(1 << 20); /* lies below the stacks of threads */
        int64_t n = 0;
        riv_ds *names = riv_map(numbers(r), named_fn, NULL);
        assert_int_equal(riv_count_now(names, &n), 0);
        riv_print(names, 1);
        assert_int_equal(riv_start(r), 0);
        assert_int_equal(riv_wait(r, -1), 0);
        no_error(r);
        assert_int_equal(riv_count_now(names, &n), 0);
        no_error(r);
        riv_free(r);
        free(heap);
    }
}

/* A drain that was asked for while the job was being opened ended it as stopped
 * in its first task. */
static void a_drain_before_the_first_batch_is_a_drain(void **state)
{
    struct said said;
    char path[32];
    (void)state;
    said_init(&said);
    file_make(path, "a\nb\n", 4);
    riv *r = riv_new(RIV_CONFIG(.log = said_line, .log_arg = &said,
                                .batch_ms = HOUR_MS, .threads = 1));
    riv_ds *queue = riv_queue(r, &riv_type_riv_str, NULL);
    riv_print(riv_union(riv_text(r, path, NULL), queue), 5);
    assert_int_equal(riv__context_ready(r), 0);
    riv_stop(r, RIV_DRAIN); /* the context is ready, no stream runs yet */
    if (riv_run(r) < 0)
        fail_msg("%s", riv_errmsg(r));
    assert_non_null(strstr(said_all(&said), " 2 rows ---\na\nb\n"));
    riv_free(r);
    said_fini(&said);
    unlink(path);
}

/* ------------------------------------------------------------------ steps */

static void steps_go_on_until_the_input_ends(void **state)
{
    struct said said;
    char path[32], uri[64];
    (void)state;
    said_init(&said);
    file_make(path, "a\nb\nc", 5);
    snprintf(uri, sizeof uri, "replay:2:%s", path);
    riv *r = riv_new(
        RIV_CONFIG(.log = said_line, .log_arg = &said, .batch_ms = 250));
    riv_print(riv_text(r, uri, NULL), 5);
    assert_int_equal(riv_step(r, 1), 0);
    assert_string_equal(said_all(&said), "--- time 250 ms, 2 rows ---\na\nb\n");
    assert_int_equal(riv_step(r, 0), 0);
    assert_string_equal(said_all(&said), "");
    assert_int_equal(riv_step(r, 100), 0);
    const char *text = said_all(&said);
    assert_memory_equal(text, "--- time 500 ms, 1 rows ---\nc\n", 30);
    assert_int_equal(riv_step(r, 1), 0);
    assert_string_equal(said_all(&said), "");
    assert_int_equal(riv_run(r), RIV_EINVAL);
    riv_free(r);
    said_fini(&said);
    unlink(path);
}

static void a_task_knows_the_time_of_its_batch(void **state)
{
    struct said said;
    (void)state;
    said_init(&said);
    riv *r = riv_new(RIV_CONFIG(.log = said_line, .log_arg = &said));
    riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
    riv_ds *pairs = riv_queue(r, &riv_type_pair, NULL);
    riv_print(riv_map(queue, time_of_fn, NULL), 1);
    riv_print(riv_reduce(queue, time_seen_fn, NULL), 1);
    riv_print(riv_reduce_by_key(pairs, time_seen_fn, NULL), 1);
    riv_print(riv_aggregate_by_key(pairs, times_fn, NULL), 1);
    for (int i = 0; i < 2; i++) {
        int64_t rows[] = { 7, 7 };
        pair keyed[] = { { 1, 1 }, { 1, 1 } };
        for (int k = 0; k < 1 + i; k++) { /* one push, one task */
            assert_int_equal(riv_push(queue, rows, 2), 0);
            assert_int_equal(riv_push(pairs, keyed, 2), 0);
        }
        assert_int_equal(riv_step(r, 1), 0);
        char *text = strdup(said_all(&said));
        char want[3][64];
        snprintf(want[0], sizeof want[0], "%d rows ---\n%d\n", 2 + 2 * i,
                 1000 * (i + 1));
        snprintf(want[1], sizeof want[1], " 1 rows ---\n%d\n", 1000 * (i + 1));
        snprintf(want[2], sizeof want[2], " 1 rows ---\n1,%d\n",
                 1000 * (i + 1));
        for (int k = 0; k < 3; k++)
            if (!strstr(text, want[k]))
                fail_msg("no \"%s\" in \"%s\"", want[k], text);
        assert_null(strstr(text, "1,0\n"));
        assert_null(strstr(text, "1,-1\n"));
        free(text);
    }
    riv_free(r);
    said_fini(&said);
}

/* ------------------------------------------------------------- disk full */

static int64_t full_write(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    (void)sys, (void)fd, (void)p, (void)n;
    return -28; /* ENOSPC */
}

static void a_full_disk_leaves_no_file(void **state)
{
    char path[32];
    struct riv_sys sys = *riv__sys_real();
    (void)state;
    file_make(path, "", 0);
    unlink(path);
    sys.write = full_write;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    r->sys = &sys;
    riv_save_text(numbers(r), path, NULL);
    assert_int_equal(riv_run(r), RIV_EIO);
    error_has(r, RIV_EIO, path);
    riv_free(r);
    assert_int_equal(access(path, F_OK), -1);
}

static int no_descriptor(struct riv_sys *sys, const char *path, unsigned flags)
{
    (void)sys, (void)path, (void)flags;
    return -24; /* EMFILE */
}

/* "opening failed" did not say why. */
static void an_output_that_cannot_be_made_says_why(void **state)
{
    struct riv_sys sys = *riv__sys_real();
    (void)state;
    sys.open = no_descriptor;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    r->sys = &sys;
    riv_save_text(numbers(r), "/tmp/out.csv", NULL);
    assert_int_equal(riv_run(r), RIV_ENOMEM);
    error_has(r, RIV_ENOMEM,
              "sink \"/tmp/out.csv\": cannot be made in /tmp: Too many open "
              "files");
    riv_free(r);
    r = riv_new(RIV_CONFIG(.threads = 2));
    r->sys = &sys;
    riv_save_text(numbers(r), "/out.csv", NULL); /* it named no folder */
    assert_int_equal(riv_run(r), RIV_ENOMEM);
    error_has(r, RIV_ENOMEM, "cannot be made in /: Too many open files");
    riv_free(r);
}

static void a_saved_file_appears_whole(void **state)
{
    char path[32], text[64] = "";
    (void)state;
    file_make(path, "old", 3);
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_save_text(numbers(r), path, NULL);
    assert_int_equal(riv_run(r), 0);
    FILE *f = fopen(path, "r");
    assert_int_equal(fread(text, 1, sizeof text, f), 8);
    fclose(f);
    assert_string_equal(text, "1\n2\n3\n4\n");
    riv_free(r);
    unlink(path);
}

/* -------------------------------------------------------------- listener */

static struct {
    int64_t started, completed, in, out, bad, bytes, time;
} told;

static void on_started(void *arg, int64_t time)
{
    assert_ptr_equal(arg, &told);
    told.started++;
    told.time = time;
}

static void on_completed(void *arg, const riv_batch_info *info)
{
    assert_ptr_equal(arg, &told);
    assert_int_equal(info->struct_size, sizeof *info);
    assert_int_equal(info->time, told.time);
    told.completed++;
    told.in += info->records_in;
    told.out += info->records_out;
    told.bad += info->records_bad;
    told.bytes += info->input_bytes;
}

static const riv_listener listener = { .struct_size = sizeof listener,
                                       .arg = &told,
                                       .batch_started = on_started,
                                       .batch_completed = on_completed };

static int nothing(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)r, (void)rdd, (void)time, (void)arg;
    return 0;
}

/* All kinds of outputs took what they took; foreach_rdd was left out, and the
 * bytes of pushed rows. */
static void a_listener_hears_what_went_in_and_out(void **state)
{
    riv *r = riv_new(RIV_CONFIG(.listener = &listener, .threads = 2));
    int64_t rows[3] = { 1, 2, 3 };
    (void)state;
    memset(&told, 0, sizeof told);
    riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
    riv_foreach(queue, add_fn, NULL);
    riv_print(riv_count(queue), 1);
    riv_foreach_rdd(queue, nothing, NULL);
    assert_int_equal(riv_push(queue, rows, 3), 0);
    assert_int_equal(riv_step(r, 1), 0);
    assert_int_equal(told.in, 3);
    assert_int_equal(told.out, 3 + 1 + 3);
    assert_int_equal(told.bytes, 3 * sizeof *rows);
    assert_int_equal(riv_step(r, 2), 0);
    assert_int_equal(told.started, 3);
    assert_int_equal(told.completed, 3);
    assert_int_equal(told.out, 3 + 1 + 3 + 1 + 1);
    riv_free(r);
}

static void a_listener_of_an_older_program_is_shorter(void **state)
{
    struct {
        size_t struct_size;
        void *arg;
        void (*batch_started)(void *arg, int64_t time);
        void (*behind[2])(void);
    } old = { .struct_size = offsetof(riv_listener, batch_completed),
              .arg = &told,
              .batch_started = on_started,
              .behind = { (void (*)(void))abort, (void (*)(void))abort } };
    (void)state;
    memset(&told, 0, sizeof told);
    riv *r = riv_new(
        RIV_CONFIG(.listener = (const riv_listener *)(const void *)&old));
    riv_print(numbers(r), 1);
    assert_int_equal(riv_run(r), 0);
    assert_int_equal(told.started, 1);
    riv_free(r);
}

RIV_MAP(refuse, int64_t, int64_t);
static int refuse(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    return riv_fail(t, "no %lld", (long long)*in);
}

static riv *stops; /* what the callbacks below stop */

static void stop_at_record(void *arg, const char *uid, riv_str record,
                           const char *why)
{
    (void)arg, (void)uid, (void)record, (void)why;
    riv_stop(stops, RIV_NOW);
}

static void stop_at_line(void *arg, int level, const char *msg)
{
    (void)arg, (void)level, (void)msg;
    riv_stop(stops, RIV_NOW);
}

/* The run had ended with an error, and a push still woke its driver, whose wake
 * lay on a stack that was no more. */
static void a_push_after_the_end_is_refused(void **state)
{
    enum { ROWS = 4096 };
    static int64_t rows[ROWS];
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.batch_ms = 1));
    riv_set(r, "input.buffer", "1M");
    riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
    riv_foreach(riv_map(queue, deny_fn, NULL), add_fn, NULL);
    assert_int_equal(riv_start(r), 0);
    assert_int_equal(riv_push(queue, rows, 1), 0);
    assert_int_equal(riv_wait(r, -1), RIV_ERECORD);
    for (int i = 0; i < 40; i++)
        assert_int_equal(riv_push(queue, rows, ROWS), RIV_ESTOPPED);
    riv_free(r);
}

static void a_callback_may_stop_the_job(void **state)
{
    const riv_listener at_record = { .struct_size = sizeof at_record,
                                     .record_failed = stop_at_record };
    int rc;
    (void)state;
    stops = riv_new(
        RIV_CONFIG(.listener = &at_record, .log = stop_at_line, .threads = 2));
    riv_print(riv_map(numbers(stops), refuse_fn, RIV_OPT(.on_error = RIV_SKIP)),
              1);
    rc = riv_run(stops);
    assert_true(rc == 0 || rc == RIV_ESTOPPED); /* it may have been all */
    riv_free(stops);
}

static void a_stop_before_the_start_counts(void **state)
{
    (void)state;
    for (int how = RIV_NOW; how <= RIV_DRAIN; how++) {
        struct file_of_lines {
            char dir[32], path[48];
        } file = { .dir = "/tmp/riv-run-XXXXXX" };
        assert_non_null(mkdtemp(file.dir));
        snprintf(file.path, sizeof file.path, "%s/lines", file.dir);
        FILE *f = fopen(file.path, "w");
        assert_non_null(f);
        fputs("1\n2\n", f);
        fclose(f);
        riv *r = riv_new(NULL);
        riv_print(riv_text(r, file.path, NULL), 1);
        riv_stop(r, how);
        assert_int_equal(riv_run(r), RIV_ESTOPPED);
        riv_free(r);
        unlink(file.path);
        rmdir(file.dir);
    }
}

static void a_nul_byte_hides_nothing_in_print(void **state)
{
    const riv_str row = { "a\0b", 3 };
    struct said said;
    (void)state;
    said_init(&said);
    riv *r = riv_new(RIV_CONFIG(.log = said_line, .log_arg = &said));
    riv_print(riv_parallelize(r, &riv_type_riv_str, &row, 1, NULL), 1);
    assert_int_equal(riv_run(r), 0);
    assert_string_equal(said_all(&said), "a?b\n");
    riv_free(r);
    said_fini(&said);
}

static void warn_line(void *arg, int level, const char *msg)
{
    if (level == RIV_LOG_WARN || level == RIV_LOG_INFO)
        riv__buf_printf(&((struct said *)arg)->text, "%s\n", msg);
}

static void skipped_records_are_told_at_the_end(void **state)
{
    struct said said;
    (void)state;
    said_init(&said);
    riv *r = riv_new(RIV_CONFIG(.log = warn_line, .log_arg = &said));
    riv_print(riv_map(numbers(r), refuse_fn, RIV_OPT(.on_error = RIV_SKIP)), 1);
    assert_int_equal(riv_run(r), 0);
    assert_string_equal(said_all(&said),
                        "4 bad records were skipped or set aside\n");
    riv_free(r);
    said_fini(&said);
}

static void a_stream_says_what_its_input_waits_for(void **state)
{
    struct said said;
    (void)state;
    said_init(&said);
    riv *r = riv_new(RIV_CONFIG(.log = warn_line, .log_arg = &said));
    riv_print(riv_text(r, "tail:/nonexistent/lines", NULL), 1);
    riv_stop(r, RIV_DRAIN);
    assert_int_equal(riv_run(r), 0);
    assert_non_null(strstr(said_all(&said),
                           "input tail:/nonexistent/lines: waiting for "
                           "/nonexistent/lines to appear\n"));
    riv_free(r);
    said_fini(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_context_runs_once),
        cmocka_unit_test(a_job_without_output_says_what_ends_a_dataset),
        cmocka_unit_test(a_graph_error_is_what_a_run_returns),
        cmocka_unit_test(a_stream_is_drained),
        cmocka_unit_test(a_stream_is_stopped_at_once),
        cmocka_unit_test(a_running_stream_can_be_freed),
        cmocka_unit_test(a_wait_may_have_any_limit),
        cmocka_unit_test(a_source_that_cannot_be_opened_fails_the_start),
        cmocka_unit_test(a_job_over_finite_input_runs_in_the_background_too),
        cmocka_unit_test(a_missing_file_fails_the_start),
        cmocka_unit_test(a_job_may_run_on_another_thread_than_an_action),
        cmocka_unit_test(a_drain_before_the_first_batch_is_a_drain),
        cmocka_unit_test(steps_go_on_until_the_input_ends),
        cmocka_unit_test(a_task_knows_the_time_of_its_batch),
        cmocka_unit_test(a_full_disk_leaves_no_file),
        cmocka_unit_test(an_output_that_cannot_be_made_says_why),
        cmocka_unit_test(a_saved_file_appears_whole),
        cmocka_unit_test(a_listener_hears_what_went_in_and_out),
        cmocka_unit_test(a_listener_of_an_older_program_is_shorter),
        cmocka_unit_test(a_push_after_the_end_is_refused),
        cmocka_unit_test(a_callback_may_stop_the_job),
        cmocka_unit_test(a_stop_before_the_start_counts),
        cmocka_unit_test(a_nul_byte_hides_nothing_in_print),
        cmocka_unit_test(skipped_records_are_told_at_the_end),
        cmocka_unit_test(a_stream_says_what_its_input_waits_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
