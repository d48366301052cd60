/* connect/sources_test.c - what holds for every kind of source. */
#include "connect/fixture.h"

static void every_kind_is_complete(void **state)
{
    (void)state;
    size_t n = 0;
    for (; riv__sources[n]; n++) {
        const struct riv_source_ops *ops = riv__sources[n];
        assert_true(ops->input_size >= sizeof(struct riv_input));
        assert_non_null(ops->open);
        assert_non_null(ops->close);
        assert_true(ops->read || ops->cut);
        if (ops->flags & RIV__SOURCE_FINITE)
            assert_null(ops->read);
        for (size_t k = 0; k < n; k++)
            assert_string_not_equal(ops->name, riv__sources[k]->name);
    }
    assert_int_equal(n, 11);
}

static void every_kind_is_found_by_its_name(void **state)
{
    struct fix *fix = *state;
    for (size_t i = 0; riv__sources[i]; i++) {
        char uri[64];
        const char *rest;
        snprintf(uri, sizeof uri, "%s:none", riv__sources[i]->name);
        assert_ptr_equal(
            riv__source_find(riv__sources, &fix->clock.sys, uri, &rest, NULL),
            riv__sources[i]);
        assert_string_equal(rest, "none");
    }
}

/* Nothing is leaked when open() fails, at whatever point. */
static void every_kind_refuses_nonsense_and_leaves_nothing(void **state)
{
    struct fix *fix = *state;
    static const char *const nonsense[] = {
        "", ":", "//", "\n", "0:0", "?rate=", "\xff\xfe", "//[::::]:70000"
    };
    for (size_t i = 0; riv__sources[i]; i++) {
        for (size_t k = 0; k < RIV__LEN(nonsense); k++) {
            char uri[64];
            snprintf(uri, sizeof uri, "%s:%s", riv__sources[i]->name,
                     nonsense[k]);
            if (fix_try(fix, uri) == 0) /* tail waits, a queue has no name */
                riv__input_free(RIV__TAKE(fix->input));
            else
                assert_true(strlen(fix->err.text) > 10);
            assert_null(fix->input);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_kind_is_complete),
        TEST(every_kind_is_found_by_its_name),
        TEST(every_kind_refuses_nonsense_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
