/* api/describe.c - the graph in words or for Graphviz: every node with the
 * stage it belongs to. Opens nothing. */
#include <stdio.h>
#include <string.h>

#include "api/context.h"
#include "base/buf.h"
#include "graph/ops.h"

enum {
    PIECE_BYTES = 64 * 1024, /* given to `write` at once */
    PIECE_MAX = 16 * 1024 * 1024,
    SHOW = 320,
    INDENT_MAX = 32 /* levels: a lineage may have thousands */
};

/* Text on its way out, piece by piece: a graph may have a million nodes. */
struct writing {
    struct riv_buf buf;
    riv_write_fn *write;
    void *arg;
    int rc;
};

static void writing_init(struct writing *w, riv_write_fn *write, void *arg)
{
    *w = (struct writing){ .write = write, .arg = arg };
    riv__buf_init(&w->buf, PIECE_MAX);
}

/* Gives out what there is, when it is `least` bytes or more. */
static void writing_out(struct writing *w, size_t least)
{
    if (w->buf.failed)
        w->rc = RIV_ENOMEM;
    if (w->rc == 0 && w->buf.n >= least)
        w->write(w->arg, w->buf.p ? w->buf.p : "", w->buf.n);
    if (w->buf.n >= least)
        riv__buf_reset(&w->buf);
}

static int writing_fini(struct writing *w)
{
    writing_out(w, 1);
    riv__buf_fini(&w->buf);
    return w->rc;
}

/* The level of the stage a node runs in: one more below each exchange. */
static uint32_t level_of(const riv_ds *ds, const uint32_t *level)
{
    uint32_t most = 0;
    for (uint32_t k = 0; k < ds->nparent; k++) {
        const riv_ds *parent = ds->parent[k];
        uint32_t below = level[parent->id] + (riv__kind_is_op(parent->kind));
        most = RIV__MAX(most, below);
    }
    return most;
}

static void text_node(struct riv_buf *buf, const riv_ds *ds, uint32_t level)
{
    char show[SHOW], type[SHOW];
    riv__buf_printf(buf, "stage %u  #%u %s", level, ds->id,
                    riv__ds_show(ds, show, sizeof show));
    for (uint32_t k = 0; k < ds->nparent; k++)
        riv__buf_printf(buf, "%s#%u", k ? ", " : "  <- ", ds->parent[k]->id);
    if (ds->layout)
        riv__buf_printf(buf, "  gives %s",
                        riv__type_show(ds->layout->type, type, sizeof type));
    if (ds->kind->role == RIV__ROLE_SOURCE)
        riv__buf_str(buf,
                     ds->live ? "  (live: a DStream)" : "  (finite: an RDD)");
    else if (riv__kind_is_op(ds->kind))
        riv__buf_str(buf, ds->output ? "  (output)" : "  (exchange)");
    if (ds->uid)
        riv__buf_printf(buf, "  uid %s", ds->uid);
    riv__buf_char(buf, '\n');
}

/* Names come from programs and paths: quotes must not end the label. */
static void dot_text(struct riv_buf *buf, const char *s)
{
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            riv__buf_char(buf, '\\');
        riv__buf_char(buf, *s);
    }
}

static void dot_node(struct riv_buf *buf, const riv_ds *ds, uint32_t level)
{
    char show[SHOW], type[SHOW];
    riv__buf_printf(buf, "  n%u [label=\"", ds->id);
    dot_text(buf, riv__ds_show(ds, show, sizeof show));
    if (ds->layout) {
        riv__buf_str(buf, "\\n");
        dot_text(buf, riv__type_show(ds->layout->type, type, sizeof type));
    }
    riv__buf_printf(buf, "\\nstage %u\"%s];\n", level,
                    ds->output                  ? ", shape=note"
                    : riv__kind_is_op(ds->kind) ? ", shape=box"
                                                : "");
    for (uint32_t k = 0; k < ds->nparent; k++)
        riv__buf_printf(buf, "  n%u -> n%u;\n", ds->parent[k]->id, ds->id);
}

