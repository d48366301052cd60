/* cli/cmd_replay.c - runs a job as rivulet run does, and gives it the dead
 * letters of its state directory again. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "say.h"

static bool asks_help(int argc, char **argv)
{
    return argc > 1 &&
           (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}

static int one_is_enough(void *arg, const riv_letter *letter)
{
    (void)arg;
    (void)letter;
    return 1;
}

/* Where no job has run there is nothing to give again: a name that was mistyped
 * would begin a new state directory, and take all input a second time. */
static int look_into(const char *dir)
{
    riv *r = riv_new(RIV_CONFIG(.checkpoint = dir));
    const int rc = riv_letters(r, one_is_enough, NULL);
    const int code = rc < 0 ? say(say_status(rc), "%s", riv_errmsg(r)) : 0;
    riv_free(r);
    return code;
}

/* "replay DIR JOB ..." is "run --state DIR -c letters.replay=yes JOB ...". */
static int replay_run(int argc, char **argv)
{
    char run[] = "run", state[] = "--state", c[] = "-c",
         setting[] = "letters.replay=yes";
    if (asks_help(argc, argv))
        return cmd_usage(&cmd_replay);
    if (argc < 3 || argv[1][0] == '-')
        return say(EXIT_USAGE,
                   "replay needs a state directory and a job; usage: "
                   "rivulet replay %s",
                   cmd_replay.args);
    const int refused = look_into(argv[1]);
    if (refused)
        return refused;
    char *const head[] = { run, state, argv[1], c, setting };
    enum { HEAD = sizeof head / sizeof *head };
    const int n = HEAD + argc - 2;
    char **args = calloc((size_t)n + 1, sizeof *args);
    if (!args)
        return say(EXIT_SYSTEM, "no memory for %d arguments", n);
    memcpy(args, head, sizeof head);
    memcpy(args + HEAD, argv + 2, (size_t)(argc - 2) * sizeof *args);
    const int code = cmd_run.run(n, args);
    free(args);
    return code;
}

const struct cmd cmd_replay = {
    .name = "replay",
    .args = "DIR [OPTIONS] JOB.c|JOB.so [ARGS]",
    .line = "runs a job, and gives it again what its functions had refused",
    .help =
        "Runs a job over its state directory as rivulet run does. Lines that "
        "its\n"
        "functions refused (RIV_DEAD_LETTER) come in front of what its inputs "
        "have for\n"
        "the first batch, and leave the directory with that batch: each is "
        "taken once.\n"
        "What is refused again is a letter again. Lines that go to several "
        "operators, of\n"
        "which one refused a record, stay: rivulet letters shows them.\n"
        "\n"
        "Exit code 66: no job has run on that directory.\n"
        "\n"
        "Example:\n"
        "  rivulet replay state fraud.c tail:transactions.csv",
    .run = replay_run,
};
