/* exec/share.c - the rules by which a batch becomes tasks. Below task.bytes it
 * is one; where a task's table costs by its keys, shares are larger, and grow
 * smaller towards the end of an early wave; where rows are only dealt out they
 * are smaller. */
#include "exec/share.h"

#include <stdio.h>

#include "base/vec.h"
#include "data/rows.h"
#include "exec/ways.h"
#include "graph/ops.h"

enum {
    SHARES_WANTED = 16, /* per large input: enough for balance, few enough for
                           the merge */
    TAPER = 4, /* this part of what is left of an early wave is a share */
    TAPER_LEAST = 16, /* this part of task.bytes is worth a task there */
    SHARES_DEALT = 8, /* of task.bytes, at most: less does not pay for waking
                           another thread */
    NUMBER_PARTS_MAX = 1 << 16,
};

static int piece_add(struct riv_plan *plan, const struct riv_range *range)
{
    RIV__TRY(RIV__VEC_ROOM(plan->piece, plan->piece_cap, plan->npiece + 1));
    plan->piece[plan->npiece++] = *range;
    return 0;
}

/* The only op the stage feeds has this partition from an earlier job, by all
 * ways. */
static bool is_kept(const struct riv_stage *stage, uint32_t partition)
{
    struct riv_op *op = stage->nfeeds == 1 ? stage->feeds[0] : NULL;
    if (!op || stage->effects || !op->ops->has)
        return false;
    for (uint32_t i = 0; i < stage->ways[0].n; i++)
        if (!op->ops->has(op, stage->ways[0].way[i].branch, partition))
            return false;
    return true;
}

/* A share of the stage with the pieces from `first` on. */
static int share_add(struct riv_plan *plan, struct riv_stage *stage,
                     size_t first, uint64_t bytes)
{
    uint32_t *next = &plan->partitions[stage - plan->stage];
    if (is_kept(stage, *next)) {
        ++*next;
        return 0;
    }
    RIV__TRY(RIV__VEC_ROOM(plan->share, plan->share_cap, plan->nshare + 1));
    plan->share[plan->nshare++] = (struct riv_share){
        .stage = stage,
        .first = (uint32_t)first,
        .n = (uint32_t)(plan->npiece - first),
        .partition = (*next)++,
        .bytes = bytes,
    };
    return 0;
}

static uint64_t range_bytes(const struct riv_range *range)
{
    return range->until - range->from;
}

static uint64_t share_bytes(const struct riv_plan *plan,
                            const struct riv_stage *stage, uint64_t total)
{
    const struct riv_settings *conf = plan->exec->conf;
    uint64_t least = (uint64_t)conf->share_bytes, most = least;
    if (stage->combines)
        most = RIV__MAX((uint64_t)conf->combine_share_bytes_max, least);
    else if (stage->deals)
        least = least / SHARES_DEALT + 1;
    return RIV__MIN(RIV__MAX(total / SHARES_WANTED + 1, least), most);
}

/* Collects pieces until a share is full. */
struct filling {
    uint32_t part; /* of the input */
    size_t first;
    uint64_t bytes, want, most;
    uint64_t left;  /* of the input, that is in no share yet */
    uint64_t least; /* of the shares that grow smaller; 0: none do */
};

static uint64_t filling_want(const struct filling *f)
{
    return f->least == 0
               ? f->most
               : RIV__MIN(RIV__MAX(f->left / TAPER, f->least), f->most);
}

static int filling_close(struct riv_plan *plan, struct riv_stage *stage,
                         struct filling *f)
{
    if (plan->npiece > f->first)
        RIV__TRY(share_add(plan, stage, f->first, f->bytes));
    f->first = plan->npiece;
    f->left -= f->bytes;
    f->bytes = 0;
    f->want = filling_want(f);
    return 0;
}

/* A file is a record. */
static bool reads_whole(const struct riv_stage *stage)
{
    const struct riv_read_param *param = stage->source->param;
    return param && param->how == RIV__READ_WHOLE;
}

