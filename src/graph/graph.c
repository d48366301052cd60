/* graph/graph.c - the nodes of a context: adding, options, the sticky error,
 * names for messages. What the kinds mean is in op_*.c; who runs them is none
 * of the graph's business. */
#include "graph/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "graph/partitioner.h"

const struct riv_kind riv__kind_hold = { .name = "held rows",
                                         .role = RIV__ROLE_OP };

struct riv_capture_list {
    struct riv_capture_list *next;
    void *p;
    void (*destroy)(void *);
    size_t at; /* the node it belongs to */
};

void riv__graph_init(struct riv_graph *graph, void *owner)
{
    *graph = (struct riv_graph){ .owner = owner };
    riv__arena_init(&graph->own, 4096);
    graph->arena = &graph->own;
}

/* Those that belong to nodes from `mark` on, newest first. */
static void captures_destroy(struct riv_graph *graph, size_t mark)
{
    struct riv_capture_list **at = &graph->captures;
    while (*at) {
        struct riv_capture_list *c = *at;
        if (c->at < mark) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        c->destroy(c->p);
        free(c);
    }
}

int riv__graph_own(struct riv_graph *graph, size_t node, void *p,
                   void (*destroy)(void *))
{
    struct riv_capture_list *c = malloc(sizeof *c);
    if (!c)
        return RIV_ENOMEM;
    *c = (struct riv_capture_list){
        .next = graph->captures, .p = p, .destroy = destroy, .at = node
    };
    graph->captures = c;
    return 0;
}

void riv__graph_fini(struct riv_graph *graph)
{
    captures_destroy(graph, 0);
    free(graph->node);
    riv__arena_fini(&graph->own);
    *graph = (struct riv_graph){ 0 };
}

int riv__graph_fail(struct riv_graph *graph, int code, const char *fmt, ...)
{
    if (graph->err.code == 0) {
        struct riv_err err;
        va_list ap;
        va_start(ap, fmt);
        riv__err_vset(&err, code, fmt, ap);
        va_end(ap);
        memcpy(graph->err.text, err.text, sizeof err.text);
        /* riv_error asks from any thread: the words stand before the code */
        __atomic_store_n(&graph->err.code, err.code, __ATOMIC_RELEASE);
    }
    return graph->err.code;
}

/* Options of an older program may be shorter than ours: the rest is zero. */
riv_opt riv__opt_read(const riv_opt *opt)
{
    riv_opt full = { .struct_size = sizeof full };
    if (opt && opt->struct_size >= sizeof full.struct_size)
        memcpy(&full, opt, RIV__MIN(opt->struct_size, sizeof full));
    return full;
}

static int capture_read(struct riv_graph *graph, const riv_capture *arg,
                        const void **ret)
{
    *ret = arg->p;
    if (arg->p && arg->copy > 0) {
        *ret = riv__arena_copy(graph->arena, arg->p, arg->copy);
        return *ret ? 0 : RIV_ENOMEM;
    }
    if (!arg->p || !arg->destroy)
        return 0;
    void *p;
    memcpy(&p, &arg->p, sizeof p); /* ownership drops the const */
    return riv__graph_own(graph, graph->n, p, arg->destroy);
}

static int uid_check(struct riv_graph *graph, const char *uid)
{
    if (strlen(uid) > RIV__UID_MAX)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "uid \"%.40s...\" is longer than %d bytes", uid,
                               RIV__UID_MAX);
    for (size_t i = 0; i < graph->n; i++) {
        if (graph->node[i]->uid && strcmp(graph->node[i]->uid, uid) == 0) {
            char show[256];
            return riv__graph_fail(
                graph, RIV_EINVAL,
                "uid \"%s\" is used twice, first by %s; every uid names one "
                "operator",
                uid, riv__ds_show(graph->node[i], show, 256));
        }
    }
    return 0;
}

static int node_options(struct riv_graph *graph, riv_ds *ds,
                        const riv_opt *given)
{
    const riv_opt opt = riv__opt_read(given);
    ds->on_error = opt.on_error;
    ds->partitions = opt.partitions;
    if (opt.on_error < RIV_FAIL_JOB || opt.on_error > RIV_DEAD_LETTER)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "%s: on_error %d is none of RIV_FAIL_JOB, "
                               "RIV_SKIP, RIV_DEAD_LETTER",
                               ds->kind->name, opt.on_error);
    if (opt.partitions < 0 || opt.partitions > RIV__PARTITIONS_MAX)
        return riv__graph_fail(
            graph, RIV_EINVAL, "%s: %d partitions; allowed are 1 to %d",
            ds->kind->name, opt.partitions, RIV__PARTITIONS_MAX);
    if (opt.uid) {
        RIV__TRY(uid_check(graph, opt.uid));
        ds->uid = riv__arena_strdup(graph->arena, opt.uid);
        if (!ds->uid)
            return RIV_ENOMEM;
    }
    return 0;
}

/* A function made by an older header may be shorter, too. */
static int node_function(struct riv_graph *graph, riv_ds *ds, const riv_fn *fn)
{
    if (!fn)
        return 0;
    riv_fn *copy = riv__arena_zalloc(graph->arena, sizeof *copy);
    if (!copy)
        return RIV_ENOMEM;
    memcpy(copy, fn, RIV__MIN((size_t)fn->struct_size, sizeof *copy));
    ds->fn = copy;
    return 0;
}

/* What the node reads instead of `in`: what persists it; or, in a long chain of
 * steps that nest, the same rows held in between, so that they do not. */
