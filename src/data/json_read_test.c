/* data/json_read_test.c - JSON lines to rows: what is read, what is refused and
 * how it is said. That the same lines are JSON for another parser, too, is
 * tests/json. */
#include "data/json_read.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "data/csv.h"
#include "data/encode.h"
#include "data/fixture.h"
#include "data/json.h"

typedef struct {
    riv_str name;
    int64_t id;
    double amount;
    bool ok;
} event;
RIV_STRUCT(event, name, id, amount, ok);

typedef struct {
    int32_t i32;
    uint32_t u32;
    uint64_t u64;
    float f32;
    char code[4];
} narrow;
RIV_STRUCT(narrow, i32, u32, u64, f32, code);

static struct riv_arena arena;
static struct riv_json_reader *reader;
static const struct riv_layout *layout;
static struct riv_err err;
static union fixture_row row;

static int start(void **state)
{
    (void)state;
    riv__arena_init(&arena, 4096);
    return 0;
}

static void reader_of(const riv_type *type)
{
    riv__json_reader_free(reader);
    reader = NULL;
    layout = fixture_layout(&arena, type);
    assert_int_equal(riv__json_reader_new(layout, &reader, &err), 0);
}

static int finish(void **state)
{
    (void)state;
    riv__json_reader_free(reader);
    reader = NULL;
    riv__arena_fini(&arena);
    return 0;
}

/* Memory that ends with the line, so that a sanitizer sees a read behind it. */
static int read_line(const char *p, size_t n)
{
    char *copy = malloc(n + 1);
    memcpy(copy, p, n);
    err = (struct riv_err){ 0 };
    int rc =
        riv__json_read(reader, (riv_str){ copy, n }, false, &row, &arena, &err);
    free(copy);
    return rc;
}

/* The row as CSV, which has a form for every value. */
static void reads(const char *line, const char *want)
{
    struct riv_buf buf;
    if (read_line(line, strlen(line)) != 0)
        fail_msg("%s: %s", line, err.text);
    riv__buf_init(&buf, 0);
    riv__csv_write(layout, &row, ',', &buf);
    buf.p[buf.n - 1] = '\0';
    assert_string_equal(buf.p, want);
    riv__buf_fini(&buf);
}

static void refuses(const char *line, const char *why)
{
    assert_int_equal(read_line(line, strlen(line)), RIV_ERECORD);
    if (strcmp(err.text, why) != 0)
        fail_msg("%s: \"%s\" is not \"%s\"", line, err.text, why);
}

static void fields_are_found_by_their_names(void **state)
{
    (void)state;
    reader_of(&riv_type_event);
    reads("{\"name\":\"a\",\"id\":7,\"amount\":1.5,\"ok\":true}",
          "a,7,1.5,true");
    reads(
        " { \"ok\" : false , \"amount\" : -2e3 , \"id\" : -7 , \"name\" : \"\" "
        "} \r",
        ",-7,-2000,false");
    /* among others, of any kind */
    reads(
        "{\"x\":[1,{\"id\":3},null],\"id\":1,\"y\":{\"name\":\"no\"},\"amount\":0,"
        "\"ok\":true,\"name\":\"b\",\"z\":\"\\u0000\"}",
        "b,1,0,true");
    /* names may be written with escapes; the last of equal ones counts */
    reads("{\"n\\u0061me\":\"a\",\"id\":1,\"id\":2,\"amount\":0,\"ok\":true}",
          "a,2,0,true");
}

/* As some programs write it, and wherever files were put together. */
static void a_mark_of_utf_8_may_stand_before_a_line(void **state)
{
    (void)state;
    reader_of(&riv__type_i64);
    reads("\xef\xbb\xbf"
          "7",
          "7");
    refuses("\xef\xbb\xbf", "no JSON: it is empty");
    refuses("\xef\xbb"
            "7",
            "no JSON: it is not UTF-8");
}

