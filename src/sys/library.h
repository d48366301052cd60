/* sys/library.h - libraries that are loaded when a job needs them and not before:
 * their functions found by name, into a table of pointers. */
#ifndef RIV_SYS_LIBRARY_H
#define RIV_SYS_LIBRARY_H

#include <stddef.h>

struct riv_library {
    const char *file; /* with the number of its binary interface */
    const char *const *names;
    size_t n;
};

/* Loads it and puts its functions into at[0 .. n). NULL: all is well; else what is
 * wrong: *ret_missing is the name that it has not, or NULL and the text says why
 * there is no library, until the next call of this thread. Never unloaded.
 * @thread any */
const char *riv__library_load(const struct riv_library *library, void **at,
                              const char **ret_missing);

#endif
