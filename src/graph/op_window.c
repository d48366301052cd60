/* graph/op_window.c - windows over a stream: all records (riv_window), or their
 * folds, kept up to date pane by pane. Those that fold are a fold per batch, a
 * window over its results, and where asked a filter. Run by stream/run_window.c
 * and stream/run_fold_window.c. */
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_window = { .name = "riv_window",
                                           .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_reduce_by_key_and_window = {
    .name = "riv_reduce_by_key_and_window",
    .role = RIV__ROLE_OP,
    .traits = RIV__BY_KEY,
};
const struct riv_kind riv__kind_reduce_by_window = { .name =
                                                         "riv_reduce_by_window",
                                                     .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_count_by_window = { .name =
                                                        "riv_count_by_window",
                                                    .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_count_by_value_and_window = {
    .name = "riv_count_by_value_and_window",
    .role = RIV__ROLE_OP,
    .traits = RIV__BY_KEY,
};

/* "riv_window: its input (riv_map(f, x.c:7)) ...", or 0 when all is well. */
static int window_check(riv_ds *in, const char *name, int64_t length_ms,
                        int64_t slide_ms)
{
    char show[256];
    struct riv_graph *graph = in->graph;
    const int64_t step_ms = in->slide_ms;
    if (!in->live)
        return riv__graph_fail(
            graph, RIV_EINVAL,
            "%s: its input (%s) is an RDD; windows are over streams: inputs "
            "such as tail:, dir:, replay:, riv_queue",
            name, riv__ds_show(in, show, sizeof show));
    if (length_ms <= 0 || slide_ms < 0)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "%s: a length of %lld ms, a slide of %lld ms; "
                               "they are multiples of the batch interval",
                               name, (long long)length_ms, (long long)slide_ms);
    if (step_ms > 0 && (length_ms % step_ms != 0 || slide_ms % step_ms != 0))
        return riv__graph_fail(
            graph, RIV_EINVAL,
            "%s: a length of %lld ms, a slide of %lld ms: both must be "
            "multiples of %lld ms, by which its input (%s) slides",
            name, (long long)length_ms, (long long)slide_ms, (long long)step_ms,
            riv__ds_show(in, show, sizeof show));
    return 0;
}

/* Length and slide of a new node; slide_ms 0: as its input. */
static void window_keep(riv_ds *ds, struct riv_window_param param,
                        int64_t slide_ms)
{
    if (!riv__ds_usable(ds))
        return;
    if (slide_ms > 0)
        ds->slide_ms = slide_ms;
    ds->param = riv__arena_copy(ds->graph->arena, &param, sizeof param);
    if (!ds->param)
        riv__graph_fail(ds->graph, RIV_ENOMEM, "no memory for the graph");
}

riv_ds *riv_window(riv_ds *in, int64_t length_ms, int64_t slide_ms)
{
    if (!riv__ds_usable(in) ||
        window_check(in, riv__kind_window.name, length_ms, slide_ms) < 0)
        return in;
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_window,
                                            .in = &in,
                                            .nin = 1,
                                            .out = in->layout->type });
    window_keep(ds, (struct riv_window_param){ .length_ms = length_ms },
                slide_ms);
    return ds;
}

/* ------------------------------------------------------- windows that fold */

struct span {
    int64_t length_ms, slide_ms;
};

/* The inverse takes what the reducer takes; keeping keys without records needs
 * an inverse, for there must be a value to keep. */
static int undo_check(riv_ds *in, const char *name, const riv_fn *f,
                      const riv_opt *opt, bool exact)
{
    struct riv_graph *graph = in->graph;
    if (opt->subtract) {
        char want[160], have[160];
        RIV__TRY(riv__check_fn(in, name, opt->subtract, RIV_OP_REDUCE));
        if (!riv__type_equal(opt->subtract->in, f->in))
            return riv__graph_fail(
                graph, RIV_ETYPE,
                "%s: .subtract %s (%s) works on %s, but the reducer %s on %s",
                name, opt->subtract->name, opt->subtract->where,
                riv__type_show(opt->subtract->in, have, sizeof have), f->name,
                riv__type_show(f->in, want, sizeof want));
    } else if (opt->keep_empty && !exact) {
        return riv__graph_fail(
            graph, RIV_EINVAL,
            "%s(%s): .keep_empty needs .subtract: without an inverse a key "
            "whose last record has left has no value",
            name, f->name);
    }
    return 0;
}

/* Options of the fold per batch: what belongs to the window is its alone, and
 * an argument is captured once. The window deals the keys out again, so the
 * batch need not be partitioned. */
static riv_opt batch_opt(riv_opt opt)
{
    opt.uid = NULL;
    opt.partitions = 0;
    opt.subtract = opt.keep = NULL;
    opt.keep_empty = false;
    return opt;
}

static bool is_exact(const riv_fn *f)
{
    return f->builtin == RIV__FOLD_SUM_I64;
}

