/* exec/plan.c - compiles the needed part of a graph into stages and ops. Nodes
 * are in topological order already, so every pass is a loop over ids. */
#include "exec/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "exec/chain.h"
#include "exec/ready.h"
#include "exec/ways.h"
#include "graph/ops.h"
#include "graph/partitioner.h"
#include "io/sink.h"

/* While compiling: what is known of each node of the graph. */
struct compile {
    struct riv_plan *plan;
    const struct riv_graph *graph;
    struct riv_arena scratch;
    bool *needed;
    struct riv_op **op; /* by node id; NULL: no op */
    uint32_t *member;   /* step index + 1 in the stage being made */
    struct riv_partitioner *partitioner; /* by node id */
    struct riv_ways ways;
    struct riv_err *err;
};

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory for the plan");
}

static const struct riv_op_ops *ops_of(const struct riv_exec *exec,
                                       const struct riv_kind *kind)
{
    for (const struct riv_runner *r = exec->runners; r->kind; r++)
        if (r->kind == kind)
            return r->ops;
    return NULL;
}

/* Its rows are there already: nothing above it needs to run. */
static bool is_kept(const struct compile *c, const riv_ds *ds)
{
    if (ds->kind->role != RIV__ROLE_OP)
        return false;
    const struct riv_op_ops *ops = ops_of(c->plan->exec, ds->kind);
    return ops && ops->ready && ops->ready(c->plan->exec, ds);
}

static void mark_needed(struct compile *c, const riv_ds *const *outputs,
                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        c->needed[outputs[i]->id] = true;
    for (size_t id = c->graph->n; id-- > 0;) {
        const riv_ds *ds = c->graph->node[id];
        if (!c->needed[id] || is_kept(c, ds))
            continue;
        for (uint32_t k = 0; k < ds->nparent; k++)
            c->needed[ds->parent[k]->id] = true;
    }
}

static int op_make(struct compile *c, const riv_ds *ds)
{
    struct riv_plan *plan = c->plan;
    const struct riv_op_ops *ops = ops_of(plan->exec, ds->kind);
    if (!ops)
        return riv__err_set(c->err, RIV_EINVAL, "%s is not in this version",
                            ds->kind->name);
    struct riv_op *op = calloc(1, ops->op_size);
    if (!op)
        return no_memory(c->err);
    *op = (struct riv_op){ .ops = ops,
                           .exec = plan->exec,
                           .plan = plan,
                           .ds = ds,
                           .index = plan->nop,
                           .partitions = riv__partitions_asked(
                               ds, c->partitioner,
                               (uint32_t)plan->exec->conf->partitions),
                           .one_level = true };
    plan->op[plan->nop++] = op;
    c->op[ds->id] = op;
    return ops->open ? ops->open(op, c->err) : 0;
}

static int ops_make(struct compile *c)
{
    c->plan->op = riv__arena_zalloc(&c->plan->arena,
                                    (c->graph->n + 1) * sizeof *c->plan->op);
    if (!c->plan->op)
        return no_memory(c->err);
    for (size_t id = 0; id < c->graph->n; id++)
        if (c->needed[id] && riv__kind_is_op(c->graph->node[id]->kind))
            RIV__TRY(op_make(c, c->graph->node[id]));
    return 0;
}

/* -------------------------------------------------------------- a stage */

/* The dead letters of an op: it refuses records in the stages that feed it, and
 * its function, if it has one, in the stage below. */
static bool is_letters(const riv_ds *ds)
{
    return ds->kind == &riv__kind_bad && riv__kind_is_op(ds->parent[0]->kind);
}

static bool has_parent_here(const struct compile *c, const riv_ds *ds,
                            const riv_ds *input)
{
    for (uint32_t k = 0; k < ds->nparent; k++)
        if (ds->parent[k] == input || c->member[ds->parent[k]->id])
            return true;
    return false;
}

static bool is_below(const struct compile *c, const riv_ds *ds,
                     const riv_ds *input)
{
    if (!is_letters(ds))
        return has_parent_here(c, ds, input);
    return c->member[ds->parent[0]->id] ||
           has_parent_here(c, ds->parent[0], input);
}

