/* graph/op_reduce.c - operators that fold: by key, by whole record, or all
 * records into one. What they mean is a riv_reduce_param; exec/run_reduce.c and
 * exec/run_fold.c run it. The built-in reducers are described here, too. */
#include <stdio.h>

#include "data/rows.h"
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_reduce_by_key = {
    .name = "riv_reduce_by_key",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_FOLDED,
    .traits = RIV__BY_KEY | RIV__KEY_LIMITED,
};
const struct riv_kind riv__kind_aggregate_by_key = {
    .name = "riv_aggregate_by_key",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_FOLDED,
    .traits = RIV__BY_KEY | RIV__KEY_LIMITED,
};
const struct riv_kind riv__kind_fold_by_key = {
    .name = "riv_fold_by_key",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_FOLDED,
    .traits = RIV__BY_KEY | RIV__KEY_LIMITED,
};
const struct riv_kind riv__kind_combine_by_key = {
    .name = "riv_combine_by_key",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_FOLDED,
    .traits = RIV__BY_KEY | RIV__KEY_LIMITED,
};
const struct riv_kind riv__kind_distinct = {
    .name = "riv_distinct",
    .role = RIV__ROLE_OP,
    .traits = RIV__BY_KEY | RIV__KEY_LIMITED,
};
const struct riv_kind riv__kind_count_by_value = {
    .name = "riv_count_by_value",
    .role = RIV__ROLE_OP,
    .traits = RIV__BY_KEY | RIV__KEY_LIMITED,
};
const struct riv_kind riv__kind_count = { .name = "riv_count",
                                          .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_reduce = { .name = "riv_reduce",
                                           .role = RIV__ROLE_OP };

/* The fold of a built-in over rows given one by one, so that the generic path
 * (riv_reduce, merging) and the fast one mean the same. */
#define BUILTIN_FOLD(NAME, T, STEP) \
    static void NAME(void *const *acc, const void *val, size_t stride, \
                     const uint32_t *sel, size_t n, riv_task *t) \
    { \
        (void)t; \
        for (size_t i = 0; i < n; i++) { \
            T *a = acc[i]; \
            const T *v = (const T *)(const void *)((const char *)val + \
                                                   sel[i] * stride); \
            STEP; \
        } \
    }
BUILTIN_FOLD(sum_i64, uint64_t, *a += *v) /* wraps, as Spark's long does */
BUILTIN_FOLD(sum_f64, double, *a += *v)
BUILTIN_FOLD(min_i64, int64_t, if (*v < *a) *a = *v)
BUILTIN_FOLD(max_i64, int64_t, if (*v > *a) *a = *v)

#define BUILTIN(NAME, TYPE, FOLD) \
    static const riv_fn NAME##_fn = { .struct_size = sizeof(riv_fn), \
                                      .op = RIV_OP_REDUCE, \
                                      .builtin = FOLD, \
                                      .name = "riv_" #NAME, \
                                      .where = "built in", \
                                      .in = TYPE, \
                                      .out = TYPE, \
                                      .fold = NAME, \
                                      .merge = NAME }; \
    const riv_fn *const riv_##NAME = &NAME##_fn
BUILTIN(sum_i64, &riv__type_i64, RIV__FOLD_SUM_I64);
BUILTIN(sum_f64, &riv__type_f64, RIV__FOLD_SUM_F64);
BUILTIN(min_i64, &riv__type_i64, RIV__FOLD_MIN_I64);
BUILTIN(max_i64, &riv__type_i64, RIV__FOLD_MAX_I64);

/* Layouts of key and accumulator, kept with the node. */
static int param_keep(riv_ds *ds, struct riv_reduce_param param,
                      const riv_type *key, const riv_type *acc)
{
    struct riv_graph *graph = ds->graph;
    struct riv_err err = { 0 };
    int rc = 0;
    if (graph->err.code < 0)
        return graph->err.code;
    if (key)
        rc = riv__layout_make(graph->arena, key, &param.key, &err);
    if (rc == 0 && acc)
        rc = riv__layout_make(graph->arena, acc, &param.acc, &err);
    if (rc < 0)
        return riv__graph_fail(graph, rc, "%s: %s", ds->kind->name, err.text);
    ds->param = riv__arena_copy(graph->arena, &param, sizeof param);
    return ds->param ? 0 : riv__graph_fail(graph, RIV_ENOMEM, "no memory");
}

riv_ds *riv_reduce_by_key(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    const char *name = riv__kind_reduce_by_key.name;
    if (!riv__ds_usable(in) || riv__check_fn(in, name, f, RIV_OP_REDUCE) < 0 ||
        riv__check_pairs(in, name, f) < 0)
        return riv__graph_refuse(in, o);
    const riv_type *pair = in->layout->type;
    if (riv__check_reduces(in, name, f, riv__pair_val(pair)) < 0)
        return riv__graph_refuse(in, o);
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_reduce_by_key,
                                            .in = &in,
                                            .nin = 1,
                                            .out = pair,
                                            .fn = f,
                                            .opt = o });
    if (riv__ds_usable(ds))
        param_keep(
            ds,
            (struct riv_reduce_param){ .fold = (enum riv_fold)f->builtin,
                                       .in_offset = pair->fields[1].offset,
                                       .out_offset = pair->fields[1].offset },
            riv__pair_key(pair), riv__pair_val(pair));
    return ds;
}

/* A copy of the value where folds begin; NULL: no memory. */
static const void *zero_keep(riv_ds *in, const riv_type *type, const void *zero)
{
    const struct riv_layout *layout;
    struct riv_arena *arena = in->graph->arena;
    struct riv_err err = { 0 };
    if (riv__layout_make(arena, type, &layout, &err) < 0)
        return NULL;
    void *copy = riv__arena_copy(arena, zero, layout->size);
    if (!copy || riv__rows_own(layout, copy, 1, arena) < 0)
        return NULL;
    return copy;
}

