/* data/csv_test.c - rows from and to CSV. */
#include "data/csv.h"

#include <stdlib.h>

#include "data/fixture.h"
#include "data/hash.h"

static struct riv_arena arena;
static struct riv_buf buf;
static struct riv_err err;

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

/* Reads from a heap copy of exactly n bytes, so that a sanitizer sees any read
 * beyond; the copy stays until the end, as strings point into it. */
static int read_n(const riv_type *type, const char *line, size_t n, void *row)
{
    static char *kept;
    free(kept);
    kept = malloc(n ? n : 1);
    memcpy(kept, line, n);
    err = (struct riv_err){ 0 };
    return riv__csv_read(fixture_layout(&arena, type), (riv_str){ kept, n },
                         ',', row, &arena, &err);
}

static int read_line(const riv_type *type, const char *line, void *row)
{
    return read_n(type, line, strlen(line), row);
}

static void is_str(riv_str s, const char *want)
{
    assert_int_equal(s.n, strlen(want));
    assert_memory_equal(s.p, want, s.n);
}

static const char *written(const riv_type *type, const void *row)
{
    riv__buf_reset(&buf);
    riv__csv_write(fixture_layout(&arena, type), row, ',', &buf);
    riv__buf_char(&buf, '\0');
    assert_int_equal(buf.failed, 0);
    return buf.p;
}

static void fields_are_taken_in_order(void **state)
{
    (void)state;
    all row;
    assert_int_equal(read_line(&riv_type_all,
                               "true,-5,DE,7,18446744073709551615,2.5,name,"
                               "4294967295,-1e3,a note",
                               &row),
                     0);
    assert_true(row.on);
    assert_int_equal(row.i64, -5);
    assert_memory_equal(row.code, "DE\0\0\0", 5);
    assert_int_equal(row.i32, 7);
    assert_true(row.u64 == UINT64_MAX);
    assert_true(row.f32 == 2.5F);
    is_str(row.name, "name");
    assert_true(row.u32 == UINT32_MAX);
    assert_true(row.f64 == -1000.0);
    is_str(row.note, "a note");
}

static void pairs_take_the_key_and_then_the_value(void **state)
{
    (void)state;
    keyed row;
    assert_int_equal(read_line(&riv_type_keyed, "k,s1,20.5", &row), 0);
    is_str(row.key, "k");
    is_str(row.val.sensor, "s1");
    assert_true(row.val.temp == 20.5);
}

static void quotes_and_doubled_quotes_are_undone(void **state)
{
    (void)state;
    keyed row;
    assert_int_equal(
        read_line(&riv_type_keyed, "\"a,b\",\"say \"\"hi\"\"\",\"7\"", &row),
        0);
    is_str(row.key, "a,b");
    is_str(row.val.sensor, "say \"hi\"");
    assert_true(row.val.temp == 7);
    assert_int_equal(read_line(&riv_type_keyed, "\"\"\"\",\"\",1", &row), 0);
    is_str(row.key, "\"");
    is_str(row.val.sensor, "");
}

static void a_quote_inside_a_field_is_a_byte(void **state)
{
    (void)state;
    wc row;
    assert_int_equal(read_line(&riv_type_wc, "5\" disk,1", &row), 0);
    is_str(row.key, "5\" disk");
}

static void any_byte_is_data_and_one_cr_at_the_end_is_not(void **state)
{
    (void)state;
    reading row;
    riv_str s;
    assert_int_equal(read_n(&riv_type_reading, "a\0\xff\rb,1\r", 8, &row), 0);
    assert_int_equal(row.sensor.n, 5);
    assert_memory_equal(row.sensor.p, "a\0\xff\rb", 5);
    assert_int_equal(read_line(&riv__type_str, "a,\"b\r", &s), 0);
    is_str(s, "a,\"b\r"); /* a line is a line, as it was */
}

static void an_empty_field_is_an_empty_string(void **state)
{
    (void)state;
    reading row;
    typedef struct {
        riv_str only;
    } single;
    RIV_STRUCT(single, only);
    single one = { { "x", 1 } };
    assert_int_equal(read_line(&riv_type_reading, ",1", &row), 0);
    assert_int_equal(row.sensor.n, 0);
    assert_int_equal(read_line(&riv_type_single, "", &one), 0);
    assert_int_equal(one.only.n, 0);
}

static void refused(const riv_type *type, const char *line, const char *why)
{
    union fixture_row row;
    assert_int_equal(read_line(type, line, &row), RIV_ERECORD);
    assert_int_equal(err.code, RIV_ERECORD);
    assert_string_equal(err.text, why);
}

