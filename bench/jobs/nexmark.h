/* nexmark.h - what the jobs of Nexmark read: lines of CSV whose first field says
 * what they are (bench/gen_nexmark.c). Each kind is cut out of the lines and
 * decoded by the columns that a query wants. */
#ifndef BENCH_JOBS_NEXMARK_H
#define BENCH_JOBS_NEXMARK_H

#include <rivulet.h>

typedef struct {
    int64_t auction, bidder, price, time;
} bid;
RIV_STRUCT(bid, auction, bidder, price, time);

/* A bid with all that it has. */
typedef struct {
    int64_t auction, bidder, price, time;
    riv_str extra;
} whole_bid;
RIV_STRUCT(whole_bid, auction, bidder, price, time, extra);

static inline riv_ds *bids(riv_ds *lines)
{
    return riv_decode(riv_starts_with(lines, "B,", NULL), &riv_type_bid,
                      "csv:2,3,4,5", NULL);
}

static inline riv_ds *whole_bids(riv_ds *lines)
{
    return riv_decode(riv_starts_with(lines, "B,", NULL), &riv_type_whole_bid,
                      "csv:2,3,4,5,6", NULL);
}

/* The first word of the job's arguments is its input, the second its output. */
static inline riv_ds *nexmark_lines(riv *r, int argc, char **argv)
{
    return riv_text(r, argc > 1 ? argv[1] : "-", NULL);
}

static inline void nexmark_save(riv_ds *out, int argc, char **argv)
{
    riv_save_text(out, argc > 2 ? argv[2] : "-", NULL);
}

#endif
