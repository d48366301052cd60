/* base/num_f64_test.c - doubles: against strtod, back and forth, and under a
 * locale whose point is a comma. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "base/num.h"
#include "base/test.h"

static riv_str str_of(const char *text)
{
    return (riv_str){ text, strlen(text) };
}

static uint64_t bits_of(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static double f64_of(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void assert_reads_like_strtod(const char *text)
{
    double have = 0, want = strtod(text, NULL);
    assert_true(riv__num_f64(str_of(text), &have));
    if (bits_of(have) != bits_of(want))
        fail_msg("%s: %a, strtod says %a", text, have, want);
}

RIV_TEST(all_forms_of_a_number_are_read)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "+1",
        "-1.5",
        ".5",
        "5.",
        "-.5e1",
        "1e9",
        "1E+9",
        "1e-9",
        "00001.2500",
        "0.1",
        "3.14159265358979",
        "1e22",
        "1e23",
        "9007199254740993",
        "9007199254740992.5",
        "123456789012345678",
        "1234567890123456789",
        "12345678901234567890",
        "0.000001",
        "0.00000000000000000000000000000000000000001",
        "1e308",
        "1e-308",
        "1.7976931348623157e308",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "5e-324",
        "2.4703282292062328e-324",
        "1e-400",
        "0e999999999999999999",
        "0.000e-5",
        "1e-99999999999999999999",
        "100000000000000000000000000000e-29",
        "18014398509481985",
    };
    for (size_t i = 0; i < RIV__LEN(texts); i++)
        assert_reads_like_strtod(texts[i]);
}

RIV_TEST(names_are_read_in_any_case)
{
    double v = 0;
    assert_true(riv__num_f64(str_of("inf"), &v) && isinf(v) && v > 0);
    assert_true(riv__num_f64(str_of("-Infinity"), &v) && isinf(v) && v < 0);
    assert_true(riv__num_f64(str_of("+INF"), &v) && isinf(v) && v > 0);
    assert_true(riv__num_f64(str_of("NaN"), &v) && isnan(v));
}

RIV_TEST(what_is_no_number_is_refused)
{
    static const char *const texts[] = {
        "",     ".",     "+",         "-",      "e5",    ".e5",  "1e",
        "1e+",  "1.2.3", " 1",        "1 ",     "1,5",   "0x10", "1f",
        "in",   "infi",  "infinityy", "nan(1)", "--1",   "+-1",  "1e5.5",
        "1e 5", "e",     "-e",        "1_000",  "1e1e1",
    };
    double v = 77;
    for (size_t i = 0; i < RIV__LEN(texts); i++)
        if (riv__num_f64(str_of(texts[i]), &v))
            fail_msg("\"%s\" was read as %g", texts[i], v);
    assert_false(riv__num_f64((riv_str){ "1\0", 2 }, &v));
    assert_false(riv__num_f64((riv_str){ NULL, 0 }, &v));
    assert_true(v == 77);
}

RIV_TEST(a_number_too_large_for_a_double_is_refused)
{
    double v = 77;
    assert_false(riv__num_f64(str_of("1.7976931348623159e308"), &v));
    assert_false(riv__num_f64(str_of("-1e309"), &v));
    assert_false(riv__num_f64(str_of("1e999999999999999999999"), &v));
    assert_true(v == 77);
    assert_true(riv__num_is_too_large(str_of("-1e309")));
    assert_true(riv__num_is_too_large(str_of("1.7976931348623159e308")));
    assert_false(riv__num_is_too_large(str_of("1.7976931348623157e308")));
    assert_false(riv__num_is_too_large(str_of("1e309x")));
    assert_false(riv__num_is_too_large(str_of("inf")));
    assert_false(riv__num_is_too_large(str_of("")));
}

/* Half way between two doubles, and a 1 far behind: only reading all digits,
 * or knowing that there are more, rounds up. */
RIV_TEST(digits_far_behind_still_decide_the_rounding)
{
    char text[3000];
    double v = 0;
    int n = snprintf(text, sizeof text, "9007199254740993.");
    memset(text + n, '0', 2000);
    assert_true(riv__num_f64((riv_str){ text, (size_t)n + 2000 }, &v));
    assert_true(v == 9007199254740992.0);
    text[n + 2000] = '1';
    assert_true(riv__num_f64((riv_str){ text, (size_t)n + 2001 }, &v));
    assert_true(v == 9007199254740994.0);
}

RIV_TEST(long_runs_of_digits_and_zeros_are_read)
{
    char text[5002];
    memset(text, '0', sizeof text);
    memcpy(text + 1000, "12345678901234567890123456789", 29);
    memcpy(text + 2900, "e-1871", 7);
    double v = 0;
    assert_true(riv__num_f64((riv_str){ text, 2906 }, &v));
    assert_true(v == 1.2345678901234567890123456789e28);
    memset(text, '0', sizeof text);
    text[1] = '.'; /* 4,992 zeros after it, then 25e4990 */
    memcpy(text + 4994, "25e4990", 7);
    assert_true(riv__num_f64((riv_str){ text, 5001 }, &v));
    assert_true(v == 2.5e-3);
}

static void assert_reads_back(double v)
{
    char text[RIV__NUM_TEXT];
    double again = 0;
    size_t n = riv__num_put_f64(text, v);
    assert_int_equal(n, strlen(text));
    assert_in_range(n, 1, RIV__NUM_TEXT - 1);
    if (!riv__num_f64((riv_str){ text, n }, &again) ||
        bits_of(again) != bits_of(v))
        fail_msg("%a became %s and %a", v, text, again);
    assert_reads_like_strtod(text);
}

