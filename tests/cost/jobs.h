/* tests/cost/jobs.h - eight small jobs whose price is watched: what they cost in
 * instructions (instructions.c) and in allocations (allocations_test.c). Each is
 * a stream that is stepped by hand over data made in memory from a fixed seed,
 * the same batch again and again, on one thread. */
#ifndef RIV_TESTS_COST_JOBS_H
#define RIV_TESTS_COST_JOBS_H

#include <rivulet.h>

enum { COST_JOBS = 8 };

/* Makes the graph over lines (or over nothing, where the job has a queue of its
 * own: *ret_queue), and an output that looks at every record. */
struct cost_job {
    const char *name;
    /* The text of a batch, of about n bytes; NULL: the job has a queue. */
    size_t (*text)(char *to, size_t n);
    void (*build)(riv *r, riv_ds *lines, riv_ds **ret_queue);
    /* Puts a batch into the queue. */
    int (*push)(riv_ds *queue, int batch);
};

extern const struct cost_job cost_jobs[COST_JOBS];

/* A job made ready: the text of `batches` batches lies in a file. */
struct cost_run {
    const struct cost_job *job;
    riv *r;
    riv_ds *queue;
    int batch;
    char path[128];
};

/* 0, or what went wrong is on standard error. The instructions used are those
 * that `cpu_level` names. */
int cost_open(struct cost_run *run, const struct cost_job *job, int batches,
              const char *cpu_level);
int cost_step(struct cost_run *run, int batches);
void cost_close(struct cost_run *run);

/* Records that came out of all jobs so far. */
long long cost_seen(void);

#endif
