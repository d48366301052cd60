/* tests/random/random.c - random graphs of operators over random small data,
 * each compared with a reference and between 1, 2 and 4 threads.
 *
 *   random [--graphs N] [--seed S] [--apart] [--print]
 *
 * Runs N graphs (300), of the seeds S, S + 1 ... (1). The first that fails is
 * made small, printed, and named by its seed. --apart runs each in a process of
 * its own, so that one that crashes or hangs is found and made small as well;
 * --print shows the graphs. As a test it speaks TAP. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random/engine.h"
#include "random/shrink.h"

struct options {
    uint64_t seed;
    long graphs;
    bool apart, print;
};

static int usage(void)
{
    fprintf(stderr,
            "usage: random [--graphs N] [--seed S] [--apart] [--print]\n");
    return 64;
}

static bool options_read(struct options *o, int argc, char **argv)
{
    *o = (struct options){ .seed = 1, .graphs = 300 };
    for (int i = 1; i < argc; i++) {
        const bool more = i + 1 < argc;
        if (strcmp(argv[i], "--graphs") == 0 && more)
            o->graphs = strtol(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && more)
            o->seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--apart") == 0)
            o->apart = true;
        else if (strcmp(argv[i], "--print") == 0)
            o->print = true;
        else
            return false;
    }
    return o->graphs > 0;
}

/* 0: as the reference says. */
static int check(const struct graph *graph, bool apart, char *why, size_t room)
{
    struct reference ref;
    if (apart)
        return run_apart(graph, why, room);
    int rc = reference_make(&ref, graph);
    if (rc == 0)
        rc = engine_check(graph, &ref, why, room);
    reference_fini(&ref);
    return rc;
}

static void report(struct graph *graph, const char *why)
{
    static char small[2000];
    printf("# seed %" PRIu64 ": %s\n# making it small ...\n", graph->seed, why);
    graph_shrink(graph);
    if (run_apart(graph, small, sizeof small) == 1)
        printf("# %s\n", small);
    else
        printf("# what is left fails only sometimes\n");
    graph_print(graph);
}

int main(int argc, char **argv)
{
    static char why[2000];
    struct options o;
    long nodes = 0, live = 0, failed = 0;
    if (!options_read(&o, argc, argv))
        return usage();
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..1\n");
    for (long i = 0; i < o.graphs && failed == 0; i++) {
        struct graph graph;
        graph_draw(&graph, o.seed + (uint64_t)i);
        if (o.print)
            graph_print(&graph);
        nodes += graph.nnode;
        live += graph.nbatch > 0;
        failed =
            graph.noutput > 0 && check(&graph, o.apart, why, sizeof why) != 0;
        if (failed)
            report(&graph, why);
        graph_fini(&graph);
    }
    printf("%sok 1 - random_graphs_give_what_the_reference_gives\n",
           failed ? "not " : "");
    printf("# %ld graphs from seed %" PRIu64 " on, %ld of them streams, %ld "
           "operators\n",
           o.graphs, o.seed, live, nodes);
    return failed != 0;
}
