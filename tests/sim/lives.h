/* sim/lives.h - a durable job from its first life to its last: it is killed, the
 * power is cut, it is stopped, and starts again on what is there. */
#ifndef RIV_SIM_LIVES_H
#define RIV_SIM_LIVES_H

#include "sim/job.h"

/* Until the job has run enough batches and has ended well; what went wrong is
 * in job->w->failure. The number of lives. */
unsigned lives_run(struct job *job);
/* What happens between two lives: what is shown is noted, the process is buried,
 * the disk may lose, time passes. */
void lives_between(struct job *job, struct rng *rng);

#endif
