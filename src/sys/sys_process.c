/* sys/sys_process.c - programs that run beside this one, with their input and
 * output on pipes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/real.h"

extern char **environ;

enum { ENDED_BY_SIGNAL = 256 };

static void ends_close(int ends[2])
{
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

/* The environment of this process with `more` in front: the first of a name
 * counts. Owned by the caller, its texts are not. */
static char **environment(const char *const *more)
{
    size_t had = 0, added = 0;
    while (environ && environ[had])
        had++;
    while (more && more[added])
        added++;
    char **all = calloc(had + added + 1, sizeof *all);
    for (size_t i = 0; all && i < added; i++)
        memcpy(&all[i], &more[i], sizeof *all);
    for (size_t i = 0; all && i < had; i++)
        all[added + i] = environ[i];
    return all;
}

/* No signal is blocked or ignored in the child. */
static int attributes(posix_spawnattr_t *attr)
{
    sigset_t none, fall_back;
    sigemptyset(&none);
    sigemptyset(&fall_back);
    sigaddset(&fall_back, SIGPIPE);
    posix_spawnattr_setsigmask(attr, &none);
    posix_spawnattr_setsigdefault(attr, &fall_back);
    return posix_spawnattr_setflags(
        attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int spawn(const struct riv_command *command, int in, int out,
                 pid_t *ret_pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    char **env = environment(command->env);
    int rc = env ? posix_spawn_file_actions_init(&files) : ENOMEM;
    if (rc != 0) {
        free(env);
        return -rc;
    }
    rc = posix_spawnattr_init(&attr);
    if (rc == 0)
        rc = attributes(&attr);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    if (rc == 0 && command->folder)
        rc = posix_spawn_file_actions_addchdir_np(&files, command->folder);
    if (rc == 0)
        rc = posix_spawnp(ret_pid, command->argv[0], &files, &attr,
                          command->argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    free(env);
    return -rc;
}

int riv__real_spawn(struct riv_sys *sys, const struct riv_command *command,
                    struct riv_child *ret)
{
    int to[2] = { -1, -1 }, from[2] = { -1, -1 };
    pid_t pid;
    (void)sys;
    int rc = pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0 ||
                     fcntl(to[1], F_SETFL, O_NONBLOCK) < 0 ||
                     fcntl(from[0], F_SETFL, O_NONBLOCK) < 0
                 ? -errno
                 : spawn(command, to[0], from[1], &pid);
    if (rc < 0) {
        ends_close(to);
        ends_close(from);
        return rc;
    }
    close(to[0]);
    close(from[1]);
    *ret = (struct riv_child){ .pid = (int)pid, .to = to[1], .from = from[0] };
    return 0;
}

/* SIGPIPE is held off this thread for the call, and taken away if it came. */
int64_t riv__real_feed(struct riv_sys *sys, int fd, const void *p, size_t n)
{
    const struct timespec at_once = { 0, 0 };
    sigset_t pipes, before, waiting;
    (void)sys;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    sigpending(&waiting);
    pthread_sigmask(SIG_BLOCK, &pipes, &before);
    const ssize_t done = write(fd, p, n);
    const int error = errno;
    if (done < 0 && error == EPIPE && !sigismember(&waiting, SIGPIPE))
        sigtimedwait(&pipes, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return done < 0 ? -error : done;
}

int riv__real_reap(struct riv_sys *sys, int pid, bool end)
{
    int status;
    pid_t rc;
    (void)sys;
    if (end)
        kill((pid_t)pid, SIGKILL);
    do
        rc = waitpid((pid_t)pid, &status, end ? 0 : WNOHANG);
    while (rc < 0 && errno == EINTR);
    if (rc < 0)
        return -errno;
    if (rc == 0)
        return -EAGAIN;
    return WIFSIGNALED(status) ? ENDED_BY_SIGNAL + WTERMSIG(status)
                               : WEXITSTATUS(status);
}
