/* base/pages.c - the system calls of this floor: madvise, a hint; and memory that
 * lies so that the hint can be followed. */
#include "base/pages.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/macro.h"

enum {
    LARGE = 2 << 20,
    ROOM_TIMES = 8, /* addresses for so many times what is asked for */
};

void riv__pages_large(void *p, size_t bytes)
{
    const uintptr_t from = RIV__ALIGN_UP((uintptr_t)p, LARGE);
    const uintptr_t until = ((uintptr_t)p + bytes) & ~((uintptr_t)LARGE - 1);
    if (bytes < LARGE || from >= until)
        return;
    (void)!madvise((char *)p + (from - (uintptr_t)p), until - from,
                   MADV_HUGEPAGE);
}

void riv__pages_ready(void *p, size_t bytes)
{
    enum { PAGE = 4096 };
    const uintptr_t from = RIV__ALIGN_UP((uintptr_t)p, PAGE);
    const uintptr_t until = ((uintptr_t)p + bytes) & ~((uintptr_t)PAGE - 1);
    if (from < until)
        (void)!madvise((char *)p + (from - (uintptr_t)p), until - from,
                       MADV_POPULATE_WRITE); /* of Linux 5.14 */
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

/* Small memory is written here, and not by calloc: a page of 4 KiB that is read
 * before it is written is handed out twice. Large ones are few. */
void *riv__pages_zero(size_t bytes, size_t align, char **ret_p)
{
    const bool large = bytes >= LARGE;
    const size_t all = bytes + (large ? (size_t)LARGE : align);
    void *p = large ? calloc(1, all) : malloc(all);
    if (!p)
        return NULL;
    if (!large)
        memset(p, 0, all);
    const uintptr_t at = RIV__ALIGN_UP((uintptr_t)p, large ? LARGE : align);
    *ret_p = (char *)p + (at - (uintptr_t)p);
    if (large)
        riv__pages_large(*ret_p, bytes);
    return p;
}

static int pages_map(struct riv_pages *pages, size_t bytes)
{
    const size_t mapped = bytes + LARGE;
    void *mem = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mem == MAP_FAILED)
        return -1;
    const uintptr_t at = RIV__ALIGN_UP((uintptr_t)mem, LARGE);
    *pages = (struct riv_pages){ .at = (char *)mem + (at - (uintptr_t)mem),
                                 .bytes = bytes,
                                 .mem = mem,
                                 .mapped = mapped };
    riv__pages_large(pages->at, bytes);
    return 0;
}

/* Where the system counts addresses as memory, no more than needed. */
int riv__pages_reserve(struct riv_pages *pages, size_t bytes)
{
    *pages = (struct riv_pages){ .bytes = bytes };
    if (bytes < LARGE) {
        pages->mem = riv__pages_zero(bytes, RIV__CACHE_LINE, &pages->at);
        return pages->mem ? 0 : -1;
    }
    if (bytes <= SIZE_MAX / 2 / ROOM_TIMES &&
        pages_map(pages, RIV__ALIGN_UP(bytes, LARGE) * ROOM_TIMES) == 0)
        return 0;
    return pages_map(pages, bytes);
}

void riv__pages_release(struct riv_pages *pages)
{
    if (pages->mapped > 0)
        (void)!munmap(pages->mem, pages->mapped);
    else
        free(pages->mem);
    *pages = (struct riv_pages){ .bytes = 0 };
}

size_t riv__pages_room(size_t bytes)
{
    return bytes < LARGE ? bytes : RIV__ALIGN_UP(bytes, LARGE);
}
