/* cli/compile.h - a job's source into a library, kept by content: the same
 * source with the same headers, compiler and flags is compiled once. */
#ifndef COMPILE_H
#define COMPILE_H

#include <limits.h>
#include <stdbool.h>

struct library {
    char path[PATH_MAX];
    char folder[PATH_MAX]; /* to be removed with it, "" when it is kept */
};

/* Finds or makes the library of a source. Returns 0, or an exit code after the
 * message (the compiler's own stand above it). */
int compile(const char *source, struct library *ret);

/* Removes what is not kept; call it when the library is loaded. */
void compile_forget(struct library *library);

#endif
