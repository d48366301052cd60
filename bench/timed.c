/* timed.c - runs a command and writes what it used to a file: user and system
 * microseconds, wall nanoseconds, peak KiB, exit status. bench/run
 * starts everything through it: a small parent, because Linux counts the memory
 * of the process that forked as the child's peak. Asked to end (SIGTERM), it asks
 * the command. Only bench/run uses it.
 *   timed FILE COMMAND [ARGS] */
#include <errno.h>
#include <signal.h>
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

static pid_t pid;

static void pass_on(int signo)
{
    if (pid > 0)
        kill(pid, signo);
}

/* Signals interrupt the wait, they do not end it. */
static int wait_for_it(int *status, struct rusage *usage)
{
    pid_t got;
    do
        got = wait4(pid, status, 0, usage);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status = 1;
    long long start = now_ns();
    pid = argc > 2 ? fork() : -1;
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    const struct sigaction on_term = { .sa_handler = pass_on };
    (void)sigaction(SIGTERM, &on_term, NULL);
    if (pid < 0 || wait_for_it(&status, &usage) < 0)
        return 71;
    long long wall = now_ns() - start;
    FILE *note = fopen(argv[1], "w");
    if (!note)
        return 73;
    fprintf(note, "%lld %lld %lld %ld %d\n", us(usage.ru_utime),
            us(usage.ru_stime), wall, usage.ru_maxrss, status);
    return fclose(note) == 0 ? 0 : 74;
}
