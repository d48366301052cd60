/* sim/life.c - forks, waits, looks at how the child died. */
#include "sim/life.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS_MAX = 120 };

/* There in sanitized builds only. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

/* A life that ends by itself leaves no memory behind. */
void life_live(struct job *job)
{
    alarm(SECONDS_MAX);
    world_run(job->w, &job->conf->sched, job_main, job);
    if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check())
        snprintf(job->w->failure, sizeof job->w->failure, "memory has leaked");
    _exit(0);
}

void life_end(struct world *w, int status)
{
    if (w->failure[0] || w->crashed ||
        (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return;
    if (WIFSIGNALED(status))
        snprintf(w->failure, sizeof w->failure,
                 "the process died of signal %d%s", WTERMSIG(status),
                 WTERMSIG(status) == SIGALRM ? " (it hung)" : "");
    else
        snprintf(w->failure, sizeof w->failure, "the process exited with %d",
                 WEXITSTATUS(status));
}

void life_run(struct job *job)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        life_live(job);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    life_end(job->w, status);
}
