/* limit/memory.h - memory of the limits: zeroed, aligned to 2 MiB and asked for
 * in huge pages, which a random walk over a large table needs most. Ends the
 * program when there is none: limits are programs, not a library. */
#ifndef LIMIT_MEMORY_H
#define LIMIT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

extern bool limit_huge; /* ask for huge pages; on unless a bench says no */

static inline void *limit_map(size_t bytes)
{
    enum { HUGE = 2 << 20 };
    size_t room = (bytes + HUGE - 1) / HUGE * HUGE + HUGE;
    char *p = mmap(NULL, room, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        fprintf(stderr, "no memory for %zu bytes\n", bytes);
        exit(71);
    }
    size_t skip = (HUGE - (size_t)p % HUGE) % HUGE;
    if (skip > 0)
        munmap(p, skip);
    if (room - skip > room - HUGE)
        munmap(p + room - HUGE, HUGE - skip);
    if (limit_huge && bytes >= HUGE)
        madvise(p + skip, room - HUGE, MADV_HUGEPAGE);
    return p + skip;
}

static inline void limit_unmap(void *p, size_t bytes)
{
    enum { HUGE = 2 << 20 };
    if (p)
        munmap(p, (bytes + HUGE - 1) / HUGE * HUGE);
}

#endif
