/* base/vec_test.c - growth, and refusing what cannot be. */
#include "base/vec.h"

#include <stdlib.h>

#include "base/test.h"

RIV_TEST(room_grows_by_doubling_and_keeps_the_elements)
{
    int *v = NULL;
    size_t cap = 0;
    unsigned moves = 0;
    for (size_t n = 0, before = 0; n < 1000; n++) {
        assert_int_equal(RIV__VEC_ROOM(v, cap, n + 1), 0);
        v[n] = (int)n;
        moves += cap != before;
        before = cap;
    }
    assert_in_range(moves, 1, 8);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(v[i], i);
    free(v);
}

RIV_TEST(enough_room_is_left_alone)
{
    int *v = NULL;
    size_t cap = 0;
    assert_int_equal(RIV__VEC_ROOM(v, cap, 0), 0);
    assert_null(v);
    assert_int_equal(RIV__VEC_ROOM(v, cap, 3), 0);
    const int *before = v;
    assert_int_equal(RIV__VEC_ROOM(v, cap, cap), 0);
    assert_ptr_equal(v, before);
    free(v);
}

RIV_TEST(what_is_too_much_changes_nothing)
{
    uint64_t *v = NULL;
    size_t cap = 0;
    assert_int_equal(RIV__VEC_ROOM(v, cap, 4), 0);
    uint64_t *before = v;
    size_t had = cap;
    assert_int_equal(RIV__VEC_ROOM(v, cap, SIZE_MAX), RIV_ENOMEM);
    assert_int_equal(RIV__VEC_ROOM(v, cap, SIZE_MAX / 4), RIV_ENOMEM);
    assert_int_equal(RIV__VEC_ROOM(v, cap, SIZE_MAX / 16), RIV_ENOMEM);
    assert_ptr_equal(v, before);
    assert_int_equal(cap, had);
    free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(room_grows_by_doubling_and_keeps_the_elements),
        RIV_CASE(enough_room_is_left_alone),
        RIV_CASE(what_is_too_much_changes_nothing),
    };
    return RIV_RUN(tests);
}
