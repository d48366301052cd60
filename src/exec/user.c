/* exec/user.c - the functions a user's function may call: memory, reasons,
 * scratch, partition, counters. All on the task's own step, without locks. */
#include "exec/user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "exec/leave.h"

static void why_set(riv_task *t, const char *fmt, va_list ap) RIV__FORMAT(2, 0);

static void why_set(riv_task *t, const char *fmt, va_list ap)
{
    struct riv_step *step = riv__step_of(t);
    vsnprintf(step->why, sizeof step->why, fmt, ap);
}

int riv_fail(riv_task *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    why_set(t, fmt, ap);
    va_end(ap);
    return RIV_ERECORD;
}

int riv_die(riv_task *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    why_set(t, fmt, ap);
    va_end(ap);
    return RIV_EFATAL;
}

static _Noreturn void no_memory(struct riv_step *step, const char *call,
                                size_t n)
{
    char show[160];
    snprintf(step->why, sizeof step->why, "%s: %s: no memory for %zu bytes",
             riv__ds_show(step->ds, show, sizeof show), call, n);
    if (step->chain)
        riv__chain_fail(step->chain, RIV_ENOMEM, "%s", step->why);
    riv__leave_now(step);
}

void *riv_alloc(riv_task *t, size_t n)
{
    struct riv_step *step = riv__step_of(t);
    void *p = riv__arena_alloc(&step->arena, n);
    if (RIV__RARELY(!p))
        no_memory(step, "riv_alloc", n);
    return p;
}

riv_str riv_dup(riv_task *t, const char *p, size_t n)
{
    char *copy = riv_alloc(t, n);
    if (n > 0)
        memcpy(copy, p, n);
    return (riv_str){ copy, n };
}

riv_str riv_fmt(riv_task *t, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return (riv_str){ NULL, 0 };
    if ((size_t)n < sizeof text)
        return riv_dup(t, text, (size_t)n);
    char *p = riv_alloc(t, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return (riv_str){ p, (size_t)n };
}

/* The memory stays with the step; only its contents live for a task. */
void *riv_local(riv_task *t, size_t n, void (*fini)(void *))
{
    struct riv_step *step = riv__step_of(t);
    struct riv_local *local = riv__step_local(step, step->way);
    if (local->used)
        return local->p;
    if (n > local->bytes) {
        void *p = n < PTRDIFF_MAX ? realloc(local->p, n) : NULL;
        if (!p)
            no_memory(step, "riv_local", n);
        local->p = p;
        local->bytes = n;
    }
    if (n > 0)
        memset(local->p, 0, n);
    local->used = true;
    local->fini = fini;
    return local->p;
}

uint32_t riv_partition(const riv_task *t)
{
    const struct riv_step *step = (const struct riv_step *)(const void *)t;
    const struct riv_chain *chain = step->chain;
    if (!chain || !step->def || step->def->ways.n == 0)
        return chain ? chain->partition : 0;
    const struct riv_way *way = &step->def->ways.way[step->way];
    const bool early = chain->early && chain->stage->level == 0;
    if (step->def->apart || (early && step->def->branches > 1))
        return chain->partition * step->def->branches + way->branch;
    return chain->partition + way->before;
}

void riv_put(riv_task *t, const void *rows, size_t n)
{
    struct riv_step *step = riv__step_of(t);
    const char *from = rows;
    for (size_t i = 0; i < n; i++, from += step->row_bytes) {
        if (t->cur == t->end)
            riv_task_grow(t);
        memcpy(t->cur, from, step->row_bytes);
        t->cur = (char *)t->cur + step->row_bytes;
    }
}

static void counter_commit(riv_counter *c, int64_t n)
{
    atomic_fetch_add_explicit(&c->value, n, memory_order_relaxed);
}

static int counted_room(struct riv_chain *chain, uint32_t index)
{
    const size_t had = chain->counted_cap;
    if (RIV__VEC_ROOM(chain->counted, chain->counted_cap, index + 1) < 0)
        return riv__chain_fail(chain, RIV_ENOMEM, "no memory for counters");
    memset(chain->counted + had, 0,
           (chain->counted_cap - had) * sizeof *chain->counted);
    return 0;
}

/* Outside of tasks - where parts are put together - nothing is tried again. */
void riv_counter_add(riv_task *t, riv_counter *c, int64_t n)
{
    struct riv_chain *chain = riv__step_of(t)->chain;
    if (!chain) {
        counter_commit(c, n);
        return;
    }
    if (RIV__RARELY(c->index >= chain->counted_cap) &&
        counted_room(chain, c->index) < 0)
        return;
    chain->counted[c->index].counter = c;
    chain->counted[c->index].n += n;
}

void riv__counted_end(struct riv_chain *chain, bool succeeded)
{
    for (size_t i = 0; i < chain->counted_cap; i++) {
        const struct riv_counted counted = chain->counted[i];
        if (succeeded && counted.counter)
            counter_commit(counted.counter, counted.n);
        chain->counted[i] = (struct riv_counted){ NULL, 0 };
    }
}

int64_t riv_counter_value(const riv_counter *c)
{
    return c ? atomic_load_explicit(&((riv_counter *)(uintptr_t)c)->value,
                                    memory_order_relaxed)
             : 0;
}
