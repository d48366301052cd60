/* api/refused_test.c - what the program is told of records that were skipped:
 * by the thread that runs the job, in their order, each once, not of more than it
 * can take; and that nothing of a batch's tasks is left to the next one's. */
#include <pthread.h>

#include "api/fixture.h"

enum { ROWS = 5000, PARTS = 16 };

RIV_FILTER(odd_fails, int64_t);
static int odd_fails(const int64_t *in, riv_task *t)
{
    return *in % 2 ? riv_fail(t, "odd: %lld", (long long)*in) : 1;
}

struct heard {
    pthread_t driver;
    int64_t n, in_order, elsewhere;
    int64_t last;
    char warning[256];
};

static void hear(void *arg, const char *uid, riv_str record, const char *why)
{
    struct heard *heard = arg;
    int64_t v = -1;
    char want[40];
    assert_string_equal(uid, "odd_fails");
    heard->elsewhere += !pthread_equal(pthread_self(), heard->driver);
    (void)riv_to_i64(record, &v);
    snprintf(want, sizeof want, "odd: %lld", (long long)v);
    heard->in_order += v > heard->last && strcmp(why, want) == 0;
    heard->last = v;
    heard->n++;
}

static void keep_warning(void *arg, int level, const char *msg)
{
    struct heard *heard = arg;
    if (level == RIV_LOG_WARN && strstr(msg, "listener"))
        snprintf(heard->warning, sizeof heard->warning, "%s", msg);
}

static riv *context(struct heard *heard, int threads,
                    const riv_listener *listener)
{
    *heard = (struct heard){ .driver = pthread_self(), .last = -1 };
    return riv_new(RIV_CONFIG(.threads = threads, .listener = listener,
                              .log = keep_warning, .log_arg = heard));
}

static riv_ds *numbers(riv *r, size_t n)
{
    static int64_t rows[ROWS];
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = i;
    return riv_parallelize(r, &riv_type_int64_t, rows, n,
                           RIV_OPT(.partitions = PARTS));
}

/* Workers called it, in any order. */
static void the_driver_tells_of_records_in_their_order(void **state)
{
    struct heard heard;
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &heard,
                                    .record_failed = hear };
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(&heard, threads, &listener);
        int64_t n = 0;
        riv_ds *ds = riv_filter(numbers(r, 1000), odd_fails_fn,
                                RIV_OPT(.on_error = RIV_SKIP));
        assert_int_equal(riv_count_now(ds, &n), 0);
        assert_int_equal(n, 500);
        assert_int_equal(heard.n, 500);
        assert_int_equal(heard.in_order, 500);
        assert_int_equal(heard.elsewhere, 0);
        riv_free(r);
    }
}

static void of_very_many_records_the_rest_is_counted(void **state)
{
    struct heard heard;
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &heard,
                                    .record_failed = hear };
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(&heard, threads, &listener);
        int64_t n = 0;
        riv_ds *ds = riv_filter(numbers(r, ROWS), odd_fails_fn,
                                RIV_OPT(.on_error = RIV_SKIP));
        assert_int_equal(riv_count_now(ds, &n), 0);
        assert_int_equal(heard.n, 1000);
        assert_int_equal(heard.in_order, 1000);
        assert_non_null(strstr(heard.warning, "1500 more records"));
        riv_free(r);
    }
}

static _Atomic int failures;

RIV_MAP(shaky, int64_t, int64_t);
static int shaky(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = *in;
    return *in == 998 && atomic_fetch_sub(&failures, 1) > 0 ? RIV_EUNAVAIL : 0;
}

/* Nor do they count towards errors.max. */
static void records_of_a_failed_attempt_are_told_once(void **state)
{
    struct heard heard;
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .arg = &heard,
                                    .record_failed = hear };
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        riv *r = context(&heard, threads, &listener);
        riv_set(r, "errors.max", "500");
        int64_t n = 0;
        riv_ds *ds = riv_filter(numbers(r, 1000), odd_fails_fn,
                                RIV_OPT(.on_error = RIV_SKIP));
        atomic_store(&failures, 3);
        assert_int_equal(riv_count_now(riv_map(ds, shaky_fn, NULL), &n), 0);
        assert_int_equal(n, 500);
        assert_int_equal(heard.n, 500);
        riv_free(r);
        r = context(&heard, threads, &listener);
        riv_set(r, "errors.max", "499");
        ds = riv_filter(numbers(r, 1000), odd_fails_fn,
                        RIV_OPT(.on_error = RIV_SKIP));
        assert_int_equal(riv_count_now(ds, &n), RIV_ERECORD);
        error_has(r, RIV_ERECORD, "more than 499 bad records (errors.max)");
        riv_free(r);
    }
}

static int64_t refused[2], batches;

static void count_refused(void *arg, const riv_batch_info *info)
{
    (void)arg;
    refused[batches++ % 2] = info->records_bad;
}

RIV_FOREACH(ignore, int64_t);
static int ignore(const int64_t *in, riv_task *t)
{
    (void)in, (void)t;
    return 0;
}

/* The next batch runs on the same thread, in the same memory. */
static void a_batch_counts_its_own_refused_records_alone(void **state)
{
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .batch_completed = count_refused };
    const int64_t odd[] = { 1, 3, 4 }, even[] = { 2, 4 };
    (void)state;
    riv *r = riv_new(
        RIV_CONFIG(.threads = 1, .batch_ms = 1000, .listener = &listener));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_foreach(riv_filter(in, odd_fails_fn, RIV_OPT(.on_error = RIV_SKIP)),
                ignore_fn, NULL);
    assert_int_equal(riv_push(in, odd, RIV__LEN(odd)), 0);
    assert_int_equal(riv_step(r, 1), 0);
    assert_int_equal(riv_push(in, even, RIV__LEN(even)), 0);
    assert_int_equal(riv_step(r, 1), 0);
    assert_int_equal(batches, 2);
    assert_int_equal(refused[0], 2);
    assert_int_equal(refused[1], 0);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_driver_tells_of_records_in_their_order),
        cmocka_unit_test(of_very_many_records_the_rest_is_counted),
        cmocka_unit_test(records_of_a_failed_attempt_are_told_once),
        cmocka_unit_test(a_batch_counts_its_own_refused_records_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
