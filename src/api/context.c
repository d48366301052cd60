/* api/context.c - from riv_new to riv_free: settings, the graph, the error,
 * counters. How it runs is run.c; what others need of it, workers.c and log.c. */
#include "api/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/show.h"
#include "api/status.h"
#include "api/table.h"
#include "exec/user.h"

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
