/* tests/random/graph.c - drawing, deriving and printing graphs. What is drawn
 * depends on the seed alone. */
#include "random/graph.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random/reference.h"

enum { TRIES = 400, ROWS_FEW = 40, ROWS_MANY = 4000, TEXT_ROWS = 16000 };

#define N NUMBERS
#define P PAIRS
#define W WORDS

const struct op_kind op_kinds[OPS] = {
    [OP_ROWS] = { "parallelize", 0, { 0 }, N, ONLY_FINITE },
    [OP_PAIRS] = { "parallelize_pairs", 0, { 0 }, P, ONLY_FINITE },
    [OP_EMPTY] = { "empty", 0, { 0 }, N, ONLY_FINITE },
    [OP_TEXT] = { "text", 0, { 0 }, N, ONLY_FINITE },
    [OP_QUEUE] = { "queue", 0, { 0 }, N, ONLY_LIVE },
    [OP_QUEUE_PAIRS] = { "queue_pairs", 0, { 0 }, P, ONLY_LIVE },
    [OP_MAP] = { "map", 1, { N }, N, KEEPS },
    [OP_FILTER] = { "filter", 1, { ANY }, SAME, KEEPS },
    [OP_FLAT_MAP] = { "flat_map", 1, { ANY }, SAME, KEEPS },
    [OP_TO_PAIRS] = { "map_to_pairs", 1, { N }, P, KEEPS },
    [OP_KEY_BY] = { "key_by", 1, { N }, P, KEEPS },
    [OP_TO_WORDS] = { "map_to_words", 1, { P }, W, KEEPS },
    [OP_TO_INTS] = { "map_to_ints", 1, { W }, P, KEEPS },
    [OP_SWAP] = { "map_swap", 1, { P }, P, KEEPS },
    [OP_KEYS] = { "keys", 1, { P }, N, KEEPS },
    [OP_VALUES] = { "values", 1, { PAIR }, N, KEEPS },
    [OP_MAP_VALUES] = { "map_values", 1, { PAIR }, SAME, KEEPS },
    [OP_FLAT_MAP_VALUES] = { "flat_map_values", 1, { PAIR }, SAME, KEEPS },
    [OP_UNION] = { "union", 2, { ANY, SAME }, SAME, 0 },
    [OP_DISTINCT] = { "distinct", 1, { ANY }, SAME, 0 },
    [OP_REPARTITION] = { "repartition", 1, { ANY }, SAME, 0 },
    [OP_COALESCE] = { "coalesce", 1, { ANY }, SAME, 0 },
    [OP_SORT_BY] = { "sort_by", 1, { N }, N, 0 },
    [OP_SORT_BY_KEY] = { "sort_by_key", 1, { PAIR }, SAME, 0 },
    [OP_COUNT] = { "count", 1, { ANY }, N, 0 },
    [OP_REDUCE] = { "reduce", 1, { N }, N, 0 },
    [OP_COUNT_BY_VALUE] = { "count_by_value", 1, { N }, P, 0 },
    [OP_SUBTRACT] = { "subtract", 2, { ANY, SAME }, SAME, 0 },
    [OP_INTERSECTION] = { "intersection", 2, { ANY, SAME }, SAME, 0 },
    [OP_CARTESIAN] = { "cartesian", 2, { N, N }, P, FEW_ROWS },
    [OP_ZIP] = { "zip", 2, { N, N }, P, NEEDS_SHAPE | KEEPS },
    [OP_ZIP_PARTITIONS] = { "zip_partitions", 2, { N, N }, N, NEEDS_SHAPE },
    [OP_ZIP_WITH_INDEX] = { "zip_with_index",
                            1,
                            { N },
                            P,
                            NEEDS_ORDER | KEEPS },
    [OP_ZIP_WITH_UNIQUE_ID] = { "zip_with_unique_id",
                                1,
                                { N },
                                P,
                                NEEDS_SHAPE | KEEPS },
    [OP_MAP_PARTITIONS] = { "map_partitions_sum", 1, { N }, N, NEEDS_SHAPE },
    [OP_GLOM] = { "glom_size", 1, { N }, N, NEEDS_SHAPE },
    [OP_REDUCE_BY_KEY] = { "reduce_by_key", 1, { PAIR }, SAME, 0 },
    [OP_AGGREGATE_BY_KEY] = { "aggregate_by_key", 1, { PAIR }, SAME, 0 },
    [OP_FOLD_BY_KEY] = { "fold_by_key", 1, { PAIR }, SAME, 0 },
    [OP_COMBINE_BY_KEY] = { "combine_by_key", 1, { PAIR }, SAME, 0 },
    [OP_GROUP_BY_KEY] = { "group_by_key", 1, { PAIR }, SAME, 0 },
    [OP_GROUP_BY] = { "group_by", 1, { N }, P, 0 },
    [OP_JOIN] = { "join", 2, { PAIR, SAME }, SAME, FEW_ROWS },
    [OP_COGROUP] = { "cogroup", 2, { PAIR, SAME }, SAME, 0 },
    [OP_COGROUP3] = { "cogroup3", 3, { PAIR, SAME, SAME }, SAME, 0 },
    [OP_SUBTRACT_BY_KEY] = { "subtract_by_key", 2, { PAIR, SAME }, SAME, 0 },
    [OP_PARTITION_BY] = { "partition_by", 1, { PAIR }, SAME, 0 },
    [OP_REPARTITION_AND_SORT] = { "repartition_and_sort_within_partitions",
                                  1,
                                  { P },
                                  P,
                                  0 },
    [OP_FILTER_BY_RANGE] = { "filter_by_range", 1, { P }, P, KEEPS },
    [OP_PERSIST] = { "persist", 1, { ANY }, SAME, ONLY_FINITE | KEEPS },
    [OP_RANDOM_SPLIT] = { "random_split_and_union", 1, { ANY }, SAME, 0 },
    [OP_SAMPLE] = { "sample_all", 1, { ANY }, SAME, KEEPS },
    [OP_TRANSFORM] = { "transform", 1, { N }, N, ONLY_LIVE },
    [OP_TRANSFORM_WITH] = { "transform_with", 2, { N, N }, N, ONLY_LIVE },
    [OP_WINDOW] = { "window", 1, { ANY }, SAME, ONLY_LIVE },
    [OP_REDUCE_BY_WINDOW] = { "reduce_by_window", 1, { N }, N, ONLY_LIVE },
    [OP_COUNT_BY_WINDOW] = { "count_by_window", 1, { ANY }, N, ONLY_LIVE },
    [OP_COUNT_BY_VALUE_AND_WINDOW] = { "count_by_value_and_window",
                                       1,
                                       { N },
                                       P,
                                       ONLY_LIVE },
    [OP_REDUCE_BY_KEY_AND_WINDOW] = { "reduce_by_key_and_window",
                                      1,
                                      { PAIR },
                                      SAME,
                                      ONLY_LIVE },
    [OP_GROUP_BY_KEY_AND_WINDOW] = { "group_by_key_and_window",
                                     1,
                                     { PAIR },
                                     SAME,
                                     ONLY_LIVE },
    [OP_UPDATE_STATE] = { "update_state_by_key", 1, { PAIR }, SAME, ONLY_LIVE },
    [OP_MAP_WITH_STATE] = { "map_with_state", 1, { PAIR }, SAME, ONLY_LIVE },
    [OP_SNAPSHOTS] = { "state_snapshots", 1, { PAIR }, SAME, ONLY_LIVE },
};

