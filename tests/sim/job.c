/* sim/job.c - the program in the simulated world: it builds the graph, runs it,
 * pushes, stops, and lets check.c look at every batch. */
#include "sim/job.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "api/context.h"
#include "sim/graph.h"
#include "sim/history.h"
#include "store/journal.h"

enum {
    PORT = 7000,
    PUSH_ROWS = 20,
    QUIET_INTERVALS = 400,
    QUIET_SECONDS = 30,
    STOP_DAYS = 1000
};

struct run {
    struct job *job;
    struct world *w;
    const struct job_conf *conf;
    struct check *check;
    riv *r;
    struct graph graph;
    struct riv_thread pusher[INPUTS_MAX], stopper;
    bool pushing; /* the engine may still take rows */
    bool running;
    int rc;
};

struct push {
    struct run *run;
    uint32_t input;
};

/* ---------------------------------------------------------------- pushing */

/* The next rows of the stream; all of them or none are taken. */
static int push_some(struct run *run, struct stream *s, riv_ds *queue)
{
    rec rows[PUSH_ROWS];
    char key[PUSH_ROWS][KEY_BYTES];
    struct world *w = run->w;
    const size_t n = 1 + rng_below(&w->rng_actors, PUSH_ROWS);
    for (size_t i = 0; i < n; i++) {
        const struct record r = stream_record(w->seed, s->id, s->made + i);
        const size_t bytes = stream_key(r.key, key[i]);
        rows[i] =
            (rec){ s->id, (int64_t)(s->made + i), { key[i], bytes }, r.val };
    }
    /* it may be seen before the call returns */
    s->made += n;
    int rc = riv_push(queue, rows, n);
    if (rc < 0)
        s->made -= n;
    return rc;
}

static void push_main(void *arg)
{
    struct push *push = arg;
    struct run *run = push->run;
    struct world *w = run->w;
    struct stream *s = world_stream(w, STREAM_QUEUE, push->input);
    const int64_t think_ns = run->conf->check.interval_ms * 500000;
    int rc = 0;
    while (rc != RIV_ESTOPPED && run->pushing && sched_now() < w->end_ns) {
        sched_sleep(sched_now() + rng_range(&w->rng_actors, 0, 2 * think_ns));
        if (!run->pushing)
            break;
        rc = push_some(run, s, run->graph.input[push->input]);
        if (rc < 0 && rc != RIV_EBUSY && rc != RIV_ESTOPPED)
            sched_fail("riv_push gives %d", rc);
    }
    s->ended = true;
}

/* --------------------------------------------------------------- stopping */

static bool has_all(const struct run *run)
{
    for (size_t i = 0; i < run->w->nstream; i++)
        if (run->w->stream[i]->kind == STREAM_QUEUE &&
            !run->w->stream[i]->ended && !run->w->stream[i]->lost)
            return false;
    if (!world_is_quiet(run->w))
        return false;
    if (run->conf->check.durable)
        history_records(run->check, true);
    return check_has_all(run->check);
}

static bool has_ended(struct run *run)
{
    return run->conf->in_background ? riv_wait(run->r, 0) != RIV_ETIMEOUT
                                    : !run->running;
}

/* Until so many batches have run; false: the job has ended. */
static bool await_batches(struct run *run, uint64_t n)
{
    const int64_t step_ns = run->conf->check.interval_ms * 500000;
    while (check_batches(run->check) < n) {
        if (has_ended(run))
            return false;
        sched_sleep(sched_now() + rng_range(&run->w->rng_actors, 1, step_ns));
    }
    return true;
}

/* Nothing new begins, nobody sleeps, what failed is mended. Everybody outside has to finish, and all
 * of it to come out. */
static void await_quiet(struct run *run)
{
    int64_t step_ns = run->conf->check.interval_ms * 1000000;
    const int64_t most_ns = RIV__MAX(QUIET_INTERVALS * step_ns,
                                     QUIET_SECONDS * INT64_C(1000000000));
    const int64_t until_ns = sched_now() + most_ns;
    run->w->end_ns = sched_now();
    if (run->job->failing)
        failing_mend(run->job->failing);
    while (!has_ended(run) && !has_all(run)) {
        sched_sleep(sched_now() + step_ns);
        step_ns += step_ns / 2; /* looking costs by all there is */
        if (sched_now() > until_ns) {
            check_end(run->check, false, false);
            sched_fail("somebody outside has not finished");
        }
    }
}

static void stop_main(void *arg)
{
    struct run *run = arg;
    struct rng *rng = &run->w->rng_actors;
    const enum stop_kind stop = run->conf->stop;
    if (!await_batches(run, run->conf->stop_after))
        return;
    if (stop == STOP_QUIET)
        await_quiet(run);
    if (stop == STOP_NOW && rng_one_in(rng, 2))
        riv_stop(run->r, RIV_DRAIN);
    riv_stop(run->r, stop == STOP_NOW ? RIV_NOW : RIV_DRAIN);
    if (rng_one_in(rng, 3))
        riv_stop(run->r, RIV_DRAIN);
}