/* Steps of the stage below `input`, in topological order. */
static int stage_members(struct compile *c, struct riv_stage *stage,
                         const riv_ds *input)
{
    memset(c->member, 0, c->graph->n * sizeof *c->member);
    uint32_t n = 0;
    if (input->kind->role == RIV__ROLE_GROUPS)
        c->member[input->id] = ++n;
    for (size_t id = input->id + 1; id < c->graph->n; id++) {
        const riv_ds *ds = c->graph->node[id];
        if (c->needed[id] && ds->kind->role == RIV__ROLE_STEP &&
            is_below(c, ds, input))
            c->member[id] = ++n;
    }
    stage->nstep = n;
    stage->step =
        riv__arena_zalloc(&c->plan->arena, (n + 1) * sizeof *stage->step);
    if (!stage->step)
        return no_memory(c->err);
    for (size_t id = input->id; id < c->graph->n; id++)
        if (c->member[id])
            stage->step[c->member[id] - 1].ds = c->graph->node[id];
    for (uint32_t i = 0; i < n; i++)
        stage->effects |= stage->step[i].ds->output;
    return 0;
}

static int edge_add(struct riv_arena *arena, struct riv_edge **list,
                    uint32_t *n, struct riv_edge edge)
{
    if ((*n & (*n - 1)) == 0) { /* a power of two, or 0: full */
        size_t cap = *n ? 2 * (size_t)*n : 1;
        struct riv_edge *more = riv__arena_alloc(arena, cap * sizeof *more);
        if (!more)
            return RIV_ENOMEM;
        if (*n)
            memcpy(more, *list, *n * sizeof *more);
        *list = more;
    }
    (*list)[(*n)++] = edge;
    return 0;
}

/* Room for one more feed, by doubling: most stages feed one op, and a long
 * lineage has thousands of stages. */
static int feeds_room(struct compile *c, struct riv_stage *stage)
{
    const size_t n = stage->nfeeds, cap = n ? 2 * n : 1;
    if ((n & (n - 1)) != 0)
        return 0;
    struct riv_op **feeds =
        riv__arena_alloc(&c->plan->arena, cap * sizeof *feeds);
    struct riv_edges *letters =
        riv__arena_zalloc(&c->plan->arena, cap * sizeof *letters);
    if (!feeds || !letters)
        return no_memory(c->err);
    for (size_t i = 0; i < n; i++) {
        feeds[i] = stage->feeds[i];
        letters[i] = stage->letters[i];
    }
    stage->feeds = feeds;
    stage->letters = letters;
    return 0;
}

static int feed_add(struct compile *c, struct riv_stage *stage,
                    struct riv_op *op)
{
    for (uint32_t i = 0; i < stage->nfeeds; i++)
        if (stage->feeds[i] == op)
            return 0;
    RIV__TRY(feeds_room(c, stage));
    stage->feeds[stage->nfeeds++] = op;
    stage->combines |= (op->ops->flags & RIV__OP_COMBINES) != 0;
    stage->deals = (op->ops->flags & RIV__OP_DEALS) != 0 &&
                   (stage->deals || stage->nfeeds == 1);
    return 0;
}

/* What an op refuses of the rows that this stage feeds it, and what its function
 * refuses here. */
static int letters_edges(struct compile *c, struct riv_stage *stage,
                         const riv_ds *ds)
{
    struct riv_arena *arena = &c->plan->arena;
    const riv_ds *of = ds->parent[0];
    struct riv_edge edge = { .to = c->member[ds->id] - 1 };
    for (uint32_t f = 0; f < stage->nfeeds; f++)
        if (stage->feeds[f]->ds == of &&
            edge_add(arena, &stage->letters[f].edge, &stage->letters[f].n,
                     edge) < 0)
            return no_memory(c->err);
    if (!c->member[of->id])
        return 0;
    struct riv_step_def *def = &stage->step[c->member[of->id] - 1];
    edge.branch = riv__ways_before(&c->ways, of, of->nparent);
    return edge_add(arena, &def->bad, &def->nbad, edge) < 0 ? no_memory(c->err)
                                                            : 0;
}

