/* Nexmark q7, highest bid: the highest bid of each 10 seconds of events. A batch
 * is 10 seconds of events, so that the window is the batch.
 *   rivulet run nexmark_q7.c replay:100000:EVENTS [OUTPUT]
 * Lines of the result: auction, bidder, price, time; of equally high bids the
 * first in the order of time, auction and bidder. */
#include "nexmark.h"

static bool before(const bid *a, const bid *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->auction != b->auction)
        return a->auction < b->auction;
    return a->bidder < b->bidder;
}

RIV_REDUCE(higher, bid);
static void higher(bid *acc, const bid *v, riv_task *t)
{
    (void)t;
    if (v->price > acc->price || (v->price == acc->price && before(v, acc)))
        *acc = *v;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *all = bids(nexmark_lines(r, argc, argv));
    nexmark_save(riv_reduce(all, higher_fn, NULL), argc, argv);
    return 0;
}
