/* top.c - the five keys of a batch with the largest sums, equal ones in the
 * order of the key: "batch_ms,rank,key,sum". */
#include "record.h"

enum { TOP = 5 };

typedef struct {
    int64_t less; /* the sum, negative: the largest comes first */
    riv_str key;
} rank_order;
RIV_STRUCT(rank_order, less, key);

RIV_MAP(to_order, key_tally, rank_order);
static int to_order(const key_tally *in, rank_order *out, riv_task *t)
{
    (void)t;
    *out = (rank_order){ -in->val.sum, in->key };
    return 0;
}

RIV_PAIR(ranked, key_tally, int64_t);
RIV_FILTER(is_top, ranked);
static int is_top(const ranked *in, riv_task *t)
{
    (void)t;
    return in->val < TOP;
}

typedef struct {
    int64_t batch_ms, rank;
    riv_str key;
    int64_t sum;
} rank_row;
RIV_STRUCT(rank_row, batch_ms, rank, key, sum);

RIV_MAP(rank_show, ranked, rank_row);
static int rank_show(const ranked *in, rank_row *out, riv_task *t)
{
    *out = (rank_row){ t->time, in->val, in->key.key, in->key.val.sum };
    return 0;
}

static void build_top(const struct job *job)
{
    riv_ds *sorted =
        riv_sort_by(job->tallies, to_order_fn, RIV_ASCENDING, NULL);
    riv_ds *top = riv_filter(riv_zip_with_index(sorted), is_top_fn, NULL);
    save(job, riv_map(top, rank_show_fn, NULL), "top");
}

#ifndef ORACLE_PART
RIV_JOB(r, argc, argv)
{
    return job_only(build_top, r, argc, argv);
}
#endif
