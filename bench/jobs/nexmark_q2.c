/* Nexmark q2, selection: the bids on one auction of 123.
 *   rivulet run nexmark_q2.c replay:100000:EVENTS [OUTPUT]
 * Lines of the result: auction, price. */
#include "nexmark.h"

typedef struct {
    int64_t auction, price;
} offer;
RIV_STRUCT(offer, auction, price);

RIV_FLAT_MAP(chosen, offer, offer);
static int chosen(const offer *in, chosen_out *out, riv_task *t)
{
    (void)t;
    if (in->auction % 123 == 0)
        riv_emit(out, *in);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = nexmark_lines(r, argc, argv);
    riv_ds *offers = riv_decode(riv_starts_with(lines, "B,", NULL),
                                &riv_type_offer, "csv:2,4", NULL);
    nexmark_save(riv_flat_map(offers, chosen_fn, NULL), argc, argv);
    return 0;
}
