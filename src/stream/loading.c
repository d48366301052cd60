/* stream/loading.c - operators get their state back. What a batch changed stands
 * in the journal as what is now, so a delta that a piece contains does no harm;
 * of windows it is what came in, and then each counts once (asof). */
#include "stream/loading.h"
#include "stream/segment.h"

#include <stdlib.h>

#include "base/num.h"
#include "base/vec.h"
#include "stream/upgrade.h"

enum { TELL_MS = 2000 };

struct loading {
    struct riv_recovering *rec;
    struct riv_durable_op *kept;
    const struct riv_convert *val;
    struct riv_upgrader upgrader;
    uint64_t next; /* the batch whose delta is to come; of REPLAYS */
    int64_t *asof; /* of the partitions of the snapshot that is loaded */
    size_t asof_cap;
    uint32_t nasof;
    uint64_t bytes;            /* loaded so far */
    int64_t began_ns, told_ns; /* when; and when that was last said */
};

/* Much state takes long; whoever watches wants to know that it goes on. */
static void tell(struct loading *load, size_t bytes)
{
    struct riv_sys *sys = load->rec->durable->exec->sys;
    char show[256], size[RIV__NUM_TEXT];
    load->bytes += bytes;
    const int64_t now_ns = sys->mono_ns(sys);
    if (now_ns - load->told_ns < TELL_MS * INT64_C(1000000))
        return;
    load->told_ns = now_ns;
    riv__num_put_size(size, load->bytes);
    riv__recovering_say(load->rec, RIV_LOG_INFO,
                        "state of %s: %s loaded in %lld s, and more to come",
                        riv__ds_show(load->kept->op->ds, show, sizeof show),
                        size,
                        (long long)((now_ns - load->began_ns) / 1000000000));
}

static int set_asof(struct loading *load, const struct riv_segment *seg,
                    struct riv_err *err)
{
    if (RIV__VEC_ROOM(load->asof, load->asof_cap, seg->of) < 0)
        return riv__recovering_no_memory(err);
    for (; load->nasof < seg->of; load->nasof++)
        load->asof[load->nasof] = INT64_MIN;
    load->asof[seg->part] = seg->time_ms;
    return 0;
}

static int load_segments(struct loading *load, riv_str bytes, bool is_piece,
                         struct riv_err *err)
{
    struct riv_op *op = load->kept->op;
    const struct riv_kept_ops *ops = op->ops->kept;
    struct riv_segment seg;
    int rc;
    tell(load, bytes.n);
    while ((rc = riv__segment_next(&bytes, &seg, err)) > 0) {
        const struct riv_kept_from from = { .part = seg.part,
                                            .of = seg.of,
                                            .time = seg.time_ms,
                                            .val = load->val };
        const bool replays = ops->flags & RIV__KEPT_REPLAYS;
        if (is_piece) {
            RIV__TRY(set_asof(load, &seg, err));
            rc = ops->load_piece(op, &from, seg.bytes, err);
        } else if (!replays || seg.of != load->nasof ||
                   seg.time_ms > load->asof[seg.part]) {
            rc = ops->load_delta(op, &from, seg.bytes, err);
        }
        riv__upgrader_reset(&load->upgrader);
        RIV__TRY(rc);
    }
    return rc;
}

static int see_piece(void *arg, uint64_t batch, riv_str bytes,
                     struct riv_err *err)
{
    (void)batch;
    return load_segments(arg, bytes, true, err);
}

/* A batch in which the operator got nothing: a window slides all the same. Of a
 * partition that had something its own segment is. */
static int slide_empty(struct loading *load, int64_t time_ms,
                       const riv_str *had, struct riv_err *err)
{
    struct riv_op *op = load->kept->op;
    const struct riv_kept_ops *ops = op->ops->kept;
    const uint32_t of = ops->parts(op);
    for (uint32_t k = 0; k < of; k++) {
        struct riv_segment seg;
        riv_str rest = had ? *had : (riv_str){ "", 0 };
        bool has = load->nasof == of && time_ms <= load->asof[k];
        while (!has && riv__segment_next(&rest, &seg, err) > 0)
            has = seg.part == k && seg.of == of;
        if (!has)
            RIV__TRY(ops->load_delta(
                op,
                &(struct riv_kept_from){ .part = k, .of = of, .time = time_ms },
                (riv_str){ "", 0 }, err));
    }
    return 0;
}

/* Batches before `batch` that left no delta. */
static int slide_up_to(struct loading *load, uint64_t batch,
                       struct riv_err *err)
{
    const struct riv_durable *d = load->rec->durable;
    if (!(load->kept->op->ops->kept->flags & RIV__KEPT_REPLAYS))
        return 0;
    for (size_t i = 0; i < d->ntime; i++)
        if (d->time[i].number >= load->next && d->time[i].number < batch)
            RIV__TRY(slide_empty(load, d->time[i].time_ms, NULL, err));
    return 0;
}

