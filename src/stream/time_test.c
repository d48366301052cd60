/* stream/time_test.c - the arithmetic on batch times. */
#include "stream/time.h"

#include "base/test.h"

/* The multiple at or before a time: an interval before the next one. */
static int64_t floor_of(int64_t ms, int64_t interval_ms)
{
    return riv__time_next(ms, interval_ms) - interval_ms;
}

RIV_TEST(ti_05_times_are_cut_down_to_multiples)
{
    assert_int_equal(floor_of(1350, 200), 1200);
    assert_int_equal(floor_of(1200, 200), 1200);
    assert_int_equal(floor_of(199, 200), 0);
    assert_int_equal(floor_of(1, 1), 1);
}

RIV_TEST(only_whole_intervals_count_as_missed)
{
    assert_int_equal(riv__time_missed(-5, 100), 0);
    assert_int_equal(riv__time_missed(99999999, 100), 0);
    assert_int_equal(riv__time_missed(100000000, 100), 1);
    assert_int_equal(riv__time_missed(350000000, 100), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(ti_05_times_are_cut_down_to_multiples),
        RIV_CASE(only_whole_intervals_count_as_missed),
    };
    return RIV_RUN(tests);
}
