/* exec/task.h - one stage over one share: read the pieces, frame them, push
 * the chunks. A pure function of the share and the plan. @thread worker */
#ifndef RIV_EXEC_TASK_H
#define RIV_EXEC_TASK_H

#include "exec/chain.h"
#include "exec/refused.h"

/* What a task did; job.c adds it up in the order of tasks. */
struct riv_task_run {
    const struct riv_share *share;
    struct riv_part **part; /* by index of the op */
    uint64_t records_in, records_bad, records_out;
    struct riv_refused refused;
    uint32_t attempt; /* from 1 */
    bool final;       /* it failed, and trying again would not help */
    int rc;
    struct riv_err err;
};

void riv__task_run(struct riv_plan *plan, struct riv_task_run *run,
                   struct riv_worker *worker);

/* What of the thread's stack is dead when a function of the program that is
 * called from here has returned: into the worker, for the check of rows. */
void riv__task_stack(struct riv_worker *worker);

/* The lines that begin in [from, until) of a file, pushed into the chain. */
/* What a code of the system says of a file; RIV__READABLE: that it is not to
 * blame. */
enum riv_unread riv__read_why(int code);
int riv__read_file(struct riv_chain *chain, const struct riv_range *range);
/* What begins in that range of a file that is not lines, as the source's param
 * says (read_files.c). */
int riv__read_files(struct riv_chain *chain, const struct riv_range *range);
/* All of a file of encoded rows of this layout. */
int riv__read_rows_of(struct riv_chain *chain, const char *path,
                      const struct riv_layout *layout);
/* Is an open file the one that the range was cut from, and no shorter? */
int riv__read_check(struct riv_chain *chain, const struct riv_range *range,
                    int fd);
/* Whole lines in memory. `slack` readable bytes follow. */
int riv__read_lines(struct riv_chain *chain, const char *p, const char *end,
                    uint64_t offset);

#endif
