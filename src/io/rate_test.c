/* io/rate_test.c - the estimator's limits and an input's allowance. Its numbers
 * are lines of tests/conformance/rates.jsonl. */
#include "io/rate.h"

#include "io/fixture.h"

enum { SECOND = 1000000000 };

static struct riv_settings with_rates(int64_t initial, int64_t most)
{
    struct riv_settings conf = fixture_conf();
    conf.interval_ms = 1000;
    conf.rate_control = true;
    conf.rate_initial = initial;
    conf.rate_max = most;
    conf.rate_min = 100;
    return conf;
}

static struct riv_rate rate_of(int64_t initial, int64_t most)
{
    struct riv_settings conf = with_rates(initial, most);
    struct riv_rate rate;
    assert_int_equal(riv__rate_init(&rate, &conf, NULL), 0);
    return rate;
}

/* A batch that took so much, and so long for it. */
static void batch(struct riv_rate *rate, int64_t second, uint64_t bytes,
                  double seconds)
{
    riv__rate_open(rate);
    riv__rate_took(rate, bytes);
    riv__rate_learn(rate, second * SECOND, (int64_t)(seconds * SECOND), 0);
}

static void gains_and_limits_out_of_range_are_refused(void **state)
{
    static const struct {
        struct riv_pid_conf conf;
        const char *what;
    } bad[] = {
        { { 0, 1, 2, 3, 10 }, "batch interval" },
        { { 100, -1, 2, 3, 10 }, "gains" },
        { { 100, 0, -1, 3, 10 }, "gains" },
        { { 100, 0, 0, -1, 10 }, "gains" },
        { { 100, 0, 0, 0, 0 }, "lowest rate" },
        { { 100, 0, 0, 0, -10 }, "lowest rate" },
    };
    const struct riv_pid_conf good = { 100, 0, 0, 0, 10 };
    struct riv_pid pid;
    (void)state;
    for (size_t i = 0; i < RIV__LEN(bad); i++) {
        struct riv_err err = { 0 };
        assert_int_equal(riv__pid_init(&pid, &bad[i].conf, &err), RIV_EINVAL);
        assert_non_null(strstr(err.text, bad[i].what));
    }
    assert_int_equal(riv__pid_init(&pid, &good, NULL), 0);
}

static void without_a_rate_a_batch_takes_all(void **state)
{
    struct riv_rate rate = rate_of(0, 0);
    (void)state;
    riv__rate_open(&rate);
    assert_true(riv__rate_left(&rate) == UINT64_MAX);
    riv__rate_took(&rate, 1 << 30);
    assert_true(riv__rate_left(&rate) == UINT64_MAX);
}

static void the_first_batches_have_a_cap_when_one_is_set(void **state)
{
    struct riv_rate rate = rate_of(5000, 0);
    (void)state;
    riv__rate_open(&rate);
    assert_int_equal(riv__rate_left(&rate), 5000);
    riv__rate_took(&rate, 2000);
    assert_int_equal(riv__rate_left(&rate), 3000);
    riv__rate_took(&rate, 3001); /* a line is not divided */
    assert_int_equal(riv__rate_left(&rate), 0);
}

static void no_rate_is_above_the_most(void **state)
{
    struct riv_rate rate = rate_of(0, 110);
    (void)state;
    assert_true(riv__rate_limit(&rate) == 110);
    rate.learned = 105;
    assert_true(riv__rate_limit(&rate) == 105);
    rate.learned = 120;
    assert_true(riv__rate_limit(&rate) == 110);
}

/* With some room: a batch is never exactly as fast as those before it. */
static void a_slow_job_is_given_what_it_can_do_in_an_interval(void **state)
{
    struct riv_rate rate = rate_of(0, 0);
    (void)state;
    batch(&rate, 10, 1000000, 10);
    batch(&rate, 12, 100000, 1);
    riv__rate_open(&rate);
    assert_int_equal(riv__rate_left(&rate), 85000);
    for (int i = 0; i < RIV__RATE_KEPT; i++)
        batch(&rate, 14 + i, 50000, 1);
    riv__rate_open(&rate);
    assert_int_equal(riv__rate_left(&rate), 42500);
}

/* Its speed is that of full caches. */
static void a_small_batch_tells_little_of_large_ones(void **state)
{
    struct riv_rate rate = rate_of(0, 0);
    (void)state;
    batch(&rate, 10, 100000, 1);
    batch(&rate, 11, 100000, 1);
    batch(&rate, 12, 10000, 0.01);
    riv__rate_open(&rate);
    assert_true(riv__rate_left(&rate) >= 85000);
    assert_true(riv__rate_left(&rate) < 100000);
}

