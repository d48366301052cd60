/* http/page_batch.c - one batch: what it had, how long it took, and of each output
 * what became of it, with the jobs that its function ran. */
#include <stdio.h>

#include "base/num.h"
#include "http/page.h"
#include "obs/put.h"

static void failed_page(const struct riv_picture *p, unsigned status,
                        const char *text, struct riv_http_reply *reply)
{
    reply->status = status;
    riv__page_begin(&reply->body, p, "No such batch", 0);
    riv__buf_str(&reply->body, "<p>");
    riv__put_html(&reply->body, text);
    riv__buf_str(&reply->body, "</p>\n");
    riv__page_end(&reply->body);
}

static void fact(struct riv_buf *to, const char *name, const char *value)
{
    riv__buf_str(to, "<tr>");
    riv__page_cell(to, name);
    riv__page_cell(to, value);
    riv__buf_str(to, "</tr>\n");
}

static void summary(const struct riv_picture *p, const struct riv_seen_batch *b,
                    struct riv_buf *to)
{
    char n[8][RIV__PUT_TEXT];
    riv__buf_str(to, "<table>\n");
    fact(to, "Batch duration", riv__text_span(n[0], b->interval_ms * 1000));
    fact(to, "Input data size (records)", riv__text_count(n[1], b->records));
    fact(to, "Input bytes", riv__text_bytes(n[2], b->bytes));
    fact(to, "Refused records", riv__text_count(n[3], b->bad));
    fact(to, "Results (records)", riv__text_count(n[4], b->out));
    fact(to, "Scheduling delay", riv__text_span(n[5], b->scheduling_us));
    fact(to, "Processing time", riv__text_span(n[6], b->processing_us));
    fact(to, "Total delay",
         riv__text_span(n[7], b->scheduling_us + b->processing_us));
    riv__buf_printf(to,
                    "<tr><td>Stages: succeeded/total</td><td>%u/%u</td></tr>\n"
                    "<tr><td>Tasks: succeeded/total</td><td>%u/%u</td></tr>\n",
                    b->stages - b->stages_failed, b->stages,
                    b->tasks - b->tasks_failed, b->tasks);
    if (b->failure > 0)
        fact(to, "Failed", riv__picture_text(p, b->failure));
    riv__buf_str(to, "</table>\n");
}

/* "3/4 (1 failed)" */
static void ratio(struct riv_buf *to, uint32_t all, uint32_t failed)
{
    riv__buf_printf(to, "<td class=\"n%s\">%u/%u", failed ? " bad" : "",
                    all - failed, all);
    if (failed > 0)
        riv__buf_printf(to, " (%u failed)", failed);
    riv__buf_str(to, "</td>");
}

static void job_cells(const struct riv_picture *p,
                      const struct riv_seen_batch *b, uint32_t k,
                      struct riv_buf *to)
{
    const struct riv_seen_job *job = &b->job[k];
    char span[RIV__PUT_TEXT];
    riv__buf_printf(to, "<td class=\"n\">%u</td>", k);
    riv__page_number(to, riv__text_span(span, job->us));
    ratio(to, job->stages, job->stages_failed);
    ratio(to, job->tasks, job->tasks_failed);
    riv__page_cell(to, riv__picture_text(p, job->failure));
}

static uint32_t jobs_of(const struct riv_seen_batch *b, uint32_t output)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < b->njob; k++)
        n += b->job[k].output == output;
    return n;
}

