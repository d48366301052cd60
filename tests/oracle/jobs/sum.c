/* sum.c - running count and sum: map_with_state for the keys that a batch
 * changed (running), update_state_by_key for all keys after each batch (total). */
#include "record.h"

RIV_MAP_WITH_STATE(run_up, key_tally, tally, tally_row);
static int run_up(const riv_str *key, const tally *v, tally *state,
                  run_up_out *out, riv_task *t)
{
    tally_add(state, v, t);
    riv_emit(out, (tally_row){ t->time, *key, state->n, state->sum });
    return 0;
}

RIV_UPDATE_STATE(add_all, key_tally, key_tally);
static int add_all(const riv_str *key, const tally *v, size_t n, tally *state,
                   riv_task *t)
{
    (void)key;
    for (size_t i = 0; i < n; i++)
        tally_add(state, &v[i], t);
    return 0;
}

static void build_sum(const struct job *job)
{
    riv_ds *running =
        riv_map_with_state(job->tallies, run_up_fn, RIV_OPT(.uid = "running"));
    riv_ds *total = riv_update_state_by_key(job->tallies, add_all_fn,
                                            RIV_OPT(.uid = "total"));
    save(job, running, "running");
    save(job, riv_map(total, tally_show_fn, NULL), "total");
}

#ifndef ORACLE_PART
RIV_JOB(r, argc, argv)
{
    return job_only(build_sum, r, argc, argv);
}
#endif
