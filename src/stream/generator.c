/* stream/generator.c - makes batches: waits for the tick, takes what every
 * input has for it, runs the plan, tells the listener. When an input's ring is
 * half full before the tick, the batch begins early: its first tasks run, and
 * the ring has room again - the batch's result still comes at its tick. */
#include "stream/generator.h"

#include <math.h>

#include "exec/memory.h"
#include "exec/watch.h"
#include "obs/board.h"
#include "stream/durable.h"
#include "stream/replay.h"
#include "stream/telling.h"
#include "stream/time.h"

int riv__generator_init(struct riv_generator *gen, struct riv_exec *exec,
                        struct riv_err *err)
{
    *gen = (struct riv_generator){ .exec = exec, .wake = { -1 } };
    riv__cut_init(&gen->cut);
    gen->interval_ms = gen->length_ms = exec->conf->interval_ms;
    int rc = exec->sys->wake_open(exec->sys, &gen->wake);
    return rc < 0 ? riv__err_sys(err, -rc, "eventfd", "the driver's wake") : 0;
}

void riv__generator_fini(struct riv_generator *gen)
{
    riv__cut_fini(&gen->cut);
    riv__due_fini(&gen->due);
    riv__allowance_fini(&gen->allow);
    if (gen->exec && gen->wake.fd >= 0)
        gen->exec->sys->wake_close(gen->exec->sys, &gen->wake);
}

void riv__generator_stop(struct riv_generator *gen, int how)
{
    int now = atomic_load(&gen->how);
    int want = how == RIV_NOW ? RIV__STOPPING : RIV__DRAINING;
    while (now < want && !atomic_compare_exchange_weak(&gen->how, &now, want))
        continue;
    gen->exec->sys->wake_raise(gen->exec->sys, &gen->wake);
}

/* ------------------------------------------------------------ one batch */

/* The journal has no room for more: batches come, but nothing is taken in. */
static bool holds_back(const struct riv_generator *gen)
{
    const bool holds = gen->durable && riv__durable_is_short(gen->durable);
    if (gen->exec->board)
        atomic_store_explicit(&gen->exec->board->disk_short, holds,
                              memory_order_relaxed);
    return holds;
}

/* The input's share of what the batch may still take in: by what waits in it and
 * in those that are cut after it. A batch that is run again is what it was. */
static void input_bound(struct riv_generator *gen, size_t i, uint64_t waiting)
{
    struct riv_input *input = gen->input[i];
    const bool redoes = gen->durable && gen->durable->redoes;
    const uint64_t left =
        redoes ? UINT64_MAX : riv__allowance_left(&gen->allow);
    if (!input->has_feed && !input->ops->waiting)
        return;
    const double share = (double)riv__input_waiting(input) / (double)waiting;
    const bool all = left == UINT64_MAX || waiting == 0 || share >= 1;
    riv__rate_bound(&input->rate,
                    all ? left : (uint64_t)ceil((double)left * share));
}

/* Takes what every input has. 1: all of them have ended, 0: not. */
static int cut_all(struct riv_generator *gen, struct riv_err *err)
{
    int ended = 1;
    if (holds_back(gen))
        return 0;
    for (size_t i = 0; i < gen->ninput; i++) {
        const uint64_t bytes = gen->cut.bytes;
        if (gen->allow.nop > 0)
            input_bound(gen, i, riv__inputs_waiting(gen, i));
        int rc = riv__input_cut(gen->input[i], &gen->cut, err);
        RIV__TRY(rc);
        riv__allowance_took(&gen->allow, gen->cut.bytes - bytes);
        ended &= rc == RIV__READ_END;
    }
    gen->data |= gen->cut.n > 0;
    return ended;
}

static int cut_finite(struct riv_generator *gen, struct riv_err *err)
{
    struct riv_exec *exec = gen->exec;
    return gen->finite
               ? exec->cut_finite(exec->owner, gen->plan, &gen->cut, err)
               : 0;
}

static void release_all(struct riv_generator *gen)
{
    riv__cut_reset(&gen->cut);
    for (size_t i = 0; i < gen->ninput; i++)
        riv__input_release(gen->input[i]);
}

