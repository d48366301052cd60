/* api/show.h - who may look at a running job from outside: the socket of its state
 * directory, and the pages of http.listen. */
#ifndef RIV_API_SHOW_H
#define RIV_API_SHOW_H

#include "api/context.h"

/* The run is about to begin; its journal, if there is one, is open. An address of
 * http.listen that cannot be had is an error, a socket is not. @thread driver */
int riv__show_start(riv *r, struct riv_err *err) RIV__MUST_USE;
/* Before the run is over for others: nobody is in the middle of a picture. */
void riv__show_stop(riv *r);

#endif
