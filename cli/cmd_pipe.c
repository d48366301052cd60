/* cli/cmd_pipe.c - a question to lines, in one line: no program, no compiler. */
#include "args.h"
#include "cmd.h"
#include "pipe_graph.h"
#include "say.h"
#include "supervise.h"

static struct query query; /* of the one job of this process */

static int build(riv *r, int argc, char **argv)
{
    if (argc > 2)
        return riv_invalid(r, "pipe takes one input, and got \"%s\" as well",
                           argv[2]);
    pipe_graph(r, argc > 1 ? argv[1] : "-", &query);
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
        "  words, lines        with one field: word, line\n"
        "\n"
        "  where FIELD == X and ...   also != < <= > >=; ~ contains, !~ does not\n"
        "  count by FIELD, FIELD      or sum, avg, min, max FIELD by ...; without by\n"
        "                             it is of all\n"
        "  window 1m every 10s        of the last minute\n"
        "  total                      since the beginning\n"
        "  top 10                     so many rows; a table has 20\n"
        "  csv, json                  in place of the table\n"
        "\n"
        "Without a count or sum the lines that fulfil the conditions come out.\n"
        "Options are those of rivulet run; with --state DIR it goes on where it was.\n"
        "\n"
        "Examples:\n"
        "  rivulet pipe 'combined | count by path | top 5' examples/data/access.log\n"
        "  rivulet pipe 'words | count by word | window 10s every 1s' demo:words\n"
        "  tail -F access.log | rivulet pipe 'combined | count by status'",
    .run = pipe_run,
};
