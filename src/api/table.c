/* api/table.c - lookup tables: made when the graph is built, loaded before the
 * first task, and loaded again between two batches when their files have
 * changed. What cannot be loaded again is told, and the old table stays. */
#include "api/table.h"

#include <stdlib.h>
#include <string.h>

#include "data/hash.h"
#include "exec/job.h"
#include "exec/lookup.h"
#include "graph/check.h"
#include "graph/ops.h"
#include "io/source.h"

/* What a builder gives after an error: nobody looks into it. */
static struct riv_lookup_table no_table;

static int pairs_check(riv_ds *pairs)
{
    char show[256];
    RIV__TRY(riv__check_pairs(pairs, "riv_table_new", NULL));
    if (pairs->live)
        return riv__graph_fail(pairs->graph, RIV_EINVAL,
                               "riv_table_new: %s is a stream; a table is made "
                               "of an RDD, and read again when its file "
                               "changes",
                               riv__ds_show(pairs, show, sizeof show));
    if (pairs->graph->arena != &pairs->graph->own)
        return riv__graph_fail(pairs->graph, RIV_EINVAL,
                               "riv_table_new: tables are made before the "
                               "start, not for a batch");
    return 0;
}

riv_table *riv_table_new(riv_ds *pairs, const riv_opt *o)
{
    struct riv_err err = { 0 };
    if (!riv__ds_usable(pairs) || pairs_check(pairs) < 0) {
        riv__graph_refuse(pairs, o);
        return &no_table;
    }
    struct riv_graph *graph = pairs->graph;
    riv *r = graph->owner;
    riv_ds *node = riv__graph_add(
        graph,
        &(struct riv_node_spec){
            .kind = &riv__kind_table, .in = &pairs, .nin = 1, .opt = o });
    struct riv_lookup_table *table = calloc(1, sizeof *table);
    const riv_type *key = riv__pair_key(pairs->layout->type);
    if (!table) {
        riv__graph_fail(graph, RIV_ENOMEM, "riv_table_new: no memory");
        return &no_table;
    }
    if (riv__layout_make(&graph->own, key, &table->key, &err) < 0)
        riv__graph_fail(graph, err.code, "riv_table_new: %s", err.text);
    table->pairs = node;
    table->next = r->tables;
    r->tables = table;
    return table;
}

void riv__tables_free(riv *r)
{
    while (r->tables) {
        struct riv_lookup_table *table = r->tables;
        r->tables = table->next;
        riv__lookup_free(table->now);
        free(table);
    }
}

/* ---------------------------------------------------------------- loading */

static int load(riv *r, struct riv_lookup_table *table, struct riv_lookup **ret,
                struct riv_err *err)
{
    const riv_ds *node = table->pairs;
    struct riv_plan *plan = NULL;
    int rc = riv__plan_new(&r->exec, &node, 1, &plan, err);
    r->exec.nested++;
    if (rc == 0)
        rc = riv__job_now(plan, 0, err);
    r->exec.nested--;
    if (rc == 0)
        rc = riv__lookup_new(table->key, riv__plan_op(plan, node), ret, err);
    riv__plan_free(plan);
    return rc;
}

/* ------------------------------------------------- have its files changed? */

static uint64_t add_stat(uint64_t h, const char *path,
                         const struct riv_stat *stat)
{
    h = riv__hash_words(h, riv__hash_bytes(path, strlen(path)), stat->bytes);
    h = riv__hash_words(h, stat->inode, stat->device);
    return riv__hash_words(h, (uint64_t)stat->mtime_ns, 1);
}

/* Patterns and folders are looked through. Files that are not there add nothing:
 * when they come, that is a change. */
static uint64_t add_files(riv *r, const riv_ds *source, uint64_t h)
{
    struct riv_input *input = NULL;
    struct riv_err err;
    struct riv_cut cut;
    struct riv_stat stat;
    if (riv__input_new(riv__source_kinds, r->sys, &r->conf.settings, NULL,
                       source->text, 0, &input, &err) < 0)
        return h;
    riv__cut_init(&cut);
    if (riv__input_cut(input, &cut, &err) >= 0)
        for (size_t i = 0; i < cut.n; i++)
            if (r->sys->stat(r->sys, cut.range[i].path, &stat) >= 0)
                h = add_stat(h, cut.range[i].path, &stat);
    riv__cut_fini(&cut);
    riv__input_free(input);
    return h;
}

