/* base/num_test.c - whole numbers, sizes, durations and truth values. */
#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "base/test.h"

static riv_str str_of(const char *text)
{
    return (riv_str){ text, strlen(text) };
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

RIV_TEST(the_ends_of_the_ranges_are_read)
{
    int64_t i = 0;
    uint64_t u = 0;
    assert_true(riv__num_i64(str_of("9223372036854775807"), &i));
    assert_true(i == INT64_MAX);
    assert_true(riv__num_i64(str_of("-9223372036854775808"), &i));
    assert_true(i == INT64_MIN);
    assert_true(riv__num_u64(str_of("18446744073709551615"), &u));
    assert_true(u == UINT64_MAX);
    assert_true(riv__num_i64(str_of("-0"), &i));
    assert_int_equal(i, 0);
    assert_true(riv__num_i64(str_of("+00000000000000000000000000042"), &i));
    assert_int_equal(i, 42);
}

RIV_TEST(one_beyond_the_range_is_refused)
{
    static const char *const texts[] = {
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "99999999999999999999",
        "100000000000000000000000000000",
    };
    int64_t i = 77;
    uint64_t u = 77;
    for (size_t k = 0; k < RIV__LEN(texts); k++)
        assert_false(riv__num_i64(str_of(texts[k]), &i));
    for (size_t k = 1; k < RIV__LEN(texts); k++)
        assert_false(riv__num_u64(str_of(texts[k]), &u));
    assert_int_equal(i, 77);
    assert_int_equal(u, 77);
}

RIV_TEST(what_is_not_all_digits_is_refused)
{
    static const char *const texts[] = {
        "",
        "+",
        "-",
        "--1",
        "+-1",
        " 1",
        "1 ",
        "1.0",
        "0x10",
        "1e3",
        "12345678a",
        "1234567:",
        "/1234567",
        "1234567890123456x",
        "a12345678",
        "\xb1\xb1\xb1",
        ("1234\xb1"
         "678"),
        "1234 678",
        "1234567890123456789012345/",
    };
    int64_t i = 77;
    uint64_t u = 77;
    for (size_t k = 0; k < RIV__LEN(texts); k++) {
        assert_false(riv__num_i64(str_of(texts[k]), &i));
        assert_false(riv__num_u64(str_of(texts[k]), &u));
    }
    assert_false(riv__num_u64(str_of("-1"), &u));
    assert_false(riv__num_i64((riv_str){ "12\0"
                                         "34",
                                         5 },
                              &i));
    assert_false(riv__num_i64((riv_str){ NULL, 0 }, &i));
    assert_int_equal(i, 77);
    assert_int_equal(u, 77);
}

/* Each byte value at each place of a number of each length, against what a
 * digit is: the eight-at-a-time path must not let anything else through. */
RIV_TEST(only_digits_pass_at_every_place)
{
    char text[24];
    uint64_t u = 0;
    for (size_t n = 1; n <= 19; n++) {
        for (size_t at = 0; at < n; at++) {
            for (int c = 0; c < 256; c++) {
                memset(text, '1', sizeof text);
                text[at] = (char)c;
                bool plus = at == 0 && c == '+' && n > 1;
                bool fine = (c >= '0' && c <= '9') || plus;
                assert_int_equal(riv__num_u64((riv_str){ text, n }, &u), fine);
            }
        }
    }
}

RIV_TEST(whole_numbers_read_back_and_look_like_printf)
{
    uint64_t seed = 88172645463325252U;
    for (int i = 0; i < 200000; i++) {
        uint64_t r = next_random(&seed), v = r >> (r & 63), u = 0;
        int64_t s = 0;
        char have[RIV__NUM_TEXT], want[RIV__NUM_TEXT];
        size_t n = riv__num_put_u64(have, v);
        snprintf(want, sizeof want, "%" PRIu64, v);
        assert_string_equal(have, want);
        assert_int_equal(n, strlen(want));
        assert_true(riv__num_u64((riv_str){ have, n }, &u) && u == v);
        n = riv__num_put_i64(have, (int64_t)v);
        snprintf(want, sizeof want, "%" PRId64, (int64_t)v);
        assert_string_equal(have, want);
        assert_true(riv__num_i64((riv_str){ have, n }, &s) && s == (int64_t)v);
    }
}

/* Eight digits are made at once, four and four of them by the same steps. */
RIV_TEST(every_half_of_eight_digits_is_printed)
{
    char have[RIV__NUM_TEXT], want[RIV__NUM_TEXT];
    for (uint32_t k = 0; k < 10000; k++) {
        const uint32_t v = k * 10000 + (9999 - k);
        riv__num_put_u64(have, v);
        snprintf(want, sizeof want, "%" PRIu32, v);
        assert_string_equal(have, want);
        riv__num_put_u64(have, UINT64_C(100000000) + v);
        snprintf(want, sizeof want, "1%08" PRIu32, v);
        assert_string_equal(have, want);
    }
}

RIV_TEST(every_count_of_digits_is_printed)
{
    char have[RIV__NUM_TEXT], want[RIV__NUM_TEXT];
    uint64_t v = 1;
    for (int n = 1; n <= 20; n++, v *= 10) {
        for (uint64_t d = 0; d < 2; d++) {
            snprintf(want, sizeof want, "%" PRIu64, v - d);
            assert_int_equal(riv__num_put_u64(have, v - d), strlen(want));
            assert_string_equal(have, want);
        }
    }
    riv__num_put_i64(have, INT64_MIN);
    assert_string_equal(have, "-9223372036854775808");
}

RIV_TEST(sizes_are_powers_of_1024)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } good[] = {
        { "0", 0 },
        { "512", 512 },
        { "7B", 7 },
        { "64KiB", 65536 },
        { "64k", 65536 },
        { "256M", 268435456 },
        { "1g", 1073741824 },
        { "1.5G", 1610612736 },
        { "2TB", 2199023255552 },
        { "0.1k", 102 },
        { "8388607T", 9223370937343148032 },
    };
    static const char *const bad[] = {
        "",    "M",   "-1M",        "1 M", "1X",       "1KiBs",
        "1.M", ".5M", "1.1234567M", "1e3", "8388608T", "99999999999999999999"
    };
    int64_t v = 0;
    for (size_t i = 0; i < RIV__LEN(good); i++) {
        assert_true(riv__num_size(str_of(good[i].text), &v));
        assert_int_equal(v, good[i].bytes);
    }
    v = 77;
    for (size_t i = 0; i < RIV__LEN(bad); i++)
        assert_false(riv__num_size(str_of(bad[i]), &v));
    assert_int_equal(v, 77);
}

