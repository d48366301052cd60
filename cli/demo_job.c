/* cli/demo_job.c - the demo as a job: like any program, by the public header
 * alone. Words are split and counted; requests are parsed and counted by status
 * and by path; payments are summed by card and counted by country. Each result
 * comes back batch by batch through riv_foreach_rdd. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo.h"
#include "demo_count.h"
#include "demo_text.h"

/* ----- words */

RIV_PAIR(tally_text, riv_str, int64_t);

RIV_FLAT_MAP(split, riv_str, tally_text);
static int split(const riv_str *line, split_out *out, riv_task *t)
{
    const char *p = line->p, *end = p + line->n;
    (void)t;
    while (p < end) {
        while (p < end && *p == ' ')
            p++;
        const char *word = p;
        while (p < end && *p != ' ')
            p++;
        if (p > word)
            riv_emit(out, (tally_text){ { word, (size_t)(p - word) }, 1 });
    }
    return 0;
}

/* ----- access log */

typedef struct {
    riv_str path;
    int64_t status;
} request;
RIV_STRUCT(request, path, status);
RIV_PAIR(tally_status, int64_t, int64_t);

/* 192.0.2.1 - - [time] "GET /path HTTP/1.1" 200 512 "referrer" "agent" */
RIV_MAP(parse, riv_str, request);
static int parse(const riv_str *line, request *out, riv_task *t)
{
    riv_str rest = *line, client, what, verb, blank, status;
    if (!riv_cut(&rest, '"', &client) || !riv_cut(&rest, '"', &what) ||
        !riv_cut(&what, ' ', &verb) || !riv_cut(&what, ' ', &out->path))
        return riv_fail(t, "no request in quotes");
    if (!riv_cut(&rest, ' ', &blank) || !riv_cut(&rest, ' ', &status) ||
        !riv_to_i64(status, &out->status))
        return riv_fail(t, "no status behind the request");
    return 0;
}

RIV_MAP(by_path, request, tally_text);
static int by_path(const request *in, tally_text *out, riv_task *t)
{
    (void)t;
    *out = (tally_text){ in->path, 1 };
    return 0;
}

RIV_MAP(by_status, request, tally_status);
static int by_status(const request *in, tally_status *out, riv_task *t)
{
    (void)t;
    *out = (tally_status){ in->status, 1 };
    return 0;
}

/* ----- card payments */

typedef struct {
    riv_str card;
    int64_t ts, cents;
    riv_str country;
} payment;
RIV_STRUCT(payment, card, ts, cents, country);

RIV_MAP(by_card, payment, tally_text);
static int by_card(const payment *in, tally_text *out, riv_task *t)
{
    (void)t;
    *out = (tally_text){ in->card, in->cents };
    return 0;
}

RIV_MAP(by_country, payment, tally_text);
static int by_country(const payment *in, tally_text *out, riv_task *t)
{
    (void)t;
    *out = (tally_text){ in->country, 1 };
    return 0;
}

/* ----- results, on the driver's thread */

struct tally { /* what a dataset's batches are added to; lent to the graph */
    struct counts *counts;
};

struct demo_job {
    demo_batch_fn *fn;
    void *arg;
    riv_listener listener;
    struct demo_picture picture;
    struct counts main[2], side[2]; /* by pane */
    struct tally main_tally[2], side_tally[2];
};

static int take_texts(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    const struct tally *tally = arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r;
    (void)time;
    int rc = riv_collect(rdd, &res);
    if (rc != RIV_OK)
        return rc;
    const tally_text *row = res.rows;
    counts_next_batch(tally->counts);
    for (size_t i = 0; i < res.n; i++)
        counts_add(tally->counts, row[i].key, row[i].val);
    riv_result_free(&res);
    return RIV_OK;
}

static int take_statuses(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    const struct tally *tally = arg;
    riv_result res = { .struct_size = sizeof res };
    char text[DEMO_TEXT];
    (void)r;
    (void)time;
    int rc = riv_collect(rdd, &res);
    if (rc != RIV_OK)
        return rc;
    const tally_status *row = res.rows;
    counts_next_batch(tally->counts);
    for (size_t i = 0; i < res.n; i++) {
        snprintf(text, sizeof text, "%lld", (long long)row[i].key);
        counts_add(tally->counts, riv_cstr(text), row[i].val);
    }
    riv_result_free(&res);
    return RIV_OK;
}

static int64_t errors_of(const struct demo_pane *pane)
{
    int64_t errors = 0;
    for (int i = 0; i < pane->sides; i++) {
        if (strtol(pane->side[i].text, NULL, 10) >= 400)
            errors += pane->side[i].total;
    }
    return errors;
}