static int range_split(struct riv_plan *plan, struct riv_stage *stage,
                       struct riv_range range, struct filling *f)
{
    const uint64_t until = range.until;
    do {
        uint64_t room = f->want - f->bytes;
        uint64_t n = RIV__MIN(room, until - range.from);
        if (range.kind != RIV__RANGE_FILE || reads_whole(stage))
            n = until - range.from; /* blocks are small: never split */
        range.until = range.from + n;
        RIV__TRY(piece_add(plan, &range));
        f->bytes += n;
        if (f->bytes >= f->want)
            RIV__TRY(filling_close(plan, stage, f));
        range.from = range.until;
    } while (range.from < until);
    return 0;
}

/* A wave ends when its last task does, and until then the other workers have
 * nothing to do. A backlog is worked off in many early waves of few shares, so the
 * last of each are parts of what is left: 2 GiB in 33 of them lost 0.24 s of a core,
 * and lose 0.09. Where a share is a file, or a partition that a function sees, it is
 * not cut for that. */
static uint64_t taper_least(const struct riv_plan *plan,
                            const struct riv_stage *stage, uint64_t total,
                            bool last)
{
    const uint64_t each = (uint64_t)plan->exec->conf->share_bytes;
    return last || !stage->combines || total <= each ? 0
                                                     : each / TAPER_LEAST + 1;
}

static int stage_ranges(struct riv_plan *plan, struct riv_stage *stage,
                        const struct riv_cut *cut, bool last)
{
    const uint32_t source = (uint32_t)stage->source->number;
    uint64_t total = 0;
    for (size_t i = 0; i < cut->n; i++)
        if (cut->range[i].source == source)
            total += range_bytes(&cut->range[i]);
    struct filling f = { .first = plan->npiece,
                         .left = total,
                         .most = share_bytes(plan, stage, total),
                         .least = taper_least(plan, stage, total, last) };
    f.want = filling_want(&f);
    for (size_t i = 0; i < cut->n; i++) {
        const struct riv_range *range = &cut->range[i];
        if (range->source != source)
            continue;
        if (range->part != f.part)
            RIV__TRY(filling_close(plan, stage, &f));
        f.part = range->part;
        if (range->until > range->from || reads_whole(stage))
            RIV__TRY(range_split(plan, stage, *range, &f));
    }
    return filling_close(plan, stage, &f);
}

static size_t pushed_rows(const struct riv_cut *cut, uint32_t source)
{
    size_t all = 0;
    for (size_t i = 0; i < cut->n; i++)
        all += cut->range[i].source == source ? cut->range[i].n : 0;
    return all;
}

/* Rows that were pushed, cut where the k-th of so many partitions ends,
 * wherever pushes began. A batch in which nothing came has them, too, as an RDD
 * of no rows has. */
static int stage_pushed(struct riv_plan *plan, struct riv_stage *stage,
                        const struct riv_cut *cut, bool last)
{
    const uint32_t source = (uint32_t)stage->source->number;
    const size_t parts = (size_t)stage->source->partitions;
    const size_t size = stage->source->layout->size;
    const size_t all = pushed_rows(cut, source);
    size_t at = 0, part = 1, first = plan->npiece;
    const bool none =
        all == 0 && last && plan->partitions[stage - plan->stage] == 0;
    for (size_t k = 0; none && k < parts; k++)
        RIV__TRY(share_add(plan, stage, first, 0));
    for (size_t i = 0; i < cut->n; i++) {
        struct riv_range piece = cut->range[i];
        size_t left = piece.source == source ? piece.n : 0;
        while (left > 0) {
            piece.n = RIV__MIN(left, part * all / parts - at);
            if (piece.n > 0)
                RIV__TRY(piece_add(plan, &piece));
            piece.rows = (const char *)piece.rows + piece.n * size;
            left -= piece.n;
            at += piece.n;
            if (at < part * all / parts)
                continue;
            const size_t n = at - (part - 1) * all / parts;
            RIV__TRY(share_add(plan, stage, first, n * size));
            first = plan->npiece;
            part++;
        }
    }
    return 0;
}

static int rows_share(struct riv_plan *plan, struct riv_stage *stage,
                      const void *rows, size_t n)
{
    size_t first = plan->npiece;
    RIV__TRY(piece_add(
        plan,
        &(struct riv_range){ .kind = RIV__RANGE_ROWS, .rows = rows, .n = n }));
    return share_add(plan, stage, first, n * stage->source->layout->size);
}

