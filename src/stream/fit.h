/* stream/fit.h - whether state of an earlier program fits an operator of this
 * one: keys stay, values may be converted (docs/upgrade.md has the table). */
#ifndef RIV_STREAM_FIT_H
#define RIV_STREAM_FIT_H

#include "stream/match.h"

/* The text of an operator's types as the journal keeps it. NULL: no memory. */
const char *riv__fit_schema(struct riv_arena *arena, const riv_ds *ds,
                            const struct riv_kept_ops *kept);

/* Sets verdict, note and the conversion of a match that has its row, its dataset
 * and its schema. */
int riv__fit(struct riv_arena *arena, struct riv_match *match,
             const struct riv_kept_ops *kept, struct riv_err *err)
    RIV__MUST_USE;

#endif
