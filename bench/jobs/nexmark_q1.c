/* Nexmark q1, currency conversion: every bid with its price in euros.
 *   rivulet run nexmark_q1.c replay:100000:EVENTS [OUTPUT]
 * Lines of the result: auction, bidder, price, time, extra. */
#include "nexmark.h"

RIV_MAP(in_euros, whole_bid, whole_bid);
static int in_euros(const whole_bid *in, whole_bid *out, riv_task *t)
{
    (void)t;
    *out = *in;
    out->price = in->price * 908 / 1000;
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *dollars = whole_bids(nexmark_lines(r, argc, argv));
    nexmark_save(riv_map(dollars, in_euros_fn, NULL), argc, argv);
    return 0;
}
