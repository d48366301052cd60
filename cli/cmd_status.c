/* cli/cmd_status.c - what a running job does, and why there is no output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "say.h"
#include "target.h"
#include "term.h"

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
static void print_line(riv_str line, bool has_colour)
{
    const char *colour = has_colour ? colour_of(line.p[0]) : "";
    fputs(colour, stdout);
    say_put(stdout, (riv_str){ line.p + 1, line.n - 1 });
    fputs(*colour ? "\033[0m\n" : "\n", stdout);
}

static void print_answer(const struct answer *answer, bool json)
{
    const bool has_colour = term_has_colour();
    riv_str rest = { answer->p, answer->n }, line;
    if (json)
        fwrite(rest.p, 1, rest.n, stdout);
    while (!json && riv_cut(&rest, '\n', &line)) {
        if (line.n > 0)
            print_line(line, has_colour);
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

static int status_run(int argc, char **argv)
{
    struct target target = { .wants_json = true };
    struct answer answer = { NULL, 0 };
    int code = target_read(&target, &cmd_status, argc, argv);
    if (code != EXIT_FINE)
        return code == -1 ? EXIT_FINE : code;
    code = target_status(&target, &answer);
    if (code == -1)
        return tell_journal(target.job, target.json);
    if (code == EXIT_FINE)
        print_answer(&answer, target.json);
    free(answer.p);
    return code;
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
