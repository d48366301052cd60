/* stream/replay.h - dead letters are given to the job again (letters.replay):
 * lines that functions refused in earlier runs stand in front of what the inputs
 * have for the first batch, and are dropped from the journal in the transaction
 * of that batch. So each is taken once, or still there. @thread driver */
#ifndef RIV_STREAM_REPLAY_H
#define RIV_STREAM_REPLAY_H

#include "stream/durable.h"

/* What is said of letters that stay: lines for the log. */
typedef void riv__replay_say_fn(void *arg, int level, const char *text);

/* Looks for those that may be given again, in the journal. Those that the whole
 * job would not take once stay, and are told of: of another input, without a
 * line, or refused by an operator that is not all that its input leads to. */
int riv__replay_load(struct riv_durable *durable, const riv_ds *const *source,
                     riv__replay_say_fn *say, void *arg, struct riv_err *err)
    RIV__MUST_USE;
/* Adds their lines to the cut of the batch that is about to run: once. */
int riv__replay_cut(struct riv_durable *durable, struct riv_cut *cut,
                    struct riv_err *err) RIV__MUST_USE;
/* The batch that had them goes into the journal: they leave it. */
int riv__replay_commit(struct riv_durable *durable, struct riv_err *err)
    RIV__MUST_USE;
void riv__replay_fini(struct riv_durable *durable);

#endif
