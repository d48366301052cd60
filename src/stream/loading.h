/* stream/loading.h - state and windows out of the journal into the program's
 * operators: the pieces of a snapshot, then what deltas they do not contain, in
 * the order of batches. Changes nothing in the journal, but for state of an older
 * type, which is written down anew as a whole. @thread driver */
#ifndef RIV_STREAM_LOADING_H
#define RIV_STREAM_LOADING_H

#include "stream/recovering.h"

/* Of all operators with state. Says how far it is while it takes long. */
int riv__loading_all(struct riv_recovering *rec, struct riv_err *err)
    RIV__MUST_USE;

#endif
