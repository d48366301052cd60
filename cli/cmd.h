/* cli/cmd.h - the commands: one const struct each, at the end of its file; all
 * of them in one array in main.c. A command gets its own name as argv[0] and
 * returns the exit code of the process. */
#ifndef CMD_H
#define CMD_H

struct cmd {
    const char *name;
    const char *args;    /* "[OPTIONS] JOB [ARGS]" */
    const char *subject; /* what stands behind the options; NULL: a job */
    const char *line;    /* what it does, in a line of the list */
    const char *help;    /* below "usage:", lines of at most 79 columns */
    int (*run)(int argc, char **argv);
};

extern const struct cmd cmd_run, cmd_check, cmd_plan, cmd_inspect, cmd_fsck,
    cmd_status, cmd_top, cmd_tap, cmd_letters, cmd_replay, cmd_demo, cmd_pipe,
    cmd_help, cmd_version, cmd_features;

/* In the order of the list; ends in NULL. */
extern const struct cmd *const cmd_all[];

/* The command of that name, or NULL. */
const struct cmd *cmd_find(const char *name);

/* Prints how it is used on standard output; returns 0. */
int cmd_usage(const struct cmd *cmd);

#endif