int key_text(char *text, size_t room, int64_t k)
{
    return snprintf(
        text, room,
        k % 3 == 0 ? "a key that is rather long: %" PRId64 : "k%" PRId64, k);
}

/* ---------------------------------------------------------------- deriving */

static bool type_fits(int want, enum type have, enum type first)
{
    switch (want) {
    case ANY: return true;
    case PAIR: return have != NUMBERS;
    case SAME: return have == first;
    default: return (int)have == want;
    }
}

static bool is_windowed(enum op op)
{
    return op >= OP_WINDOW && op <= OP_GROUP_BY_KEY_AND_WINDOW;
}

/* All live inputs must have their batches together. */
static bool derive_every(struct graph *graph, struct node *node)
{
    node->every = 1;
    node->live = node->op == OP_QUEUE || node->op == OP_QUEUE_PAIRS;
    for (int i = 0; i < node->nin; i++) {
        const struct node *in = &graph->node[node->in[i]];
        if (in->live && node->live && in->every != node->every)
            return false;
        if (in->live)
            node->every = in->every;
        node->live |= in->live;
    }
    if (!is_windowed(node->op))
        return true;
    if (node->length < 1 || node->slide < 1 ||
        node->length % node->every != 0 || node->slide % node->every != 0)
        return false;
    node->every = node->slide;
    return true;
}