riv_ds *riv_fold_by_key(riv_ds *in, const void *zero, const riv_fn *f,
                        const riv_opt *o)
{
    const char *name = riv__kind_fold_by_key.name;
    if (!riv__ds_usable(in) || riv__check_fn(in, name, f, RIV_OP_REDUCE) < 0 ||
        riv__check_pairs(in, name, f) < 0)
        return in;
    const riv_type *pair = in->layout->type;
    if (riv__check_reduces(in, name, f, riv__pair_val(pair)) < 0)
        return in;
    if (!zero) {
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "riv_fold_by_key(%s): no zero; pass the address of a "
                        "value, or use riv_reduce_by_key",
                        f->name);
        return in;
    }
    const struct riv_reduce_param param = {
        .zero = zero_keep(in, riv__pair_val(pair), zero),
        .in_offset = pair->fields[1].offset,
        .out_offset = pair->fields[1].offset
    };
    if (!param.zero) {
        riv__graph_fail(in->graph, RIV_ENOMEM, "no memory for the graph");
        return in;
    }
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_fold_by_key,
                                            .in = &in,
                                            .nin = 1,
                                            .out = pair,
                                            .fn = f,
                                            .opt = o });
    if (riv__ds_usable(ds))
        param_keep(ds, param, riv__pair_key(pair), riv__pair_val(pair));
    return ds;
}

/* Values of a key into an accumulator of another type. */
static riv_ds *accumulated(riv_ds *in, const struct riv_kind *kind, unsigned op,
                           enum riv_fold fold, const riv_fn *f,
                           const riv_opt *o)
{
    if (!riv__ds_usable(in) || riv__check_fn(in, kind->name, f, op) < 0 ||
        riv__check_pairs(in, kind->name, f) < 0 ||
        riv__check_takes(in, kind->name, f, f->in) < 0)
        return in;
    riv_ds *ds =
        riv__graph_add(in->graph, &(struct riv_node_spec){ .kind = kind,
                                                           .in = &in,
                                                           .nin = 1,
                                                           .out = f->out,
                                                           .fn = f,
                                                           .opt = o });
    if (riv__ds_usable(ds))
        param_keep(
            ds,
            (struct riv_reduce_param){ .fold = fold,
                                       .in_offset = f->in->fields[1].offset,
                                       .out_offset = f->out->fields[1].offset },
            riv__pair_key(f->in), riv__pair_val(f->out));
    return ds;
}

riv_ds *riv_aggregate_by_key(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    return accumulated(in, &riv__kind_aggregate_by_key, RIV_OP_AGGREGATE,
                       RIV__FOLD_AGGREGATE, f, o);
}

riv_ds *riv_combine_by_key(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    return accumulated(in, &riv__kind_combine_by_key, RIV_OP_COMBINE,
                       RIV__FOLD_COMBINE, f, o);
}

riv_ds *riv_distinct(riv_ds *in, const riv_opt *o)
{
    if (!riv__ds_usable(in))
        return riv__graph_refuse(in, o);
    const riv_type *type = in->layout->type;
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_distinct,
                                            .in = &in,
                                            .nin = 1,
                                            .out = type,
                                            .opt = o });
    if (riv__ds_usable(ds))
        param_keep(ds, (struct riv_reduce_param){ .fold = RIV__FOLD_NONE },
                   type, NULL);
    return ds;
}

riv_ds *riv_count_by_value(riv_ds *in, const riv_opt *o)
{
    if (!riv__ds_usable(in))
        return riv__graph_refuse(in, o);
    const riv_type *pair =
        riv__type_pair(in->graph->arena, in->layout->type, &riv__type_i64);
    if (!pair) {
        riv__graph_fail(in->graph, RIV_ENOMEM, "no memory for the graph");
        return riv__graph_refuse(in, o);
    }
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_count_by_value,
                                            .in = &in,
                                            .nin = 1,
                                            .out = pair,
                                            .opt = o });
    if (riv__ds_usable(ds))
        param_keep(
            ds,
            (struct riv_reduce_param){ .fold = RIV__FOLD_COUNT,
                                       .out_offset = pair->fields[1].offset },
            in->layout->type, &riv__type_i64);
    return ds;
}

riv_ds *riv_count(riv_ds *in)
{
    if (!riv__ds_usable(in))
        return in;
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_count,
                                            .in = &in,
                                            .nin = 1,
                                            .out = &riv__type_i64 });
    if (riv__ds_usable(ds))
        param_keep(ds, (struct riv_reduce_param){ .fold = RIV__FOLD_COUNT },
                   NULL, &riv__type_i64);
    return ds;
}

riv_ds *riv_reduce(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    const char *name = riv__kind_reduce.name;
    if (!riv__ds_usable(in) || riv__check_fn(in, name, f, RIV_OP_REDUCE) < 0 ||
        riv__check_takes(in, name, f, f->in) < 0)
        return riv__graph_refuse(in, o);
    riv_ds *ds = riv__graph_add(
        in->graph, &(struct riv_node_spec){ .kind = &riv__kind_reduce,
                                            .in = &in,
                                            .nin = 1,
                                            .out = in->layout->type,
                                            .fn = f,
                                            .opt = o });
    if (riv__ds_usable(ds))
        param_keep(
            ds, (struct riv_reduce_param){ .fold = (enum riv_fold)f->builtin },
            NULL, in->layout->type);
    return ds;
}
