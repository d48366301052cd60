/* cli/cmd_status.c - what a running job does, and why there is no output. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ask.h"
#include "cmd.h"
#include "say.h"
#include "term.h"

enum { TOKEN_MAX = 512 };

struct args {
    bool json;
    const char *target, *token_file;
};

/* -------------------------------------------------------------- printing it */

static const struct {
    char mark;
    const char *colour;
} colours[] = {
    { 'T', "\033[1m" },  { '+', "\033[32m" }, { '-', "\033[31m" },
    { '~', "\033[33m" }, { 'D', "\033[2m" },
};

static const char *colour_of(char mark)
{
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
        if (colours[i].mark == mark)
            return colours[i].colour;
    return "";
}

/* The answer may come from anywhere: nothing in it steers the terminal. */
static void print_line(const char *p, size_t n, bool has_colour)
{
    const char *colour = has_colour ? colour_of(p[0]) : "";
    fputs(colour, stdout);
    for (size_t i = 1; i < n; i++)
        putchar((unsigned char)p[i] < 0x20 || p[i] == 0x7f ? '?' : p[i]);
    fputs(*colour ? "\033[0m\n" : "\n", stdout);
}

static void print_answer(const struct answer *answer, bool json)
{
    const bool has_colour = term_has_colour();
    const char *p = answer->p, *end = p + answer->n;
    if (json)
        fwrite(p, 1, answer->n, stdout);
    while (!json && p < end) {
        const char *line = memchr(p, '\n', (size_t)(end - p));
        const size_t n = (size_t)((line ? line : end) - p);
        if (n > 0)
            print_line(p, n, has_colour);
        p += n + 1;
    }
}

/* ------------------------------------------------------------ who is asked */

static void print_text(void *arg, const char *text, size_t n)
{
    (void)arg;
    fwrite(text, 1, n, stdout);
}

/* The journal says what the last run has left. */
static int tell_journal(const char *dir, bool json)
{
    riv *r = riv_new(NULL);
    int code = EXIT_UNAVAIL;
    riv_set(r, "state.dir", dir);
    int rc = riv_error(r);
    if (json)
        printf("{\"cause\":\"not running\",\"well\":false}\n");
    else
        printf("No job runs on %s. What the last run has left there:\n", dir);
    if (rc == RIV_OK && !json)
        rc = riv_inspect_state(r, NULL, print_text, NULL);
    if (rc == RIV_EBUSY)
        code = say(EXIT_BUSY,
                   "a job runs on %s, but has no socket there: its file system "
                   "may not have any; run it with -c http.listen=:PORT and ask "
                   "that address",
                   dir);
    else if (rc != RIV_OK)
        code = say(say_status(rc), "%s", riv_errmsg(r));
    riv_free(r);
    return code;
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

static int ask(const struct args *args)
{
    struct answer answer = { NULL, 0 };
    char token[TOKEN_MAX];
    int code = token_read(args->token_file, token);
    if (code != EXIT_FINE)
        return code;
    if (is_folder(args->target))
        code = ask_folder(args->target, args->json, &answer);
    else if (strchr(args->target, ':'))
        code = ask_address(args->target, args->json, *token ? token : NULL,
                           &answer);
    else
        return say(EXIT_NOINPUT,
                   "%s: there is no such state directory; an address is "
                   "HOST:PORT, or :PORT on this machine",
                   args->target);
    if (code == -1)
        return tell_journal(args->target, args->json);
    if (code == EXIT_FINE)
        print_answer(&answer, args->json);
    free(answer.p);
    return code;
}

/* ---------------------------------------------------------------- arguments */

static int arg_read(struct args *args, int argc, char **argv, int *i)
{
    const char *arg = argv[*i];
    if (strcmp(arg, "--json") == 0) {
        args->json = true;
    } else if (strcmp(arg, "--token-file") == 0 && *i + 1 < argc) {
        args->token_file = argv[++*i];
    } else if (strcmp(arg, "--state") == 0 && *i + 1 < argc) {
        args->target = argv[++*i];
    } else if (arg[0] == '-') {
        return say(
            EXIT_USAGE,
            "unknown option %s; \"rivulet help status\" says what status "
            "takes",
            arg);
    } else if (args->target) {
        return say(EXIT_USAGE, "usage: rivulet status %s", cmd_status.args);
    } else {
        args->target = arg;
    }
    return EXIT_FINE;
}

/* Where the environment says that jobs keep their state, or listen. */
static const char *target_of_environment(void)
{
    const char *dir = getenv("RIVULET_STATE_DIR");
    return dir && *dir ? dir : getenv("RIVULET_HTTP_LISTEN");
}

static int status_run(int argc, char **argv)
{
    struct args args = { .json = false };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return cmd_usage(&cmd_status);
        const int code = arg_read(&args, argc, argv, &i);
        if (code != EXIT_FINE)
            return code;
    }
    if (!args.target)
        args.target = target_of_environment();
    if (!args.target || !*args.target)
        return say(EXIT_USAGE,
                   "which job? Give its state directory (--state of rivulet "
                   "run), or the address of its http.listen");
    return ask(&args);
}

const struct cmd cmd_status = {
    .name = "status",
    .args = "[--json] [--token-file FILE] [STATE-DIR | ADDRESS]",
    .line = "says what a running job does, and why there is no output",
    .help =
        "Says what a running job does, and if nothing comes out why, and where: "
        "an\n"
        "input that is away or has nothing, a batch that hangs and in which "
        "function, a\n"
        "limit of rate, memory or disk, an output that fails. Below that "
        "batches, rates,\n"
        "delays, each input with how far it is behind (by partition, where it "
        "knows),\n"
        "outputs, and the last warnings.\n"
        "\n"
        "A job with a state directory is asked there, without a port; one "
        "without at the\n"
        "ADDRESS (HOST:PORT) of its setting http.listen. Without an argument "
        "the\n"
        "environment says where: RIVULET_STATE_DIR, RIVULET_HTTP_LISTEN. If no "
        "job runs,\n"
        "what the last one has left in its journal is shown.\n"
        "\n"
        "  --json             an object for programs\n"
        "  --token-file FILE  the file that the job has as http.token_file\n"
        "\n"
        "Exit code 69: no job runs there, or it does not answer; 66: there is "
        "no such\n"
        "directory.\n"
        "\n"
        "Examples:\n"
        "  rivulet status /var/lib/job\n"
        "  rivulet status --json localhost:8080",
    .run = status_run,
};
