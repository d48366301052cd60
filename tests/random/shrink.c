/* tests/random/shrink.c - tries smaller graphs, each in a child process, since
 * some crash, and keeps those that still fail: single outputs, nodes bypassed,
 * rows and batches halved, parameters set to the plainest. */
#include "random/shrink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random/engine.h"

enum { SECONDS_MAX = 60, TRIES_MAX = 3000 };

static int check(const struct graph *graph, char *why, size_t room)
{
    struct reference ref;
    int rc = reference_make(&ref, graph);
    if (rc == 0)
        rc = engine_check(graph, &ref, why, room) < 0 ? 1 : 0;
    reference_fini(&ref);
    return rc;
}

/* How the child ends; what check says of itself is said with the first three. */
enum { CHILD_FINE, CHILD_WRONG, CHILD_TOO_LARGE, CHILD_MUTE };

/* The child: the words go into the pipe, and the result is how it ends. */
static void run_child(const struct graph *graph, char *why, size_t room, int to)
{
    alarm(SECONDS_MAX);
    why[0] = '\0';
    const int rc = check(graph, why, room);
    if (write(to, why, strlen(why) + 1) < 0)
        _exit(CHILD_MUTE);
    _exit(rc < 0 ? CHILD_TOO_LARGE : rc);
}

static void read_words(int from, char *why, size_t room)
{
    size_t n = 0;
    for (ssize_t got; n < room && (got = read(from, why + n, room - n)) > 0;)
        n += (size_t)got;
    if (n == 0)
        why[0] = '\0';
}

/* What came of a child that ended so; in words, when it could not say it. */
static int verdict(int status, char *why, size_t room)
{
    if (WIFSIGNALED(status)) {
        snprintf(why, room, "ended by signal %d", WTERMSIG(status));
        return 1;
    }
    switch (WEXITSTATUS(status)) {
    case CHILD_FINE: return 0;
    case CHILD_WRONG: return 1;
    case CHILD_TOO_LARGE: return -1;
    default:
        snprintf(why, room, "ended with %d", WEXITSTATUS(status));
        return 1;
    }
}

int run_apart(const struct graph *graph, char *why, size_t room)
{
    int ends[2], status = 0;
    fflush(stdout);
    if (pipe(ends) < 0)
        abort();
    const pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        run_child(graph, why, room, ends[1]);
    }
    close(ends[1]);
    read_words(ends[0], why, room);
    close(ends[0]);
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        abort();
    return verdict(status, why, room);
}

/* ------------------------------------------------------------- smaller graphs */

/* A way to change a graph; false: nothing to change there. */
typedef bool change_fn(struct graph *graph, int at, int way);

static int tries;

/* Keeps the changed graph when it fails, too. */
static bool try_change(struct graph *graph, change_fn *change, int at, int way)
{
    struct graph smaller;
    static char why[2000];
    bool kept = false;
    if (tries >= TRIES_MAX || graph_copy(&smaller, graph) < 0)
        return false;
    if (change(&smaller, at, way) && graph_derive(&smaller)) {
        tries++;
        kept = run_apart(&smaller, why, sizeof why) == 1;
    }
    if (kept) {
        struct graph old = *graph;
        *graph = smaller;
        smaller = old;
    }
    graph_fini(&smaller);
    return kept;
}

static bool only_output(struct graph *graph, int at, int way)
{
    (void)way;
    if (graph->noutput == 1)
        return false;
    graph->output[0] = graph->output[at];
    graph->noutput = 1;
    return true;
}

static bool other_output(struct graph *graph, int at, int way)
{
    (void)way;
    if (graph->noutput > 1 || at >= graph->output[0])
        return false;
    graph->output[0] = at;
    return true;
}

/* Whoever reads the node reads one of its inputs instead. */
static bool bypass(struct graph *graph, int at, int way)
{
    const struct node *node = &graph->node[at];
    if (way >= node->nin)
        return false;
    const int in = node->in[way];
    for (int i = at + 1; i < graph->nnode; i++)
        for (int k = 0; k < graph->node[i].nin; k++)
            if (graph->node[i].in[k] == at)
                graph->node[i].in[k] = in;
    for (int i = 0; i < graph->noutput; i++)
        if (graph->output[i] == at)
            graph->output[i] = in;
    return true;
}

