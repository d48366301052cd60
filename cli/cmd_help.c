/* cli/cmd_help.c - help, version, features: what the command says about
 * itself. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "say.h"

int cmd_usage(const struct cmd *cmd)
{
    printf("usage: rivulet %s%s%s\n\n%s\n", cmd->name, *cmd->args ? " " : "",
           cmd->args, cmd->help);
    return EXIT_FINE;
}

static int list(void)
{
    printf("usage: rivulet COMMAND ...\n\n"
           "Batch and micro-batch streaming jobs in C.\n\n");
    for (const struct cmd *const *cmd = cmd_all; *cmd; cmd++)
        printf("  %-9s %s\n", (*cmd)->name, (*cmd)->line);
    printf("\nrivulet help COMMAND says more; rivulet help settings lists all "
           "settings.\n");
    return EXIT_FINE;
}

static int no_job(riv *r, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return riv_invalid(r, "no job");
}

/* The library prints its options and settings for every job; here for none. */
static int settings(void)
{
    char job[] = "JOB", help[] = "--help";
    char *argv[] = { job, help, NULL };
    return riv_cli_main(2, argv, no_job);
}

static int help_run(int argc, char **argv)
{
    if (argc < 2)
        return list();
    if (argc > 2)
        return say(EXIT_USAGE, "help takes one name, and got \"%s\" as well",
                   argv[2]);
    if (strcmp(argv[1], "settings") == 0)
        return settings();
    const struct cmd *cmd = cmd_find(argv[1]);
    if (cmd)
        return cmd_usage(cmd);
    return say(EXIT_USAGE,
               "no help on \"%s\"; \"rivulet help\" lists the "
               "commands",
               argv[1]);
}

/* Of a command without arguments: whether all is said and done, with
 * *ret_exit. */
static bool has_arguments(const struct cmd *cmd, int argc, char **argv,
                          int *ret_exit)
{
    if (argc < 2)
        return false;
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        *ret_exit = cmd_usage(cmd);
    else
        *ret_exit = say(EXIT_USAGE, "%s takes no arguments, and got \"%s\"",
                        cmd->name, argv[1]);
    return true;
}

static int version_run(int argc, char **argv)
{
    int code = EXIT_FINE;
    if (has_arguments(&cmd_version, argc, argv, &code))
        return code;
    unsigned v = riv_version();
    printf("rivulet %u.%u.%u\n", v / 10000, v / 100 % 100, v % 100);
    return EXIT_FINE;
}

static int features_run(int argc, char **argv)
{
    int code = EXIT_FINE;
    if (has_arguments(&cmd_features, argc, argv, &code))
        return code;
    printf("%s\n", riv_features());
    return EXIT_FINE;
}

const struct cmd cmd_help = {
    .name = "help",
    .args = "[COMMAND|settings]",
    .line = "explains a command, or lists all settings",
    .help = "Lists the commands, explains one of them, or lists all settings.",
    .run = help_run,
};

const struct cmd cmd_version = {
    .name = "version",
    .args = "",
    .line = "prints the version",
    .help = "Prints the version of the library, in one line.",
    .run = version_run,
};

const struct cmd cmd_features = {
    .name = "features",
    .args = "",
    .line = "prints what this build has",
    .help = "Prints what this build has, in one line.",
    .run = features_run,
};