static void structs_are_objects(void **state)
{
    (void)state;
    reader_of(&riv_type_keyed);
    reads("{\"key\":\"k\",\"val\":{\"temp\":20.5,\"sensor\":\"s\"}}",
          "k,s,20.5");
    refuses("{\"key\":\"k\",\"val\":{\"sensor\":\"s\"}}",
            "field val.temp is missing");
    refuses("{\"key\":\"k\"}", "field val.sensor is missing");
    refuses("{\"key\":\"k\",\"val\":[1]}", "field val: '[...]' is no object");
    refuses("{\"key\":\"k\",\"val\":{\"sensor\":5,\"temp\":1}}",
            "field val.sensor: '5' is no text");
    refuses("[1]", "'[...]' is no object");
    refuses("7", "'7' is no object");
}

static void plain_types_are_bare_values(void **state)
{
    (void)state;
    reader_of(&riv__type_i64);
    reads("-9223372036854775808", "-9223372036854775808");
    refuses("\"a\"", "'a' is no number");
    reader_of(&riv__type_str);
    reads("\"a b\"", "a b");
    refuses("a b", "no JSON: a comma, colon, bracket or quote is missing, or "
                   "one too many");
}

static void escapes_become_what_they_stand_for(void **state)
{
    static const char want[] = "\"\\/\b\f\n\r\t\0\xc3\xa9\xe2\x82\xac"
                               "\xf0\x9f\x98\x80";
    (void)state;
    reader_of(&riv__type_str);
    const char *line = "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\u20AC"
                       "\\uD83D\\ude00\"";
    assert_int_equal(read_line(line, strlen(line)), 0);
    assert_int_equal(row.str.n, sizeof want - 1);
    assert_memory_equal(row.str.p, want, row.str.n);
    refuses("\"\\x41\"", "no JSON: an escape in a string is wrong");
    refuses("\"\\u12g4\"", "no JSON: an escape in a string is wrong");
    refuses("\"\\ud83d\"", "no JSON: an escape in a string is wrong");
    refuses("\"a\tb\"", "no JSON: a string has a control character that is not "
                        "escaped");
    refuses("\"a", "no JSON: a string does not end");
    refuses("\"a\xff\"", "no JSON: it is not UTF-8");
}

static void numbers_are_held_to_their_kind(void **state)
{
    (void)state;
    reader_of(&riv_type_narrow);
#define NARROW(i, u, l, f, c) \
    "{\"i32\":" i ",\"u32\":" u ",\"u64\":" l ",\"f32\":" f ",\"code\":\"" c \
    "\"}"
    reads(NARROW("-2147483648", "4294967295", "18446744073709551615", "1e38",
                 "abcd"),
          "-2147483648,4294967295,18446744073709551615,1e+38,abcd");
    reads(NARROW("0", "0", "0", "null", ""), "0,0,0,nan,");
    refuses(NARROW("2147483648", "0", "0", "0", ""),
            "field i32: '2147483648' does not fit into 32 bits");
    refuses(NARROW("1.0", "0", "0", "0", ""),
            "field i32: '1' was written with a point or an exponent, as no "
            "whole number is");
    refuses(NARROW("true", "0", "0", "0", ""),
            "field i32: 'true' is no number");
    refuses(NARROW("null", "0", "0", "0", ""),
            "field i32: 'null' is no number");
    refuses(NARROW("\"1\"", "0", "0", "0", ""), "field i32: '1' is no number");
    refuses(NARROW("0", "4294967296", "0", "0", ""),
            "field u32: '4294967296' does not fit into 32 bits");
    refuses(NARROW("0", "-1", "0", "0", ""), "field u32: '-1' is below 0");
    refuses(NARROW("0", "0", "-1", "0", ""), "field u64: '-1' is below 0");
    refuses(NARROW("0", "0", "0", "1e39", ""),
            "field f32: '9.9999999999999994e+38' does not fit into 32 bits");
    refuses(NARROW("0", "0", "0", "0", "abcde"),
            "field code: 'abcde' is longer than the field");
    refuses(NARROW("0", "0", "0", "0", "a\\u0000b"),
            "field code: 'a' has a NUL, at which a char[N] ends");
    reader_of(&riv__type_i64);
    refuses("9223372036854775808",
            "'9223372036854775808' does not fit into 64 bits");
}

