/* cli/target.c - a state directory, an address, or what the environment says. */
#include "target.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

enum { TOKEN_MAX = 512 };

/* What stands behind the option at argv[*i]; 0, or the exit code. */
static int value_read(const char **to, int argc, char **argv, int *i)
{
    if (*i + 1 >= argc)
        return say(EXIT_USAGE, "a value is missing behind %s", argv[*i]);
    *to = argv[++*i];
    return EXIT_FINE;
}

static int arg_read(struct target *target, const struct cmd *cmd, int argc,
                    char **argv, int *i)
{
    const char *arg = argv[*i];
    if (strcmp(arg, "--json") == 0 && target->wants_json) {
        target->json = true;
    } else if (strcmp(arg, "--token-file") == 0) {
        return value_read(&target->token_file, argc, argv, i);
    } else if (strcmp(arg, "--state") == 0) {
        return value_read(&target->job, argc, argv, i);
    } else if (arg[0] == '-') {
        return say(EXIT_USAGE,
                   "unknown option %s; \"rivulet help %s\" says what %s takes",
                   arg, cmd->name, cmd->name);
    } else if (target->job) {
        return say(EXIT_USAGE, "usage: rivulet %s %s", cmd->name, cmd->args);
    } else {
        target->job = arg;
    }
    return EXIT_FINE;
}

const char *target_of_environment(void)
{
    const char *dir = getenv("RIVULET_STATE_DIR");
    return dir && *dir ? dir : getenv("RIVULET_HTTP_LISTEN");
}

int target_read(struct target *target, const struct cmd *cmd, int argc,
                char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return cmd_usage(cmd), -1;
        const int code = arg_read(target, cmd, argc, argv, &i);
        if (code != EXIT_FINE)
            return code;
    }
    if (!target->job)
        target->job = target_of_environment();
    if (!target->job || !*target->job)
        return say(EXIT_USAGE,
                   "which job? Give its state directory (--state of rivulet "
                   "run), or the address of its http.listen");
    return EXIT_FINE;
}

static int token_read(const char *path, char token[TOKEN_MAX])
{
    FILE *file = path ? fopen(path, "re") : NULL;
    token[0] = '\0';
    if (!path)
        return EXIT_FINE;
    if (!file)
        return say_errno(errno, "read", path);
    if (!fgets(token, TOKEN_MAX, file))
        token[0] = '\0';
    fclose(file);
    token[strcspn(token, "\r\n")] = '\0';
    return *token ? EXIT_FINE : say(EXIT_USAGE, "%s has no token in it", path);
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A link that leads nowhere is shown with where it leads. */
static int no_folder(const char *path)
{
    char own[PATH_MAX], to[PATH_MAX];
    snprintf(own, sizeof own, "%s", path);
    for (size_t n = strlen(own); n > 1 && own[n - 1] == '/';)
        own[--n] = '\0';
    const ssize_t n = readlink(own, to, sizeof to - 1);
    if (n < 0)
        return say(EXIT_NOINPUT,
                   "%s: there is no such state directory; an address is "
                   "HOST:PORT, or :PORT on this machine",
                   path);
    to[n] = '\0';
    return say(EXIT_NOINPUT,
               "%s is a symbolic link to %s, which is not there; make that "
               "folder, or let the link lead to where the state directory is",
               own, to);
}

int target_ask(const struct target *target, const struct question *question,
               struct answer *ret)
{
    char token[TOKEN_MAX];
    const int code = token_read(target->token_file, token);
    if (code != EXIT_FINE)
        return code;
    if (is_folder(target->job))
        return ask_folder(target->job, question, ret);
    if (strchr(target->job, ':'))
        return ask_address(target->job, question, *token ? token : NULL, ret);
    return no_folder(target->job);
}

int target_status(const struct target *target, struct answer *ret)
{
    static const struct question lines = { "lines\n",
                                           "/api/status?form=lines" },
                                 json = { "json\n", "/api/status?form=json" };
    return target_ask(target, target->json ? &json : &lines, ret);
}
