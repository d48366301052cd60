/* exec/user.h - what a user's function sees of the engine (the functions
 * themselves are public, in rivulet.h), and the policy for refused records. */
#ifndef RIV_EXEC_USER_H
#define RIV_EXEC_USER_H

#include "exec/chain.h"

/* A counter (accumulator). What a task adds waits in its chain until the task
 * has succeeded. */
struct riv_counter {
    struct riv_counter *next;
    const char *name;
    uint32_t index; /* among those of the context */
    _Atomic int64_t value;
};

/* The task is over: what it has counted is added, or forgotten. */
void riv__counted_end(struct riv_chain *chain, bool succeeded);

#endif
