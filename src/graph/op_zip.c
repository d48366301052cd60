/* graph/op_zip.c - operators over partitions as wholes: zip, numbering,
 * cartesian product, glom, zip_partitions. Run by exec/run_zip.c. */
#include "graph/check.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_zip = {
    .name = "riv_zip",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_COUNTED,
};
const struct riv_kind riv__kind_zip_with_index = {
    .name = "riv_zip_with_index",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_COUNTED,
};
const struct riv_kind riv__kind_zip_with_unique_id = {
    .name = "riv_zip_with_unique_id",
    .role = RIV__ROLE_OP,
    .parts = RIV__PARTS_COUNTED,
};
const struct riv_kind riv__kind_cartesian = { .name = "riv_cartesian",
                                              .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_glom = {
    .name = "riv_glom",
    .role = RIV__ROLE_GROUPS,
    .parts = RIV__PARTS_COUNTED,
};
const struct riv_kind riv__kind_pipe = {
    .name = "riv_pipe",
    .role = RIV__ROLE_GROUPS,
    .parts = RIV__PARTS_COUNTED,
};
const struct riv_kind riv__kind_zip_partitions = { .name = "riv_zip_partitions",
                                                   .role = RIV__ROLE_GROUPS };

/* Inputs of one context; the first is usable. */
static bool all_given(riv_ds *const *in, uint32_t n, const char *name)
{
    if (!riv__ds_usable(in[0]))
        return false;
    struct riv_graph *graph = in[0]->graph;
    for (uint32_t i = 1; i < n; i++) {
        if (!in[i])
            riv__graph_fail(graph, RIV_EINVAL,
                            "%s: its input number %u is NULL", name, i + 1);
        else if (in[i]->graph != graph)
            riv__graph_fail(graph, RIV_EINVAL,
                            "%s: its input belongs to another context", name);
    }
    return graph->err.code == 0;
}

static riv_ds *paired(riv_ds *const *in, uint32_t n,
                      const struct riv_kind *kind, const riv_type *val)
{
    struct riv_graph *graph = in[0]->graph;
    const riv_type *pair =
        riv__type_pair(graph->arena, in[0]->layout->type, val);
    if (!pair) {
        riv__graph_fail(graph, RIV_ENOMEM, "no memory for the graph");
        return in[0];
    }
    return riv__graph_add(graph,
                          &(struct riv_node_spec){
                              .kind = kind, .in = in, .nin = n, .out = pair });
}

riv_ds *riv_zip(riv_ds *l, riv_ds *r)
{
    riv_ds *const in[] = { l, r };
    if (!all_given(in, 2, riv__kind_zip.name))
        return l;
    return paired(in, 2, &riv__kind_zip, r->layout->type);
}

riv_ds *riv_cartesian(riv_ds *l, riv_ds *r)
{
    riv_ds *const in[] = { l, r };
    if (!all_given(in, 2, riv__kind_cartesian.name))
        return l;
    return paired(in, 2, &riv__kind_cartesian, r->layout->type);
}

riv_ds *riv_zip_with_index(riv_ds *in)
{
    return riv__ds_usable(in)
               ? paired(&in, 1, &riv__kind_zip_with_index, &riv__type_i64)
               : in;
}

riv_ds *riv_zip_with_unique_id(riv_ds *in)
{
    return riv__ds_usable(in)
               ? paired(&in, 1, &riv__kind_zip_with_unique_id, &riv__type_i64)
               : in;
}

riv_ds *riv_glom(riv_ds *in, const riv_fn *f, const riv_opt *o)
{
    const char *name = riv__kind_glom.name;
    if (!riv__ds_usable(in) || riv__check_fn(in, name, f, RIV_OP_GLOM) < 0 ||
        riv__check_takes(in, name, f, f->in) < 0)
        return in;
    return riv__graph_add(in->graph,
                          &(struct riv_node_spec){ .kind = &riv__kind_glom,
                                                   .in = &in,
                                                   .nin = 1,
                                                   .out = f->out,
                                                   .fn = f,
                                                   .opt = o });
}

static riv_ds *zip_partitions(riv_ds *const *in, uint32_t n, unsigned op,
                              const riv_fn *f, const riv_opt *o)
{
    const char *name = riv__kind_zip_partitions.name;
    if (!all_given(in, n, name) || riv__check_fn(in[0], name, f, op) < 0)
        return riv__graph_refuse(in[0], o);
    const riv_type *const takes[] = { f->in, f->in2, f->in3, f->in4 };
    for (uint32_t i = 0; i < n; i++)
        if (riv__check_takes(in[i], name, f, takes[i]) < 0)
            return riv__graph_refuse(in[0], o);
    return riv__graph_add(in[0]->graph, &(struct riv_node_spec){
                                            .kind = &riv__kind_zip_partitions,
                                            .in = in,
                                            .nin = n,
                                            .out = f->out,
                                            .fn = f,
                                            .opt = o });
}

riv_ds *riv_zip_partitions(riv_ds *l, riv_ds *r, const riv_fn *f,
                           const riv_opt *o)
{
    riv_ds *const in[] = { l, r };
    return zip_partitions(in, 2, RIV_OP_ZIP_PARTITIONS, f, o);
}

riv_ds *riv_zip_partitions3(riv_ds *a, riv_ds *b, riv_ds *c, const riv_fn *f,
                            const riv_opt *o)
{
    riv_ds *const in[] = { a, b, c };
    return zip_partitions(in, 3, RIV_OP_ZIP_PARTITIONS3, f, o);
}

riv_ds *riv_zip_partitions4(riv_ds *a, riv_ds *b, riv_ds *c, riv_ds *d,
                            const riv_fn *f, const riv_opt *o)
{
    riv_ds *const in[] = { a, b, c, d };
    return zip_partitions(in, 4, RIV_OP_ZIP_PARTITIONS4, f, o);
}
