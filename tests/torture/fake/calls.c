/* calls.c - calls whose answer is looked at, and the bugs of those who do not. */
#include "fake.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool bug(const char *name)
{
    const char *set = getenv("FAKE_BUG");
    return set && strcmp(set, name) == 0;
}

void end(int code, const char *format, ...)
{
    va_list args;
    const char *why = strerrordesc_np(errno);
    va_start(args, format);
    fprintf(stderr, "fake: error: ");
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, ": %s\n", why ? why : "?");
    _exit(bug("exit0") ? 0 : code);
}

void *memory(void *p, size_t n)
{
    p = realloc(p, n);
    if (!p && !bug("alloc_crash"))
        end(NO_MEMORY, "no memory for %zu bytes", n);
    return p;
}

/* Checks what a call that writes returned. */
void must(bool fine, const char *what, const char *name)
{
    if (!fine && !bug("ignore_eio"))
        end(IO, "%s %s", what, name);
}

void sync_fd(int fd, const char *name)
{
    if (!bug("no_sync"))
        must(fdatasync(fd) == 0, "fdatasync", name);
}

void write_all(int fd, const char *p, size_t n, const char *name)
{
    while (n > 0) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        must(done >= 0, "write", name);
        if (done < 0 || bug("short_ok"))
            return;
        p += done;
        n -= (size_t)done;
    }
}

long long now_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void path_of(char dst[PATH_ROOM], const char *folder, const char *name)
{
    snprintf(dst, PATH_ROOM, "%s/%s", folder, name);
}
