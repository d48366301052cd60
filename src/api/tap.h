/* api/tap.h - rows that pass, for those who ask from outside: which operators
 * there are, and which one is meant. */
#ifndef RIV_API_TAP_H
#define RIV_API_TAP_H

#include "api/context.h"
#include "http/viewer.h"

/* The rows that left an operator, as exec/tap.h has them, or the list. Below 0
 * the text is the reason: RIV_EINVAL: there is no such operator. @thread any */
int riv__tap_answer(riv *r, const struct riv_tap_ask *ask, struct riv_buf *to);

#endif
