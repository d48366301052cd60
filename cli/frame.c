/* cli/frame.c - cells, clipped drawing, and the escape sequences that paint
 * them. Knows nothing of what is shown. */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

/* ----- areas */

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

struct area frame_area(const struct frame *frame)
{
    return (struct area){ 0, 0, frame->rows, frame->cols };
}

struct area area_line(struct area *area)
{
    struct area line = { area->row, area->col, least(area->rows, 1),
                         area->cols };
    area->row += line.rows;
    area->rows -= line.rows;
    return line;
}

struct area area_left(struct area *area, int cols)
{
    int n = least(most(cols, 0), area->cols);
    struct area left = { area->row, area->col, area->rows, n };
    area->col += n;
    area->cols -= n;
    return left;
}

/* ----- cells */

bool frame_init(struct frame *frame, int cols, int rows, bool utf8)
{
    cols = least(most(cols, 1), FRAME_COLS_MAX);
    rows = least(most(rows, 1), FRAME_ROWS_MAX);
    *frame = (struct frame){ .cols = cols, .rows = rows, .utf8 = utf8 };
    frame->cell = calloc((size_t)cols * (size_t)rows, sizeof *frame->cell);
    return frame->cell != NULL;
}

void frame_fini(struct frame *frame)
{
    free(frame->cell);
    *frame = (struct frame){ .cols = 0 };
}

/* The cell of an area's first line, or NULL outside. */
static struct cell *cell_at(struct frame *frame, struct area area, int col)
{
    int at = area.col + col;
    if (area.rows < 1 || col < 0 || col >= area.cols || at < 0 ||
        at >= frame->cols || area.row < 0 || area.row >= frame->rows)
        return NULL;
    return &frame->cell[area.row * frame->cols + at];
}

static void put(struct frame *frame, struct area area, int col,
                enum style style, const char *text, size_t n)
{
    struct cell *cell = cell_at(frame, area, col);
    if (!cell)
        return;
    memcpy(cell->text, text, n);
    cell->n = (uint8_t)n;
    cell->style = (uint8_t)style;
}

/* Bytes of the character at p: 1 also for what is no UTF-8. */
static size_t width_of(const char *p)
{
    unsigned char c = (unsigned char)*p;
    size_t n = c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 1;
    }
    return n;
}

/* Control characters, in one byte or two, and bytes that are no characters
 * become a question mark: they could steer the terminal. */
static bool is_harmless(const char *p, size_t n, bool utf8)
{
    unsigned char c = (unsigned char)p[0], d = n > 1 ? (unsigned char)p[1] : 0;
    if (n == 1)
        return c >= 0x20 && c < 0x7f;
    return utf8 && !(c == 0xc2 && d < 0xa0);
}

static int columns_of(const char *text)
{
    int n = 0;
    for (; *text; text += width_of(text))
        n++;
    return n;
}

int frame_text(struct frame *frame, struct area area, enum style style,
               const char *text)
{
    int col = 0;
    for (; *text && col < area.cols; col++) {
        size_t n = width_of(text);
        bool good = is_harmless(text, n, frame->utf8);
        put(frame, area, col, style, good ? text : "?", good ? n : 1);
        text += n;
    }
    return col;
}

int frame_right(struct frame *frame, struct area area, enum style style,
                const char *text)
{
    int n = columns_of(text);
    if (n < area.cols)
        area_left(&area, area.cols - n);
    return frame_text(frame, area, style, text);
}

/* ----- bars */

static double within(double part)
{
    return part >= 0 ? (part <= 1 ? part : 1) : 0; /* NaN is 0 */
}

void frame_bar(struct frame *frame, struct area area, enum style style,
               double part)
{
    static const char eighth[8][4] = { " ", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
    int steps = (int)(within(part) * area.cols * 8 + 0.5);
    for (int col = 0; col < area.cols; col++, steps -= 8) {
        if (steps >= 8)
            put(frame, area, col, style, frame->utf8 ? "█" : "#",
                frame->utf8 ? 3 : 1);
        else if (steps > 0 && frame->utf8)
            put(frame, area, col, style, eighth[steps], 3);
        else if (!frame->utf8)
            put(frame, area, col, STYLE_DIM, ".", 1);
    }
}

void frame_spark(struct frame *frame, struct area area, enum style style,
                 const double *value, int n)
{
    static const char tall[8][4] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char ascii[] = "_.-:=+*#";
    int shown = least(n, area.cols);
    for (int col = 0; col < shown; col++) {
        int step = (int)(within(value[n - shown + col]) * 7 + 0.5);
        put(frame, area, col, style, frame->utf8 ? tall[step] : &ascii[step],
            frame->utf8 ? 3 : 1);
    }
}

/* ----- painting */

struct bytes {
    char *p;
    size_t n;
};

/* What changes the style: at most STYLE_BYTES each. */
enum { STYLE_BYTES = 12, LINE_BYTES = 16 };
static const char *const sequence[STYLES] = {
    [STYLE_PLAIN] = "\033[0m",    [STYLE_BOLD] = "\033[0;1m",
    [STYLE_DIM] = "\033[0;2m",    [STYLE_TITLE] = "\033[0;1;36m",
    [STYLE_GOOD] = "\033[0;32m",  [STYLE_WARN] = "\033[0;33m",
    [STYLE_BAD] = "\033[0;1;31m", [STYLE_BAR] = "\033[0;36m",
};

static void add(struct bytes *out, const char *text)
{
    size_t n = strlen(text);
    memcpy(out->p + out->n, text, n);
    out->n += n;
}

static void add_cell(struct bytes *out, const struct cell *cell)
{
    if (cell->n == 0)
        out->p[out->n++] = ' ';
    for (int i = 0; i < cell->n; i++)
        out->p[out->n++] = cell->text[i];
}

/* Columns of a row up to its last character. */
static int used(const struct frame *frame, int row)
{
    int n = frame->cols;
    while (n > 0 && frame->cell[row * frame->cols + n - 1].n == 0)
        n--;
    return n;
}

static void paint_row(const struct frame *frame, int row, enum paint how,
                      struct bytes *out)
{
    const struct cell *cell = &frame->cell[row * frame->cols];
    int style = STYLE_PLAIN, n = used(frame, row);
    for (int col = 0; col < n; col++) {
        if (how == PAINT_COLOUR && cell[col].style != style) {
            style = cell[col].style;
            add(out, sequence[style]);
        }
        add_cell(out, &cell[col]);
    }
    if (style != STYLE_PLAIN)
        add(out, sequence[STYLE_PLAIN]);
    if (how != PAINT_PLAIN && n < frame->cols)
        add(out, "\033[K");
    if (how == PAINT_PLAIN || row < frame->rows - 1)
        add(out, how == PAINT_PLAIN ? "\n" : "\r\n");
}

char *frame_paint(const struct frame *frame, enum paint how, size_t *ret_n)
{
    size_t cells = (size_t)frame->cols * (size_t)frame->rows;
    size_t lines = (size_t)frame->rows + 2;
    struct bytes out = { malloc(cells * (4 + STYLE_BYTES) + lines * LINE_BYTES),
                         0 };
    if (!out.p)
        return NULL;
    if (how != PAINT_PLAIN)
        add(&out, "\033[H");
    for (int row = 0; row < frame->rows; row++)
        paint_row(frame, row, how, &out);
    *ret_n = out.n;
    return out.p;
}
