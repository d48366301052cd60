/* base/pages.c - the one system call of this floor: madvise, a hint. */
#include "base/pages.h"

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
