/* api/context.c - from riv_new to riv_free: settings, the graph, the workers,
 * messages. How it runs is run.c. */
#include "api/context.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/show.h"
#include "api/status.h"
#include "api/table.h"
#include "connect/sinks.h"
#include "exec/memory.h"
#include "exec/user.h"

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

void riv__context_log(riv *r, int level, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    const bool is_shown = r->board && level <= RIV_LOG_WARN;
    const bool is_logged =
        r->log && level <= r->conf.settings.log_level + RIV_LOG_ERROR;
    if (!is_shown && !is_logged)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (is_shown)
        riv__board_text(r->board, text);
    if (!is_logged)
        return;
    riv__lock(&r->say);
    r->log(r->log_arg, level, text);
    riv__unlock(&r->say);
}

/* ------------------------------------------------------------- settings */

int riv__context_set(riv *r, const char *name, const char *value,
                     enum riv_layer layer, const char *where)
{
    struct riv_err err = { 0 };
    int rc = r->exec_ready
                 ? riv__err_set(&err, RIV_EINVAL,
                                "setting \"%s\": too late, the job has started",
                                name)
                 : riv__conf_set(&r->conf, riv_cstr(name), riv_cstr(value),
                                 layer, where, &err);
    return rc < 0 ? riv__graph_fail(&r->graph, rc, "%s", err.text) : 0;
}

void riv_set(riv *r, const char *key, const char *value)
{
    if (!key || !value)
        riv__graph_fail(&r->graph, RIV_EINVAL, "riv_set: no %s",
                        key ? "value" : "name");
    else
        riv__context_set(r, key, value, RIV__LAYER_PROGRAM, NULL);
}

int riv_get(const riv *r, const char *key, char *value, size_t room)
{
    const struct riv_prop *prop = key ? riv__prop_find(riv_cstr(key)) : NULL;
    if (!prop || !value || room == 0)
        return RIV_EINVAL;
    riv__conf_show(&r->conf, prop, value, room);
    return RIV_OK;
}

static void config_apply(riv *r, const riv_config *c)
{
    char number[RIV__ERR_TEXT_MAX];
    r->log = c->log;
    r->log_arg = c->log_arg;
    if (c->listener)
        memcpy(&r->listener, c->listener,
               RIV__MIN(c->listener->struct_size, sizeof r->listener));
    if (c->name)
        riv_set(r, "name", c->name);
    if (c->threads != 0) {
        snprintf(number, sizeof number, "%d", c->threads);
        riv_set(r, "threads", number);
    }
    if (c->batch_ms != 0) {
        snprintf(number, sizeof number, "%lldms", (long long)c->batch_ms);
        riv_set(r, "batch.interval", number);
    }
    if (c->checkpoint)
        riv_set(r, "state.dir", c->checkpoint);
}

/* ---------------------------------------------------------------- life */

/* What riv_new gives when there is no memory at all: refuses everything. */
static riv *no_context(void)
{
    static riv none = { .graph = { .err = { RIV_ENOMEM, "out of memory" } } };
    return &none;
}

static bool is_none(const riv *r)
{
    return r == no_context();
}

riv *riv_new(const riv_config *c)
{
    riv *r = calloc(1, sizeof *r);
    riv_config config = { .struct_size = sizeof config };
    if (!r)
        return no_context();
    r->sys = riv__sys_real();
    riv__conf_init(&r->conf);
    riv__graph_init(&r->graph, r);
    riv__lock_init(&r->say);
    riv__lock_init(&r->lock);
    riv__cond_init(&r->ended);
    riv__arena_init(&r->own, 1024);
    if (c)
        memcpy(&config, c, RIV__MIN(c->struct_size, sizeof config));
    config_apply(r, &config);
    return r;
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

static void counters_free(riv *r)
{
    while (r->counters) {
        struct riv_counter *next = r->counters->next;
        free(r->counters);
        r->counters = next;
    }
}

void riv_free(riv *r)
{
    if (!r || is_none(r))
        return;
    if (r->has_thread) {
        riv_stop(r, RIV_NOW);
        riv__thread_join(&r->thread);
    }
    riv__show_stop(r);
    (void)riv__context_durable_end(r, 0, NULL); /* it knows the plan's sinks */
    riv__plan_free(r->plan);
    riv__inputs_free(r); /* their threads wake the generator */
    if (r->step_gen) {
        riv__generator_fini(r->step_gen);
        free(r->step_gen);
    }
    if (r->exec_ready)
        riv__exec_fini(&r->exec);
    riv__status_free(r);
    counters_free(r);
    riv__tables_free(r);
    riv__graph_fini(&r->graph);
    riv__arena_fini(&r->own);
    riv__cond_fini(&r->ended);
    riv__lock_fini(&r->lock);
    riv__lock_fini(&r->say);
    free(r);
}

int riv_error(const riv *r)
{
    return __atomic_load_n(&r->graph.err.code, __ATOMIC_ACQUIRE);
}

const char *riv_errmsg(const riv *r)
{
    return r->graph.err.text;
}

int riv_invalid(riv *r, const char *fmt, ...)
{
    char text[RIV__ERR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    riv__graph_fail(&r->graph, RIV_EINVAL, "%s", text);
    return RIV_EINVAL;
}

uint32_t riv_version(void)
{
    return RIV_VERSION;
}

riv_counter *riv_counter_new(riv *r, const char *name)
{
    static struct riv_counter none; /* counts for nobody */
    size_t n = name ? strlen(name) + 1 : 0;
    for (const struct riv_counter *c = r->counters; c && name; c = c->next)
        if (strcmp(c->name, name) == 0)
            riv__graph_fail(&r->graph, RIV_EINVAL,
                            "riv_counter_new: \"%s\" exists already", name);
    struct riv_counter *c = n ? calloc(1, sizeof *c + n) : NULL;
    if (!c) {
        riv__graph_fail(&r->graph, n ? RIV_ENOMEM : RIV_EINVAL,
                        "riv_counter_new: no %s", n ? "memory" : "name");
        return &none;
    }
    c->name = memcpy(c + 1, name, n);
    c->next = r->counters;
    c->index = r->counters ? r->counters->index + 1 : 0;
    r->counters = c;
    return c;
}

int riv_describe(riv *r, int how, riv_write_fn *write, void *arg)
{
    struct riv_err err = { 0 };
    if (r->graph.err.code < 0)
        return r->graph.err.code;
    if (how != RIV_PLAN_TEXT && how != RIV_PLAN_DOT)
        return riv_invalid(r,
                           "riv_describe: how is %d; RIV_PLAN_TEXT and "
                           "RIV_PLAN_DOT are known",
                           how);
    if (!write)
        return riv_invalid(r, "riv_describe: no place for its text is given");
    RIV__TRY(riv__context_ready(r));
    r->graph.frozen = true;
    int rc = riv__context_rehearse(r, &err);
    if (rc < 0)
        return riv__graph_fail(&r->graph, rc, "%s", err.text);
    rc = riv__describe(&r->graph, how, write, arg);
    return rc < 0 ? riv__graph_fail(&r->graph, rc, "riv_describe: no memory")
                  : 0;
}
