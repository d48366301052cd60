/* exec/user.h - what a user's function sees of the engine (the functions
 * themselves are public, in rivulet.h), and the policy for refused records. */
#ifndef RIV_EXEC_USER_H
#define RIV_EXEC_USER_H

#include "exec/chain.h"

/* A counter (accumulator): per worker cells, added up when read. */
struct riv_counter {
    struct riv_counter *next;
    const char *name;
    _Atomic int64_t value;
};

#endif
