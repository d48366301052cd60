/* Nexmark q0, pass through: every bid is read and written again.
 *   rivulet run nexmark_q0.c replay:100000:EVENTS [OUTPUT]
 * Lines of the result: auction, bidder, price, time, extra. */
#include "nexmark.h"

RIV_JOB(r, argc, argv)
{
    nexmark_save(whole_bids(nexmark_lines(r, argc, argv)), argc, argv);
    return 0;
}
