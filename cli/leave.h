/* cli/leave.h - a job in this process, and a function of it that ends the process
 * by _exit(0) or _Exit(0): whoever started it would take the job for done. With a
 * state directory the process that watches sees it; here these two calls are the
 * command's own, so that a job's go through them. Used by cmd_run.c. */
#ifndef LEAVE_H
#define LEAVE_H

#include <stdbool.h>

/* Whether the job is at work. While it is, _exit(0) is exit(0), of which the
 * library says that the job has not come to its end, and ends with 70; other
 * codes stay what they are, and so does a process that a function has forked. A
 * job that makes the system call itself is not noticed. */
void leave_guard(bool at_work);

#endif
