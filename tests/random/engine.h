/* tests/random/engine.h - runs a graph through the public header and compares
 * what comes out with the reference. Tests only. */
#ifndef RIV_TESTS_RANDOM_ENGINE_H
#define RIV_TESTS_RANDOM_ENGINE_H

#include "random/reference.h"

/* Runs the graph on 1, 2 and 4 threads: each output of each batch must be what
 * the reference has, and the same, in the same order, on all of them. 0, or -1
 * and what is wrong in `why`. */
int engine_check(const struct graph *graph, const struct reference *ref,
                 char *why, size_t room);

/* Builds and runs a graph whose nodes need not fit each other: it ends well, or
 * with an error that has words. 0, or -1 and what is wrong in `why`. */
int engine_refuse(const struct graph *graph, char *why, size_t room);

#endif
