/* cli/target.h - which running job is meant: the arguments of status, top and
 * tap. */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>

#include "ask.h"
#include "cmd.h"

struct target {
    bool json, wants_json; /* asked for; allowed */
    const char *job;       /* a folder or an address */
    const char *token_file;
};

/* Reads the command's arguments; without one the environment says. Returns an
 * exit code, or -1 when its help was printed. */
int target_read(struct target *target, const struct cmd *cmd, int argc,
                char **argv);
/* Where the environment says that jobs keep their state, or listen; NULL: it
 * does not. */
const char *target_of_environment(void);
/* 0, the exit code of what was said, or -1: no job runs on the folder. */
int target_ask(const struct target *target, const struct question *question,
               struct answer *ret);
/* The question for its status. */
int target_status(const struct target *target, struct answer *ret);

#endif
