/* cli/graph.h - builds the graph of a job without running it, for the commands
 * that only look at it. */
#ifndef GRAPH_H
#define GRAPH_H

#include <rivulet.h>

/* What a command does with the graph; a status. */
typedef int graph_fn(riv *r, void *arg);

/* Opens the job argv[0], applies the engine's options, builds the graph and
 * calls `look` with it. Returns 0, or an exit code after the message. */
int graph_look(int argc, char **argv, graph_fn *look, void *arg);

#endif
