/* limit/marks.h - where separators and line ends stand in a strip of text: the
 * loop that the limits over lines of fields share. */
#ifndef LIMIT_MARKS_H
#define LIMIT_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Puts the places of the bytes `a` and `b` among the n bytes at `data` to `at`,
 * which has room for 64 more than n; returns how many. 64 bytes behind the end are
 * read. */
typedef uint32_t limit_marks_fn(const char *data, size_t n, char a, char b,
                                uint32_t *at);

/* The quickest that the machine has; `plain`: without AVX2. */
limit_marks_fn *limit_marks(bool plain);

#endif
