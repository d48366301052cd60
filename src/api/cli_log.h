/* api/cli_log.h - the log of a job that is a process of its own. */
#ifndef RIV_API_CLI_LOG_H
#define RIV_API_CLI_LOG_H

#include "api/context.h"

/* A line on standard error, in the form of log.format, by one call: lines of
 * several processes do not mix. level 0: a notice, without one. @thread any */
void riv__cli_log(const riv *r, int level, const char *text);
/* Whoever watches, and the end of the process, write as this job does. @thread
 * builder */
void riv__cli_log_share(const riv *r);

#endif