/* The dataset that is persisted: a persist is its input. */
static int persisted(const struct graph *graph, int at)
{
    while (graph->node[at].op == OP_PERSIST)
        at = graph->node[at].in[0];
    return at;
}

/* A dataset has one level. */
static bool is_persisted_before(const struct graph *graph, int at)
{
    for (int i = 0; i < at; i++)
        if (graph->node[i].op == OP_PERSIST &&
            persisted(graph, i) == persisted(graph, at))
            return true;
    return false;
}

/* From those of its inputs; false: they are none for this operator. */
static bool derive_type(struct graph *graph, int at)
{
    struct node *node = &graph->node[at];
    const struct op_kind *kind = &op_kinds[node->op];
    enum type first = NUMBERS;
    for (int i = 0; i < node->nin; i++) {
        const int in = node->in[i];
        if (in < 0 || in >= at)
            return false;
        if (i == 0)
            first = graph->node[in].type;
        if (!type_fits(kind->in[i], graph->node[in].type, first))
            return false;
    }
    node->type = kind->out == SAME ? first : (enum type)kind->out;
    return true;
}

/* May the operator stand here, whose type and interval are known? */
static bool is_allowed(const struct graph *graph, int at)
{
    const struct node *node = &graph->node[at];
    const struct op_kind *kind = &op_kinds[node->op];
    if (kind->flags & (node->live ? ONLY_FINITE : ONLY_LIVE))
        return false;
    if (node->op == OP_PERSIST && is_persisted_before(graph, at))
        return false;
    if (node->op >= OP_UPDATE_STATE && node->every != 1)
        return false; /* time-outs count batches here */
    return node->op != OP_SNAPSHOTS ||
           graph->node[node->in[0]].op == OP_MAP_WITH_STATE;
}

static bool derive_node(struct graph *graph, int at)
{
    return derive_type(graph, at) && derive_every(graph, &graph->node[at]) &&
           is_allowed(graph, at);
}

bool graph_derive(struct graph *graph)
{
    for (int i = 0; i < graph->nnode; i++)
        if (!derive_node(graph, i))
            return false;
    for (int i = 0; i < graph->noutput; i++)
        if (graph->nbatch > 0 && !graph->node[graph->output[i]].live)
            return false;
    return graph->noutput > 0;
}

/* ----------------------------------------------------------------- drawing */

