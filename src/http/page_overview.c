/* http/page_overview.c - the job on one page: why there is no output, time lines
 * and histograms of its batches, inputs with their lag, the batch that runs, and
 * those that are done, page by page. */
#include <stdlib.h>

#include "base/num.h"
#include "http/page.h"
#include "obs/put.h"
#include "obs/why.h"
#include "obs/words.h"

enum {
    REFRESH_S = 5,
    LINE_BATCHES = 120, /* in a time line */
    SIZE_DEFAULT = 50,
    SIZE_MAX_ROWS = 1000,
    PARTS_SHOWN = 64,
};

/* A number of the URL within its range; else what is usual. */
static size_t number_of(const struct riv_http_ask *ask, const char *name,
                        size_t usual, size_t most)
{
    const char *text = ask->param(ask->arg, name);
    int64_t n;
    if (!text || !riv__num_i64(riv_cstr(text), &n) || n < 1)
        return usual;
    return RIV__MIN((size_t)n, most);
}

static void head(const struct riv_picture *p, struct riv_buf *to)
{
    static const char *const mood[] = { "good", "wait", "bad" };
    char up[RIV__PUT_TEXT], every[RIV__PUT_TEXT], started[RIV__PUT_TEXT];
    struct riv_why why;
    riv__why(p, &why);
    riv__buf_printf(to,
                    "<p>%s%s; batch interval %s; up for %s, since %s UTC"
                    "</p>\n<p class=\"why %s\">",
                    riv__phase_words(p->phase), p->drains ? ", stopping" : "",
                    riv__text_span(every, p->interval_ms * 1000),
                    riv__text_span(up, p->up_us),
                    riv__text_time(started, p->started_ms), mood[why.mood]);
    riv__put_html(to, why.text);
    riv__buf_str(to, "</p>\n");
}

/* ------------------------------------------------- time lines, histograms */

struct series {
    int64_t rate[LINE_BATCHES], scheduling[LINE_BATCHES];
    int64_t processing[LINE_BATCHES], total[LINE_BATCHES];
    bool bad[LINE_BATCHES];
    size_t n;
};

/* From old to new. */
static void series_make(const struct riv_picture *p, struct series *s)
{
    s->n = RIV__MIN(p->nbatch, (size_t)LINE_BATCHES);
    for (size_t i = 0; i < s->n; i++) {
        const struct riv_seen_batch *b = &p->batch[s->n - 1 - i];
        s->rate[i] = b->interval_ms > 0 ? b->records * 1000 / b->interval_ms
                                        : b->records;
        s->scheduling[i] = b->scheduling_us;
        s->processing[i] = b->processing_us;
        s->total[i] = b->scheduling_us + b->processing_us;
        s->bad[i] = b->status == RIV__SEEN_HAS_FAILED || b->jobs_failed > 0;
    }
}

static void put_value(struct riv_buf *to, int64_t value, bool is_span)
{
    char text[RIV__PUT_TEXT];
    riv__page_number(to, is_span ? riv__text_span(text, value)
                                 : riv__text_count(text, value));
}

static void series_row(struct riv_buf *to, const char *name,
                       const struct series *s, const int64_t *value)
{
    const bool is_span = value != s->rate;
    int64_t sum = 0, most = 0;
    for (size_t i = 0; i < s->n; i++) {
        sum += value[i];
        most = RIV__MAX(most, value[i]);
    }
    riv__buf_str(to, "<tr>");
    riv__page_cell(to, name);
    put_value(to, s->n > 0 ? value[s->n - 1] : 0, is_span);
    put_value(to, s->n > 0 ? sum / (int64_t)s->n : 0, is_span);
    put_value(to, most, is_span);
    riv__buf_str(to, "<td>");
    riv__svg_bars(to,
                  &(struct riv_svg){
                      .value = value, .bad = s->bad, .n = s->n, .label = name },
                  360, 28);
    riv__buf_str(to, "</td><td>");
    riv__svg_histogram(to, value, s->n, name);
    riv__buf_str(to, "</td></tr>\n");
}

