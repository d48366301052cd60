/* cli/pipe_graph.h - a query as a job: lines are cut and chosen, folded by key,
 * and handed to pipe_print.h. */
#ifndef PIPE_GRAPH_H
#define PIPE_GRAPH_H

#include "query.h"

/* Builds it; `query` must live until riv_free. */
void pipe_graph(riv *r, const char *uri, const struct query *query);

#endif
