/* tests/random/fuzz.c - bytes as graphs, each compared with the reference; wild
 * ones need only be refused in words, or run. With libFuzzer (./dev fuzz) it
 * looks for bytes that fail; without, it runs the files it is given, which are
 * those that failed once and a few of every kind. */
#include <stdio.h>
#include <stdlib.h>

#include "random/bytes.h"
#include "random/engine.h"

/* 0: as it must be. */
static int try_bytes(const unsigned char *bytes, size_t n, char *why,
                     size_t room)
{
    struct graph graph;
    struct reference ref = { .graph = &graph };
    int rc = 0;
    if (graph_of_bytes(&graph, bytes, n))
        rc = engine_refuse(&graph, why, room);
    else if (graph.noutput > 0 && reference_make(&ref, &graph) == 0)
        rc = engine_check(&graph, &ref, why, room);
    if (rc < 0)
        graph_print(&graph);
    reference_fini(&ref);
    graph_fini(&graph);
    return rc;
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    char why[2000] = "";
    if (try_bytes(bytes, n, why, sizeof why) < 0) {
        printf("# %s\n", why);
        fflush(stdout);
        abort();
    }
    return 0;
}

#ifndef RIV_FUZZER
int main(int argc, char **argv)
{
    static unsigned char bytes[1 << 16];
    char why[2000] = "";
    int failed = 0;
    printf("1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "r");
        const size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
        const int rc = f ? try_bytes(bytes, n, why, sizeof why) : -1;
        if (f)
            fclose(f);
        printf("%sok %d - %s\n", rc < 0 ? "not " : "", i, argv[i]);
        if (rc < 0)
            printf("# %s\n", f ? why : "cannot be read");
        failed += rc < 0;
    }
    return failed > 0 || argc == 1;
}
#endif