static uint64_t add_source(riv *r, const riv_ds *source, uint64_t h)
{
    struct riv_stat stat;
    if (r->sys->stat(r->sys, source->text, &stat) >= 0 &&
        stat.kind == RIV__IS_FILE)
        return add_stat(h, source->text, &stat);
    return add_files(r, source, h);
}

/* Parents stand before children: one pass upwards finds what is above. */
static uint64_t signature_of(riv *r, const riv_ds *node)
{
    const struct riv_graph *graph = node->graph;
    uint64_t h = 0;
    bool *above = calloc(node->id + 1u, sizeof *above);
    if (!above)
        return 0;
    above[node->id] = true;
    for (size_t id = node->id + 1u; id-- > 0;) {
        const riv_ds *ds = graph->node[id];
        for (uint32_t k = 0; above[id] && k < ds->nparent; k++)
            above[ds->parent[k]->id] = true;
        if (above[id] && ds->kind->role == RIV__ROLE_SOURCE && ds->text)
            h = add_source(r, ds, h);
    }
    free(above);
    return h;
}

/* ------------------------------------------------------------ when it is time */

/* Tables are listed newest first, and made oldest first: one may be used by the
 * functions that make a later one. */
static struct riv_lookup_table *oldest_unloaded(riv *r)
{
    struct riv_lookup_table *found = NULL;
    for (struct riv_lookup_table *t = r->tables; t; t = t->next)
        if (!t->now)
            found = t;
    return found;
}

int riv__tables_load(riv *r, struct riv_err *err)
{
    struct riv_lookup_table *table;
    char show[256];
    while ((table = oldest_unloaded(r))) {
        table->signature = signature_of(r, table->pairs);
        if (load(r, table, &table->now, err) < 0)
            return riv__err_prefix(
                err, "%s", riv__ds_show(table->pairs, show, sizeof show));
    }
    return 0;
}

/* A file that is gone or damaged is left out nowhere here, whatever the settings
 * say of batches: there is a table that is whole. */
static int load_whole(riv *r, struct riv_lookup_table *table,
                      struct riv_lookup **ret, struct riv_err *err)
{
    r->tables_conf = r->conf.settings;
    r->tables_conf.files_missing = r->tables_conf.files_damaged =
        RIV__FILE_FAIL;
    r->exec.conf = &r->tables_conf;
    const int rc = load(r, table, ret, err);
    r->exec.conf = &r->conf.settings;
    return rc;
}

static void reload(riv *r, struct riv_lookup_table *table)
{
    struct riv_err err = { 0 };
    struct riv_lookup *fresh = NULL;
    char show[256];
    const uint64_t signature = signature_of(r, table->pairs);
    if (signature == table->signature)
        return;
    table->signature = signature; /* what is broken is not tried again */
    int rc = load_whole(r, table, &fresh, &err);
    riv__ds_show(table->pairs, show, sizeof show);
    if (rc == RIV_ESTOPPED)
        return;
    if (rc < 0) {
        riv__context_log(r, RIV_LOG_WARN,
                         "%s: its file has changed and cannot be loaded, the "
                         "table of %zu keys stays: %s",
                         show, table->now->nkey, err.text);
        return;
    }
    riv__lookup_free(table->now);
    table->now = fresh;
    riv__context_log(r, RIV_LOG_INFO, "%s: loaded again, %zu keys", show,
                     fresh->nkey);
}

/* In the order in which they were made. */
static void reload_all(riv *r, struct riv_lookup_table *table)
{
    size_t n = 0;
    for (const struct riv_lookup_table *t = table; t; t = t->next)
        n++;
    for (; n > 0; n--) {
        struct riv_lookup_table *t = table;
        for (size_t i = 1; i < n; i++)
            t = t->next;
        reload(r, t);
    }
}

void riv__tables_check(riv *r)
{
    if (r->tables)
        reload_all(r, r->tables);
}
