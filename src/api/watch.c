/* api/watch.c - the functions of rivulet/watch.h: what a supervisor asks of the
 * page that it shares with the process at work. riv_cli_worker is cli_main.c's. */
#include <stdio.h>

#include "api/context.h"
#include "base/str.h"
#include "exec/watch.h"
#include "sys/notify.h"

enum {
    TICK_MIN_MS = 10,
    TICK_MEMORY_MS = 25, /* memory grows by a gigabyte in half a second */
    TICK_MAX_MS = 1000,
    TASK_ENDS_BYTES =
        4 << 20 /* more is taken until a task that is ended stops */
};

size_t riv_watch_bytes(void)
{
    return sizeof(struct riv_watch);
}

/* A quarter of what it is to find out, but neither idle work nor a long wait. */
static int64_t tick_of(const riv_watch *watch)
{
    const int64_t most_ms = atomic_load(&watch->task_timeout_ms);
    const int64_t tick_ms = atomic_load(&watch->memory_bytes_max) > 0
                                ? TICK_MEMORY_MS
                                : TICK_MAX_MS;
    if (most_ms == 0 || most_ms / 4 > tick_ms)
        return tick_ms;
    return RIV__MAX(most_ms / 4, (int64_t)TICK_MIN_MS);
}

/* So that it does not have more than a tenth over the limit when it is ended: it
 * goes on for two milliseconds, or what is left of them. */
static int64_t memory_max(const riv_watch *watch)
{
    const int64_t limit = atomic_load(&watch->memory_bytes_max);
    if (limit <= 0 || limit > INT64_MAX / 2)
        return 0;
    return RIV__MAX(limit + limit / 10 - TASK_ENDS_BYTES, limit + limit / 50);
}

static bool is_busy(const struct riv_now *now)
{
    return atomic_load(&now->task) % 2 != 0;
}

/* Of the thread at fault; without one of the only thread that was at work. */
static uint64_t line_of(const riv_watch *watch)
{
    const int32_t thread = atomic_load(&watch->fault.thread);
    uint64_t line = 0;
    unsigned busy = 0;
    for (size_t i = 0; i < RIV__WORKERS_MAX; i++) {
        const struct riv_now *now = &watch->now[i];
        if (!is_busy(now))
            continue;
        if (thread != 0 && atomic_load(&now->thread) == thread)
            return atomic_load(&now->line);
        line = atomic_load(&now->line);
        busy++;
    }
    return busy == 1 ? line : 0;
}

void riv_watch_look(const riv_watch *watch, riv_watch_info *info)
{
    const riv_watch_info now = {
        .struct_size = info->struct_size,
        .goes_on = atomic_load(&watch->goes_on),
        .ready = atomic_load(&watch->ready),
        .ended = atomic_load(&watch->ended),
        .exit_code = atomic_load(&watch->exit_code),
        .batch = atomic_load(&watch->batch),
        .batch_time = atomic_load(&watch->batch_time),
        .fault_signal = atomic_load(&watch->fault.number),
        .tick_ms = tick_of(watch),
        .tried = atomic_load(&watch->sieve.applied),
        .passed = atomic_load(&watch->sieve.passed),
        .poison = atomic_load(&watch->poison),
        .line = line_of(watch),
        .below = atomic_load(&watch->sieve.below),
        .low = atomic_load(&watch->sieve.low),
        .high = atomic_load(&watch->sieve.high),
        .above = atomic_load(&watch->sieve.above),
        .memory_max = memory_max(watch),
    };
    memcpy(info, &now, RIV__MIN(info->struct_size, sizeof now));
}

/* ------------------------------------------------------------ what it does */

/* Behind what stands in `text`. In memory that a dead process has written: every
 * byte may be wrong. */
static void put_worker(const struct riv_watch *watch, const struct riv_now *now,
                       char *text, size_t room)
{
    const uint32_t op = atomic_load(&now->op);
    const char *name = op > 0 && op <= RIV__WATCH_OPS ? watch->op[op - 1] : "";
    const size_t n = strlen(text);
    char shown[2 * RIV__WATCH_TEXT];
    if (*name)
        riv__str_show(shown, sizeof shown,
                      riv__str(name, strnlen(name, RIV__WATCH_TEXT)));
    snprintf(text + n, room - n, "%s%s, partition %u", n > 0 ? " or " : "",
             *name    ? shown
             : op > 0 ? "a function of the batch's graph"
                      : "the engine",
             atomic_load(&now->partition));
}