RIV_TEST(durations_are_whole_milliseconds)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        { "0", 0 },         { "250", 250 },
        { "10ms", 10 },     { "1.5s", 1500 },
        { "2m", 120000 },   { "2min", 120000 },
        { "1h", 3600000 },  { "0.001S", 1 },
        { "1d", 86400000 }, { "106751991167d", 9223372036828800000 },
    };
    static const char *const bad[] = { "",      "ms",  "-1s",          "1 s",
                                       "0.5ms", "1.5", "0.0001s",      "1w",
                                       "s1",    "1ss", "106751991168d" };
    int64_t v = 0;
    for (size_t i = 0; i < RIV__LEN(good); i++) {
        assert_true(riv__num_duration_ms(str_of(good[i].text), &v));
        assert_int_equal(v, good[i].ms);
    }
    v = 77;
    for (size_t i = 0; i < RIV__LEN(bad); i++)
        assert_false(riv__num_duration_ms(str_of(bad[i]), &v));
    assert_int_equal(v, 77);
}

RIV_TEST(truth_has_eight_words)
{
    static const char *const yes[] = {
        "true", "yes", "on", "1", "TRUE", "Yes"
    };
    static const char *const no[] = { "false", "no", "off", "0", "OFF" };
    static const char *const bad[] = { "", "2", "y", "truee", "tru", "o" };
    bool v = false;
    for (size_t i = 0; i < RIV__LEN(yes); i++)
        assert_true(riv__num_bool(str_of(yes[i]), &v) && v);
    for (size_t i = 0; i < RIV__LEN(no); i++)
        assert_true(riv__num_bool(str_of(no[i]), &v) && !v);
    v = true;
    for (size_t i = 0; i < RIV__LEN(bad); i++)
        assert_false(riv__num_bool(str_of(bad[i]), &v));
    assert_true(v);
}

RIV_TEST(sizes_are_shown_with_three_digits)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        { 0, "0 B" },
        { 1023, "1023 B" },
        { 1024, "1 KiB" },
        { 1536, "1.5 KiB" },
        { 1034, "1 KiB" },
        { 1035, "1.01 KiB" },
        { 12897484, "12.2 MiB" },
        { 1048575, "1023 KiB" },
        { 10239, "9.99 KiB" },
        { UINT64_MAX, "16777215 TiB" },
    };
    char have[RIV__NUM_TEXT];
    for (size_t i = 0; i < RIV__LEN(cases); i++) {
        size_t n = riv__num_put_size(have, cases[i].bytes);
        assert_string_equal(have, cases[i].text);
        assert_int_equal(n, strlen(have));
    }
}

RIV_TEST(durations_are_shown_with_three_digits)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        { 0, "0 us" },
        { 999, "999 us" },
        { 1250, "1.25 ms" },
        { 12345, "12.3 ms" },
        { -1250, "-1.25 ms" },
        { 1000000, "1 s" },
        { 1050000, "1.05 s" },
        { 90000000, "1.5 min" },
        { 3600000000, "1 h" },
        { 86400000000, "1 d" },
        { INT64_MIN, "-106751991 d" },
    };
    char have[RIV__NUM_TEXT];
    for (size_t i = 0; i < RIV__LEN(cases); i++) {
        size_t n = riv__num_put_duration(have, cases[i].us);
        assert_string_equal(have, cases[i].text);
        assert_int_equal(n, strlen(have));
    }
}

static void the_nearest_multiples_are_named(void **state)
{
    char text[RIV__NUM_NEAREST];
    (void)state;
    assert_string_equal(riv__num_nearest(text, 4000, 3000), "3000 or 6000");
    assert_string_equal(riv__num_nearest(text, 700, 1000), "1000");
    assert_string_equal(riv__num_nearest(text, 2000, 1000), "2000");
    assert_string_equal(riv__num_nearest(text, INT64_MAX, INT64_MAX - 1),
                        "9223372036854775806");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_multiples_are_named),
        RIV_CASE(the_ends_of_the_ranges_are_read),
        RIV_CASE(one_beyond_the_range_is_refused),
        RIV_CASE(what_is_not_all_digits_is_refused),
        RIV_CASE(only_digits_pass_at_every_place),
        RIV_CASE(whole_numbers_read_back_and_look_like_printf),
        RIV_CASE(every_half_of_eight_digits_is_printed),
        RIV_CASE(every_count_of_digits_is_printed),
        RIV_CASE(sizes_are_powers_of_1024),
        RIV_CASE(durations_are_whole_milliseconds),
        RIV_CASE(truth_has_eight_words),
        RIV_CASE(sizes_are_shown_with_three_digits),
        RIV_CASE(durations_are_shown_with_three_digits),
    };
    return RIV_RUN(tests);
}