/* The edge from parent k of `ds` to `ds`, if that parent is of this stage. */
static int edge_from(struct compile *c, struct riv_stage *stage,
                     const riv_ds *input, const riv_ds *ds, uint32_t k)
{
    struct riv_arena *arena = &c->plan->arena;
    const riv_ds *parent = ds->parent[k];
    struct riv_op *op = c->op[ds->id];
    struct riv_edge edge = { .to_op = op != NULL,
                             .side = (uint8_t)k,
                             .branch = riv__ways_before(&c->ways, ds, k),
                             .to = op ? op->index : c->member[ds->id] - 1 };
    uint32_t at = c->member[parent->id];
    int rc = 0;
    if (at == 0 && parent != input)
        return 0;
    if (at == 0)
        rc = edge_add(arena, &stage->root, &stage->nroot, edge);
    else if (ds->kind == &riv__kind_bad)
        rc = edge_add(arena, &stage->step[at - 1].bad,
                      &stage->step[at - 1].nbad, edge);
    else
        rc = edge_add(arena, &stage->step[at - 1].next,
                      &stage->step[at - 1].nnext, edge);
    if (rc < 0)
        return no_memory(c->err);
    return op ? feed_add(c, stage, op) : 0;
}

static int stage_edges(struct compile *c, struct riv_stage *stage,
                       const riv_ds *input)
{
    if (input->kind->role == RIV__ROLE_GROUPS)
        RIV__TRY(edge_add(&c->plan->arena, &stage->root, &stage->nroot,
                          (struct riv_edge){ .to = 0 }));
    for (size_t id = input->id + 1; id < c->graph->n; id++) {
        const riv_ds *ds = c->graph->node[id];
        if (!c->needed[id] || (!c->member[id] && !c->op[id]))
            continue;
        if (is_letters(ds))
            RIV__TRY(letters_edges(c, stage, ds));
        for (uint32_t k = 0; !is_letters(ds) && k < ds->nparent; k++)
            RIV__TRY(edge_from(c, stage, input, ds, k));
    }
    return 0;
}

/* Which ways lead to what it is made of. */
static int stage_ways(struct compile *c, struct riv_stage *stage)
{
    int rc = riv__ways_stage(c->plan, stage, &c->ways);
    if (rc == RIV_EINVAL)
        return riv__err_set(c->err, rc,
                            "riv_union: more than %d ways through unions of "
                            "unions; riv_union_all puts many datasets together",
                            RIV__WAYS_MAX);
    return rc < 0 ? no_memory(c->err) : 0;
}

static int stage_levels(struct compile *c, struct riv_stage *stage)
{
    stage->level = stage->from ? stage->from->level + 1 : 0;
    if (stage->level >= RIV__LEVELS_MAX)
        return riv__err_set(c->err, RIV_EINVAL,
                            "more than %d exchanges one after another",
                            RIV__LEVELS_MAX);
    c->plan->nlevel = RIV__MAX(c->plan->nlevel, stage->level + 1);
    for (uint32_t i = 0; i < stage->nfeeds; i++) {
        struct riv_op *op = stage->feeds[i];
        if (op->level != stage->level && op->waves > 0)
            op->one_level = false;
        op->waves++; /* while compiling: stages seen */
        op->feeders++;
        op->branches += stage->ways[i].n;
        op->level = RIV__MAX(op->level, stage->level);
    }
    return 0;
}

/* The first rows of a union are those of its left, wherever its stages stand:
 * which ones they are is known when all have run. */
static void limits_check(struct riv_stage *stage)
{
    for (uint32_t i = 0; i < stage->nfeeds; i++)
        if (stage->feeds[i]->branches > 1)
            stage->feeds[i]->limited = false;
}

