/* base/buf_test.c - appending, the limit, and the error that sticks. */
#include "base/buf.h"

#include <math.h>

#include "base/test.h"

RIV_TEST(everything_is_appended_in_order)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    riv__buf_str(&buf, "a=");
    riv__buf_i64(&buf, -5);
    riv__buf_char(&buf, ',');
    riv__buf_u64(&buf, UINT64_MAX);
    riv__buf_add(&buf, ";xx", 1);
    riv__buf_f64(&buf, 0.5);
    riv__buf_printf(&buf, " %s-%d", "t", 3);
    riv__buf_add(&buf, NULL, 0);
    assert_int_equal(buf.failed, 0);
    assert_text_n(buf.p, buf.n, "a=-5,18446744073709551615;0.5 t-3");
    riv__buf_fini(&buf);
}

RIV_TEST(a_full_buffer_takes_nothing_more_until_it_is_reset)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 10);
    riv__buf_str(&buf, "12345678");
    riv__buf_str(&buf, "abc");
    assert_int_equal(buf.failed, RIV_ENOMEM);
    riv__buf_char(&buf, 'x'); /* would fit, but then a hole would show */
    riv__buf_printf(&buf, "x");
    assert_null(riv__buf_room(&buf, 1));
    assert_text_n(buf.p, buf.n, "12345678");
    riv__buf_reset(&buf);
    riv__buf_str(&buf, "1234567890");
    assert_int_equal(buf.failed, 0);
    assert_text_n(buf.p, buf.n, "1234567890");
    riv__buf_fini(&buf);
}

RIV_TEST(the_limit_can_be_filled_to_the_last_byte)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 1000);
    for (int i = 0; i < 1000; i++)
        riv__buf_char(&buf, 'x');
    assert_int_equal(buf.failed, 0);
    assert_in_range(buf.cap, 1000, 1000);
    riv__buf_char(&buf, 'x');
    assert_int_equal(buf.failed, RIV_ENOMEM);
    assert_int_equal(buf.n, 1000);
    riv__buf_fini(&buf);
}

RIV_TEST(room_that_nobody_can_give_is_null)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    riv__buf_char(&buf, 'x');
    assert_null(riv__buf_room(&buf, SIZE_MAX));
    assert_int_equal(buf.failed, RIV_ENOMEM);
    riv__buf_fini(&buf);
}

RIV_TEST(room_for_nothing_is_a_place)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    assert_non_null(riv__buf_room(&buf, 0));
    assert_int_equal(buf.failed, 0);
    riv__buf_fini(&buf);
}

RIV_TEST(a_reset_keeps_the_memory_and_fini_gives_it_back)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    riv__buf_str(&buf, "text");
    const char *before = buf.p;
    riv__buf_reset(&buf);
    riv__buf_str(&buf, "more");
    assert_ptr_equal(buf.p, before);
    riv__buf_fini(&buf);
    assert_null(buf.p);
    riv__buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(everything_is_appended_in_order),
        RIV_CASE(a_full_buffer_takes_nothing_more_until_it_is_reset),
        RIV_CASE(the_limit_can_be_filled_to_the_last_byte),
        RIV_CASE(room_that_nobody_can_give_is_null),
        RIV_CASE(room_for_nothing_is_a_place),
        RIV_CASE(a_reset_keeps_the_memory_and_fini_gives_it_back),
    };
    return RIV_RUN(tests);
}
