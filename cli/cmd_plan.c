/* cli/cmd_plan.c - prints the graph of a job and its stages. */
#include <stdio.h>

#include "args.h"
#include "cmd.h"
#include "graph.h"

static void print(void *arg, const char *text, size_t n)
{
    (void)arg;
    fwrite(text, 1, n, stdout); /* main.c looks whether it arrived */
}

static int describe(riv *r, void *arg)
{
    const struct args *args = arg;
    return riv_describe(r, args->flag ? RIV_PLAN_DOT : RIV_PLAN_TEXT, print,
                        NULL);
}

static int plan_run(int argc, char **argv)
{
    struct args args;
    int code = 0;
    if (args_take(&cmd_plan, argc, argv, "--dot", &args, &code) < 0)
        return code;
    return graph_look(args.argc, args.argv, describe, &args);
}

const struct cmd cmd_plan = {
    .name = "plan",
    .args = "[--dot] [OPTIONS] JOB.c|JOB.so [ARGS]",
    .line = "prints the graph of a job and its stages; runs nothing",
    .help = "Prints the graph and its stages as text, with --dot for Graphviz. "
            "Options are\n"
            "those of rivulet run.\n"
            "\n"
            "Examples:\n"
            "  rivulet plan examples/wordcount.c\n"
            "  rivulet plan --dot examples/wordcount.c | dot -Tsvg > plan.svg",
    .run = plan_run,
};
