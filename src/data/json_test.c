/* data/json_test.c - rows to JSON lines. */
#include "data/json.h"

#include <math.h>

#include "data/fixture.h"

static struct riv_arena arena;
static struct riv_buf buf;

static int start(void **state)
{
    (void)state;
    riv__arena_init(&arena, 4096);
    riv__buf_init(&buf, 0);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    riv__arena_fini(&arena);
    riv__buf_fini(&buf);
    return 0;
}

static const char *written(const riv_type *type, const void *row)
{
    riv__buf_reset(&buf);
    riv__json_write(fixture_layout(&arena, type), row, &buf);
    riv__buf_char(&buf, '\0');
    assert_int_equal(buf.failed, 0);
    return buf.p;
}

static void a_struct_is_an_object(void **state)
{
    (void)state;
    reading row = { riv_cstr("a"), 20.5 };
    assert_string_equal(written(&riv_type_reading, &row),
                        "{\"sensor\":\"a\",\"temp\":20.5}\n");
}

static void structs_in_fields_are_nested(void **state)
{
    (void)state;
    keyed row = { riv_cstr("k"), { riv_cstr("a"), 1 } };
    assert_string_equal(
        written(&riv_type_keyed, &row),
        "{\"key\":\"k\",\"val\":{\"sensor\":\"a\",\"temp\":1}}\n");
    assert_string_equal(written(&riv_type_wc, &(wc){ riv_cstr("w"), 3 }),
                        "{\"key\":\"w\",\"val\":3}\n");
}

static void a_plain_row_is_a_bare_value(void **state)
{
    (void)state;
    riv_str s = riv_cstr("line");
    assert_string_equal(written(&riv__type_str, &s), "\"line\"\n");
    assert_string_equal(written(&riv__type_i64, &(int64_t){ INT64_MIN }),
                        "-9223372036854775808\n");
}

static void every_kind_is_written(void **state)
{
    (void)state;
    all row = { true, -5,          "DE", -7,   UINT64_MAX,
                0.1F, { NULL, 0 }, 7,    0.25, riv_cstr("n\"b") };
    assert_string_equal(
        written(&riv_type_all, &row),
        "{\"on\":true,\"i64\":-5,\"code\":\"DE\",\"i32\":-7,\"u64\":"
        "18446744073709551615,\"f32\":0.1,\"name\":\"\",\"u32\":7,\"f64\":"
        "0.25,\"note\":\"n\\\"b\"}\n");
}

static void inf_and_nan_are_null(void **state)
{
    (void)state;
    assert_string_equal(written(&riv__type_f64, &(double){ INFINITY }),
                        "null\n");
    assert_string_equal(written(&riv__type_f64, &(double){ NAN }), "null\n");
    all row = { .f32 = -INFINITY };
    assert_non_null(strstr(written(&riv_type_all, &row), "\"f32\":null,"));
}

static void is_string(const char *bytes, size_t n, const char *want)
{
    riv_str s = { bytes, n };
    assert_string_equal(written(&riv__type_str, &s), want);
}

static void control_bytes_and_quotes_are_escaped(void **state)
{
    (void)state;
    is_string("\0\1\b\t\n\v\f\r\x1f\"\\/\x7f", 13,
              "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\\"\\\\/\x7f\"\n");
}

static void valid_utf8_passes(void **state)
{
    (void)state;
    static const char *const text[] = {
        "\xc2\x80",         "\xdf\xbf",         "\xe0\xa0\x80",
        "\xed\x9f\xbf",     "\xee\x80\x80",     "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "gr\xc3\xbc\xc3\x9f",
    };
    for (size_t i = 0; i < RIV__LEN(text); i++) {
        char want[32] = "\"";
        strncat(want, text[i], 16);
        strncat(want, "\"\n", 3);
        is_string(text[i], strlen(text[i]), want);
    }
}

#define BAD "\xef\xbf\xbd"

/* One U+FFFD for the longest beginning of a sequence: the table 3-8 of the
 * Unicode standard, and cut sequences. */
static void invalid_utf8_is_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *want;
    } cases[] = {
        { "\x80", BAD },
        { "\xc0\xaf", BAD BAD },
        { "\xe0\x80\xaf", BAD BAD BAD },
        { "\xed\xa0\x80", BAD BAD BAD },
        { "\xf4\x90\x80\x80", BAD BAD BAD BAD },
        { "\xff", BAD },
        { "\xc3", BAD },
        { "\xc3(", BAD "(" },
        { "\xe2\x82", BAD },
        { "\xe2\x82x", BAD "x" },
        { "\xf0\x9f\x98", BAD },
        { "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", BAD BAD BAD BAD "A" },
    };
    for (size_t i = 0; i < RIV__LEN(cases); i++) {
        char want[64] = "\"";
        strncat(want, cases[i].want, 48);
        strncat(want, "\"\n", 3);
        is_string(cases[i].bytes, strlen(cases[i].bytes), want);
    }
}

static void chars_end_at_their_first_nul(void **state)
{
    (void)state;
    all row = { .f64 = 0 };
    memcpy(row.code, "A\0BCD", 5);
    assert_non_null(strstr(written(&riv_type_all, &row), "\"code\":\"A\","));
    memcpy(row.code, "ABCDE", 5);
    assert_non_null(
        strstr(written(&riv_type_all, &row), "\"code\":\"ABCDE\","));
}

static void a_full_buffer_says_so(void **state)
{
    (void)state;
    struct riv_buf small;
    riv__buf_init(&small, 8);
    riv__json_write(fixture_layout(&arena, &riv_type_wc),
                    &(wc){ riv_cstr("a"), 1 }, &small);
    assert_int_equal(small.failed, RIV_ENOMEM);
    riv__buf_fini(&small);
}

/* Whatever a row holds: one line, no control bytes, quotes in pairs. */
static void any_row_is_one_clean_line(void **state)
{
    (void)state;
    uint64_t seed = 41;
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_all_all);
    for (int i = 0; i < 5000; i++) {
        all_all row;
        fixture_row(layout, &row, &arena, &seed, "");
        const char *text = written(&riv_type_all_all, &row);
        size_t quotes = 0;
        assert_int_equal(strlen(text), buf.n - 1);
        assert_int_equal(text[buf.n - 2], '\n');
        for (size_t k = 0; k + 2 < buf.n; k++) {
            assert_true((unsigned char)text[k] >= 0x20);
            if (text[k] == '\\')
                k++;
            else
                quotes += text[k] == '"';
        }
        assert_int_equal(quotes, 2 * (20 + 2 + 6));
        if (i % 100 == 0) {
            riv__arena_reset(&arena, 1 << 20);
            layout = fixture_layout(&arena, &riv_type_all_all);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_struct_is_an_object),
        cmocka_unit_test(structs_in_fields_are_nested),
        cmocka_unit_test(a_plain_row_is_a_bare_value),
        cmocka_unit_test(every_kind_is_written),
        cmocka_unit_test(inf_and_nan_are_null),
        cmocka_unit_test(control_bytes_and_quotes_are_escaped),
        cmocka_unit_test(valid_utf8_passes),
        cmocka_unit_test(invalid_utf8_is_replaced),
        cmocka_unit_test(chars_end_at_their_first_nul),
        cmocka_unit_test(a_full_buffer_says_so),
        cmocka_unit_test(any_row_is_one_clean_line),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