/* ---------------------------------------------------------------- running */

static void on_completed(void *arg, const riv_batch_info *info)
{
    struct run *run = arg;
    run->job->batches++;
    if (run->conf->check.durable)
        check_count_batch(run->check);
    else
        check_batch(run->check, info);
}

static void on_log(void *arg, int level, const char *msg)
{
    struct run *run = arg;
    (void)level;
    world_say(run->w, "log: %s", msg);
}

static void input_uri(const struct run *run, uint32_t i, char dst[64])
{
    static const char *const word[] = {
        [IN_TAIL] = "tail:/in/",
        [IN_DIR] = "dir:/in/",
        [IN_TCP] = "tcp://somewhere:",
        [IN_LISTEN] = "listen://:",
    };
    const enum input_kind kind = run->conf->input[i];
    const bool port = kind == IN_TCP || kind == IN_LISTEN;
    snprintf(dst, 64, "%s%u", word[kind], port ? PORT + i : i);
}

/* What could not be set in words is set here: rings of a few hundred bytes. */
static void settings_shrink(struct run *run)
{
    struct riv_settings *s = &run->r->conf.settings;
    const struct job_conf *conf = run->conf;
    const int64_t interval_ms = conf->check.interval_ms;
    s->roll_bytes = conf->roll_bytes;
    s->roll_ms = conf->roll_ms;
    s->group_ms = RIV__MAX(interval_ms / 4, 1);
    s->wal_bytes_max = conf->wal_bytes;
    s->snapshot_bytes_min = conf->snapshot_bytes;
    s->snapshot_step_bytes = conf->snapshot_bytes; /* a few pieces a batch */
    s->buffer_bytes = conf->buffer_bytes;
    s->share_bytes = conf->share_bytes;
    s->combine_share_bytes_max = 4 * conf->share_bytes;
    s->poll_ms = conf->poll_ms;
    s->idle_timeout_ms = conf->idle_ms;
    s->retry_ms_min = RIV__MAX(interval_ms / 4, 1);
    s->retry_ms_max = 4 * interval_ms;
    s->tail_from_start = true;
    s->line_bytes_max = (int64_t)conf->check.line_max;
    s->line_policy = conf->check.cuts ? RIV__LINE_CUT : RIV__LINE_SKIP;
    s->stop_timeout_ms = conf->stop == STOP_SHORT
                             ? interval_ms / 2
                             : STOP_DAYS * INT64_C(86400000);
}

/* With small pages, which are copied in less time. What cannot be made now is
 * the job's to say. */
static void journal_make(struct run *run)
{
    struct riv_journal *journal = NULL;
    const struct riv_journal_spec spec = {
        .sys = &run->w->sys,
        .conf = &run->r->conf.settings,
        .dir = "/state",
        .app = "job",
        .page_bytes = run->conf->page_bytes,
    };
    struct riv_stat st;
    if (spec.page_bytes == 0 || disk_stat(run->w->disk, "/state", &st) == 0)
        return;
    if (riv__journal_open(&spec, &journal, NULL) == 0 &&
        riv__journal_close(journal, NULL) < 0)
        return;
}

static void context_make(struct run *run)
{
    static riv_listener listener;
    listener = (riv_listener){ .struct_size = sizeof listener,
                               .arg = run,
                               .batch_completed = on_completed };
    run->r = riv_new(
        RIV_CONFIG(.threads = run->conf->threads,
                   .batch_ms = run->conf->check.interval_ms,
                   .checkpoint = run->conf->check.durable ? "/state" : NULL,
                   .log = on_log, .log_arg = run, .listener = &listener));
    run->r->sys = run->job->failing ? &run->job->failing->sys : &run->w->sys;
    settings_shrink(run);
    if (run->conf->check.durable)
        journal_make(run);
    for (uint32_t i = 0; i < run->conf->check.ninput; i++) {
        char uri[64] = "";
        if (run->conf->input[i] != IN_QUEUE)
            input_uri(run, i, uri);
        graph_input(&run->graph, run->r, i, uri);
    }
    graph_build(&run->graph, run->r, run->check, &run->conf->check);
    if (riv_error(run->r) < 0)
        sched_fail("the graph: %s", riv_errmsg(run->r));
}

static void start(struct riv_thread *thread, const char *name,
                  riv__thread_fn *fn, void *arg)
{
    if (riv__thread_start(thread, name, fn, arg, NULL) < 0)
        sched_fail("no thread");
}

