/* exec/ways.c - ways through unions. A task reads a share of one input, but its
 * rows may reach a step by several ways: each is a partition of that step's
 * dataset, with an order, a number and a riv_local of its own. So one pass over
 * the input serves all sides of a union, and still none of them notices. */
#include "exec/ways.h"

#include <stdlib.h>
#include <string.h>

#include "graph/ops.h"

enum { NO_STAGE = -1, FROM_INPUT = -1 };

/* A needed dataset; how many partitions it has is the sum of its parents', or
 * what its stage was given. */
struct riv_numbered {
    const riv_ds *ds;
    int64_t stage; /* that reads it; NO_STAGE: a step */
};

uint32_t riv__ways_before(const struct riv_ways *ways, const riv_ds *ds,
                          uint32_t k)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < k; i++)
        n += ways->branches[ds->parent[i]->id];
    return n;
}

/* The dead letters of an op: of each branch that feeds it, and of its function. */
static bool is_letters(const riv_ds *ds)
{
    return ds->kind == &riv__kind_bad && riv__kind_is_op(ds->parent[0]->kind);
}

int riv__ways_count(struct riv_ways *ways, struct riv_err *err)
{
    for (size_t id = 0; id < ways->graph->n; id++) {
        const riv_ds *ds = ways->graph->node[id];
        ways->branches[id] = 1;
        if (!ways->needed[id] || ds->kind->role != RIV__ROLE_STEP)
            continue;
        uint64_t n = is_letters(ds);
        if (is_letters(ds))
            ds = ds->parent[0];
        for (uint32_t k = 0; k < ds->nparent; k++)
            n += ways->branches[ds->parent[k]->id];
        if (n > RIV__BRANCHES_MAX)
            return riv__err_set(err, RIV_EINVAL,
                                "riv_union: a union of unions of more than %d "
                                "datasets",
                                RIV__BRANCHES_MAX);
        ways->branches[id] = (uint32_t)n;
    }
    return 0;
}

/* ------------------------------------------------------------ of one stage */

static int way_add(struct riv_plan *plan, struct riv_way_list *list,
                   struct riv_way way)
{
    if (list->n == list->cap) {
        const uint32_t cap = list->cap ? 2 * list->cap : 1;
        struct riv_way *more =
            riv__arena_alloc(&plan->arena, cap * sizeof *more);
        if (!more)
            return RIV_ENOMEM;
        if (list->n > 0)
            memcpy(more, list->way, list->n * sizeof *more);
        list->way = more;
        list->cap = cap;
    }
    list->way[list->n++] = way;
    return ++plan->nway > RIV__WAYS_MAX ? RIV_EINVAL : 0;
}

/* What reached the beginning of the edges - step `at`, or the input - reaches
 * their ends. */
static int follow(struct riv_plan *plan, struct riv_stage *stage, int32_t at,
                  const struct riv_edge *edge, uint32_t nedge)
{
    const struct riv_way zero = { .from = FROM_INPUT };
    const struct riv_way *from = at < 0 ? &zero : stage->step[at].ways.way;
    const uint32_t n = at < 0 ? 1 : stage->step[at].ways.n;
    for (uint32_t i = 0; i < nedge; i++) {
        struct riv_way_list *to =
            edge[i].to_op ? NULL : &stage->step[edge[i].to].ways;
        for (uint32_t f = 0; !to; f++)
            if (stage->feeds[f]->index == edge[i].to)
                to = &stage->ways[f];
        for (uint32_t k = 0; k < n; k++)
            RIV__TRY(way_add(
                plan, to,
                (struct riv_way){ .branch = from[k].branch + edge[i].branch,
                                  .side = edge[i].side,
                                  .from = at,
                                  .from_way = k }));
    }
    return 0;
}

static int by_branch(const void *a, const void *b)
{
    const struct riv_way *l = a, *r = b;
    return (l->branch > r->branch) - (l->branch < r->branch);
}

static void way_sort(struct riv_way_list *list)
{
    if (list->n > 1)
        qsort(list->way, list->n, sizeof *list->way, by_branch);
}

/* What an op refuses comes by the ways to the op. */
static int follow_letters(struct riv_plan *plan, struct riv_stage *stage,
                          uint32_t at)
{
    for (uint32_t f = 0; f < stage->nfeeds; f++) {
        const struct riv_edges *letters = &stage->letters[f];
        for (uint32_t i = 0; i < letters->n; i++)
            for (uint32_t k = 0;
                 letters->edge[i].to == at && k < stage->ways[f].n; k++)
                RIV__TRY(way_add(
                    plan, &stage->step[at].ways,
                    (struct riv_way){ .branch = stage->ways[f].way[k].branch,
                                      .from = FROM_INPUT }));
    }
    return 0;
}

