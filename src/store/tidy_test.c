/* store/tidy_test.c - operators whose old state may go: once each, and gone when
 * nothing of theirs is left to drop. */
#include "store/tidy.h"

#include "store/fixture.h"

enum { OP = 1 };

static struct riv_tidy tidy;

static void step(void)
{
    assert_fine(riv__tidy_step(&tidy, shop.journal, &shop.err));
}

RIV_TEST(an_operator_stays_once_until_nothing_of_it_is_left)
{
    shop_open();
    riv__tidy_init(&tidy);
    assert_false(riv__tidy_has(&tidy));
    riv__tidy_add(&tidy, OP);
    riv__tidy_add(&tidy, OP + 1);
    riv__tidy_add(&tidy, OP);
    assert_int_equal(tidy.n, 2);
    step();
    assert_true(riv__tidy_has(&tidy));
    step();
    assert_false(riv__tidy_has(&tidy));
    step();
    riv__tidy_fini(&tidy);
    shop_close();
}

static int64_t pwrite_full(struct riv_sys *sys, int fd, const void *p, size_t n,
                           uint64_t at)
{
    (void)sys, (void)fd, (void)p, (void)n, (void)at;
    return -ENOSPC;
}

/* Nobody waits for this work, so that a full disk is no reason to stop. */
RIV_TEST(on_a_full_disk_an_operator_is_left_until_its_next_snapshot)
{
    shop_open();
    begin();
    for (uint64_t i = 1; i <= 3; i++)
        assert_fine(
            riv__journal_put_snapshot(shop.journal, OP, i, 0, &shop.err));
    commit();
    riv__tidy_init(&tidy);
    riv__tidy_add(&tidy, OP);
    shop.sys.pwrite = pwrite_full;
    step();
    assert_false(riv__tidy_has(&tidy));
    shop.sys.pwrite = riv__sys_real()->pwrite;
    riv__tidy_fini(&tidy);
    shop_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(an_operator_stays_once_until_nothing_of_it_is_left),
        IN_SHOP(on_a_full_disk_an_operator_is_left_until_its_next_snapshot),
    };
    return RIV_RUN(tests);
}
