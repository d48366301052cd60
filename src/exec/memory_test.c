/* exec/memory_test.c - the shares of memory.limit, and when there is too much, in
 * a world that says what the process has. */
#include "exec/memory.h"

#include "exec/fixture.h"

static int64_t has;      /* MiB */
static int64_t unneeded; /* of them, MiB: given back when that is asked for */

static int64_t says(struct riv_sys *sys, bool gives_back)
{
    (void)sys;
    if (gives_back) {
        has -= unneeded;
        unneeded = 0;
    }
    return has << 20;
}

static void limited(struct bench *b, int64_t mib)
{
    bench_init(b, 1);
    b->sys.memory = says;
    b->conf.settings.memory_bytes_max = mib << 20;
    unneeded = 0;
}

static void inputs_and_kept_rows_get_their_shares(void **state)
{
    struct riv_conf conf;
    (void)state;
    riv__conf_init(&conf);
    riv__memory_share(&conf.settings, 2);
    assert_int_equal(conf.settings.buffer_bytes, 32 << 20);
    conf.settings.memory_bytes_max = 128 << 20;
    riv__memory_share(&conf.settings, 2);
    assert_int_equal(conf.settings.buffer_bytes, 4 << 20);
    assert_int_equal(conf.settings.kafka_buffer_bytes, 4 << 20);
    assert_int_equal(conf.settings.cache_bytes, 32 << 20);
    riv__memory_share(&conf.settings, 1000);
    assert_int_equal(conf.settings.buffer_bytes, 256 << 10);
    conf.settings.memory_bytes_max = INT64_C(1) << 40;
    riv__memory_share(&conf.settings, 1); /* it makes nothing larger */
    assert_int_equal(conf.settings.buffer_bytes, 256 << 10);
}

static void above_half_of_it_what_can_wait_waits(void **state)
{
    struct bench b;
    (void)state;
    limited(&b, 100);
    has = 50;
    assert_false(riv__memory_is_tight(&b.exec));
    has = 51;
    assert_true(riv__memory_is_tight(&b.exec));
    bench_fini(&b);
}

static void a_batch_may_have_five_percent_more_but_keep_nothing_of_it(
    void **state)
{
    struct bench b;
    (void)state;
    limited(&b, 100);
    has = 100;
    assert_int_equal(riv__memory_settle(&b.exec, &b.err), 0);
    has = 105;
    assert_int_equal(riv__memory_check(&b.exec, &b.err), 0);
    assert_int_equal(riv__memory_settle(&b.exec, &b.err), RIV_ENOMEM);
    assert_non_null(strstr(b.err.text, "105 MiB after a batch"));
    has = 106;
    assert_int_equal(riv__memory_check(&b.exec, &b.err), RIV_ENOMEM);
    assert_non_null(strstr(b.err.text, "memory.limit is 100 MiB"));
    bench_fini(&b);
}

static void what_nobody_uses_is_given_back_first(void **state)
{
    struct bench b;
    (void)state;
    limited(&b, 100);
    has = 180;
    unneeded = 90;
    assert_int_equal(riv__memory_check(&b.exec, &b.err), 0);
    assert_int_equal(has, 90);
    bench_fini(&b);
}

static void without_a_limit_nobody_is_asked(void **state)
{
    struct bench b;
    (void)state;
    limited(&b, 0);
    has = 1 << 20;
    assert_false(riv__memory_is_tight(&b.exec));
    assert_int_equal(riv__memory_check(&b.exec, &b.err), 0);
    assert_int_equal(riv__memory_settle(&b.exec, &b.err), 0);
    b.conf.settings.memory_bytes_max = 1;
    b.sys.memory = NULL; /* a world that does not know */
    assert_int_equal(riv__memory_check(&b.exec, &b.err), 0);
    bench_fini(&b);
}

static void a_job_ends_between_two_waves_when_it_has_too_much(void **state)
{
    struct bench b;
    (void)state;
    limited(&b, 100);
    has = 200;
    assert_int_equal(bench_try(&b, bench_lines(&b, "a\nb\n")), RIV_ENOMEM);
    assert_non_null(strstr(b.err.text, "in the middle of a batch"));
    bench_fini(&b);
}

static int seen, seen_before, most_in_a_wave;

/* Looked at when the tasks of a wave have run. */
static int64_t counts_wave(struct riv_sys *sys, bool gives_back)
{
    (void)sys, (void)gives_back;
    if (seen - seen_before > most_in_a_wave)
        most_in_a_wave = seen - seen_before;
    seen_before = seen;
    return has << 20;
}

RIV_FILTER(see, int64_t);
static int see(const int64_t *x, riv_task *t)
{
    (void)x, (void)t;
    seen++;
    return 1;
}

/* A wave of 16 tasks took four times what memory.limit says, although what it
 * made went to disk right behind it. */
static void waves_are_small_until_it_is_known_what_they_take(void **state)
{
    static const struct {
        int64_t has;
        int most;
    } each[] = { { 10, 32 }, { 30, 1 }, { 80, 1 } };
    int64_t rows[64] = { 0 };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(each); i++) {
        struct bench b;
        limited(&b, 100);
        b.sys.memory = counts_wave;
        has = each[i].has;
        seen = seen_before = most_in_a_wave = 0;
        riv_ds *in = bench_rows(&b, &riv_type_int64_t, rows, 64, 64);
        assert_int_equal(bench_try(&b, riv_filter(in, see_fn, NULL)), 0);
        assert_int_equal(seen, 64);
        assert_int_equal(most_in_a_wave, each[i].most);
        bench_fini(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_and_kept_rows_get_their_shares),
        cmocka_unit_test(above_half_of_it_what_can_wait_waits),
        cmocka_unit_test(
            a_batch_may_have_five_percent_more_but_keep_nothing_of_it),
        cmocka_unit_test(what_nobody_uses_is_given_back_first),
        cmocka_unit_test(without_a_limit_nobody_is_asked),
        cmocka_unit_test(waves_are_small_until_it_is_known_what_they_take),
        cmocka_unit_test(a_job_ends_between_two_waves_when_it_has_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
