/* stream/wheel_test.c - the ring of timeouts: in the first batch that is late
 * enough, not before, whatever the length of the ring and of a batch. */
#include "stream/wheel.h"

#include <stdlib.h>

#include "base/test.h"

/* All slots that a turn to `now` gives are late or put off; returns how many
 * are late, the last of them in *slot. */
static int late_at(struct riv_wheel *wheel, const int64_t *touched, int64_t now,
                   uint32_t *slot)
{
    const struct riv_spoke *list;
    int n = 0;
    while ((list = riv__wheel_turn(wheel, now)) != NULL) {
        for (size_t i = 0; i < list->n; i++) {
            uint32_t s = list->slot[i];
            if (!riv__wheel_is_late(wheel, touched[s], now)) {
                assert_int_equal(riv__wheel_put(wheel, s, touched[s]), 0);
                continue;
            }
            *slot = s;
            n++;
        }
    }
    return n;
}

RIV_TEST(a_key_is_late_in_the_first_batch_strictly_after_its_timeout)
{
    struct riv_wheel wheel;
    int64_t touched[] = { 1000 };
    uint32_t slot;
    assert_int_equal(riv__wheel_init(&wheel, 3000, 1000), 0);
    assert_int_equal(riv__wheel_put(&wheel, 0, 1000), 0);
    for (int64_t now = 1000; now <= 4000; now += 1000)
        assert_int_equal(late_at(&wheel, touched, now, &slot), 0);
    assert_int_equal(late_at(&wheel, touched, 5000, &slot), 1);
    assert_int_equal(late_at(&wheel, touched, 6000, &slot), 0);
    riv__wheel_fini(&wheel);
}

RIV_TEST(a_touched_key_is_put_off)
{
    struct riv_wheel wheel;
    int64_t touched[] = { 1000 };
    uint32_t slot;
    assert_int_equal(riv__wheel_init(&wheel, 2500, 1000), 0);
    assert_int_equal(riv__wheel_put(&wheel, 0, 1000), 0);
    touched[0] = 3000;
    for (int64_t now = 1000; now <= 5000; now += 1000)
        assert_int_equal(late_at(&wheel, touched, now, &slot), 0);
    assert_int_equal(late_at(&wheel, touched, 6000, &slot), 1);
    riv__wheel_fini(&wheel);
}

RIV_TEST(batches_that_were_merged_leave_nothing_behind)
{
    struct riv_wheel wheel;
    int64_t touched[] = { 1000, 2000, 9000 };
    uint32_t slot;
    assert_int_equal(riv__wheel_init(&wheel, 3000, 1000), 0);
    for (uint32_t s = 0; s < 3; s++)
        assert_int_equal(riv__wheel_put(&wheel, s, touched[s]), 0);
    assert_int_equal(late_at(&wheel, touched, 12000, &slot), 2);
    assert_int_equal(late_at(&wheel, touched, 100000, &slot), 1);
    assert_int_equal(slot, 2);
    riv__wheel_fini(&wheel);
}

/* The ring is shorter than the timeout: keys are looked at and put off. */
RIV_TEST(a_timeout_longer_than_the_ring_holds_to_the_batch)
{
    struct riv_wheel wheel;
    const int64_t timeout = 10000; /* in batches of 1 ms */
    int64_t touched[] = { 5 };
    uint32_t slot;
    assert_int_equal(riv__wheel_init(&wheel, timeout, 1), 0);
    assert_int_equal(wheel.nspoke, RIV__WHEEL_SPOKES_MAX);
    assert_int_equal(riv__wheel_put(&wheel, 0, 5), 0);
    for (int64_t now = 5; now <= timeout + 5; now++)
        assert_int_equal(late_at(&wheel, touched, now, &slot), 0);
    assert_int_equal(late_at(&wheel, touched, timeout + 6, &slot), 1);
    riv__wheel_fini(&wheel);
}

/* Random touches and steps of time: late exactly when a plain look at all keys
 * finds it late. */
RIV_TEST(random_touches_are_late_when_all_are_looked_at)
{
    enum { KEYS = 300 };
    static int64_t touched[KEYS];
    static bool on[KEYS];
    struct riv_wheel wheel;
    uint64_t seed = 3;
    int64_t now = 1000;
    assert_int_equal(riv__wheel_init(&wheel, 7300, 100), 0);
    for (int step = 0; step < 3000; step++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        now +=
            100 * (1 + (int64_t)((seed >> 60) == 0 ? (seed >> 40) % 200 : 0));
        for (int i = 0; i < 5; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            uint32_t k = (uint32_t)((seed >> 40) % KEYS);
            if (on[k] && riv__wheel_is_late(&wheel, touched[k], now))
                continue; /* it goes in this batch */
            touched[k] = now;
            if (!on[k])
                assert_int_equal(riv__wheel_put(&wheel, k, now), 0);
            on[k] = true;
        }
        int want = 0;
        for (int k = 0; k < KEYS; k++) {
            bool late = on[k] && riv__wheel_is_late(&wheel, touched[k], now);
            want += late;
            on[k] = on[k] && !late;
        }
        uint32_t slot;
        assert_int_equal(late_at(&wheel, touched, now, &slot), want);
    }
    riv__wheel_fini(&wheel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_key_is_late_in_the_first_batch_strictly_after_its_timeout),
        RIV_CASE(a_touched_key_is_put_off),
        RIV_CASE(batches_that_were_merged_leave_nothing_behind),
        RIV_CASE(a_timeout_longer_than_the_ring_holds_to_the_batch),
        RIV_CASE(random_touches_are_late_when_all_are_looked_at),
    };
    return RIV_RUN(tests);
}
