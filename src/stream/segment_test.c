/* stream/segment_test.c - bytes of a partition that go behind their head, by a
 * copy or with their memory. */
#include "stream/segment.h"

#include <string.h>

#include "base/test.h"

/* Bytes of a partition behind room for a head. */
static struct riv_buf own_of(char c, size_t n)
{
    struct riv_buf own;
    riv__buf_init(&own, 0);
    char *p = riv__buf_room(&own, RIV__SEGMENT_HEAD + n);
    assert_non_null(p);
    memset(p + RIV__SEGMENT_HEAD, c, n);
    return own;
}

static void put(struct riv_buf *to, uint32_t part, struct riv_buf *own,
                size_t n)
{
    const size_t begin = riv__segment_begin(to, part, 3, 77);
    riv__segment_swap(to, own, n);
    riv__segment_end(to, begin, false);
}

static void check(riv_str *rest, uint32_t part, char c, size_t n)
{
    struct riv_err err = { 0 };
    struct riv_segment is;
    assert_int_equal(riv__segment_next(rest, &is, &err), 1);
    assert_int_equal(is.part, part);
    assert_int_equal(is.of, 3);
    assert_int_equal(is.time_ms, 77);
    assert_int_equal(is.bytes.n, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(is.bytes.p[i], c);
}

RIV_TEST(the_first_of_a_blob_gives_its_memory_when_it_is_large)
{
    enum { LARGE = 100000 };
    struct riv_buf to = { .n = 0 }, own = own_of('a', LARGE);
    const char *of_own = own.p;
    put(&to, 0, &own, LARGE);
    assert_ptr_equal(to.p, of_own);
    assert_int_equal(own.n, 0);
    assert_true(own.cap >= LARGE); /* the next batch finds room */
    memset(own.p + RIV__SEGMENT_HEAD, 'b', LARGE);
    const char *of_next = own.p;
    put(&to, 1, &own, LARGE); /* there is one before it: copied */
    assert_ptr_equal(own.p, of_next);
    riv_str rest = { to.p, to.n };
    check(&rest, 0, 'a', LARGE);
    check(&rest, 1, 'b', LARGE);
    assert_int_equal(rest.n, 0);
    riv__buf_fini(&to);
    riv__buf_fini(&own);
}

RIV_TEST(small_ones_share_a_blob)
{
    struct riv_buf to = { .n = 0 };
    for (uint32_t k = 0; k < 3; k++) {
        struct riv_buf own = own_of((char)('a' + k), 10 * k);
        const char *of_own = own.p;
        put(&to, k, &own, 10 * k);
        assert_ptr_equal(own.p, of_own);
        riv__buf_fini(&own);
    }
    riv_str rest = { to.p, to.n };
    check(&rest, 1, 'b', 10); /* the first had nothing */
    check(&rest, 2, 'c', 20);
    assert_int_equal(rest.n, 0);
    riv__buf_fini(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(the_first_of_a_blob_gives_its_memory_when_it_is_large),
        RIV_CASE(small_ones_share_a_blob),
    };
    return RIV_RUN(tests);
}
