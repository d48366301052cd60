/* http/local.c - the status of a job at the socket of its state directory. */
#include "http/local.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "http/tap.h"
#include "obs/words.h"
#include "sys/thread.h"

enum { BACKLOG = 8, WORDS_BATCHES = 100, NS_A_MS = 1000000, AGAIN_MS = 100 };

struct riv_local {
    struct riv_viewer viewer;
    struct riv_thread thread;
    struct riv_wake wake;
    atomic_bool stopping;
    int fd; /* -EADDRINUSE: another process still has the name */
    char name[RIV__LOCAL_NAME_BYTES];
};

/* Waits for the peer; false: too late, or the job ends. */
static bool ready(struct riv_local *local, int fd, short events,
                  int64_t until_ns)
{
    struct riv_sys *sys = local->viewer.sys;
    struct riv_pollfd one = { .fd = fd, .events = events };
    for (;;) {
        if (atomic_load(&local->stopping) || sys->mono_ns(sys) >= until_ns)
            return false;
        const int rc = sys->poll(sys, &one, 1, &local->wake, until_ns);
        if (rc != 0)
            return rc > 0;
    }
}

/* The line, without its end. False: none came in time, or one that is too long.
 */
static bool asked(struct riv_local *local, int fd, char *line)
{
    struct riv_sys *sys = local->viewer.sys;
    const int64_t until_ns =
        sys->mono_ns(sys) + (int64_t)RIV__LOCAL_ASK_MS_MAX * NS_A_MS;
    size_t n = 0;
    while (n < RIV__LOCAL_ASK_MAX && ready(local, fd, RIV__POLL_IN, until_ns)) {
        const int64_t got =
            sys->recv(sys, fd, line + n, RIV__LOCAL_ASK_MAX - n);
        if (got == -EAGAIN)
            continue;
        if (got <= 0)
            return false;
        n += (size_t)got;
        char *end = memchr(line, '\n', n);
        if (!end)
            continue;
        *end = '\0';
        return true;
    }
    return false;
}

static void tell(struct riv_local *local, int fd, const struct riv_buf *text)
{
    struct riv_sys *sys = local->viewer.sys;
    const int64_t until_ns =
        sys->mono_ns(sys) + (int64_t)RIV__LOCAL_TELL_MS_MAX * NS_A_MS;
    size_t at = 0;
    while (at < text->n && ready(local, fd, RIV__POLL_OUT, until_ns)) {
        const int64_t n = sys->send(sys, fd, text->p + at, text->n - at);
        if (n < 0 && n != -EAGAIN && n != -EINTR)
            return;
        at += n > 0 ? (size_t)n : 0;
    }
}

static void answer(struct riv_local *local, char *line, struct riv_buf *to)
{
    static const char tap[] = "tap ";
    const bool json = strcmp(line, "json") == 0;
    if (strncmp(line, tap, sizeof tap - 1) == 0) {
        riv__tap_line(&local->viewer, line + sizeof tap - 1, to);
        return;
    }
    if (!json && strcmp(line, "lines") != 0) {
        riv__buf_str(to, "-there are \"lines\", \"json\" and \"tap\"\n");
        return;
    }
    struct riv_picture *p = local->viewer.picture(
        local->viewer.arg, json ? SIZE_MAX : (size_t)WORDS_BATCHES);
    if (!p)
        riv__buf_str(to, "-no memory for a status\n");
    else if (json)
        riv__picture_json(p, p->nbatch, to);
    else
        riv__picture_words(p, to);
    riv__picture_free(p);
}

static void serve(struct riv_local *local, int fd)
{
    char line[RIV__LOCAL_ASK_MAX + 1];
    struct riv_buf text;
    if (!asked(local, fd, line))
        return;
    riv__buf_init(&text, 0);
    answer(local, line, &text);
    if (!text.failed)
        tell(local, fd, &text);
    riv__buf_fini(&text);
}

/* A process that was killed a moment ago has its name until the system has taken
 * it apart: the folder it ran on, or one that had this number before it was
 * deleted. */
static void take_name(struct riv_local *local)
{
    struct riv_sys *sys = local->viewer.sys;
    while (local->fd == -EADDRINUSE && !atomic_load(&local->stopping)) {
        (void)sys->poll(sys, NULL, 0, &local->wake,
                        sys->mono_ns(sys) + (int64_t)AGAIN_MS * NS_A_MS);
        local->fd = sys->listen_name(sys, local->name, BACKLOG);
    }
}

static void local_run(void *arg)
{
    struct riv_local *local = arg;
    struct riv_sys *sys = local->viewer.sys;
    take_name(local);
    while (local->fd >= 0 && !atomic_load(&local->stopping)) {
        if (!ready(local, local->fd, RIV__POLL_IN, INT64_MAX))
            continue;
        const int fd = sys->accept(sys, local->fd);
        if (fd < 0)
            continue;
        if (sys->peer_is_own(sys, fd))
            serve(local, fd);
        sys->close(sys, fd);
    }
}

/* By what the folder is, not what it is called: it may be named in many ways, and
 * a copy of it is another one. */
static int listen_for(struct riv_local *local, const char *dir,
                      struct riv_err *err)
{
    struct riv_sys *sys = local->viewer.sys;
    struct riv_stat st;
    const int rc = sys->stat(sys, dir, &st);
    if (rc < 0)
        return riv__err_sys(err, -rc, "stat", dir);
    snprintf(local->name, sizeof local->name, RIV__LOCAL_NAME,
             (unsigned long long)st.device, (unsigned long long)st.inode);
    local->fd = sys->listen_name(sys, local->name, BACKLOG);
    return local->fd < 0 && local->fd != -EADDRINUSE
               ? riv__err_sys(err, -local->fd, "listen", dir)
               : 0;
}

static int local_open(struct riv_local *local, const char *dir,
                      struct riv_err *err)
{
    struct riv_sys *sys = local->viewer.sys;
    int rc = sys->wake_open(sys, &local->wake);
    if (rc < 0) {
        local->wake.fd = -1;
        return riv__err_sys(err, -rc, "eventfd", NULL);
    }
    if (!sys->listen_name)
        return riv__err_set(err, RIV_EUNAVAIL, "there are no such sockets");
    RIV__TRY(listen_for(local, dir, err));
    return riv__thread_start(&local->thread, "riv-status", local_run, local,
                             err);
}

int riv__local_start(const struct riv_viewer *viewer, const char *dir,
                     struct riv_local **ret, struct riv_err *err)
{
    struct riv_local *local = calloc(1, sizeof *local);
    if (!local)
        return riv__err_set(err, RIV_ENOMEM, "no memory for the status");
    local->viewer = *viewer;
    local->fd = -1;
    local->wake.fd = -1;
    const int rc = local_open(local, dir, err);
    if (rc < 0)
        riv__local_stop(local);
    else
        *ret = local;
    return rc;
}

void riv__local_stop(struct riv_local *local)
{
    if (!local)
        return;
    struct riv_sys *sys = local->viewer.sys;
    atomic_store(&local->stopping, true);
    if (local->wake.fd >= 0)
        sys->wake_raise(sys, &local->wake);
    riv__thread_join(&local->thread);
    if (local->fd >= 0)
        sys->close(sys, local->fd);
    if (local->wake.fd >= 0)
        sys->wake_close(sys, &local->wake);
    free(local);
}
