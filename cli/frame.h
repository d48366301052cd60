/* cli/frame.h - a picture of a terminal: cells with a character and a style.
 * Drawing cuts at the edges, so a layout needs no sums to be safe; the whole
 * goes out in one write. What is drawn is made harmless first. */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum style {
    STYLE_PLAIN,
    STYLE_BOLD,
    STYLE_DIM,
    STYLE_TITLE,
    STYLE_GOOD,
    STYLE_WARN,
    STYLE_BAD,
    STYLE_BAR,
    STYLES
};

enum { FRAME_COLS_MAX = 400, FRAME_ROWS_MAX = 200 };

struct cell {
    char text[4]; /* one character in UTF-8; n bytes */
    uint8_t n, style;
};

struct frame {
    int cols, rows;
    bool utf8; /* what the terminal can show: else bars are '#' */
    struct cell *cell;
};

/* An area to draw in. */
struct area {
    int row, col, rows, cols;
};

/* A blank frame, at most FRAME_*_MAX. False: no memory. */
bool frame_init(struct frame *frame, int cols, int rows, bool utf8);
void frame_fini(struct frame *frame);

struct area frame_area(const struct frame *frame);

/* The first line of an area, taken off it; empty when there is none. */
struct area area_line(struct area *area);
/* The left part of an area, of so many columns, taken off it. */
struct area area_left(struct area *area, int cols);

/* Text at the left (right) edge of the area's first line; what does not fit is
 * cut. Returns the columns used. */
int frame_text(struct frame *frame, struct area area, enum style style,
               const char *text);
int frame_right(struct frame *frame, struct area area, enum style style,
                const char *text);
/* A bar over `part` (0 to 1) of the first line, in eighths of a column where
 * the terminal can. */
void frame_bar(struct frame *frame, struct area area, enum style style,
               double part);
/* Small bars, one column for each value (0 to 1), the last n that fit. */
void frame_spark(struct frame *frame, struct area area, enum style style,
                 const double *value, int n);

/* The bytes that show the frame, from the top left corner: colour only when
 * asked for, and `plain` neither colour nor moves of the cursor, lines ending
 * in newlines without blanks before them. Owned by the caller (free); NULL: no
 * memory. */
enum paint { PAINT_COLOUR, PAINT_MONO, PAINT_PLAIN };
char *frame_paint(const struct frame *frame, enum paint how, size_t *ret_n);

#endif
