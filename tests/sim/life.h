/* sim/life.h - one life of the engine: a process of its own, so that what a crash
 * drops is dropped, what a leak leaves is counted, and what kills it is only a
 * failed seed. The world lies in shared memory and stays. */
#ifndef RIV_SIM_LIFE_H
#define RIV_SIM_LIFE_H

#include "sim/job.h"

/* Runs the job to its end or the process to its; what went wrong is in
 * job->w->failure. */
void life_run(struct job *job);
/* The two halves of it: the process that lives, and what its status says. */
void life_live(struct job *job) __attribute__((noreturn));
void life_end(struct world *w, int status);

#endif