static void missing_and_extra_fields_are_counted(void **state)
{
    (void)state;
    refused(&riv_type_keyed, "a,b",
            "the line has 2 of 3 fields: field val.temp is missing");
    refused(&riv_type_keyed, "",
            "the line has 1 of 3 fields: field val.sensor is missing");
    refused(&riv_type_keyed, "\"a,b\"",
            "the line has 1 of 3 fields: field val.sensor is missing");
    refused(&riv_type_wc, "a,1,b,\"c,d\",",
            "the line has 5 fields, 2 are expected: nothing follows field val");
    refused(&riv_type_wc, "a,1,\"b",
            "the line has 3 fields, 2 are expected: nothing follows field val");
}

static void wrong_values_are_named(void **state)
{
    (void)state;
    refused(&riv_type_wc, "a,1x",
            "field val: '1x' is no whole number of 64 bits");
    refused(&riv_type_wc, "a,", "field val: '' is no whole number of 64 bits");
    refused(&riv_type_wc, "a,9223372036854775808",
            "field val: '9223372036854775808' is no whole number of 64 bits");
    refused(&riv_type_reading, "a,\x1bwarm",
            "field temp: '\\x1bwarm' is no number");
    refused(&riv_type_all, "yes",
            "field on: 'yes' is none of true, false, 1, "
            "0");
    refused(&riv_type_all, "1,1,FRANCE",
            "field code: 'FRANCE' is longer than the field");
    refused(&riv_type_all, "1,1,,2147483648",
            "field i32: '2147483648' does not fit into 32 bits");
    refused(&riv_type_all, "1,1,,-2147483649",
            "field i32: '-2147483649' does not fit into 32 bits");
    refused(&riv_type_all, "1,1,,1,-1",
            "field u64: '-1' is no whole number from 0 to 2^64-1");
    refused(&riv_type_all, "1,1,,1,1,1e39",
            "field f32: '1e39' does not fit into 32 bits");
    refused(&riv_type_all, "1,1,,1,1,1e400",
            "field f32: '1e400' is out of range: no number is beyond 1.8e308");
    refused(&riv_type_reading, "a,-1e400",
            "field temp: '-1e400' is out of range: no number is beyond "
            "1.8e308");
    refused(&riv_type_all, "1,1,,1,1,1,,4294967296",
            "field u32: '4294967296' does not fit into 32 bits");
}

static void a_nul_in_a_char_field_is_named(void **state)
{
    static const char line[] = "1,1,a\0b";
    union fixture_row row;
    (void)state;
    assert_int_equal(read_n(&riv_type_all, line, sizeof line - 1, &row),
                     RIV_ERECORD);
    assert_string_equal(err.text, "field code: 'a\\x00b' has a NUL, at which a "
                                  "char[N] ends");
}

static void wrong_quotes_are_named(void **state)
{
    (void)state;
    refused(&riv_type_wc, "\"a,1",
            "field key: '\"a,1' has no closing quote in this line");
    refused(&riv_type_wc, "\"a\"b,1",
            "field key: '\"a\"b,1' goes on after its closing quote");
    refused(&riv_type_wc, "\"",
            "field key: '\"' has no closing quote in this line");
}

static void a_long_wrong_value_is_cut_in_the_message(void **state)
{
    (void)state;
    char line[3000] = "a,";
    union fixture_row row;
    memset(line + 2, 'x', sizeof line - 3);
    assert_int_equal(read_line(&riv_type_wc, line, &row), RIV_ERECORD);
    assert_true(strlen(err.text) < 120);
    assert_non_null(strstr(err.text, "..."));
}

static void the_error_may_be_left_out(void **state)
{
    (void)state;
    wc row;
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_wc);
    assert_int_equal(
        riv__csv_read(layout, riv_cstr("a"), ',', &row, &arena, NULL),
        RIV_ERECORD);
}

