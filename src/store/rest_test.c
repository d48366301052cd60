/* store/rest_test.c - the storage thread keeps out of the way of a batch, but not
 * for ever. */
#include "store/rest.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct resting {
    struct riv_rest rest;
    atomic_bool over;
};

static void start(struct resting *r)
{
    riv__rest_init(&r->rest, riv__sys_real());
    atomic_init(&r->over, false);
    riv__rest_begin(&r->rest, RIV__REST_MS);
}

static void take(void *arg)
{
    struct resting *r = arg;
    riv__rest_take(&r->rest);
    atomic_store(&r->over, true);
}

static bool is_resting(struct riv_rest *rest)
{
    riv__lock(&rest->lock);
    const bool rests = rest->rests;
    riv__unlock(&rest->lock);
    return rests;
}

static void between_batches_nobody_rests(void **state)
{
    struct resting r;
    (void)state;
    start(&r);
    riv__rest_take(&r.rest);
    assert_false(riv__rest_work(&r.rest, true));
    assert_true(riv__rest_work(&r.rest, false));
    riv__rest_take(&r.rest);
    assert_int_equal(r.rest.left_ns, RIV__REST_MS * INT64_C(1000000));
    riv__rest_fini(&r.rest);
}

static void a_rest_lasts_as_long_as_the_batch(void **state)
{
    struct resting r;
    struct riv_thread thread;
    struct riv_err err = { 0 };
    (void)state;
    start(&r);
    r.rest.left_ns = INT64_C(3600) * 1000000000;
    riv__rest_work(&r.rest, true);
    assert_int_equal(riv__thread_start(&thread, "rests", take, &r, &err), 0);
    while (!is_resting(&r.rest))
        sched_yield();
    assert_false(atomic_load(&r.over));
    riv__rest_work(&r.rest, false);
    riv__thread_join(&thread);
    assert_true(atomic_load(&r.over));
    riv__rest_fini(&r.rest);
}

static _Atomic int64_t clock_ns;

static int64_t mono_set(struct riv_sys *sys)
{
    (void)sys;
    return atomic_load(&clock_ns);
}

/* However often it can pause: half an hour of an hour is left. */
static void what_was_rested_is_not_rested_again(void **state)
{
    const int64_t half_ns = INT64_C(1800) * 1000000000;
    struct resting r;
    struct riv_thread thread;
    struct riv_err err = { 0 };
    struct riv_sys sys = *riv__sys_real();
    (void)state;
    sys.mono_ns = mono_set;
    start(&r);
    r.rest.sys = &sys;
    r.rest.left_ns = 2 * half_ns;
    atomic_store(&clock_ns, riv__sys_real()->mono_ns(riv__sys_real()));
    (void)riv__rest_work(&r.rest, true);
    assert_int_equal(riv__thread_start(&thread, "rests", take, &r, &err), 0);
    while (!is_resting(&r.rest))
        sched_yield();
    atomic_fetch_add(&clock_ns, half_ns);
    (void)riv__rest_work(&r.rest, false);
    riv__thread_join(&thread);
    assert_int_equal(r.rest.left_ns, half_ns);
    riv__rest_fini(&r.rest);
}

static void a_batch_without_an_end_holds_nothing_up(void **state)
{
    struct resting r;
    (void)state;
    start(&r);
    r.rest.left_ns = 1;
    riv__rest_work(&r.rest, true);
    riv__rest_take(&r.rest);
    assert_true(r.rest.left_ns <= 0);
    riv__rest_take(&r.rest);
    riv__rest_begin(&r.rest, RIV__REST_MS);
    assert_true(r.rest.left_ns > 0);
    riv__rest_fini(&r.rest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(between_batches_nobody_rests),
        cmocka_unit_test(a_rest_lasts_as_long_as_the_batch),
        cmocka_unit_test(what_was_rested_is_not_rested_again),
        cmocka_unit_test(a_batch_without_an_end_holds_nothing_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