static int see_delta(void *arg, uint64_t batch, riv_str bytes,
                     struct riv_err *err)
{
    struct loading *load = arg;
    struct riv_segment seg;
    riv_str rest = bytes;
    RIV__TRY(slide_up_to(load, batch, err));
    load->next = batch + 1;
    load->kept->delta_bytes += bytes.n;
    RIV__TRY(load_segments(load, bytes, false, err));
    if (!(load->kept->op->ops->kept->flags & RIV__KEPT_REPLAYS) ||
        riv__segment_next(&rest, &seg, err) <= 0)
        return 0;
    return slide_empty(load, seg.time_ms, &bytes, err);
}

static int load_rows(struct loading *load, struct riv_err *err)
{
    struct riv_durable_op *kept = load->kept;
    struct riv_journal *journal = load->rec->durable->journal;
    struct riv_snapshot_row row;
    RIV__TRY(riv__journal_find_snapshot(journal, kept->id, &row, err));
    if (row.snapshot > 0)
        RIV__TRY(riv__journal_each_piece(journal, &row, see_piece, load, err));
    load->next = row.base + 1;
    RIV__TRY(riv__journal_each_delta(journal, kept->id, row.base, see_delta,
                                     load, err));
    RIV__TRY(slide_up_to(load, UINT64_MAX, err));
    kept->snapshot = row.last;
    kept->oldest_base = 0;
    kept->last_base = row.base;
    return 0;
}

static int load_op(struct riv_recovering *rec, struct riv_durable_op *kept,
                   const struct riv_match *match, struct riv_err *err)
{
    const struct riv_kept_ops *ops = kept->op->ops->kept;
    struct riv_sys *sys = rec->durable->exec->sys;
    struct loading load = { .rec = rec, .kept = kept, .val = match->val };
    load.began_ns = load.told_ns = sys->mono_ns(sys);
    riv__upgrader_init(&load.upgrader, kept->op->ds, match->val);
    int rc = load_rows(&load, err);
    riv__upgrader_fini(&load.upgrader);
    free(load.asof);
    if (rc < 0 || !ops->loaded)
        return rc;
    return ops->loaded(kept->op, rec->durable->time_ms, err);
}

/* State of an older type was converted: all of it is written down anew,
 * together with the new schema. */
static int rewrite_pieces(struct riv_recovering *rec,
                          struct riv_durable_op *kept, struct riv_buf *to,
                          struct riv_err *err)
{
    struct riv_durable *d = rec->durable;
    const struct riv_kept_ops *ops = kept->op->ops->kept;
    const uint32_t of = ops->parts(kept->op);
    for (uint32_t k = 0; k < of; k++) {
        int more = 1;
        for (uint64_t at = 0; more > 0;) {
            riv__buf_reset(to);
            const size_t begin = riv__segment_begin(to, k, of, d->time_ms);
            more = ops->piece(kept->op, k, &at, to, err);
            RIV__TRY(more);
            riv__segment_end(to, begin, true);
            if (to->failed)
                return riv__recovering_no_memory(err);
            RIV__TRY(riv__journal_put_piece(d->journal, kept->id,
                                            kept->snapshot,
                                            (riv_str){ to->p, to->n }, err));
        }
    }
    return riv__journal_put_snapshot(d->journal, kept->id, kept->snapshot,
                                     d->batch, err);
}

static int rewrite(struct riv_recovering *rec, struct riv_durable_op *kept,
                   const struct riv_match *match, struct riv_err *err)
{
    struct riv_journal *journal = rec->durable->journal;
    struct riv_buf bytes;
    riv__buf_init(&bytes, 0);
    kept->snapshot++;
    int rc = riv__journal_begin(journal, err);
    if (rc == 0)
        rc = rewrite_pieces(rec, kept, &bytes, err);
    if (rc == 0)
        rc = riv__journal_set_node(journal, &match->row, err);
    rc = riv__journal_end(journal, rc, err);
    riv__buf_fini(&bytes);
    kept->last_base = rec->durable->batch;
    kept->delta_bytes = 0;
    return rc;
}

int riv__loading_all(struct riv_recovering *rec, struct riv_err *err)
{
    struct riv_durable *d = rec->durable;
    char show[256];
    for (size_t i = 0; i < d->nop; i++) {
        const struct riv_match *match =
            riv__recovering_match(rec, RIV__NODE_STATE, d->op[i].op->ds);
        if (match->verdict == RIV__MATCH_NEW)
            continue;
        int rc = load_op(rec, &d->op[i], match, err);
        if (rc == 0 && match->verdict == RIV__MATCH_CHANGED)
            rc = rewrite(rec, &d->op[i], match, err);
        if (rc < 0)
            return riv__err_prefix(
                err, "state of %s",
                riv__ds_show(d->op[i].op->ds, show, sizeof show));
    }
    return 0;
}
