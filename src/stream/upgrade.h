/* stream/upgrade.h - calls the program's RIV_UPGRADE functions while old state
 * is loaded: they get a task that is none, so that riv_fmt, riv_alloc, riv_arg
 * and riv_fail work. @thread driver */
#ifndef RIV_STREAM_UPGRADE_H
#define RIV_STREAM_UPGRADE_H

#include "data/convert.h"
#include "exec/chain.h"

struct riv_upgrader {
    struct riv_step step;
};

/* For the states of this operator; `convert` may be NULL. It calls through the
 * upgrader until that is ended. */
void riv__upgrader_init(struct riv_upgrader *upgrader, const riv_ds *ds,
                        const struct riv_convert *convert);
/* What functions have allocated is no longer needed: the states have copies. */
void riv__upgrader_reset(struct riv_upgrader *upgrader);
void riv__upgrader_fini(struct riv_upgrader *upgrader);

#endif
