/* api/run.c - running a context: once over finite inputs, batch by batch over
 * live ones; here, in the background, or step by step under a clock that
 * stands still. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/show.h"
#include "api/status.h"
#include "api/table.h"
#include "exec/watch.h"
#include "graph/ops.h"

/* The outputs of one kind of run, in the order they were made. What is only
 * remembered is none: 0 when there is nothing else. */
static size_t outputs(riv *r, bool live, const riv_ds **list)
{
    size_t n = 0, wanted = 0;
    for (size_t i = 0; i < r->graph.n; i++) {
        const riv_ds *ds = r->graph.node[i];
        if (!ds->output || ds->live != live)
            continue;
        list[n++] = ds;
        wanted += ds->kind != &riv__kind_remember;
    }
    return wanted > 0 ? n : 0;
}

int riv__context_plan(riv *r, bool live, struct riv_plan **ret,
                      struct riv_err *err)
{
    const riv_ds **list = calloc(r->graph.n + 1, sizeof *list);
    *ret = NULL;
    if (!list)
        return riv__err_set(err, RIV_ENOMEM, "no memory for the plan");
    size_t n = outputs(r, live, list);
    int rc = n ? riv__plan_new(&r->exec, list, n, ret, err) : 0;
    free(list);
    return rc;
}

static int no_output(struct riv_err *err)
{
    return riv__err_set(err, RIV_EINVAL,
                        "the job has no output: end a dataset with riv_print, "
                        "riv_save_text, riv_foreach or riv_foreach_rdd");
}

int riv__context_rehearse(riv *r, struct riv_err *err)
{
    struct riv_plan *finite = NULL, *live = NULL;
    int rc = riv__context_plan(r, false, &finite, err);
    if (rc == 0)
        rc = riv__context_plan(r, true, &live, err);
    if (rc == 0 && !finite && !live)
        rc = no_output(err);
    riv__plan_free(finite);
    riv__plan_free(live);
    return rc;
}

static bool has_outputs(const riv *r, bool live)
{
    for (size_t i = 0; i < r->graph.n; i++)
        if (r->graph.node[i]->output && r->graph.node[i]->live == live)
            return true;
    return false;
}

/* Names of files have the journal's id in them, so that is opened first. */
static int plan_make(riv *r, bool live, struct riv_plan **ret,
                     struct riv_err *err)
{
    *ret = NULL;
    if (live && has_outputs(r, live))
        RIV__TRY(riv__context_durable(r, err));
    return riv__context_plan(r, live, ret, err);
}

/* Tells riv_start that the sources are open, or why not. */
static void mark_running(riv *r)
{
    riv__lock(&r->lock);
    r->life = RIV__RUNS;
    r->has_run = true;
    riv__cond_broadcast(&r->ended);
    riv__unlock(&r->lock);
    if (r->ready)
        r->ready(r);
}

/* alone: no stream follows, so now all sources are open. */
static int finite_job(riv *r, struct riv_plan *plan, bool alone,
                      struct riv_err *err)
{
    struct riv_cut cut;
    riv__cut_init(&cut);
    int rc = riv__job_open(plan, &cut, err);
    if (rc == 0 && alone)
        mark_running(r);
    if (rc == 0)
        rc = riv__job_begin(plan, 0, err);
    if (rc == 0)
        rc = riv__job_finish(plan, &cut, err);
    riv__cut_fini(&cut);
    return rc;
}

