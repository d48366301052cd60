/* cli/cmd_check.c - builds the graph of a job and reports what is wrong. */
#include <stdio.h>

#include "args.h"
#include "cmd.h"
#include "graph.h"
#include "say.h"

static void nowhere(void *arg, const char *text, size_t n)
{
    (void)arg;
    (void)text;
    (void)n;
}

static int check_run(int argc, char **argv)
{
    struct args args;
    int code = EXIT_FINE;
    if (args_take(&cmd_check, argc, argv, NULL, &args, &code) < 0)
        return code;
    code = graph_describe(args.argc, args.argv, RIV_PLAN_TEXT, nowhere, NULL);
    if (code == EXIT_FINE)
        printf("%s: the graph is sound\n", args.argv[0]);
    return code;
}

const struct cmd cmd_check = {
    .name = "check",
    .args = "[OPTIONS] JOB.c|JOB.so [ARGS]",
    .line = "builds the graph of a job and says what is wrong; runs nothing",
    .help =
        "Compiles and loads the job, builds its graph and plans its stages, "
        "but opens no\n"
        "input and writes nothing. Options are those of rivulet run.\n"
        "Exit code 0: the graph is sound; 78: it is not.\n"
        "\n"
        "Example:\n"
        "  rivulet check examples/wordcount.c",
    .run = check_run,
};
