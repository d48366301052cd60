/* Nexmark q5, hot items: the auctions with the most bids in the last 10 seconds
 * of events, every 2 seconds. A batch is 2 seconds of events; they are replayed a
 * thousand times as fast as they happened, so that a second takes 1 ms.
 *   rivulet run --interval 2ms nexmark_q5.c replay:20000:EVENTS [OUTPUT]
 * Lines of the result: auction, its bids; several where they are equal. */
#include "nexmark.h"

enum { SECOND_MS = 1 };

RIV_PAIR(bids_of, int64_t, int64_t);
RIV_PAIR(beside_most, bids_of, bids_of);

RIV_MAP(auction_of, bid, int64_t);
static int auction_of(const bid *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = in->auction;
    return 0;
}

RIV_REDUCE(more, bids_of);
static void more(bids_of *acc, const bids_of *v, riv_task *t)
{
    (void)t;
    if (v->val > acc->val)
        *acc = *v;
}

RIV_FLAT_MAP(hot, beside_most, bids_of);
static int hot(const beside_most *in, hot_out *out, riv_task *t)
{
    (void)t;
    if (in->key.val == in->val.val)
        riv_emit(out, in->key);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *auctions =
        riv_map(bids(nexmark_lines(r, argc, argv)), auction_of_fn, NULL);
    riv_ds *counts = riv_count_by_value_and_window(auctions, 10 * SECOND_MS,
                                                   2 * SECOND_MS, NULL);
    riv_ds *beside = riv_cartesian(counts, riv_reduce(counts, more_fn, NULL));
    nexmark_save(riv_flat_map(beside, hot_fn, NULL), argc, argv);
    return 0;
}