/* Of a second it works for 850 ms, whatever the last ones let expect. */
static void a_batch_of_a_backlog_takes_pieces_while_it_has_time(void **state)
{
    enum { MS = 1000000, WAITING = 1000000 };
    struct riv_rate rate = rate_of(0, 0);
    (void)state;
    for (int i = 0; i < 3; i++)
        batch(&rate, 10 + i, 100000, 1);
    riv__rate_open(&rate);
    assert_true(riv__rate_pace(&rate, 0, WAITING));
    assert_int_equal(riv__rate_left(&rate), 85000 / 4);
    riv__rate_took(&rate, 85000 / 4);
    assert_int_equal(riv__rate_left(&rate), 0);
    assert_true(riv__rate_pace(&rate, 250 * MS, WAITING));
    assert_int_equal(riv__rate_left(&rate), 85000 / 4);
    riv__rate_took(&rate, 85000 / 4);
    assert_true(riv__rate_pace(&rate, 600 * MS, WAITING)); /* 71 a ms */
    assert_in_range(riv__rate_left(&rate), 17000, 18000);
    assert_false(riv__rate_pace(&rate, 800 * MS, WAITING));
    assert_int_equal(riv__rate_left(&rate), 0);
    riv__rate_open(&rate);
    assert_int_equal(riv__rate_left(&rate), 85000);
}

static void a_batch_that_is_far_from_its_rate_is_not_divided(void **state)
{
    struct riv_rate rate = rate_of(5000, 0);
    (void)state;
    riv__rate_open(&rate);
    assert_false(riv__rate_pace(&rate, 0, 1000000)); /* nothing is known */
    assert_int_equal(riv__rate_left(&rate), 5000);
    for (int i = 0; i < 3; i++)
        batch(&rate, 10 + i, 100000, 1);
    riv__rate_open(&rate);
    assert_false(riv__rate_pace(&rate, 0, 60000));
    assert_int_equal(riv__rate_left(&rate), 85000);
    assert_true(riv__rate_pace(&rate, 0, 64000));
}

/* A queue that goes away by itself is none. */
static void one_batch_that_began_late_does_not_lower_the_rate(void **state)
{
    struct riv_rate rate = rate_of(0, 0);
    (void)state;
    for (int i = 0; i < 3; i++)
        batch(&rate, 10 + i, 100000, 0.5);
    const double before = riv__rate_limit(&rate);
    riv__rate_open(&rate);
    riv__rate_took(&rate, 100000);
    riv__rate_learn(&rate, 14 * (int64_t)SECOND, SECOND / 2, SECOND);
    assert_true(riv__rate_limit(&rate) == before);
}

static void one_batch_that_was_held_up_does_not_lower_the_rate(void **state)
{
    struct riv_rate rate = rate_of(0, 0);
    (void)state;
    for (int i = 0; i < 3; i++)
        batch(&rate, 10 + i, 100000, 0.5);
    batch(&rate, 14, 1000, 0.9);
    assert_true(riv__rate_limit(&rate) == 170000);
}

static void batches_without_data_teach_nothing(void **state)
{
    struct riv_rate rate = rate_of(0, 0);
    (void)state;
    for (int i = 0; i < 3; i++)
        batch(&rate, 10 + i, 100000, 0.5);
    for (int i = 0; i < 100; i++)
        batch(&rate, 20 + i, 0, 0.0001);
    assert_true(riv__rate_limit(&rate) == 170000);
}

static void control_that_is_off_learns_nothing(void **state)
{
    struct riv_settings conf = with_rates(0, 0);
    struct riv_rate rate;
    (void)state;
    conf.rate_control = false;
    assert_int_equal(riv__rate_init(&rate, &conf, NULL), 0);
    for (int i = 0; i < 3; i++)
        batch(&rate, 10 + i, 100, 10);
    assert_true(riv__rate_limit(&rate) == 0);
}

/* A part of a byte is none, and none would be for ever. */
static void a_rate_below_a_byte_a_batch_lets_one_in(void **state)
{
    struct riv_settings conf = with_rates(5, 0);
    struct riv_rate rate;
    (void)state;
    conf.interval_ms = 10;
    assert_int_equal(riv__rate_init(&rate, &conf, NULL), 0);
    riv__rate_open(&rate);
    assert_int_equal(riv__rate_left(&rate), 1);
}

/* What a job could take does not change by its restart; the estimator begins anew
 * all the same, and what it learns then counts. */
