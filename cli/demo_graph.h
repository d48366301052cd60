/* cli/demo_graph.h - the demo as a job, up to its results: like any program, by
 * the public header alone. Results are rows { text; what the batch added, and in
 * all }. Totals are state, not variables, so with a state directory they go on
 * where they were. */
#ifndef DEMO_GRAPH_H
#define DEMO_GRAPH_H

#include <rivulet.h>

typedef struct {
    int64_t batch, total;
} demo_sum;
RIV_STRUCT(demo_sum, batch, total);
RIV_PAIR(demo_total, riv_str, demo_sum);

/* A card, and what it is suspected of. */
typedef struct {
    riv_str card, why;
} demo_alert;
RIV_STRUCT(demo_alert, card, why);

/* How often each word occurs: demo_total, after each batch all. */
riv_ds *demo_words(riv_ds *lines);

struct demo_access {
    riv_ds *paths, *statuses; /* demo_total: requests */
};
struct demo_access demo_access(riv_ds *lines);

struct demo_cards {
    riv_ds *countries; /* demo_total: cents that were paid there */
    riv_ds *alerts;    /* demo_alert: those of the batch */
    riv_ds *counts;    /* demo_total: "alerts" */
};
struct demo_cards demo_cards(riv_ds *lines);

#endif