/* Numbers that no JSON has, or no 64 bits; also where nobody asked for them. */
static void a_number_out_of_range_is_named(void **state)
{
    (void)state;
    reader_of(&riv_type_event);
    static const char *const wrong[] = { "18446744073709551616",
                                         "-9223372036854775809",
                                         "1e999",
                                         "01",
                                         "1.",
                                         "-",
                                         "1e",
                                         "1.5.2",
                                         "0x10",
                                         "1e+" };
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        char line[200], why[200];
        snprintf(line, sizeof line,
                 "{\"name\":\"1e999\",\"x\":-0.5E-2,\"id\":%s,\"ok\":true}",
                 wrong[i]);
        snprintf(why, sizeof why,
                 "no JSON: \"id\": %s is no number, or does not fit into 64 "
                 "bits",
                 wrong[i]);
        refuses(line, why);
    }
    refuses("-", "no JSON: - is no number, or does not fit into 64 bits");
}

static void a_missing_field_is_named(void **state)
{
    (void)state;
    reader_of(&riv_type_event);
    refuses("{}", "field name is missing");
    refuses("{\"name\":\"a\",\"amount\":1,\"ok\":true}", "field id is missing");
    /* what the record before had is not there for this one */
    reads("{\"name\":\"a\",\"id\":7,\"amount\":1.5,\"ok\":true}",
          "a,7,1.5,true");
    refuses("{\"name\":\"a\",\"id\":7,\"amount\":1.5,\"OK\":true}",
            "field ok is missing");
    refuses("{\"name\":\"a\",\"id\":7,\"amount\":1.5,\"ok\":1}",
            "field ok: '1' is neither true nor false");
}

static void what_is_no_json_is_said(void **state)
{
    static const struct {
        const char *line, *why;
    } wrong[] = {
        { "", "it is empty" },
        { "   ", "it is empty" },
        { "{\"a\":tru}", "a word is none of true, false and null" },
        { "{\"a\":nul}", "a word is none of true, false and null" },
        { "{\"a\":1", "a comma, colon, bracket or quote is missing, or one too "
                      "many" },
        { "{\"a\" 1}",
          "a comma, colon, bracket or quote is missing, or one too "
          "many" },
        { "{\"a\":1,}", "a comma, colon, bracket or quote is missing, or one "
                        "too many" },
        { "{} {}", "a comma, colon, bracket or quote is missing, or one too "
                   "many" },
        { "{a:1}", "a comma, colon, bracket or quote is missing, or one too "
                   "many" },
    };
    (void)state;
    reader_of(&riv_type_event);
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        char why[200];
        snprintf(why, sizeof why, "no JSON: %s", wrong[i].why);
        refuses(wrong[i].line, why);
    }
    char *deep = malloc(20000);
    memset(deep, '[', 10000);
    memset(deep + 10000, ']', 10000);
    assert_int_equal(read_line(deep, 20000), RIV_ERECORD);
    assert_string_equal(err.text, "no JSON: it is nested too deeply");
    free(deep);
}

/* Without the copy that lines with nothing behind them need. */
static void a_line_within_a_block_is_read_where_it_lies(void **state)
{
    static const char block[1000] = "{\"name\":\"abc\",\"id\":1,\"amount\":2,"
                                    "\"ok\":true}\n{\"name\":\"x\"}";
    const char *end = strchr(block, '\n');
    (void)state;
    reader_of(&riv_type_event);
    assert_int_equal(
        riv__json_read(reader, (riv_str){ block, (size_t)(end - block) }, true,
                       &row, &arena, &err),
        0);
    const event *e = (const event *)&row;
    assert_true(riv_eq(e->name, riv_cstr("abc")));
    assert_true(e->name.p < block || e->name.p >= block + sizeof block);
}