static void what_an_earlier_run_learned_bounds_the_first_batch(void **state)
{
    struct riv_rate rate = rate_of(50, 0);
    (void)state;
    assert_int_equal(riv__rate_learned(&rate), 0);
    riv__rate_recall(&rate, 0); /* it had learned nothing */
    assert_true(riv__rate_limit(&rate) == 50);
    riv__rate_recall(&rate, 70000);
    assert_true(riv__rate_limit(&rate) == 70000);
    riv__rate_open(&rate);
    assert_int_equal(riv__rate_left(&rate), 70000);
    for (int i = 0; i < 3; i++)
        batch(&rate, 10 + i, 1000000, 0.5);
    assert_int_equal(riv__rate_learned(&rate), 1700000);
    rate = rate_of(0, 60000);
    riv__rate_recall(&rate, 70000);
    assert_true(riv__rate_limit(&rate) == 60000);
}

static void what_was_taken_is_off_the_bound_too(void **state)
{
    struct riv_rate rate = rate_of(0, 0);
    (void)state;
    riv__rate_open(&rate);
    riv__rate_bound(&rate, 10);
    riv__rate_took(&rate, 4);
    assert_int_equal(riv__rate_left(&rate), 6);
    riv__rate_took(&rate, 7);
    assert_int_equal(riv__rate_left(&rate), 0);
}

/* What waits has to be made good. */
static void batches_that_begin_late_lower_the_rate(void **state)
{
    struct riv_rate rate[2] = { rate_of(0, 0), rate_of(0, 0) };
    const int64_t second = 1000000000;
    (void)state;
    for (int late = 0; late < 2; late++)
        for (int i = 0; i < 3; i++) {
            riv__rate_open(&rate[late]);
            riv__rate_took(&rate[late], 100000);
            riv__rate_learn(&rate[late], (10 + i) * second, second / 2,
                            late * second);
        }
    assert_true(riv__rate_limit(&rate[1]) < riv__rate_limit(&rate[0]));
}

/* Partitions that have little get their share, however much another has. */
static void no_partition_starves_beside_a_large_one(void **state)
{
    const struct riv_share_conf conf = { .batch_ms = 1000,
                                         .rate = 1000,
                                         .at_least = 1 };
    const int64_t lag[] = { 10000000, 100000, 3, 0 };
    const double most[4] = { 0 };
    int64_t n[4];
    (void)state;
    assert_true(riv__rate_shares(&conf, lag, most, 4, n));
    assert_int_equal(n[0], 990);
    assert_int_equal(n[1], 9);
    assert_int_equal(n[2], 1);
    assert_int_equal(n[3], 1);
    const double bound[] = { 500, 500, 500, 500 };
    assert_true(riv__rate_shares(&conf, lag, bound, 4, n));
    assert_int_equal(n[0], 500);
    assert_int_equal(n[1], 9);
}

/* Files of a folder, and rows that were pushed, belong together. */
static void a_rate_that_is_fixed_learns_nothing(void **state)
{
    struct riv_rate rate = rate_of(50, 0);
    (void)state;
    riv__rate_fix(&rate);
    riv__rate_recall(&rate, 70000);
    for (int i = 0; i < 3; i++)
        batch(&rate, 10 + i, 100000, 1);
    assert_true(riv__rate_limit(&rate) == 0);
    riv__rate_open(&rate);
    assert_true(riv__rate_left(&rate) == UINT64_MAX);
    rate = rate_of(0, 200);
    riv__rate_fix(&rate);
    assert_true(riv__rate_limit(&rate) == 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gains_and_limits_out_of_range_are_refused),
        cmocka_unit_test(without_a_rate_a_batch_takes_all),
        cmocka_unit_test(the_first_batches_have_a_cap_when_one_is_set),
        cmocka_unit_test(no_rate_is_above_the_most),
        cmocka_unit_test(a_slow_job_is_given_what_it_can_do_in_an_interval),
        cmocka_unit_test(a_small_batch_tells_little_of_large_ones),
        cmocka_unit_test(a_batch_of_a_backlog_takes_pieces_while_it_has_time),
        cmocka_unit_test(a_batch_that_is_far_from_its_rate_is_not_divided),
        cmocka_unit_test(one_batch_that_was_held_up_does_not_lower_the_rate),
        cmocka_unit_test(one_batch_that_began_late_does_not_lower_the_rate),
        cmocka_unit_test(batches_without_data_teach_nothing),
        cmocka_unit_test(a_rate_below_a_byte_a_batch_lets_one_in),
        cmocka_unit_test(what_an_earlier_run_learned_bounds_the_first_batch),
        cmocka_unit_test(control_that_is_off_learns_nothing),
        cmocka_unit_test(a_rate_that_is_fixed_learns_nothing),
        cmocka_unit_test(no_partition_starves_beside_a_large_one),
        cmocka_unit_test(what_was_taken_is_off_the_bound_too),
        cmocka_unit_test(batches_that_begin_late_lower_the_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