static int stage_make(struct compile *c, const riv_ds *input)
{
    struct riv_plan *plan = c->plan;
    struct riv_stage *stage = &plan->stage[plan->nstage];
    *stage = (struct riv_stage){ .from = c->op[input->id] };
    if (!stage->from)
        stage->source = input;
    RIV__TRY(stage_members(c, stage, input));
    RIV__TRY(stage_edges(c, stage, input));
    if (stage->nroot == 0)
        return 0; /* nobody reads this result: an output */
    RIV__TRY(stage_ways(c, stage));
    stage->chain = riv__arena_zalloc(
        &plan->arena, plan->exec->nworker * sizeof *stage->chain);
    if (!stage->chain)
        return no_memory(c->err);
    plan->nstage++;
    RIV__TRY(stage_levels(c, stage));
    limits_check(stage);
    return 0;
}

/* Plans of very many steps have small buffers. */
static void buffers_share(struct riv_plan *plan)
{
    enum {
        STEP_BYTES = 48 * 1024, /* half of an L2 stays */
        PLAN_BYTES = 64 * 1024 * 1024
    };
    size_t n = 1;
    for (uint32_t i = 0; i < plan->nstage; i++)
        n += plan->stage[i].nstep;
    for (uint32_t i = 0; i < plan->nstage; i++)
        plan->stage[i].step_bytes =
            RIV__MIN((size_t)PLAN_BYTES / n, (size_t)STEP_BYTES);
}

static int stages_make(struct compile *c)
{
    struct riv_plan *plan = c->plan;
    plan->stage = riv__arena_zalloc(&plan->arena,
                                    (c->graph->n + 1) * sizeof *plan->stage);
    if (!plan->stage)
        return no_memory(c->err);
    for (size_t id = 0; id < c->graph->n; id++)
        if (c->needed[id] && c->graph->node[id]->kind->role != RIV__ROLE_STEP)
            RIV__TRY(stage_make(c, c->graph->node[id]));
    for (uint32_t i = 0; i < plan->nop; i++)
        plan->op[i]->waves = 0;
    buffers_share(plan);
    plan->partitions = riv__arena_zalloc(
        &plan->arena, (plan->nstage + 1) * sizeof *plan->partitions);
    return plan->partitions && riv__ways_plan(plan, &c->ways) == 0
               ? 0
               : no_memory(c->err);
}

/* Windows and their slides are multiples of what they are made of, and what
 * meets in a batch has rows in the same batches. */
static int slides_check(struct compile *c)
{
    const int64_t interval_ms = c->plan->exec->conf->interval_ms;
    char show[256], nearest[RIV__NUM_NEAREST];
    for (size_t id = 0; id < c->graph->n; id++) {
        const riv_ds *ds = c->graph->node[id];
        if (!c->needed[id] || !ds->live)
            continue;
        if (ds->slide_ms % interval_ms != 0)
            return riv__err_set(
                c->err, RIV_EINVAL,
                "%s: a slide of %lld ms is no multiple of the "
                "batch interval of %lld ms; make it %s ms, or "
                "batch.interval (--interval) one that divides "
                "it",
                riv__ds_show(ds, show, sizeof show), (long long)ds->slide_ms,
                (long long)interval_ms,
                riv__num_nearest(nearest, ds->slide_ms, interval_ms));
        for (uint32_t k = 0; k < ds->nparent; k++) {
            int64_t slide = RIV__MAX(ds->parent[k]->slide_ms, interval_ms);
            int64_t first = RIV__MAX(ds->parent[0]->slide_ms, interval_ms);
            if (ds->parent[k]->live && ds->parent[0]->live && slide != first)
                return riv__err_set(c->err, RIV_EINVAL,
                                    "%s: its inputs slide by %lld and %lld ms; "
                                    "streams that meet must slide alike",
                                    riv__ds_show(ds, show, sizeof show),
                                    (long long)first, (long long)slide);
        }
    }
    return 0;
}

/* How each dataset is partitioned, as far as the program has said so. */
static void partitioners_find(struct compile *c)
{
    const uint32_t wanted = (uint32_t)c->plan->exec->conf->partitions;
    for (size_t id = 0; id < c->graph->n; id++)
        c->partitioner[id] =
            riv__partitioner_of(c->graph->node[id], c->partitioner, wanted);
}

