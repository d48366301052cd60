/* graph/op_persist.c - persist, unpersist, checkpoints: what is built on such a
 * dataset reads what was kept. exec/cache.c keeps it, exec/run_checkpoint.c in
 * files. */
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_persist = {
    .name = "riv_persist",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_KEPT,
};

const struct riv_kind riv__kind_checkpoint = {
    .name = "riv_checkpoint",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_KEPT,
};
const struct riv_kind riv__kind_local_checkpoint = {
    .name = "riv_local_checkpoint",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_KEPT,
};

static bool is_checkpoint(const riv_ds *ds)
{
    return ds && (ds->kind == &riv__kind_checkpoint ||
                  ds->kind == &riv__kind_local_checkpoint);
}

static int level_check(riv_ds *in, int level)
{
    char show[256];
    riv__ds_show(in, show, sizeof show);
    if (level < RIV_MEMORY || level > RIV_DISK)
        return riv__graph_fail(in->graph, RIV_EINVAL,
                               "riv_persist: level %d of %s is none of "
                               "RIV_MEMORY, RIV_MEMORY_ENCODED, "
                               "RIV_MEMORY_AND_DISK, RIV_DISK",
                               level, show);
    if (in->persisted && !is_checkpoint(in->persisted) &&
        in->persisted->number != level)
        return riv__graph_fail(in->graph, RIV_EINVAL,
                               "riv_persist: %s has level %lld already; "
                               "riv_unpersist it before another level",
                               show, (long long)in->persisted->number);
    return 0;
}

/* A node that keeps in's rows, from which all read that is built from now on. */
static riv_ds *keep(riv_ds *in, const struct riv_kind *kind, int level)
{
    riv_ds *ds = riv__graph_add(
        in->graph,
        &(struct riv_node_spec){
            .kind = kind, .in = &in, .nin = 1, .out = in->layout->type });
    if (!riv__ds_usable(ds))
        return in;
    ds->number = level;
    ds->cell = riv__arena_zalloc(in->graph->arena, sizeof *ds->cell);
    if (!ds->cell)
        riv__graph_fail(in->graph, RIV_ENOMEM, "no memory for the graph");
    in->persisted = ds;
    return in;
}

riv_ds *riv_persist(riv_ds *in, int level)
{
    if (!riv__ds_usable(in) || level_check(in, level) < 0)
        return in;
    /* a stream's batch is computed once for all its outputs anyway */
    if (in->persisted || in->live)
        return in;
    return keep(in, &riv__kind_persist, level);
}

/* Twice is nothing; after riv_persist what is kept there is read. */
riv_ds *riv_checkpoint(riv_ds *in, int64_t interval_ms)
{
    if (!riv__ds_usable(in))
        return in;
    if (interval_ms < 0)
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "riv_checkpoint: an interval of %lld ms",
                        (long long)interval_ms);
    if (in->live || is_checkpoint(in->persisted))
        return in;
    return keep(in, &riv__kind_checkpoint, 0);
}

riv_ds *riv_local_checkpoint(riv_ds *in)
{
    if (!riv__ds_usable(in) || in->live || is_checkpoint(in->persisted))
        return in;
    return keep(in, &riv__kind_local_checkpoint, RIV_MEMORY_AND_DISK);
}

riv_ds *riv_cache(riv_ds *in)
{
    return riv_persist(in, RIV_MEMORY);
}

/* A checkpoint stays: without its rows nobody could make them again. */
void riv_unpersist(riv_ds *in)
{
    riv_ds *ds = in ? in->persisted : NULL;
    const bool checkpointed = is_checkpoint(ds);
    if (checkpointed) /* what was persisted before is its parent */
        ds = ds->parent[0];
    if (!ds || ds->kind != &riv__kind_persist)
        return;
    struct riv_keep *kept = ds->cell->keep;
    if (kept)
        kept->clear(kept);
    if (!checkpointed)
        in->persisted = NULL;
}
