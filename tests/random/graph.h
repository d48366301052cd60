/* tests/random/graph.h - a random job as data: nodes in the order they are made,
 * rows of its sources, settings. graph.c draws and prints it, reference.c says
 * what comes out, engine.c runs it, shrink.c makes a failing one small. Tests
 * only. */
#ifndef RIV_TESTS_RANDOM_GRAPH_H
#define RIV_TESTS_RANDOM_GRAPH_H

#include <rivulet.h>

enum {
    NODES_MAX = 24,
    BATCHES_MAX = 8,
    INPUTS_MAX = 3,
    OUTPUTS_MAX = 4,
    ROWS_MAX = 20000, /* of one dataset in one batch */
    BATCH_MS = 1000,
};

/* Records: numbers, pairs of numbers, pairs with a text as key. The reference
 * knows them all as two numbers; the key of a number is 0. */
enum type { NUMBERS, PAIRS, WORDS };

struct rec {
    int64_t k, v;
};

enum op {
    OP_ROWS,
    OP_PAIRS,
    OP_TEXT,
    OP_EMPTY,
    OP_QUEUE,
    OP_QUEUE_PAIRS,
    OP_MAP,
    OP_FILTER,
    OP_FLAT_MAP,
    OP_TO_PAIRS,
    OP_KEY_BY,
    OP_TO_WORDS,
    OP_TO_INTS,
    OP_SWAP,
    OP_KEYS,
    OP_VALUES,
    OP_MAP_VALUES,
    OP_FLAT_MAP_VALUES,
    OP_UNION,
    OP_DISTINCT,
    OP_REPARTITION,
    OP_COALESCE,
    OP_SORT_BY,
    OP_SORT_BY_KEY,
    OP_COUNT,
    OP_REDUCE,
    OP_COUNT_BY_VALUE,
    OP_SUBTRACT,
    OP_INTERSECTION,
    OP_CARTESIAN,
    OP_ZIP,
    OP_ZIP_PARTITIONS,
    OP_ZIP_WITH_INDEX,
    OP_ZIP_WITH_UNIQUE_ID,
    OP_MAP_PARTITIONS,
    OP_GLOM,
    OP_REDUCE_BY_KEY,
    OP_AGGREGATE_BY_KEY,
    OP_FOLD_BY_KEY,
    OP_COMBINE_BY_KEY,
    OP_GROUP_BY_KEY,
    OP_GROUP_BY,
    OP_JOIN,
    OP_COGROUP,
    OP_COGROUP3,
    OP_SUBTRACT_BY_KEY,
    OP_PARTITION_BY,
    OP_REPARTITION_AND_SORT,
    OP_FILTER_BY_RANGE,
    OP_PERSIST,
    OP_RANDOM_SPLIT,
    OP_SAMPLE,
    OP_TRANSFORM,
    OP_TRANSFORM_WITH,
    OP_WINDOW,
    OP_REDUCE_BY_WINDOW,
    OP_COUNT_BY_WINDOW,
    OP_COUNT_BY_VALUE_AND_WINDOW,
    OP_REDUCE_BY_KEY_AND_WINDOW,
    OP_GROUP_BY_KEY_AND_WINDOW,
    OP_UPDATE_STATE,
    OP_MAP_WITH_STATE,
    OP_SNAPSHOTS,
    OPS
};

/* Which fold a reducing node uses. */
enum { FOLD_SUM, FOLD_MIN, FOLD_MAX, FOLD_OWN_MAX, FOLDS };

struct node {
    enum op op;
    int nin, in[INPUTS_MAX];
    int64_t a, b;      /* by op: moduli, folds, kinds of join ... */
    int parts;         /* of the result; 0: the setting */
    int length, slide; /* of windows, and timeouts, in batches */
    /* derived from what is above and the inputs: */
    enum type type;
    bool live; /* below a queue */
    int every; /* it has a batch in every so manyth batch */
};

struct source {
    struct rec *row;              /* of all batches, one after another */
    size_t n, until[BATCHES_MAX]; /* where each batch ends */
};

struct graph {
    uint64_t seed;
    int nnode, nbatch; /* no batches: RDDs */
    struct node node[NODES_MAX];
    struct source source[NODES_MAX]; /* of the nodes that are one */
    int noutput, output[OUTPUTS_MAX];
    int shuffle_partitions;
    int64_t cache_bytes;
    int faults;  /* calls that fail for a reason that passes */
    bool damage; /* kept files are damaged between two jobs */
};

/* What an op is: the types of its inputs and of its result. */
enum { ANY = 8, PAIR, SAME }; /* beside enum type; SAME: as the first input */

enum {
    ONLY_LIVE = 1, /* an operator of streams */
    ONLY_FINITE = 2,
    NEEDS_ORDER = 4,
    NEEDS_SHAPE = 8,
    FEW_ROWS = 16, /* its result is the product of its inputs */
    KEEPS = 32,    /* order and partitions are those of its input */
};

struct op_kind {
    const char *name;
    int nin, in[INPUTS_MAX], out;
    unsigned flags;
};

extern const struct op_kind op_kinds[OPS];

static inline bool is_source(enum op op)
{
    return op <= OP_QUEUE_PAIRS;
}

/* Draws a graph by its seed. Free it with graph_fini. */
void graph_draw(struct graph *graph, uint64_t seed);
void graph_fini(struct graph *graph);
int graph_copy(struct graph *to, const struct graph *from);

/* The graph in words, a line for each node, to stdout; each line begins with
 * "# ". */
void graph_print(const struct graph *graph);

/* Derives types and slides. False: its nodes do not fit each other. */
bool graph_derive(struct graph *graph);

/* --------------------------------------------- what functions compute, alike */

static inline int64_t wrap_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t mix(int64_t k, int64_t v, int64_t a)
{
    const uint64_t h = ((uint64_t)k * 31 + (uint64_t)v * 17 + (uint64_t)a) *
                       0x9e3779b97f4a7c15u;
    return (int64_t)(h >> 40);
}

static inline int64_t affine(int64_t v, int64_t a, int64_t b)
{
    return (int64_t)(((uint64_t)v * (uint64_t)a + (uint64_t)b) % 997);
}

/* 0 to m - 1, also of what is below 0. */
static inline int64_t modulo(int64_t v, int64_t m)
{
    return (v % m + m) % m;
}

/* A hash of values in their order. */
static inline int64_t chained(int64_t h, int64_t v)
{
    return (int64_t)((uint64_t)h * 1000003 + (uint64_t)v + 7);
}

/* The text of a key; every third is long. Returns its length. */
int key_text(char *text, size_t room, int64_t k);

#endif
