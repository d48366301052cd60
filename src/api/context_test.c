/* api/context_test.c - contexts: settings and their errors, the first error,
 * counters, callbacks; contexts side by side know nothing of each other. */
#include "api/context.h"
#include "api/fixture.h"

static void nothing_is_wrong_with_a_new_context(void **state)
{
    riv *r = riv_new(NULL);
    (void)state;
    assert_int_equal(riv_error(r), RIV_OK);
    assert_string_equal(riv_errmsg(r), "");
    assert_int_equal(riv_wait(r, 0), 0);
    riv_free(r);
    assert_int_equal(riv_version(), RIV_VERSION);
    assert_non_null(strstr(riv_features(), "rivulet 0.1.0"));
}

static void settings_are_set_by_name(void **state)
{
    riv *r = riv_new(RIV_CONFIG(.name = "job", .threads = 3, .batch_ms = 250));
    (void)state;
    riv_set(r, "shuffle.partitions", "8");
    riv_set(r, "task.bytes", "1M");
    no_error(r);
    const struct riv_settings *conf = &r->conf.settings;
    assert_string_equal(conf->name, "job");
    assert_int_equal(conf->threads, 3);
    assert_int_equal(conf->interval_ms, 250);
    assert_int_equal(conf->partitions, 8);
    assert_int_equal(conf->share_bytes, 1 << 20);
    riv_free(r);
}

static void a_wrong_setting_names_the_nearest_right_one(void **state)
{
    static const struct {
        const char *key, *value, *words;
    } wrong[] = {
        { "shuffle.partition", "8", "shuffle.partitions" },
        { "thread", "8", "threads" },
        { "threads", "many", "threads" },
        { "threads", "-1", "threads" },
        { "task.bytes", "1", "task.bytes" },
        { NULL, "1", "riv_set: no name" },
        { "threads", NULL, "riv_set: no value" },
    };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        riv *r = riv_new(NULL);
        riv_set(r, wrong[i].key, wrong[i].value);
        error_has(r, RIV_EINVAL, wrong[i].words);
        riv_free(r);
    }
}

static void a_configuration_may_be_wrong_as_well(void **state)
{
    riv *r = riv_new(RIV_CONFIG(.threads = -2));
    (void)state;
    error_has(r, RIV_EINVAL, "threads");
    riv_free(r);
    r = riv_new(RIV_CONFIG(.batch_ms = -5));
    error_has(r, RIV_EINVAL, "batch.interval");
    riv_free(r);
    char path[300];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    r = riv_new(RIV_CONFIG(.checkpoint = path));
    error_has(r, RIV_EINVAL, "state.dir");
    riv_free(r);
}

static void a_configuration_of_an_older_program_is_shorter(void **state)
{
    struct {
        size_t struct_size;
        const char *name;
        int threads;
        char behind[200];
    } old = { .struct_size = offsetof(riv_config, batch_ms),
              .name = "old",
              .threads = 2 };
    (void)state;
    memset(old.behind, 0xee, sizeof old.behind);
    riv *r = riv_new((const riv_config *)(const void *)&old);
    no_error(r);
    assert_int_equal(r->conf.settings.threads, 2);
    assert_int_equal(r->conf.settings.interval_ms, 1000);
    riv_free(r);
}

static void a_setting_after_the_start_is_too_late(void **state)
{
    riv *r = riv_new(NULL);
    int64_t row = 1;
    (void)state;
    riv_print(riv_parallelize(r, &riv_type_int64_t, &row, 1, NULL), 1);
    assert_int_equal(riv_run(r), 0);
    riv_set(r, "threads", "2");
    error_has(r, RIV_EINVAL,
              "setting \"threads\": too late, the job has started");
    riv_free(r);
}

static void the_first_error_stays(void **state)
{
    riv *r = riv_new(NULL);
    (void)state;
    assert_int_equal(riv_invalid(r, "%d wrong %s", 3, "files"), RIV_EINVAL);
    riv_set(r, "nonsense", "1");
    assert_string_equal(riv_errmsg(r), "3 wrong files");
    riv_free(r);
}

/* ------------------------------------------------------------- counters */

RIV_MAP(tell, int64_t, int64_t);
static int tell(const int64_t *in, int64_t *out, riv_task *t)
{
    riv_counter_add(t, *(riv_counter *const *)t->arg, *in);
    *out = *in;
    return 0;
}

static void a_counter_adds_up_what_all_tasks_add(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        riv *r = riv_new(RIV_CONFIG(.threads = threads));
        int64_t rows[100], n = 0;
        for (int64_t i = 0; i < 100; i++)
            rows[i] = i;
        riv_counter *c = riv_counter_new(r, "seen");
        riv_ds *ds = riv_parallelize(r, &riv_type_int64_t, rows, 100,
                                     RIV_OPT(.partitions = 7));
        riv_ds *told = riv_map(ds, tell_fn, RIV_OPT(.arg = RIV_COPY(c)));
        assert_int_equal(riv_counter_value(c), 0);
        assert_int_equal(riv_count_now(told, &n), 0);
        assert_int_equal(riv_counter_value(c), 4950);
        riv_free(r);
    }
}

