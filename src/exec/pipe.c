/* exec/pipe.c - a partition through a program: its lines go to the program's
 * input while its output is read, so that neither waits for the other. The
 * program ends with its task, whatever happens. */
#include "exec/pipe.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "exec/chain.h"

enum {
    LOOK_NS = 50000000, /* between two looks whether the job has been stopped */
    OUT_BYTES = 8192,
    PATH_BYTES = 4096,
    LINE_BYTES_MAX = 1 << 28,
    FOLDERS_MAX = 1 << 20 /* names that are removed with an own folder */
};

/* How far the program's input has gone. */
struct place {
    size_t at;   /* the line that goes out */
    size_t done; /* bytes of it, or of what stands in front, that went */
    bool said;   /* what stands in front of all lines has gone */
};

/* What a task has of its program; ended with the task. */
struct pump {
    struct riv_sys *sys;
    const struct riv_pipe_arg *arg;
    struct riv_child child;
    bool runs, made; /* the program; its folder */
    const riv_str *line;
    size_t n; /* lines */
    struct place to;
    struct riv_buf got;
    char folder[PATH_BYTES]; /* with room for what is in it, when it goes */
};

static int failed(riv_task *t, int rc, const char *call, const char *what)
{
    struct riv_err err = { 0 };
    (void)riv__err_sys(&err, -rc, call, what);
    return riv_fail(t, "%s", err.text);
}

/* ------------------------------------------------------------- its folder */

static int keep_name(void *arg, const char *name)
{
    snprintf(arg, 256, "%s", name);
    return 1;
}

/* Removes what a program has left, without following links: a name that is no
 * folder is unlinked, a folder is entered, and left when it is empty. */
static void folder_remove(struct riv_sys *sys, char *path, size_t room)
{
    const size_t top = strlen(path);
    for (int i = 0; i < FOLDERS_MAX; i++) {
        char name[256] = "";
        const size_t n = strlen(path);
        if (sys->list(sys, path, keep_name, name) < 0)
            return;
        if (name[0] == '\0') {
            if (sys->rmdir(sys, path) < 0 || n == top)
                return;
            *strrchr(path, '/') = '\0';
            continue;
        }
        if (n + strlen(name) + 2 > room)
            return;
        snprintf(path + n, room - n, "/%s", name);
        const int rc = sys->unlink(sys, path);
        if (rc == 0)
            path[n] = '\0';
        else if (rc != -EISDIR && rc != -EPERM)
            return;
    }
}

static int folder_make(struct pump *pump, riv_task *t)
{
    uint64_t word = 0;
    const char *base = pump->arg->exec->conf->cache_dir;
    int rc = pump->sys->random(pump->sys, &word, sizeof word);
    snprintf(pump->folder, sizeof pump->folder, "%s/.rivulet-pipe-%016llx",
             base, (unsigned long long)word);
    if (rc == 0)
        rc = pump->sys->mkdir(pump->sys, pump->folder, RIV__MODE_PRIVATE);
    if (rc < 0)
        return failed(t, rc, "mkdir", pump->folder);
    pump->made = true;
    return 0;
}

/* ---------------------------------------------------------- its beginning */

static void close_end(struct pump *pump, int *fd)
{
    if (*fd >= 0)
        pump->sys->close(pump->sys, *fd);
    *fd = -1;
}

static void pump_end(void *p)
{
    struct pump *pump = p;
    if (!pump->sys)
        return;
    if (pump->runs) {
        pump->sys->reap(pump->sys, pump->child.pid, true);
        close_end(pump, &pump->child.to);
        close_end(pump, &pump->child.from);
    }
    if (pump->made)
        folder_remove(pump->sys, pump->folder, sizeof pump->folder);
    riv__buf_fini(&pump->got);
    pump->runs = pump->made = false;
    pump->sys = NULL;
}

static int pump_begin(struct pump *pump, const riv_str *lines, size_t n,
                      riv_task *t)
{
    const struct riv_pipe_arg *arg = t->arg;
    char number[48];
    *pump = (struct pump){ .sys = arg->exec->sys,
                           .arg = arg,
                           .line = lines,
                           .n = n,
                           .to.said = arg->first.n == 0 };
    riv__buf_init(&pump->got, LINE_BYTES_MAX);
    if (!pump->sys->spawn)
        return riv_fail(t, "no programs can be run in this world");
    if (arg->own_folder && folder_make(pump, t) < 0)
        return RIV_ERECORD;
    const char **env = riv_alloc(t, (arg->env_n + 2) * sizeof *env);
    snprintf(number, sizeof number, "RIVULET_PARTITION=%u", riv_partition(t));
    for (size_t i = 0; i < arg->env_n; i++)
        env[i] = arg->env[i];
    env[arg->env_n] = number;
    env[arg->env_n + 1] = NULL;
    const struct riv_command command = { .argv = arg->argv,
                                         .env = env,
                                         .folder = arg->own_folder
                                                       ? pump->folder
                                                       : arg->folder };
    const int rc = pump->sys->spawn(pump->sys, &command, &pump->child);
    if (rc < 0)
        return failed(t, rc, "running", arg->command);
    pump->runs = true;
    return 0;
}

/* -------------------------------------------------------------- its input */

/* What goes out next: the text in front, then a line, then its end. */
static riv_str next_bytes(const struct pump *pump)
{
    if (!pump->to.said)
        return (riv_str){ pump->arg->first.p + pump->to.done,
                          pump->arg->first.n - pump->to.done };
    if (pump->to.at == pump->n)
        return (riv_str){ NULL, 0 };
    const riv_str *line = &pump->line[pump->to.at];
    if (pump->to.done < line->n)
        return (riv_str){ line->p + pump->to.done, line->n - pump->to.done };
    return (riv_str){ "\n", 1 };
}