static int batch_open(struct riv_generator *gen, struct riv_err *err)
{
    if (gen->open)
        return 0;
    gen->open = true;
    gen->busy_ns = 0;
    gen->data = false;
    gen->exec->batch = gen->durable ? gen->durable->batch + 1 : 0;
    for (size_t i = 0; i < gen->ninput; i++)
        riv__input_batch_open(gen->input[i], gen->is_limited);
    if (gen->exec->watch)
        riv__watch_batch(gen->exec->watch,
                         gen->durable ? gen->durable->batch + 1 : 0, gen->time);
    riv__board_batch(gen->exec->board, gen->time);
    RIV__TRY(riv__allowance_open(&gen->allow, gen->plan, gen->time, err));
    if (gen->started)
        gen->started(gen->arg, gen->time);
    return riv__job_begin(gen->plan, gen->time, err);
}

/* The sieve that a supervisor has for this batch, which an earlier run had
 * begun; NULL: none. */
static struct riv_sieve *sieve_of(const struct riv_generator *gen)
{
    struct riv_watch *watch = gen->exec->watch;
    const struct riv_durable *d = gen->durable;
    const bool is_it = watch && d && d->redoes && watch->sieve.batch != 0 &&
                       watch->sieve.batch == (int64_t)d->batch + 1;
    return is_it ? &watch->sieve : NULL;
}

/* A trial of a part of its lines ends here, before anything is committed. The
 * sieve stays until the batch has been told. */
static int run_levels(struct riv_generator *gen, struct riv_err *err)
{
    struct riv_sieve *sieve = sieve_of(gen);
    if (sieve)
        riv__sieve_begin(sieve, &gen->cut);
    gen->exec->sieve = sieve;
    atomic_store(&gen->exec->probe_ends, false);
    int rc = riv__job_finish(gen->plan, &gen->cut, err);
    if (!sieve || !sieve->probes)
        return rc;
    if (rc < 0 && !atomic_load(&gen->exec->probe_ends))
        return rc;
    atomic_store(&sieve->passed, true);
    return riv__err_set(err, RIV_ESTOPPED, "a part of batch %lld was tried",
                        (long long)sieve->batch);
}

/* How much the next cut takes of inputs whose rates are all that holds them back.
 * True: more of one waits, for which there is time. */
static bool paces(struct riv_generator *gen)
{
    bool any = false;
    for (size_t i = 0; i < gen->ninput && gen->is_limited; i++)
        any |= riv__input_pace(gen->input[i], gen->busy_ns);
    return any;
}

/* The rest of the batch's input, then all levels. */
static int batch_all(struct riv_generator *gen, struct riv_err *err)
{
    RIV__TRY(batch_open(gen, err));
    (void)paces(gen);
    int rc = cut_all(gen, err);
    if (rc >= 0) {
        gen->ended = rc == 1;
        rc = cut_finite(gen, err);
    }
    if (rc >= 0 && gen->durable)
        rc = riv__replay_cut(gen->durable, &gen->cut, err);
    if (rc >= 0 && gen->durable)
        rc = riv__durable_begin(gen->durable, gen->time, err);
    if (rc >= 0)
        rc = run_levels(gen, err);
    release_all(gen);
    return rc;
}

/* The batch goes into the journal; it waits when too many are on their way. */
static int batch_commit(struct riv_generator *gen, int64_t began_ns,
                        struct riv_err *err)
{
    struct riv_sys *sys = gen->exec->sys;
    if (!gen->durable)
        return 0;
    const int64_t now_ns = sys->mono_ns(sys);
    if (gen->exec->board)
        riv__board_phase(gen->exec->board, RIV__PHASE_COMMITS, now_ns);
    return riv__durable_batch(gen->durable,
                              (now_ns - began_ns + gen->busy_ns) / 1000, err);
}

static void at_work(struct riv_generator *gen, bool is_at_work)
{
    if (gen->durable)
        riv__durable_at_work(gen->durable, is_at_work);
}

