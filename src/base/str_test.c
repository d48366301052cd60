/* base/str_test.c - slices: trimming, distance, and showing hostile bytes. */
#include "base/str.h"

#include <string.h>

#include "base/test.h"

static riv_str str_of(const char *text)
{
    return riv__str(text, strlen(text));
}

RIV_TEST(trimming_takes_white_space_from_both_ends_only)
{
    riv_str s = riv__str_trim(str_of(" \t\r\n a b \v\f"));
    assert_text_n(s.p, s.n, "a b");
    assert_int_equal(riv__str_trim(str_of("  \n ")).n, 0);
    assert_int_equal(riv__str_trim(riv__str(NULL, 0)).n, 0);
}

RIV_TEST(a_prefix_must_be_there_whole)
{
    assert_true(riv__str_starts(str_of("file:x"), "file:"));
    assert_true(riv__str_starts(str_of("x"), ""));
    assert_true(riv__str_starts(riv__str(NULL, 0), ""));
    assert_false(riv__str_starts(riv__str("file:", 4), "file:"));
    assert_false(riv__str_starts(str_of("fild:"), "file:"));
}

RIV_TEST(the_distance_counts_inserts_deletes_and_changes)
{
    assert_int_equal(riv__str_distance("", "", 3), 0);
    assert_int_equal(riv__str_distance("kitten", "sitting", 9), 3);
    assert_int_equal(riv__str_distance("", "abc", 9), 3);
    assert_int_equal(riv__str_distance("abc", "", 9), 3);
    assert_int_equal(riv__str_distance("interval", "intervall", 9), 1);
    assert_int_equal(riv__str_distance("flaw", "lawn", 9), 2);
}

RIV_TEST(a_distance_above_the_limit_is_the_limit_plus_one)
{
    char text[200];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(riv__str_distance("kitten", "sitting", 2), 3);
    assert_int_equal(riv__str_distance(text, text, 2), 3);
    assert_int_equal(riv__str_distance(text + sizeof text - 64, "", 99), 63);
}

static void assert_shown(riv_str s, size_t room, const char *text)
{
    char have[128];
    memset(have, '#', sizeof have);
    assert_ptr_equal(riv__str_show(have, room, s), have);
    assert_string_equal(have, text);
    assert_int_equal(have[room], '#');
}

RIV_TEST(printable_text_is_shown_as_it_is)
{
    assert_shown(str_of("plain text~"), 64, "plain text~");
    assert_shown(str_of("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"), 64,
                 "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
    assert_shown(riv__str(NULL, 0), 64, "");
}

RIV_TEST(what_could_move_a_terminal_is_escaped)
{
    assert_shown(riv__str("a\0b\n\x1b[31m\x7f", 10), 64,
                 "a\\x00b\\x0a\\x1b[31m\\x7f");
    assert_shown(str_of("c1 \xc2\x9b"), 64, "c1 \\xc2\\x9b");
    assert_shown(str_of("\xe2\x80\xae"), 64, "\\xe2\\x80\\xae"); /* U+202E */
    assert_shown(str_of("\xef\xbb\xbfid"), 64, "\\xef\\xbb\\xbfid");
    assert_shown(str_of("\xe2\x80\x8b"), 64, "\\xe2\\x80\\x8b"); /* U+200B */
    assert_shown(str_of("C:\\x0a"), 64, "C:\\\\x0a");
}

RIV_TEST(bytes_that_are_not_utf8_are_escaped)
{
    assert_shown(str_of("\xff\x80"), 64, "\\xff\\x80");
    assert_shown(str_of("\xc3"), 64, "\\xc3");
    assert_shown(str_of("\xc0\xaf"), 64, "\\xc0\\xaf"); /* overlong */
    assert_shown(str_of("\xe0\x93\x80"), 64, "\\xe0\\x93\\x80");
    assert_shown(str_of("\xe0\x80\xaf"), 64, "\\xe0\\x80\\xaf");
    assert_shown(str_of("\xed\xa0\x80"), 64, "\\xed\\xa0\\x80"); /* surrogate */
    assert_shown(str_of("\xf4\x90\x80\x80"), 64, "\\xf4\\x90\\x80\\x80");
    assert_shown(str_of("\xe2\x82"
                        "a"),
                 64,
                 "\\xe2\\x82"
                 "a");
}

RIV_TEST(a_cut_shows_and_splits_nothing)
{
    assert_shown(str_of("abcdef"), 7, "abcdef");
    assert_shown(str_of("abcdef"), 6, "ab...");
    assert_shown(str_of("a\x01"
                        "b"),
                 7,
                 "a\\x01"
                 "b");
    assert_shown(str_of("a\x01"
                        "b"),
                 6, "a...");
    assert_shown(str_of("\xe2\x82\xac\xe2\x82\xac"), 7,
                 "\xe2\x82\xac\xe2\x82\xac");
    assert_shown(str_of("\xe2\x82\xac\xe2\x82\xac"), 6, "...");
    assert_shown(str_of("abc"), 3, "..");
    assert_shown(str_of("abc"), 1, "");
}

/* The mark once, at the begin; a suffix may be all there is. */
RIV_TEST(ends_and_marks_are_found)
{
    assert_true(riv__str_ends(riv_cstr("a.csv"), ".csv"));
    assert_true(riv__str_ends(riv_cstr(".csv"), ".csv"));
    assert_false(riv__str_ends(riv_cstr("csv"), ".csv"));
    assert_false(riv__str_ends(riv_cstr("a.csv2"), ".csv"));
    assert_true(riv_eq(riv__str_unmarked(riv_cstr("\xef\xbb\xbf"
                                                  "a\xef\xbb\xbf")),
                       riv_cstr("a\xef\xbb\xbf")));
    assert_true(
        riv_eq(riv__str_unmarked(riv_cstr("\xef\xbb")), riv_cstr("\xef\xbb")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(ends_and_marks_are_found),
        RIV_CASE(trimming_takes_white_space_from_both_ends_only),
        RIV_CASE(a_prefix_must_be_there_whole),
        RIV_CASE(the_distance_counts_inserts_deletes_and_changes),
        RIV_CASE(a_distance_above_the_limit_is_the_limit_plus_one),
        RIV_CASE(printable_text_is_shown_as_it_is),
        RIV_CASE(what_could_move_a_terminal_is_escaped),
        RIV_CASE(bytes_that_are_not_utf8_are_escaped),
        RIV_CASE(a_cut_shows_and_splits_nothing),
    };
    return RIV_RUN(tests);
}