/* Rows the program gave: as many partitions as it asked for, else by size. */
static int stage_given(struct riv_plan *plan, struct riv_stage *stage)
{
    const struct riv_rows_param *param = stage->source->param;
    const size_t size = stage->source->layout->size;
    const char *rows = param->rows;
    size_t parts = (size_t)stage->source->partitions;
    if (parts == 0)
        parts = param->n * size / (size_t)plan->exec->conf->share_bytes + 1;
    for (size_t k = 0; !param->part && k < parts; k++) {
        size_t from = k * param->n / parts, until = (k + 1) * param->n / parts;
        RIV__TRY(rows_share(plan, stage, rows + from * size, until - from));
    }
    for (size_t k = 0; param->part && k < param->nparts; k++) {
        size_t first = plan->npiece;
        for (size_t c = 0; c < param->part[k]->npiece; c++) {
            size_t n;
            const void *chunk = riv__rows_chunk(param->part[k], c, &n);
            if (n > 0)
                RIV__TRY(piece_add(plan,
                                   &(struct riv_range){ .kind = RIV__RANGE_ROWS,
                                                        .rows = chunk,
                                                        .n = n }));
        }
        RIV__TRY(share_add(plan, stage, first, param->part[k]->n * size));
    }
    return 0;
}

/* Place floor(k * n / parts), which fits where the product may not. */
static uint64_t place(uint64_t n, uint64_t k, uint64_t parts)
{
    return n / parts * k + n % parts * k / parts;
}

/* Numbers that are made where they are read. */
static int stage_numbers(struct riv_plan *plan, struct riv_stage *stage)
{
    const struct riv_numbers_param *param = stage->source->param;
    const uint64_t each = (uint64_t)plan->exec->conf->share_bytes / 8 + 1;
    uint64_t parts = (uint64_t)stage->source->partitions;
    if (parts == 0)
        parts = RIV__MIN(param->n / each + 1, (uint64_t)NUMBER_PARTS_MAX);
    for (uint64_t k = 0; k < parts; k++) {
        size_t first = plan->npiece;
        const struct riv_range range = {
            .kind = RIV__RANGE_COUNT,
            .from = place(param->n, k, parts),
            .until = place(param->n, k + 1, parts),
        };
        RIV__TRY(piece_add(plan, &range));
        RIV__TRY(share_add(plan, stage, first, (range.until - range.from) * 8));
    }
    return 0;
}

static int no_memory(int rc, struct riv_err *err)
{
    return rc < 0 ? riv__err_set(err, rc, "no memory for the shares of a batch")
                  : 0;
}

int riv__share_sources(struct riv_plan *plan, const struct riv_cut *cut,
                       bool rows, struct riv_err *err)
{
    plan->npiece = 0;
    plan->nshare = 0;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < plan->nstage; i++) {
        struct riv_stage *stage = &plan->stage[i];
        if (!stage->source)
            continue;
        const riv_ds *source = stage->source;
        if (source->kind == &riv__kind_rows)
            rc = rows ? stage_given(plan, stage) : 0;
        else if (source->kind == &riv__kind_range)
            rc = rows ? stage_numbers(plan, stage) : 0;
        else if (cut && source->kind == &riv__kind_queue &&
                 source->partitions > 0)
            rc = stage_pushed(plan, stage, cut, rows);
        else if (cut)
            rc = stage_ranges(plan, stage, cut, rows);
    }
    riv__ways_number(plan);
    return no_memory(rc, err);
}

int riv__share_level(struct riv_plan *plan, uint32_t level, struct riv_err *err)
{
    plan->npiece = 0;
    plan->nshare = 0;
    int rc = 0;
    for (uint32_t i = 0; i < plan->nstage; i++) {
        struct riv_stage *stage = &plan->stage[i];
        if (stage->source || stage->level != level)
            continue;
        if (!riv__plan_due(plan, stage->from->ds))
            continue;
        uint32_t n = stage->from->ops->parts(stage->from);
        for (uint32_t k = 0; rc == 0 && k < n; k++)
            rc = share_add(plan, stage, 0, 0);
    }
    riv__ways_number(plan);
    return no_memory(rc, err);
}