static void two_counters_of_one_name_are_an_error(void **state)
{
    riv *r = riv_new(NULL);
    char name[] = "one";
    (void)state;
    assert_non_null(riv_counter_new(r, name));
    name[0] = 'x'; /* it was copied */
    assert_non_null(riv_counter_new(r, "xne"));
    no_error(r);
    assert_non_null(riv_counter_new(r, "one"));
    error_has(r, RIV_EINVAL, "\"one\" exists already");
    riv_free(r);
    r = riv_new(NULL);
    assert_non_null(riv_counter_new(r, NULL));
    error_has(r, RIV_EINVAL, "no name");
    riv_free(r);
    assert_int_equal(riv_counter_value(NULL), 0);
}

/* ---------------------------------------------------- callbacks that act */

RIV_MAP(refuse, int64_t, int64_t);
static int refuse(const int64_t *in, int64_t *out, riv_task *t)
{
    *out = *in;
    return *in % 2 ? riv_fail(t, "odd") : 0;
}

static riv *running;
static int told, lines;

static void stop_after_bad(void *arg, const char *uid, riv_str record,
                           const char *why)
{
    (void)arg;
    assert_string_equal(uid, "refuse");
    assert_string_equal(why, "odd");
    assert_int_equal(record.n, 1);
    told++;
    riv_stop(running, RIV_DRAIN);
}

static void stop_after_line(void *arg, int level, const char *msg)
{
    (void)arg, (void)level, (void)msg;
    lines++;
    riv_stop(running, RIV_DRAIN);
}

/* riv_stop may be called from anywhere. A lock was held over the callback, and
 * riv_stop waited for it: for ever. */
static void a_callback_may_stop_the_job(void **state)
{
    static const riv_listener listener = { .struct_size = sizeof listener,
                                           .record_failed = stop_after_bad };
    int64_t rows[] = { 1, 2, 3 };
    (void)state;
    told = lines = 0;
    running =
        riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 3600000,
                           .listener = &listener, .log = stop_after_line));
    riv_ds *queue = riv_queue(running, &riv_type_int64_t, NULL);
    riv_print(riv_map(queue, refuse_fn, RIV_OPT(.on_error = RIV_SKIP)), 5);
    assert_int_equal(riv_push(queue, rows, 3), 0);
    assert_int_equal(riv_step(running, 1), 0);
    assert_int_equal(told, 2);
    assert_int_equal(lines, 2);
    riv_free(running);
}

/* errors.max had no effect. */
static void bad_records_have_a_limit(void **state)
{
    int64_t rows[] = { 1, 2, 3, 5 };
    (void)state;
    for (int most = 1; most <= 4; most++) {
        riv *r = riv_new(RIV_CONFIG(.threads = 2));
        char number[16];
        int64_t n;
        snprintf(number, sizeof number, "%d", most % 4);
        riv_set(r, "errors.max", number);
        riv_ds *ds = riv_map(riv_parallelize(r, &riv_type_int64_t, rows, 4,
                                             RIV_OPT(.partitions = 4)),
                             refuse_fn, RIV_OPT(.on_error = RIV_SKIP));
        if (most < 3) {
            assert_int_equal(riv_count_now(ds, &n), RIV_ERECORD);
            error_has(r, RIV_ERECORD, "errors.max");
        } else { /* 3 are allowed; 0: any number */
            assert_int_equal(riv_count_now(ds, &n), 0);
            assert_int_equal(n, 1);
        }
        riv_free(r);
    }
}

/* Over the batches of a job, not of each. */
static void the_limit_of_bad_records_is_the_jobs(void **state)
{
    riv *r = riv_new(NULL);
    int64_t row = 7;
    (void)state;
    riv_set(r, "errors.max", "2");
    riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
    riv_print(riv_map(queue, refuse_fn, RIV_OPT(.on_error = RIV_SKIP)), 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(riv_push(queue, &row, 1), 0);
        assert_int_equal(riv_step(r, 1), i < 2 ? 0 : RIV_ERECORD);
    }
    riv_free(r);
}

/* -------------------------------------------------------- side by side */

