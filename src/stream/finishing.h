/* stream/finishing.h - what an earlier run had promised of its outputs: files are
 * completed and shown, those that are open go on behind what was committed,
 * outboxes are sent. All of it can be done again. @thread driver */
#ifndef RIV_STREAM_FINISHING_H
#define RIV_STREAM_FINISHING_H

#include "stream/recovering.h"

/* Of all outputs, also of those that the program has no more. RIV_ECHECKPOINT:
 * files are not what the journal says, and output.reset does not allow it. */
int riv__finishing_all(struct riv_recovering *rec, struct riv_err *err)
    RIV__MUST_USE;

#endif
