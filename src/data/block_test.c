/* data/block_test.c - counted blocks. */
#include "data/block.h"

#include "data/fixture.h"

static void a_block_has_its_room_and_the_bytes_after_it(void **state)
{
    (void)state;
    struct riv_block *block = riv__block_new(1000);
    assert_non_null(block);
    assert_int_equal(block->cap, 1000);
    assert_int_equal(block->used, 0);
    memset(block->bytes, 'x', 1000);
    for (int i = 0; i < RIV__SLACK; i++)
        assert_int_equal(block->bytes[1000 + i], 0);
    assert_null(riv__block_unref(block));
}

static void a_block_lives_until_its_last_reference(void **state)
{
    (void)state;
    struct riv_block *block = riv__block_new(10);
    assert_ptr_equal(riv__block_ref(block), block);
    assert_null(riv__block_unref(block));
    block->bytes[9] = 'x'; /* a sanitizer would tell */
    assert_int_equal(block->refs, 1);
    assert_null(riv__block_unref(block));
    assert_null(riv__block_unref(NULL));
}

static void a_block_over_other_bytes_is_full_of_them(void **state)
{
    (void)state;
    static const char text[100 + RIV__SLACK] = "other";
    struct riv_block *block = riv__block_over(text, 100);
    assert_non_null(block);
    assert_ptr_equal(block->bytes, text);
    assert_int_equal(block->used, 100);
    assert_int_equal(block->cap, 100);
    assert_null(riv__block_unref(block)); /* and frees none of them */
}

static void an_absurd_size_is_no_memory(void **state)
{
    (void)state;
    assert_null(riv__block_new(SIZE_MAX - 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_has_its_room_and_the_bytes_after_it),
        cmocka_unit_test(a_block_lives_until_its_last_reference),
        cmocka_unit_test(a_block_over_other_bytes_is_full_of_them),
        cmocka_unit_test(an_absurd_size_is_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
