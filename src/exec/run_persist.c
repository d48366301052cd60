/* exec/run_persist.c - persist, and local checkpoints, as an op: its parts are
 * the partitions of its input, handed to the cache after each wave; tasks whose
 * partitions are kept already are not run. Partitions are named by branch and number, so that a
 * union's stand in its order, whoever computes them when. */
#include "exec/cache.h"
#include "exec/run_rows.h"
#include "graph/ops.h"

struct persist_op {
    struct riv_op base;
    struct riv_cache *cache;
    uint32_t put; /* parts that the cache has taken in this job */
};

static struct persist_op *self_of(struct riv_op *op)
{
    return (struct persist_op *)op;
}

static int persist_open(struct riv_op *op, struct riv_err *err)
{
    return riv__cache_of(op->exec, op->ds, &self_of(op)->cache, err);
}

static int persist_begin(struct riv_op *op, struct riv_err *err)
{
    (void)err;
    self_of(op)->put = 0;
    riv__cache_order(self_of(op)->cache);
    return 0;
}

static bool persist_has(struct riv_op *op, uint32_t branch, uint32_t partition)
{
    return riv__cache_has(self_of(op)->cache, riv__cache_id(branch, partition));
}

static int part_open(struct riv_part *part, struct riv_err *err)
{
    return riv__rows_part_open(part, 1, err);
}

static int take(struct riv_part *part, uint32_t side, const void *rows,
                size_t n, struct riv_err *err)
{
    struct riv_rows_part *p = (struct riv_rows_part *)part;
    (void)side;
    if (riv__rows_append(&p->bucket[0], rows, n) < 0)
        return riv__err_set(err, RIV_ENOMEM,
                            "riv_persist: no memory for a partition");
    return 0;
}

/* After a wave: its parts into the cache. */
static int prepare(struct riv_op *op, struct riv_err *err)
{
    struct persist_op *self = self_of(op);
    for (; self->put < op->npart; self->put++) {
        struct riv_rows_part *p = (struct riv_rows_part *)op->part[self->put];
        uint64_t id = riv__cache_id(p->base.branch, p->base.partition);
        RIV__TRY(riv__cache_put(self->cache, id, &p->bucket[0], err));
    }
    riv__cache_spill(op->exec);
    return 0;
}

static int persist_end(struct riv_op *op, struct riv_err *err)
{
    (void)err;
    struct riv_cache *cache = self_of(op)->cache;
    riv__cache_order(cache);
    cache->known = true;
    cache->keep.cut = op->ds->kind == &riv__kind_local_checkpoint;
    return 0;
}

static uint32_t parts(struct riv_op *op)
{
    return (uint32_t)self_of(op)->cache->nparts;
}

static int scan(struct riv_op *op, uint32_t k, struct riv_chain *chain)
{
    return riv__cache_scan(self_of(op)->cache, k, chain);
}

static bool ready(struct riv_exec *exec, const riv_ds *ds)
{
    struct riv_cache *cache;
    (void)exec;
    if (!ds->cell->keep)
        return false;
    cache = (struct riv_cache *)(void *)ds->cell->keep;
    return cache->keep.cut || riv__cache_ready(cache);
}

const struct riv_op_ops riv__run_persist = {
    .op_size = sizeof(struct persist_op),
    .part_size = sizeof(struct riv_rows_part),
    .flags = RIV__OP_KEEPS_PARTS | RIV__OP_ORDERED,
    .open = persist_open,
    .ready = ready,
    .has = persist_has,
    .begin = persist_begin,
    .part_open = part_open,
    .part_close = riv__rows_part_close,
    .part_begin = riv__rows_part_begin,
    .take = take,
    .prepare = prepare,
    .end = persist_end,
    .parts = parts,
    .scan = scan,
};
