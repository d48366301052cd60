/* exec/pipe.h - the function of riv_pipe: a program for each partition, which
 * gets its lines and gives others. Run as riv_glom runs any function. */
#ifndef RIV_EXEC_PIPE_H
#define RIV_EXEC_PIPE_H

#include "exec/exec.h"

/* The argument of the function, in the graph's arena. */
struct riv_pipe_arg {
    struct riv_exec *exec;
    const char *command; /* as the program gave it */
    char *const *argv;
    const char *const *env; /* with room for one more at `env_n` */
    size_t env_n;
    const char *folder;
    riv_str first; /* in front of the lines */
    bool own_folder;
};

enum { RIV__PIPE_WORDS_MAX = 256 };

/* The function, but for its name. */
const riv_fn *riv__pipe_fn(void);

#endif
