/* cli/cmd_pipe.c - a question to lines, in one line: no program, no compiler. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "args.h"
#include "cmd.h"
#include "pipe_graph.h"
#include "say.h"
#include "supervise.h"

static struct query query; /* of the one job of this process */

/* Files that end are no stream: what is not there, or has a word in front, is left
 * to the library. */
static bool ends(const char *uri)
{
    struct stat st;
    if (strcmp(uri, "-") == 0)
        return fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode);
    return !strchr(uri, ':') || stat(uri, &st) == 0;
}

static int no_stream(riv *r, const char *uri)
{
    struct stat st;
    const bool is_stdin = strcmp(uri, "-") == 0;
    const bool is_folder = stat(uri, &st) == 0 && S_ISDIR(st.st_mode);
    const char *file = is_stdin ? "FILE" : uri;
    return riv_invalid(
        r,
        "%s is over the batches of a stream, and %s ends: leave it away, or "
        "write replay:1000:%s, which is a batch for each 1000 lines, or "
        "%s:%s for what %s",
        query.total ? "total" : "window",
        is_stdin ? "a file as the standard input" : uri, file,
        is_folder ? "dir" : "tail", file,
        is_folder ? "comes into it" : "is appended");
}

static int build(riv *r, int argc, char **argv)
{
    const char *uri = argc > 1 ? argv[1] : "-";
    if (argc > 2)
        return riv_invalid(r, "pipe takes one input, and got \"%s\" as well",
                           argv[2]);
    if ((query.total || query.window_ms > 0) && ends(uri))
        return no_stream(r, uri);
    pipe_graph(r, uri, &query);
    return RIV_OK;
}

static int pipe_run(int argc, char **argv)
{
    static const riv_job job = { sizeof job, RIV_ABI, build };
    struct args args;
    char why[512];
    int code = 0;
    if (args_take(&cmd_pipe, argc, argv, NULL, &args, &code) < 0)
        return code;
    if (!query_read(args.argv[0], &query, why, sizeof why))
        return say(EXIT_USAGE, "%s; see rivulet help pipe", why);
    const unsigned restarts = supervise_wants(&args);
    return restarts > 0 ? supervise(&args, &job, restarts)
                        : riv_cli_main(args.argc, args.argv, build);
}

const struct cmd cmd_pipe = {
    .name = "pipe",
    .args = "[OPTIONS] 'QUERY' [INPUT]",
    .line = "counts and sums over lines by a query of one line",
    .subject = "a query",
    .help =
        "QUERY is FORMAT | STAGE | STAGE ...; INPUT a file, a glob, tail:FILE,\n"
        "dir:FOLDER, listen://HOST:PORT, kafka://HOST:PORT/TOPIC; without it the\n"
        "standard input. There is a result for each batch of a stream, one of a file.\n"
        "\n"
        "  combined            lines of a web server: client ident user time method\n"
        "                      path protocol status bytes referer agent\n"
        "  csv NAME, NAME ...  columns with commas; also without names: $1, $2\n"
        "  tsv, fields         the same with tabs, with blanks\n"
        "  json                an object a line; any name is a field, user.name one\n"
        "                      within an object, \"by\" one called like a word here\n"
        "  words, lines        with one field: word, line\n"
        "\n"
        "  where FIELD == X and ...   also != < <= > >=; ~ contains, !~ does not\n"
        "  count by FIELD, FIELD      or sum, avg, min, max FIELD by ...; without by\n"
        "                             it is of all; several: count, sum FIELD by ...\n"
        "  window 1m every 10s        of the last minute\n"
        "  total                      since the beginning\n"
        "  top 10                     so many rows; a table has 20\n"
        "  csv, json                  in place of the table\n"
        "\n"
        "Without a count or sum the lines that fulfil the conditions come out.\n"
        "A line that lacks a field, or has no number to sum, is left out; the first is\n"
        "shown. Options are those of rivulet run; with --state DIR it goes on where it\n"
        "was, and a query that counts something else is refused there.\n"
        "\n"
        "Examples:\n"
        "  rivulet pipe 'combined | count by path | top 5' examples/data/access.log\n"
        "  rivulet pipe 'combined | count, avg bytes by status' \\\n"
        "      examples/data/access.log\n"
        "  echo '{\"ms\":7,\"user\":{\"name\":\"ann\"}}' |\n"
        "      rivulet pipe 'json | where ms > 5 | count, max ms by user.name'\n"
        "  rivulet pipe 'words | count by word | window 10s every 1s' demo:words\n"
        "  tail -F access.log | rivulet pipe 'combined | count by status'",
    .run = pipe_run,
};
