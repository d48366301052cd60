/* cli/cache.h - the folder of compiled jobs, private to its user:
 * $XDG_CACHE_HOME/rivulet or ~/.cache/rivulet. Two kinds of files: KEY.d lists
 * what a source includes (KEY: source, compiler, flags), and CONTENT.so is the
 * library of all that with its contents. Files appear whole, by a rename; the
 * oldest are removed beyond CACHE_FILES. */
#ifndef CACHE_H
#define CACHE_H

#include <limits.h>
#include <stdbool.h>
#include <time.h>

#include "digest.h"

enum { CACHE_FILES = 256, CACHE_INPUTS = 256 };

struct cache {
    char folder[PATH_MAX];
    bool kept; /* false: a folder for this once, because there is no home */
};

/* Makes the folder when it is missing. Returns 0, or an exit code after the
 * message: it belongs to somebody else or is open to others. */
int cache_open(struct cache *ret);

/* Looks for the library of the key: reads KEY.d, digests the files named there,
 * finds CONTENT.so. Writes its path, or returns false. */
bool cache_find(const struct cache *cache, struct digest key,
                char library[PATH_MAX]);

/* Paths for the compiler to write to, in the folder. */
void cache_new(const struct cache *cache, struct digest key,
               char library[PATH_MAX], char inputs[PATH_MAX]);

/* Puts what the compiler wrote in its place and writes its new path to
 * `library`. False when a file has changed since `start` or a rename failed:
 * then it stands where it was, and is good for this once. */
bool cache_keep(const struct cache *cache, struct digest key,
                char library[PATH_MAX], const char *inputs,
                struct timespec start);

/* Removes the oldest files beyond the limit, and what a killed compiler left
 * an hour ago. */
void cache_trim(const struct cache *cache);

#endif
