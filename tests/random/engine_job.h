/* tests/random/engine_job.h - a graph as a job, and what came out of it: what the
 * files of engine.c share. Tests only. */
#ifndef RIV_TESTS_RANDOM_ENGINE_JOB_H
#define RIV_TESTS_RANDOM_ENGINE_JOB_H

#include "random/engine.h"

RIV_PAIR(pair, int64_t, int64_t);
RIV_PAIR(word, riv_str, int64_t);

struct job {
    const struct graph *graph;
    const struct reference *ref;
    riv *r;
    riv_ds *ds[NODES_MAX];
    char path[32]; /* of the file that OP_TEXT reads */
    int threads;
    /* what came out of each output and batch, and what did on one thread */
    struct bag got[OUTPUTS_MAX][BATCHES_MAX];
    char *why;
    size_t room;
    bool wrong;
};

/* All nodes in their order; so many of their calls fail for a while. Ends the
 * process without memory. */
void job_build(struct job *job, int faults);

/* Notes what is wrong, the first time, with the number of threads. */
void job_wrong(struct job *job, const char *fmt, ...) RIV_PRINTF(2, 3);

/* The number in a key of words, as key_text wrote it; -1000: there is none. */
int64_t word_number(riv_str key);

/* Rows of a result as the reference has them; free bag->row. */
void job_bag(const riv_result *res, enum type type, struct bag *bag);

/* A copy of the rows, to be freed. */
struct rec *job_rows(const struct bag *bag, bool sort);

/* The first difference of two lists in words; false: there is none. */
bool job_differ(const struct bag *want, const struct bag *got, bool sort,
                char *text, size_t room);

/* What an output gave in a batch against what the reference has. */
void job_compare(struct job *job, int output, int batch, const struct bag *got,
                 const char *what);

/* Every output of every batch against the reference. */
void job_compare_all(struct job *job);

/* The same rows in the same order as on one thread. */
void job_compare_threads(struct job *job, const struct job *first);

/* An output of RDDs by actions: all, some, by key, by partition. */
void job_act(struct job *job, int output);

#endif
