/* slow.c - the oracle's job `count` beside a function that works so long on each
 * record that input comes faster than it is taken: $SLOW_ROUNDS rounds of a
 * hash, about a nanosecond each. */
#define ORACLE_PART
#include "../../oracle/jobs/count.c"

RIV_FILTER(work, record);
static int work(const record *in, riv_task *t)
{
    const long *rounds = riv_arg(t, long);
    uint64_t h = (uint64_t)in->value;
    for (long i = 0; i < *rounds; i++)
        h = (h ^ (uint64_t)i) * 0x9e3779b97f4a7c15u;
    return h == 1; /* hardly ever, but no compiler knows */
}

static void build_slow(const struct job *job)
{
    const char *text = getenv("SLOW_ROUNDS");
    const long rounds = text ? strtol(text, NULL, 10) : 0;
    riv_ds *none =
        riv_filter(job->records, work_fn, RIV_OPT(.arg = RIV_COPY(rounds)));
    save(job, riv_map(none, seen_fn, NULL), "none");
    build_count(job);
}

RIV_JOB(r, argc, argv)
{
    return job_only(build_slow, r, argc, argv);
}