/* A step's ways are complete, and so sorted, before they are followed. */
int riv__ways_stage(struct riv_plan *plan, struct riv_stage *stage,
                    const struct riv_ways *ways)
{
    stage->ways = riv__arena_zalloc(&plan->arena,
                                    (stage->nfeeds + 1) * sizeof *stage->ways);
    if (!stage->ways)
        return RIV_ENOMEM;
    RIV__TRY(follow(plan, stage, FROM_INPUT, stage->root, stage->nroot));
    for (uint32_t i = 0; i < stage->nstep; i++) {
        struct riv_step_def *def = &stage->step[i];
        def->branches = ways->branches[def->ds->id];
        if (is_letters(def->ds))
            RIV__TRY(follow_letters(plan, stage, i));
        plan->unions |=
            def->ds->nparent > 1 && def->ds->kind->role == RIV__ROLE_STEP;
        way_sort(&def->ways);
        RIV__TRY(follow(plan, stage, (int32_t)i, def->next, def->nnext));
        RIV__TRY(follow(plan, stage, (int32_t)i, def->bad, def->nbad));
    }
    for (uint32_t f = 0; f < stage->nfeeds; f++)
        way_sort(&stage->ways[f]);
    return 0;
}

/* ------------------------------------------------------------ of the plan */

/* The levels at which a dataset's branches are computed, by node id. */
struct levels {
    uint32_t *least, *most;
};

static void levels_of(const riv_ds *ds, struct levels *lev)
{
    lev->least[ds->id] = is_letters(ds) ? 0 : UINT32_MAX; /* never at once */
    for (uint32_t k = 0; k < ds->nparent; k++) {
        const uint32_t parent = ds->parent[k]->id;
        lev->least[ds->id] = RIV__MIN(lev->least[ds->id], lev->least[parent]);
        lev->most[ds->id] = RIV__MAX(lev->most[ds->id], lev->most[parent]);
    }
    if (is_letters(ds))
        lev->most[ds->id]++;
}

static void numbered_add(struct riv_plan *plan, const riv_ds *ds,
                         const int64_t *stage_of, struct levels *lev)
{
    const int64_t at = stage_of[ds->id];
    plan->numbered[plan->nnumbered++] =
        (struct riv_numbered){ .ds = ds, .stage = at };
    if (at == NO_STAGE)
        levels_of(ds, lev);
    else
        lev->least[ds->id] = lev->most[ds->id] = plan->stage[at].level;
}

/* Branches of different levels are never counted at once. */
static void mark_apart(struct riv_plan *plan, const struct levels *lev)
{
    for (uint32_t i = 0; i < plan->nstage; i++) {
        for (uint32_t k = 0; k < plan->stage[i].nstep; k++) {
            struct riv_step_def *def = &plan->stage[i].step[k];
            def->apart = lev->least[def->ds->id] != lev->most[def->ds->id];
        }
    }
}

int riv__ways_plan(struct riv_plan *plan, const struct riv_ways *ways)
{
    const size_t n = ways->graph->n;
    if (!plan->unions)
        return 0;
    plan->numbered =
        riv__arena_zalloc(&plan->arena, (n + 1) * sizeof *plan->numbered);
    plan->count =
        riv__arena_zalloc(&plan->arena, (n + 1) * sizeof *plan->count);
    int64_t *stage_of = malloc((n + 1) * sizeof *stage_of);
    uint32_t *mem = calloc(2 * n + 1, sizeof *mem);
    struct levels lev = { mem, mem + n };
    int rc = plan->numbered && plan->count && stage_of && mem ? 0 : RIV_ENOMEM;
    for (size_t id = 0; rc == 0 && id < n; id++)
        stage_of[id] = NO_STAGE;
    for (uint32_t i = 0; rc == 0 && i < plan->nstage; i++)
        stage_of[riv__stage_input(&plan->stage[i])->id] = i;
    for (size_t id = 0; rc == 0 && id < n; id++)
        if (ways->needed[id])
            numbered_add(plan, ways->graph->node[id], stage_of, &lev);
    if (rc == 0)
        mark_apart(plan, &lev);
    free(stage_of);
    free(mem);
    return rc;
}

/* -------------------------------------------------------------- numbering */

static void counts_make(struct riv_plan *plan)
{
    for (size_t i = 0; i < plan->nnumbered; i++) {
        const riv_ds *ds = plan->numbered[i].ds;
        uint32_t n = 0;
        if (plan->numbered[i].stage != NO_STAGE)
            n = plan->partitions[plan->numbered[i].stage];
        for (uint32_t k = 0;
             plan->numbered[i].stage == NO_STAGE && k < ds->nparent; k++)
            n += plan->count[ds->parent[k]->id];
        plan->count[ds->id] = n;
    }
}

/* Ways lie in the order of branches, so their parents ascend. */
static void step_number(const struct riv_plan *plan,
                        const struct riv_stage *stage, struct riv_step_def *def)
{
    const bool several = def->ds->kind->role == RIV__ROLE_STEP;
    uint32_t before = 0, k = 0;
    for (uint32_t i = 0; i < def->ways.n; i++) {
        struct riv_way *way = &def->ways.way[i];
        for (; several && k < way->side; k++)
            before += plan->count[def->ds->parent[k]->id];
        way->before = before;
        if (way->from != FROM_INPUT)
            way->before +=
                stage->step[way->from].ways.way[way->from_way].before;
    }
}

void riv__ways_number(struct riv_plan *plan)
{
    if (!plan->unions)
        return;
    counts_make(plan);
    for (uint32_t i = 0; i < plan->nstage; i++)
        for (uint32_t k = 0; k < plan->stage[i].nstep; k++)
            step_number(plan, &plan->stage[i], &plan->stage[i].step[k]);
}
