/* store/spare_test.c - memory of blobs that is used again, and its bound. */
#include "store/spare.h"

#include "base/test.h"

static struct riv_buf filled(size_t n)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    assert_non_null(riv__buf_room(&buf, n));
    buf.n = n;
    return buf;
}

static void what_was_given_last_is_taken_first_and_is_empty(void **state)
{
    struct riv_spares spares;
    struct riv_buf a = filled(1000), b = filled(2000);
    const char *of_a = a.p, *of_b = b.p;
    (void)state;
    riv__spares_init(&spares);
    riv__spares_give(&spares, &a);
    riv__spares_give(&spares, &b);
    assert_null(a.p);
    b = riv__spares_take(&spares);
    a = riv__spares_take(&spares);
    assert_ptr_equal(a.p, of_a);
    assert_ptr_equal(b.p, of_b);
    assert_int_equal(a.n + b.n, 0);
    assert_null(riv__spares_take(&spares).p);
    riv__spares_give(&spares, &a);
    riv__buf_fini(&b);
    riv__spares_fini(&spares);
}

/* The second one would be above it. */
static void more_than_the_bound_is_not_kept(void **state)
{
    struct riv_spares spares;
    struct riv_buf a = filled(RIV__SPARE_BYTES / 8 * 5), b = filled(a.cap);
    (void)state;
    riv__spares_init(&spares);
    riv__spares_give(&spares, &a);
    riv__spares_give(&spares, &b);
    assert_int_equal(spares.n, 1);
    a = riv__spares_take(&spares);
    assert_int_equal(spares.bytes, 0);
    riv__buf_fini(&a);
    for (int i = 0; i < RIV__SPARES + 3; i++) {
        b = filled(1);
        riv__spares_give(&spares, &b);
    }
    assert_int_equal(spares.n, RIV__SPARES);
    riv__spares_fini(&spares);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_given_last_is_taken_first_and_is_empty),
        cmocka_unit_test(more_than_the_bound_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