static int compile(struct compile *c, const riv_ds *const *outputs, size_t n)
{
    size_t nodes = c->graph->n + 1;
    c->needed = riv__arena_zalloc(&c->scratch, nodes * sizeof *c->needed);
    c->op = riv__arena_zalloc(&c->scratch, nodes * sizeof *c->op);
    c->member = riv__arena_zalloc(&c->scratch, nodes * sizeof *c->member);
    c->partitioner =
        riv__arena_zalloc(&c->scratch, nodes * sizeof *c->partitioner);
    c->ways = (struct riv_ways){
        .graph = c->graph,
        .needed = c->needed,
        .branches = riv__arena_zalloc(&c->scratch, nodes * sizeof(uint32_t)),
    };
    if (!c->needed || !c->op || !c->member || !c->partitioner ||
        !c->ways.branches)
        return no_memory(c->err);
    partitioners_find(c);
    mark_needed(c, outputs, n);
    RIV__TRY(slides_check(c));
    RIV__TRY(riv__ways_count(&c->ways, c->err));
    RIV__TRY(ops_make(c));
    RIV__TRY(stages_make(c));
    riv__ready_fuse(c->plan);
    return 0;
}

int riv__plan_new(struct riv_exec *exec, const riv_ds *const *outputs, size_t n,
                  struct riv_plan **ret, struct riv_err *err)
{
    struct riv_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return no_memory(err);
    plan->exec = exec;
    riv__arena_init(&plan->arena, 4096);
    struct compile c = { .plan = plan, .graph = exec->graph, .err = err };
    riv__arena_init(&c.scratch, 4096);
    int rc = compile(&c, outputs, n);
    riv__arena_fini(&c.scratch);
    if (rc < 0) {
        riv__plan_free(plan);
        return rc;
    }
    *ret = plan;
    return 0;
}

static void op_free(struct riv_op *op)
{
    for (size_t i = 0; i < op->part_cap; i++) {
        struct riv_part *part = op->part[i];
        if (part && part->open && op->ops->part_close)
            op->ops->part_close(part);
        free(part);
    }
    free(op->part);
    if (op->ops->close)
        op->ops->close(op);
    free(op);
}

void riv__plan_free(struct riv_plan *plan)
{
    if (!plan)
        return;
    for (uint32_t i = 0; i < plan->nstage; i++)
        for (unsigned w = 0; w < plan->exec->nworker; w++)
            riv__chain_free(plan->stage[i].chain[w]);
    for (uint32_t i = 0; i < plan->nop; i++)
        op_free(plan->op[i]);
    free(plan->piece);
    free(plan->share);
    free(plan->run);
    free(plan->parts);
    riv__arena_fini(&plan->arena);
    free(plan);
}

struct riv_op *riv__plan_op(struct riv_plan *plan, const riv_ds *ds)
{
    for (uint32_t i = 0; i < plan->nop; i++)
        if (plan->op[i]->ds == ds)
            return plan->op[i];
    return NULL;
}

static const struct riv_sink *sink_of(struct riv_op *op)
{
    return op->ops->sink ? op->ops->sink(op) : NULL;
}

static int check_apart(const struct riv_plan *plan, uint32_t at,
                       struct riv_err *err)
{
    const struct riv_sink *sink = sink_of(plan->op[at]);
    for (uint32_t i = 0; sink && i < at; i++) {
        const struct riv_sink *before = sink_of(plan->op[i]);
        if (before)
            RIV__TRY(riv__sink_apart(before, sink, err));
    }
    return 0;
}

int riv__plan_start(struct riv_plan *plan, struct riv_err *err)
{
    for (uint32_t i = 0; i < plan->nop && !plan->started; i++) {
        if (plan->op[i]->ops->start)
            RIV__TRY(plan->op[i]->ops->start(plan->op[i], err));
        RIV__TRY(check_apart(plan, i, err));
    }
    plan->started = true;
    return 0;
}

int riv__plan_publish(struct riv_plan *plan, struct riv_err *err)
{
    for (uint32_t i = 0; i < plan->nop; i++)
        if (plan->op[i]->ops->publish)
            RIV__TRY(plan->op[i]->ops->publish(plan->op[i], err));
    return 0;
}
