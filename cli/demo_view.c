/* cli/demo_view.c - the live picture: rates and times on top, below one or two
 * panes, side by side where the terminal is wide enough. Pure: from a picture
 * to a frame. */
#include <stdio.h>
#include <string.h>

#include "demo.h"
#include "demo_text.h"

enum {
    LABEL = 11,      /* columns of the names on the left */
    NUMBER = 11,     /* of a column of numbers */
    CARD = 18,       /* of its 16 digits */
    WIDE = 76,       /* from here on panes stand side by side */
    NARROW_PANE = 34 /* below it the batch's own column is left out */
};

/* ----- the head */

static void draw_title(struct frame *frame, struct area line,
                       const struct demo_picture *picture)
{
    char text[96], batch[DEMO_NUMBER], records[DEMO_NUMBER];
    area_left(&line, 1);
    snprintf(text, sizeof text, "rivulet demo   batch %s   %s records",
             text_count(batch, picture->batches),
             text_count(records, picture->records));
    int n = frame_text(frame, line, STYLE_TITLE, text);
    area_left(&line, n + 2);
    frame_right(frame, line, STYLE_DIM, "q quits ");
}

/* Where the state is, and that it goes on. */
static void draw_note(struct frame *frame, struct area line,
                      const struct demo_picture *picture)
{
    area_left(&line, 1);
    frame_text(frame, line, STYLE_GOOD, picture->note);
}

/* A name on the left; the rest of the line is returned. */
static struct area label(struct frame *frame, struct area line,
                         const char *name)
{
    area_left(&line, 1);
    struct area left = area_left(&line, LABEL);
    frame_text(frame, left, STYLE_DIM, name);
    return line;
}

static void draw_rate(struct frame *frame, struct area line,
                      const struct demo_picture *picture)
{
    char number[DEMO_NUMBER];
    double part[DEMO_HISTORY], most = 1;
    for (int i = 0; i < picture->histories; i++)
        most = picture->history[i] > most ? picture->history[i] : most;
    for (int i = 0; i < picture->histories; i++)
        part[i] = picture->history[i] / most;
    struct area rest = label(frame, line, "records/s");
    struct area value = area_left(&rest, 18);
    frame_text(frame, value, STYLE_BOLD,
               text_count(number, picture->per_second));
    rest.cols -= rest.cols > 0;
    frame_spark(frame, rest, STYLE_BAR, part, picture->histories);
}

static enum style style_of_load(double part)
{
    return part < 0.6 ? STYLE_GOOD : part < 0.95 ? STYLE_WARN : STYLE_BAD;
}

/* The batch's time as a part of its interval: above 1 it falls behind. */
static void draw_batch(struct frame *frame, struct area line,
                       const struct demo_picture *picture)
{
    char text[64], took[DEMO_NUMBER], of[DEMO_NUMBER], percent[DEMO_NUMBER];
    double part =
        (double)picture->processing_us /
        (double)(picture->interval_ms > 0 ? picture->interval_ms * 1000 : 1000);
    struct area rest = label(frame, line, "batch time");
    snprintf(text, sizeof text, "%s of %s",
             text_time(took, picture->processing_us),
             text_time(of, picture->interval_ms * 1000));
    frame_text(frame, area_left(&rest, 18), STYLE_BOLD, text);
    struct area bar = area_left(&rest, rest.cols - 8);
    frame_bar(frame, bar, style_of_load(part), part);
    rest.cols -= rest.cols > 0;
    frame_right(frame, rest, style_of_load(part), text_percent(percent, part));
}

static void draw_facts(struct frame *frame, struct area line,
                       const struct demo_picture *picture)
{
    char text[96], delay[DEMO_NUMBER], waiting[DEMO_NUMBER],
        memory[DEMO_NUMBER];
    struct area rest = label(frame, line, "delay");
    frame_text(frame, area_left(&rest, 18), STYLE_BOLD,
               text_time(delay, picture->delay_us));
    snprintf(text, sizeof text, "waiting %s   memory %s",
             text_bytes(waiting, picture->waiting_bytes),
             text_bytes(memory, picture->memory_bytes));
    frame_text(frame, rest, STYLE_PLAIN, text);
}

static void draw_head(struct frame *frame, struct area *area,
                      const struct demo_picture *picture)
{
    bool roomy = area->rows >= 16;
    draw_title(frame, area_line(area), picture);
    if (roomy)
        draw_note(frame, area_line(area), picture);
    draw_rate(frame, area_line(area), picture);
    draw_batch(frame, area_line(area), picture);
    draw_facts(frame, area_line(area), picture);
    if (roomy)
        area_line(area);
}

/* ----- a pane */

/* Text on the left, one or two columns on the right. */
static void draw_columns(struct frame *frame, struct area line,
                         enum style style, const char *const text[3])
{
    bool narrow = line.cols < NARROW_PANE;
    struct area rest = line;
    area_left(&rest, 1);
    int numbers = narrow ? NUMBER : 2 * NUMBER;
    struct area name = area_left(&rest, rest.cols - numbers - 1);
    frame_text(frame, name, style, text[0]);
    if (!narrow)
        frame_right(frame, area_left(&rest, NUMBER), style, text[1]);
    frame_right(frame, area_left(&rest, NUMBER), style, text[2]);
}

