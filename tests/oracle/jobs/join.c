/* join.c - the records of two streams whose key and seq / 16 are equal, batch
 * by batch: "batch_ms,pair,source,seq,source,seq". The streams are the two
 * inputs; with one input its records of even and of odd seq. */
#include "record.h"

enum { NEAR = 16 };

typedef struct {
    riv_str source;
    int64_t seq;
} mark;
RIV_STRUCT(mark, source, seq);
RIV_PAIR(near_mark, riv_str, mark);

typedef struct {
    int64_t batch_ms;
    riv_str pair, left;
    int64_t left_seq;
    riv_str right;
    int64_t right_seq;
} match_row;
RIV_STRUCT(match_row, batch_ms, pair, left, left_seq, right, right_seq);

RIV_MAP(to_mark, record, near_mark);
static int to_mark(const record *in, near_mark *out, riv_task *t)
{
    out->key =
        riv_fmt(t, RIV_S "/%lld", RIV_P(in->key), (long long)(in->seq / NEAR));
    out->val = (mark){ in->source, in->seq };
    return 0;
}

RIV_FILTER(is_even, record);
static int is_even(const record *in, riv_task *t)
{
    (void)t;
    return in->seq % 2 == 0;
}

RIV_FILTER(is_odd, record);
static int is_odd(const record *in, riv_task *t)
{
    (void)t;
    return in->seq % 2 != 0;
}

RIV_JOIN(match, near_mark, near_mark, match_row);
static int match(const riv_str *key, const mark *l, const mark *r,
                 match_out *out, riv_task *t)
{
    riv_emit(out, (match_row){ t->time, *key, l->source, l->seq, r->source,
                               r->seq });
    return 0;
}

static void build_join(const struct job *job)
{
    riv_ds *left = job->left, *right = job->right;
    if (!right) {
        left = riv_filter(job->records, is_even_fn, NULL);
        right = riv_filter(job->records, is_odd_fn, NULL);
    }
    riv_ds *matches =
        riv_join(riv_map(left, to_mark_fn, NULL),
                 riv_map(right, to_mark_fn, NULL), match_fn, RIV_INNER, NULL);
    save(job, matches, "join");
}

#ifndef ORACLE_PART
RIV_JOB(r, argc, argv)
{
    return job_only(build_join, r, argc, argv);
}
#endif
