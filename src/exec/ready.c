/* exec/ready.c - the ready-made steps, and where the plan runs them over text:
 * in stages where a source's lines go to one such step only, and where nothing
 * that follows could tell in which pieces rows come. */
#include "exec/ready.h"

#include "graph/ops.h"

static const struct riv_ready_ops *const readies[] = {
    &riv__ready_words,        &riv__ready_split,    &riv__ready_nth_field,
    &riv__ready_key_by_field, &riv__ready_contains, &riv__ready_starts_with,
    &riv__ready_matches,      &riv__ready_decode,
};

const struct riv_ready_ops *riv__ready_of(const struct riv_kind *kind)
{
    for (size_t i = 0; i < RIV__LEN(readies); i++)
        if (readies[i]->kind == kind)
            return readies[i];
    return NULL;
}

/* Rows that come by two ways to one place come in an order that hangs on the
 * pieces in which they are pushed. */
static bool is_tree(const struct riv_stage *stage)
{
    size_t edges = stage->nroot;
    for (uint32_t i = 0; i < stage->nstep; i++)
        edges += stage->step[i].nnext + stage->step[i].nbad;
    return edges == (size_t)stage->nstep + stage->nfeeds;
}

static void stage_fuse(const struct riv_plan *plan, struct riv_stage *stage)
{
    if (!stage->source || stage->source->kind != &riv__kind_text ||
        stage->nroot != 1 || stage->root[0].to_op || !is_tree(stage))
        return;
    const struct riv_step_def *def = &stage->step[stage->root[0].to];
    const struct riv_ready_ops *ready = riv__ready_of(def->ds->kind);
    if (!ready || !ready->text || (ready->by_lines && ready->by_lines(def->ds)))
        return;
    stage->text = ready;
    if (!ready->keys || def->nnext != 1 || def->nbad > 0 || !def->next[0].to_op)
        return;
    struct riv_op *op = plan->op[def->next[0].to];
    if (op->takes_keys)
        stage->keys_to = op;
}

void riv__ready_fuse(struct riv_plan *plan)
{
    for (uint32_t i = 0; plan->exec->conf->fuse && i < plan->nstage; i++)
        stage_fuse(plan, &plan->stage[i]);
}
