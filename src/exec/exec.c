/* exec/exec.c - the workers of a context and their memory. */
#include "exec/exec.h"

#include <stdlib.h>

int riv__exec_init(struct riv_exec *exec, unsigned threads, struct riv_err *err)
{
    exec->worker = calloc(threads, sizeof *exec->worker);
    if (!exec->worker)
        return riv__err_set(err, RIV_ENOMEM, "no memory for %u workers",
                            threads);
    exec->nworker = threads;
    for (unsigned i = 0; i < threads; i++)
        exec->worker[i].index = i;
    return riv__pool_init(&exec->pool, threads, err);
}

void riv__exec_fini(struct riv_exec *exec)
{
    riv__pool_fini(&exec->pool);
    for (unsigned i = 0; i < exec->nworker; i++)
        free(exec->worker[i].read);
    free(exec->worker);
    exec->worker = NULL;
    exec->nworker = 0;
}