static void contexts_are_independent(void **state)
{
    riv *a = riv_new(RIV_CONFIG(.threads = 2)), *b = riv_new(NULL);
    int64_t rows[] = { 1, 2 }, n = 0;
    (void)state;
    riv_ds *da =
        riv_parallelize(a, &riv_type_int64_t, rows, 2, RIV_OPT(.uid = "x"));
    riv_ds *db =
        riv_parallelize(b, &riv_type_int64_t, rows, 1, RIV_OPT(.uid = "x"));
    riv_counter_new(a, "n");
    riv_counter_new(b, "n");
    riv_invalid(b, "b is broken");
    no_error(a);
    assert_int_equal(riv_count_now(da, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(riv_count_now(db, &n), RIV_EINVAL);
    riv_free(b);
    assert_int_equal(riv_count_now(da, &n), 0);
    riv_free(a);
}

static void context_of_a_thread(void *arg)
{
    int64_t *sum = arg, rows[1000];
    for (int64_t i = 0; i < 1000; i++)
        rows[i] = i;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_ds *ds = riv_parallelize(r, &riv_type_int64_t, rows, 1000,
                                 RIV_OPT(.partitions = 10));
    for (int i = 0; i < 20; i++)
        if (riv_reduce_now(ds, riv_sum_i64, sum) < 0)
            *sum = -1;
    riv_free(r);
}

static void contexts_may_run_at_the_same_time(void **state)
{
    struct riv_thread thread[4] = { 0 };
    int64_t sum[4] = { 0 };
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(riv__thread_start(&thread[i], "context",
                                           context_of_a_thread, &sum[i], NULL),
                         0);
    for (int i = 0; i < 4; i++) {
        riv__thread_join(&thread[i]);
        assert_int_equal(sum[i], 499500);
    }
}

/* rivulet.h: riv_error is for any thread. It raced with a job that failed. */
static void an_error_may_be_asked_for_while_the_job_runs(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        riv *r = riv_new(RIV_CONFIG(.batch_ms = 1));
        int64_t row = 1;
        riv_ds *queue = riv_queue(r, &riv_type_int64_t, NULL);
        riv_print(riv_map(queue, refuse_fn, NULL), 1);
        assert_int_equal(riv_push(queue, &row, 1), 0);
        int rc = riv_start(r); /* it may have failed by now */
        assert_true(rc == 0 || rc == RIV_ERECORD);
        while (riv_error(r) == 0)
            continue; /* a batch of a millisecond fails */
        assert_int_equal(riv_error(r), RIV_ERECORD);
        assert_non_null(strstr(riv_errmsg(r), "odd"));
        assert_int_equal(riv_wait(r, -1), RIV_ERECORD);
        riv_free(r);
    }
}

static void a_setting_can_be_read_back_as_text(void **state)
{
    (void)state;
    char text[16];
    riv *r = riv_new(RIV_CONFIG(.batch_ms = 250));
    assert_int_equal(riv_get(r, "batch.interval", text, sizeof text), RIV_OK);
    assert_string_equal(text, "250ms");
    assert_int_equal(riv_get(r, "state.dir", text, sizeof text), RIV_OK);
    assert_string_equal(text, "");
    riv_set(r, "state.dir", "a/path/of/more/than/16/bytes");
    assert_int_equal(riv_get(r, "state.dir", text, sizeof text), RIV_OK);
    assert_int_equal(strlen(text), sizeof text - 1);
    assert_int_equal(riv_get(r, "state.folder", text, sizeof text), RIV_EINVAL);
    assert_int_equal(riv_get(r, NULL, text, sizeof text), RIV_EINVAL);
    assert_int_equal(riv_error(r), RIV_OK);
    riv_free(r);
}

static void nowhere(void *arg, const char *text, size_t n)
{
    (void)text;
    *(size_t *)arg += n;
}

static void a_check_of_state_wants_a_directory(void **state)
{
    (void)state;
    size_t n = 0;
    riv *r = riv_new(NULL);
    assert_int_equal(riv_check_state(r, nowhere, &n), RIV_EINVAL);
    assert_non_null(strstr(riv_errmsg(r), "--state DIR"));
    assert_int_equal(n, 0);
    riv_free(r);
    r = riv_new(RIV_CONFIG(.checkpoint = "/nowhere/at/all"));
    riv_print(riv_text(r, "demo:words", NULL), 1);
    assert_int_equal(riv_check_state(r, nowhere, &n), RIV_OK);
    assert_true(n > 0);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_wrong_with_a_new_context),
        cmocka_unit_test(a_setting_can_be_read_back_as_text),
        cmocka_unit_test(a_check_of_state_wants_a_directory),
        cmocka_unit_test(settings_are_set_by_name),
        cmocka_unit_test(a_wrong_setting_names_the_nearest_right_one),
        cmocka_unit_test(a_configuration_may_be_wrong_as_well),
        cmocka_unit_test(a_configuration_of_an_older_program_is_shorter),
        cmocka_unit_test(a_setting_after_the_start_is_too_late),
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(a_counter_adds_up_what_all_tasks_add),
        cmocka_unit_test(two_counters_of_one_name_are_an_error),
        cmocka_unit_test(a_callback_may_stop_the_job),
        cmocka_unit_test(bad_records_have_a_limit),
        cmocka_unit_test(the_limit_of_bad_records_is_the_jobs),
        cmocka_unit_test(contexts_are_independent),
        cmocka_unit_test(contexts_may_run_at_the_same_time),
        cmocka_unit_test(an_error_may_be_asked_for_while_the_job_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
