/* connect/paths.h - names in the file system: patterns to paths, and errors
 * that say what to do. The sources over files use it. */
#ifndef RIV_CONNECT_PATHS_H
#define RIV_CONNECT_PATHS_H

#include "sys/sys.h"

enum { RIV__PATHS_MAX = 1000 * 1000 }; /* that a pattern may match */

struct riv_paths {
    char **path; /* owned, sorted by bytes */
    size_t n, cap;
};

void riv__paths_fini(struct riv_paths *paths);
int riv__paths_add(struct riv_paths *paths, const char *dir, const char *name,
                   struct riv_err *err) RIV__MUST_USE;

/* Has a *, ? or [. */
bool riv__paths_is_pattern(const char *s);

/* The paths that exist and match: * ? [..] in any component, as the shell does
 * it (no component begins with a dot unless the pattern's does; but a slash at
 * the end means nothing). None: n is 0,
 * and that is no error. A folder that may not be listed is one. */
int riv__paths_match(struct riv_sys *sys, const char *pattern,
                     struct riv_paths *ret, struct riv_err *err) RIV__MUST_USE;

/* What lies in a folder, sorted, but for names that begin with "." or "_": those
 * are marks and what is being written. Subfolders are among them. */
int riv__paths_folder(struct riv_sys *sys, const char *folder,
                      struct riv_paths *ret, struct riv_err *err) RIV__MUST_USE;

/* A missing or unreadable path: what, and the way out. sysno is positive. */
int riv__paths_error(struct riv_err *err, int sysno, const char *path);

#endif