/* Until it is with the storage thread. */
static int batch_work(struct riv_generator *gen, int64_t began_ns,
                      struct riv_err *err)
{
    const int rc = batch_all(gen, err);
    if (rc < 0)
        riv__telling_failed(gen, began_ns, rc, err);
    RIV__TRY(rc);
    gen->open = false;
    riv__due_ran(&gen->due, gen->time - gen->plan->zero,
                 gen->data || !gen->behind);
    return batch_commit(gen, began_ns, err);
}

/* The batch at its tick. */
static int batch_run(struct riv_generator *gen, struct riv_err *err)
{
    struct riv_sys *sys = gen->exec->sys;
    int64_t began_ns = sys->mono_ns(sys);
    riv__board_phase(gen->exec->board, RIV__PHASE_RUNS, began_ns);
    at_work(gen, true);
    const int rc = batch_work(gen, began_ns, err);
    at_work(gen, false);
    RIV__TRY(rc);
    const int64_t end_ns = sys->mono_ns(sys);
    riv__telling_done(gen, began_ns, end_ns);
    riv__board_phase(gen->exec->board, RIV__PHASE_WAITS, end_ns);
    RIV__TRY(riv__memory_settle(gen->exec, err));
    riv__allowance_done(&gen->allow);
    return 0;
}

/* Before the tick, because a ring is filling up; or a piece of a backlog. */
static int batch_feed(struct riv_generator *gen, struct riv_err *err)
{
    struct riv_sys *sys = gen->exec->sys;
    int64_t began_ns = sys->mono_ns(sys);
    riv__board_phase(gen->exec->board, RIV__PHASE_RUNS, began_ns);
    RIV__TRY(batch_open(gen, err));
    (void)paces(gen);
    at_work(gen, true);
    int rc = cut_all(gen, err);
    if (rc >= 0 && gen->durable)
        rc = riv__durable_begin(gen->durable, gen->time, err);
    if (rc >= 0)
        rc = riv__job_feed(gen->plan, &gen->cut, err);
    release_all(gen);
    at_work(gen, false);
    const int64_t end_ns = sys->mono_ns(sys);
    gen->busy_ns += end_ns - began_ns;
    if (rc < 0)
        riv__telling_failed(gen, began_ns, rc, err);
    riv__board_phase(gen->exec->board, RIV__PHASE_WAITS, end_ns);
    return rc < 0 ? rc : 0;
}

/* ----------------------------------------------------------- the waiting */

static bool presses(struct riv_generator *gen)
{
    if (holds_back(gen))
        return false;
    bool any = false, tight = false;
    if (gen->open)
        (void)paces(gen);
    for (size_t i = 0; i < gen->ninput && !any; i++)
        any = riv__input_presses(gen->input[i]);
    if (gen->open && riv__allowance_left(&gen->allow) == 0) {
        any = false; /* the last cut has taken what may stand */
        tight = true;
    }
    if (any)
        tight = riv__memory_is_tight(gen->exec);
    if (gen->exec->board)
        atomic_store_explicit(&gen->exec->board->memory_tight, tight,
                              memory_order_relaxed);
    return any && !tight;
}

/* Nothing will come any more: no reason to wait for the tick. */
static bool inputs_ended(struct riv_generator *gen)
{
    if (holds_back(gen))
        return false;
    for (size_t i = 0; i < gen->ninput; i++) {
        struct riv_input *input = gen->input[i];
        if (atomic_load(&input->ended) || input->cut_ended ||
            (atomic_load(&input->stopping) && !input->has_thread))
            continue;
        return false;
    }
    return true;
}

/* The first sight of a drain: sources stop, the time limit starts. */
static int drain_begin(struct riv_generator *gen, struct riv_err *err)
{
    struct riv_sys *sys = gen->exec->sys;
    int64_t now_ns = sys->mono_ns(sys);
    if (gen->drain_until_ns == 0) {
        gen->is_limited = false;
        for (size_t i = 0; i < gen->ninput; i++) {
            riv__input_stop(gen->input[i]);
            riv__input_batch_open(gen->input[i], false);
        }
        gen->drain_until_ns =
            now_ns + gen->exec->conf->stop_timeout_ms * 1000000 + 1;
    }
    if (now_ns > gen->drain_until_ns)
        return riv__err_set(err, RIV_ESTOPPED,
                            "stopped before everything received was finished: "
                            "stop.timeout has passed");
    return 0;
}

