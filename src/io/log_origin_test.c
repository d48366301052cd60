/* io/log_log_origin_test.c - which message a line or a row is of, and how that is told. */
#include "io/log_origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/test.h"

static const char *shown(const struct riv_log_origin *origin,
                         struct riv_log_at *at, const void *p)
{
    static char text[RIV__LOG_ORIGIN_SHOWN];
    struct riv_message message;
    if (!riv__log_origin_find(origin, at, p, &message))
        return "nowhere";
    return riv__log_origin_show(origin, &message, text, sizeof text);
}

/* Offsets 8 and 9 are a marker and an aborted record, 11 has no value. */
static const char lines[] = "a\nb\nc\n"
                            "d\n"
                            "\n"
                            "e\n\n";
static const struct riv_log_place line_place[] = {
    { 6, 8, 0 }, { 8, 11, 0 }, { 8, 12, 0 }, { 9, 13, 0 }, { 12, 21, 0 },
};
static const struct riv_log_origin of_lines = { .topic = { "t", 1 },
                                                .partition = 3,
                                                .place = line_place,
                                                .n = RIV__LEN(line_place),
                                                .bytes = lines };

RIV_TEST(a_line_is_of_the_message_whose_bytes_it_is_in)
{
    static const char *const want[] = {
        [0] = "t/3 offset 7, line 1 of it",
        [2] = "t/3 offset 7, line 2 of it",
        [4] = "t/3 offset 7, line 3 of it",
        [6] = "t/3 offset 10",
        [8] = "t/3 offset 12",
        [9] = "t/3 offset 20, line 1 of it",
        [11] = "t/3 offset 20, line 2 of it",
    };
    struct riv_log_at forth = { 0 }, back = { 0 };
    for (size_t i = 0; i < RIV__LEN(want); i++)
        if (want[i])
            assert_string_equal(shown(&of_lines, &forth, lines + i), want[i]);
    for (size_t i = RIV__LEN(want); i-- > 0;)
        if (want[i])
            assert_string_equal(shown(&of_lines, &back, lines + i), want[i]);
    assert_string_equal(shown(&of_lines, &back, lines + 12), "nowhere");
    assert_string_equal(shown(&of_lines, &back, "elsewhere"), "nowhere");
}

RIV_TEST(lines_are_counted_through_bytes_that_lie_in_two_places)
{
    static const char head[] = "a\nb\n", rest[] = "c\nd\n";
    static const struct riv_log_place place[] = { { 8, 5, 0 } };
    const struct riv_log_origin origin = { .topic = riv_cstr("t"),
                                           .place = place,
                                           .n = 1,
                                           .head = riv__str(head, 4),
                                           .bytes = rest };
    struct riv_log_at at = { 0 };
    assert_string_equal(shown(&origin, &at, rest + 2),
                        "t/0 offset 4, line 4 of it");
    assert_string_equal(shown(&origin, &at, head),
                        "t/0 offset 4, line 1 of it");
    assert_string_equal(shown(&origin, &at, head + 2),
                        "t/0 offset 4, line 2 of it");
    assert_string_equal(shown(&origin, &at, rest),
                        "t/0 offset 4, line 3 of it");
    assert_string_equal(shown(&origin, &at, rest + 4), "nowhere");
}

/* A message of three with the key "K", one of one, one without bytes. */
RIV_TEST(a_row_is_told_by_itself_or_by_bytes_it_points_to)
{
    static const char bytes[] = "Kabcdef";
    static const struct riv_log_place place[] = {
        { 2, RIV__LOG_INSIDE, 0 },
        { 3, RIV__LOG_INSIDE, 0 },
        { 4, 6, 0 },
        { 7, 10, 0 },
        { 7, 11, 0 },
    };
    riv_kafka_record row[RIV__LEN(place)] = {
        { .offset = 5, .value = { bytes + 1, 1 } },
        { .offset = 5, .value = { bytes + 2, 1 } },
        { .offset = 5, .value = { bytes + 3, 1 } },
        { .offset = 9, .value = { bytes + 5, 2 } },
        { .offset = 10 },
    };
    const struct riv_log_origin origin = { .topic = riv_cstr("t"),
                                           .place = place,
                                           .n = RIV__LEN(place),
                                           .bytes = bytes,
                                           .row = row };
    struct riv_log_at at = { 0 };
    assert_string_equal(shown(&origin, &at, &row[2]),
                        "t/0 offset 5, record 3 of it");
    assert_string_equal(shown(&origin, &at, &row[1]),
                        "t/0 offset 5, record 2 of it");
    assert_string_equal(shown(&origin, &at, &row[0]),
                        "t/0 offset 5, record 1 of it");
    assert_string_equal(shown(&origin, &at, bytes + 3),
                        "t/0 offset 5, record 3 of it");
    assert_string_equal(shown(&origin, &at, bytes + 1),
                        "t/0 offset 5, record 1 of it");
    /* the key is that of all three */
    assert_string_equal(shown(&origin, &at, bytes), "t/0 offset 5");
    assert_string_equal(shown(&origin, &at, bytes + 4), "t/0 offset 9");
    assert_string_equal(shown(&origin, &at, &row[3]), "t/0 offset 9");
    assert_string_equal(shown(&origin, &at, &row[4]), "t/0 offset 10");
    assert_string_equal(shown(&origin, &at, row + 5), "nowhere");
}

