/* api/workers.c - the workers of a context: made once, when settings are fixed,
 * and told what to call back: outputs, records that are refused, warnings. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "api/context.h"
#include "connect/sinks.h"
#include "exec/memory.h"

/* A reader that has gone (EPIPE) is told from a disk that is full: the command
 * ends quietly then. */
static int write_out(void *owner, const char *p, size_t n, struct riv_err *err)
{
    riv *r = owner;
    int rc = 0;
    riv__lock(&r->say); /* several outputs may be "-" */
    while (n > 0 && rc == 0) {
        int64_t done = r->sys->write(r->sys, STDOUT_FILENO, p, n);
        if (done == -EINTR)
            continue;
        r->out_closed = done == -EPIPE;
        if (done < 0) {
            rc = riv__err_sys(err, (int)-done, "write", "standard output");
            break;
        }
        p += done;
        n -= (size_t)done;
    }
    riv__unlock(&r->say);
    return rc;
}

/* The log function takes text that ends with NUL: one inside would hide what
 * follows, so it is shown as "?". */
static void show_nuls(char *p, size_t n)
{
    for (char *nul = p; (nul = memchr(nul, '\0', n - (size_t)(nul - p)));)
        *nul = '?';
}

/* Lines of riv_print to the log function, one by one. */
static int print_out(void *owner, char *p, size_t n, struct riv_err *err)
{
    riv *r = owner;
    if (!r->log || n == 0)
        return 0;
    show_nuls(p, n);
    riv__lock(&r->say);
    for (char *end = p + n; p < end && r->print_errno == 0;) {
        char *nl = memchr(p, '\n', (size_t)(end - p));
        if (!nl)
            break;
        *nl = '\0';
        r->log(r->log_arg, RIV_LOG_OUTPUT, p);
        p = nl + 1;
    }
    riv__unlock(&r->say);
    r->out_closed = r->print_errno == EPIPE;
    return r->print_errno == 0
               ? 0
               : riv__err_sys(err, r->print_errno, "write", "standard output");
}

static void record_refused(void *owner, const riv_ds *ds, riv_str record,
                           const char *why)
{
    riv *r = owner;
    riv__lock(&r->say);
    r->listener.record_failed(r->listener.arg, riv__ds_name(ds), record, why);
    riv__unlock(&r->say);
}

static void records_untold(void *owner, uint64_t n)
{
    riv__context_log(owner, RIV_LOG_WARN,
                     "%llu more records failed in this batch than the listener "
                     "was told of",
                     (unsigned long long)n);
}

static void file_left_out(void *owner, const char *why)
{
    riv__context_log(owner, RIV_LOG_WARN, "left out: %s", why);
}

static size_t live_inputs(const riv *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->nsource; i++)
        n += r->source[i]->live;
    return n;
}

int riv__context_ready(riv *r)
{
    struct riv_err err = { 0 };
    if (r->exec_ready || r->graph.err.code < 0)
        return r->graph.err.code;
    int rc = riv__conf_check(&r->conf, &err);
    riv__memory_share(&r->conf.settings, live_inputs(r));
    int64_t threads = r->conf.settings.threads;
    if (threads == 0)
        threads = RIV__MIN(r->sys->cores(r->sys), RIV__WORKERS_MAX);
    riv__lock(&r->lock); /* riv_stop may come before the start */
    r->exec = (struct riv_exec){
        .stop = r->stop_asked != 0,
        .sys = r->sys,
        .watch = r->watch,
        .conf = &r->conf.settings,
        .graph = &r->graph,
        .runners = riv__runners,
        .sinks = riv__sinks,
        .owner = r,
        .write = write_out,
        .print = print_out,
        .cut_finite = riv__inputs_finite,
        .refused = r->listener.record_failed ? record_refused : NULL,
        .untold = records_untold,
        .left_out = file_left_out,
    };
    riv__unlock(&r->lock);
    r->exec_ready = true; /* fini may run on what init left */
    if (rc == 0)
        rc = riv__exec_init(&r->exec, (unsigned)RIV__MAX(threads, 1), &err);
    return rc < 0 ? riv__graph_fail(&r->graph, rc, "%s", err.text) : 0;
}
