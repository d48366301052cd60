/* exec/watch.c - names of nodes, and where the job stands, into the page that a
 * supervisor shares. Once a run and once a batch. */
#include "exec/watch.h"

#include <stdio.h>

void riv__watch_graph(struct riv_watch *watch, const struct riv_graph *graph,
                      const struct riv_settings *conf)
{
    char show[256];
    const size_t n = RIV__MIN(graph->n, (size_t)RIV__WATCH_OPS);
    for (size_t i = 0; i < n; i++)
        snprintf(watch->op[i], RIV__WATCH_TEXT, "%s",
                 riv__ds_show(graph->node[i], show, sizeof show));
    atomic_store(&watch->task_timeout_ms, conf->task_timeout_ms);
    atomic_store(&watch->memory_bytes_max, conf->memory_bytes_max);
    atomic_store(&watch->poison, (int)conf->poison_policy);
}

void riv__watch_reads(struct riv_watch *watch, const char *text)
{
    snprintf(watch->reads, sizeof watch->reads, "%s", text);
}

void riv__watch_batch(struct riv_watch *watch, uint64_t batch, int64_t time)
{
    atomic_store_explicit(&watch->batch, (int64_t)batch, memory_order_relaxed);
    atomic_store_explicit(&watch->batch_time, time, memory_order_relaxed);
}
