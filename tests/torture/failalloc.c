/* failalloc.c - a library to preload that lets chosen allocations fail. An
 * allocation is known by its site: the calls that led to it, as places within
 * their libraries, so that a site has the same name in every run. What it does
 * is in the environment, for every process below the command:
 *
 *   FAILALLOC_SITES=FILE  appends the name of each site when it is first seen
 *   FAILALLOC_SITE=NAME   lets the first allocation of that site fail
 *   FAILALLOC_EVERY=1     and every allocation, of any site, after it
 *   FAILALLOC_FIRED=FILE  made when the first one fails; while it is there at
 *                         the start, no more do (but with FAILALLOC_EVERY): so a
 *                         process that is started again gets what it asks for
 *
 * It calls glibc's allocator by its internal names, which needs no dlsym. */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH = 14, SKIP = 2, MODULES_MAX = 256, SITES_ROOM = 1 << 16 };

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

struct module {
    uintptr_t from, until, base;
    uint64_t name;
};

/* All below is protected by `lock`, but for what init() sets. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct module module[MODULES_MAX];
static size_t nmodule;
static uint64_t seen[SITES_ROOM]; /* open addressing; 0: free */
static size_t nseen;
static bool on, every, failing;
static uint64_t wanted;
static const char *fired_path;
static int sites_fd = -1;
static __thread int inside; /* what we call may allocate itself */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
    h *= 0xff51afd7ed558ccdu;
    return h ^ h >> 32;
}

static int add_module(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size, (void)arg;
    uint64_t name = 0;
    const char *slash = strrchr(info->dlpi_name, '/');
    for (const char *p = slash ? slash : info->dlpi_name; *p; p++)
        name = mix(name, (unsigned char)*p);
    for (int i = 0; i < info->dlpi_phnum && nmodule < MODULES_MAX; i++) {
        const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
        if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_X))
            continue;
        const uintptr_t from = info->dlpi_addr + ph->p_vaddr;
        module[nmodule++] =
            (struct module){ from, from + ph->p_memsz, info->dlpi_addr, name };
    }
    return 0;
}

/* The place of an address in its library; libraries come while it runs. */
static uint64_t place(uintptr_t at)
{
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < nmodule; i++)
            if (at >= module[i].from && at < module[i].until)
                return mix(module[i].name, at - module[i].base);
        nmodule = 0;
        dl_iterate_phdr(add_module, NULL);
    }
    return 1;
}

static uint64_t site_name(void)
{
    void *frame[DEPTH];
    int n = backtrace(frame, DEPTH);
    uint64_t h = 1;
    for (int i = SKIP; i < n; i++)
        h = mix(h, place((uintptr_t)frame[i]));
    return h ? h : 1;
}

/* Returns whether the site is new. */
static bool first_time(uint64_t name)
{
    size_t i = name % SITES_ROOM;
    while (seen[i] && seen[i] != name)
        i = (i + 1) % SITES_ROOM;
    if (seen[i] || nseen > SITES_ROOM / 2)
        return false;
    seen[i] = name;
    nseen++;
    return true;
}

static void tell_site(uint64_t name)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%016llx\n", (unsigned long long)name);
    if (write(sites_fd, text, (size_t)n) != n)
        sites_fd = -1;
}

/* Returns false when it has been made before. */
static bool tell_fired(void)
{
    if (!fired_path)
        return true;
    int fd = open(fired_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0 || every;
}

static bool decide(void)
{
    if (failing && every)
        return true;
    const uint64_t name = site_name();
    if (!first_time(name))
        return false;
    if (sites_fd >= 0)
        tell_site(name);
    if (name != wanted || !tell_fired())
        return false;
    failing = true;
    return true;
}

/* Is this allocation to fail? */
static bool fails(void)
{
    if (!on || inside > 0)
        return false;
    inside++;
    pthread_mutex_lock(&lock);
    bool yes = decide();
    pthread_mutex_unlock(&lock);
    inside--;
    if (yes)
        errno = ENOMEM;
    return yes;
}

__attribute__((constructor)) static void init(void)
{
    void *frame[1];
    inside++;
    const char *site = getenv("FAILALLOC_SITE");
    const char *sites = getenv("FAILALLOC_SITES");
    wanted = site ? strtoull(site, NULL, 16) : 0;
    every = getenv("FAILALLOC_EVERY") != NULL;
    fired_path = getenv("FAILALLOC_FIRED");
    if (sites)
        sites_fd = open(sites, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    backtrace(frame, 1); /* loads the unwinder, which allocates */
    dl_iterate_phdr(add_module, NULL);
    on = wanted || sites_fd >= 0;
    inside--;
}

/* ------------------------------------------------------------ the allocator */

void *malloc(size_t n)
{
    return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    return n > 0 && fails() ? NULL : __libc_realloc(p, n);
}

void *reallocarray(void *p, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return bytes > 0 && fails() ? NULL : __libc_realloc(p, bytes);
}

void *memalign(size_t align, size_t n)
{
    return fails() ? NULL : __libc_memalign(align, n);
}

void *aligned_alloc(size_t align, size_t n)
{
    return fails() ? NULL : __libc_memalign(align, n);
}

int posix_memalign(void **ret, size_t align, size_t n)
{
    if (fails())
        return ENOMEM;
    *ret = __libc_memalign(align, n);
    return *ret ? 0 : ENOMEM;
}
