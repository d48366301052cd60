/* exec/emitter.h - a function of the program's that gives rows outside of jobs,
 * on a thread of its own: the read() of its source. It has all that a task's
 * function has (riv_emit, riv_alloc, counters), for it runs as the only step of
 * a chain; what it emits goes to `take`. One thread at a time. */
#ifndef RIV_EXEC_EMITTER_H
#define RIV_EXEC_EMITTER_H

#include "exec/exec.h"

struct riv_emitter;

struct riv_emitter_spec {
    struct riv_exec *exec;
    const riv_ds *ds; /* whose rows they are; of a kind run by
                         riv__step_emit */
    uint32_t partition;
    /* n rows, to be copied. An error ends the call. */
    int (*take)(void *arg, const void *rows, size_t n, struct riv_err *err);
    void *arg;
};

int riv__emitter_new(const struct riv_emitter_spec *spec,
                     struct riv_emitter **ret, struct riv_err *err)
    RIV__MUST_USE;
void riv__emitter_free(struct riv_emitter *emitter);

/* Calls the function. What it returned (with its reason in *err, when that is
 * below 0 and it gave one), or the error of `take`, or RIV_ENOMEM when it was
 * left by riv_alloc. What it emitted until then has been taken. */
int riv__emitter_call(struct riv_emitter *emitter,
                      int (*read)(void *self, riv_task *t), void *self,
                      struct riv_err *err);

#endif
