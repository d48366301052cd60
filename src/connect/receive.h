/* connect/receive.h - sources of the program's own: what riv_receive needs to
 * tell the running input (source_receive.c) before it starts. */
#ifndef RIV_CONNECT_RECEIVE_H
#define RIV_CONNECT_RECEIVE_H

#include "exec/exec.h"
#include "io/source.h"

enum { RIV__OFFSET_MAX = 4096 }; /* bytes of an offset */

/* Ties an input of riv__source_receive to its dataset, whose param is a
 * riv_receive_param. @thread builder */
int riv__receive_tie(struct riv_input *input, struct riv_exec *exec,
                     const riv_ds *ds, struct riv_err *err) RIV__MUST_USE;

#endif
