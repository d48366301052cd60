/* graph/op_transform.c - functions of the program that build a piece of graph
 * for each batch, out of the RDDs of one dataset or of several. Run by
 * exec/run_hook.c. */
#include "graph/ops.h"

const struct riv_kind riv__kind_transform = { .name = "riv_transform",
                                              .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_transform_with = { .name = "riv_transform_with",
                                                   .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_transform_all = { .name = "riv_transform_all",
                                                  .role = RIV__ROLE_OP };

/* Datasets of one context, all there. */
static int inputs_check(struct riv_graph *graph, const char *name,
                        riv_ds *const *in, uint32_t n)
{
    RIV__TRY(graph->err.code);
    for (uint32_t i = 0; i < n; i++) {
        if (!in[i])
            return riv__graph_fail(graph, RIV_EINVAL,
                                   "%s: its input number %u is NULL", name,
                                   i + 1);
        if (in[i]->graph != graph)
            return riv__graph_fail(graph, RIV_EINVAL,
                                   "%s: its input belongs to another context",
                                   name);
    }
    return 0;
}

static riv_ds *transform(struct riv_graph *graph, const struct riv_kind *kind,
                         riv_ds *const *in, uint32_t n,
                         struct riv_hook_param param, const riv_type *out,
                         const riv_opt *o)
{
    const bool given = param.transform || param.with || param.all;
    if (inputs_check(graph, kind->name, in, n) == 0 && (!given || !out))
        riv__graph_fail(graph, RIV_EINVAL, "%s: no %s", kind->name,
                        given ? "result type" : "function");
    if (graph->err.code < 0)
        return riv__graph_refuse(in[0], o);
    riv_ds *ds = riv__graph_add(
        graph, &(struct riv_node_spec){
                   .kind = kind, .in = in, .nin = n, .out = out, .opt = o });
    if (riv__ds_usable(ds))
        ds->param = riv__arena_copy(graph->arena, &param, sizeof param);
    return ds;
}

riv_ds *riv_transform(riv_ds *in, riv_transform_fn *f, const riv_type *out,
                      const riv_opt *o)
{
    if (!riv__ds_usable(in))
        return riv__graph_refuse(in, o);
    return transform(in->graph, &riv__kind_transform, &in, 1,
                     (struct riv_hook_param){ .transform = f }, out, o);
}

riv_ds *riv_transform_with(riv_ds *a, riv_ds *b, riv_transform_with_fn *f,
                           const riv_type *out, const riv_opt *o)
{
    riv_ds *const in[] = { a, b };
    if (!riv__ds_usable(a))
        return riv__graph_refuse(a, o);
    return transform(a->graph, &riv__kind_transform_with, in, 2,
                     (struct riv_hook_param){ .with = f }, out, o);
}

riv_ds *riv__op_transform_all(struct riv_graph *graph, riv_ds *const *in,
                              size_t n, riv_transform_all_fn *f,
                              const riv_type *out, const riv_opt *o)
{
    static riv_ds none; /* for a builder that must give something */
    if (!in || n == 0 || n > RIV__TRANSFORM_MAX) {
        riv__graph_fail(graph, RIV_EINVAL,
                        "riv_transform_all: a list of %zu datasets; 1 to %d "
                        "are allowed",
                        in ? n : 0, RIV__TRANSFORM_MAX);
        riv__graph_refuse(NULL, o);
        return &none;
    }
    riv_ds *ds = transform(graph, &riv__kind_transform_all, in, (uint32_t)n,
                           (struct riv_hook_param){ .all = f }, out, o);
    return ds ? ds : &none;
}
