/* sim/graph.h - the graph of the job, built from plain functions as any program
 * would. */
#ifndef RIV_SIM_GRAPH_H
#define RIV_SIM_GRAPH_H

#include "sim/check.h"

typedef struct {
    int64_t stream, seq;
    riv_str key;
    int64_t val;
} rec;

struct graph {
    riv_ds *input[INPUTS_MAX]; /* lines, or rows of rec */
    riv_ds *all;               /* rec */
};

/* Input i: lines of the URI, or a queue when it is empty. */
void graph_input(struct graph *g, riv *r, uint32_t i, const char *uri);
/* Everything behind the inputs: outputs in /out, and rows for the check. */
void graph_build(struct graph *g, riv *r, struct check *check,
                 const struct check_conf *conf);

#endif
