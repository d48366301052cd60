/* base/point_test.c - points with and without somebody who looks. */
#include "base/point.h"

#include "base/test.h"

struct looker {
    struct riv_point_hook hook;
    const char *seen;
    int count;
};

static void look(struct riv_point_hook *hook, const char *name)
{
    struct looker *looker = RIV__CONTAINER(hook, struct looker, hook);
    looker->seen = name;
    looker->count++;
}

static void step(void)
{
    RIV_POINT("test.before_step");
    RIV_POINT("test.after_step");
}

RIV_TEST(a_point_without_a_hook_is_passed)
{
    assert_null(riv__point_hook);
    step();
}

RIV_TEST(a_hook_sees_the_names_in_order)
{
    struct looker looker = { .hook = { look } };
    riv__point_hook = &looker.hook;
    step();
    riv__point_hook = NULL;
    assert_int_equal(looker.count, 2);
    assert_string_equal(looker.seen, "test.after_step");
    step();
    assert_int_equal(looker.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_point_without_a_hook_is_passed),
        RIV_CASE(a_hook_sees_the_names_in_order),
    };
    return RIV_RUN(tests);
}