RIV_TEST(of_a_stretch_first_and_last_message_are_told)
{
    char text[RIV__LOG_ORIGIN_SHOWN];
    struct riv_message message;
    assert_true(
        riv__log_origin_span(&of_lines, lines + 2, lines + 9, &message));
    assert_string_equal(
        riv__log_origin_show(&of_lines, &message, text, sizeof text),
        "t/3 offsets 7 to 20");
    assert_true(riv__log_origin_span(&of_lines, lines, lines + 5, &message));
    assert_string_equal(
        riv__log_origin_show(&of_lines, &message, text, sizeof text),
        "t/3 offset 7");
    assert_false(riv__log_origin_span(&of_lines, lines, "elsewhere", &message));
}

/* Each message of n lines is looked at once, not n times. */
RIV_TEST(all_lines_of_a_large_message_are_found_in_one_pass)
{
    enum { N = 1 << 20 };
    char *bytes = malloc(N);
    assert_non_null(bytes);
    memset(bytes, '\n', N);
    const struct riv_log_place place[] = { { N, 1, 0 } };
    const struct riv_log_origin origin = {
        .topic = riv_cstr("t"), .place = place, .n = 1, .bytes = bytes
    };
    struct riv_log_at at = { 0 };
    struct riv_message message;
    for (size_t i = 0; i < N; i++) {
        assert_true(riv__log_origin_find(&origin, &at, bytes + i, &message));
        assert_true(message.number == i + 1);
    }
    free(bytes);
}

static void round_trip(const struct riv_log_origin *origin,
                       struct riv_message message, const char *want)
{
    struct riv_buf buf;
    struct riv_log_name name;
    riv__buf_init(&buf, 0);
    riv__buf_str(&buf, "kafka://h:9092/t?start=0:5");
    riv__log_origin_put(origin, &message, &buf);
    assert_int_equal(buf.n, strlen(want));
    assert_memory_equal(buf.p, want, buf.n);
    assert_true(riv__log_origin_read(riv__str(buf.p, buf.n), &name));
    assert_true(riv_eq(name.uri, riv_cstr("kafka://h:9092/t?start=0:5")));
    assert_true(riv_eq(name.topic, riv_cstr("t")));
    assert_int_equal(name.partition, 3);
    assert_int_equal(name.is_row, origin->row && message.number > 0);
    assert_int_equal(name.message.number, message.number);
    const bool is_span = message.offset != message.last;
    assert_int_equal(name.message.offset, is_span ? message.offset : -1);
    assert_int_equal(name.message.last, is_span ? message.last : -1);
    riv__buf_fini(&buf);
}

RIV_TEST(a_source_is_read_back_as_it_was_written)
{
    struct riv_log_origin origin = of_lines;
    const riv_kafka_record row = { .offset = 0 };
    round_trip(&origin, (struct riv_message){ 7, 7, 0 },
               "kafka://h:9092/t?start=0:5#t/3");
    round_trip(&origin, (struct riv_message){ 7, 7, 2 },
               "kafka://h:9092/t?start=0:5#t/3:line=2");
    round_trip(&origin, (struct riv_message){ 7, 90, 0 },
               "kafka://h:9092/t?start=0:5#t/3:offsets=7-90");
    origin.row = &row;
    round_trip(&origin, (struct riv_message){ 7, 7, 2 },
               "kafka://h:9092/t?start=0:5#t/3:record=2");
}

RIV_TEST(what_has_another_form_is_no_origin)
{
    static const char *const source[] = {
        "",
        "kafka://h/t",
        "a#",
        "a#t",
        "a#/3",
        "a#t/",
        "a#t/x",
        "a#t/-3",
        "a#t/3:line",
        "a#t/3:line=x",
        "a#t/3:offsets=7",
        "a#t/3:x=7",
        "a#t/99999999999",
        "a#t/3:line=",
        "a#t/3:offsets=-3",
    };
    struct riv_log_name name;
    for (size_t i = 0; i < RIV__LEN(source); i++)
        if (riv__log_origin_read(riv_cstr(source[i]), &name))
            fail_msg("%s", source[i]);
    assert_false(riv__log_origin_read((riv_str){ NULL, 0 }, &name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_of_the_message_whose_bytes_it_is_in),
        cmocka_unit_test(
            lines_are_counted_through_bytes_that_lie_in_two_places),
        cmocka_unit_test(a_row_is_told_by_itself_or_by_bytes_it_points_to),
        cmocka_unit_test(of_a_stretch_first_and_last_message_are_told),
        cmocka_unit_test(all_lines_of_a_large_message_are_found_in_one_pass),
        cmocka_unit_test(a_source_is_read_back_as_it_was_written),
        cmocka_unit_test(what_has_another_form_is_no_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