/* The window over `batch`, which has at most one row for each key. */
static riv_ds *fold_window(riv_ds *batch, const struct riv_kind *kind,
                           const riv_fn *f, struct span span, riv_opt opt)
{
    const struct riv_reduce_param *fold = batch->param;
    struct riv_window_param param = {
        .reduce = *fold,
        .length_ms = span.length_ms,
        .undo = opt.subtract ? opt.subtract->fold : NULL,
        .exact = is_exact(f) && !opt.subtract,
        .keep_empty = opt.keep_empty,
        .keyed = fold->key != NULL,
        .skips_zero = kind == &riv__kind_count_by_window,
    };
    struct riv_err err = { 0 };
    if (!param.keyed && riv__layout_make(batch->graph->arena, &riv__type_i64,
                                         &param.reduce.key, &err) < 0)
        riv__graph_fail(batch->graph, err.code, "%s: %s", kind->name, err.text);
    param.reduce.fold = (enum riv_fold)f->builtin;
    param.reduce.in_offset = param.reduce.out_offset;
    opt.arg = (riv_capture)RIV_BORROW(batch->arg);
    riv_ds *ds = riv__graph_add(
        batch->graph, &(struct riv_node_spec){ .kind = kind,
                                               .in = &batch,
                                               .nin = 1,
                                               .out = batch->layout->type,
                                               .fn = f,
                                               .opt = &opt });
    window_keep(ds, param, span.slide_ms);
    return ds;
}

/* The filter on the result; it has the reducer's argument. */
static riv_ds *kept(riv_ds *ds, const riv_fn *keep)
{
    const char *name = ds->kind->name;
    if (!keep || !riv__ds_usable(ds) ||
        riv__check_fn(ds, name, keep, RIV_OP_FILTER) < 0 ||
        riv__check_takes(ds, name, keep, keep->in) < 0)
        return ds;
    return riv_filter(ds, keep, RIV_OPT(.arg = RIV_BORROW(ds->arg)));
}

riv_ds *riv_reduce_by_key_and_window(riv_ds *in, const riv_fn *f,
                                     int64_t length_ms, int64_t slide_ms,
                                     const riv_opt *o)
{
    const struct riv_kind *kind = &riv__kind_reduce_by_key_and_window;
    const riv_opt opt = riv__opt_read(o), batch = batch_opt(opt);
    if (!riv__ds_usable(in) ||
        window_check(in, kind->name, length_ms, slide_ms) < 0 ||
        riv__check_fn(in, kind->name, f, RIV_OP_REDUCE) < 0 ||
        riv__check_pairs(in, kind->name, f) < 0 ||
        riv__check_reduces(in, kind->name, f, riv__pair_val(in->layout->type)) <
            0 ||
        undo_check(in, kind->name, f, &opt, is_exact(f)) < 0)
        return in;
    riv_ds *ds = riv_reduce_by_key(in, f, &batch);
    if (!riv__ds_usable(ds))
        return ds;
    return kept(
        fold_window(ds, kind, f, (struct span){ length_ms, slide_ms }, opt),
        opt.keep);
}

riv_ds *riv_reduce_by_window(riv_ds *in, const riv_fn *f, int64_t length_ms,
                             int64_t slide_ms, const riv_opt *o)
{
    const struct riv_kind *kind = &riv__kind_reduce_by_window;
    const riv_opt opt = riv__opt_read(o), batch = batch_opt(opt);
    if (!riv__ds_usable(in) ||
        window_check(in, kind->name, length_ms, slide_ms) < 0 ||
        riv__check_fn(in, kind->name, f, RIV_OP_REDUCE) < 0 ||
        riv__check_takes(in, kind->name, f, f->in) < 0 ||
        undo_check(in, kind->name, f, &opt, is_exact(f)) < 0)
        return in;
    riv_ds *ds = riv_reduce(in, f, &batch);
    if (!riv__ds_usable(ds))
        return ds;
    return kept(
        fold_window(ds, kind, f, (struct span){ length_ms, slide_ms }, opt),
        opt.keep);
}

riv_ds *riv_count_by_window(riv_ds *in, int64_t length_ms, int64_t slide_ms,
                            const riv_opt *o)
{
    const struct riv_kind *kind = &riv__kind_count_by_window;
    const riv_opt opt = riv__opt_read(o);
    if (!riv__ds_usable(in) ||
        window_check(in, kind->name, length_ms, slide_ms) < 0)
        return in;
    riv_ds *ds = riv_count(in);
    if (!riv__ds_usable(ds))
        return ds;
    return kept(fold_window(ds, kind, riv_sum_i64,
                            (struct span){ length_ms, slide_ms }, opt),
                opt.keep);
}

riv_ds *riv_count_by_value_and_window(riv_ds *in, int64_t length_ms,
                                      int64_t slide_ms, const riv_opt *o)
{
    const struct riv_kind *kind = &riv__kind_count_by_value_and_window;
    const riv_opt opt = riv__opt_read(o), batch = batch_opt(opt);
    if (!riv__ds_usable(in) ||
        window_check(in, kind->name, length_ms, slide_ms) < 0)
        return in;
    riv_ds *ds = riv_count_by_value(in, &batch);
    if (!riv__ds_usable(ds))
        return ds;
    return kept(fold_window(ds, kind, riv_sum_i64,
                            (struct span){ length_ms, slide_ms }, opt),
                opt.keep);
}

riv_ds *riv_group_by_key_and_window(riv_ds *in, const riv_fn *f,
                                    int64_t length_ms, int64_t slide_ms,
                                    const riv_opt *o)
{
    const char *name = "riv_group_by_key_and_window";
    if (!riv__ds_usable(in) ||
        window_check(in, name, length_ms, slide_ms) < 0 ||
        riv__check_fn(in, name, f, RIV_OP_GROUP) < 0 ||
        riv__check_pairs(in, name, f) < 0 ||
        riv__check_takes(in, name, f, f->in) < 0)
        return in;
    return riv_group_by_key(riv_window(in, length_ms, slide_ms), f, o);
}
