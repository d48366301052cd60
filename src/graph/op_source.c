/* graph/op_source.c - nodes that bring records in: lines from a URI, rows that
 * the program pushes, rows given when the graph is built. */
#include <stdio.h>
#include <string.h>

#include "graph/ops.h"

const struct riv_kind riv__kind_text = { "riv_text", RIV__ROLE_SOURCE };
const struct riv_kind riv__kind_queue = { "riv_queue", RIV__ROLE_SOURCE };
const struct riv_kind riv__kind_rows = { "riv_parallelize", RIV__ROLE_SOURCE };

riv_ds *riv__op_text(struct riv_graph *graph, const char *uri, bool live,
                     const riv_opt *opt)
{
    riv_ds *ds =
        riv__graph_add(graph, &(struct riv_node_spec){ .kind = &riv__kind_text,
                                                       .out = &riv__type_str,
                                                       .opt = opt });
    ds->live = live;
    if (ds->graph)
        ds->text = riv__arena_strdup(graph->arena, uri);
    return ds;
}

riv_ds *riv__op_queue(struct riv_graph *graph, const riv_type *type,
                      const riv_opt *opt)
{
    riv_ds *ds = riv__graph_add(
        graph, &(struct riv_node_spec){
                   .kind = &riv__kind_queue, .out = type, .opt = opt });
    ds->live = true;
    return ds;
}

riv_ds *riv__op_rows(struct riv_graph *graph, const riv_type *type,
                     const struct riv_rows_param *param, const riv_opt *opt)
{
    riv_ds *ds = riv__graph_add(
        graph, &(struct riv_node_spec){
                   .kind = &riv__kind_rows, .out = type, .opt = opt });
    if (ds->graph)
        ds->param = riv__arena_copy(graph->arena, param, sizeof *param);
    return ds;
}
