/* tests/random/shrink.h - a failing graph made small. Tests only. */
#ifndef RIV_TESTS_RANDOM_SHRINK_H
#define RIV_TESTS_RANDOM_SHRINK_H

#include "random/graph.h"

/* Runs a graph in a process of its own, with a time limit: 0 fine, 1 wrong (the
 * reason in `why`), also when it crashes or hangs; -1: it does not fit. */
int run_apart(const struct graph *graph, char *why, size_t room);

/* Leaves out nodes, rows, batches and settings as long as it fails. */
void graph_shrink(struct graph *graph);

#endif
