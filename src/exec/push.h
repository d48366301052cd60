/* exec/push.h - what chain.c needs of push.c beside the public functions of
 * chain.h: the stack of what is under way, and the ends of tasks. @thread
 * worker */
#ifndef RIV_EXEC_PUSH_H
#define RIV_EXEC_PUSH_H

#include "exec/chain.h"

/* Room for what can be under way at once; freed with the chain. */
int riv__push_init(struct riv_chain *chain) RIV__MUST_USE;

/* The step's output begins at the start of its buffer. */
void riv__push_aim(struct riv_step *step);

/* Calls the kernel with no rows, and hands over what it emits. */
void riv__push_end(struct riv_step *step);

#endif