static void lines(const struct riv_picture *p, struct riv_buf *to)
{
    struct series s;
    series_make(p, &s);
    riv__buf_printf(to,
                    "<h2>The last %zu batches (%u active, %lld completed, %lld "
                    "records)</h2>\n",
                    s.n, p->running + p->waiting,
                    (long long)(p->done + p->failed), (long long)p->records);
    riv__svg_bars(to,
                  &(struct riv_svg){ .value = s.processing,
                                     .top = s.scheduling,
                                     .bad = s.bad,
                                     .n = s.n,
                                     .line = p->interval_ms * 1000,
                                     .label = "processing time and scheduling "
                                              "delay, beside the interval" },
                  1000, 110);
    riv__buf_str(to, "\n<table><tr><th></th><th class=\"n\">last</th>"
                     "<th class=\"n\">average</th><th class=\"n\">most</th>"
                     "<th>timeline</th><th>histogram</th></tr>\n");
    series_row(to, "Input rate (records/s)", &s, s.rate);
    series_row(to, "Scheduling delay", &s, s.scheduling);
    series_row(to, "Processing time", &s, s.processing);
    series_row(to, "Total delay", &s, s.total);
    riv__buf_str(to, "</table>\n");
}

/* ------------------------------------------------------------------ inputs */

static void parts(const struct riv_seen_input *in, struct riv_buf *to)
{
    char n[RIV__PUT_TEXT];
    const size_t have = RIV__MIN(in->nparts, (size_t)RIV__SEEN_PARTS);
    const size_t shown = RIV__MIN(have, (size_t)PARTS_SHOWN);
    for (size_t i = 0; i < shown && in->nparts > 1; i++) {
        const struct riv_seen_part *part = &in->part[i];
        riv__buf_str(to, "<br><span class=\"dim\">");
        riv__put_html(to, part->name);
        const int64_t lag = riv__lag(part->position, part->end);
        riv__buf_printf(to, ": %s</span>",
                        lag < 0 ? "lag not known" : riv__text_count(n, lag));
    }
    if (in->nparts > shown)
        riv__buf_printf(to, "<br><span class=\"dim\">and %zu more</span>",
                        in->nparts - shown);
}

static void one_input(const struct riv_seen_input *in, struct riv_buf *to)
{
    char n[4][RIV__PUT_TEXT];
    riv__buf_str(to, "<tr>");
    riv__page_cell(to, in->name);
    riv__page_number(to, riv__text_count(n[0], in->records));
    riv__page_number(to, riv__text_count(n[1], in->records_all));
    riv__page_number(to, riv__text_bytes(n[2], in->waiting_bytes));
    riv__buf_str(to, "<td class=\"n\">");
    if (in->lag >= 0)
        riv__buf_printf(to, "%s %s", riv__text_count(n[3], in->lag), in->unit);
    parts(in, to);
    riv__buf_printf(to, "</td><td%s>", in->error[0] ? " class=\"bad\"" : "");
    riv__put_html(to, in->error[0] ? in->error : in->note);
    riv__buf_str(to, in->ended ? " (ended)</td></tr>\n" : "</td></tr>\n");
}

static void inputs(const struct riv_picture *p, struct riv_buf *to)
{
    if (p->ninput == 0)
        return;
    riv__buf_str(to,
                 "<h2>Inputs</h2>\n<table><tr><th>input</th>"
                 "<th class=\"n\">last batch</th><th class=\"n\">in all</th>"
                 "<th class=\"n\">waiting</th><th class=\"n\">lag</th>"
                 "<th>says</th></tr>\n");
    for (size_t i = 0; i < p->ninput; i++)
        one_input(&p->input[i], to);
    riv__buf_str(to, "</table>\n");
}

/* ------------------------------------------------------------------ batches */

static void active(const struct riv_picture *p, struct riv_buf *to)
{
    char time[RIV__PUT_TEXT], span[RIV__PUT_TEXT];
    riv__buf_printf(to, "<h2>Active batches (%u running, %u waiting)</h2>\n",
                    p->running, p->waiting);
    if (p->running == 0)
        return;
    riv__buf_printf(to, "<p>%s UTC, for %s", riv__text_time(time, p->batch_ms),
                    riv__text_span(span, p->phase_us));
    for (size_t i = 0; i < p->ndoing; i++) {
        riv__buf_str(to, i > 0 ? "; " : ": ");
        riv__put_html(to, p->doing[i].op);
        riv__buf_printf(to, ", partition %u", p->doing[i].partition);
    }
    riv__buf_str(to, "</p>\n");
}

