/* cli/job.h - a job from its file: JOB.so is loaded, JOB.c compiled (or found
 * compiled) and loaded. Used by run, check and plan. */
#ifndef JOB_H
#define JOB_H

#include <rivulet.h>

/* The job of a file; never unloaded. Returns 0, or an exit code after the
 * message. */
int job_open(const char *path, const riv_job **ret);

/* True when other users could change the file, or it belongs to one: code that
 * they chose would run. Says so, with the exit code in *ret_exit. Also when
 * the file is missing or no file. */
bool job_refused(const char *path, int *ret_exit);

#endif
