/* cli/frame_test.c - clipped drawing, and what reaches the terminal. */
#include "frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct frame frame;

static int open_frame(void **state)
{
    (void)state;
    return frame_init(&frame, 10, 3, true) ? 0 : -1;
}

static int close_frame(void **state)
{
    (void)state;
    frame_fini(&frame);
    return 0;
}

static void painted(enum paint how, const char *expected)
{
    size_t n = 0;
    char *bytes = frame_paint(&frame, how, &n);
    assert_non_null(bytes);
    assert_int_equal(n, strlen(expected));
    assert_memory_equal(bytes, expected, n);
    free(bytes);
}

static void text_is_cut_at_the_edge(void **state)
{
    (void)state;
    struct area line = frame_area(&frame);
    assert_int_equal(frame_text(&frame, line, STYLE_BOLD, "0123456789abc"), 10);
    painted(PAINT_PLAIN, "0123456789\n\n\n");
}

static void text_stands_at_the_right(void **state)
{
    (void)state;
    struct area area = frame_area(&frame);
    frame_right(&frame, area_line(&area), STYLE_PLAIN, "abc");
    frame_right(&frame, area_line(&area), STYLE_PLAIN, "longer than that");
    painted(PAINT_PLAIN, "       abc\nlonger tha\n\n");
}

static void an_area_behind_the_last_line_takes_nothing(void **state)
{
    (void)state;
    struct area area = frame_area(&frame);
    for (int i = 0; i < 5; i++)
        frame_text(&frame, area_line(&area), STYLE_PLAIN, "x");
    painted(PAINT_PLAIN, "x\nx\nx\n");
    struct area outside = { 7, 20, 4, 4 };
    frame_text(&frame, outside, STYLE_PLAIN, "y");
    frame_bar(&frame, outside, STYLE_PLAIN, 1);
    painted(PAINT_PLAIN, "x\nx\nx\n");
}

static void columns_are_characters_not_bytes(void **state)
{
    (void)state;
    struct area area = frame_area(&frame);
    assert_int_equal(frame_text(&frame, area_line(&area), STYLE_PLAIN, "grün"),
                     4);
    frame_right(&frame, area_line(&area), STYLE_PLAIN, "über");
    painted(PAINT_PLAIN, "grün\n      über\n\n");
}

static void what_could_steer_the_terminal_is_a_question_mark(void **state)
{
    (void)state;
    struct area area = frame_area(&frame);
    frame_text(&frame, area_line(&area), STYLE_PLAIN, "a\033[2Jb\x7f\n");
    frame_text(&frame, area_line(&area), STYLE_PLAIN,
               "\xc2\x9b"
               "1m\xff");
    painted(PAINT_PLAIN, "a?[2Jb??\n?1m?\n\n");
}

static void a_terminal_without_utf8_gets_none(void **state)
{
    (void)state;
    frame.utf8 = false;
    struct area area = frame_area(&frame);
    const double rise[] = { 0, 0.5, 1 };
    frame_text(&frame, area_line(&area), STYLE_PLAIN, "grün");
    frame_bar(&frame, area_line(&area), STYLE_BAR, 0.5);
    frame_spark(&frame, area_line(&area), STYLE_BAR, rise, 3);
    painted(PAINT_PLAIN, "gr?n\n#####.....\n_=#\n");
}

static void a_bar_has_eighths_of_a_column(void **state)
{
    (void)state;
    struct area area = frame_area(&frame);
    frame_bar(&frame, area_line(&area), STYLE_BAR, 0.5);
    frame_bar(&frame, area_line(&area), STYLE_BAR, 0.15);
    frame_bar(&frame, area_line(&area), STYLE_BAR, 7);
    painted(PAINT_PLAIN, "█████\n█▌\n██████████\n");
}

static void a_bar_of_nothing_or_nonsense_is_empty(void **state)
{
    (void)state;
    struct area area = frame_area(&frame);
    volatile double zero = 0;
    frame_bar(&frame, area_line(&area), STYLE_BAR, -1);
    frame_bar(&frame, area_line(&area), STYLE_BAR, zero / zero);
    painted(PAINT_PLAIN, "\n\n\n");
}

static void a_spark_shows_the_newest_that_fit(void **state)
{
    (void)state;
    double value[20] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    frame_spark(&frame, frame_area(&frame), STYLE_BAR, value, 20);
    painted(PAINT_PLAIN, "▁▁▁▁▁▁▁▁▁▁\n\n\n");
}

static void colours_appear_only_when_asked_for(void **state)
{
    (void)state;
    struct area area = frame_area(&frame);
    frame_text(&frame, area_line(&area), STYLE_BAD, "bad");
    painted(PAINT_COLOUR,
            "\033[H\033[0;1;31mbad\033[0m\033[K\r\n\033[K\r\n\033[K");
    painted(PAINT_MONO, "\033[Hbad\033[K\r\n\033[K\r\n\033[K");
}

static void sizes_have_limits(void **state)
{
    (void)state;
    struct frame other;
    assert_true(frame_init(&other, -5, 0, true));
    assert_int_equal(other.cols, 1);
    assert_int_equal(other.rows, 1);
    frame_fini(&other);
    assert_true(frame_init(&other, 100000, 100000, true));
    assert_int_equal(other.cols, FRAME_COLS_MAX);
    assert_int_equal(other.rows, FRAME_ROWS_MAX);
    frame_fini(&other);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, open_frame, close_frame)
    const struct CMUnitTest tests[] = {
        T(text_is_cut_at_the_edge),
        T(text_stands_at_the_right),
        T(an_area_behind_the_last_line_takes_nothing),
        T(columns_are_characters_not_bytes),
        T(what_could_steer_the_terminal_is_a_question_mark),
        T(a_terminal_without_utf8_gets_none),
        T(a_bar_has_eighths_of_a_column),
        T(a_bar_of_nothing_or_nonsense_is_empty),
        T(a_spark_shows_the_newest_that_fit),
        T(colours_appear_only_when_asked_for),
        T(sizes_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
