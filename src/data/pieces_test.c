/* data/pieces_test.c - records in a run of bytes. */
#include "data/pieces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/test.h"

static void has(enum riv_pieces how, const char *bytes, size_t n,
                const char *joined, int64_t count)
{
    char text[128] = "";
    riv_str rest = { bytes, n }, piece;
    size_t used = 0;
    assert_int_equal(riv__pieces_count(how, rest), count);
    for (int64_t i = 0; i < count; i++) {
        assert_int_equal(riv__pieces_next(how, &rest, &piece), 1);
        used += (size_t)snprintf(text + used, sizeof text - used, "%.*s|",
                                 (int)piece.n, piece.p);
    }
    assert_int_equal(rest.n, 0);
    assert_string_equal(text, joined);
}

static void a_whole_run_is_one_record(void **state)
{
    (void)state;
    has(RIV__PIECES_WHOLE, "a\nb\n", 4, "a\nb\n|", 1);
    has(RIV__PIECES_WHOLE, "", 0, "|", 1);
}

static void lines_need_no_newline_at_the_end(void **state)
{
    (void)state;
    has(RIV__PIECES_LINES, "a\n\nbc\n", 6, "a||bc|", 3);
    has(RIV__PIECES_LINES, "a\nbc", 4, "a|bc|", 2);
    has(RIV__PIECES_LINES, "", 0, "|", 1);
}

static void lengths_of_four_bytes_stand_before_records(void **state)
{
    (void)state;
    has(RIV__PIECES_LENGTH32, "\0\0\0\2ab\0\0\0\0\0\0\0\1c", 15, "ab||c|", 3);
    has(RIV__PIECES_LENGTH32, "", 0, "", 0);
}

static void varints_stand_before_records(void **state)
{
    char bytes[2 + 300];
    riv_str rest = { bytes, sizeof bytes }, piece;
    (void)state;
    has(RIV__PIECES_VARINT, "\2ab\0\1c", 6, "ab||c|", 3);
    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes, "\xac\x02", 2); /* 300 */
    assert_int_equal(riv__pieces_count(RIV__PIECES_VARINT, rest), 1);
    assert_int_equal(riv__pieces_next(RIV__PIECES_VARINT, &rest, &piece), 1);
    assert_int_equal(piece.n, 300);
    assert_ptr_equal(piece.p, bytes + 2);
}

static void a_length_that_does_not_fit_is_told(void **state)
{
    static const struct {
        enum riv_pieces how;
        const char *bytes;
        size_t n;
    } wrong[] = {
        { RIV__PIECES_LENGTH32, "\0\0\0", 3 },
        { RIV__PIECES_LENGTH32, "\0\0\0\3ab", 6 },
        { RIV__PIECES_LENGTH32, "\377\377\377\377ab", 6 },
        { RIV__PIECES_LENGTH32, "\0\0\0\1a\0", 6 },
        { RIV__PIECES_VARINT, "\200", 1 },
        { RIV__PIECES_VARINT, "\3ab", 3 },
        { RIV__PIECES_VARINT, "\377\377\377\377\377\1", 6 },
    };
    (void)state;
    for (size_t i = 0; i < RIV__LEN(wrong); i++)
        assert_int_equal(
            riv__pieces_count(wrong[i].how,
                              riv__str(wrong[i].bytes, wrong[i].n)),
            -1);
}

static void there_may_be_a_million(void **state)
{
    char *bytes = calloc(RIV__PIECES_MAX + 1, 1);
    (void)state;
    assert_int_equal(
        riv__pieces_count(RIV__PIECES_VARINT, riv__str(bytes, RIV__PIECES_MAX)),
        RIV__PIECES_MAX);
    assert_int_equal(riv__pieces_count(RIV__PIECES_VARINT,
                                       riv__str(bytes, RIV__PIECES_MAX + 1)),
                     -1);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_run_is_one_record),
        cmocka_unit_test(lines_need_no_newline_at_the_end),
        cmocka_unit_test(lengths_of_four_bytes_stand_before_records),
        cmocka_unit_test(varints_stand_before_records),
        cmocka_unit_test(a_length_that_does_not_fit_is_told),
        cmocka_unit_test(there_may_be_a_million),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
