/* cli/inputs.h - the files a compiler has read, from the list it writes in the
 * form of a makefile (-MMD -MF). */
#ifndef INPUTS_H
#define INPUTS_H

#include <stdbool.h>
#include <stddef.h>

enum { INPUTS_MAX = 512, INPUTS_BYTES = 1 << 18 };

struct inputs {
    char *text; /* what the paths point into */
    size_t count;
    char *path[INPUTS_MAX];
};

/* "target: a.c b\ c.h \" and so on, NUL-terminated, cut in place. False when
 * there are too many, or it is no such text. Takes text, and frees it if
 * false. */
bool inputs_parse(struct inputs *ret, char *text);

/* The same from a file of at most INPUTS_BYTES; false too when it cannot be
 * read. */
bool inputs_read(struct inputs *ret, const char *path);

void inputs_fini(struct inputs *inputs);

#endif
