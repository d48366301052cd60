/* exec/token.h - the part of riv_batch_token that knows the engine. */
#ifndef RIV_EXEC_TOKEN_H
#define RIV_EXEC_TOKEN_H

#include "exec/exec.h"

/* RIV_EINVAL: *ret_why says why; RIV_ESTOPPED: a part of the batch is tried.
 * @thread driver */
int riv__batch_token(struct riv_exec *exec, riv_token *out,
                     const char **ret_why);

#endif
