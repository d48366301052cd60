/* state.c - map_with_state, record by record, with keys that time out after
 * eight intervals: "batch_ms,key,source,seq,n,sum" for a record, and for a key
 * that is forgotten the same with no source and seq -1. */
#include "record.h"

enum { TIMEOUT_BATCHES = 8 };

typedef struct {
    riv_str source;
    int64_t seq, value;
} visit;
RIV_STRUCT(visit, source, seq, value);
RIV_PAIR(key_visit, riv_str, visit);

typedef struct {
    int64_t batch_ms;
    riv_str key, source;
    int64_t seq, n, sum;
} visit_row;
RIV_STRUCT(visit_row, batch_ms, key, source, seq, n, sum);

RIV_MAP(to_visit, record, key_visit);
static int to_visit(const record *in, key_visit *out, riv_task *t)
{
    (void)t;
    *out = (key_visit){ in->key, { in->source, in->seq, in->value } };
    return 0;
}

RIV_MAP_WITH_STATE(follow, key_visit, tally, visit_row);
static int follow(const riv_str *key, const visit *v, tally *state,
                  follow_out *out, riv_task *t)
{
    static const visit gone = { { "", 0 }, -1, 0 };
    const visit *what = v ? v : &gone;
    if (v) {
        state->n++;
        state->sum += v->value;
    }
    riv_emit(out, (visit_row){ t->time, *key, what->source, what->seq, state->n,
                               state->sum });
    return 0;
}

static void build_state(const struct job *job)
{
    riv_ds *visits = riv_map(job->records, to_visit_fn, NULL);
    riv_ds *rows = riv_map_with_state(
        visits, follow_fn,
        RIV_OPT(.uid = "state",
                .timeout_ms = TIMEOUT_BATCHES * job->interval_ms));
    save(job, rows, "state");
}

#ifndef ORACLE_PART
RIV_JOB(r, argc, argv)
{
    return job_only(build_state, r, argc, argv);
}
#endif
