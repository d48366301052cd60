/* cli/args.h - the arguments of commands that take a job: options may stand in
 * front of it, `rivulet run --interval 1s JOB ARGS`, and go to the engine like
 * those behind it. Used by run, check and plan. */
#ifndef ARGS_H
#define ARGS_H

#include <stdbool.h>

struct cmd;

struct args {
    int argc;    /* of the job: argv[0] is the path of the job, then */
    char **argv; /* options for the engine, then the rest; NULL at the end */
    bool flag;   /* the command's own flag was there */
};

/* Sorts argv (in place). `own` is the command's own flag, such as "--dot", or
 * NULL; it may also stand behind the job. Returns 0; -1 when all is said and
 * done, with *ret_exit (--help, or wrong use). */
int args_take(const struct cmd *cmd, int argc, char **argv, const char *own,
              struct args *ret, int *ret_exit);

#endif
