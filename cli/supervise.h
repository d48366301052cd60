/* cli/supervise.h - `rivulet run` with a state directory: one process works,
 * this one watches it and starts it again when the job's functions have killed
 * it. This one never runs a function of the job, nor opens what the other has
 * open. */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include <rivulet.h>

#include "args.h"

/* How many restarts the arguments ask for: 0, run it in this process: there is no
 * state directory, restart.max is 0, or the arguments are wrong. */
unsigned supervise_wants(const struct args *args);

/* Runs the job until it ends for good; the exit code. In the process that works
 * it returns, too. */
int supervise(const struct args *args, const riv_job *job, unsigned restarts);

#endif
