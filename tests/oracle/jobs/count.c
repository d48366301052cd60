/* count.c - records and sum of each key in each batch: count by key. */
#include "record.h"

static void build_count(const struct job *job)
{
    save(job, riv_map(job->tallies, tally_show_fn, NULL), "count");
}

#ifndef ORACLE_PART
RIV_JOB(r, argc, argv)
{
    return job_only(build_count, r, argc, argv);
}
#endif