static void fill_pane(struct demo_pane *pane, const struct counts *main,
                      const struct counts *side)
{
    pane->rows = counts_top(main, pane->row, DEMO_ROWS);
    pane->sides = counts_top(side, pane->side, DEMO_SIDES);
    pane->batch = main->batch;
    pane->total = main->total;
    pane->distinct = (int64_t)main->n;
    pane->sides_total = side->total;
    pane->errors = pane->has_errors ? errors_of(pane) : 0;
}

static void remember(struct demo_picture *picture, double value)
{
    if (picture->histories == DEMO_HISTORY)
        memmove(picture->history, picture->history + 1,
                (DEMO_HISTORY - 1) * sizeof picture->history[0]);
    else
        picture->histories++;
    picture->history[picture->histories - 1] = value;
}

static void on_batch(void *arg, const riv_batch_info *info)
{
    struct demo_job *job = arg;
    struct demo_picture *picture = &job->picture;
    int64_t interval = info->interval_ms > 0 ? info->interval_ms : 1;
    picture->batches++;
    picture->records += info->records_in;
    picture->per_second = info->records_in * 1000 / interval;
    picture->processing_us = info->processing_us;
    picture->delay_us = info->scheduling_us;
    picture->interval_ms = interval;
    picture->waiting_bytes = info->waiting_bytes;
    picture->memory_bytes = text_memory_now();
    remember(picture, (double)picture->per_second);
    for (int i = 0; i < picture->panes; i++)
        fill_pane(&picture->pane[i], &job->main[i], &job->side[i]);
    job->fn(job->arg, picture);
}

/* ----- the job */

static const struct demo_pane words_pane = { .title = "words", .unit = "word" };
static const struct demo_pane access_pane = { .title = "requests",
                                              .unit = "path",
                                              .side_unit = "status",
                                              .has_errors = true };
static const struct demo_pane cards_pane = {
    .title = "payments", .unit = "card", .side_unit = "country", .money = true
};

struct demo_job *demo_job_new(demo_batch_fn *fn, void *arg)
{
    struct demo_job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    job->fn = fn;
    job->arg = arg;
    job->listener = (riv_listener){ .struct_size = sizeof job->listener,
                                    .arg = job,
                                    .batch_completed = on_batch };
    for (int i = 0; i < 2; i++) {
        job->main_tally[i].counts = &job->main[i];
        job->side_tally[i].counts = &job->side[i];
    }
    return job;
}

void demo_job_free(struct demo_job *job)
{
    if (!job)
        return;
    for (int i = 0; i < 2; i++) {
        counts_fini(&job->main[i]);
        counts_fini(&job->side[i]);
    }
    free(job);
}

const riv_listener *demo_job_listener(struct demo_job *job)
{
    return &job->listener;
}

static void sum_into(riv_ds *pairs, const struct tally *tally, riv_rdd_fn *fn)
{
    riv_ds *sums = riv_reduce_by_key(pairs, riv_sum_i64, NULL);
    riv_foreach_rdd(sums, fn, RIV_OPT(.arg = RIV_BORROW(tally)));
}

/* The URI is only borrowed, so it may stand here. */
static riv_ds *lines_of(riv *r, const char *name, int64_t rate)
{
    char uri[64];
    snprintf(uri, sizeof uri, "demo:%s?rate=%lld", name, (long long)rate);
    return riv_text(r, uri, NULL);
}

static void build_words(struct demo_job *job, riv_ds *lines)
{
    job->picture.pane[0] = words_pane;
    sum_into(riv_flat_map(lines, split_fn, NULL), &job->main_tally[0],
             take_texts);
}

static void build_access(struct demo_job *job, riv_ds *lines)
{
    riv_ds *requests = riv_map(lines, parse_fn, RIV_OPT(.on_error = RIV_SKIP));
    job->picture.pane[1] = access_pane;
    sum_into(riv_map(requests, by_path_fn, NULL), &job->main_tally[1],
             take_texts);
    sum_into(riv_map(requests, by_status_fn, NULL), &job->side_tally[1],
             take_statuses);
}

static void build_cards(struct demo_job *job, riv_ds *lines)
{
    riv_ds *payments = riv_decode(lines, &riv_type_payment, "csv",
                                  RIV_OPT(.on_error = RIV_SKIP));
    job->picture.pane[1] = cards_pane;
    sum_into(riv_map(payments, by_card_fn, NULL), &job->main_tally[1],
             take_texts);
    sum_into(riv_map(payments, by_country_fn, NULL), &job->side_tally[1],
             take_texts);
}

void demo_job_build(struct demo_job *job, riv *r, const char *name,
                    int64_t rate)
{
    build_words(job, lines_of(r, "words", rate));
    job->picture.panes = 2;
    if (strcmp(name, "access") == 0)
        build_access(job, lines_of(r, name, rate));
    else if (strcmp(name, "cards") == 0)
        build_cards(job, lines_of(r, name, rate));
    else
        job->picture.panes = 1;
}
