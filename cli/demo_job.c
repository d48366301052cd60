/* cli/demo_job.c - the demo's results, batch by batch through riv_foreach_rdd,
 * into the picture. */
#include "demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo_graph.h"
#include "demo_table.h"
#include "demo_text.h"

struct demo_job {
    demo_batch_fn *fn;
    void *arg;
    riv_listener listener;
    struct demo_picture picture;
    struct demo_table words, main, side; /* of the last batch */
};

/* ----- results, on the driver's thread */

static int take_totals(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct demo_table *const *table = arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r;
    (void)time;
    int rc = riv_collect(rdd, &res);
    if (rc != RIV_OK)
        return rc;
    const demo_total *row = res.rows;
    demo_table_clear(*table);
    for (size_t i = 0; i < res.n; i++)
        demo_table_add(*table, row[i].key, row[i].val.batch, row[i].val.total);
    riv_result_free(&res);
    return RIV_OK;
}

static void copy_text(char *dst, size_t room, riv_str text)
{
    const size_t n = text.n < room ? text.n : room - 1;
    if (n > 0)
        memcpy(dst, text.p, n);
    dst[n] = '\0';
}

/* The newest first. */
static void add_alert(struct demo_pane *pane, const demo_alert *alert)
{
    if (pane->alerts < DEMO_ROWS)
        pane->alerts++;
    memmove(pane->alert + 1, pane->alert,
            (size_t)(pane->alerts - 1) * sizeof pane->alert[0]);
    copy_text(pane->alert[0].card, sizeof pane->alert[0].card, alert->card);
    copy_text(pane->alert[0].why, sizeof pane->alert[0].why, alert->why);
}

static int take_alerts(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct demo_pane *const *pane = arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r;
    (void)time;
    int rc = riv_collect(rdd, &res);
    if (rc != RIV_OK)
        return rc;
    const demo_alert *row = res.rows;
    for (size_t i = 0; i < res.n; i++)
        add_alert(*pane, &row[i]);
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

static void fill_pane(struct demo_pane *pane, const struct demo_table *main,
                      const struct demo_table *side)
{
    if (!pane->has_alerts) {
        pane->rows = main->rows;
        memcpy(pane->row, main->row, sizeof pane->row);
    }
    pane->batch = main->batch;
    pane->total = main->total;
    pane->distinct = main->distinct;
    pane->sides = side->rows < DEMO_SIDES ? side->rows : DEMO_SIDES;
    memcpy(pane->side, side->row, sizeof pane->side);
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
    static const struct demo_table none;
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
    fill_pane(&picture->pane[0], &job->words, &none);
    if (picture->panes == 2)
        fill_pane(&picture->pane[1], &job->main, &job->side);
    job->fn(job->arg, picture);
}

/* ----- the job */

static const struct demo_pane words_pane = { .title = "words", .unit = "word" };
static const struct demo_pane access_pane = { .title = "requests",
                                              .unit = "path",
                                              .side_unit = "status",
                                              .has_errors = true };
static const struct demo_pane cards_pane = { .title = "fraud alerts",
                                             .unit = "card",
                                             .side_unit = "country",
                                             .has_alerts = true };

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
    return job;
}

void demo_job_free(struct demo_job *job)
{
    free(job);
}

const riv_listener *demo_job_listener(struct demo_job *job)
{
    return &job->listener;
}

static void show_totals(riv_ds *totals, struct demo_table *table)
{
    riv_foreach_rdd(totals, take_totals, RIV_OPT(.arg = RIV_COPY(table)));
}

/* The URI is only borrowed, so it may stand here. */
static riv_ds *lines_of(riv *r, const char *name, const char *uid, int64_t rate)
{
    char uri[64];
    snprintf(uri, sizeof uri, "demo:%s?rate=%lld", name, (long long)rate);
    return riv_text(r, uri, RIV_OPT(.uid = uid));
}

static void build_access(struct demo_job *job, riv_ds *lines)
{
    const struct demo_access access = demo_access(lines);
    job->picture.pane[1] = access_pane;
    show_totals(access.paths, &job->main);
    show_totals(access.statuses, &job->side);
}

static void build_cards(struct demo_job *job, riv_ds *lines)
{
    const struct demo_cards cards = demo_cards(lines);
    struct demo_pane *pane = &job->picture.pane[1];
    *pane = cards_pane;
    show_totals(cards.counts, &job->main);
    show_totals(cards.countries, &job->side);
    riv_foreach_rdd(cards.alerts, take_alerts, RIV_OPT(.arg = RIV_COPY(pane)));
}

void demo_job_build(struct demo_job *job, riv *r, const char *name,
                    int64_t rate)
{
    job->picture.pane[0] = words_pane;
    job->picture.panes = strcmp(name, "words") == 0 ? 1 : 2;
    show_totals(demo_words(lines_of(r, "words", "texts", rate)), &job->words);
    if (strcmp(name, "access") == 0)
        build_access(job, lines_of(r, name, "lines", rate));
    else if (strcmp(name, "cards") == 0)
        build_cards(job, lines_of(r, name, "lines", rate));
}