static void bytes_went(struct pump *pump, size_t n)
{
    pump->to.done += n;
    if (!pump->to.said && pump->to.done == pump->arg->first.n) {
        pump->to.said = true;
        pump->to.done = 0;
    } else if (pump->to.said &&
               pump->to.done == pump->line[pump->to.at].n + 1) {
        pump->to.at++;
        pump->to.done = 0;
    }
}

/* As much as the pipe takes, several short lines at once. A program that reads
 * no more, such as head, has what it wants. */
static int feed(struct pump *pump, riv_task *t)
{
    while (pump->child.to >= 0) {
        char out[OUT_BYTES];
        const struct place before = pump->to;
        size_t n = 0;
        for (riv_str next; n < sizeof out && (next = next_bytes(pump)).n > 0;) {
            const size_t m = RIV__MIN(next.n, sizeof out - n);
            memcpy(out + n, next.p, m);
            n += m;
            bytes_went(pump, m);
        }
        const int64_t rc =
            n > 0 ? pump->sys->feed(pump->sys, pump->child.to, out, n) : -EPIPE;
        if (rc == -EPIPE)
            close_end(pump, &pump->child.to);
        else if (rc == (int64_t)n)
            continue;
        else if (rc < 0 && rc != -EAGAIN && rc != -EINTR)
            return failed(t, (int)rc, "writing to", pump->arg->command);
        else { /* take back what did not go */
            pump->to = before;
            for (int64_t went = 0; went < rc;) {
                const size_t m =
                    RIV__MIN(next_bytes(pump).n, (size_t)(rc - went));
                bytes_went(pump, m);
                went += (int64_t)m;
            }
            return 0;
        }
    }
    return 0;
}

/* ------------------------------------------------------------- its output */

static void emit_line(const char *p, size_t n, riv_task *t)
{
    const riv_str line = riv_dup(t, p, n);
    riv_put(t, &line, 1);
}

static void emit_lines(struct pump *pump, bool all, riv_task *t)
{
    const char *at = pump->got.p, *end = at + pump->got.n, *stop;
    while (at < end && (stop = memchr(at, '\n', (size_t)(end - at)))) {
        emit_line(at, (size_t)(stop - at), t);
        at = stop + 1;
    }
    if (all && at < end)
        emit_line(at, (size_t)(end - at), t);
    const size_t left = all ? 0 : (size_t)(end - at);
    if (left > 0)
        memmove(pump->got.p, at, left);
    pump->got.n = left;
}

/* 1: there is no more. */
static int drain(struct pump *pump, riv_task *t)
{
    for (;;) {
        char *room = riv__buf_room(&pump->got, OUT_BYTES);
        if (!room)
            return riv_fail(t, "a line of \"%s\" is longer than %d bytes",
                            pump->arg->command, LINE_BYTES_MAX);
        const int64_t rc =
            pump->sys->read(pump->sys, pump->child.from, room, OUT_BYTES);
        if (rc == 0)
            return 1;
        if (rc == -EAGAIN || rc == -EINTR)
            return 0;
        if (rc < 0)
            return failed(t, (int)rc, "reading from", pump->arg->command);
        pump->got.n += (size_t)rc;
        emit_lines(pump, false, t);
    }
}

/* ---------------------------------------------------------- and its end */

static int wait_some(struct pump *pump, struct riv_pollfd *fds, unsigned n,
                     riv_task *t)
{
    struct riv_sys *sys = pump->sys;
    if (atomic_load(&pump->arg->exec->stop))
        return riv_die(t, "\"%s\" was ended: the job has been stopped",
                       pump->arg->command);
    const int rc = sys->poll(sys, fds, n, NULL, sys->mono_ns(sys) + LOOK_NS);
    return rc < 0 ? failed(t, rc, "poll", pump->arg->command) : 0;
}

static int pump_through(struct pump *pump, riv_task *t)
{
    int rc = 0;
    while (rc == 0) {
        struct riv_pollfd fds[] = {
            { .fd = pump->child.from, .events = RIV__POLL_IN },
            { .fd = pump->child.to, .events = RIV__POLL_OUT }
        };
        RIV__TRY(wait_some(pump, fds, 2, t));
        RIV__TRY(feed(pump, t));
        rc = drain(pump, t);
    }
    RIV__TRY(rc);
    emit_lines(pump, true, t);
    close_end(pump, &pump->child.to);
    close_end(pump, &pump->child.from);
    return 0;
}

/* It has closed its output; most are gone at once. */
static int pump_wait(struct pump *pump, riv_task *t)
{
    const char *command = pump->arg->command;
    int rc;
    while ((rc = pump->sys->reap(pump->sys, pump->child.pid, false)) == -EAGAIN)
        RIV__TRY(wait_some(pump, NULL, 0, t));
    pump->runs = false;
    if (rc < 0)
        return failed(t, rc, "waiting for", command);
    if (rc >= 256)
        return riv_fail(t, "\"%s\" was ended by signal %d", command, rc - 256);
    return rc > 0 ? riv_fail(t, "\"%s\" ended with status %d", command, rc) : 0;
}

RIV_GLOM(pipe_lines, riv_str, riv_str);
static int pipe_lines(const riv_str *lines, size_t n, pipe_lines_out *out,
                      riv_task *t)
{
    struct pump *pump = riv_local(t, sizeof *pump, pump_end);
    (void)out;
    int rc = pump_begin(pump, lines, n, t);
    if (rc == 0)
        rc = pump_through(pump, t);
    if (rc == 0)
        rc = pump_wait(pump, t);
    pump_end(pump);
    return rc;
}

const riv_fn *riv__pipe_fn(void)
{
    return pipe_lines_fn;
}
