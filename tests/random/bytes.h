/* tests/random/bytes.h - a graph out of any bytes, so that a fuzzer may search
 * among graphs. Tests only. */
#ifndef RIV_TESTS_RANDOM_BYTES_H
#define RIV_TESTS_RANDOM_BYTES_H

#include "random/graph.h"

/* Every string of bytes is a graph. True: a wild one, whose nodes need not fit
 * each other and whose numbers may be wrong: it is only run, and may be refused.
 * Free it with graph_fini. */
bool graph_of_bytes(struct graph *graph, const unsigned char *bytes, size_t n);

#endif
