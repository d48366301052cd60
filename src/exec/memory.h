/* exec/memory.h - memory.limit: what the process may have, looked at between
 * waves of tasks and between batches; nothing is counted per record or per
 * allocation. What can wait is made small or waits: inputs' buffers and what is
 * persisted get shares of it when the job starts, and a batch takes nothing in
 * before its tick while the process has more than half. What cannot wait - a
 * batch's rows, state - ends the job with what it was, before the system ends it
 * with nothing. Without the setting all of this costs a comparison. @thread
 * driver */
#ifndef RIV_EXEC_MEMORY_H
#define RIV_EXEC_MEMORY_H

#include "exec/exec.h"

/* What the process has, and exec->memory_most if that is more than it was; 0: not
 * known, or there is no limit. */
int64_t riv__memory_now(struct riv_exec *exec);

/* What is free in the process goes back to the system: some milliseconds. */
void riv__memory_give_back(struct riv_exec *exec);

/* Shares out memory.limit: of the settings, before anything was made with them;
 * for so many live inputs. */
void riv__memory_share(struct riv_settings *conf, size_t ninput);

/* More than half of it is taken: what can wait waits. */
bool riv__memory_is_tight(struct riv_exec *exec);

/* How much of it is taken, in percent; 0 without a limit. */
int riv__memory_percent(struct riv_exec *exec);

/* In the middle of a batch. RIV_ENOMEM: 5 % more than the limit, also after what
 * was free has been given back. */
int riv__memory_check(struct riv_exec *exec, struct riv_err *err) RIV__MUST_USE;
/* Behind a batch: nothing of it is needed any more. RIV_ENOMEM: more than the
 * limit. */
int riv__memory_settle(struct riv_exec *exec, struct riv_err *err)
    RIV__MUST_USE;

#endif