static void output_cells(const struct riv_picture *p,
                         const struct riv_seen_batch *b, uint32_t i,
                         struct riv_buf *to)
{
    static const char *const status[] = { "succeeded", "failed", "not run" };
    const struct riv_seen_output *o = &b->output[i];
    const uint32_t rows = RIV__MAX(jobs_of(b, i), 1u);
    char n[2][RIV__PUT_TEXT];
    const bool bad = o->status == RIV__SEEN_HAS_FAILED || o->jobs_failed > 0;
    riv__buf_printf(to,
                    "<td class=\"n\" rowspan=\"%u\">%u</td>"
                    "<td rowspan=\"%u\">",
                    rows, i, rows);
    riv__put_html(to, i < p->noutput ? p->output[i] : "");
    riv__buf_printf(to,
                    "</td><td class=\"n\" rowspan=\"%u\">%s</td>"
                    "<td class=\"n\" rowspan=\"%u\">%s</td>"
                    "<td rowspan=\"%u\"%s>%s",
                    rows, riv__text_count(n[0], o->rows), rows,
                    riv__text_span(n[1], o->us), rows,
                    bad ? " class=\"bad\"" : "",
                    o->jobs_failed > 0 && o->status == RIV__SEEN_WENT_WELL
                        ? "succeeded, a job failed"
                        : status[RIV__MIN(o->status, 2u)]);
    if (o->failure > 0) {
        riv__buf_str(to, ": ");
        riv__put_html(to, riv__picture_text(p, o->failure));
    }
    riv__buf_str(to, "</td>");
}

static void output_rows(const struct riv_picture *p,
                        const struct riv_seen_batch *b, uint32_t i,
                        struct riv_buf *to)
{
    bool first = true;
    riv__buf_str(to, "<tr>");
    output_cells(p, b, i, to);
    for (uint32_t k = 0; k < b->njob; k++) {
        if (b->job[k].output != i)
            continue;
        if (!first)
            riv__buf_str(to, "</tr>\n<tr>");
        job_cells(p, b, k, to);
        first = false;
    }
    if (first)
        riv__buf_str(to, "<td colspan=\"5\" class=\"dim\">in the batch's own "
                         "tasks</td>");
    riv__buf_str(to, "</tr>\n");
}

static void outputs(const struct riv_picture *p, const struct riv_seen_batch *b,
                    struct riv_buf *to)
{
    riv__buf_printf(to,
                    "<h2>Outputs (%u)</h2>\n<table><tr>"
                    "<th class=\"n\">Output id</th><th>Description</th>"
                    "<th class=\"n\">Records</th>"
                    "<th class=\"n\">Output duration</th><th>Status</th>"
                    "<th class=\"n\">Job id</th>"
                    "<th class=\"n\">Job duration</th>"
                    "<th class=\"n\">Stages: succeeded/total</th>"
                    "<th class=\"n\">Tasks: succeeded/total</th>"
                    "<th>Error</th></tr>\n",
                    RIV__MAX(b->outputs, b->noutput));
    for (uint32_t i = 0; i < b->noutput; i++)
        output_rows(p, b, i, to);
    riv__buf_str(to, "</table>\n");
    if (b->jobs > b->njob + 1)
        riv__buf_printf(to, "<p class=\"dim\">and %u jobs more</p>\n",
                        b->jobs - b->njob - 1);
}

void riv__page_batch(const struct riv_picture *p,
                     const struct riv_http_ask *ask,
                     struct riv_http_reply *reply)
{
    const char *id = ask->param(ask->arg, "id");
    char title[RIV__PUT_TEXT + 32], time[RIV__PUT_TEXT];
    int64_t time_ms = 0;
    if (!id) {
        failed_page(p, 400, "The id is missing: /batch?id=TIME, in ms.", reply);
        return;
    }
    const bool is_time = riv__num_i64(riv_cstr(id), &time_ms);
    const struct riv_seen_batch *b =
        is_time ? riv__picture_batch(p, time_ms) : NULL;
    if (!b) {
        failed_page(p, 404,
                    "A batch with this id does not exist, or is no longer "
                    "retained (status.batches).",
                    reply);
        return;
    }
    riv__text_time(time, time_ms);
    snprintf(title, sizeof title, "Batch of %s UTC", time);
    riv__page_begin(&reply->body, p, title, 0);
    summary(p, b, &reply->body);
    outputs(p, b, &reply->body);
    riv__page_end(&reply->body);
}