/* Time that is left before the tick goes to the journal: 1: it may want more. */
static int write_down(struct riv_generator *gen, struct riv_err *err)
{
    enum { SPARE_NS = 2000000 };
    struct riv_sys *sys = gen->exec->sys;
    RIV__TRY(riv__durable_look(gen->durable, err));
    if (gen->tick_ns - sys->mono_ns(sys) < SPARE_NS)
        return 0;
    return riv__durable_idle(gen->durable, err);
}

/* Waits until the batch is due. 0: it is, or everything ended; RIV_ESTOPPED:
 * do not run it. */
static int wait_due(struct riv_generator *gen, struct riv_err *err)
{
    struct riv_sys *sys = gen->exec->sys;
    int rc;
    for (;;) {
        int how = atomic_load(&gen->how);
        if (how == RIV__STOPPING)
            return riv__err_set(err, RIV_ESTOPPED, "stopped");
        if (how == RIV__DRAINING)
            RIV__TRY(drain_begin(gen, err));
        if (inputs_ended(gen) || sys->mono_ns(sys) >= gen->tick_ns)
            return 0;
        if (presses(gen)) {
            RIV__TRY(batch_feed(gen, err));
            continue;
        }
        rc = gen->durable ? write_down(gen, err) : 0;
        RIV__TRY(rc);
        if (rc > 0)
            continue;
        rc = sys->poll(sys, NULL, 0, &gen->wake, gen->tick_ns);
        if (rc < 0)
            return riv__err_sys(err, -rc, "poll", "the driver's wake");
    }
}

/* A batch of a backlog is at work for nearly all of its interval: it takes its input
 * piece by piece, and no more when its time is over. */
static int batch_pieces(struct riv_generator *gen, struct riv_err *err)
{
    gen->pieces_ns = 0;
    if (holds_back(gen))
        return 0;
    RIV__TRY(batch_open(gen, err));
    const int64_t before_ns = gen->busy_ns;
    for (int i = 1; i < RIV__RATE_PIECES && paces(gen); i++)
        RIV__TRY(batch_feed(gen, err));
    gen->pieces_ns = gen->busy_ns - before_ns;
    return 0;
}

/* The clock may go from the batch at `next` to that at `latest`, which is due at
 * latest_ns, but not over a tick at which a window has something to show. */
static void tick_to(struct riv_generator *gen, int64_t next, int64_t latest,
                    int64_t latest_ns)
{
    const int64_t zero = gen->plan->zero;
    const int64_t time =
        zero + riv__due_until(&gen->due, next - zero, latest - zero);
    gen->behind = time < latest;
    gen->time = time;
    gen->tick_ns = latest_ns - (latest - time) * 1000000;
}

/* Recordings alone: their batches follow each other an interval apart, however
 * long one takes, so that windows and timeouts are the same in every run. */
static bool is_recording(const struct riv_generator *gen)
{
    for (size_t i = 0; i < gen->ninput; i++)
        if (!(gen->input[i]->ops->flags & RIV__SOURCE_RECORDED))
            return false;
    return gen->ninput > 0;
}

/* On to the next tick; those that have passed already are merged into it. */
static void next_tick(struct riv_generator *gen)
{
    struct riv_sys *sys = gen->exec->sys;
    const int64_t step_ms = gen->interval_ms;
    const int64_t next_ns = gen->tick_ns + step_ms * 1000000;
    const int64_t late_ns = sys->mono_ns(sys) - next_ns;
    const int64_t missed =
        is_recording(gen) ? 0 : riv__time_missed(late_ns, step_ms);
    const int64_t before = gen->time, next = before + step_ms;
    tick_to(gen, next, next + missed * step_ms,
            next_ns + missed * step_ms * 1000000);
    gen->length_ms = gen->time - before;
}

