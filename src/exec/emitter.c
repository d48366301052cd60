/* exec/emitter.c - a chain that is not a plan's: one step, and behind it one op
 * that gives the rows away. */
#include "exec/emitter.h"

#include <stdlib.h>

#include "exec/push.h"
#include "exec/step.h"
#include "exec/task.h"
#include "exec/user.h"
#include "exec/watch.h"

enum { BUFFER_BYTES = 48 * 1024 };

struct riv_emitter {
    struct riv_stage stage; /* must stay first */
    struct riv_emitter_spec spec;
    struct riv_now now;
    struct riv_worker worker;
    struct riv_step_def def;
    struct riv_edge edge;
    struct riv_way way;
    struct riv_op op;
    struct riv_part part, *parts[1];
    struct riv_chain *chain;
    /* of the running call */
    int (*read)(void *self, riv_task *t);
    void *self;
    int rc;
};

static struct riv_emitter *emitter_of(const struct riv_chain *chain)
{
    return (struct riv_emitter *)chain->stage;
}

static int emit_take(struct riv_part *part, uint32_t side, const void *rows,
                     size_t n, struct riv_err *err)
{
    const struct riv_emitter *emitter = emitter_of(part->chain);
    (void)side;
    return emitter->spec.take(emitter->spec.arg, rows, n, err);
}

static const struct riv_op_ops emit_ops = { .take = emit_take };

/* What it returned is the caller's business, and no failure of the chain. */
int riv__step_emit(const void *rows, size_t n, riv_task *t)
{
    struct riv_emitter *emitter = emitter_of(riv__step_of(t)->chain);
    (void)rows, (void)n;
    emitter->rc = emitter->read(emitter->self, t);
    return 0;
}

static void tie(struct riv_emitter *emitter)
{
    emitter->edge = (struct riv_edge){ .to_op = true };
    emitter->way = (struct riv_way){ .from = -1 };
    emitter->def = (struct riv_step_def){ .ds = emitter->spec.ds,
                                          .next = &emitter->edge,
                                          .nnext = 1,
                                          .ways = { &emitter->way, 1, 1 },
                                          .branches = 1 };
    emitter->stage = (struct riv_stage){ .step = &emitter->def,
                                         .nstep = 1,
                                         .step_bytes = BUFFER_BYTES };
    emitter->op = (struct riv_op){ .ops = &emit_ops,
                                   .exec = emitter->spec.exec,
                                   .ds = emitter->spec.ds };
    emitter->part.op = &emitter->op;
    emitter->parts[0] = &emitter->part;
    emitter->worker.now = &emitter->now;
}

int riv__emitter_new(const struct riv_emitter_spec *spec,
                     struct riv_emitter **ret, struct riv_err *err)
{
    struct riv_emitter *emitter =
        aligned_alloc(_Alignof(struct riv_emitter), sizeof(struct riv_emitter));
    if (!emitter)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a source");
    *emitter = (struct riv_emitter){ .spec = *spec };
    tie(emitter);
    int rc = riv__chain_new(spec->exec, &emitter->stage, &emitter->worker,
                            &emitter->chain, err);
    if (rc < 0) {
        riv__emitter_free(emitter);
        return rc;
    }
    emitter->chain->part = emitter->parts;
    emitter->part.chain = emitter->chain;
    *ret = emitter;
    return 0;
}

void riv__emitter_free(struct riv_emitter *emitter)
{
    if (!emitter)
        return;
    if (emitter->chain)
        riv__chain_abort(emitter->chain);
    riv__chain_free(emitter->chain);
    free(emitter);
}

int riv__emitter_call(struct riv_emitter *emitter,
                      int (*read)(void *self, riv_task *t), void *self,
                      struct riv_err *err)
{
    struct riv_chain *chain = emitter->chain;
    struct riv_step *step = &chain->step[0];
    emitter->read = read;
    emitter->self = self;
    emitter->rc = 0;
    riv__task_stack(&emitter->worker);
    riv__chain_begin(chain, emitter->spec.partition, 0);
    step->why[0] = '\0';
    riv__push_end(step);
    riv__counted_end(chain, true);
    if (chain->rc < 0)
        return riv__err_set(err, chain->rc, "%s", chain->err.text);
    if (emitter->rc < 0 && step->why[0])
        riv__err_set(err, emitter->rc, "%s", step->why);
    return emitter->rc;
}