static riv_ds *parent_of(struct riv_graph *graph, riv_ds *in,
                         const struct riv_kind *kind)
{
    if (in->persisted)
        return in->persisted;
    if (in->nest < RIV__NEST_MAX || !riv__kind_has(kind, RIV__NESTS) ||
        in->graph != graph)
        return in;
    return riv__graph_add(graph,
                          &(struct riv_node_spec){ .kind = &riv__kind_hold,
                                                   .in = &in,
                                                   .nin = 1,
                                                   .out = in->layout->type });
}

static void nest_count(riv_ds *ds)
{
    ds->nest = ds->kind->role == RIV__ROLE_GROUPS;
    for (uint32_t i = 0; ds->kind->role == RIV__ROLE_STEP && i < ds->nparent;
         i++)
        ds->nest = RIV__MAX(ds->nest, ds->parent[i]->nest +
                                          riv__kind_has(ds->kind, RIV__NESTS));
}

static int node_parents(struct riv_graph *graph, riv_ds *ds,
                        const struct riv_node_spec *spec)
{
    ds->nparent = spec->nin;
    ds->parent =
        riv__arena_zalloc(graph->arena, (spec->nin + 1) * sizeof *ds->parent);
    if (!ds->parent)
        return RIV_ENOMEM;
    for (uint32_t i = 0; i < spec->nin; i++) {
        ds->parent[i] = parent_of(graph, spec->in[i], spec->kind);
        if (spec->in[i]->graph != graph)
            return riv__graph_fail(graph, RIV_EINVAL,
                                   "%s: its input belongs to another context",
                                   spec->kind->name);
        ds->live |= spec->in[i]->live;
        ds->slide_ms = RIV__MAX(ds->slide_ms, spec->in[i]->slide_ms);
    }
    nest_count(ds);
    return graph->err.code;
}

static int node_fill(struct riv_graph *graph, riv_ds *ds,
                     const struct riv_node_spec *spec)
{
    RIV__TRY(graph->err.code);
    if (graph->frozen)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "%s: the graph cannot change after the start",
                               spec->kind->name);
    RIV__TRY(node_parents(graph, ds, spec));
    RIV__TRY(node_function(graph, ds, spec->fn));
    RIV__TRY(node_options(graph, ds, spec->opt));
    if (graph->n >= RIV__NODES_MAX)
        return riv__graph_fail(graph, RIV_EINVAL, "more than %d datasets",
                               RIV__NODES_MAX);
    RIV__TRY(RIV__VEC_ROOM(graph->node, graph->cap, graph->n + 1));
    ds->id = (uint32_t)graph->n;
    graph->node[graph->n++] = ds;
    return 0;
}

/* What a builder gets when even a node cannot be had. */
static riv_ds *node_none(void)
{
    static struct riv_ds none;
    return &none;
}

riv_ds *riv__graph_add(struct riv_graph *graph,
                       const struct riv_node_spec *spec)
{
    /* the graph of a context that could not be made has no arena either */
    riv_ds *ds =
        graph->arena ? riv__arena_zalloc(graph->arena, sizeof *ds) : NULL;
    if (!ds) {
        riv__graph_fail(graph, RIV_ENOMEM, "no memory for the graph");
        return riv__graph_refuse(node_none(), spec->opt);
    }
    ds->kind = spec->kind;
    ds->graph = graph;
    const riv_opt opt = riv__opt_read(spec->opt);
    int rc = capture_read(graph, &opt.arg, &ds->arg); /* taken in any case */
    if (spec->out && rc == 0) {
        struct riv_err err = { 0 };
        rc = riv__layout_make(graph->arena, spec->out, &ds->layout, &err);
        if (rc < 0)
            riv__graph_fail(graph, rc, "%s: %s", spec->kind->name, err.text);
    }
    if (rc == 0)
        rc = node_fill(graph, ds, spec);
    if (rc == 0)
        riv__partitioning_skip(ds);
    if (rc < 0)
        riv__graph_fail(graph, rc, "%s: no memory", spec->kind->name);
    return ds;
}

riv_ds *riv__graph_refuse(riv_ds *in, const riv_opt *opt)
{
    const riv_capture arg = riv__opt_read(opt).arg;
    void *p;
    if (!arg.p || arg.copy > 0 || !arg.destroy)
        return in;
    memcpy(&p, &arg.p, sizeof p);
    if (!in || !in->graph ||
        riv__graph_own(in->graph, in->graph->n, p, arg.destroy) < 0)
        arg.destroy(p);
    return in;
}

size_t riv__graph_mark(struct riv_graph *graph, struct riv_arena *arena)
{
    graph->arena = arena;
    graph->frozen = false;
    return graph->n;
}

void riv__graph_release(struct riv_graph *graph, size_t mark)
{
    captures_destroy(graph, mark);
    graph->n = mark;
    graph->arena = &graph->own;
    graph->frozen = true;
}

char *riv__ds_show(const riv_ds *ds, char *dst, size_t room)
{
    const char *kind = ds->kind ? ds->kind->name : "dataset";
    const riv_fn *fn = ds->fn && ds->fn->name ? ds->fn : NULL;
    if (fn && fn->name == kind) /* the engine's own: riv_pipe(sort) */
        snprintf(dst, room, "%s(%s)", kind, fn->where);
    else if (fn)
        snprintf(dst, room, "%s(%s, %s)", kind, fn->name,
                 fn->where ? fn->where : "?");
    else if (ds->text)
        snprintf(dst, room, "%s \"%s\"", kind, ds->text);
    else if (ds->uid)
        snprintf(dst, room, "%s \"%s\"", kind, ds->uid);
    else
        snprintf(dst, room, "%s #%u", kind, ds->id);
    return dst;
}

const char *riv__ds_name(const riv_ds *ds)
{
    if (ds->uid)
        return ds->uid;
    if (ds->fn && ds->fn->name)
        return ds->fn->name;
    return ds->kind->name;
}
