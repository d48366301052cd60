/* sim/lives.c - how a life ends, what the disk keeps of it, when the next one
 * begins. */
#include "sim/lives.h"

#include "sim/history.h"
#include "sim/life.h"

enum { CRASH_POINTS = 30000, CRASH_CALLS = 3000, CRASH_NAMES = 600 };

/* Most lives die; the others are stopped. The last ends well. */
static void end_draw(struct job *job, struct rng *rng)
{
    static const uint64_t most[] = { [CRASH_POINT] = CRASH_POINTS,
                                     [CRASH_CALL] = CRASH_CALLS,
                                     [CRASH_NAME] = CRASH_NAMES };
    struct job_conf *conf = job->conf;
    struct crash *crash = &job->w->crash;
    *crash = (struct crash){ .at = CRASH_NEVER };
    conf->sched.crash_at = 0;
    conf->stop = STOP_QUIET;
    conf->stop_after = (uint64_t)rng_range(rng, 1, conf->batches);
    if (job->last) {
        job->w->emfile_one_in = 0; /* else it might not come to its end */
        return;
    }
    conf->stop = (enum stop_kind)rng_range(rng, STOP_EARLY, STOP_FREE);
    conf->in_background |= conf->stop == STOP_FREE;
    if (rng_one_in(rng, 5))
        return;
    crash->at = (enum crash_at)rng_range(rng, CRASH_POINT, CRASH_NAME);
    crash->when = (enum crash_when)rng_range(rng, CRASH_BEFORE, CRASH_BEHIND);
    crash->n = rng_log(rng, most[crash->at]);
    conf->sched.crash_at = crash->at == CRASH_POINT ? crash->n : 0;
}

/* What came in through a process that died with it is lost, or a beginning of
 * it is there. */
static void streams_lose(struct world *w)
{
    for (size_t i = 0; i < w->nstream; i++) {
        struct stream *s = w->stream[i];
        s->lost |= s->kind == STREAM_CONN || s->kind == STREAM_QUEUE;
        s->read_bytes = 0; /* of a file it is there again */
    }
}

void lives_between(struct job *job, struct rng *rng)
{
    struct world *w = job->w;
    const int64_t interval_ns = job->conf->check.interval_ms * 1000000;
    history_note(w);
    world_bury(w);
    const bool ended = w->crashed || (job->failing && job->failing->fired);
    if (ended && (w->faults & FAULT_POWER) &&
        !((w->faults & FAULT_KILL) && rng_one_in(rng, 2)))
        disk_cut(w->disk, (enum disk_cut)rng_below(rng, DISK_CUTS), rng);
    if (!job->drained)
        streams_lose(w);
    w->now_ns += rng_range(rng, 1, 3 * interval_ns);
    if ((w->faults & FAULT_CLOCK) && rng_one_in(rng, 3))
        w->wall_ms += rng_range(rng, -86400000, 86400000);
    job->conf->sched.now_ns = w->now_ns;
}

unsigned lives_run(struct job *job)
{
    struct world *w = job->w;
    struct job_conf *conf = job->conf;
    struct rng rng = rng_of(w->seed, 'l');
    const bool in_background = conf->in_background;
    uint64_t hash = 0;
    for (unsigned life = 1;; life++) {
        job->last =
            life >= conf->lives || job->batches >= (uint64_t)conf->batches;
        job->drained = false;
        conf->in_background = in_background;
        end_draw(job, &rng);
        conf->sched.rng = rng_of(w->seed, 's' + ((uint64_t)life << 8));
        life_run(job);
        hash = rng_mix(hash ^ w->hash);
        w->hash = hash;
        if (w->failure[0] || job->last)
            return life;
        lives_between(job, &rng);
        if (w->failure[0])
            return life;
    }
}
