/* limit/read.h - how the limits get their bytes: from the page cache by reads
 * of 1 MiB, from a socket (tcp://ADDRESS:PORT) by reads of what is there, or from
 * memory that was filled before the clock started. Cuts at line borders (rows of
 * a fixed size: at theirs) into batches when asked, by bytes or by time. */
#ifndef LIMIT_READ_H
#define LIMIT_READ_H

#include <stddef.h>
#include <stdint.h>

struct limit_feed {
    void (*piece)(void *ctx, const char *data, size_t n);
    void (*batch)(void *ctx); /* NULL: all is one */
    void *ctx;
    size_t batch_bytes; /* 0: all is one */
    int64_t batch_ns;   /* or what comes in so long, 0: all; only limit_read */
    size_t row_bytes;   /* 0: lines */
};

struct limit_text {
    char *p;
    size_t n;
};

/* Each ends the program with a message when it cannot. */
void limit_read(const char *path, const struct limit_feed *feed);
struct limit_text limit_load(const char *path);
void limit_walk(const struct limit_text *text, const struct limit_feed *feed);

#endif
