/* exec/refused.h - the records that a task refused and went on without: noted
 * down by the task, told by the driver when it has succeeded. So listeners are
 * called by one thread, in the order of tasks, and not for what is tried again.
 * A batch may refuse everything: what is noted is bounded, the rest is counted. */
#ifndef RIV_EXEC_REFUSED_H
#define RIV_EXEC_REFUSED_H

#include "exec/exec.h"
#include "exec/letters.h"

enum {
    RIV__TOLD_MAX = 1000,             /* records of a batch */
    RIV__TOLD_BYTES_MAX = 1024 * 1024 /* of a task's records and reasons */
};

struct riv_refusal {
    struct riv_refusal *next;
    const riv_ds *ds; /* that refused it */
    riv_str record;
    const char *why;
};

struct riv_refused { /* zeroed: none */
    struct riv_arena arena;
    struct riv_refusal *first, *last;
    uint64_t noted, count;      /* count: all of them */
    struct riv_letters letters; /* those that go into the journal */
};

/* Empty; memory is given back. */
void riv__refused_fini(struct riv_refused *refused);

/* Counts a record, and notes it down while there is room. */
void riv__refused_add(struct riv_refused *refused, const riv_ds *ds,
                      riv_str record, const char *why);

/* Tells exec->refused of them, up to RIV__TOLD_MAX in a batch: *told of it so
 * far. Adds those left out to *untold. @thread driver */
void riv__refused_tell(struct riv_exec *exec, const struct riv_refused *refused,
                       uint64_t *told, uint64_t *untold);

#endif
