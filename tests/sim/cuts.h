/* sim/cuts.h - power cuts at every call of a job that changes a file: before
 * each of them the machine stands still, and for several states that a cut could
 * leave a life of its own goes on from there to the end, in a copy of the
 * world. States that were seen before are not run again. */
#ifndef RIV_SIM_CUTS_H
#define RIV_SIM_CUTS_H

#include "sim/job.h"

/* Which state: before the n-th call that changes a file, cut in that way, the
 * k-th try. */
struct cut_place {
    uint64_t n;
    enum disk_cut how;
    unsigned k;
};

/* Shared by parent and children. */
struct cuts {
    uint64_t states, distinct, wanted; /* that were made; run; to be run */
    uint64_t failed;
    struct cut_place first; /* that failed */
    char failure[4096];
    struct cut_place only; /* this one alone; n 0: all */
    uint64_t seen[1 << 18];
};

struct cuts *cuts_new(void);
/* Runs the job, which is durable, and the states until enough were run. What
 * went wrong without any cut is in job->w->failure. */
void cuts_run(struct cuts *cuts, struct job *job);

#endif