static void draw_rows(struct frame *frame, struct area *area,
                      const struct demo_pane *pane)
{
    char batch[DEMO_NUMBER], total[DEMO_NUMBER];
    const char *const head[] = { pane->unit, "this batch", "in all" };
    draw_columns(frame, area_line(area), STYLE_DIM, head);
    for (int i = 0; i < pane->rows && area->rows > 0; i++) {
        const struct demo_row *row = &pane->row[i];
        const char *const text[] = { row->text, text_count(batch, row->batch),
                                     text_count(total, row->total) };
        draw_columns(frame, area_line(area), STYLE_PLAIN, text);
    }
}

static void draw_alerts(struct frame *frame, struct area *area,
                        const struct demo_pane *pane)
{
    struct area line = area_line(area);
    area_left(&line, 1);
    frame_text(frame, area_left(&line, CARD), STYLE_DIM, pane->unit);
    frame_text(frame, line, STYLE_DIM, "why");
    for (int i = 0; i < pane->alerts && area->rows > 0; i++) {
        line = area_line(area);
        area_left(&line, 1);
        frame_text(frame, area_left(&line, CARD), STYLE_BAD,
                   pane->alert[i].card);
        frame_text(frame, line, STYLE_PLAIN, pane->alert[i].why);
    }
}

static enum style style_of_side(const struct demo_pane *pane, const char *text)
{
    if (!pane->has_errors)
        return STYLE_BAR;
    return text[0] == '5'   ? STYLE_BAD
           : text[0] == '4' ? STYLE_WARN
                            : STYLE_GOOD;
}

/* "200 ████████ 93 %": the shares of the small table. */
static void draw_sides(struct frame *frame, struct area *area,
                       const struct demo_pane *pane)
{
    char percent[DEMO_NUMBER];
    int n = pane->sides < area->rows / 3 ? pane->sides : area->rows / 3;
    for (int i = 0; i < n; i++) {
        const struct demo_row *row = &pane->side[i];
        double part = pane->sides_total > 0
                          ? (double)row->total / (double)pane->sides_total
                          : 0;
        enum style style = style_of_side(pane, row->text);
        struct area line = area_line(area);
        area_left(&line, 1);
        frame_text(frame, area_left(&line, 5), STYLE_PLAIN, row->text);
        frame_bar(frame, area_left(&line, line.cols - 8), style, part);
        frame_right(frame, area_left(&line, 7), style,
                    text_percent(percent, part));
    }
    if (n > 0)
        area_line(area);
}

/* On the right of a pane's title: what deserves a look. */
static int draw_remark(struct frame *frame, struct area line,
                       const struct demo_pane *pane)
{
    char text[64], number[DEMO_NUMBER];
    if (pane->has_errors) {
        double part = pane->sides_total > 0
                          ? (double)pane->errors / (double)pane->sides_total
                          : 0;
        snprintf(text, sizeof text, "errors %s", text_percent(number, part));
        return frame_right(frame, line, part < 0.05 ? STYLE_WARN : STYLE_BAD,
                           text);
    }
    if (pane->has_alerts) {
        snprintf(text, sizeof text, "%s paid",
                 text_cents(number, pane->sides_total));
        return frame_right(frame, line, STYLE_DIM, text);
    }
    snprintf(text, sizeof text, "%s different",
             text_count(number, pane->distinct));
    return frame_right(frame, line, STYLE_DIM, text);
}

static void draw_pane(struct frame *frame, struct area area,
                      const struct demo_pane *pane)
{
    char number[DEMO_NUMBER];
    struct area line = area_line(&area);
    area_left(&line, 1);
    struct area title =
        area_left(&line, line.cols - draw_remark(frame, line, pane) - 1);
    area_left(&title, frame_text(frame, title, STYLE_TITLE, pane->title) + 2);
    frame_text(frame, title, STYLE_PLAIN, text_count(number, pane->total));
    if (pane->side_unit)
        draw_sides(frame, &area, pane);
    if (pane->has_alerts)
        draw_alerts(frame, &area, pane);
    else
        draw_rows(frame, &area, pane);
}

static void draw_border(struct frame *frame, struct area area)
{
    while (area.rows > 0)
        frame_text(frame, area_line(&area), STYLE_DIM,
                   frame->utf8 ? " │" : " |");
}

void demo_draw(struct frame *frame, const struct demo_picture *picture)
{
    struct area area = frame_area(frame);
    draw_head(frame, &area, picture);
    if (picture->panes == 2 && area.cols >= WIDE) {
        struct area left = area_left(&area, (area.cols - 2) / 2);
        draw_pane(frame, left, &picture->pane[0]);
        draw_border(frame, area_left(&area, 2));
        draw_pane(frame, area, &picture->pane[1]);
        return;
    }
    for (int i = 0; i < picture->panes; i++) {
        struct area part = area;
        part.rows = area.rows / (picture->panes - i);
        draw_pane(frame, part, &picture->pane[i]);
        area.row += part.rows;
        area.rows -= part.rows;
    }
}
