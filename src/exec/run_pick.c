/* exec/run_pick.c - the rows of one partition, for iterators, and how many there
 * are: of the stages in front only the task of that partition runs. */
#include "exec/plan.h"
#include "exec/run_rows.h"
#include "graph/ops.h"

static struct riv_pick *pick_of(const struct riv_op *op)
{
    return (struct riv_pick *)(uintptr_t)op->ds->param;
}

/* Of a partition that is not wanted no task needs to run. */
static bool pick_has(struct riv_op *op, uint32_t branch, uint32_t partition)
{
    const struct riv_pick *pick = pick_of(op);
    return branch != pick->branch || partition != pick->partition;
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    return riv__rows_part_open(part, 1, err);
}

static bool wanted(const struct riv_part *part)
{
    const struct riv_pick *pick = pick_of(part->op);
    return part->branch == pick->branch && part->partition == pick->partition;
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    struct riv_rows_part *p = (struct riv_rows_part *)part;
    (void)side;
    if (wanted(part) && riv__rows_append(&p->bucket[0], rows, n) < 0)
        return riv__err_set(err, RIV_ENOMEM,
                            "riv_to_local_iterator: no memory for a partition");
    return 0;
}

/* One branch with so many partitions: the wanted one may be among them, or the
 * next one. */
static void branch_see(struct riv_pick *pick, uint32_t branch, uint32_t n)
{
    pick->count += n;
    if (branch == pick->branch && pick->partition < n)
        pick->found = true;
    const bool same = branch == pick->branch && pick->partition + 1 < n;
    const bool later = branch > pick->branch && n > 0;
    if (!same && !(later && (!pick->more || branch < pick->next_branch)))
        return;
    pick->more = true;
    pick->next_branch = branch;
    pick->next_partition = same ? pick->partition + 1 : 0;
}

/* The others did not run, but their shares were counted. */
static int pick_end(struct riv_op *op, struct riv_err *err)
{
    struct riv_pick *pick = pick_of(op);
    const struct riv_plan *plan = op->plan;
    (void)err;
    pick->found = pick->more = false;
    pick->count = 0;
    for (uint32_t i = 0; i < plan->nstage; i++) {
        const struct riv_stage *stage = &plan->stage[i];
        for (uint32_t f = 0; f < stage->nfeeds; f++)
            for (uint32_t w = 0; stage->feeds[f] == op && w < stage->ways[f].n;
                 w++)
                branch_see(pick, stage->ways[f].way[w].branch,
                           plan->partitions[i]);
    }
    return 0;
}

const struct riv_op_ops riv__run_pick = {
    .op_size = sizeof(struct riv_op),
    .part_size = sizeof(struct riv_rows_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED,
    .has = pick_has,
    .part_open = part_open,
    .part_close = riv__rows_part_close,
    .part_begin = riv__rows_part_begin,
    .take = take,
    .end = pick_end,
};
