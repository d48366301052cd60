/* exec/token.c - riv_task_token, riv_batch_token: who writes what into the world
 * outside, so that a write can be done once although its batch may run twice.
 * A wrong token loses records, so it is refused where the next run might deal
 * the records to partitions in another way, and where a part of a batch is tried
 * that has killed the process (sieve.h): the trial ends there. */
#include "exec/token.h"

#include "exec/chain.h"
#include "exec/sieve.h"

/* The program has said how many: by size it may be another number next time,
 * and a setting is soon changed. A union shifts the numbers of one side by how
 * many the other has. */
static bool is_steady(const struct riv_step *step)
{
    const struct riv_op *from = step->chain->stage->from;
    if (!from || !step->def || step->def->branches > 1 ||
        !riv__kind_has(from->ds->kind, RIV__BY_KEY))
        return false;
    return from->ds->partitions > 0 ||
           (riv__op_partitions(from) > 0 && from->exec->conf->partitions == 0);
}

static const char *fill(const struct riv_exec *exec, const riv_ds *output,
                        riv_token *out)
{
    if (exec->batch == 0 || !exec->app)
        return "a batch has a number only in a live job with a state directory "
               "(state.dir)";
    if (!output->uid)
        return "the output needs a .uid, which its token is known by";
    out->app = riv_cstr(exec->app);
    out->output = riv_cstr(output->uid);
    out->batch = exec->batch;
    out->partition = 0;
    return NULL;
}

static bool is_trial(struct riv_exec *exec)
{
    if (!exec->sieve || !exec->sieve->probes)
        return false;
    atomic_store(&exec->probe_ends, true);
    return true;
}

int riv_task_token(riv_task *t, riv_token *out)
{
    const struct riv_step *step = riv__step_of(t);
    if (!step->chain)
        return riv_die(t, "riv_task_token: not in this function");
    struct riv_exec *exec = step->chain->exec;
    if (is_trial(exec))
        return riv_die(t, "a part of the batch is tried, nothing is written");
    const char *why = !out || out->struct_size < sizeof *out
                          ? "the token is to be set to RIV_TOKEN"
                      : !is_steady(step)
                          ? "its partitions are not the same in every run: put "
                            "an operator by key with .partitions in front "
                            "(riv_partition_by), or use riv_foreach_rdd"
                          : fill(exec, exec->hook ? exec->hook : step->ds, out);
    if (why)
        return riv_die(t, "riv_task_token: %s", why);
    out->partition = riv_partition(t);
    return RIV_OK;
}

int riv__batch_token(struct riv_exec *exec, riv_token *out,
                     const char **ret_why)
{
    *ret_why = !out || out->struct_size < sizeof *out
                   ? "the token is to be set to RIV_TOKEN"
               : exec->hook ? fill(exec, exec->hook, out)
                            : "only inside a function of riv_foreach_rdd";
    if (*ret_why)
        return RIV_EINVAL;
    return is_trial(exec) ? RIV_ESTOPPED : RIV_OK;
}
