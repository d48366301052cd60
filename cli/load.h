/* cli/load.h - loads a compiled job and finds its entry. */
#ifndef LOAD_H
#define LOAD_H

#include <rivulet.h>

/* Loads the library at `path`; messages call the job `name` (the source it was
 * compiled from, or the same path). Returns 0, or an exit code after the
 * message. It is never unloaded: functions and types in it live on. */
int load(const char *path, const char *name, const riv_job **ret);

#endif
