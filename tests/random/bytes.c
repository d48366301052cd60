/* tests/random/bytes.c - reads bytes as a graph: a head, then nodes, each with
 * its operator, its inputs by how far back they lie, its numbers, and its rows.
 * What is missing at the end is 0. */
#include "random/bytes.h"

#include <stdlib.h>

enum { ROWS_TAME = 60, ROWS_WILD = 2, NODES_WILD = 10 };

struct reader {
    const unsigned char *at, *end;
};

static int next(struct reader *in, int n)
{
    return in->at < in->end ? *in->at++ % n : 0;
}

/* Also below 0, and above what is sensible. */
static int wild_number(struct reader *in)
{
    static const int odd[] = { 0, -1, -1000, INT32_MIN, INT32_MAX, 65537 };
    const int i = next(in, 256);
    return i < 200 ? i % 10 : odd[i % 6];
}

static void read_rows(struct graph *graph, int at, bool wild, struct reader *in)
{
    struct source *source = &graph->source[at];
    const enum op op = graph->node[at].op;
    const bool live = op == OP_QUEUE || op == OP_QUEUE_PAIRS;
    const int batches = live && graph->nbatch > 0 ? graph->nbatch : 1;
    const int most = op == OP_EMPTY ? 0 : wild ? ROWS_WILD : ROWS_TAME;
    const int keys = 1 + next(in, 40);
    source->row = calloc((size_t)(most * batches) + 1, sizeof *source->row);
    if (!source->row)
        abort();
    for (int b = 0; b < batches; b++) {
        const int n = next(in, most + 1);
        for (int i = 0; i < n; i++)
            source->row[source->n++] =
                (struct rec){ next(in, keys) - keys / 4,
                              next(in, keys) - keys / 4 };
        source->until[b] = source->n;
    }
}

static void read_numbers(struct graph *graph, struct node *node, bool wild,
                         struct reader *in)
{
    const int unit = node->nin > 0 ? graph->node[node->in[0]].every : 1;
    node->a = 1 + next(in, 12);
    node->b = next(in, 12);
    if (wild) {
        node->parts = wild_number(in);
        node->length = wild_number(in);
        node->slide = wild_number(in);
        return;
    }
    node->parts = next(in, 10);
    if (node->parts == 0 &&
        (is_source(node->op) || node->op == OP_REPARTITION ||
         node->op == OP_COALESCE || node->op == OP_REPARTITION_AND_SORT))
        node->parts = 1;
    node->length = unit * (1 + next(in, 4));
    node->slide = unit * (1 + next(in, 3));
}

/* What graph_derive says of nodes that fit, of those that do not as well. */
static void guess_types(struct graph *graph, struct node *node)
{
    const struct op_kind *kind = &op_kinds[node->op];
    const struct node *in = node->nin > 0 ? &graph->node[node->in[0]] : NULL;
    node->type = kind->out != SAME ? (enum type)kind->out
                 : in              ? in->type
                                   : NUMBERS;
    node->live = node->op == OP_QUEUE || node->op == OP_QUEUE_PAIRS;
    node->every = in && in->every > 1 ? in->every : 1;
    for (int i = 0; i < node->nin; i++)
        node->live |= graph->node[node->in[i]].live;
}

/* What a job has once only, or not at all. */
static enum op allowed(const struct graph *graph, enum op op, bool wild)
{
    const bool live = op == OP_QUEUE || op == OP_QUEUE_PAIRS;
    if (graph->nnode == 0 && !is_source(op))
        return graph->nbatch > 0 ? OP_QUEUE_PAIRS : OP_PAIRS;
    for (int i = 0; op == OP_TEXT && i < graph->nnode; i++)
        if (graph->node[i].op == OP_TEXT)
            return OP_ROWS; /* there is one file */
    return live && !wild && graph->nbatch == 0 ? OP_ROWS : op;
}

static void read_node(struct graph *graph, bool wild, struct reader *in)
{
    const int at = graph->nnode;
    struct node *node = &graph->node[at];
    const enum op op = allowed(graph, (enum op)next(in, OPS), wild);
    *node = (struct node){ .op = op, .nin = op_kinds[op].nin };
    for (int i = 0; i < node->nin; i++)
        node->in[i] = at - 1 - next(in, at);
    read_numbers(graph, node, wild, in);
    guess_types(graph, node);
    graph->nnode++;
    if (is_source(op))
        read_rows(graph, at, wild, in);
    if (!wild && !graph_derive(graph)) { /* left out */
        graph->nnode--;
        free(graph->source[at].row);
        graph->source[at] = (struct source){ .n = 0 };
    }
}

/* Nodes that nobody reads, the last first. */
static void choose_outputs(struct graph *graph)
{
    bool read[NODES_MAX] = { false };
    graph->noutput = 0;
    for (int i = 0; i < graph->nnode; i++)
        for (int k = 0; k < graph->node[i].nin; k++)
            read[graph->node[i].in[k]] = true;
    for (int i = graph->nnode; i-- > 0 && graph->noutput < OUTPUTS_MAX;)
        if (!read[i] && (graph->nbatch == 0 || graph->node[i].live))
            graph->output[graph->noutput++] = i;
}

bool graph_of_bytes(struct graph *graph, const unsigned char *bytes, size_t n)
{
    struct reader in = { bytes, bytes + n };
    *graph = (struct graph){ .noutput = 1 }; /* node 0, while it is made */
    const bool wild = next(&in, 4) == 3;
    const int most = wild ? NODES_WILD : NODES_MAX;
    graph->nbatch = next(&in, BATCHES_MAX + 1);
    graph->shuffle_partitions = (int[]){ 0, 1, 3, 16 }[next(&in, 4)];
    graph->cache_bytes = (int64_t[]){ 0, 500, 100000 }[next(&in, 3)];
    graph->damage = next(&in, 2);
    while (in.at < in.end && graph->nnode < most)
        read_node(graph, wild, &in);
    choose_outputs(graph);
    return wild;
}
