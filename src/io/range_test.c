/* io/range_test.c - the list of a batch's inputs. */
#include "io/fixture.h"

static void a_cut_counts_the_bytes_of_its_ranges(void **state)
{
    (void)state;
    struct riv_cut cut;
    riv__cut_init(&cut);
    for (uint64_t i = 0; i < 100; i++) {
        struct riv_range range = {
            .kind = RIV__RANGE_FILE, .path = "x", .from = i, .until = i + 10
        };
        assert_int_equal(riv__cut_add(&cut, &range, NULL), 0);
    }
    assert_int_equal(cut.n, 100);
    assert_int_equal(cut.bytes, 1000);
    assert_int_equal(cut.range[99].from, 99);
    riv__cut_reset(&cut);
    assert_int_equal(cut.n, 0);
    assert_int_equal(cut.bytes, 0);
    riv__cut_fini(&cut);
}

static void a_cut_gives_its_blocks_back(void **state)
{
    (void)state;
    struct riv_cut cut;
    struct riv_block *block = riv__block_new(100);
    riv__cut_init(&cut);
    for (int i = 0; i < 3; i++) {
        struct riv_range range = { .kind = RIV__RANGE_BLOCK,
                                   .block = riv__block_ref(block),
                                   .until = 10 };
        assert_int_equal(riv__cut_add(&cut, &range, NULL), 0);
    }
    assert_int_equal(atomic_load(&block->refs), 4);
    riv__cut_reset(&cut);
    assert_int_equal(atomic_load(&block->refs), 1);
    riv__cut_fini(&cut);
    riv__block_unref(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_counts_the_bytes_of_its_ranges),
        cmocka_unit_test(a_cut_gives_its_blocks_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
