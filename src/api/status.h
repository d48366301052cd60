/* api/status.h - what a running job shows: its board (obs/board.h) from the start
 * to the end, and pictures of it for whoever asks. */
#ifndef RIV_API_STATUS_H
#define RIV_API_STATUS_H

#include "api/context.h"
#include "obs/board.h"

/* The run begins: there is something to see. RIV_ENOMEM. @thread driver, the next
 * four */
int riv__status_begin(riv *r) RIV__MUST_USE;
/* Its plan, and over live input its inputs (gen NULL: there are none). */
int riv__status_open(riv *r, const struct riv_plan *plan,
                     struct riv_generator *gen) RIV__MUST_USE;
/* The inputs are about to end: nobody looks at them from now on. */
void riv__status_close(riv *r);
void riv__status_end(riv *r, int rc, const struct riv_err *err);
void riv__status_free(riv *r);

/* A picture with at most so many batches; NULL: no memory. The caller frees it
 * (riv__picture_free). Takes the context's lock, which no batch ever waits for,
 * and for a number or a text those of a source; makes no system call but one for
 * the memory and one for each file that is followed. @thread any */
struct riv_picture *riv__status_picture(riv *r, size_t batches);

#endif
