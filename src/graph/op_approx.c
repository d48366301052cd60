/* graph/op_approx.c - about how many different values each key has: a sketch of
 * fixed size for each key, folded like any accumulator (exec/run_reduce.c), and
 * a step that makes a number of it (exec/step_approx.c). */
#include <math.h>

#include "data/hash.h"
#include "data/sketch.h"
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_approx_by_key = {
    .name = "riv_count_approx_distinct_by_key", .role = RIV__ROLE_OP
};
const struct riv_kind riv__kind_estimate = {
    .name = "riv_count_approx_distinct_by_key", .role = RIV__ROLE_STEP
};

enum { BITS_MAX = 14 }; /* 16 KiB a key: a row has at most 64 KiB */

static void add_values(void *const *acc, const void *val, size_t stride,
                       const uint32_t *sel, size_t n, riv_task *t)
{
    const struct riv_approx_param *param = t->arg;
    for (size_t i = 0; i < n; i++) {
        struct riv_distinct d = { param->bits, acc[i] };
        const char *v = (const char *)val + sel[i] * stride;
        riv__distinct_add(&d, riv__hash_row(param->value, v));
    }
}

/* The bytes of another sketch, which are only read. */
static uint8_t *bytes_of(const void *p)
{
    union {
        const void *in;
        uint8_t *out;
    } cast = { p };
    return cast.out;
}

static void add_sketches(void *const *acc, const void *val, size_t stride,
                         const uint32_t *sel, size_t n, riv_task *t)
{
    const struct riv_approx_param *param = t->arg;
    for (size_t i = 0; i < n; i++) {
        struct riv_distinct to = { param->bits, acc[i] };
        const struct riv_distinct from = {
            param->bits, bytes_of((const char *)val + sel[i] * stride)
        };
        riv__distinct_merge(&to, &from);
    }
}

static unsigned bits_of(struct riv_graph *graph, double accuracy)
{
    const double least = 1.054 / sqrt((double)(1 << BITS_MAX));
    if (!(accuracy >= least && accuracy <= 0.4)) {
        riv__graph_fail(graph, RIV_EINVAL,
                        "riv_count_approx_distinct_by_key: an accuracy of %g; "
                        "%.5f to 0.4 can be had",
                        accuracy, least);
        return RIV__DISTINCT_BITS_MIN;
    }
    return (unsigned)RIV__MAX(ceil(2 * log2(1.054 / accuracy)), 4.0);
}

/* Pairs of in's key and a sketch of so many bytes. */
static const riv_type *sketches(struct riv_arena *arena, const riv_type *key,
                                uint32_t bytes)
{
    riv_type *type = riv__arena_zalloc(arena, sizeof *type);
    riv_field *field = riv__arena_zalloc(arena, sizeof *field);
    if (!type || !field)
        return NULL;
    *field = (riv_field){ .name = "registers",
                          .kind = RIV_K_CHARS,
                          .length = bytes };
    *type = (riv_type){ .struct_size = sizeof *type,
                        .kind = RIV_K_STRUCT,
                        .name = "sketch",
                        .size = bytes,
                        .align = 1,
                        .nfields = 1,
                        .fields = field };
    return riv__type_pair(arena, key, type);
}

struct approx {
    const riv_type *pair, *out; /* of sketches, of numbers */
    struct riv_reduce_param reduce;
    struct riv_approx_param param;
};

static int approx_make(riv_ds *in, double accuracy, struct approx *ret)
{
    struct riv_graph *graph = in->graph;
    const riv_type *type = in->layout->type;
    struct riv_err err = { 0 };
    *ret = (struct approx){ .param.bits = bits_of(graph, accuracy) };
    ret->pair = sketches(graph->arena, riv__pair_key(type),
                         UINT32_C(1) << ret->param.bits);
    ret->out =
        riv__type_pair(graph->arena, riv__pair_key(type), &riv__type_i64);
    if (!ret->pair || !ret->out)
        return riv__graph_fail(graph, RIV_ENOMEM, "no memory for the graph");
    ret->reduce = (struct riv_reduce_param){
        .fold = RIV__FOLD_AGGREGATE,
        .in_offset = type->fields[1].offset,
        .out_offset = ret->pair->fields[1].offset,
    };
    int rc = riv__layout_make(graph->arena, riv__pair_val(type),
                              &ret->param.value, &err);
    if (rc == 0)
        rc = riv__layout_make(graph->arena, riv__pair_key(type),
                              &ret->reduce.key, &err);
    if (rc == 0)
        rc = riv__layout_make(graph->arena, riv__pair_val(ret->pair),
                              &ret->reduce.acc, &err);
    if (rc < 0)
        return riv__graph_fail(graph, rc, "%s: %s",
                               riv__kind_approx_by_key.name, err.text);
    return graph->err.code;
}

riv_ds *riv_count_approx_distinct_by_key(riv_ds *in, double accuracy,
                                         const riv_opt *o)
{
    struct approx made;
    const char *name = riv__kind_approx_by_key.name;
    if (!riv__ds_usable(in) || riv__check_pairs(in, name, NULL) < 0 ||
        approx_make(in, accuracy, &made) < 0)
        return riv__graph_refuse(in, o);
    struct riv_graph *graph = in->graph;
    const riv_fn fn = { .struct_size = sizeof fn,
                        .op = RIV_OP_AGGREGATE,
                        .in = in->layout->type,
                        .out = made.pair,
                        .fold = add_values,
                        .merge = add_sketches };
    riv_ds *ds = riv__graph_add(
        graph, &(struct riv_node_spec){ .kind = &riv__kind_approx_by_key,
                                        .in = &in,
                                        .nin = 1,
                                        .out = made.pair,
                                        .fn = &fn,
                                        .opt = o });
    if (!riv__ds_usable(ds))
        return ds;
    ds->param = riv__arena_copy(graph->arena, &made.reduce, sizeof made.reduce);
    ds->arg = riv__arena_copy(graph->arena, &made.param, sizeof made.param);
    riv_ds *out = riv__graph_add(
        graph, &(struct riv_node_spec){ .kind = &riv__kind_estimate,
                                        .in = &ds,
                                        .nin = 1,
                                        .out = made.out });
    out->param = ds->arg;
    return out;
}
