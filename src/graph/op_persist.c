/* graph/op_persist.c - persist and unpersist: what is built on a persisted
 * dataset reads what was kept. exec/cache.c keeps it. */
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_persist = { .name = "riv_persist",
                                            .role = RIV__ROLE_OP };

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
    if (in->persisted && in->persisted->number != level)
        return riv__graph_fail(in->graph, RIV_EINVAL,
                               "riv_persist: %s has level %lld already; "
                               "riv_unpersist it before another level",
                               show, (long long)in->persisted->number);
    return 0;
}

riv_ds *riv_persist(riv_ds *in, int level)
{
    if (!riv__ds_usable(in) || level_check(in, level) < 0)
        return in;
    /* a stream's batch is computed once for all its outputs anyway */
    if (in->persisted || in->live)
        return in;
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_persist,
                                            .in = &in,
                                            .nin = 1,
                                            .out = in->layout->type });
    if (!riv__ds_usable(ds))
        return in;
    ds->number = level;
    ds->cell = riv__arena_zalloc(in->graph->arena, sizeof *ds->cell);
    if (!ds->cell)
        riv__graph_fail(in->graph, RIV_ENOMEM, "no memory for the graph");
    in->persisted = ds;
    return in;
}

riv_ds *riv_cache(riv_ds *in)
{
    return riv_persist(in, RIV_MEMORY);
}

void riv_unpersist(riv_ds *in)
{
    if (!in || !in->persisted)
        return;
    struct riv_keep *keep = in->persisted->cell->keep;
    if (keep)
        keep->clear(keep);
    in->persisted = NULL;
}
