/* graph/graph.h - the description of a job: datasets as nodes in the order they
 * were made (which is a topological order), the first error kept. Frozen at the
 * start; never runs anything. One graph per context. @thread builder */
#ifndef RIV_GRAPH_GRAPH_H
#define RIV_GRAPH_GRAPH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "data/layout.h"

struct riv_graph;

enum {
    RIV__NODES_MAX = 1 << 20,
    RIV__UID_MAX = 128,
    RIV__PARTITIONS_MAX = 1 << 16, /* that an operator may be told to make */
    RIV__NEST_MAX = 64 /* steps that call each other: graph.c, parent_of */
};

/* What the planner does with a node of a kind. */
enum riv_role {
    RIV__ROLE_SOURCE, /* input ranges: sources, rows given by the program */
    RIV__ROLE_STEP,   /* rows in, rows out, within a chain */
    RIV__ROLE_OP,     /* needs all rows of the batch: ends a stage */
    RIV__ROLE_GROUPS, /* an OP whose result the user's function turns into rows:
                         a step of the same node follows it */
};

/* What becomes of the partitioner of its inputs: partitioner.c. */
enum riv_parts_fate {
    RIV__PARTS_ASKED,   /* what the program asks for, else nothing is known */
    RIV__PARTS_KEPT,    /* keys stay where they are */
    RIV__PARTS_COUNTED, /* as many partitions, of other keys */
    RIV__PARTS_FOLDED, /* an exchange by key: pairs of the same keys come out */
    RIV__PARTS_GROUPED, /* an exchange by key or record: anything comes out */
    RIV__PARTS_LEFT,    /* as grouped, into partitions as the left has */
    RIV__PARTS_PLACED,  /* the program says where: ds->param, riv_sort_param */
    RIV__PARTS_MOVED,   /* an exchange that takes nothing over */
    RIV__PARTS_SUMMED   /* those of all inputs, one after another */
};

/* What else others must know of a kind; bits. */
enum riv_trait {
    RIV__NESTS = 1,       /* its function may emit any number of rows, and hands
                             them on while it runs: a chain of such steps is a
                             pile of calls on the thread's stack */
    RIV__BY_KEY = 2,      /* the partition of a record is that of its key */
    RIV__KEY_LIMITED = 4, /* refuses records whose key is too long */
    RIV__ONE_TO_ONE = 8   /* a record becomes one, or none, by itself */
};

struct riv_kind {
    const char *name; /* of the public function: "riv_map" */
    enum riv_role role;
    enum riv_parts_fate parts;
    unsigned traits;
};

static inline bool riv__kind_is_op(const struct riv_kind *kind)
{
    return kind->role == RIV__ROLE_OP || kind->role == RIV__ROLE_GROUPS;
}

static inline bool riv__kind_has(const struct riv_kind *kind,
                                 enum riv_trait trait)
{
    return kind->traits & trait;
}

/* The graph's own: rows held between two runs of steps that nest. */
extern const struct riv_kind riv__kind_hold;

/* What a run keeps for a node from one run to the next: made by exec, ended
 * with the graph. */
struct riv_keep {
    void (*clear)(struct riv_keep *keep);   /* forget the rows */
    void (*destroy)(struct riv_keep *keep); /* and itself */
    bool cut; /* a checkpoint is there: what is above the node is never run */
};

struct riv_cell {
    struct riv_keep *keep; /* NULL: nothing yet */
};

/* A node: a dataset, or an output (then layout is NULL). */
struct riv_ds {
    const struct riv_kind *kind;
    struct riv_graph *graph;
    uint32_t id;
    uint32_t nparent;
    struct riv_ds **parent;
    const struct riv_layout *layout; /* of its records; NULL: none */
    const riv_fn *fn;                /* the user's function, or NULL */
    const char *uid;                 /* given, or NULL */
    const char *text;                /* URI, format: by kind */
    const void *arg;                 /* captured argument */
    const void *param;               /* by kind, in the graph's arena */
    int64_t number;                  /* by kind: first_n, partitions ... */
    int on_error;
    int partitions;
    struct riv_ds *persisted;  /* the node that keeps its rows, or NULL */
    struct riv_ds *remembered; /* the node that keeps its batches, or NULL */
    struct riv_cell *cell;     /* riv_persist, riv_remember: where they are */
    int64_t slide_ms; /* rows come in batches whose time since the start is a
                         multiple of this; 0: in every batch */
    bool live;        /* a DStream: below a live input */
    bool output;      /* run for its effect */
    uint32_t nest;    /* steps above it, up to the last exchange, that hand rows
                         on from within their functions */
};

struct riv_graph {
    struct riv_arena own;    /* nodes that stay */
    struct riv_arena *arena; /* where new nodes go: own, or a batch's */
    riv_ds **node;
    size_t n, cap;
    struct riv_err err; /* the first one; sticky */
    bool frozen;
    void *owner; /* the context, for the builders of the api */
    struct riv_capture_list *captures; /* riv_opt.arg with a destructor */
};

void riv__graph_init(struct riv_graph *graph, void *owner);
void riv__graph_fini(struct riv_graph *graph);

/* The first error stays; returns its code. */
int riv__graph_fail(struct riv_graph *graph, int code, const char *fmt, ...)
    RIV__FORMAT(3, 4);

/* A new node with its options copied. Never NULL: on an error (or after one)
 * a node that is not in the list, of the type `out`. `in` holds nparent
 * datasets. out NULL: an output. */
struct riv_node_spec {
    const struct riv_kind *kind;
    riv_ds *const *in;
    uint32_t nin;
    const riv_type *out;
    const riv_fn *fn;
    const riv_opt *opt;
};
riv_ds *riv__graph_add(struct riv_graph *graph,
                       const struct riv_node_spec *spec);

/* A builder gives up: what its options own is destroyed with the graph all the
 * same (at once without one). Returns in. */
riv_ds *riv__graph_refuse(riv_ds *in, const riv_opt *opt);

/* False for what a builder must hand on untouched: NULL, or a node that was
 * made after an error. */
static inline bool riv__ds_usable(const riv_ds *ds)
{
    return ds && ds->graph && ds->graph->err.code == 0;
}

/* destroy(p) when the node ends: with the graph, or with its piece of graph. */
int riv__graph_own(struct riv_graph *graph, size_t node, void *p,
                   void (*destroy)(void *)) RIV__MUST_USE;

/* Options as this version knows them; NULL: none. */
riv_opt riv__opt_read(const riv_opt *opt);

/* Pieces of graph that live for one batch (transform, foreach_rdd): what is
 * added between the two calls is forgotten by the second. */
size_t riv__graph_mark(struct riv_graph *graph, struct riv_arena *arena);
void riv__graph_release(struct riv_graph *graph, size_t mark);

/* "riv_map(by_sensor, sensors.c:19)", "riv_text \"access.log\"": how messages
 * name a node. Returns dst. */
char *riv__ds_show(const riv_ds *ds, char *dst, size_t room);
/* uid, or a name made from kind and function: for counters and letters. */
const char *riv__ds_name(const riv_ds *ds);

#endif