static uint64_t draw_word(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int draw(uint64_t *state, int n)
{
    return (int)(draw_word(state) % (uint64_t)n);
}

/* Few keys, many, or all alike; a batch of nothing now and then. */
static int draw_source(struct graph *graph, int at, uint64_t *state)
{
    struct source *source = &graph->source[at];
    const int keys = (int[]){ 1, 3, 20, 1000 }[draw(state, 4)];
    const int batches = graph->node[at].live ? graph->nbatch : 1;
    const bool many = draw(state, 8) == 0;
    int most = many ? ROWS_MANY : ROWS_FEW;
    if (graph->node[at].op == OP_EMPTY)
        most = 0;
    if (graph->node[at].op == OP_TEXT)
        most = many ? TEXT_ROWS : ROWS_FEW;
    source->row = calloc((size_t)(most * batches + 1), sizeof *source->row);
    if (!source->row)
        return RIV_ENOMEM;
    for (int b = 0; b < batches; b++) {
        const int n = draw(state, 5) == 0 ? 0 : draw(state, most + 1);
        for (int i = 0; i < n; i++)
            source->row[source->n++] =
                (struct rec){ draw(state, keys) - keys / 4,
                              draw(state, keys) - keys / 4 };
        source->until[b] = source->n;
    }
    return 0;
}

static bool keeps_state(const struct graph *graph)
{
    for (int i = 0; i < graph->nnode; i++)
        if (graph->node[i].op >= OP_UPDATE_STATE)
            return true;
    return false;
}

static void draw_params(struct graph *graph, struct node *node, uint64_t *state)
{
    node->a = 1 + draw(state, 12);
    node->b = draw(state, 12);
    node->parts = draw(state, 3) == 0 ? 1 + draw(state, 9) : 0;
    if (is_source(node->op) || node->op == OP_REPARTITION ||
        node->op == OP_COALESCE || node->op == OP_REPARTITION_AND_SORT)
        node->parts = 1 + draw(state, 9);
    const int unit = node->nin > 0 ? graph->node[node->in[0]].every : 1;
    node->length = unit * (1 + draw(state, 4));
    node->slide = unit * (draw(state, 3) == 0 ? 1 + draw(state, 3) : 1);
}

/* One of the nodes so far, which may be input i. The newest are the deepest. */
static bool draw_input(const struct graph *graph, struct node *node, int i,
                       uint64_t *state)
{
    const struct op_kind *kind = &op_kinds[node->op];
    for (int tries = 0; tries < 12; tries++) {
        const int back = draw(state, 2) ? 3 : graph->nnode;
        const int near = graph->nnode < back ? graph->nnode : back;
        node->in[i] = graph->nnode - 1 - draw(state, near);
        const struct node *in = &graph->node[node->in[i]];
        if (type_fits(kind->in[i], in->type, graph->node[node->in[0]].type) &&
            (node->op != OP_SNAPSHOTS || in->op == OP_MAP_WITH_STATE) &&
            (i > 0 || !(kind->flags & ONLY_LIVE) || in->live))
            return true;
    }
    return false;
}

static bool draw_inputs(struct graph *graph, struct node *node, uint64_t *state)
{
    node->nin = op_kinds[node->op].nin;
    for (int i = 0; i < node->nin; i++)
        if (!draw_input(graph, node, i, state))
            return false;
    return true;
}

static bool draw_node(struct graph *graph, enum op op, uint64_t *state)
{
    const int at = graph->nnode;
    struct node *node = &graph->node[at];
    *node = (struct node){ .op = op };
    graph->source[at] = (struct source){ .n = 0 };
    if (!is_source(op) && !draw_inputs(graph, node, state))
        return false;
    draw_params(graph, node, state);
    if (!derive_node(graph, at))
        return false;
    if (is_source(op) && draw_source(graph, at, state) < 0)
        return false;
    graph->nnode++;
    return true;
}

static bool fits(const struct graph *graph)
{
    struct reference ref;
    const bool fits = reference_make(&ref, graph) == 0;
    reference_fini(&ref);
    return fits;
}

static void drop_last(struct graph *graph)
{
    graph->nnode--;
    free(graph->source[graph->nnode].row);
    graph->source[graph->nnode].row = NULL;
}

/* One of the operators from first on, end not among them. */
static enum op draw_between(enum op first, enum op end, uint64_t *state)
{
    return (enum op)((int)first + draw(state, (int)end - (int)first));
}

static enum op draw_op(const struct graph *graph, uint64_t *state)
{
    if (graph->nnode == 0) {
        if (graph->nbatch > 0)
            return draw_between(OP_QUEUE, OP_MAP, state);
        return draw(state, 6) == 0 ? draw_between(OP_TEXT, OP_QUEUE, state)
                                   : draw_between(OP_ROWS, OP_TEXT, state);
    }
    if (draw(state, 14) == 0) /* one more source */
        return graph->nbatch > 0 && draw(state, 2)
                   ? draw_between(OP_QUEUE, OP_MAP, state)
                   : draw_between(OP_ROWS, OP_TEXT, state);
    if (graph->nbatch > 0 && draw(state, 3) == 0)
        return draw_between(OP_WINDOW, OPS, state);
    if (draw(state, 20) == 0)
        return draw(state, 2) ? OP_TO_WORDS : OP_TO_PAIRS;
    return draw_between(OP_MAP, OP_WINDOW, state);
}

/* Nodes that nobody reads, and some that are read as well. */
static void draw_outputs(struct graph *graph, uint64_t *state)
{
    bool read[NODES_MAX] = { false };
    graph->noutput = 0;
    for (int i = 0; i < graph->nnode; i++)
        for (int k = 0; k < graph->node[i].nin; k++)
            read[graph->node[i].in[k]] = true;
    for (int i = graph->nnode; i-- > 0 && graph->noutput < OUTPUTS_MAX;) {
        if (graph->nbatch > 0 && !graph->node[i].live)
            continue;
        if (!read[i] || draw(state, 4) == 0)
            graph->output[graph->noutput++] = i;
    }
}

void graph_draw(struct graph *graph, uint64_t seed)
{
    uint64_t state = seed;
    *graph = (struct graph){ .seed = seed };
    graph->nbatch = draw(&state, 2) ? 1 + draw(&state, BATCHES_MAX) : 0;
    graph->shuffle_partitions = (int[]){ 0, 0, 1, 3, 16 }[draw(&state, 5)];
    graph->cache_bytes = (int64_t[]){ 0, 500, 100000 }[draw(&state, 3)];
    const int want = 3 + draw(&state, NODES_MAX - 8);
    for (int i = 0; i < TRIES && graph->nnode < want; i++) {
        if (!draw_node(graph, draw_op(graph, &state), &state))
            continue;
        if (!fits(graph))
            drop_last(graph);
    }
    draw_outputs(graph, &state);
    /* a task that changes state is not tried again */
    graph->faults =
        keeps_state(graph) ? 0 : (int[]){ 0, 0, 1, 3 }[draw(&state, 4)];
    graph->damage = draw(&state, 2);
}

void graph_fini(struct graph *graph)
{
    for (int i = 0; i < NODES_MAX; i++)
        free(graph->source[i].row);
    *graph = (struct graph){ .nnode = 0 };
}

int graph_copy(struct graph *to, const struct graph *from)
{
    *to = *from;
    for (int i = 0; i < NODES_MAX; i++) {
        const struct source *source = &from->source[i];
        to->source[i].row = NULL;
        if (!source->row)
            continue;
        to->source[i].row = calloc(source->n + 1, sizeof *source->row);
        if (!to->source[i].row)
            return RIV_ENOMEM;
        memcpy(to->source[i].row, source->row, source->n * sizeof *source->row);
    }
    return 0;
}

/* ---------------------------------------------------------------- printing */

enum { SHOWN = 60 };

static void print_rows(const struct graph *graph, int at)
{
    const struct source *source = &graph->source[at];
    const bool pairs = graph->node[at].type == PAIRS;
    const int batches = graph->node[at].live ? graph->nbatch : 1;
    size_t i = 0;
    printf(" = {");
    for (int b = 0; b < batches; b++) {
        for (; i < source->until[b] && i < SHOWN; i++) {
            if (pairs)
                printf(" %" PRId64 ":%" PRId64, source->row[i].k,
                       source->row[i].v);
            else
                printf(" %" PRId64, source->row[i].v);
        }
        if (source->until[b] > SHOWN)
            printf(" ... (%zu)", source->until[b]);
        printf(b + 1 < batches ? " |" : " }");
    }
}

static void print_node(const struct graph *graph, int at)
{
    static const char *const types[] = { "numbers", "pairs", "words" };
    const struct node *node = &graph->node[at];
    printf("# n%d = %s(", at, op_kinds[node->op].name);
    for (int i = 0; i < node->nin; i++)
        printf("%sn%d", i > 0 ? ", " : "", node->in[i]);
    printf(") a=%" PRId64 " b=%" PRId64 " parts=%d length=%d slide=%d -> %s%s",
           node->a, node->b, node->parts, node->length, node->slide,
           types[node->type], node->live ? ", live" : "");
    if (is_source(node->op))
        print_rows(graph, at);
    printf("\n");
}

void graph_print(const struct graph *graph)
{
    printf("# seed %" PRIu64 ", %d batches, shuffle.partitions %d, "
           "cache.memory %" PRId64 ", %d faults%s\n",
           graph->seed, graph->nbatch, graph->shuffle_partitions,
           graph->cache_bytes, graph->faults, graph->damage ? ", damage" : "");
    for (int i = 0; i < graph->nnode; i++)
        print_node(graph, i);
    printf("# outputs:");
    for (int i = 0; i < graph->noutput; i++)
        printf(" n%d", graph->output[i]);
    printf("\n");
}
