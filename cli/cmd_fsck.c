/* cli/cmd_fsck.c - looks a state directory through. */
#include "cmd.h"
#include "state.h"

static int check(riv *r, const char *uid, riv_write_fn *write, void *arg)
{
    (void)uid;
    return riv_fsck_state(r, write, arg);
}

static int fsck_run(int argc, char **argv)
{
    return state_look(&cmd_fsck, argc, argv, false, check);
}

const struct cmd cmd_fsck = {
    .name = "fsck",
    .args = "DIR",
    .line = "looks a state directory through for damage; changes nothing",
    .help =
        "Reads everything in a state directory: the structure of its database, "
        "the\n"
        "checksum of every row, numbers that must follow each other, the head "
        "mark.\n"
        "Says what its tables hold, then what is wrong. Not a byte is changed, "
        "and the\n"
        "program that wrote it is not needed.\n"
        "\n"
        "Exit code 0: nothing is wrong; 65: something is; 66: there is no "
        "journal; 73: a\n"
        "job is running on it.\n"
        "\n"
        "Example:\n"
        "  rivulet fsck /var/lib/job",
    .run = fsck_run,
};
