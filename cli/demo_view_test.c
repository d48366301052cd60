/* cli/demo_view_test.c - the live picture at every size, and the lines of a
 * pipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "demo.h"

static struct demo_picture picture;

static void fill(struct demo_row *row, int n, const char *name)
{
    for (int i = 0; i < n; i++) {
        snprintf(row[i].text, DEMO_TEXT, "%s%d", name, i);
        row[i].batch = 10000 - i;
        row[i].total = 1234567 - i;
    }
}

static int make_picture(void **state)
{
    (void)state;
    picture = (struct demo_picture){
        .batches = 12,
        .records = 1234567,
        .per_second = 100000,
        .processing_us = 12000,
        .delay_us = 150,
        .interval_ms = 1000,
        .memory_bytes = 9 << 20,
        .histories = 3,
        .history = { 90000, 100000, 50000 },
        .panes = 2,
        .pane = { { .title = "words",
                    .unit = "word",
                    .rows = DEMO_ROWS,
                    .distinct = 356,
                    .total = 5000 },
                  { .title = "requests",
                    .unit = "path",
                    .side_unit = "status",
                    .has_errors = true,
                    .rows = DEMO_ROWS,
                    .sides = 2,
                    .errors = 30,
                    .sides_total = 1000,
                    .total = 1000 } },
    };
    fill(picture.pane[0].row, DEMO_ROWS, "word");
    fill(picture.pane[1].row, DEMO_ROWS, "/path");
    picture.pane[1].side[0] = (struct demo_row){ "200", 970, 970 };
    picture.pane[1].side[1] = (struct demo_row){ "404", 30, 30 };
    return 0;
}

/* The picture as plain text; to be freed. */
static char *drawn(int cols, int rows)
{
    struct frame frame;
    size_t n = 0;
    assert_true(frame_init(&frame, cols, rows, true));
    demo_draw(&frame, &picture);
    char *text = frame_paint(&frame, PAINT_PLAIN, &n);
    assert_non_null(text);
    text[n - 1] = '\0'; /* the last newline */
    frame_fini(&frame);
    return text;
}

static void shows(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void a_common_terminal_shows_everything(void **state)
{
    (void)state;
    char *text = drawn(80, 24);
    shows(text, "batch 12");
    shows(text, "q quits");
    shows(text, "records/s  100,000");
    shows(text, "12 ms of 1 s");
    shows(text, "1.2 %");
    shows(text, "delay      150 us");
    shows(text, "memory 9.0 MiB");
    shows(text, "1,234,567 records");
    shows(text, "words  5,000");
    shows(text, "356 different");
    shows(text, "errors 3.0 %");
    shows(text, "404");
    shows(text, "97 %");
    shows(text, "word0");
    shows(text, "/path0");
    shows(text, "this batch");
    shows(text, "in all");
    free(text);
}

static void alerts_are_listed_in_place_of_rows(void **state)
{
    (void)state;
    struct demo_pane *pane = &picture.pane[1];
    *pane = (struct demo_pane){ .title = "fraud alerts",
                                .unit = "card",
                                .side_unit = "country",
                                .has_alerts = true,
                                .total = 12,
                                .sides = 1,
                                .sides_total = 123456,
                                .alerts = 1 };
    pane->side[0] = (struct demo_row){ "DEU", 100, 123456 };
    pane->alert[0] =
        (struct demo_alert_row){ "4000000000034717", "JPN, 3 ms later CHE" };
    snprintf(picture.note, sizeof picture.note, "state directory x: new");
    char *text = drawn(100, 24);
    shows(text, "fraud alerts  12");
    shows(text, "1,234.56 paid");
    shows(text, "4000000000034717  JPN, 3 ms later CHE");
    shows(text, "DEU");
    shows(text, "state directory x: new");
    free(text);
}

static void panes_stand_side_by_side_where_it_is_wide(void **state)
{
    (void)state;
    char *text = drawn(100, 30);
    char *words = strstr(text, "words"), *requests = strstr(text, "requests");
    assert_true(words && requests &&
                !memchr(words, '\n', (size_t)(requests - words)));
    free(text);
    text = drawn(60, 30);
    words = strstr(text, "words");
    requests = strstr(text, "requests");
    assert_true(words && requests &&
                memchr(words, '\n', (size_t)(requests - words)) != NULL);
    free(text);
}

static void every_size_can_be_drawn(void **state)
{
    (void)state;
    for (int cols = 1; cols < 140; cols++) {
        for (int rows = 1; rows < 40; rows++) {
            char *text = drawn(cols, rows);
            int lines = 1;
            for (const char *p = text; *p; p++)
                lines += *p == '\n';
            assert_int_equal(lines, rows);
            free(text);
        }
    }
}

static void an_empty_picture_can_be_drawn(void **state)
{
    (void)state;
    picture = (struct demo_picture){ .panes = 0 };
    char *text = drawn(80, 24);
    shows(text, "batch 0");
    free(text);
}

static void hostile_text_does_not_reach_the_terminal(void **state)
{
    (void)state;
    snprintf(picture.pane[0].row[0].text, DEMO_TEXT, "\033]0;x\a");
    char *text = drawn(80, 24);
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\a'));
    free(text);
}

static void lines_for_a_pipe_name_the_first_of_each_pane(void **state)
{
    (void)state;
    char text[2048];
    size_t n = demo_print(text, sizeof text, &picture);
    text[n] = '\0';
    assert_string_equal(
        text,
        "batch 12: 100000 records/s, 12 ms of 1 s, delay 150 us, "
        "memory 9.0 MiB\n"
        "  words: word0 1234567, word1 1234566, word2 1234565, word3 1234564, "
        "word4 1234563\n"
        "  requests: /path0 1234567, /path1 1234566, /path2 1234565, "
        "/path3 1234564, /path4 1234563\n"
        "  by status: 200 970, 404 30\n");
}

static void lines_for_a_pipe_stay_within_their_room(void **state)
{
    (void)state;
    char text[2048];
    for (size_t room = 1; room < 400; room++) {
        memset(text, 'x', sizeof text);
        size_t n = demo_print(text, room, &picture);
        assert_true(n < room);
        assert_int_equal(text[room], 'x');
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, make_picture)
    const struct CMUnitTest tests[] = {
        T(a_common_terminal_shows_everything),
        T(alerts_are_listed_in_place_of_rows),
        T(panes_stand_side_by_side_where_it_is_wide),
        T(every_size_can_be_drawn),
        T(an_empty_picture_can_be_drawn),
        T(hostile_text_does_not_reach_the_terminal),
        T(lines_for_a_pipe_name_the_first_of_each_pane),
        T(lines_for_a_pipe_stay_within_their_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
