/* http/page.h - the pages: plain HTML from a picture, with time lines as SVG, and
 * no script. Everything that comes from outside goes through the one escaper. */
#ifndef RIV_HTTP_PAGE_H
#define RIV_HTTP_PAGE_H

#include "http/routes.h"

/* The frame. refresh_s 0: it stays as it is. */
void riv__page_begin(struct riv_buf *to, const struct riv_picture *p,
                     const char *title, int refresh_s);
void riv__page_end(struct riv_buf *to);
/* "<td>TEXT</td>", escaped; the same with digits on the right. */
void riv__page_cell(struct riv_buf *to, const char *text);
void riv__page_number(struct riv_buf *to, const char *text);

extern const char riv__page_style[];

/* page_overview.c: the state, its batches (page=, size=, order=up). */
void riv__page_overview(const struct riv_picture *p,
                        const struct riv_http_ask *ask,
                        struct riv_http_reply *reply);
/* page_batch.c: one batch (id=, its time in ms). */
void riv__page_batch(const struct riv_picture *p,
                     const struct riv_http_ask *ask,
                     struct riv_http_reply *reply);
/* metrics.c: for Prometheus; and why a job is not alive or not ready, NULL: it
 * is. */
void riv__metrics(const struct riv_picture *p, struct riv_buf *to);
const char *riv__not_alive(const struct riv_picture *p);
const char *riv__not_ready(const struct riv_picture *p);

/* svg.c: bars for values from old to new; what is in `top` is drawn above, a line
 * at `line` (0: none); bars with `bad` are red. NULL top, bad: none. */
struct riv_svg {
    const int64_t *value, *top;
    const bool *bad;
    size_t n;
    int64_t line;
    const char *label; /* what a reader that sees no picture is told */
};
void riv__svg_bars(struct riv_buf *to, const struct riv_svg *svg, int width,
                   int height);
/* How many values lie in each of ten equal ranges. */
void riv__svg_histogram(struct riv_buf *to, const int64_t *value, size_t n,
                        const char *label);

#endif
