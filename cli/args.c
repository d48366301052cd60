/* cli/args.c - finds the job among the arguments. Must know which of the
 * engine's options have a value behind them; what they mean is the library's
 * business (riv_cli_options). */
#include "args.h"

#include <string.h>

#include "cmd.h"
#include "say.h"

static const char *const with_value[] = { "-c",      "--config",  "--interval",
                                          "--state", "--threads", NULL };

static bool is_option(const char *arg)
{
    return arg[0] == '-' && arg[1] != '\0';
}

/* The number of arguments an option of the engine takes up, 0: it is none.
 * "--interval=1s" is one. */
static int width(const char *arg)
{
    for (const char *const *each = with_value; *each; each++) {
        size_t n = strlen(*each);
        if (strncmp(arg, *each, n) != 0)
            continue;
        if (arg[n] == '\0')
            return 2;
        if (arg[n] == '=' && arg[1] == '-')
            return 1;
    }
    return 0;
}

static int unknown_option(const struct cmd *cmd, const char *arg,
                          const char *own)
{
    const char *words[] = { "--config", "--interval", "--state", "--threads",
                            "--help",   own,          NULL };
    const char *near = say_nearest(arg, words);
    if (near)
        return say(EXIT_USAGE, "unknown option %s; did you mean %s?", arg,
                   near);
    return say(EXIT_USAGE, "unknown option %s; see rivulet help %s", arg,
               cmd->name);
}

/* Takes argument i out. */
static void drop(int *argc, char **argv, int i)
{
    memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i) * sizeof argv[0]);
    (*argc)--;
}

/* Takes the command's own flag out wherever it stands before "--". */
static bool take_own(int *argc, char **argv, const char *own)
{
    bool found = false;
    for (int i = 1; own && i < *argc && strcmp(argv[i], "--") != 0;) {
        if (strcmp(argv[i], own) != 0) {
            i++;
            continue;
        }
        drop(argc, argv, i);
        found = true;
    }
    return found;
}

static bool is_help(const char *arg)
{
    return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

/* The index of the job: the first argument that is neither an option nor the
 * value of one, or what follows "--", which stays for the library. -1: there is
 * none, or *ret_exit says why it does not matter. */
static int find_job(const struct cmd *cmd, int argc, char **argv,
                    const char *own, int *ret_exit)
{
    int i = 1;
    while (i < argc && is_option(argv[i])) {
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        if (is_help(argv[i]))
            return *ret_exit = cmd_usage(cmd), -1;
        if (width(argv[i]) == 0)
            return *ret_exit = unknown_option(cmd, argv[i], own), -1;
        if (i + width(argv[i]) > argc)
            return *ret_exit = say(EXIT_USAGE, "the value is missing behind %s",
                                   argv[i]),
                   -1;
        i += width(argv[i]);
    }
    if (i < argc)
        return i;
    *ret_exit =
        say(EXIT_USAGE, "%s needs %s; usage: rivulet %s %s", cmd->name,
            cmd->subject ? cmd->subject : "a job", cmd->name, cmd->args);
    return -1;
}

int args_take(const struct cmd *cmd, int argc, char **argv, const char *own,
              struct args *ret, int *ret_exit)
{
    bool flag = take_own(&argc, argv, own);
    int at = find_job(cmd, argc, argv, own, ret_exit);
    if (at < 0)
        return -1;
    char *job = argv[at];
    drop(&argc, argv, at);
    argv[0] = job;
    *ret = (struct args){ .argc = argc, .argv = argv, .flag = flag };
    return 0;
}
