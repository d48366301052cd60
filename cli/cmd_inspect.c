/* cli/cmd_inspect.c - shows what is in a state directory. */
#include "cmd.h"
#include "state.h"

static int inspect_run(int argc, char **argv)
{
    return state_look(&cmd_inspect, argc, argv, true, riv_inspect_state);
}

const struct cmd cmd_inspect = {
    .name = "inspect",
    .args = "DIR [UID]",
    .line = "shows the batches, positions and state in a state directory",
    .help =
        "Shows what a job has left in its state directory, without the job: "
        "batches,\n"
        "inputs and where they stand, operators with state, outputs. With the "
        "uid of one\n"
        "of them (or its number) prints that one as CSV: of an input what each "
        "batch\n"
        "read, of an operator its keys and states, of a window what came into "
        "it and\n"
        "when, of an output its files. Not a byte is changed. The directory is "
        "also a\n"
        "database: sqlite3 DIR/journal.db shows its tables.\n"
        "\n"
        "Exit code 66: there is no journal, or nothing of that name; 73: a job "
        "is\n"
        "running on it; 65: it is damaged.\n"
        "\n"
        "Examples:\n"
        "  rivulet inspect /var/lib/job\n"
        "  rivulet inspect /var/lib/job counts > counts.csv",
    .run = inspect_run,
};
