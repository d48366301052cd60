/* cli/state.h - a state directory without a job: what fsck and inspect share. */
#ifndef STATE_H
#define STATE_H

#include <stdbool.h>

#include <rivulet.h>

struct cmd;

/* What is done with the directory: a status, whose words are the context's. */
typedef int state_fn(riv *r, const char *uid, riv_write_fn *write, void *arg);

/* Takes "DIR" and, when `more` is true, "[UID]" from the command line; prints
 * what `look` tells. Returns the exit code. */
int state_look(const struct cmd *cmd, int argc, char **argv, bool more,
               state_fn *look);

#endif
