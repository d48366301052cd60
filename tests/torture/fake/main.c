/* main.c - the fake: a small program that keeps the promises under test, so that
 * the tests of this folder can be tested: a tail, a folder, a listening socket or
 * a replayed file as input, a journal, folders of files that appear whole, a
 * supervisor. It behaves as `rivulet run` with a state directory is to behave with
 * examples/audit.c, and shares nothing with the engine. With FAKE_BUG=NAME in the
 * environment it has one mistake, which the tests must find.
 *
 *   fake run --state DIR [--interval Nms] [OPTION VALUE] JOB INPUT OUTDIR
 *
 * The order of things: outputs under temporary names, synced; the journal's line
 * appended, synced; names changed, folder synced (commit in batch.c). */
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---------------------------------------------------------------- the input */

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool take(void)
{
    if (starts(w.input, "tail:"))
        return take_file(w.input + 5, source_of("tail"), false);
    if (starts(w.input, "replay:"))
        return take_file(strchr(w.input + 7, ':') + 1, source_of("replay"),
                         true);
    if (starts(w.input, "dir:"))
        return take_folder(w.input + 4);
    return take_peers();
}

/* --------------------------------------------------------------- the worker */

static void on_stop(int number)
{
    (void)number;
    if (++w.stops > 1)
        _exit(STOPPED);
}

static void state_open(void)
{
    char path[PATH_ROOM];
    if (mkdir(w.state, 0700) < 0 && errno != EEXIST)
        end(BUSY, "mkdir %s", w.state);
    path_of(path, w.state, "lock");
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    must(lock >= 0, "open", path);
    if (!bug("no_lock") && flock(lock, LOCK_EX | LOCK_NB) < 0)
        end(errno == EWOULDBLOCK ? BUSY : IO, "%s is in use", w.state);
    path_of(path, w.state, "journal");
    journal_read(path);
    w.journal = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    must(w.journal >= 0, "open", path);
    int folder = open(w.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(folder >= 0, "open", w.state);
    sync_fd(folder, w.state);
    close(folder);
}

static int worker(void)
{
    struct sigaction on = { .sa_handler = on_stop, .sa_flags = SA_RESTART };
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGTERM, &on, NULL);
    sigaction(SIGINT, &on, NULL);
    sigaction(SIGHUP, &on, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    state_open();
    for (int i = 0; i < 2; i++) {
        out_open(i);
        if (w.batch > 0)
            out_publish(i);
        out_tidy(i);
    }
    if (starts(w.input, "listen://"))
        listen_open(w.input + 9);
    if (starts(w.input, "replay:"))
        w.replay_lines = strtol(w.input + 7, NULL, 10);
    long long tick = now_ms(CLOCK_MONOTONIC);
    while (!w.ended) {
        const bool last = w.stops > 0;
        const bool any = take();
        if (any)
            commit();
        if (last && !any)
            break;
        tick += w.interval_ms;
        wait_until(tick);
    }
    return 0;
}

/* ----------------------------------------------------------- the supervisor */

static volatile sig_atomic_t child;

static void pass_on(int number)
{
    w.stops++;
    if (child > 0)
        kill((pid_t)child, number);
}

static int supervise(void)
{
    struct sigaction on = { .sa_handler = pass_on, .sa_flags = SA_RESTART };
    const pid_t self = getpid();
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGTERM, &on, NULL);
    sigaction(SIGINT, &on, NULL);
    sigaction(SIGHUP, &on, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    for (int crash = 0; crash < CRASHES_MAX; crash++) {
        const long long since = now_ms(CLOCK_MONOTONIC);
        int status = 0;
        child = fork();
        if (child == 0) {
            if (!bug("orphan"))
                prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != self)
                _exit(STOPPED);
            _exit(worker());
        }
        while (waitpid((pid_t)child, &status, 0) < 0 && errno == EINTR)
            continue;
        if (WIFEXITED(status))
            return WEXITSTATUS(status);
        if (bug("no_restart"))
            break;
        if (w.stops > 0)
            return STOPPED;
        if (now_ms(CLOCK_MONOTONIC) - since > LONG_LIFE_MS)
            crash = 0;
    }
    return CRASHED;
}

int main(int argc, char **argv)
{
    int i = 1;
    bool alone = false;
    if (i < argc && strcmp(argv[i], "run") == 0)
        i++;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (strcmp(argv[i + 1], "restart.max=0") == 0)
            alone = true;
        if (strcmp(argv[i], "--state") == 0)
            w.state = argv[i + 1];
        if (strcmp(argv[i], "--interval") == 0)
            w.interval_ms = strtol(argv[i + 1], NULL, 10);
    }
    if (i + 2 >= argc || !w.state) {
        fprintf(stderr, "usage: fake run --state DIR JOB INPUT OUTDIR\n");
        return 64;
    }
    w.input = argv[i + 1];
    w.outdir = argv[i + 2];
    return alone ? worker() : supervise();
}