/* Allocates nothing: a handler of faults calls it, too. */
char *riv_watch_doing(const riv_watch *watch, char *text, size_t room)
{
    const int32_t thread = atomic_load(&watch->fault.thread);
    const struct riv_now *at_fault = NULL;
    if (room == 0)
        return text;
    *text = '\0';
    for (size_t i = 0; thread != 0 && i < RIV__WORKERS_MAX; i++)
        if (is_busy(&watch->now[i]) &&
            atomic_load(&watch->now[i].thread) == thread)
            at_fault = &watch->now[i];
    for (size_t i = 0; i < RIV__WORKERS_MAX; i++)
        if (at_fault ? at_fault == &watch->now[i] : is_busy(&watch->now[i]))
            put_worker(watch, &watch->now[i], text, room);
    return text;
}

char *riv_watch_reads(const riv_watch *watch, char *text, size_t room)
{
    return riv__str_show(
        text, room,
        riv__str(watch->reads, strnlen(watch->reads, RIV__WATCH_READS)));
}

/* -------------------------------------------------------------------- hangs */

int riv_watch_tick(riv_watch *watch, int64_t passed_ms)
{
    const int64_t most_ms = atomic_load(&watch->task_timeout_ms);
    for (size_t i = 0; i < RIV__WORKERS_MAX; i++) {
        const struct riv_now *now = &watch->now[i];
        struct riv_watch_seen *seen = &watch->seen[i];
        const uint32_t task = atomic_load(&now->task);
        if (task == seen->task && task % 2 != 0)
            seen->ms += passed_ms;
        else
            *seen = (struct riv_watch_seen){ .task = task };
        if (most_ms > 0 && seen->ms > most_ms)
            return atomic_load(&now->thread);
    }
    return 0;
}

/* A task that has just begun is not to blame for what was there. */
int riv_watch_memory(const riv_watch *watch, int64_t bytes)
{
    const int64_t most = memory_max(watch);
    int64_t longest_ms = 0;
    int thread = 0;
    if (most <= 0 || bytes <= most)
        return 0;
    for (size_t i = 0; i < RIV__WORKERS_MAX; i++) {
        const struct riv_watch_seen *seen = &watch->seen[i];
        if (seen->ms > longest_ms &&
            atomic_load(&watch->now[i].task) == seen->task) {
            longest_ms = seen->ms;
            thread = atomic_load(&watch->now[i].thread);
        }
    }
    return thread;
}

/* ---------------------------------------------------------------- its life */

void riv_watch_ask(riv_watch *watch)
{
    atomic_fetch_add(&watch->asked, 1);
}

void riv_watch_reset(riv_watch *watch)
{
    const int asked = atomic_load(&watch->asked);
    const int starts = atomic_load(&watch->starts);
    memset(watch, 0, sizeof *watch);
    atomic_store(&watch->asked, asked);
    atomic_store(&watch->starts, starts + 1);
}

void riv_watch_try(riv_watch *watch, const riv_trial *trial)
{
    struct riv_sieve *sieve = &watch->sieve;
    *sieve = (struct riv_sieve){ .batch = trial->batch,
                                 .from = trial->from,
                                 .until = trial->until,
                                 .probes = trial->probes,
                                 .fixes = trial->fixes };
    for (; sieve->nskip < trial->nskip && sieve->nskip < RIV__SKIPS_MAX;
         sieve->nskip++) {
        const riv_skip *skip = &trial->skip[sieve->nskip];
        sieve->skip[sieve->nskip].place = skip->place;
        snprintf(sieve->skip[sieve->nskip].why, RIV__SKIP_WHY, "%s", skip->why);
    }
}

int riv_notify(const char *lines)
{
    return riv__notify_send(lines) < 0 ? RIV_EIO : RIV_OK;
}

int64_t riv_notify_ms(void)
{
    return riv__notify_watchdog_ms();
}
