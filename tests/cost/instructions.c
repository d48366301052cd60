/* tests/cost/instructions.c - runs one job for tests/cost/count, which counts
 * the instructions of what is called from `counted`: 16 batches, after 16 others
 * that made tables and buffers. The kernels are the portable ones, so that the
 * count is the same on every machine.
 *   instructions JOB     without JOB: the compiler, and the names of the jobs */
#include <stdio.h>
#include <string.h>

#include "jobs.h"

#ifdef __clang__
#define COMPILER "clang-%d\n", __clang_major__
#else
#define COMPILER "gcc-%d\n", __GNUC__
#endif

enum { WARM_UP = 16, COUNTED = 16 };

__attribute__((noinline)) int counted(struct cost_run *run);

__attribute__((noinline)) int counted(struct cost_run *run)
{
    return cost_step(run, COUNTED);
}

int main(int argc, char **argv)
{
    struct cost_run run;
    if (argc < 2)
        printf(COMPILER);
    for (int i = 0; i < COST_JOBS; i++) {
        const struct cost_job *job = &cost_jobs[i];
        if (argc < 2) {
            puts(job->name);
            continue;
        }
        if (strcmp(argv[1], job->name) != 0)
            continue;
        if (cost_open(&run, job, WARM_UP + COUNTED, "plain") < 0 ||
            cost_step(&run, WARM_UP) < 0)
            return 70;
        const long long before = cost_seen();
        if (counted(&run) < 0)
            return 70;
        cost_close(&run);
        printf("%lld\n", cost_seen() - before); /* what did nothing is cheap */
        return cost_seen() > before ? 0 : 70;
    }
    return argc < 2 ? 0 : 64;
}
