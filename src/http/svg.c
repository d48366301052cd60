/* http/svg.c - bars as SVG, with attributes and no style, so that a page allows no
 * inline style. */
#include "base/macro.h"
#include "http/page.h"
#include "obs/put.h"

enum { BINS = 10 };

static int64_t most_of(const struct riv_svg *svg)
{
    int64_t most = RIV__MAX(svg->line, (int64_t)1);
    for (size_t i = 0; i < svg->n; i++)
        most = RIV__MAX(most, svg->value[i] + (svg->top ? svg->top[i] : 0));
    return most;
}

static void rect(struct riv_buf *to, const double at[4], const char *colour)
{
    riv__buf_printf(
        to,
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
        "fill=\"%s\"/>",
        at[0], at[1], at[2], at[3], colour);
}

void riv__svg_bars(struct riv_buf *to, const struct riv_svg *svg, int width,
                   int height)
{
    const double most = (double)most_of(svg), h = height;
    const double step = svg->n > 0 ? (double)width / (double)svg->n : width;
    const double bar = RIV__MAX(step - 1, step * 0.6);
    riv__buf_printf(to,
                    "<svg role=\"img\" width=\"%d\" height=\"%d\" "
                    "viewBox=\"0 0 %d %d\"><title>",
                    width, height, width, height);
    riv__put_html(to, svg->label);
    riv__buf_str(to, "</title>");
    for (size_t i = 0; i < svg->n; i++) {
        const double x = (double)i * step;
        const double y = (double)svg->value[i] / most * h;
        const double t = svg->top ? (double)svg->top[i] / most * h : 0;
        if (y > 0)
            rect(to, (const double[]){ x, h - y, bar, y },
                 svg->bad && svg->bad[i] ? "#c0392b" : "#2f6f9f");
        if (t > 0)
            rect(to, (const double[]){ x, h - y - t, bar, t }, "#d9a441");
    }
    if (svg->line > 0)
        riv__buf_printf(to,
                        "<line x1=\"0\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" "
                        "stroke=\"#888\" stroke-dasharray=\"4\"/>",
                        width, h - (double)svg->line / most * h,
                        h - (double)svg->line / most * h);
    riv__buf_str(to, "</svg>");
}

void riv__svg_histogram(struct riv_buf *to, const int64_t *value, size_t n,
                        const char *label)
{
    int64_t bin[BINS] = { 0 }, most = 1;
    for (size_t i = 0; i < n; i++)
        most = RIV__MAX(most, value[i]);
    for (size_t i = 0; i < n; i++) {
        const double at = (double)value[i] / (double)most * BINS;
        bin[RIV__MIN((size_t)RIV__MAX(at, 0.0), (size_t)BINS - 1)]++;
    }
    riv__svg_bars(to,
                  &(struct riv_svg){ .value = bin, .n = BINS, .label = label },
                  80, 28);
}
