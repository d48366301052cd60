/* cli/demo.h - what the demo counts and shows. The job (demo_job.c) fills a
 * picture after each batch, on the driver's thread; the view (demo_view.c) and
 * the printer (demo_print.c) read a copy, and nothing else. */
#ifndef DEMO_H
#define DEMO_H

#include <stdbool.h>
#include <stdint.h>

#include <rivulet.h>

#include "frame.h"

enum {
    DEMO_TEXT = 48, /* bytes kept of a word or path, with NUL */
    DEMO_ROWS = 64, /* the most frequent that a pane keeps */
    DEMO_SIDES = 8, /* rows of the small table */
    DEMO_NOTE = 160,
    DEMO_HISTORY = 128 /* batches of which the rate is shown */
};

struct demo_row {
    char text[DEMO_TEXT];
    int64_t batch, total; /* in the last batch, and in all */
};

struct demo_alert_row {
    char card[20], why[DEMO_TEXT];
};

struct demo_pane {
    const char *title;     /* "words" */
    const char *unit;      /* what a row is: "word" */
    const char *side_unit; /* of the small table: "status", or NULL */
    bool has_errors;       /* sides from 400 on are errors */
    bool has_alerts;       /* in place of rows; sides are cents */
    int rows, sides, alerts;
    struct demo_row row[DEMO_ROWS], side[DEMO_SIDES];
    struct demo_alert_row alert[DEMO_ROWS]; /* the newest first */
    int64_t batch, total;                   /* all that was counted */
    int64_t distinct;                       /* different rows */
    int64_t errors, sides_total;
};

struct demo_picture {
    char note[DEMO_NOTE]; /* where the state is; "" */
    int64_t batches, records;
    int64_t per_second; /* of the last batch */
    int64_t processing_us, delay_us, interval_ms, waiting_bytes, memory_bytes;
    double history[DEMO_HISTORY]; /* records per second, newest last */
    int histories, panes;
    struct demo_pane pane[2];
};

/* Draws the picture into the whole frame, whatever its size. */
void demo_draw(struct frame *frame, const struct demo_picture *picture);

/* A few lines of text about the last batch; returns their bytes. */
size_t demo_print(char *dst, size_t room, const struct demo_picture *picture);

/* ----- the job */

struct demo_job;

/* Called on the driver's thread after each batch, with the picture lent. */
typedef void demo_batch_fn(void *arg, const struct demo_picture *picture);

/* NULL: no memory. */
struct demo_job *demo_job_new(demo_batch_fn *fn, void *arg);
void demo_job_free(struct demo_job *job); /* after riv_free */
/* What riv_new needs to tell the job about batches; lent. */
const riv_listener *demo_job_listener(struct demo_job *job);
/* Builds the graph: "words" alone, "access" or "cards" with words beside.
 * rate: lines a second of each; 0: as fast as they are taken. */
void demo_job_build(struct demo_job *job, riv *r, const char *name,
                    int64_t rate);

#endif
