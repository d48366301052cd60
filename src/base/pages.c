/* base/pages.c - the one system call of this floor: madvise, a hint; and memory
 * that lies so that the hint can be followed. */
#include "base/pages.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/macro.h"

enum { LARGE = 2 << 20 };

void riv__pages_large(void *p, size_t bytes)
{
    const uintptr_t from = RIV__ALIGN_UP((uintptr_t)p, LARGE);
    const uintptr_t until = ((uintptr_t)p + bytes) & ~((uintptr_t)LARGE - 1);
    if (bytes < LARGE || from >= until)
        return;
    (void)!madvise((char *)p + (from - (uintptr_t)p), until - from,
                   MADV_HUGEPAGE);
}

/* malloc puts large memory anywhere, and of 4 MiB only half may lie in large
 * pages then. */
void *riv__pages_alloc(size_t bytes)
{
    if (bytes < LARGE)
        return malloc(bytes);
    void *p;
    if (posix_memalign(&p, LARGE, bytes) != 0)
        return NULL;
    riv__pages_large(p, bytes);
    return p;
}

size_t riv__pages_room(size_t bytes)
{
    return bytes < LARGE ? bytes : RIV__ALIGN_UP(bytes, LARGE);
}
