/* sim/job_conf.c - what a seed means. Limits and sizes are far smaller than any
 * that can be set, so that rings fill, tasks split and windows turn with few
 * records. */
#include "sim/job.h"

#include <stdio.h>
#include <string.h>

#include "sim/actor.h"

enum { PORT = 7000 };

static int64_t one_of(struct rng *rng, const int64_t *list, size_t n)
{
    return list[rng_below(rng, n)];
}

#define ONE_OF(rng, ...) \
    one_of((rng), (const int64_t[]){ __VA_ARGS__ }, \
           sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

static void draw_check(struct check_conf *c, struct rng *rng)
{
    c->interval_ms = ONE_OF(rng, 1, 10, 100, 1000, 60000);
    for (int k = 0; k < 4; k++)
        c->ops |= 1u << rng_below(rng, OPS);
    if (c->ops & OP_SNAPS)
        c->ops |= OP_STATE;
    c->length_ms = rng_range(rng, 1, WINDOW_MAX) * c->interval_ms;
    c->slide_ms = rng_range(rng, 1, 4) * c->interval_ms;
    c->timeout_ms = rng_range(rng, 1, 6) * c->interval_ms;
    c->idle_max = (int)rng_range(rng, 1, 4);
    c->ninput = (unsigned)rng_range(rng, 1, 3);
    c->line_max = (size_t)ONE_OF(rng, LINE_MAX_BYTES, LINE_MAX_BYTES, 60, 40);
    c->cuts = rng_one_in(rng, 2);
}

static void draw_sched(struct job_conf *conf, struct world *w, struct rng *rng)
{
    struct sched_conf *s = &conf->sched;
    const int64_t interval_ns = conf->check.interval_ms * 1000000;
    const bool free = (w->faults & FAULT_SCHED) != 0;
    s->rng = rng_of(w->seed, 's');
    s->priorities = free && rng_one_in(rng, 2);
    s->switch_one_in = free ? (uint32_t)ONE_OF(rng, 1, 2, 4, 16, 64) : 0;
    s->demote_one_in = (uint32_t)ONE_OF(rng, 50, 500, 5000);
    s->point_ns_max = ONE_OF(rng, 0, 200, 2000, interval_ns / 2000);
    s->stall_one_in = (uint32_t)ONE_OF(rng, 100, 1000, 5000);
    s->stall_ns_max = ONE_OF(rng, interval_ns, 8 * interval_ns, 86400000000000);
    if (!(w->faults & FAULT_STALL))
        s->stall_one_in = 0;
    /* a folder that was asleep is looked at again after 10 s: 10,000 batches of
     * 1 ms that commit */
    s->points_max = (uint64_t)conf->batches * 20000 + 8000000;
    s->now_ns = rng_range(rng, 0, 1000000000);
    s->show = w->show;
}

static void draw_stop(struct job_conf *conf, struct world *w, struct rng *rng)
{
    const int64_t kind = rng_range(rng, STOP_EARLY, STOP_FREE);
    conf->stop_after = (uint64_t)rng_range(rng, 0, conf->batches);
    conf->in_background = rng_one_in(rng, 2);
    conf->stop = STOP_QUIET;
    if ((w->faults & FAULT_STOP) && rng_one_in(rng, 3))
        conf->stop = (enum stop_kind)kind;
    if (conf->stop == STOP_QUIET)
        conf->stop_after = (uint64_t)conf->batches;
    if (conf->stop == STOP_FREE)
        conf->in_background = true;
}

/* A job that is to survive has a state directory, and is looked at by its
 * files. */
static void draw_durable(struct job_conf *conf, struct world *w,
                         struct rng *rng)
{
    struct check_conf *c = &conf->check;
    conf->lives = (unsigned)rng_range(rng, 2, 12);
    conf->roll_bytes = ONE_OF(rng, 1, 1000, 20000, 1000000);
    if (c->interval_ms == 1) /* many batches while something is waited for */
        conf->roll_bytes = RIV__MAX(conf->roll_bytes, 1000);
    conf->roll_ms = RIV__MAX(c->interval_ms, 10) * ONE_OF(rng, 1, 5, 30, 1000);
    conf->wal_bytes = ONE_OF(rng, 20000, 100000, 1000000);
    conf->snapshot_bytes = ONE_OF(rng, 50, 1000, 10000);
    conf->page_bytes = rng_one_in(rng, 8) ? 0 : 4096;
    c->durable = (w->faults & (FAULT_KILL | FAULT_POWER)) != 0;
    if (c->durable)
        c->ops = (c->ops | OP_COUNT) & ~(unsigned)OP_ACTION;
}

/* Those who feed input i. */
static void make_feeders(const struct job_conf *conf, struct world *w,
                         struct rng *rng, uint32_t i)
{
    const int64_t think_ns =
        conf->check.interval_ms * rng_range(rng, 100000, 1500000);
    const int peers = (int)rng_range(rng, 1, 4);
    char path[32];
    snprintf(path, sizeof path, "/in/%u", i);
    switch (conf->input[i]) {
    case IN_TAIL: actor_appender(w, i, path, think_ns); break;
    case IN_DIR: actor_dropper(w, i, path, think_ns); break;
    case IN_TCP: actor_server(w, i, PORT + (int)i, think_ns); break;
    case IN_LISTEN:
        for (int k = 0; k < peers; k++)
            actor_talker(w, i, PORT + (int)i, think_ns);
        break;
    case IN_QUEUE:
    case IN_KINDS: break;
    }
}

void job_conf_draw(struct job_conf *conf, struct world *w, int64_t batches)
{
    struct rng rng = rng_of(w->seed, 'j');
    *conf = (struct job_conf){ .batches = batches };
    draw_check(&conf->check, &rng);
    const int64_t interval_ms = conf->check.interval_ms;
    conf->threads = (int)ONE_OF(&rng, 1, 2, 4);
    conf->buffer_bytes = ONE_OF(&rng, 200, 1000, 10000, 1000000);
    conf->share_bytes = ONE_OF(&rng, 50, 300, 4000);
    conf->poll_ms = RIV__MAX(interval_ms / rng_range(&rng, 1, 4), 1);
    conf->idle_ms = rng_one_in(&rng, 4) ? 3 * interval_ms : 0;
    draw_sched(conf, w, &rng);
    draw_stop(conf, w, &rng);
    draw_durable(conf, w, &rng);
    w->end_ns = INT64_MAX;
    conf->sched.stall_until_ns = &w->end_ns;
    disk_mkdir(w->disk, "/in", 0755);
    disk_mkdir(w->disk, "/out", 0755);
    disk_mkdir(w->disk, "/tmp", 0777);
    for (uint32_t i = 0; i < conf->check.ninput; i++) {
        conf->input[i] = (enum input_kind)rng_below(&rng, IN_KINDS);
        conf->check.lines[i] = conf->input[i] != IN_QUEUE;
        conf->check.raw[i] = conf->check.lines[i] && !conf->check.durable;
        make_feeders(conf, w, &rng, i);
    }
    disk_settle(w->disk);
}

void job_conf_say(const struct job_conf *conf, char *dst, size_t room)
{
    static const char *const kind[] = { "queue", "tail", "dir", "tcp",
                                        "listen" };
    size_t n = (size_t)snprintf(
        dst, room, "%lld ms batches, %d threads, ops %x, window %lld/%lld",
        (long long)conf->check.interval_ms, conf->threads, conf->check.ops,
        (long long)(conf->check.length_ms / conf->check.interval_ms),
        (long long)(conf->check.slide_ms / conf->check.interval_ms));
    for (unsigned i = 0; i < conf->check.ninput && n < room; i++)
        n += (size_t)snprintf(dst + n, room - n, " %s", kind[conf->input[i]]);
    if (n < room)
        snprintf(dst + n, room - n, ", stop %d", conf->stop);
}
