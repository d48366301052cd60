/* graph/identity.h - who a node is, over runs and changes of the program: its
 * uid, or else '#' and 16 digits made of its kind, function and text, the
 * identities of its parents, and its number among equals. So what stands below
 * a uid keeps its identity whatever changes above. riv_persist and
 * checkpoints are no nodes of their own here: keeping rows changes nothing. */
#ifndef RIV_GRAPH_IDENTITY_H
#define RIV_GRAPH_IDENTITY_H

#include "graph/graph.h"

enum { RIV__IDENTITY_MAX = RIV__UID_MAX + 1 };

/* The identities of all nodes, by their id; owned by the arena. RIV_ENOMEM. */
int riv__identities(const struct riv_graph *graph, struct riv_arena *arena,
                    const char ***ret, struct riv_err *err) RIV__MUST_USE;

/* A number for the whole graph: two programs that build the same have the same
 * one. */
uint64_t riv__fingerprint(const struct riv_graph *graph,
                          const char *const *identity);

#endif
