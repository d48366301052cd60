/* graph/check.c - do the pieces of a graph fit? Written for whoever reads the
 * message: operator, function, file:line, both types, and the way out. */
#include "graph/check.h"

#include <stdio.h>

enum { SHOW = 160 };

static const char *macro_name(unsigned op)
{
    static const char *const names[] = {
        [RIV_OP_MAP] = "RIV_MAP",
        [RIV_OP_FLAT_MAP] = "RIV_FLAT_MAP",
        [RIV_OP_FILTER] = "RIV_FILTER",
        [RIV_OP_MAP_PARTITIONS] = "RIV_MAP_PARTITIONS",
        [RIV_OP_FOREACH] = "RIV_FOREACH",
        [RIV_OP_REDUCE] = "RIV_REDUCE",
        [RIV_OP_AGGREGATE] = "RIV_AGGREGATE",
        [RIV_OP_GROUP] = "RIV_GROUP",
        [RIV_OP_JOIN] = "RIV_JOIN",
        [RIV_OP_COGROUP] = "RIV_COGROUP",
        [RIV_OP_UPDATE_STATE] = "RIV_UPDATE_STATE",
        [RIV_OP_MAP_WITH_STATE] = "RIV_MAP_WITH_STATE",
        [RIV_OP_MAP_VALUES] = "RIV_MAP_VALUES",
        [RIV_OP_COGROUP3] = "RIV_COGROUP3",
        [RIV_OP_COGROUP4] = "RIV_COGROUP4",
        [RIV_OP_FLAT_MAP_VALUES] = "RIV_FLAT_MAP_VALUES",
        [RIV_OP_COMBINE] = "RIV_COMBINE",
        [RIV_OP_GLOM] = "RIV_GLOM",
        [RIV_OP_ZIP_PARTITIONS] = "RIV_ZIP_PARTITIONS",
        [RIV_OP_FOLD] = "RIV_FOLD",
        [RIV_OP_FOREACH_PARTITION] = "RIV_FOREACH_PARTITION",
        [RIV_OP_ZIP_PARTITIONS3] = "RIV_ZIP_PARTITIONS3",
        [RIV_OP_ZIP_PARTITIONS4] = "RIV_ZIP_PARTITIONS4",
        [RIV_OP_UPGRADE] = "RIV_UPGRADE",
    };
    return op < RIV__LEN(names) && names[op] ? names[op] : "later version's";
}

static const char *fn_where(const riv_fn *fn)
{
    return fn->where ? fn->where : "?";
}

int riv__check_fn(riv_ds *in, const char *builder, const riv_fn *fn,
                  unsigned op)
{
    struct riv_graph *graph = in->graph;
    RIV__TRY(graph->err.code);
    if (!fn)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "%s: no function; pass NAME_fn, which %s(NAME, "
                               "...) makes",
                               builder, macro_name(op));
    if (fn->op != op)
        return riv__graph_fail(graph, RIV_ETYPE,
                               "%s: %s (%s) is a %s function; %s takes %s",
                               builder, fn->name, fn_where(fn),
                               macro_name(fn->op), builder, macro_name(op));
    return 0;
}

int riv__check_takes(riv_ds *in, const char *builder, const riv_fn *fn,
                     const riv_type *takes)
{
    char want[SHOW], have[SHOW], from[256];
    struct riv_graph *graph = in->graph;
    RIV__TRY(graph->err.code);
    if (in->layout && riv__type_equal(in->layout->type, takes))
        return 0;
    return riv__graph_fail(
        graph, RIV_ETYPE, "%s(%s, %s): takes %s, but its input (%s) gives %s",
        builder, fn->name, fn_where(fn), riv__type_show(takes, want, SHOW),
        riv__ds_show(in, from, sizeof from),
        in->layout ? riv__type_show(in->layout->type, have, SHOW) : "nothing");
}

int riv__check_pairs(riv_ds *in, const char *builder, const riv_fn *fn)
{
    char have[SHOW], from[256];
    struct riv_graph *graph = in->graph;
    RIV__TRY(graph->err.code);
    if (in->layout && in->layout->type->kind == RIV_K_PAIR)
        return 0;
    return riv__graph_fail(
        graph, RIV_ETYPE,
        "%s(%s): its input (%s) gives %s, not pairs (RIV_PAIR); make pairs of "
        "key and value with riv_map first",
        builder, fn ? fn->name : "", riv__ds_show(in, from, sizeof from),
        in->layout ? riv__type_show(in->layout->type, have, SHOW) : "nothing");
}

int riv__check_reduces(riv_ds *in, const char *builder, const riv_fn *fn,
                       const riv_type *value)
{
    char want[SHOW], have[SHOW];
    struct riv_graph *graph = in->graph;
    RIV__TRY(graph->err.code);
    if (riv__type_equal(fn->in, value))
        return 0;
    return riv__graph_fail(
        graph, RIV_ETYPE,
        "%s(%s, %s): reduces %s, but the values of its input are %s", builder,
        fn->name, fn_where(fn), riv__type_show(fn->in, want, SHOW),
        riv__type_show(value, have, SHOW));
}

int riv__check_same_key(riv_ds *a, riv_ds *b, const char *builder)
{
    char left[SHOW], right[SHOW], la[256], lb[256];
    const riv_type *ka = riv__pair_key(a->layout->type);
    const riv_type *kb = riv__pair_key(b->layout->type);
    if (riv__type_equal(ka, kb))
        return 0;
    return riv__graph_fail(
        a->graph, RIV_ETYPE,
        "%s: keys differ: %s of %s, %s of %s; equal keys "
        "have equal types, map one side first",
        builder, riv__type_show(ka, left, SHOW), riv__ds_show(a, la, sizeof la),
        riv__type_show(kb, right, SHOW), riv__ds_show(b, lb, sizeof lb));
}

int riv__check_same_type(riv_ds *a, riv_ds *b, const char *builder)
{
    char left[SHOW], right[SHOW];
    if (riv__type_equal(a->layout->type, b->layout->type))
        return 0;
    return riv__graph_fail(a->graph, RIV_ETYPE,
                           "%s: its inputs differ: %s and %s", builder,
                           riv__type_show(a->layout->type, left, SHOW),
                           riv__type_show(b->layout->type, right, SHOW));
}
