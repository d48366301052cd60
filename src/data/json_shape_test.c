/* data/json_shape_test.c - lines read by their shape give what the parser gives,
 * whatever is done to them: the parser is the oracle, for every level of
 * kernels. */
#include <stdio.h>
#include <stdlib.h>

#include "data/encode.h"
#include "data/fixture.h"
#include "data/json_read.h"

typedef struct {
    riv_str name;
    int64_t id;
    double amount;
    bool ok;
    char code[4];
    int32_t small;
    uint64_t big;
} event;
RIV_STRUCT(event, name, id, amount, ok, code, small, big);

enum { ROUNDS = 4000, LINE_MAX = 600 };

static struct riv_arena arena, strings;
static const struct riv_layout *layout;
static struct riv_json_reader *shaped, *parser;
static uint64_t seed;

static uint32_t below(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((seed >> 33) * n >> 31);
}

static void open_readers(void)
{
    struct riv_err err;
    riv__arena_init(&arena, 4096);
    riv__arena_init(&strings, 4096);
    layout = fixture_layout(&arena, &riv_type_event);
    assert_int_equal(riv__json_reader_new(layout, &shaped, &err), 0);
    assert_int_equal(riv__json_reader_new(layout, &parser, &err), 0);
}

static void close_readers(void)
{
    riv__json_reader_free(shaped);
    riv__json_reader_free(parser);
    riv__arena_fini(&arena);
    riv__arena_fini(&strings);
}

/* Rows are compared by what is written of them. */
static size_t encoded(const event *row, char *to)
{
    assert_true(riv__encode_bytes(layout, row) <= LINE_MAX);
    return (size_t)(riv__encode_row(layout, row, to) - to);
}

/* Reads the line both ways; was its shape known? */
static bool same_both_ways(const struct riv_kernels *kernels, const char *text,
                           size_t n)
{
    char a[LINE_MAX], b[LINE_MAX];
    char *line = malloc(n + RIV__SLACK); /* and nothing behind it */
    event by_shape, by_parser;
    struct riv_err err = { 0 };
    memset(line, '"', n + RIV__SLACK);
    memcpy(line, text, n);
    const riv_str s = { line, n };
    memset(&by_shape, 0, sizeof by_shape);
    memset(&by_parser, 0, sizeof by_parser);
    const bool known = riv__json_read_shaped(shaped, kernels, s, &by_shape);
    int rc = riv__json_read(parser, s, true, &by_parser, &strings, &err);
    if (known && rc != 0)
        fail_msg("%.*s: %s", (int)n, line, err.text);
    if (known) {
        const size_t bytes = encoded(&by_shape, a);
        assert_int_equal(encoded(&by_parser, b), bytes);
        assert_memory_equal(a, b, bytes);
    } else {
        rc = riv__json_read(shaped, s, true, &by_shape, &strings, &err);
    }
    free(line);
    riv__arena_reset(&strings, SIZE_MAX);
    return known;
}

static const char *const texts[] = { "",
                                     "a",
                                     "twelve bytes",
                                     "\\u00e9",
                                     "\\n",
                                     "\xc3\xa9",
                                     "a string that is longer than "
                                     "one load of the machine's, "
                                     "by far" };
static const char *const numbers[] = {
    "0",   "-0",         "7",    "-12",         "123456789012345678",
    "1e3", "0.25",       "-1.5", "01",          "9223372036854775808",
    "1.",  "2147483648", "null", "-2147483648", "0.1000000000000000055"
};
static const char *const words[] = { "true", "false", "null", "tru" };

#define PICK(list) ((list)[below(RIV__LEN(list))])

/* Mostly one layout, with values that mostly fit. */
static size_t line_make(char *to)
{
    const bool odd = below(4) == 0;
    const char *blank = odd && below(3) == 0 ? " " : "";
    return (size_t)snprintf(
        to, LINE_MAX,
        "{%s\"name\":\"%s\",\"other\":%s,\"id\":%s,\"amount\":%s,"
        "\"flag\":%s,\"ok\":%s,\"code\":\"%s\",\"small\":%u,\"big\":%s}%s",
        blank,
        odd        ? PICK(texts)
        : below(2) ? "bob"
                   : texts[6],
        odd ? PICK(numbers) : "12", odd ? PICK(numbers) : "-99",
        odd ? PICK(numbers) : "10.75", odd ? PICK(words) : "null",
        odd ? PICK(words) : "true", odd ? PICK(texts) : "DE", below(100),
        odd ? PICK(numbers) : "5", below(50) ? "" : " ");
}

