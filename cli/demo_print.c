/* cli/demo_print.c - the demo in a pipe: a few lines for each batch, numbers
 * without separators. */
#include <stdarg.h>
#include <stdio.h>

#include "demo.h"
#include "demo_text.h"

enum { SHOWN = 5, ALERTS_SHOWN = 2 }; /* rows of each pane */

struct out {
    char *p;
    size_t n, room;
};

static void add(struct out *out, const char *fmt, ...) RIV_PRINTF(2, 3);

static void add(struct out *out, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(out->p + out->n, out->room - out->n, fmt, ap);
    va_end(ap);
    if (n > 0)
        out->n +=
            (size_t)n < out->room - out->n ? (size_t)n : out->room - out->n - 1;
}

static void add_rows(struct out *out, const struct demo_row *row, int n,
                     bool money)
{
    for (int i = 0; i < n && i < SHOWN; i++) {
        if (money)
            add(out, "%s%s %.2f", i > 0 ? ", " : "", row[i].text,
                (double)row[i].total / 100);
        else
            add(out, "%s%s %lld", i > 0 ? ", " : "", row[i].text,
                (long long)row[i].total);
    }
    add(out, "\n");
}

static void add_alerts(struct out *out, const struct demo_pane *pane)
{
    add(out, "%lld", (long long)pane->total);
    for (int i = 0; i < pane->alerts && i < ALERTS_SHOWN; i++)
        add(out, "%s%s %s", i > 0 ? "; " : ", the last: ", pane->alert[i].card,
            pane->alert[i].why);
    add(out, "\n");
}

static void add_pane(struct out *out, const struct demo_pane *pane)
{
    add(out, "  %s: ", pane->title);
    if (pane->has_alerts)
        add_alerts(out, pane);
    else
        add_rows(out, pane->row, pane->rows, false);
    if (pane->side_unit) {
        add(out,
            pane->has_alerts ? "  paid by %s: " : "  by %s: ", pane->side_unit);
        add_rows(out, pane->side, pane->sides, pane->has_alerts);
    }
}

size_t demo_print(char *dst, size_t room, const struct demo_picture *picture)
{
    struct out out = { dst, 0, room };
    char took[DEMO_NUMBER], of[DEMO_NUMBER], delay[DEMO_NUMBER],
        memory[DEMO_NUMBER];
    add(&out, "batch %lld: %lld records/s, %s of %s, delay %s, memory %s\n",
        (long long)picture->batches, (long long)picture->per_second,
        text_time(took, picture->processing_us),
        text_time(of, picture->interval_ms * 1000),
        text_time(delay, picture->delay_us),
        text_bytes(memory, picture->memory_bytes));
    for (int i = 0; i < picture->panes; i++)
        add_pane(&out, &picture->pane[i]);
    return out.n;
}
