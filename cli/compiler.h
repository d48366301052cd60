/* cli/compiler.h - the C compiler: which one, and running it. No shell is
 * involved, and it gets an environment of a few known variables. */
#ifndef COMPILER_H
#define COMPILER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum { COMPILER_WORDS = 8, COMPILER_TEXT = 512 };

struct compiler {
    char text[COMPILER_TEXT];   /* $CC, cut into words */
    char *word[COMPILER_WORDS]; /* "gcc", or "ccache" "gcc"; then NULL */
    char path[PATH_MAX];        /* of word[0] */
    char include[PATH_MAX];     /* the folder of rivulet.h, "": its own */
    int64_t mtime_ns, bytes;    /* of `path`: another compiler, another key */
};

/* $CC, else cc, gcc or clang of $PATH. Returns 0, or an exit code after the
 * message with the line that installs one. */
int compiler_find(struct compiler *ret);

/* Runs it with these arguments behind its own words; output and errors go to
 * standard error. Returns 0, EXIT_GRAPH when it refused the source, or another
 * exit code after a message. */
int compiler_run(const struct compiler *compiler, const char *const *args);

/* Whether it knows a flag: it is run once on nothing, about 10 ms. */
bool compiler_takes(const struct compiler *compiler, const char *flag);

#endif