/* No text with fewer digits reads back: what printf rounds to one digit less
 * is another number. */
static void assert_shortest(double v)
{
    char text[RIV__NUM_TEXT], shorter[64];
    size_t n = riv__num_put_f64(text, v);
    int digits = 0;
    for (size_t i = 0; i < n && text[i] != 'e'; i++)
        digits +=
            (text[i] > '0' && text[i] <= '9') || (text[i] == '0' && digits > 0);
    for (size_t i = n; i > 0 && text[i - 1] == '0' && !strchr(text, '.'); i--)
        digits--; /* 1500 has two */
    if (digits < 2)
        return;
    snprintf(shorter, sizeof shorter, "%.*e", digits - 2, v);
    if (strtod(shorter, NULL) == v)
        fail_msg("%s is shorter than %s", shorter, text);
}

RIV_TEST(any_double_reads_back_from_the_shortest_text)
{
    uint64_t seed = 88172645463325252U;
    for (int i = 0; i < 50000; i++) {
        double v = f64_of(next_random(&seed));
        if (!isfinite(v))
            continue;
        assert_reads_back(v);
        assert_shortest(v);
    }
}

RIV_TEST(everyday_numbers_read_back_from_the_shortest_text)
{
    static const double by[] = { 1, 3, 7, 10, 100, 1000, 1e6, 1e9, 1e15 };
    uint64_t seed = 88172645463325252U;
    for (int i = 0; i < 100000; i++) {
        uint64_t r = next_random(&seed);
        double v = (double)(r >> (12 + r % 50)) / by[r % RIV__LEN(by)];
        assert_reads_back(v);
        assert_shortest(v);
        assert_reads_back(-v);
    }
}

RIV_TEST(powers_and_their_neighbours_read_back)
{
    for (int e = -1074; e < 1024; e++) {
        double v = ldexp(1, e);
        assert_reads_back(v);
        assert_reads_back(nextafter(v, 0));
        assert_reads_back(-nextafter(v, (double)INFINITY));
    }
    for (int e = -323; e <= 308; e++) {
        char text[16];
        double v = 0;
        snprintf(text, sizeof text, "1e%d", e);
        assert_true(riv__num_f64(str_of(text), &v));
        assert_reads_back(v);
        assert_shortest(v);
    }
}

RIV_TEST(doubles_look_as_people_write_them)
{
    static const struct {
        double v;
        const char *text;
    } cases[] = {
        { 0, "0" },
        { -0.0, "-0" },
        { 5, "5" },
        { -5, "-5" },
        { 0.1, "0.1" },
        { 100, "100" },
        { 1.5, "1.5" },
        { 0.25, "0.25" },
        { 1e15, "1000000000000000" },
        { 1e16, "1e+16" },
        { 1e22, "1e+22" },
        { 0.0001, "0.0001" },
        { 0.00001, "1e-05" },
        { 1.25e-7, "1.25e-07" },
        { 1e100, "1e+100" },
        { 1.0 / 3, "0.3333333333333333" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 123456.789, "123456.789" },
        { 1e15 + 0.5, "1000000000000000.5" },
        { 999999999999999, "999999999999999" },
        { 1.5e300, "1.5e+300" },
        { DBL_MAX, "1.7976931348623157e+308" },
        { 5e-324, "5e-324" },
        { DBL_MIN, "2.2250738585072014e-308" },
        { -2.2250738585072014e-308, "-2.2250738585072014e-308" },
        { 5.684341886080802e-14, "5.684341886080802e-14" }, /* 2^-44 */
        { 9007199254740993.0, "9007199254740992" },
        { (double)INFINITY, "inf" },
        { -(double)INFINITY, "-inf" },
        { (double)NAN, "nan" },
        { -(double)NAN, "nan" },
    };
    char have[RIV__NUM_TEXT];
    for (size_t i = 0; i < RIV__LEN(cases); i++) {
        riv__num_put_f64(have, cases[i].v);
        assert_string_equal(have, cases[i].text);
    }
}

/* Any locale of the machine whose point is not a point; the test says when it
 * found none, for then it proves nothing. */
RIV_TEST(the_locale_changes_nothing)
{
    static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF",
                                         "de_DE" };
    double v = 0;
    char have[RIV__NUM_TEXT];
    bool found = false;
    for (size_t i = 0; i < RIV__LEN(names) && !found; i++)
        found = setlocale(LC_ALL, names[i]) != NULL;
    if (!found)
        RIV_TEST_SKIP("no locale here writes a comma for the point");
    assert_true(riv__num_f64(str_of("12345678901234567890.5e-3"), &v));
    assert_true(v == 12345678901234567.8905);
    riv__num_put_f64(have, 1.2345678901234567e-30);
    setlocale(LC_ALL, "C");
    assert_string_equal(have, "1.2345678901234567e-30");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(all_forms_of_a_number_are_read),
        RIV_CASE(names_are_read_in_any_case),
        RIV_CASE(what_is_no_number_is_refused),
        RIV_CASE(a_number_too_large_for_a_double_is_refused),
        RIV_CASE(digits_far_behind_still_decide_the_rounding),
        RIV_CASE(long_runs_of_digits_and_zeros_are_read),
        RIV_CASE(any_double_reads_back_from_the_shortest_text),
        RIV_CASE(everyday_numbers_read_back_from_the_shortest_text),
        RIV_CASE(powers_and_their_neighbours_read_back),
        RIV_CASE(doubles_look_as_people_write_them),
        RIV_CASE(the_locale_changes_nothing),
    };
    return RIV_RUN(tests);
}
