/* sys/clock_test.c - time that moves only when told, over a real world that
 * stays reachable. */
#include "sys/clock.h"

#include <string.h>

#include "base/test.h"
#include "sys/thread.h"

RIV_TEST(time_stands_still_until_it_is_moved)
{
    struct riv_manual_clock clock;
    riv__manual_clock_init(&clock, riv__sys_real(), 1000);
    struct riv_sys *sys = &clock.sys;
    assert_string_equal(sys->name, "manual");
    assert_int_equal(sys->mono_ns(sys), 0);
    assert_int_equal(sys->wall_ms(sys), 1000);
    riv__manual_clock_advance(&clock, 250);
    riv__manual_clock_advance(&clock, 0);
    assert_int_equal(sys->mono_ns(sys), 250000000);
    assert_int_equal(sys->wall_ms(sys), 1250);
    assert_int_equal(riv__sys_us(sys), 250000);
}

RIV_TEST(a_wait_with_a_limit_returns_at_once)
{
    struct riv_manual_clock clock;
    struct riv_wake wake;
    riv__manual_clock_init(&clock, riv__sys_real(), 0);
    struct riv_sys *sys = &clock.sys;
    assert_int_equal(sys->wake_open(sys, &wake), 0);
    assert_int_equal(sys->poll(sys, NULL, 0, &wake, INT64_MAX - 1), 0);
    assert_int_equal(sys->poll(sys, NULL, 0, &wake, -1), 0);
    assert_int_equal(sys->mono_ns(sys), 0);
    sys->wake_close(sys, &wake);
}

RIV_TEST(what_is_ready_is_seen_and_the_wake_lowered)
{
    struct riv_manual_clock clock;
    struct riv_wake wake, other;
    riv__manual_clock_init(&clock, riv__sys_real(), 0);
    struct riv_sys *sys = &clock.sys;
    assert_int_equal(sys->wake_open(sys, &wake), 0);
    assert_int_equal(sys->wake_open(sys, &other), 0);
    struct riv_pollfd fd = { .fd = other.fd, .events = RIV__POLL_IN };
    sys->wake_raise(sys, &other);
    sys->wake_raise(sys, &wake);
    assert_int_equal(sys->poll(sys, &fd, 1, &wake, 5), 1);
    assert_int_equal(fd.revents, RIV__POLL_IN);
    fd.fd = wake.fd;
    assert_int_equal(sys->poll(sys, &fd, 1, NULL, 5), 0);
    sys->wake_close(sys, &wake);
    sys->wake_close(sys, &other);
}

struct waker {
    struct riv_sys *sys;
    struct riv_wake wake;
    _Atomic bool raised;
};

static void raise_wake(void *arg)
{
    struct waker *self = arg;
    atomic_store(&self->raised, true);
    self->sys->wake_raise(self->sys, &self->wake);
}

RIV_TEST(a_wait_without_a_limit_waits_for_the_wake)
{
    struct riv_manual_clock clock;
    struct riv_thread thread;
    riv__manual_clock_init(&clock, riv__sys_real(), 0);
    struct waker waker = { .sys = &clock.sys };
    struct riv_sys *sys = &clock.sys;
    assert_int_equal(sys->wake_open(sys, &waker.wake), 0);
    assert_int_equal(
        riv__thread_start(&thread, "waker", raise_wake, &waker, NULL), 0);
    assert_int_equal(sys->poll(sys, NULL, 0, &waker.wake, INT64_MAX), 0);
    assert_true(atomic_load(&waker.raised));
    struct riv_pollfd fd = { .fd = waker.wake.fd, .events = RIV__POLL_IN };
    assert_int_equal(sys->poll(sys, &fd, 1, NULL, 0), 0);
    riv__thread_join(&thread);
    sys->wake_close(sys, &waker.wake);
}

/* A world under the clock that has state of its own: what is not replaced must
 * still find it. */
static int seven(struct riv_sys *sys)
{
    return *(int *)sys->self;
}

RIV_TEST(the_world_below_keeps_its_state)
{
    struct riv_sys below = *riv__sys_real();
    int state = 7;
    below.self = &state;
    below.cores = seven;
    struct riv_manual_clock clock;
    riv__manual_clock_init(&clock, &below, 0);
    assert_int_equal(clock.sys.cores(&clock.sys), 7);
}

static void advance(void *arg)
{
    for (int i = 0; i < 1000; i++)
        riv__manual_clock_advance(arg, 1);
}

RIV_TEST(threads_may_move_the_clock_and_read_it)
{
    struct riv_manual_clock clock;
    struct riv_thread thread[2];
    riv__manual_clock_init(&clock, riv__sys_real(), 0);
    struct riv_sys *sys = &clock.sys;
    for (size_t i = 0; i < RIV__LEN(thread); i++)
        assert_int_equal(
            riv__thread_start(&thread[i], "mover", advance, &clock, NULL), 0);
    for (int64_t before = 0, i = 0; i < 1000; i++) {
        int64_t now = sys->mono_ns(sys);
        assert_true(now >= before);
        before = now;
    }
    for (size_t i = 0; i < RIV__LEN(thread); i++)
        riv__thread_join(&thread[i]);
    assert_int_equal(sys->wall_ms(sys), 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(time_stands_still_until_it_is_moved),
        RIV_CASE(a_wait_with_a_limit_returns_at_once),
        RIV_CASE(what_is_ready_is_seen_and_the_wake_lowered),
        RIV_CASE(a_wait_without_a_limit_waits_for_the_wake),
        RIV_CASE(the_world_below_keeps_its_state),
        RIV_CASE(threads_may_move_the_clock_and_read_it),
    };
    return RIV_RUN(tests);
}