static void batch_row(const struct riv_seen_batch *b, struct riv_buf *to)
{
    char n[5][RIV__PUT_TEXT];
    const bool failed = b->status == RIV__SEEN_HAS_FAILED;
    riv__buf_printf(to, "<tr><td><a href=\"/batch?id=%lld\">%s</a></td>",
                    (long long)b->time_ms, riv__text_time(n[0], b->time_ms));
    riv__page_number(to, riv__text_count(n[1], b->records));
    riv__page_number(to, riv__text_span(n[2], b->scheduling_us));
    riv__page_number(to, riv__text_span(n[3], b->processing_us));
    riv__page_number(to,
                     riv__text_span(n[4], b->scheduling_us + b->processing_us));
    riv__buf_printf(to, "<td class=\"n%s\">%u/%u%s</td></tr>\n",
                    failed || b->outputs_failed + b->jobs_failed ? " bad" : "",
                    b->outputs - b->outputs_failed,
                    RIV__MAX(b->outputs, b->noutput),
                    failed           ? " (failed)"
                    : b->jobs_failed ? " (a job failed)"
                                     : "");
}

static void link_to(struct riv_buf *to, size_t page, size_t size, bool up)
{
    riv__buf_printf(to, "<a href=\"/?page=%zu&amp;size=%zu%s\">", page, size,
                    up ? "&amp;order=up" : "");
}

static void pager(const struct riv_picture *p, size_t page, size_t size,
                  bool up, struct riv_buf *to)
{
    const size_t pages = (p->nbatch + size - 1) / size;
    riv__buf_printf(to, "<p>page %zu of %zu ", page,
                    RIV__MAX(pages, (size_t)1));
    if (page > 1) {
        link_to(to, page - 1, size, up);
        riv__buf_str(to, "before</a> ");
    }
    if (page < pages) {
        link_to(to, page + 1, size, up);
        riv__buf_str(to, "next</a> ");
    }
    link_to(to, 1, size, !up);
    riv__buf_printf(to, "%s first</a></p>\n", up ? "newest" : "oldest");
}

static void completed(const struct riv_picture *p,
                      const struct riv_http_ask *ask, struct riv_buf *to)
{
    const char *order = ask->param(ask->arg, "order");
    const bool up = order && riv_eq(riv_cstr(order), riv_cstr("up"));
    const size_t size = number_of(ask, "size", SIZE_DEFAULT, SIZE_MAX_ROWS);
    const size_t pages = RIV__MAX((p->nbatch + size - 1) / size, (size_t)1);
    const size_t page = number_of(ask, "page", 1, pages);
    riv__buf_printf(to,
                    "<h2>Completed batches (last %zu out of %lld)</h2>\n"
                    "<table><tr><th>Batch time (UTC)</th>"
                    "<th class=\"n\">Records</th>"
                    "<th class=\"n\">Scheduling delay</th>"
                    "<th class=\"n\">Processing time</th>"
                    "<th class=\"n\">Total delay</th>"
                    "<th class=\"n\">Outputs: succeeded/total</th></tr>\n",
                    p->nbatch, (long long)(p->done + p->failed));
    for (size_t i = (page - 1) * size; i < p->nbatch && i < page * size; i++)
        batch_row(&p->batch[up ? p->nbatch - 1 - i : i], to);
    riv__buf_str(to, "</table>\n");
    pager(p, page, size, up, to);
}

static void texts(const struct riv_picture *p, struct riv_buf *to)
{
    char time[RIV__PUT_TEXT];
    if (p->ntext == 0)
        return;
    riv__buf_str(to, "<h2>Warnings and errors</h2>\n<table>\n");
    for (size_t i = p->ntext; i-- > 0;) {
        riv__buf_str(to, "<tr>");
        riv__page_cell(to, riv__text_time(time, p->text[i].wall_ms));
        riv__page_cell(to, p->text[i].text);
        riv__buf_str(to, "</tr>\n");
    }
    riv__buf_str(to, "</table>\n");
}

void riv__page_overview(const struct riv_picture *p,
                        const struct riv_http_ask *ask,
                        struct riv_http_reply *reply)
{
    struct riv_buf *to = &reply->body;
    riv__page_begin(to, p, p->name, REFRESH_S);
    head(p, to);
    lines(p, to);
    inputs(p, to);
    active(p, to);
    completed(p, ask, to);
    texts(p, to);
    riv__page_end(to);
}
