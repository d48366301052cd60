/* timed.c - runs a command and writes what it used to a file: user and system
 * microseconds, wall nanoseconds, peak KiB, exit status. bench/run
 * starts everything through it: a small parent, because Linux counts the memory
 * of the process that forked as the child's peak. Only bench/run uses it.
 *   timed FILE COMMAND [ARGS] */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static long long us(struct timeval tv)
{
    return tv.tv_sec * 1000000LL + tv.tv_usec;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status = 1;
    long long start = now_ns();
    pid_t pid = argc > 2 ? fork() : -1;
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
        return 71;
    long long wall = now_ns() - start;
    FILE *note = fopen(argv[1], "w");
    if (!note)
        return 73;
    fprintf(note, "%lld %lld %lld %ld %d\n", us(usage.ru_utime),
            us(usage.ru_stime), wall, usage.ru_maxrss, status);
    return fclose(note) == 0 ? 0 : 74;
}
