/* noroom.c - a library to preload, for tests/supervise/run: the system has no
 * process or no shared memory for a supervisor.
 *
 *   NOROOM_FORK=N   the N-th fork fails, and all after it
 *   NOROOM_MMAP=1   memory that processes share is refused */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

pid_t __libc_fork(void);

pid_t fork(void)
{
    static long forks;
    const long first = number("NOROOM_FORK");
    if (first > 0 && ++forks >= first) {
        errno = EAGAIN;
        return -1;
    }
    return __libc_fork();
}

void *mmap(void *at, size_t n, int prot, int flags, int fd, off_t from)
{
    if (flags == (MAP_SHARED | MAP_ANONYMOUS) && number("NOROOM_MMAP") > 0) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, n, prot, flags, fd, from);
}

/* What programs with 64 bits in their offsets call it. */
void *mmap64(void *at, size_t n, int prot, int flags, int fd, off_t from)
{
    return mmap(at, n, prot, flags, fd, from);
}
