/* store/tidy.h - the operators whose old deltas and snapshots may go, because a
 * newer snapshot is complete. Dropping is work that nobody waits for: a bounded
 * piece of it at a time, when the storage thread has nothing else to do. */
#ifndef RIV_STORE_TIDY_H
#define RIV_STORE_TIDY_H

#include "store/journal.h"
#include "sys/thread.h"

struct riv_tidy {
    struct riv_lock lock;
    uint32_t *op; /* protected by lock, these */
    size_t n, cap;
};

void riv__tidy_init(struct riv_tidy *tidy);
void riv__tidy_fini(struct riv_tidy *tidy);

/* One that is there already stays there once. Without memory it is left out: the
 * operator's next snapshot adds it again. @thread any */
void riv__tidy_add(struct riv_tidy *tidy, uint32_t op);
bool riv__tidy_has(struct riv_tidy *tidy);

/* One transaction. On a full disk the operator is left until its next snapshot.
 * @thread storage */
int riv__tidy_step(struct riv_tidy *tidy, struct riv_journal *journal,
                   struct riv_err *err) RIV__MUST_USE;

#endif