static int describe(const struct riv_graph *graph, int how, riv_write_fn *write,
                    void *arg)
{
    struct writing w;
    struct riv_arena scratch;
    writing_init(&w, write, arg);
    riv__arena_init(&scratch, 4096);
    uint32_t *level =
        riv__arena_zalloc(&scratch, (graph->n + 1) * sizeof *level);
    w.rc = level ? 0 : RIV_ENOMEM;
    if (how == RIV_PLAN_DOT)
        riv__buf_str(&w.buf, "digraph plan {\n  rankdir=TB;\n");
    for (size_t i = 0; w.rc == 0 && i < graph->n; i++) {
        level[i] = level_of(graph->node[i], level);
        if (how == RIV_PLAN_DOT)
            dot_node(&w.buf, graph->node[i], level[i]);
        else
            text_node(&w.buf, graph->node[i], level[i]);
        writing_out(&w, PIECE_BYTES);
    }
    if (how == RIV_PLAN_DOT)
        riv__buf_str(&w.buf, "}\n");
    riv__arena_fini(&scratch);
    return writing_fini(&w);
}

int riv_describe(riv *r, int how, riv_write_fn *write, void *arg)
{
    struct riv_err err = { 0 };
    if (r->graph.err.code < 0)
        return r->graph.err.code;
    if (how != RIV_PLAN_TEXT && how != RIV_PLAN_DOT)
        return riv_invalid(r,
                           "riv_describe: how is %d; RIV_PLAN_TEXT and "
                           "RIV_PLAN_DOT are known",
                           how);
    if (!write)
        return riv_invalid(r, "riv_describe: no place for its text is given");
    RIV__TRY(riv__context_ready(r));
    r->graph.frozen = true;
    int rc = riv__context_rehearse(r, &err);
    if (rc < 0)
        return riv__graph_fail(&r->graph, rc, "%s", err.text);
    rc = describe(&r->graph, how, write, arg);
    return rc < 0 ? riv__graph_fail(&r->graph, rc, "riv_describe: no memory")
                  : 0;
}

/* ------------------------------------------------------------- lineage */

/* A checkpoint that is there: nothing above it is run any more. */
static bool is_cut(const riv_ds *ds)
{
    return ds && ds->cell && ds->cell->keep && ds->cell->keep->cut;
}

/* Parents have smaller ids: one pass downwards marks what is above a dataset,
 * and how many exchanges lie between. */
static void lineage_write(struct writing *w, const riv_ds *ds, uint32_t *depth,
                          bool *above)
{
    char show[SHOW], type[SHOW];
    struct riv_buf *buf = &w->buf;
    above[ds->id] = true;
    for (size_t id = (size_t)ds->id + 1; id-- > 0;) {
        const riv_ds *at = ds->graph->node[id];
        if (!above[id])
            continue;
        for (uint32_t i = 0; i < RIV__MIN(depth[id], (uint32_t)INDENT_MAX); i++)
            riv__buf_str(buf, "  ");
        riv__buf_printf(buf, "#%u %s", at->id,
                        riv__ds_show(at, show, sizeof show));
        const bool cut = is_cut(at);
        for (uint32_t k = 0; !cut && k < at->nparent; k++) {
            const riv_ds *parent = at->parent[k];
            above[parent->id] = true;
            depth[parent->id] = RIV__MAX(depth[parent->id],
                                         depth[id] + riv__kind_is_op(at->kind));
            riv__buf_printf(buf, "%s#%u", k ? ", " : "  <- ", parent->id);
        }
        if (at->layout)
            riv__buf_printf(buf, "  gives %s",
                            riv__type_show(at->layout->type, type, SHOW));
        riv__buf_str(buf, cut                         ? "  (checkpointed)\n"
                          : riv__kind_is_op(at->kind) ? "  (exchange)\n"
                                                      : "\n");
        writing_out(w, PIECE_BYTES);
    }
}

int riv_to_debug_string(const riv_ds *ds, riv_write_fn *write, void *arg)
{
    if (!ds || !ds->graph || !write)
        return RIV_EINVAL;
    RIV__TRY(ds->graph->err.code);
    struct writing w;
    struct riv_arena scratch;
    writing_init(&w, write, arg);
    riv__arena_init(&scratch, 4096);
    if (is_cut(ds->persisted)) /* what it is made from now */
        ds = ds->persisted;
    const size_t n = (size_t)ds->id + 1;
    uint32_t *depth = riv__arena_zalloc(&scratch, n * sizeof *depth);
    bool *above = riv__arena_zalloc(&scratch, n * sizeof *above);
    w.rc = depth && above ? 0 : RIV_ENOMEM;
    if (w.rc == 0)
        lineage_write(&w, ds, depth, above);
    riv__arena_fini(&scratch);
    return writing_fini(&w);
}