/* Nodes that no output needs are left out. */
static bool drop_unread(struct graph *graph, int at, int way)
{
    bool read[NODES_MAX] = { false };
    int to[NODES_MAX], n = 0;
    (void)at, (void)way;
    for (int i = 0; i < graph->noutput; i++)
        read[graph->output[i]] = true;
    for (int i = graph->nnode; i-- > 0;)
        for (int k = 0; read[i] && k < graph->node[i].nin; k++)
            read[graph->node[i].in[k]] = true;
    for (int i = 0; i < graph->nnode; i++) {
        if (!read[i]) {
            free(graph->source[i].row);
            graph->source[i].row = NULL;
            continue;
        }
        to[i] = n;
        graph->node[n] = graph->node[i];
        const struct source source = graph->source[i];
        graph->source[i].row = NULL;
        graph->source[n] = source;
        for (int k = 0; k < graph->node[n].nin; k++)
            graph->node[n].in[k] = to[graph->node[n].in[k]];
        n++;
    }
    const bool smaller = n < graph->nnode;
    graph->nnode = n;
    for (int i = 0; i < graph->noutput; i++)
        graph->output[i] = to[graph->output[i]];
    return smaller;
}

static bool fewer_batches(struct graph *graph, int at, int way)
{
    (void)at, (void)way;
    return graph->nbatch > 1 && --graph->nbatch > 0;
}

/* Leaves piece `way` of PIECES of a source's rows out, then single rows. */
enum { PIECES = 4, SINGLES = 40 };

static bool fewer_rows(struct graph *graph, int at, int way)
{
    struct source *source = &graph->source[at];
    if (!source->row || source->n == 0)
        return false;
    size_t from = (size_t)way, n = 1;
    if (way < PIECES) {
        from = (size_t)way * source->n / PIECES;
        n = (size_t)(way + 1) * source->n / PIECES - from;
    } else {
        from = (size_t)(way - PIECES);
    }
    if (n == 0 || from + n > source->n)
        return false;
    memmove(source->row + from, source->row + from + n,
            (source->n - from - n) * sizeof *source->row);
    source->n -= n;
    for (int b = 0; b < BATCHES_MAX; b++) {
        size_t *until = &source->until[b];
        *until -= *until > from ? (*until - from < n ? *until - from : n) : 0;
    }
    return true;
}

static bool plain_values(struct graph *graph, int at, int way)
{
    struct source *source = &graph->source[at];
    (void)way;
    for (size_t i = 0; i < source->n; i++)
        source->row[i].v = (int64_t)i;
    return source->n > 0;
}

static bool plain_node(struct graph *graph, int at, int way)
{
    struct node *node = &graph->node[at];
    const struct node was = *node;
    switch (way) {
    case 0: node->parts = node->parts > 1 ? 1 : node->parts; break;
    case 1: node->parts = node->parts > 2 ? 2 : node->parts; break;
    case 2: node->length = node->length > 1 ? 1 : node->length; break;
    case 3: node->slide = node->slide > 1 ? 1 : node->slide; break;
    default: return false;
    }
    return memcmp(&was, node, sizeof was) != 0;
}

static bool plain_settings(struct graph *graph, int at, int way)
{
    (void)at;
    if (way == 0 && graph->shuffle_partitions != 0) {
        graph->shuffle_partitions = 0;
        return true;
    }
    if (way == 1 && graph->cache_bytes != 100000) {
        graph->cache_bytes = 100000;
        return true;
    }
    if (way == 2 && graph->faults > 0) {
        graph->faults--;
        return true;
    }
    if (way == 3 && graph->damage) {
        graph->damage = false;
        return true;
    }
    return false;
}

static const struct {
    change_fn *change;
    int ways;
} changes[] = {
    { only_output, 1 },   { other_output, 1 },
    { drop_unread, 1 },   { bypass, INPUTS_MAX },
    { fewer_batches, 1 }, { fewer_rows, PIECES + SINGLES },
    { plain_node, 4 },    { plain_settings, 4 },
    { plain_values, 1 },
};

void graph_shrink(struct graph *graph)
{
    enum { CHANGES = sizeof changes / sizeof changes[0] };
    bool smaller = true;
    tries = 0;
    while (smaller && tries < TRIES_MAX) {
        smaller = false;
        for (size_t c = 0; c < CHANGES; c++) {
            const bool outputs = changes[c].change == only_output;
            for (int at = 0; at < (outputs ? graph->noutput : graph->nnode);
                 at++)
                for (int way = 0; way < changes[c].ways; way++)
                    if (try_change(graph, changes[c].change, at, way))
                        smaller |= changes[c].change != plain_values;
        }
    }
}