/* A byte more, less, or another one. */
static size_t line_hurt(char *line, size_t n)
{
    static const char bytes[] = "\"\\{}[],:0-.e \x01\x80tn";
    const uint32_t at = below((uint32_t)n);
    const char c = bytes[below(sizeof bytes - 1)];
    switch (below(3)) {
    case 0: line[at] = c; return n;
    case 1: memmove(line + at, line + at + 1, n - at - 1); return n - 1;
    default:
        memmove(line + at + 1, line + at, n - at);
        line[at] = c;
        return n + 1;
    }
}

static void lines_of_a_shape_give_what_the_parser_gives(void **state)
{
    static const enum riv_cpu levels[] = { RIV__CPU_PLAIN, RIV__CPU_AVX2,
                                           RIV__CPU_AVX512 };
    (void)state;
    if (!riv__json_reader_name())
        skip();
    for (size_t l = 0; l < RIV__LEN(levels); l++) {
        uint32_t known = 0, hurt_known = 0;
        open_readers();
        seed = 11;
        for (int i = 0; i < ROUNDS; i++) {
            char line[LINE_MAX + 1];
            size_t n = line_make(line);
            known += same_both_ways(riv__kernels(levels[l]), line, n);
            n = line_hurt(line, n);
            hurt_known += same_both_ways(riv__kernels(levels[l]), line, n);
        }
        /* neither is the fast path idle, nor does it take everything */
        assert_in_range(known, ROUNDS / 4, ROUNDS - ROUNDS / 16);
        assert_in_range(hurt_known, 1, ROUNDS / 2);
        close_readers();
    }
}

/* Lines of one length in all values, until that is taken for granted. */
static size_t line_calm(char *to, const struct riv_kernels *kernels)
{
    size_t n = 0;
    for (int i = 0; i <= RIV__SHAPE_SETTLE; i++) {
        n = (size_t)snprintf(
            to, LINE_MAX,
            "{\"name\":\"2a17ceb4-44d9-5b5a-6d80-0b8c44900f8e\",\"other\":%u,"
            "\"id\":1790000000%u,\"amount\":10.%u,\"ok\":true,\"code\":\"DE\","
            "\"small\":%u,\"big\":5}",
            1 + below(9), 100 + below(900), 10 + below(90), 10 + below(90));
        assert_int_equal(same_both_ways(kernels, to, n), i > 0);
    }
    return n;
}

static void lengths_that_never_differed_are_looked_at_all_the_same(void **state)
{
    static const enum riv_cpu levels[] = { RIV__CPU_AVX2, RIV__CPU_AVX512 };
    static const char bytes[] = "\"\\{},:0-.e \x01\x80t";
    char calm[LINE_MAX], line[LINE_MAX + 1];
    (void)state;
    if (!riv__json_reader_name())
        skip();
    for (size_t l = 0; l < RIV__LEN(levels); l++) {
        const struct riv_kernels *kernels = riv__kernels(levels[l]);
        open_readers();
        const size_t n = line_calm(calm, kernels);
        size_t known = 0;
        for (size_t at = 0; at < n; at++)
            for (size_t k = 0; k < sizeof bytes - 1; k++) {
                memcpy(line, calm, n);
                line[at] = bytes[k];
                (void)same_both_ways(kernels, line, n);
                memmove(line + at + 1, calm + at, n - at);
                (void)same_both_ways(kernels, line, n + 1);
                known += same_both_ways(kernels, calm, n);
            }
        assert_true(known > n * (sizeof bytes - 1) / 2); /* of the shape.. */
        for (size_t end = 0; end < n; end++) /* ..and no part of it is */
            assert_false(same_both_ways(kernels, calm, end));
        close_readers();
    }
}

static void objects_and_names_that_come_again_have_no_shape(void **state)
{
    static const char *const lines[] = {
        "{\"name\":\"a\",\"id\":1,\"amount\":1,\"ok\":true,\"code\":\"\","
        "\"small\":1,\"big\":1,\"more\":{\"x\":1}}",
        "{\"name\":\"a\",\"id\":1,\"amount\":1,\"ok\":true,\"code\":\"\","
        "\"small\":1,\"big\":1,\"id\":2}",
        "{\"name\":\"a\",\"id\":1,\"amount\":1,\"ok\":true,\"code\":\"\","
        "\"small\":1,\"big\":1,\"more\":[]}",
    };
    (void)state;
    if (!riv__json_reader_name())
        skip();
    open_readers();
    for (size_t i = 0; i < RIV__LEN(lines); i++)
        for (int k = 0; k < 4; k++)
            assert_false(same_both_ways(riv__kernels(RIV__CPU_AVX512), lines[i],
                                        strlen(lines[i])));
    close_readers();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_a_shape_give_what_the_parser_gives),
        cmocka_unit_test(
            lengths_that_never_differed_are_looked_at_all_the_same),
        cmocka_unit_test(objects_and_names_that_come_again_have_no_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
