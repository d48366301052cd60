/* data/number_test.c - numbers of rows as text; the digits themselves are
 * tested in base/num_test.c. */
#include "data/number.h"

#include <float.h>
#include <math.h>

#include "data/fixture.h"

static const char *text(uint32_t kind, const void *at)
{
    static char dst[RIV__NUM_TEXT + 1];
    memset(dst, '#', sizeof dst);
    size_t n = riv__number_put(kind, at, dst);
    assert_true(n < RIV__NUM_TEXT);
    dst[n] = '\0';
    return dst;
}

static void integers_and_bools_are_written(void **state)
{
    (void)state;
    assert_string_equal(text(RIV_K_I64, &(int64_t){ INT64_MIN }),
                        "-9223372036854775808");
    assert_string_equal(text(RIV_K_U64, &(uint64_t){ UINT64_MAX }),
                        "18446744073709551615");
    assert_string_equal(text(RIV_K_I32, &(int32_t){ INT32_MIN }),
                        "-2147483648");
    assert_string_equal(text(RIV_K_U32, &(uint32_t){ UINT32_MAX }),
                        "4294967295");
    assert_string_equal(text(RIV_K_BOOL, &(bool){ true }), "true");
    assert_string_equal(text(RIV_K_BOOL, &(bool){ false }), "false");
    assert_string_equal(text(RIV_K_F64, &(double){ 0.1 }), "0.1");
}

/* As doubles they would be written 0.10000000149011612 and so on. */
static void floats_have_no_more_digits_than_they_need(void **state)
{
    (void)state;
    assert_string_equal(text(RIV_K_F32, &(float){ 0.1F }), "0.1");
    assert_string_equal(text(RIV_K_F32, &(float){ -3.14159274F }),
                        "-3.1415927");
    assert_string_equal(text(RIV_K_F32, &(float){ 16777216.0F }), "16777216");
    assert_string_equal(text(RIV_K_F32, &(float){ 0 }), "0");
}

static void floats_read_back_the_same(void **state)
{
    (void)state;
    uint64_t seed = 51;
    for (int i = 0; i < 50000; i++) {
        uint32_t bits = (uint32_t)(fixture_next(&seed) >> 32);
        float v, back;
        double near = 0;
        memcpy(&v, &bits, sizeof v);
        if (!isfinite(v))
            continue;
        assert_true(riv__num_f64(riv_cstr(text(RIV_K_F32, &v)), &near));
        back = (float)near;
        assert_memory_equal(&v, &back, sizeof v);
    }
}

static void inf_and_nan_are_not_finite(void **state)
{
    (void)state;
    assert_string_equal(text(RIV_K_F32, &(float){ INFINITY }), "inf");
    assert_string_equal(text(RIV_K_F64, &(double){ -INFINITY }), "-inf");
    assert_false(riv__number_finite(RIV_K_F64, &(double){ NAN }));
    assert_false(riv__number_finite(RIV_K_F32, &(float){ -INFINITY }));
    assert_true(riv__number_finite(RIV_K_F32, &(float){ FLT_MAX }));
    assert_true(riv__number_finite(RIV_K_I64, &(int64_t){ -1 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_and_bools_are_written),
        cmocka_unit_test(floats_have_no_more_digits_than_they_need),
        cmocka_unit_test(floats_read_back_the_same),
        cmocka_unit_test(inf_and_nan_are_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
