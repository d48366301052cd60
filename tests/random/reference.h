/* tests/random/reference.h - what a graph gives, by loops over arrays: no code
 * of the engine. Tests only. */
#ifndef RIV_TESTS_RANDOM_REFERENCE_H
#define RIV_TESTS_RANDOM_REFERENCE_H

#include "random/graph.h"

/* A dataset in one batch. */
struct bag {
    struct rec *row;
    size_t n;
    bool due;     /* there is such a batch */
    bool ordered; /* the order of the rows is promised, */
    bool shaped;  /* and where partitions end */
    bool united;  /* it comes from several datasets, side by side */
    size_t *end;
    size_t nparts;
};

/* What a state keeps of a key. */
struct kept {
    int64_t k, state;
    int touched; /* batch */
};

struct reference {
    const struct graph *graph;
    int nbatch; /* 1 for RDDs */
    struct bag bag[NODES_MAX][BATCHES_MAX];
    struct kept *kept[NODES_MAX];
    size_t nkept[NODES_MAX];
    void *memory; /* all of it, as a list */
};

/* 0, or -1: the graph does not fit (what an operator needs is not promised, or
 * there are too many rows). Free it in both cases. */
int reference_make(struct reference *ref, const struct graph *graph);
void reference_fini(struct reference *ref);

/* Whether a node's function may count on the order of its inputs. That of a
 * state sees no order between the sides of a union. */
bool reference_ordered(const struct reference *ref, int node);

#endif
