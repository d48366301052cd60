/* stream/snapshot.c - state is written down whole from time to time, in pieces,
 * while nothing else is to do: so that the deltas that recovery has to load,
 * and those on disk, stay in proportion to the state. A piece is as of the
 * batch it was taken after; loading takes care of that. */
#include "stream/durable.h"
#include "stream/segment.h"

enum {
    SPARE_BYTES = 1024 * 1024, /* for batches that have nothing in them */
    ROUNDS =
        2, /* of snapshots where room is short: then all that can go goes */
    PATIENCE = 16, /* batches without idle time, then it is done anyway */
};

/* Deltas below this are not worth a snapshot. */
static uint64_t deltas_min(const struct riv_durable *d)
{
    return (uint64_t)d->exec->conf->snapshot_bytes_min;
}

static bool has_snapshots(const struct riv_durable_op *kept)
{
    return !(kept->op->ops->kept->flags & RIV__KEPT_DELTAS_ONLY);
}

static void begin(const struct riv_durable *d, struct riv_durable_op *kept)
{
    kept->under_way = true;
    kept->snapshot++;
    kept->part = 0;
    kept->at = 0;
    kept->base = d->batch;
    kept->bytes = 0;
    kept->delta_mark = kept->delta_bytes;
}

void riv__durable_grew(struct riv_durable *d, struct riv_durable_op *kept,
                       uint64_t bytes)
{
    kept->delta_bytes += bytes;
    if (kept->under_way || !has_snapshots(kept) ||
        kept->delta_bytes < deltas_min(d))
        return;
    if (kept->delta_bytes < kept->op->ops->kept->bytes(kept->op))
        return;
    begin(d, kept);
}

uint64_t riv__durable_need(const struct riv_durable *d)
{
    uint64_t need = SPARE_BYTES + 2 * (riv__commit_bytes(d->open) +
                                       riv__writer_backlog(d->writer));
    for (size_t i = 0; i < d->nop; i++)
        if (has_snapshots(&d->op[i]))
            need += d->op[i].op->ops->kept->bytes(d->op[i].op);
    return need;
}

/* Deltas go when two complete snapshots cover them: two rounds. */
static void force(struct riv_durable *d)
{
    if (!riv__writer_is_short(d->writer)) {
        d->forced = 0;
        return;
    }
    for (size_t i = 0; i < d->nop; i++)
        if (d->op[i].under_way)
            return;
    if (d->forced >= ROUNDS)
        return;
    d->forced++;
    for (size_t i = 0; i < d->nop; i++)
        if (has_snapshots(&d->op[i]))
            begin(d, &d->op[i]);
}

static struct riv_durable_op *next_op(struct riv_durable *d)
{
    for (size_t i = 0; i < d->nop; i++)
        if (d->op[i].under_way)
            return &d->op[i];
    return NULL;
}

static size_t pieces_bytes(const struct riv_commit *commit)
{
    size_t n = 0;
    for (size_t i = 0; i < commit->nblob; i++)
        n += commit->blob[i].kind == RIV__BLOB_PIECE ? commit->blob[i].bytes.n
                                                     : 0;
    return n;
}

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory to write state down");
}

/* The head: from now on it counts. */
static int complete(struct riv_durable *d, struct riv_durable_op *kept,
                    struct riv_err *err)
{
    struct riv_commit_blob *head =
        riv__commit_blob(d->open, RIV__BLOB_SNAPSHOT, kept->id);
    if (!head)
        return no_memory(err);
    head->snapshot = kept->snapshot;
    head->base = kept->base;
    kept->under_way = false;
    kept->delta_bytes -= kept->delta_mark;
    kept->oldest_base = kept->last_base;
    kept->last_base = kept->base;
    return 0;
}

static int one_piece(struct riv_durable *d, struct riv_durable_op *kept,
                     struct riv_err *err)
{
    struct riv_op *op = kept->op;
    const struct riv_kept_ops *ops = op->ops->kept;
    const uint32_t of = ops->parts(op);
    struct riv_commit_blob *blob =
        riv__commit_blob(d->open, RIV__BLOB_PIECE, kept->id);
    if (!blob)
        return no_memory(err);
    blob->snapshot = kept->snapshot;
    const size_t begin =
        riv__segment_begin(&blob->bytes, kept->part, of, d->time_ms);
    int more = ops->piece(op, kept->part, &kept->at, &blob->bytes, err);
    RIV__TRY(more);
    riv__segment_end(&blob->bytes, begin, true);
    if (blob->bytes.failed)
        return no_memory(err);
    kept->bytes += blob->bytes.n;
    if (more)
        return 0;
    kept->part++;
    kept->at = 0;
    return kept->part < of ? 0 : complete(d, kept, err);
}

int riv__durable_idle(struct riv_durable *d, struct riv_err *err)
{
    struct riv_durable_op *kept = next_op(d);
    if (!kept || d->batch == 0)
        return 0;
    if (!d->open && riv__writer_done(d->writer) != d->sent)
        return 0; /* both messages may be in use: do not wait */
    if (!d->open)
        d->open = riv__writer_take(d->writer, err);
    if (!d->open)
        return err ? err->code : RIV_EIO;
    if (pieces_bytes(d->open) >= (size_t)d->exec->conf->snapshot_step_bytes)
        return 0;
    d->idle = 0;
    RIV__TRY(one_piece(d, kept, err));
    return next_op(d) != NULL;
}

/* Batches up to this one have left the window by now. */
static uint64_t left_before(const struct riv_durable *d, int64_t reach_ms)
{
    uint64_t number = 0;
    for (size_t i = d->first; i < d->ntime; i++)
        if (d->time[i].time_ms <= d->time_ms - reach_ms)
            number = d->time[i].number;
    return number;
}

/* A snapshot without pieces says: nothing before its base is needed. */
static int trim_one(struct riv_durable *d, struct riv_durable_op *kept,
                    struct riv_err *err)
{
    struct riv_op *op = kept->op;
    const uint64_t base = left_before(d, op->ops->kept->reach_ms(op));
    if (base <= kept->last_base)
        return 0;
    kept->snapshot++;
    kept->base = base;
    kept->delta_mark = kept->delta_bytes;
    return complete(d, kept, err);
}

/* Times that nobody asks for any more. */
static void forget_times(struct riv_durable *d)
{
    uint64_t needed = d->batch;
    for (size_t i = 0; i < d->nop; i++)
        if (!has_snapshots(&d->op[i]))
            needed = RIV__MIN(needed, d->op[i].last_base);
    while (d->first < d->ntime && d->time[d->first].number < needed)
        d->first++;
}

int riv__durable_trim(struct riv_durable *d, struct riv_err *err)
{
    for (size_t i = 0; i < d->nop; i++) {
        struct riv_durable_op *kept = &d->op[i];
        if (!has_snapshots(kept) && kept->delta_bytes >= deltas_min(d) / 4)
            RIV__TRY(trim_one(d, kept, err));
    }
    force(d);
    forget_times(d);
    if (!next_op(d) || ++d->idle < PATIENCE)
        return 0;
    return RIV__MIN(riv__durable_idle(d, err), 0);
}