/* Whoever asks without waiting sleeps between: time goes on where nobody runs. */
static int wait_ended(struct run *run, int64_t wait_ms)
{
    int rc;
    while ((rc = riv_wait(run->r, wait_ms)) == RIV_ETIMEOUT)
        if (wait_ms == 0)
            sched_sleep(sched_now() + 1000000);
    return rc;
}

static void run_job(struct run *run)
{
    const struct job_conf *conf = run->conf;
    if (!conf->in_background) {
        start(&run->stopper, "stopper", stop_main, run);
        run->rc = riv_run(run->r);
        return;
    }
    run->rc = riv_start(run->r);
    if (run->rc < 0)
        return;
    if (conf->stop == STOP_FREE) {
        await_batches(run, conf->stop_after);
        return;
    }
    stop_main(run);
    run->rc = wait_ended(run, rng_range(&run->w->rng_actors, -1, 3));
}

/* A job that met an error must say which: in the system's words or in better
 * ones. */
static bool says_why(const struct run *run)
{
    const struct failing *f = run->job->failing;
    const char *text = riv_errmsg(run->r);
    if (!f || f->fired == 0)
        return false;
    if (f->errnum == EACCES && strstr(text, "permission"))
        return true;
    if (f->kind == FAIL_RANDOM && strstr(text, "no random bytes"))
        return true;
    if (f->errnum == EADDRINUSE && strstr(text, "is in use"))
        return true;
    return strstr(text, strerrordesc_np(f->errnum)) != NULL;
}

/* Without descriptors a job may end, if it says so. */
static bool may_end(const struct run *run, int rc)
{
    const enum stop_kind stop = run->conf->stop;
    if (says_why(run))
        return true;
    if ((run->w->faults & FAULT_FDS) &&
        strstr(riv_errmsg(run->r), "Too many open files"))
        return true;
    return rc == RIV_ESTOPPED && (stop == STOP_NOW || stop == STOP_SHORT);
}

/* What a durable job shows when it has been drained, and at its very end. */
static void durable_check(struct run *run)
{
    const enum stop_kind stop = run->conf->stop;
    if (run->rc < 0 || stop == STOP_FREE)
        return;
    if (run->job->last)
        history_check(run->check);
    else
        history_records(run->check, false);
    check_end(run->check, stop != STOP_QUIET, false);
    run->job->drained = true;
}

/* A durable write that may not have arrived is the end of the run. */
static void sync_is_fatal(const struct run *run)
{
    const struct failing *f = run->job->failing;
    if (f && f->kind == FAIL_SYNC && f->fired > 0 && run->rc == 0)
        sched_fail("a sync failed, and the job went on");
}

static void result_check(struct run *run)
{
    sync_is_fatal(run);
    const enum stop_kind stop = run->conf->stop;
    if (run->rc < 0 && !may_end(run, run->rc))
        sched_fail("the job ended with %d: %s", run->rc, riv_errmsg(run->r));
    if (run->conf->check.durable)
        durable_check(run);
    else
        check_end(run->check, stop != STOP_QUIET,
                  run->rc < 0 || stop == STOP_FREE);
}

/* SQLite draws its numbers from the default file system of the process. */
static int sqlite_random(sqlite3_vfs *vfs, int n, char *dst)
{
    struct world *w = vfs->pAppData;
    for (int i = 0; i < n; i++)
        dst[i] = (char)rng_next(&w->rng);
    return n;
}

static void random_for_sqlite(struct world *w)
{
    static sqlite3_vfs vfs;
    vfs = *sqlite3_vfs_find(NULL);
    vfs.zName = "sim";
    vfs.pAppData = w;
    vfs.xRandomness = sqlite_random;
    sqlite3_vfs_register(&vfs, 1);
}

void job_main(void *arg)
{
    struct job *job = arg;
    struct run run = { .job = job,
                       .w = job->w,
                       .conf = job->conf,
                       .pushing = true,
                       .running = true };
    struct push push[INPUTS_MAX];
    run.check = check_new(job->w, &job->conf->check);
    if (job->conf->check.durable)
        random_for_sqlite(job->w);
    context_make(&run);
    for (uint32_t i = 0; i < run.conf->check.ninput; i++) {
        push[i] = (struct push){ &run, i };
        if (run.conf->input[i] == IN_QUEUE)
            start(&run.pusher[i], "pusher", push_main, &push[i]);
    }
    run_job(&run);
    run.running = false;
    run.pushing = false;
    riv__thread_join(&run.stopper);
    for (uint32_t i = 0; i < run.conf->check.ninput; i++)
        riv__thread_join(&run.pusher[i]);
    result_check(&run);
    job->records = check_records(run.check);
    job->rc = run.rc;
    snprintf(job->message, sizeof job->message, "%s", riv_errmsg(run.r));
    riv_free(run.r);
    if (world_open(run.w) > 0)
        sched_fail("%u descriptors are left open", world_open(run.w));
    check_free(run.check);
}
