/* cli/cmd_check.c - builds the graph of a job and reports what is wrong; with a
 * state directory also what a start would make of it. */
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

static void print(void *arg, const char *text, size_t n)
{
    (void)arg;
    fwrite(text, 1, n, stdout); /* main.c looks whether it arrived */
}

/* Describing makes the library plan the stages: mistakes that show only there
 * are found. */
static int look(riv *r, void *name)
{
    char state[2] = "";
    int rc = riv_describe(r, RIV_PLAN_TEXT, nowhere, NULL);
    if (rc != RIV_OK)
        return rc;
    printf("%s: the graph is sound\n", (const char *)name);
    if (riv_get(r, "state.dir", state, sizeof state) != RIV_OK || !*state)
        return RIV_OK;
    rc = riv_check_state(r, print, NULL);
    printf(rc == RIV_OK ? "a start goes on with it\n"
                        : "a start would be refused\n");
    return rc;
}

static int check_run(int argc, char **argv)
{
    struct args args;
    int code = EXIT_FINE;
    if (args_take(&cmd_check, argc, argv, NULL, &args, &code) < 0)
        return code;
    return graph_look(args.argc, args.argv, look, args.argv[0]);
}

const struct cmd cmd_check = {
    .name = "check",
    .args = "[OPTIONS] JOB.c|JOB.so [ARGS]",
    .line = "builds the graph of a job and says what is wrong; runs nothing",
    .help =
        "Compiles and loads the job, builds its graph and plans its stages, "
        "but opens no\n"
        "input and writes nothing. With a state directory it also says what a "
        "start\n"
        "would make of what is there: which state is kept, converted, new or "
        "refused.\n"
        "Options are those of rivulet run.\n"
        "\n"
        "  --state DIR       the state directory; it is only read\n"
        "\n"
        "Exit code 0: the graph is sound, and a start goes on; 78: it is not; "
        "65: a\n"
        "start would be refused; 66: the directory's name is a link that leads "
        "nowhere;\n"
        "73: a job is running on that directory.\n"
        "\n"
        "Example:\n"
        "  rivulet check examples/wordcount.c",
    .run = check_run,
};
