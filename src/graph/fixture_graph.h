/* graph/fixture_graph.h - a graph for each test, empty or with a dataset of
 * lines: its set-ups and its end. Only *_test.c files include it. */
#ifndef RIV_GRAPH_FIXTURE_GRAPH_H
#define RIV_GRAPH_FIXTURE_GRAPH_H

#include "graph/fixture.h"

static struct riv_graph graph;
static riv_ds *lines; /* of start_with_lines */

static inline int start(void **state)
{
    (void)state;
    riv__graph_init(&graph, NULL);
    return 0;
}

static inline int start_with_lines(void **state)
{
    const int rc = start(state);
    lines = text_of(&graph);
    return rc;
}

static int finish(void **state)
{
    (void)state;
    riv__graph_fini(&graph);
    return 0;
}

#endif
