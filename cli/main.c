/* cli/main.c - the command `rivulet`: finds the subcommand and runs it. Knows
 * the library by include/rivulet.h only, like any program. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "say.h"

const struct cmd *const cmd_all[] = {
    &cmd_run,    &cmd_pipe,    &cmd_check,    &cmd_plan,
    &cmd_status, &cmd_top,     &cmd_tap,      &cmd_inspect,
    &cmd_fsck,   &cmd_letters, &cmd_replay,   &cmd_demo,
    &cmd_help,   &cmd_version, &cmd_features, NULL,
};

enum { COMMANDS = sizeof cmd_all / sizeof cmd_all[0] };

const struct cmd *cmd_find(const char *name)
{
    for (const struct cmd *const *cmd = cmd_all; *cmd; cmd++) {
        if (strcmp((*cmd)->name, name) == 0)
            return *cmd;
    }
    return NULL;
}

/* Options of the command itself: "--version" is `rivulet version`. */
static const struct {
    const char *option, *name;
} spellings[] = {
    { "--help", "help" },
    { "-h", "help" },
    { "--version", "version" },
    { "--features", "features" },
};

static const char *plain_name(const char *arg)
{
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        if (strcmp(arg, spellings[i].option) == 0)
            return spellings[i].name;
    }
    return arg;
}

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

static int unknown_command(const char *name)
{
    const char *names[COMMANDS + 3] = { "--help", "--version", "--features" };
    size_t n = 3;
    for (const struct cmd *const *cmd = cmd_all; *cmd; cmd++)
        names[n++] = (*cmd)->name;
    const char *near = say_nearest(name, names);
    if (ends_in(name, ".c") || ends_in(name, ".so"))
        return say(EXIT_USAGE,
                   "%s is a job, not a command; did you mean "
                   "\"rivulet run %s\"?",
                   name, name);
    if (near)
        return say(EXIT_USAGE, "unknown command \"%s\"; did you mean \"%s\"?",
                   name, near);
    return say(EXIT_USAGE,
               "unknown command \"%s\"; \"rivulet help\" lists them", name);
}

/* What was printed must have arrived: a full disk is no success. */
static int finish(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    return code != EXIT_FINE ? code
                             : say(EXIT_IO, "cannot write to standard output");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        say(EXIT_USAGE, "no command; \"rivulet help\" lists them, "
                        "\"rivulet demo\" shows what it is");
        return EXIT_USAGE;
    }
    const struct cmd *cmd = cmd_find(plain_name(argv[1]));
    if (!cmd)
        return unknown_command(argv[1]);
    return finish(cmd->run(argc - 1, argv + 1));
}