static int run_finite(riv *r, struct riv_plan *plan, bool alone,
                      struct riv_err *err)
{
    struct riv_sys *sys = r->sys;
    int64_t began_ns = sys->mono_ns(sys);
    if (riv__status_open(r, plan, NULL) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a status");
    riv__board_phase(r->board, RIV__PHASE_RUNS, began_ns);
    riv__board_batch(r->board, 0);
    if (r->listener.batch_started)
        r->listener.batch_started(r->listener.arg, 0);
    RIV__TRY(finite_job(r, plan, alone, err));
    RIV__TRY(riv__plan_publish(plan, err));
    if (r->listener.batch_completed)
        r->listener.batch_completed(
            r->listener.arg,
            &(riv_batch_info){
                .struct_size = sizeof(riv_batch_info),
                .records_in = (int64_t)plan->stats.records_in,
                .records_bad = (int64_t)plan->stats.records_bad,
                .records_out = (int64_t)plan->stats.records_out,
                .input_bytes = (int64_t)plan->stats.bytes,
                .processing_us = (sys->mono_ns(sys) - began_ns) / 1000,
            });
    return 0;
}

static void on_started(void *arg, int64_t time)
{
    riv *r = arg;
    riv__tables_check(r);
    if (r->listener.batch_started)
        r->listener.batch_started(r->listener.arg, time);
}

/* To the log and to the listener. */
static void source_tell(riv *r, size_t i, int what, const char *words)
{
    struct riv_input *input = r->gen->input[i];
    const riv_ds *ds = r->gen->source[i];
    const bool bad = what == RIV_SOURCE_FAILED || what == RIV_SOURCE_NOTICE;
    if (r->listener.source_event)
        r->listener.source_event(r->listener.arg,
                                 ds->uid ? ds->uid : input->shown, what, words);
    if (what == RIV_SOURCE_FAILED && atomic_load(&input->gives_up))
        return; /* the error of the run says it */
    if (what == RIV_SOURCE_FAILED)
        riv__context_log(r, RIV_LOG_WARN, "%s; it is tried again", words);
    else if (words[0])
        riv__context_log(r, bad ? RIV_LOG_WARN : RIV_LOG_INFO, "input %s: %s",
                         input->shown, words);
}

/* What is new about an input: at first what it does, then that it fails and
 * tries again, or works again. */
static void input_tell(riv *r, size_t i)
{
    struct riv_input *input = r->gen->input[i];
    char note[sizeof input->note], event[sizeof input->event + 48];
    struct riv_err status;
    const uint64_t events =
        riv__input_events(input, event, sizeof input->event);
    if (events > 1)
        snprintf(event + strlen(event), 48, " (and %llu others)",
                 (unsigned long long)events - 1);
    if (events > 0)
        source_tell(r, i, RIV_SOURCE_NOTICE, event);
    riv__input_look(input, note, sizeof note, &status);
    if (status.code == r->told[i])
        return;
    source_tell(r, i, status.code < 0 ? RIV_SOURCE_FAILED : RIV_SOURCE_RUNS,
                status.code < 0 ? status.text : note);
    r->told[i] = status.code;
}

static void inputs_tell(riv *r)
{
    for (size_t i = 0; r->told && i < r->gen->ninput; i++)
        input_tell(r, i);
}

/* The run has ended, and its inputs with it. */
static void inputs_tell_end(riv *r)
{
    inputs_tell(r);
    for (size_t i = 0; r->told && i < r->gen->ninput; i++)
        source_tell(r, i, RIV_SOURCE_ENDED, "");
}

static void bad_tell(riv *r, int rc)
{
    const int64_t n = r->exec.nbad;
    if (rc == 0 && n > 0)
        riv__context_log(r, RIV_LOG_WARN,
                         "%lld bad records were skipped or set aside",
                         (long long)n);
}

/* The batch that had killed the process has gone through without them. */
static void left_out_tell(riv *r)
{
    const struct riv_sieve *sieve = r->exec.sieve;
    for (uint32_t i = 0; sieve && i < sieve->nskip; i++)
        riv__context_log(r, RIV_LOG_WARN,
                         "batch %lld: %s, is left out (poison.policy): it %s",
                         (long long)sieve->batch, sieve->skip[i].where,
                         sieve->skip[i].why);
}

static void on_completed(void *arg, const riv_batch_info *info)
{
    riv *r = arg;
    inputs_tell(r);
    left_out_tell(r);
    if (r->listener.batch_completed)
        r->listener.batch_completed(r->listener.arg, info);
    riv__context_log(r, RIV_LOG_DEBUG,
                     "batch %lld: %lld records in %lld us, %lld ms late",
                     (long long)info->time, (long long)info->records_in,
                     (long long)info->processing_us, (long long)info->late_ms);
}

static int generator_make(riv *r, struct riv_generator *gen,
                          struct riv_plan *plan, struct riv_err *err)
{
    RIV__TRY(riv__generator_init(gen, &r->exec, err));
    gen->plan = plan;
    gen->arg = r;
    gen->started = on_started;
    gen->completed = on_completed;
    RIV__TRY(riv__inputs_open(r, gen, plan, err));
    if (riv__status_open(r, plan, gen) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a status");
    RIV__TRY(riv__context_recover(r, gen, err));
    return riv__inputs_start(gen, err);
}

static void queues_close(riv *r)
{
    for (size_t i = 0; i < r->queue_cap; i++)
        if (r->queue[i])
            riv__queue_close(r->queue[i]);
}

/* Nobody runs what is pushed from now on; and a push would wake a generator
 * that is no more. */
static void inputs_end(riv *r, struct riv_generator *gen)
{
    riv__status_close(r);
    queues_close(r);
    for (size_t i = 0; i < gen->ninput; i++)
        riv__input_join(gen->input[i]);
}

/* From now on riv_stop reaches the generator; what was asked before counts. */
static void generator_publish(riv *r, struct riv_generator *gen)
{
    riv__lock(&r->lock);
    r->gen = gen;
    int asked = r->stop_asked;
    if (gen && asked == RIV_DRAIN + 1)
        atomic_store(&r->exec.stop, false); /* its tasks still run */
    riv__unlock(&r->lock);
    if (gen && asked)
        riv__generator_stop(gen, asked - 1);
}

static int run_live(riv *r, struct riv_plan *plan, struct riv_err *err)
{
    struct riv_generator gen = { .wake = { -1 } };
    int rc = generator_make(r, &gen, plan, err);
    if (rc == 0) {
        r->told = malloc((gen.ninput + 1) * sizeof *r->told);
        for (size_t i = 0; r->told && i < gen.ninput; i++)
            r->told[i] = 1; /* nothing yet */
        generator_publish(r, &gen);
        riv__board_phase(r->board, RIV__PHASE_WAITS, r->sys->mono_ns(r->sys));
        mark_running(r);
        rc = riv__generator_run(&gen, err);
        inputs_tell_end(r);
        generator_publish(r, NULL);
        free(RIV__TAKE(r->told));
    }
    inputs_end(r, &gen);
    rc = riv__context_durable_end(r, rc, err);
    riv__generator_fini(&gen);
    if (rc == 0)
        rc = riv__plan_publish(plan, err);
    return rc;
}

/* Somebody who gave one relies on it, or wants letters out of it. */
static int state_is_used(riv *r, bool live, struct riv_err *err)
{
    const struct riv_settings *set = &r->conf.settings;
    if (live || !set->state_dir[0])
        return 0;
    if (set->letters_replay)
        return riv__err_set(err, RIV_EINVAL,
                            "state directory %s: no output reads a stream, so "
                            "its dead letters cannot be given again; name the "
                            "input that the job had then",
                            set->state_dir);
    riv__context_log(r, RIV_LOG_INFO,
                     "state directory %s: not used, since no output reads a "
                     "stream",
                     set->state_dir);
    return 0;
}

static int run_plans(riv *r, struct riv_err *err)
{
    struct riv_plan *finite = NULL, *live = NULL;
    int rc = riv__tables_load(r, err);
    if (rc == 0)
        rc = plan_make(r, false, &finite, err);
    if (rc == 0)
        rc = plan_make(r, true, &live, err);
    if (rc == 0 && !finite && !live)
        rc = no_output(err);
    if (rc == 0)
        rc = state_is_used(r, live != NULL, err);
    if (rc == 0)
        rc = riv__show_start(r, err);
    if (rc == 0 && finite)
        rc = run_finite(r, finite, !live, err);
    if (rc == 0 && live)
        rc = run_live(r, live, err);
    riv__show_stop(r);
    rc = riv__context_durable_end(r, rc, err);
    riv__plan_free(finite);
    riv__plan_free(live);
    return rc;
}

static int run_begin(riv *r)
{
    RIV__TRY(r->graph.err.code);
    if (r->life != RIV__BUILDING || r->plan)
        return riv__graph_fail(&r->graph, RIV_EINVAL,
                               "a context runs once; make a new one");
    RIV__TRY(riv__context_ready(r));
    RIV__TRY(riv__status_begin(r));
    r->graph.frozen = true;
    if (r->watch)
        riv__watch_graph(r->watch, &r->graph, &r->conf.settings);
    return 0;
}

static int run_whole(riv *r)
{
    struct riv_err err = { 0 };
    int rc = run_plans(r, &err);
    bad_tell(r, rc);
    riv__status_end(r, rc, &err);
    riv__lock(&r->lock); /* riv_error may ask meanwhile */
    if (rc < 0)
        riv__graph_fail(&r->graph, rc, "%s", err.text);
    r->life = RIV__ENDED;
    r->status = rc;
    riv__cond_broadcast(&r->ended);
    riv__unlock(&r->lock);
    return rc;
}

int riv_run(riv *r)
{
    RIV__TRY(run_begin(r));
    return run_whole(r);
}

static void run_thread(void *arg)
{
    (void)run_whole(arg);
}

static bool is_running(riv *r)
{
    riv__lock(&r->lock);
    const bool running = r->has_thread && r->life == RIV__RUNS;
    riv__unlock(&r->lock);
    return running;
}

int riv_start(riv *r)
{
    struct riv_err err = { 0 };
    if (is_running(r))
        return 0;
    RIV__TRY(run_begin(r));
    int rc = riv__thread_start(&r->thread, "riv-driver", run_thread, r, &err);
    if (rc < 0)
        return riv__graph_fail(&r->graph, rc, "%s", err.text);
    r->has_thread = true;
    riv__lock(&r->lock);
    while (r->life == RIV__BUILDING)
        riv__cond_wait(&r->ended, &r->lock);
    rc = r->has_run ? 0 : r->status; /* it may have ended since: riv_wait */
    riv__unlock(&r->lock);
    return rc;
}

int riv_wait(riv *r, int64_t timeout_ms)
{
    const int64_t now_ns = r->sys->mono_ns(r->sys);
    int64_t until_ns = INT64_MAX;
    if (timeout_ms >= 0 && timeout_ms < (INT64_MAX - now_ns) / 1000000)
        until_ns = now_ns + timeout_ms * 1000000;
    bool in_time = true;
    if (!r->has_thread)
        return r->graph.err.code;
    riv__lock(&r->lock);
    while (r->life != RIV__ENDED && in_time)
        in_time = riv__cond_wait_until(&r->ended, &r->lock, until_ns);
    int rc = r->life == RIV__ENDED ? r->status : RIV_ETIMEOUT;
    riv__unlock(&r->lock);
    return rc;
}

void riv_stop(riv *r, int how)
{
    riv__lock(&r->lock);
    if (r->stop_asked != RIV_NOW + 1)
        r->stop_asked = how + 1;
    if (r->gen)
        riv__generator_stop(r->gen, how);
    else
        atomic_store(&r->exec.stop, true); /* a finite run has no drain */
    if (how == RIV_NOW)
        atomic_store(&r->exec.stop, true);
    queues_close(r);
    riv__unlock(&r->lock);
}

/* The first step compiles and opens; all run on the caller's thread. */
static int step_begin(riv *r, struct riv_err *err)
{
    if (r->step_gen)
        return 0;
    RIV__TRY(run_begin(r));
    RIV__TRY(riv__tables_load(r, err));
    RIV__TRY(plan_make(r, true, &r->plan, err));
    if (!r->plan)
        return riv__err_set(err, RIV_EINVAL,
                            "riv_step: the job has no output over live input");
    r->step_gen = calloc(1, sizeof *r->step_gen);
    if (!r->step_gen)
        return riv__err_set(err, RIV_ENOMEM, "no memory");
    r->step_gen->wake.fd = -1;
    RIV__TRY(riv__show_start(r, err));
    return generator_make(r, r->step_gen, r->plan, err);
}

int riv_step(riv *r, int batches)
{
    struct riv_err err = { 0 };
    RIV__TRY(r->graph.err.code);
    int rc = step_begin(r, &err);
    if (rc == 0)
        rc = riv__generator_step(r->step_gen, batches, &err);
    if (rc < 0)
        riv__status_end(r, rc, &err);
    return rc < 0 ? riv__graph_fail(&r->graph, rc, "%s", err.text) : 0;
}