/* "-0" is a whole number to a reader of JSON, and has no sign then. */
static void no_negative_zero(void *at)
{
    for (uint32_t i = 0; i < layout->nleaf; i++) {
        const struct riv_leaf *leaf = &layout->leaf[i];
        char *p = (char *)at + leaf->offset;
        if ((leaf->kind == RIV_K_F64 && RIV__LOAD(double, p) == 0) ||
            (leaf->kind == RIV_K_F32 && RIV__LOAD(float, p) == 0))
            memset(p, 0, leaf->length);
    }
}

/* What the writer wrote comes back the same, but for what JSON cannot hold. */
static void random_rows_are_read_back(void **state)
{
    uint64_t seed = 5;
    struct riv_buf text;
    (void)state;
    riv__buf_init(&text, 0);
    for (size_t k = 0; k < RIV__LEN(fixture_types); k++) {
        reader_of(fixture_types[k]);
        for (int i = 0; i < 2000; i++) {
            union fixture_row made, *back = &row;
            memset(&made, 0, sizeof made);
            fixture_row(layout, &made, &arena, &seed, "ab\"\\\n\t\1 ");
            no_negative_zero(&made);
            riv__buf_reset(&text);
            riv__json_write(layout, &made, &text);
            int rc = read_line(text.p, text.n - 1);
            if (rc != 0)
                fail_msg("%s: %.*s", err.text, (int)text.n, text.p);
            struct riv_buf again;
            riv__buf_init(&again, 0);
            riv__json_write(layout, back, &again);
            if (again.n != text.n || memcmp(again.p, text.p, text.n) != 0)
                fail_msg("%.*s%.*s", (int)text.n, text.p, (int)again.n,
                         again.p);
            riv__buf_fini(&again);
            riv__arena_reset(&arena, 1 << 20);
            layout = fixture_layout(&arena, fixture_types[k]);
            reader_of(fixture_types[k]);
        }
    }
    riv__buf_fini(&text);
}

/* A line may be cut or changed anywhere: an answer, and no read outside. */
static void damaged_lines_get_an_answer(void **state)
{
    static const char good[] =
        "{\"name\":\"a\\u00e9\\n\xc3\xa9\",\"id\":-12,\"amount\":1.25e-3,\"ok\":true,"
        "\"more\":[{},[],null,\"x\"]}";
    uint64_t seed = 3;
    (void)state;
    reader_of(&riv_type_event);
    for (size_t n = 0; n < sizeof good - 1; n++)
        assert_int_equal(read_line(good, n), RIV_ERECORD);
    for (int i = 0; i < 20000; i++) {
        char line[sizeof good];
        memcpy(line, good, sizeof good);
        for (uint64_t k = fixture_next(&seed) % 3; k < 3; k++)
            line[fixture_next(&seed) % (sizeof good - 1)] =
                (char)(fixture_next(&seed) >> 8);
        int rc = read_line(line, sizeof good - 1);
        assert_true(rc == 0 || rc == RIV_ERECORD);
        assert_true(rc == 0 || err.text[0]);
    }
}

static void no_reader_without_the_library(void **state)
{
    (void)state;
    layout = fixture_layout(&arena, &riv_type_event);
    assert_int_equal(riv__json_reader_new(layout, &reader, &err), RIV_EINVAL);
    assert_string_equal(err.text, "this build reads no JSON");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(fields_are_found_by_their_names),
        TEST(a_mark_of_utf_8_may_stand_before_a_line),
        TEST(structs_are_objects),
        TEST(plain_types_are_bare_values),
        TEST(escapes_become_what_they_stand_for),
        TEST(numbers_are_held_to_their_kind),
        TEST(a_number_out_of_range_is_named),
        TEST(a_missing_field_is_named),
        TEST(what_is_no_json_is_said),
        TEST(a_line_within_a_block_is_read_where_it_lies),
        TEST(random_rows_are_read_back),
        TEST(damaged_lines_get_an_answer),
    };
    const struct CMUnitTest none[] = { TEST(no_reader_without_the_library) };
    return riv__json_reader_name() ? cmocka_run_group_tests(tests, NULL, NULL)
                                   : cmocka_run_group_tests(none, NULL, NULL);
}
