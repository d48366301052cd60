/* exec/exec.c - the workers of a context and their memory. */
#include "exec/exec.h"

#include <stdlib.h>
#include <string.h>

#include "data/tally.h"
#include "exec/watch.h"

int riv__exec_init(struct riv_exec *exec, unsigned threads, struct riv_err *err)
{
    exec->worker = calloc(threads, sizeof *exec->worker);
    if (!exec->watch)
        exec->now = aligned_alloc(_Alignof(struct riv_now),
                                  threads * sizeof *exec->now);
    if (!exec->worker || (!exec->watch && !exec->now))
        return riv__err_set(err, RIV_ENOMEM, "no memory for %u workers",
                            threads);
    if (exec->now)
        memset(exec->now, 0, threads * sizeof *exec->now);
    exec->nworker = threads;
    exec->kernels = riv__kernels((enum riv_cpu)exec->conf->cpu_level);
    for (unsigned i = 0; i < threads; i++) {
        exec->worker[i].index = i;
        exec->worker[i].now =
            exec->watch ? &exec->watch->now[i] : &exec->now[i];
        exec->worker[i].keys = calloc(1, sizeof *exec->worker[i].keys);
        if (!exec->worker[i].keys)
            return riv__err_set(err, RIV_ENOMEM, "no memory for %u workers",
                                threads);
    }
    return riv__pool_init(&exec->pool, threads, err);
}

void riv__exec_fini(struct riv_exec *exec)
{
    riv__pool_fini(&exec->pool);
    for (unsigned i = 0; i < exec->nworker; i++) {
        free(exec->worker[i].read);
        if (exec->worker[i].keys)
            riv__keys_fini(exec->worker[i].keys);
        free(exec->worker[i].keys);
    }
    free(exec->worker);
    riv__letters_fini(&exec->letters);
    free(exec->now);
    exec->worker = NULL;
    exec->now = NULL;
    exec->nworker = 0;
}
