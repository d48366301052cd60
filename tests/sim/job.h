/* sim/job.h - a job made from a seed: inputs, operators, windows, settings and
 * the way it is run and stopped. */
#ifndef RIV_SIM_JOB_H
#define RIV_SIM_JOB_H

#include "sim/check.h"
#include "support/failing.h"

enum input_kind { IN_QUEUE, IN_TAIL, IN_DIR, IN_TCP, IN_LISTEN, IN_KINDS };

enum stop_kind {
    STOP_QUIET, /* drained when everything has come */
    STOP_EARLY, /* drained in the middle */
    STOP_NOW,   /* ended in the middle */
    STOP_SHORT, /* drained in the middle, with next to no time for it */
    STOP_FREE,  /* freed while it runs */
};

struct job_conf {
    struct check_conf check;
    enum input_kind input[INPUTS_MAX];
    int64_t batches;
    int threads;
    int64_t buffer_bytes, share_bytes, poll_ms, idle_ms;
    enum stop_kind stop;
    uint64_t stop_after; /* batches; STOP_QUIET: then nothing new begins */
    /* of a durable job */
    unsigned lives;
    int64_t roll_bytes, roll_ms, wal_bytes, snapshot_bytes;
    uint32_t page_bytes; /* of the journal; 0: what it takes by itself */
    bool in_background; /* riv_start, else riv_run beside a thread that stops */
    struct sched_conf sched;
};

/* Draws a job and makes those who feed it. */
void job_conf_draw(struct job_conf *conf, struct world *w, int64_t batches);
/* One line about it. */
void job_conf_say(const struct job_conf *conf, char *dst, size_t room);

struct job {
    struct world *w;
    struct job_conf *conf;
    struct failing *failing; /* between job and world; NULL: nothing is */
    bool last;               /* of the lives of a durable job */
    bool drained;            /* all that this life took in is in its files */
    /* what became of it */
    uint64_t batches, records; /* of all lives */
    int rc;
    char message[RIV__ERR_TEXT_MAX];
};

/* The process of the engine; arg: struct job. Runs inside world_run. */
void job_main(void *arg);

#endif