static void only_what_needs_quotes_gets_them(void **state)
{
    (void)state;
    assert_string_equal(written(&riv_type_wc, &(wc){ riv_cstr("a b"), -3 }),
                        "a b,-3\n");
    assert_string_equal(written(&riv_type_wc, &(wc){ riv_cstr("a,b"), 1 }),
                        "\"a,b\",1\n");
    assert_string_equal(written(&riv_type_wc, &(wc){ riv_cstr("a\"b\""), 1 }),
                        "\"a\"\"b\"\"\",1\n");
    assert_string_equal(written(&riv_type_wc, &(wc){ riv_cstr("a\rb"), 1 }),
                        "\"a\rb\",1\n");
    assert_string_equal(written(&riv_type_wc, &(wc){ { NULL, 0 }, 0 }), ",0\n");
    assert_string_equal(
        written(&riv_type_keyed,
                &(keyed){ riv_cstr("k"), { riv_cstr("s"), 2.5 } }),
        "k,s,2.5\n");
}

static void a_line_is_written_as_it_is(void **state)
{
    (void)state;
    riv_str line = riv_cstr("a,\"b\" c\r");
    assert_string_equal(written(&riv__type_str, &line), "a,\"b\" c\r\n");
}

static void every_kind_is_written(void **state)
{
    (void)state;
    all row = { true,          -5, "DE", -7,          UINT64_MAX, 0.1F,
                riv_cstr("n"), 7,  0.25, riv_cstr("") };
    memcpy(row.code, "ABCDE", 5);
    assert_string_equal(written(&riv_type_all, &row),
                        "true,-5,ABCDE,-7,18446744073709551615,0.1,n,7,0.25,"
                        "\n");
    row.on = false;
    row.code[2] = '\0';
    assert_string_equal(written(&riv_type_all, &row),
                        "false,-5,AB,-7,18446744073709551615,0.1,n,7,0.25,\n");
}

/* All rows whose strings hold no line break come back, whatever they hold. */
static void written_rows_read_back(void **state)
{
    (void)state;
    uint64_t seed = 31;
    for (size_t t = 0; t < RIV__LEN(fixture_types); t++) {
        const struct riv_layout *layout =
            fixture_layout(&arena, fixture_types[t]);
        for (int i = 0; i < 3000; i++) {
            union fixture_row row, back;
            char sep = i % 2 ? ',' : ';';
            fixture_row(layout, &row, &arena, &seed, "ab\",; \r'\\\t\xff");
            riv__buf_reset(&buf);
            riv__csv_write(layout, &row, sep, &buf);
            riv_str line = { buf.p, buf.n - 1 };
            assert_int_equal(buf.p[buf.n - 1], '\n');
            err = (struct riv_err){ 0 };
            if (riv__csv_read(layout, line, sep, &back, &arena, &err) < 0)
                fail_msg("%s in: %.*s", err.text, RIV_P(line));
            if (!riv__row_equal(layout, &row, &back))
                fail_msg("another row from: %.*s", RIV_P(line));
        }
    }
}

/* Damaged lines: an error or a row, never a read outside of the line. */
static void random_lines_never_reach_outside(void **state)
{
    (void)state;
    static const char bytes[] = "01,,\"\"-.e tru\r;x";
    uint64_t seed = 32;
    for (int i = 0; i < 30000; i++) {
        char line[40];
        union fixture_row row;
        size_t n = fixture_next(&seed) % sizeof line;
        for (size_t k = 0; k < n; k++)
            line[k] = bytes[fixture_next(&seed) % (sizeof bytes - 1)];
        int rc = read_n(fixture_types[fixture_next(&seed) % 7], line, n, &row);
        assert_int_equal(rc, err.code);
        assert_true(rc == 0 || err.text[0]);
        if (i % 100 == 0)
            riv__arena_reset(&arena, 1 << 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_taken_in_order),
        cmocka_unit_test(pairs_take_the_key_and_then_the_value),
        cmocka_unit_test(quotes_and_doubled_quotes_are_undone),
        cmocka_unit_test(a_quote_inside_a_field_is_a_byte),
        cmocka_unit_test(any_byte_is_data_and_one_cr_at_the_end_is_not),
        cmocka_unit_test(an_empty_field_is_an_empty_string),
        cmocka_unit_test(missing_and_extra_fields_are_counted),
        cmocka_unit_test(wrong_values_are_named),
        cmocka_unit_test(a_nul_in_a_char_field_is_named),
        cmocka_unit_test(wrong_quotes_are_named),
        cmocka_unit_test(a_long_wrong_value_is_cut_in_the_message),
        cmocka_unit_test(the_error_may_be_left_out),
        cmocka_unit_test(only_what_needs_quotes_gets_them),
        cmocka_unit_test(a_line_is_written_as_it_is),
        cmocka_unit_test(every_kind_is_written),
        cmocka_unit_test(written_rows_read_back),
        cmocka_unit_test(random_lines_never_reach_outside),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
