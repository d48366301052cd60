/* base/arena_test.c - pieces, alignment, slack, and what a reset keeps. */
#include "base/arena.h"

#include <stdbool.h>
#include <string.h>

#include "base/test.h"

static bool is_aligned(const void *p)
{
    return (uintptr_t)p % 16 == 0;
}

RIV_TEST(an_arena_that_is_not_used_holds_nothing)
{
    struct riv_arena arena;
    riv__arena_init(&arena, 0);
    assert_int_equal(arena.total_bytes, 0);
    riv__arena_reset(&arena, 0);
    riv__arena_fini(&arena);
    riv__arena_fini(&arena);
}

RIV_TEST(allocations_are_aligned_and_do_not_overlap)
{
    struct riv_arena arena;
    unsigned char *p[300];
    riv__arena_init(&arena, 256);
    for (size_t i = 0; i < RIV__LEN(p); i++) {
        if (i % 3 == 0)
            riv__arena_bytes(&arena, 1 + i % 7);
        p[i] = riv__arena_alloc(&arena, i);
        assert_non_null(p[i]);
        assert_true(is_aligned(p[i]));
        memset(p[i], (int)(i & 0xff), i);
    }
    for (size_t i = 0; i < RIV__LEN(p); i++)
        for (size_t k = 0; k < i; k++)
            assert_int_equal(p[i][k], i & 0xff);
    riv__arena_fini(&arena);
}

/* Run under ASan this proves the promise of arena.h: whatever fits last, the
 * bytes after it can be read. */
RIV_TEST(after_every_allocation_the_slack_can_be_read)
{
    struct riv_arena arena;
    volatile char sink = 0;
    riv__arena_init(&arena, 256);
    for (size_t n = 1; n < 600; n++) {
        const char *p = riv__arena_bytes(&arena, n);
        assert_non_null(p);
        memset(arena.end, 1, RIV__SLACK);
        sink = p[n - 1 + RIV__SLACK];
    }
    char *large = riv__arena_alloc(&arena, 1000000);
    memset(large, 1, 1000000 + RIV__SLACK);
    (void)sink;
    riv__arena_fini(&arena);
}

RIV_TEST(a_large_allocation_leaves_the_current_piece_in_use)
{
    struct riv_arena arena;
    riv__arena_init(&arena, 1024);
    const char *first = riv__arena_bytes(&arena, 10);
    assert_non_null(riv__arena_alloc(&arena, 100000));
    assert_ptr_equal(riv__arena_bytes(&arena, 10), first + 10);
    riv__arena_fini(&arena);
}

/* Allocations a little above the first size once would have asked malloc for
 * each, because only ordinary pieces doubled. */
RIV_TEST(many_large_allocations_share_pieces)
{
    struct riv_arena arena;
    unsigned pieces = 0;
    riv__arena_init(&arena, 256);
    for (size_t i = 0, total = 0; i < 1000; i++) {
        assert_non_null(riv__arena_alloc(&arena, 5000));
        pieces += arena.total_bytes != total;
        total = arena.total_bytes;
    }
    assert_in_range(pieces, 1, 15);
    riv__arena_fini(&arena);
}

RIV_TEST(an_allocation_that_nobody_can_give_is_null)
{
    struct riv_arena arena;
    riv__arena_init(&arena, 0);
    const char *p = riv__arena_bytes(&arena, 3);
    assert_null(riv__arena_alloc(&arena, SIZE_MAX));
    assert_null(riv__arena_alloc(&arena, SIZE_MAX - 64));
    assert_null(riv__arena_bytes(&arena, SIZE_MAX - 15));
    assert_null(riv__arena_copy(&arena, p, SIZE_MAX));
    assert_ptr_equal(riv__arena_bytes(&arena, 1), p + 3);
    riv__arena_fini(&arena);
}

RIV_TEST(a_steady_load_stops_allocating)
{
    struct riv_arena arena;
    size_t total = 0, grown = 0;
    riv__arena_init(&arena, 256);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 500; i++)
            assert_non_null(riv__arena_alloc(&arena, 100));
        grown = arena.total_bytes - total;
        riv__arena_reset(&arena, 1 << 20);
        total = arena.total_bytes;
    }
    assert_int_equal(grown, 0);
    riv__arena_fini(&arena);
}

RIV_TEST(a_reset_keeps_at_most_what_it_is_told)
{
    struct riv_arena arena;
    riv__arena_init(&arena, 256);
    for (int i = 0; i < 1000; i++)
        assert_non_null(riv__arena_alloc(&arena, 1000));
    riv__arena_reset(&arena, 100000);
    assert_in_range(arena.total_bytes, 1, 100000);
    assert_in_range(arena.piece_bytes, 1, 100000);
    riv__arena_reset(&arena, 0);
    assert_int_equal(arena.total_bytes, 0);
    assert_non_null(riv__arena_alloc(&arena, 5));
    assert_in_range(arena.total_bytes, 1, 1024);
    riv__arena_fini(&arena);
}

RIV_TEST(copies_end_in_nul_and_zeroed_memory_is_zero)
{
    struct riv_arena arena;
    riv__arena_init(&arena, 0);
    memset(riv__arena_bytes(&arena, 500), 'x', 500);
    riv__arena_reset(&arena, SIZE_MAX);
    const char *zero = riv__arena_zalloc(&arena, 100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(zero[i], 0);
    assert_string_equal(riv__arena_copy(&arena, "hello", 4), "hell");
    assert_string_equal(riv__arena_copy(&arena, NULL, 0), "");
    assert_string_equal(riv__arena_strdup(&arena, "text"), "text");
    assert_string_equal(riv__arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
    riv__arena_fini(&arena);
}

/* Options and captured arguments are structs: behind a text of odd length their
 * copies were read at odd addresses (UBSan, riv_reduce_by_key). */
RIV_TEST(a_copy_is_aligned_for_any_type)
{
    struct riv_arena arena;
    const int64_t value = 7;
    riv__arena_init(&arena, 256);
    for (size_t i = 1; i < 40; i++) {
        riv__arena_bytes(&arena, i);
        const void *copy = riv__arena_copy(&arena, &value, sizeof value);
        assert_true(is_aligned(copy));
    }
    riv__arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(an_arena_that_is_not_used_holds_nothing),
        RIV_CASE(allocations_are_aligned_and_do_not_overlap),
        RIV_CASE(after_every_allocation_the_slack_can_be_read),
        RIV_CASE(a_large_allocation_leaves_the_current_piece_in_use),
        RIV_CASE(many_large_allocations_share_pieces),
        RIV_CASE(an_allocation_that_nobody_can_give_is_null),
        RIV_CASE(a_steady_load_stops_allocating),
        RIV_CASE(a_reset_keeps_at_most_what_it_is_told),
        RIV_CASE(copies_end_in_nul_and_zeroed_memory_is_zero),
        RIV_CASE(a_copy_is_aligned_for_any_type),
    };
    return RIV_RUN(tests);
}
