/* all.c - all jobs of this folder as one graph: one run checks them together.
 */
#define ORACLE_PART
#include "count.c"
#include "join.c"
#include "state.c"
#include "sum.c"
#include "top.c"
#include "window.c"

static void build_all(const struct job *job)
{
    build_count(job);
    build_sum(job);
    build_state(job);
    build_window(job);
    build_join(job);
    build_top(job);
}

RIV_JOB(r, argc, argv)
{
    return job_only(build_all, r, argc, argv);
}
