/* stream/due_test.c - which ticks may be merged. */
#include "stream/due.h"

#include "base/test.h"

enum { OPS = 4 };

struct fix {
    struct riv_settings conf;
    struct riv_exec exec;
    struct riv_ds ds[OPS];
    struct riv_op op[OPS], *ops[OPS];
    struct riv_plan plan;
    struct riv_due due;
};

/* Operators with these slides, under an interval of 10. */
static void begin(struct fix *fix, const int64_t slides[OPS])
{
    *fix = (struct fix){ .conf = { .interval_ms = 10 } };
    fix->exec.conf = &fix->conf;
    fix->plan = (struct riv_plan){ .exec = &fix->exec, .op = fix->ops };
    for (int i = 0; i < OPS; i++) {
        fix->ds[i].slide_ms = slides[i];
        fix->op[i].ds = &fix->ds[i];
        fix->ops[i] = &fix->op[i];
        fix->plan.nop++;
    }
    assert_int_equal(riv__due_init(&fix->due, &fix->plan, NULL), 0);
}

RIV_TEST(slides_of_one_interval_hold_nobody_up)
{
    struct fix fix;
    begin(&fix, (int64_t[]){ 0, 10, 0, 10 });
    riv__due_ran(&fix.due, 10, true);
    assert_int_equal(fix.due.n, 0);
    assert_int_equal(riv__due_until(&fix.due, 20, 1000), 1000);
    riv__due_fini(&fix.due);
}

/* Tumbling windows of 50: what came at 10 and 20 is shown at 50, or never. */
RIV_TEST(a_window_with_unseen_records_is_not_passed_over)
{
    struct fix fix;
    begin(&fix, (int64_t[]){ 50, 0, 50, 0 });
    riv__due_ran(&fix.due, 10, true);
    assert_int_equal(riv__due_until(&fix.due, 20, 40), 40);
    assert_int_equal(riv__due_until(&fix.due, 20, 50), 50);
    assert_int_equal(riv__due_until(&fix.due, 20, 1000), 50);
    assert_int_equal(riv__due_until(&fix.due, 50, 1000), 50);
    riv__due_ran(&fix.due, 50, true);
    assert_int_equal(riv__due_until(&fix.due, 60, 1000), 1000);
    riv__due_ran(&fix.due, 1000, false);
    riv__due_ran(&fix.due, 1010, false);
    assert_int_equal(riv__due_until(&fix.due, 1020, 2000), 2000);
    riv__due_fini(&fix.due);
}

/* After a pause of any length: one batch for each slide, and then the clock is
 * free. An empty batch on the way opens no window again. */
RIV_TEST(a_long_pause_costs_one_batch_for_each_slide)
{
    struct fix fix;
    int64_t time = 10;
    int batches = 0;
    begin(&fix, (int64_t[]){ 20, 30, 70, 30 });
    assert_int_equal(fix.due.n, 3);
    riv__due_ran(&fix.due, time, true);
    for (bool data = true; time < 1000000; data = false, batches++) {
        time = riv__due_until(&fix.due, time + 10, 1000000);
        riv__due_ran(&fix.due, time, data);
    }
    assert_in_range(batches, 2, 6);
    riv__due_fini(&fix.due);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(slides_of_one_interval_hold_nobody_up),
        RIV_CASE(a_window_with_unseen_records_is_not_passed_over),
        RIV_CASE(a_long_pause_costs_one_batch_for_each_slide),
    };
    return RIV_RUN(tests);
}
