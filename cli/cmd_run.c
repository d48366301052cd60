/* cli/cmd_run.c - compiles or loads a job and hands over to the library: the
 * options, signals, log and exit code are riv_cli_main's, as in a program that
 * was built with RIV_STANDALONE. With a state directory it does so in a process
 * of its own, under a supervisor. */
#include "args.h"
#include "cmd.h"
#include "job.h"
#include "leave.h"
#include "supervise.h"

static int run_run(int argc, char **argv)
{
    struct args args;
    const riv_job *job = NULL;
    int code = 0;
    if (args_take(&cmd_run, argc, argv, NULL, &args, &code) < 0)
        return code;
    code = job_open(args.argv[0], &job);
    if (code != 0)
        return code;
    const unsigned restarts = supervise_wants(&args);
    if (restarts > 0)
        return supervise(&args, job, restarts);
    leave_guard(true);
    code = riv_cli_main(args.argc, args.argv, job->build);
    leave_guard(false);
    return code;
}

const struct cmd cmd_run = {
    .name = "run",
    .args = "[OPTIONS] JOB.c|JOB.so [ARGS]",
    .line = "runs a job; a source is compiled first, and kept compiled",
    .help =
        "Runs a job until its inputs end, or Ctrl-C, which lets it finish what "
        "it has\n"
        "received; a second Ctrl-C ends it at once.\n"
        "\n"
        "  --interval TIME   length of a batch of live input: 100ms, 10s; 5 is 5ms\n"
        "  --state DIR       where it writes down what it has done, and goes on\n"
        "                    when it is started again; it then works in a "
        "process of\n"
        "                    its own, which a crash costs and not the job\n"
        "  --threads N       threads that work; 0: one for each core\n"
        "  -c NAME=VALUE     any setting; rivulet help settings lists them\n"
        "  --config FILE     settings from a file, lines NAME = VALUE\n"
        "\n"
        "Examples:\n"
        "  rivulet run examples/wordcount.c examples/data/words.txt\n"
        "  rivulet run --interval 1s examples/wordcount.c demo:words",
    .run = run_run,
};