/* Batch times only grow, also when an earlier run had a clock that was ahead:
 * then they go on behind its last, and ticks come as always. */
static void first_tick(struct riv_generator *gen)
{
    struct riv_sys *sys = gen->exec->sys;
    const int64_t wall_ms = sys->wall_ms(sys), last_ms = gen->time;
    const int64_t next_ms = riv__time_next(wall_ms, gen->interval_ms);
    const int64_t tick_ns = sys->mono_ns(sys) + (next_ms - wall_ms) * 1000000;
    const int64_t behind_ms = riv__time_next(last_ms, gen->interval_ms);
    const int64_t time = RIV__MAX(next_ms, behind_ms);
    const int64_t from = gen->plan->begun ? behind_ms : time;
    tick_to(gen, from, is_recording(gen) ? from : time, tick_ns);
}

/* A batch that an earlier run had begun, with its time and its input. Its
 * outputs may have acted on a part of it already. */
static int run_again(struct riv_generator *gen, struct riv_err *err)
{
    enum { LOOK_NS = 5000000 }; /* sources tell of much data, not of any */
    struct riv_sys *sys = gen->exec->sys;
    int rc;
    if (!gen->durable || !gen->durable->redoes)
        return 0;
    riv__board_phase(gen->exec->board, RIV__PHASE_REDOES, sys->mono_ns(sys));
    while ((rc = riv__durable_reach(gen->durable, err)) == 0) {
        if (atomic_load(&gen->how) == RIV__STOPPING)
            return riv__err_set(err, RIV_ESTOPPED, "stopped");
        rc = sys->poll(sys, NULL, 0, &gen->wake, sys->mono_ns(sys) + LOOK_NS);
        if (rc < 0)
            return riv__err_sys(err, -rc, "poll", "the driver's wake");
    }
    RIV__TRY(rc);
    gen->time = gen->durable->redo_ms;
    gen->tick_ns = sys->mono_ns(sys);
    RIV__TRY(batch_run(gen, err));
    gen->durable->redoes = false;
    gen->exec->sieve = NULL;
    return 0;
}

static int run(struct riv_generator *gen, struct riv_err *err)
{
    RIV__TRY(riv__due_init(&gen->due, gen->plan, err));
    RIV__TRY(run_again(gen, err));
    gen->is_limited = true;
    first_tick(gen);
    if (gen->exec->board)
        riv__board_phase(gen->exec->board, RIV__PHASE_WAITS,
                         gen->exec->sys->mono_ns(gen->exec->sys));
    while (!gen->ended) {
        RIV__TRY(wait_due(gen, err));
        RIV__TRY(batch_pieces(gen, err));
        RIV__TRY(batch_run(gen, err));
        next_tick(gen);
    }
    return gen->durable ? riv__durable_finish(gen->durable, err) : 0;
}

static int explain(struct riv_generator *gen, int rc, struct riv_err *err)
{
    if (rc == RIV_ENOMEM)
        riv__allowance_explain(&gen->allow, err);
    return rc;
}

int riv__generator_run(struct riv_generator *gen, struct riv_err *err)
{
    return explain(gen, run(gen, err), err);
}

static int steps(struct riv_generator *gen, int n, struct riv_err *err)
{
    struct riv_sys *sys = gen->exec->sys;
    for (int i = 0; i < n && !gen->ended; i++) {
        if (gen->durable && gen->durable->redoes) {
            RIV__TRY(run_again(gen, err));
        } else {
            gen->time += gen->interval_ms;
            gen->tick_ns = sys->mono_ns(sys);
            RIV__TRY(batch_run(gen, err));
        }
        int more = gen->durable ? riv__durable_wait(gen->durable, err) : 0;
        for (more = gen->durable && more == 0 ? 1 : more; more > 0;)
            more = riv__durable_idle(gen->durable, err);
        RIV__TRY(more);
    }
    return 0;
}

int riv__generator_step(struct riv_generator *gen, int n, struct riv_err *err)
{
    return explain(gen, steps(gen, n, err), err);
}
