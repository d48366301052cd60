/* cli/graph.h - builds the graph of a job without running it, for the commands
 * that only look at it. */
#ifndef GRAPH_H
#define GRAPH_H

#include <rivulet.h>

/* Opens the job argv[0], applies the engine's options, builds and describes the
 * graph (how: RIV_PLAN_*) through `write`. Returns 0, or an exit code after the
 * message. */
int graph_describe(int argc, char **argv, int how, riv_write_fn *write,
                   void *arg);

#endif
